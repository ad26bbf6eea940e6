//! What schedulers, monitors and Fanvue call.

use fanvue::{signature, webhook};
use schemars::JsonSchema;
use serde_json::json;

use super::{
    operation::{Callers, Operation},
    parameters::{header, required, text},
    replies::{NO_CACHE, Replies, text as plain},
    schemas::Schemas,
};
use crate::{
    alerts, audience,
    health::Answer,
    proving,
    report::Report,
    webhooks::{BODY_BYTES_MAX, Received},
};

/// What a schedule calls, and answers with a report `R`.
fn tick<R: JsonSchema>(
    schemas: &mut Schemas,
    id: &'static str,
    summary: &'static str,
    description: &'static str,
) -> Operation {
    let answer = [("application/json", schemas.of::<R>())];
    let replies = Replies::default()
        .with(200, "What the tick did.", &[NO_CACHE], &answer)
        .with_shared(&[400, 401, 414, 500, 503]);
    Operation {
        id,
        tag: "machines",
        summary,
        description,
        callers: Callers::Operator,
        parameters: vec![],
        body: None,
        replies,
    }
}

pub(super) fn revenue_heartbeat(schemas: &mut Schemas) -> Operation {
    tick::<Report>(
        schemas,
        "runHeartbeat",
        "Reads what is new of every connected creator",
        "Takes up to 210 seconds. Any number may run at once: they share the work. A creator that \
         fails or is throttled holds up no other and says so in the report.",
    )
}

pub(super) fn sync_transactions(schemas: &mut Schemas) -> Operation {
    tick::<Report>(
        schemas,
        "runScheduler",
        "Works off what is due",
        "Refreshes tokens whose time has come, adds creators who joined, goes on with unfinished \
         histories and reads the creators that are due. Takes up to 210 seconds.",
    )
}

pub(super) fn check_late_shifts(schemas: &mut Schemas) -> Operation {
    tick::<alerts::Report>(
        schemas,
        "checkLateShifts",
        "Tells of shifts that nobody clocked in for",
        "Of each shift that began more than ten minutes ago, once, in a message to the configured \
         chat. Any number may run at once. What Telegram does not take is sent by a later call.",
    )
}

pub(super) fn check_missed_posts(schemas: &mut Schemas) -> Operation {
    tick::<alerts::Report>(
        schemas,
        "checkMissedPosts",
        "Calls posts missed, and tells of them",
        "A content task whose time passed more than two hours ago becomes `missed` and is told of \
         once, in a message to the configured chat. Any number may run at once. What Telegram does \
         not take is sent by a later call.",
    )
}

pub(super) fn daily_refresh(schemas: &mut Schemas) -> Operation {
    tick::<audience::Report>(
        schemas,
        "refreshAudience",
        "Counts who follows and subscribes, and reads what else is due of audiences",
        "Subscribers, followers, unread messages, posts and likes, changes of subscribers, top \
         spenders and tracking links, each at its own time and failing alone: what is stored stays \
         until a complete answer takes its place. Takes up to 180 seconds; a long list is gone on \
         with by the next call.",
    )
}

pub(super) fn reconcile(schemas: &mut Schemas) -> Operation {
    tick::<proving::Report>(
        schemas,
        "runProof",
        "Proves the figures, and repairs what differs",
        "Compares all sums with the ledger, and each creator's last 35 days with Fanvue's totals, once \
         a night; reads again what differs, and one whole history after the other. What it repairs has \
         a receipt. Takes up to 210 seconds; the next call goes on.",
    )
}

pub(super) fn webhooks(schemas: &mut Schemas) -> Operation {
    let answer = [("application/json", schemas.of::<Received>())];
    let replies = Replies::default()
        .with(200, "The event is on disk.", &[NO_CACHE], &answer)
        .with_problem(401, "`bad_signature`: the signature proves nothing.")
        .with_shared(&[413, 500, 503]);
    let about = "The event's topic, for bodies that don't name it.";
    let signed = "`t=<seconds>,v0=<hex>`, of the body as it is sent.";
    let largest = format!("An event as Fanvue sends it; {BODY_BYTES_MAX} bytes at most.");
    Operation {
        id: "receiveWebhook",
        tag: "machines",
        summary: "What Fanvue tells by itself",
        description: "Any number of deliveries of an event count once. An event of an unknown kind \
                      is kept all the same; what it means is found out after the answer.",
        callers: Callers::Fanvue,
        parameters: vec![
            required(header(signature::HEADER, signed, text())),
            header(webhook::TOPIC_HEADER, about, text()),
        ],
        body: Some(json!({
            "required": true,
            "description": largest,
            "content": {"application/json": {"schema": {}}},
        })),
        replies,
    }
}

pub(super) fn health(schemas: &mut Schemas) -> Operation {
    let answer = [("application/json", schemas.of::<Answer>())];
    let replies = Replies::default()
        .with(200, "It works.", &[NO_CACHE], &answer)
        .with(503, "It does not; `status` says how.", &[NO_CACHE], &answer)
        .with_shared(&[400, 401, 414, 500]);
    Operation {
        id: "getHealth",
        tag: "machines",
        summary: "Whether the service works",
        description: "One word for anybody; the holder of `CRON_SECRET` is also told what the \
                      database says. Fanvue is not asked.",
        callers: Callers::Anybody,
        parameters: vec![],
        body: None,
        replies,
    }
}

pub(super) fn metrics() -> Operation {
    let replies = Replies::default()
        .with(200, "Prometheus' text format, version 0.0.4.", &[NO_CACHE], &[plain("text/plain")])
        .with_shared(&[400, 401, 414, 500, 503]);
    Operation {
        id: "getMetrics",
        tag: "machines",
        summary: "Numbers for a monitor",
        description: "How old the streams are, what waits and what is left of the request limits. \
                      Every instance tells the same: all numbers come from the database.",
        callers: Callers::Operator,
        parameters: vec![],
        body: None,
        replies,
    }
}
