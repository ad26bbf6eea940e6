//! `GET /api/health`: whether the system works. Anybody may ask that; the holder of `CRON_SECRET`
//! is also told what the database says. It never asks Fanvue: their outage is not ours. For strangers, who may ask
//! as often as they like, the database looks up one word and counts nothing.

use http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;

use crate::{
    Ctx,
    accounts::overdue_before,
    auth::operator_if_claimed,
    clock::later,
    http::{Problem, Request, Response, chain, json},
    query::Query,
};

/// Whether the service works. All but `status` is told to the holder of `CRON_SECRET` only.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Health"))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answer {
    /// `degraded`: the database does not answer, or has not every migration of this build.
    /// `unconfigured`: the function lacks a variable; the log names it.
    #[cfg_attr(feature = "openapi", schemars(extend("enum" = ["ok", "degraded", "unconfigured"])))]
    status: &'static str,
    #[serde(flatten)]
    details: Option<Details>,
}

/// What only an operator is told.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct Details {
    #[cfg_attr(feature = "openapi", schemars(extend("enum" = ["ok", "unreachable"])))]
    database: &'static str,
    migration: Migration,
    streams: Option<Streams>,
    connections: Option<Connections>,
    webhooks: Option<Webhooks>,
    /// Rows of Fanvue's feed that could not be read and are counted nowhere.
    rejects: Option<i64>,
    proof: Option<Proof>,
}

/// What the nightly proof found.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "HealthProof"))]
#[serde(rename_all = "camelCase")]
struct Proof {
    /// Days on which Fanvue's total is not that of the rows.
    differences: i64,
    /// Of them, those that stayed after they were read again.
    settled: i64,
    /// How long ago the creator was compared with totals whose comparison is the oldest.
    oldest_compared_seconds: Option<i64>,
}

/// Webhooks that are no figure yet.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "HealthWebhooks"))]
#[serde(rename_all = "camelCase")]
struct Webhooks {
    /// Nobody has made sense of them yet.
    waiting: i64,
    oldest_waiting_seconds: Option<i64>,
    /// They could not be understood and wait for a person.
    quarantined: i64,
}

/// The connections that don't do their work.
#[derive(Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "HealthConnections")
)]
struct Connections {
    /// They ended by themselves: a person has to connect these accounts again.
    revoked: i64,
    /// Their tokens have ended and could not be refreshed yet.
    overdue: i64,
}

/// The version of the database's schema.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "HealthMigration"))]
struct Migration {
    /// `null` for a database without our tables, or when it didn't answer.
    applied: Option<String>,
    /// The one that this build was made for.
    expected: &'static str,
}

/// The streams of earnings whose connection works.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "HealthStreams"))]
#[serde(rename_all = "camelCase")]
struct Streams {
    count: i64,
    /// How many of them have no complete history yet, and so no age.
    unfinished: i64,
    /// How many of them are set aside until a person looks at them.
    parked: i64,
    oldest_as_of: Option<Timestamp>,
    oldest_age_seconds: Option<i64>,
}

/// Answers 200 `ok` when the database answers and has every migration this build expects, 503
/// `degraded` otherwise. Old data are told to the operator but are no reason to be degraded: a
/// creator whose account was closed would keep the monitor red for ever.
///
/// # Errors
/// 400 for any parameter; 401 for a wrong secret, so that a mistyped one is noticed.
pub async fn handle(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let caller = operator_if_claimed(ctx, request)?;
    Query::parse(request, &[])?;
    let (is_ok, details) = match caller {
        None => (is_migrated(ctx).await, None),
        Some(_) => ask(ctx).await,
    };
    let (status, word) =
        if is_ok { (StatusCode::OK, "ok") } else { (StatusCode::SERVICE_UNAVAILABLE, "degraded") };
    json(status, &Answer { status: word, details })
}

/// All that a stranger needs.
async fn is_migrated(ctx: &Ctx) -> bool {
    let version = ctx.store.find_version().await.inspect_err(log);
    version.is_ok_and(|version| version.as_deref() == Some(store::latest_version()))
}

