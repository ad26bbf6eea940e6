//! Parameters, with the values that the code takes.

use ledger::{Category, FIRST_DAY, NamedRange, Source};
use serde_json::{Value, json};

use crate::{
    analytics::{LIMIT, LIMIT_MAX, YEARS_MAX},
    diagnosing::{self, Depth},
    login::NAME_CHARS_MAX,
    repairs,
};

fn parameter(place: &str, name: &str, description: &str, schema: Value) -> Value {
    json!({
        "name": name, "in": place, "required": false, "description": description, "schema": schema,
    })
}

fn query(name: &str, description: &str, schema: Value) -> Value {
    parameter("query", name, description, schema)
}

/// The same, where nothing can be answered without it.
pub(super) fn required(mut parameter: Value) -> Value {
    parameter["required"] = json!(true);
    parameter
}

pub(super) fn text() -> Value {
    json!({"type": "string", "minLength": 1})
}

fn uuid() -> Value {
    json!({"type": "string", "format": "uuid"})
}

fn uuid_or_all() -> Value {
    json!({"anyOf": [uuid(), {"type": "string", "const": "all"}], "default": "all"})
}

fn date() -> Value {
    json!({"type": "string", "format": "date"})
}

pub(super) fn header(name: &str, description: &str, schema: Value) -> Value {
    parameter("header", name, description, schema)
}

pub(super) fn request_id() -> Value {
    let description = "What to call the request in the reply and in the log.";
    header("X-Request-Id", description, json!({"type": "string", "maxLength": 128}))
}

pub(super) fn agency_id() -> Value {
    let description = "Whose. Left out: a user's own agency, or the only one there is. The operator \
                       has to name one where there are several.";
    query("agencyId", description, uuid())
}

/// An agency, where nothing is asked for without one.
pub(super) fn query_agency() -> Value {
    query("agencyId", "One agency.", uuid())
}

/// A creator, where all are meant without one.
pub(super) fn one_creator() -> Value {
    let description = "One creator; left out: all of the agency's that are connected.";
    query("modelId", description, uuid_or_all())
}

/// A creator whose jobs are listed.
pub(super) fn read_creator() -> Value {
    let description = "Only jobs that read this creator, each with that creator's part.";
    query("modelId", description, uuid_or_all())
}

/// Which receipts, and which page of them.
pub(super) fn receipts() -> Vec<Value> {
    let schema = json!({
        "type": "integer", "minimum": 1, "maximum": repairs::LIMIT_MAX, "default": repairs::LIMIT,
    });
    let cursor = "The `nextCursor` of the page before, with all other parameters as they were.";
    vec![
        agency_id(),
        query("modelId", "One creator.", uuid()),
        query("limit", "Receipts of a page.", schema),
        query("cursor", cursor, text()),
    ]
}

/// Whether it is only asked what would be done.
pub(super) fn dry_run() -> Value {
    let schema = json!({"type": "boolean", "default": false});
    query("dryRun", "Tells what would be read, and writes nothing.", schema)
}

/// Which job, in the path.
pub(super) fn job_id() -> Value {
    required(parameter("path", "id", "The job.", uuid()))
}

/// Which figures or rows: the parameters of the dashboard, which the list and the file also take.
pub(super) fn question() -> Vec<Value> {
    let ranges = NamedRange::ALL.map(NamedRange::as_str);
    let first = format!("The first day, in the agency's zone; from {FIRST_DAY}. Needs `endDate`.");
    let last = format!(
        "The last day: tomorrow at the latest, and {YEARS_MAX} years after `startDate`. Needs \
         `startDate`."
    );
    vec![
        agency_id(),
        query("modelId", "One creator.", uuid_or_all()),
        query(
            "timeRange",
            "The days up to today, or `startDate` and `endDate` in its place.",
            json!({"type": "string", "enum": ranges, "default": NamedRange::Days30.as_str()}),
        ),
        query("startDate", &first, date()),
        query("endDate", &last, date()),
    ]
}

/// Of whom and of which days a difference is explained, and how deep.
pub(super) fn diagnosis() -> Vec<Value> {
    let mut parameters = question();
    for parameter in &mut parameters {
        if parameter["name"] == "timeRange" {
            parameter["schema"]["default"] = json!(NamedRange::All.as_str());
        }
    }
    let most = diagnosing::NAME_CHARS_MAX;
    let name = json!({"type": "string", "minLength": 1, "maxLength": most});
    let depth = json!({"type": "string", "enum": Depth::NAMES, "default": "totals"});
    parameters.extend([
        query("modelName", "Part of creators' names, in any case, in place of `modelId`.", name),
        query("depth", "Whether rows are compared too, or only totals.", depth),
    ]);
    parameters
}

/// Which rows of them.
pub(super) fn filter() -> Vec<Value> {
    let categories = Category::ALL.map(Category::as_str);
    let sources = Source::ALL.map(Source::as_str);
    vec![
        query("category", "One category.", json!({"type": "string", "enum": categories})),
        query("source", "One source.", json!({"type": "string", "enum": sources})),
    ]
}

/// Which page of them.
pub(super) fn paging() -> Vec<Value> {
    let limit = json!({"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT});
    let cursor = "The `nextCursor` of the page before, with all other parameters as they were.";
    vec![query("limit", "Rows of a page.", limit), query("cursor", cursor, text())]
}

pub(super) fn connection_id() -> Value {
    query("connectionId", "The connected account.", uuid())
}

/// What a login is for.
pub(super) fn login() -> Vec<Value> {
    let name = json!({"type": "string", "minLength": 1, "maxLength": NAME_CHARS_MAX});
    vec![
        query("ticket", "What a link holds: opened by a browser, never made by hand.", text()),
        query("agencyId", "The agency that the account will belong to.", uuid()),
        query("agencyName", "An agency that is made if there is none of that name.", name),
        query("timezone", "IANA name of the zone of a new agency's days; UTC if left out.", text()),
        query(
            "kind",
            "Whether it is an agency's account, or a single creator's.",
            json!({"type": "string", "enum": ["agency", "creator"], "default": "agency"}),
        ),
        query("connectionId", "The account to connect again; alone, it says it all.", uuid()),
    ]
}

/// What Fanvue sends a browser back with.
pub(super) fn returned() -> Vec<Value> {
    vec![
        query("code", "What becomes the tokens, once.", text()),
        query("state", "Which login it belongs to.", text()),
        query("error", "Why there is no code.", text()),
        query("error_description", "The same in words.", text()),
        parameter(
            "cookie",
            "__Host-heartbeat_login",
            "Proves that it is the browser that began; without `__Host-` where PUBLIC_URL is http.",
            text(),
        ),
    ]
}
