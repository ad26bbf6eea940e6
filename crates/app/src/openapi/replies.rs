//! Replies: their headers and content by status, and the problems that many operations share.

use serde_json::{Map, Value, json};

use crate::http::RETRY_AFTER_SECONDS;

/// A header's name in a reply, and what it is called among the components.
pub(super) type Header = (&'static str, &'static str);

pub(super) const NO_STORE: Header = ("Cache-Control", "NoStore");
pub(super) const NO_CACHE: Header = ("Cache-Control", "NoCache");
pub(super) const ETAG: Header = ("ETag", "ETag");
pub(super) const VARY: Header = ("Vary", "Vary");
pub(super) const CONTENT_DISPOSITION: Header = ("Content-Disposition", "ContentDisposition");
pub(super) const SET_COOKIE: Header = ("Set-Cookie", "SetCookie");
pub(super) const LOCATION: Header = ("Location", "Location");
pub(super) const UNTIL_COOL: Header = ("Retry-After", "UntilCool");
const REQUEST_ID: Header = ("X-Request-Id", "RequestId");
const RETRY_AFTER: Header = ("Retry-After", "RetryAfter");
const MAY_RETRY_AFTER: Header = ("Retry-After", "MayRetryAfter");
const WWW_AUTHENTICATE: Header = ("WWW-Authenticate", "WwwAuthenticate");

pub(super) const HTML: &str = "text/html";
const PROBLEM: &str = "application/problem+json";

/// A problem that means the same wherever it comes from.
struct Shared {
    status: u16,
    name: &'static str,
    description: &'static str,
    header: Option<Header>,
}

const fn shared(status: u16, name: &'static str, description: &'static str) -> Shared {
    Shared { status, name, description, header: None }
}

const SHARED: [Shared; 8] = [
    shared(400, "BadRequest", "`bad_parameter`, `bad_request`: `field` names the parameter."),
    Shared {
        header: Some(WWW_AUTHENTICATE),
        ..shared(401, "Unauthorized", "`unauthorized`: the caller did not prove who they are.")
    },
    shared(
        403,
        "Forbidden",
        "`forbidden`: the user's role or agency does not allow it, or a page of another site asks with their \
         cookie.",
    ),
    shared(
        404,
        "NotFound",
        "`not_found`: there is no such thing, or none that the caller may see.",
    ),
    shared(413, "TooLarge", "`payload_too_large`: the body is too large."),
    shared(414, "QueryTooLong", "`query_too_long`: the query is too long."),
    shared(
        500,
        "Internal",
        "`internal`, `not_configured`: the fault is the server's; see its log.",
    ),
    Shared {
        header: Some(MAY_RETRY_AFTER),
        ..shared(
            503,
            "Unavailable",
            "`unavailable`: the database or another service is away; try again. `not_configured`: \
             the operator has to set a variable, which `detail` names.",
        )
    },
];

/// The replies of an operation, by status.
#[derive(Default)]
pub(super) struct Replies(Map<String, Value>);

impl Replies {
    /// A reply with that content, by media type.
    pub(super) fn with(
        mut self,
        status: u16,
        description: &str,
        headers: &[Header],
        content: &[(&str, Value)],
    ) -> Self {
        self.0.insert(status.to_string(), reply(description, headers, content));
        self
    }

    /// A problem of this operation's own.
    pub(super) fn with_problem(self, status: u16, description: &str) -> Self {
        let headers: &[Header] = if status == 429 { &[NO_STORE, RETRY_AFTER] } else { &[NO_STORE] };
        self.with(status, description, headers, &[problem()])
    }

    /// What is refused to whoever has asked too often for what costs much.
    pub(super) fn with_used_up(self) -> Self {
        let description = "`too_many_requests`: of syncs, diagnoses and files one caller is given \
                           30 in 10 minutes.";
        self.with(429, description, &[NO_STORE, UNTIL_COOL], &[problem()])
    }

    /// Problems that mean what they always mean.
    pub(super) fn with_shared(mut self, statuses: &[u16]) -> Self {
        for status in statuses {
            let one = SHARED.iter().find(|one| one.status == *status);
            debug_assert!(one.is_some(), "no shared reply has the status {status}");
            let Some(one) = one else { continue };
            let reference = format!("#/components/responses/{}", one.name);
            self.0.insert(one.status.to_string(), json!({"$ref": reference}));
        }
        self
    }

    pub(super) fn described(&self) -> Value {
        Value::Object(self.0.clone())
    }
}

/// The content of a problem.
pub(super) fn problem() -> (&'static str, Value) {
    (PROBLEM, json!({"$ref": "#/components/schemas/Problem"}))
}

/// Content that is no JSON.
pub(super) fn text(media_type: &'static str) -> (&'static str, Value) {
    (media_type, json!({"type": "string"}))
}

fn reply(description: &str, headers: &[Header], content: &[(&str, Value)]) -> Value {
    let header = |(name, component): &Header| {
        let reference = format!("#/components/headers/{component}");
        ((*name).to_owned(), json!({"$ref": reference}))
    };
    let headers: Map<_, _> = [REQUEST_ID].iter().chain(headers).map(header).collect();
    let mut reply = Map::new();
    reply.insert("description".to_owned(), json!(description));
    reply.insert("headers".to_owned(), Value::Object(headers));
    if !content.is_empty() {
        let content =
            content.iter().map(|(kind, schema)| ((*kind).to_owned(), json!({"schema": schema})));
        reply.insert("content".to_owned(), Value::Object(content.collect()));
    }
    Value::Object(reply)
}

/// The components that [`Replies::with_shared`] refers to.
pub(super) fn responses() -> Value {
    let described = |one: &Shared| {
        let headers: Vec<_> = [NO_STORE].into_iter().chain(one.header).collect();
        (one.name.to_owned(), reply(one.description, &headers, &[problem()]))
    };
    Value::Object(SHARED.iter().map(described).collect())
}

/// The headers that replies refer to.
pub(super) fn headers() -> Value {
    let always = |schema: Value, description: &str| json!({"required": true, "description": description, "schema": schema});
    let sometimes = |schema: Value, description: &str| json!({"required": false, "description": description, "schema": schema});
    let string = || json!({"type": "string"});
    let seconds = || json!({"type": "integer", "const": RETRY_AFTER_SECONDS});
    json!({
        "RequestId": always(string(), "What the request is called in the log."),
        "NoStore": always(json!({"type": "string", "const": "no-store"}), "Nobody keeps it."),
        "NoCache": always(
            json!({"type": "string", "const": "private, no-cache"}),
            "The caller may keep it and has to ask whether it still holds.",
        ),
        "ETag": always(string(), "For `If-None-Match` of the next request."),
        "Vary": always(json!({"type": "string", "const": "authorization, cookie"}), "Whose it is."),
        "RetryAfter": always(seconds(), "Seconds until it may work."),
        "MayRetryAfter": sometimes(seconds(), "Seconds until it may work, where waiting helps."),
        "UntilCool": always(json!({"type": "integer"}), "Seconds until it is done again."),
        "Location": always(string(), "Where it is shown."),
        "WwwAuthenticate": always(json!({"type": "string", "const": "Bearer"}), "How to prove it."),
        "ContentDisposition": always(string(), "The name of the file."),
        "SetCookie": sometimes(string(), "Binds the login to this browser, or ends that."),
    })
}
