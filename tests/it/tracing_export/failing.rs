//! What fails is told as failed, with a code of what failed and no more.

use std::collections::BTreeSet;

use simulator::{Fault, NewFault};

use super::*;

#[tokio::test]
async fn what_fails_is_told_as_failed_and_without_a_word_of_why() {
    let world = World::empty().await;
    let mut collector = Collector::start().await;
    let export = export(&collector.url, PATIENCE);
    let away = config("postgres://postgres@127.0.0.1:1/none", "http://127.0.0.1:1");
    let transport = InProcess { sim: world.sim.clone(), clock: Arc::clone(&world.clock) };
    let clock = Arc::clone(&world.clock);
    let away = Ctx::with(away, Arc::new(transport), clock, Arc::new(SystemEntropy)).unwrap();
    let tracing = Registry::default().with(export.layer()).set_default();
    let request = beat("00-no-parent-at-all");
    assert_eq!(crate::world::route(&away, request).await.status(), 503);
    drop(tracing);
    export.flush().await;
    let spans = collector.spans();
    let root = spans.iter().find(|span| span.get("parentSpanId").is_none()).unwrap();
    assert_eq!((&root["status"]["code"], &said(root)["error.type"]), (&2.into(), &"503".into()));
    assert_ne!(root["traceId"], TRACE);
    for (name, kind) in [("tick", "failed"), ("connection", "connection")] {
        assert_eq!(failures(&spans, name), [kind.to_owned()].into(), "{name}");
    }
}

/// Why the spans of that name failed, each reason once.
fn failures(spans: &[Value], name: &str) -> BTreeSet<String> {
    let of_name = spans.iter().filter(|span| span["name"] == name);
    let failed = of_name.filter(|span| span["status"]["code"] == 2);
    failed.map(|span| said(span)["error.type"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_creator_who_is_not_read_and_a_statement_that_is_refused_are_told_as_failed() {
    let world = World::seeded(1, 1).await;
    let mut collector = Collector::start().await;
    let export = export(&collector.url, PATIENCE);
    let tracing = Registry::default().with(export.layer()).set_default();
    world.sim.fault(NewFault { times: None, ..NewFault::once(Fault::Status(502)) });
    let (status, report) = world.send(beat("")).await;
    assert_eq!((status, &report["creators"][0]["state"]), (200, &"failed".into()), "{report}");
    world.sim.clear_faults();
    world.db.sql("alter table sync_state rename to sync_state_away").await;
    let (status, _) = world.send(beat("")).await;
    assert!(status >= 500, "{status}");
    drop(tracing);
    export.flush().await;
    let spans = collector.spans();
    for (name, kind) in [("creator", "Failed"), ("ensure_streams", "42P01"), ("tick", "failed")] {
        assert_eq!(failures(&spans, name), [kind.to_owned()].into(), "{name}");
    }
    let ticks = spans.iter().filter(|span| span["name"] == "tick");
    let failed = ticks.filter(|span| span["status"]["code"] == 2).count();
    assert_eq!(failed, 1, "a creator's failure is not the tick's");
}
