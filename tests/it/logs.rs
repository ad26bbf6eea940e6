//! What the log tells an operator who sees nothing else: that a schedule ran, that one is refused, whom
//! nobody could read.

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use serde_json::Value;
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