/// The same, with what the database says. Nothing looks younger than by its own clock.
async fn ask(ctx: &Ctx) -> (bool, Option<Details>) {
    let Ok(told_at) = ctx.store.read_database_time().await.inspect_err(log) else {
        return (false, Some(details(None, None, ctx.clock.now())));
    };
    let now = later(ctx, told_at);
    let health = ctx.store.read_health(overdue_before(now)).await.inspect_err(log).ok();
    let is_ok = health.as_ref().is_some_and(store::Health::is_migrated);
    // A schema that is not ours yet has no such tables.
    let backlog =
        if is_ok { ctx.store.read_backlog(now).await.inspect_err(log).ok() } else { None };
    (is_ok, Some(details(health, backlog, now)))
}

fn log(error: &store::Error) {
    tracing::error!(error = chain(error), "the database failed");
}

fn details(
    health: Option<store::Health>,
    backlog: Option<store::Backlog>,
    now: Timestamp,
) -> Details {
    let database = if health.is_some() { "ok" } else { "unreachable" };
    let since = |at: Timestamp| now.duration_since(at).as_secs().max(0);
    // Without our tables there are no streams to speak of, not none.
    let migrated = health.as_ref().filter(|health| health.applied_version.is_some());
    let streams = migrated.map(|health| Streams {
        count: health.stream_count,
        unfinished: health.unfinished_count,
        parked: health.parked_count,
        oldest_as_of: health.oldest_watermark,
        oldest_age_seconds: health.oldest_watermark.map(since),
    });
    let connections = migrated
        .map(|health| Connections { revoked: health.revoked_count, overdue: health.overdue_count });
    let webhooks = backlog.map(|backlog| Webhooks {
        waiting: backlog.new_event_count,
        oldest_waiting_seconds: backlog.oldest_new_event.map(since),
        quarantined: backlog.quarantined_count,
    });
    let rejects = backlog.map(|backlog| backlog.reject_count);
    let proof = backlog.map(|backlog| Proof {
        differences: backlog.difference_count,
        settled: backlog.settled_count,
        oldest_compared_seconds: backlog.oldest_compared_at.map(since),
    });
    let applied = health.and_then(|health| health.applied_version);
    let migration = Migration { applied, expected: store::latest_version() };
    Details { database, migration, streams, connections, webhooks, rejects, proof }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(details: Option<Details>) -> serde_json::Value {
        serde_json::to_value(Answer { status: "ok", details }).unwrap()
    }

    #[test]
    fn strangers_are_told_one_word_and_operators_what_the_database_says() {
        assert_eq!(shown(None), json!({"status": "ok"}));
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let health = store::Health {
            applied_version: Some(store::latest_version().to_owned()),
            stream_count: 4,
            unfinished_count: 1,
            parked_count: 2,
            oldest_watermark: Some("2026-11-21T11:58:30Z".parse().unwrap()),
            revoked_count: 3,
            overdue_count: 5,
        };
        let backlog = store::Backlog {
            new_event_count: 6,
            oldest_new_event: Some("2026-11-21T11:59:50Z".parse().unwrap()),
            quarantined_count: 7,
            reject_count: 8,
            difference_count: 9,
            settled_count: 3,
            oldest_compared_at: Some("2026-11-21T02:00:00Z".parse().unwrap()),
            ..store::Backlog::default()
        };
        assert_eq!(
            shown(Some(details(Some(health), Some(backlog), now))),
            json!({
                "status": "ok",
                "database": "ok",
                "migration": {
                    "applied": store::latest_version(),
                    "expected": store::latest_version(),
                },
                "streams": {
                    "count": 4,
                    "unfinished": 1,
                    "parked": 2,
                    "oldestAsOf": "2026-11-21T11:58:30Z",
                    "oldestAgeSeconds": 90,
                },
                "connections": {"revoked": 3, "overdue": 5},
                "webhooks": {"waiting": 6, "oldestWaitingSeconds": 10, "quarantined": 7},
                "rejects": 8,
                "proof": {"differences": 9, "settled": 3, "oldestComparedSeconds": 36_000},
            })
        );
    }

    #[test]
    fn a_database_that_does_not_answer_has_no_streams() {
        let told = shown(Some(details(None, None, Timestamp::UNIX_EPOCH)));
        assert_eq!((&told["database"], &told["streams"]), (&json!("unreachable"), &json!(null)));
        assert_eq!(told["migration"]["applied"], json!(null));
        let empty =
            shown(Some(details(Some(store::Health::default()), None, Timestamp::UNIX_EPOCH)));
        assert_eq!((&empty["database"], &empty["streams"]), (&json!("ok"), &json!(null)));
    }
}
