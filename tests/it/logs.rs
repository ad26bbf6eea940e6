//! What the log tells an operator who sees nothing else: that a schedule ran, that one is refused, whom
//! nobody could read.

use std::{
    io::Write,
    slice,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use simulator::{Fault, FaultMatch, NewFault};
use tracing_subscriber::{filter::LevelFilter, layer::SubscriberExt, util::SubscriberInitExt};

use crate::world::{SECRET, TEN_MINUTES, World};

const SCHEDULES: [&str; 6] = [
    "/api/cron/revenue-heartbeat",
    "/api/cron/sync-transactions",
    "/api/cron/check-late-shifts",
    "/api/cron/check-missed-posts",
    "/api/cron/daily-refresh",
    "/api/cron/reconcile",
];

/// The lines of this test, as the log would have them.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Hears until the guard is gone.
    fn begin() -> (Self, impl Sized) {
        let log = Self::default();
        let writer = log.clone();
        let lines = tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .with_writer(move || writer.clone());
        let subscriber = tracing_subscriber::registry().with(LevelFilter::INFO).with(lines);
        (log, subscriber.set_default())
    }

    /// The lines that say so, which are not heard of again.
    fn take(&self, message: &str) -> Vec<Value> {
        let text = std::mem::take(&mut *self.0.lock().unwrap());
        let lines = std::str::from_utf8(&text).unwrap().lines();
        let lines = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["message"].as_str().unwrap().contains(message)).collect()
    }
}

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_schedule_that_came_to_its_end_is_one_line() {
    let world = World::seeded(3, 10).await;
    let (log, _guard) = Log::begin();
    for path in SCHEDULES {
        let (status, report) = world.get(path, Some(SECRET)).await;
        assert_eq!(status, 200, "{report}");
        let lines = log.take("schedule finished");
        let [line] = &lines[..] else { panic!("{path}: {lines:?}") };
        assert_eq!((&line["level"], &line["endpoint"]), (&"INFO".into(), &path.into()));
        assert_eq!(line["unfinished"], report["unfinished"], "{line} {report}");
        assert!(line["seconds"].is_f64() && line["span"]["request.id"].is_string(), "{line}");
        match path {
            "/api/cron/revenue-heartbeat" => {
                assert_eq!(line["streams"], 3, "{line}");
                assert_eq!(line["rows"], report["newRows"], "{line}");
                assert!(0 < line["rows"].as_u64().unwrap(), "{line}");
                assert!(0 < line["requests"].as_u64().unwrap(), "{line}");
            }
            "/api/cron/check-late-shifts" => assert_eq!(line["sent"], 0, "{line}"),
            "/api/cron/daily-refresh" => {
                assert_eq!(line["requests"], report["requests"], "{line}");
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn operators_who_are_refused_are_one_line_a_minute_however_many() {
    let world = World::empty().await;
    let (log, _guard) = Log::begin();
    let wrong = "wrong-secret-of-somebody";
    for _ in 0..40 {
        let (status, _) = world.get(SCHEDULES[0], Some(wrong)).await;
        assert_eq!(status, 401);
    }
    let lines = log.take("an operator was refused");
    let [line] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!((&line["level"], &line["count"]), (&"WARN".into(), &1.into()), "{line}");
    assert_eq!(line["span"]["path"], SCHEDULES[0], "{line}");
    assert!(!line.to_string().contains(wrong), "{line}");
    world.advance(60);
    assert_eq!(world.get("/api/metrics", None).await.0, 401);
    let lines = log.take("an operator was refused");
    assert_eq!((lines.len(), &lines[0]["count"]), (1, &40.into()), "{lines:?}");
    // A user who is not signed in is nobody's schedule.
    world.advance(60);
    assert_eq!(world.get("/api/analytics/dashboard", None).await.0, 401);
    assert_eq!(log.take("an operator was refused"), [] as [Value; 0]);
}

#[tokio::test]
async fn a_creator_who_is_not_read_is_named_with_stream_and_agency() {
    let world = World::empty().await;
    let ada = world.creator("Ada", 20, 0);
    world.connect().await;
    world.tick().await;
    world.sell(ada, 1);
    world.advance(TEN_MINUTES);
    world.sim.fault(NewFault { matches: FaultMatch::default(), fault: Fault::Html, times: None });
    let (log, _guard) = Log::begin();
    world.tick().await;
    let lines = log.take("creator not read");
    let agency = world.db.sql("select id from agencies").await.remove(0).remove(0);
    assert!(!lines.is_empty());
    for line in lines {
        assert_eq!(
            (&line["stream"], &line["agency.id"]),
            (&"earnings".into(), &agency.clone().into())
        );
        assert!(line["creator.id"].is_string() && line["error"].is_string(), "{line}");
    }
}

/// Messages and levels of the lines about a creator, each with her agency, the stream and why.
fn about(lines: &[Value], creator: &str, stream: &str) -> Vec<(String, String)> {
    let is_hers = |line: &&Value| line["creator.id"] == creator && line["stream"] == stream;
    let told = |line: &Value| {
        assert!(line["agency.id"].is_string() && line["error"].is_string(), "{line}");
        let text = |name: &str| line[name].as_str().unwrap().to_owned();
        (text("message"), text("level"))
    };
    lines.iter().filter(is_hers).map(told).collect()
}

#[tokio::test]
async fn who_is_refused_is_a_warning_until_she_is_set_aside_which_needs_somebody() {
    let world = World::empty().await;
    world.creator("Ada", 20, 0);
    world.connect().await;
    world.tick().await;
    let ada = "select id from models where name = 'Ada'";
    let ada = world.db.sql(ada).await.remove(0).remove(0);
    let line = |message: &str, level: &str| (message.to_owned(), level.to_owned());
    for (path, scope, stream, word) in [
        ("/api/cron/daily-refresh", "read:fan", "subscribers", "audience"),
        ("/api/cron/revenue-heartbeat", "read:insights", "earnings", "creator"),
    ] {
        world.settings(json!({"withheldScopes": [scope]}));
        let (log, _guard) = Log::begin();
        let not_read = line(&format!("{word} not read"), "WARN");
        let set_aside = line(&format!("{word} set aside"), "ERROR");
        for nth in 1..=6 {
            world.advance(3_600);
            let (status, report) = world.get(path, Some(SECRET)).await;
            assert_eq!(status, 200, "{report}");
            let lines = about(&log.take(""), &ada, stream);
            match nth {
                1..=4 => assert_eq!(lines, slice::from_ref(&not_read), "{nth}"),
                5 => assert_eq!(lines, [set_aside.clone(), not_read.clone()]),
                _ => assert_eq!(lines, [], "nobody asks for her any more"),
            }
        }
    }
}

#[tokio::test]
async fn a_history_that_a_later_build_wrote_is_set_aside_with_an_error() {
    let world = World::empty().await;
    world.creator("Ada", 20, 0);
    world.connect().await;
    let ada = "select id from models where name = 'Ada'";
    let ada = world.db.sql(ada).await.remove(0).remove(0);
    let later =
        format!("update sync_state set stream = '{{\"windows\": 7}}' where model_id = '{ada}'");
    world.db.sql(&later).await;
    let (log, _guard) = Log::begin();
    world.tick().await;
    let lines = about(&log.take(""), &ada, "earnings");
    assert_eq!(lines, [("creator set aside".to_owned(), "ERROR".to_owned())]);
}

#[tokio::test]
async fn an_account_that_nothing_but_a_person_brings_back_is_an_error() {
    for change in [
        "refresh_sealed = null, expires_at = '2026-11-21T09:00:00Z'",
        "is_identified = false, account_uuid = gen_random_uuid()",
    ] {
        let world = World::seeded(1, 5).await;
        world.db.sql(&format!("update fanvue_connections set {change}")).await;
        let (log, _guard) = Log::begin();
        world.tick().await;
        let lines = log.take("connection ended");
        let [line] = &lines[..] else { panic!("{change}: {lines:?}") };
        assert_eq!(line["level"], "ERROR", "{line}");
        for name in ["connection.id", "agency.id", "reason"] {
            assert!(line[name].is_string(), "{name} of {line}");
        }
        assert_eq!(world.db.sql("select state from fanvue_connections").await, [["revoked"]]);
    }
}
