//! The HTTP API as an OpenAPI 3.1 document. Answers are described by the types they are written from,
//! parameters by the names and limits that the code reads them with; what is said by hand is which
//! replies an operation has. The integration tests hold every reply they get against it.
//!
//! Only with the feature `openapi`: the function binaries do without it.

mod accounts;
mod analytics;
mod diagnosing;
mod jobs;
mod machines;
mod operation;
mod parameters;
mod replies;
mod schemas;

use serde_json::{Map, Value, json};

pub(crate) use self::schemas::CategoryName;
use self::{operation::Operation, schemas::Schemas};
use crate::{Endpoint, http::Document};

const ABOUT: &str = "Revenue of the creators that an agency manages on Fanvue, exact to the cent.

An amount stands in US dollars, as a number with two decimals, and under a name that ends in `Cents` \
as an integer: calculate with the integers. Instants are in UTC, days are those of the agency's time \
zone. Members may be added to answers: ignore what you don't know.

An error is a problem document (RFC 9457) whose `code` programs may rely on; `detail` says what to do. \
Every reply has the header `X-Request-Id`, by which the log is searched. A method that a path does \
not list is answered 405 with the header `Allow`, an unknown parameter 400. A body of more than 4.5 MB is \
answered 413 and one that does not arrive in time 408, both wherever it is sent.";

/// The document, as it is committed.
///
/// # Errors
/// When it can't be written as text.
pub fn text() -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string_pretty(&document())? + "\n")
}

/// The document.
#[must_use]
pub fn document() -> Value {
    let mut schemas = Schemas::default();
    // Replies that many operations share refer to it by name.
    schemas.of::<Document<'_>>();
    let mut paths = Map::new();
    for endpoint in Endpoint::ALL {
        let operation = operation(endpoint, &mut schemas);
        let mut path = Map::new();
        for (n, method) in endpoint.methods().split(", ").enumerate() {
            path.insert(method.to_ascii_lowercase(), operation.described(n == 0));
        }
        paths.insert(endpoint.path().to_owned(), Value::Object(path));
    }
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Heartbeat", "version": env!("CARGO_PKG_VERSION"), "description": ABOUT},
        "servers": [{"url": "/", "description": "Where this document was read."}],
        "tags": [
            {"name": "analytics", "description": "Figures, for users and the operator."},
            {"name": "accounts", "description": "Connected accounts at Fanvue."},
            {"name": "sync", "description": "What is read, and how reading stands."},
            {"name": "machines", "description": "For schedulers, monitors and Fanvue."},
        ],
        "paths": paths,
        "components": {
            "schemas": schemas.into_components(),
            "responses": replies::responses(),
            "headers": replies::headers(),
            "securitySchemes": security_schemes(),
        },
    })
}

fn operation(endpoint: Endpoint, schemas: &mut Schemas) -> Operation {
    match endpoint {
        Endpoint::RevenueHeartbeat => machines::revenue_heartbeat(schemas),
        Endpoint::SyncTransactions => machines::sync_transactions(schemas),
        Endpoint::CheckLateShifts => machines::check_late_shifts(schemas),
        Endpoint::CheckMissedPosts => machines::check_missed_posts(schemas),
        Endpoint::DailyRefresh => machines::daily_refresh(schemas),
        Endpoint::Reconcile => machines::reconcile(schemas),
        Endpoint::Dashboard => analytics::dashboard(schemas),
        Endpoint::Live => analytics::live(),
        Endpoint::Transactions => analytics::transactions(schemas),
        Endpoint::Export => analytics::export(),
        Endpoint::Login => accounts::login(schemas),
        Endpoint::Callback => accounts::callback(),
        Endpoint::Connections => accounts::connections(schemas),
        Endpoint::Refresh => accounts::refresh(schemas),
        Endpoint::Disconnect => accounts::disconnect(schemas),
        Endpoint::Diagnose => diagnosing::diagnose_revenue(schemas),
        Endpoint::ForceSync => jobs::force_sync(schemas),
        Endpoint::Jobs => jobs::jobs(schemas),
        Endpoint::Job => jobs::job(schemas),
        Endpoint::Status => jobs::status(schemas),
        Endpoint::Repairs => jobs::repairs(schemas),
        Endpoint::Webhooks => machines::webhooks(schemas),
        Endpoint::Health => machines::health(schemas),
        Endpoint::Metrics => machines::metrics(),
    }
}

fn security_schemes() -> Value {
    json!({
        "operator": {
            "type": "http",
            "scheme": "bearer",
            "description": "The installation's `CRON_SECRET`. Sees every agency.",
        },
        "user": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "The access token of a user who signed in with Supabase.",
        },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "sb-<project>-auth-token",
            "description": "The session that Supabase's libraries keep in cookies, whole or in the \
                            pieces `….0`, `….1`. A POST also needs `Origin` to be PUBLIC_URL. Where \
                            there is an `Authorization`, it counts for nothing.",
        },
        "signature": {
            "type": "apiKey",
            "in": "header",
            "name": "X-Fanvue-Signature",
            "description": "`t=<seconds>,v0=<hex>`: HMAC-SHA256 of `<seconds>.<body>` with a signing \
                            secret of the app at Fanvue; five minutes old at most.",
        },
    })
}
