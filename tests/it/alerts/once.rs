//! Once: with ticks that overlap, with processes that die, with more than one tick can do, and where
//! nobody is to be told.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use futures_util::future::{BoxFuture, join_all, ready};
use jiff::SignedDuration;
use store::Gate;
use tokio::sync::Notify;

use super::{AGENCY, LEASE_SECONDS, OTHER, POSTS, SHIFTS, Stage, counts, tick};
use crate::world::clock::ManualClock;

#[tokio::test]
async fn ten_ticks_at_once_tell_each_shift_and_each_post_once() {
    let stage = Stage::set().await;
    stage.add_other_agency().await;
    let names: Vec<_> = (0..30).map(|n| format!("person-{n}-")).collect();
    for (n, name) in names.iter().enumerate() {
        let agency = if n % 2 == 0 { AGENCY } else { OTHER };
        stage.shift(agency, name, "2026-11-21T09:00:00Z").await;
        stage.post(agency, &format!("post-{n}-"), "2026-11-21T07:00:00Z").await;
    }
    let instances = [stage.ctx(), stage.ctx(), stage.ctx()];
    let ticks = (0..20).map(|n| tick(&instances[n % 3], if n < 10 { SHIFTS } else { POSTS }));
    let reports = join_all(ticks).await;
    for (of, path) in [(&reports[..10], SHIFTS), (&reports[10..], POSTS)] {
        let all = |name| of.iter().map(|report| counts(report, [name])[0]).sum::<i64>();
        assert_eq!((all("found"), all("sent")), (30, 30), "{path}");
    }
    assert_eq!(stage.states().await, [["sent", "1"]; 60]);
    // A message lists ten and counts the rest, so what is listed is listed once.
    let text = stage.telegram.taken().join("\n");
    for (n, name) in names.iter().enumerate() {
        assert!(text.matches(name).count() <= 1, "{text}");
        assert!(text.matches(&format!("post-{n}-")).count() <= 1, "{text}");
    }
    assert!(4 <= stage.telegram.taken().len());
}

/// The process dies when that statement was answered, or before it is sent.
#[derive(Debug)]
struct Dies {
    at: &'static str,
    is_after: bool,
    died: Notify,
}

impl Dies {
    fn here(&self, statement: &'static str, is_after: bool) -> BoxFuture<'_, ()> {
        let dies = statement == self.at && is_after == self.is_after;
        Box::pin(async move {
            if dies {
                self.died.notify_one();
                std::future::pending::<()>().await;
            }
        })
    }
}

impl Gate for Dies {
    fn before(&self, statement: &'static str) -> BoxFuture<'_, ()> {
        self.here(statement, false)
    }

    fn after(&self, statement: &'static str) -> BoxFuture<'_, ()> {
        self.here(statement, true)
    }
}

/// A tick of a process that dies there.
async fn die(stage: &Stage, path: &str, at: &'static str, is_after: bool) {
    let gate = Arc::new(Dies { at, is_after, died: Notify::new() });
    let ctx = stage.gated(Arc::<Dies>::clone(&gate));
    tokio::select! {
        report = tick(&ctx, path) => panic!("it lived: {report}"),
        () = gate.died.notified() => {}
    }
}

#[tokio::test]
async fn what_a_dead_process_had_claimed_is_sent_by_a_later_tick() {
    for path in [SHIFTS, POSTS] {
        let stage = Stage::set().await;
        stage.shift(AGENCY, "Mia", "2026-11-21T09:00:00Z").await;
        stage.post(AGENCY, "reel", "2026-11-21T07:00:00Z").await;
        die(&stage, path, "claim_alerts", true).await;
        // Until its lease has run out nobody knows that it is dead.
        let report = stage.tick(path).await;
        assert_eq!(counts(&report, ["sent", "unfinished"]), [0, 1]);
        assert_eq!(report["retryAfterSeconds"], LEASE_SECONDS);
        stage.advance(LEASE_SECONDS - 1);
        assert_eq!(counts(&stage.tick(path).await, ["sent"]), [0]);
        stage.advance(1);
        assert_eq!(counts(&stage.tick(path).await, ["sent", "unfinished"]), [1, 0]);
        let taken = stage.telegram.taken();
        assert_eq!(taken.len(), 1);
        assert!(taken[0].starts_with("You may have this already"), "{taken:?}");
        assert_eq!(stage.states().await, [["sent", "2"]]);
    }
}

/// Stands still where alerts are noted, for as long as a tick has in all, and sees whether it takes any up then.
#[derive(Debug)]
struct Stands {
    clock: Arc<ManualClock>,
    took_up: AtomicBool,
}

impl Gate for Stands {
    fn before(&self, statement: &'static str) -> BoxFuture<'_, ()> {
        self.took_up.fetch_or(statement == "claim_alerts", Ordering::Relaxed);
        Box::pin(ready(()))
    }

    fn after(&self, statement: &'static str) -> BoxFuture<'_, ()> {
        if statement == "note_late_shifts" {
            self.clock.advance(SignedDuration::from_secs(120));
        }
        Box::pin(ready(()))
    }
}

#[tokio::test]
async fn a_tick_whose_time_is_over_takes_nothing_up_that_the_next_one_tells() {
    let stage = Stage::set().await;
    stage.shift(AGENCY, "Mia", "2026-11-21T09:00:00Z").await;
    let clock = Arc::clone(&stage.clock);
    let gate = Arc::new(Stands { clock, took_up: AtomicBool::new(false) });
    let report = tick(&stage.gated(Arc::<Stands>::clone(&gate)), SHIFTS).await;
    assert_eq!(counts(&report, ["found", "sent", "unfinished"]), [1, 0, 1]);
    assert_eq!(report["retryAfterSeconds"], 0);
    assert!(!gate.took_up.load(Ordering::Relaxed));
    assert_eq!(counts(&stage.tick(SHIFTS).await, ["sent", "unfinished"]), [1, 0]);
    assert_eq!(stage.states().await, [["sent", "1"]]);
}

#[tokio::test]
async fn a_process_that_dies_before_it_claims_leaves_a_missed_post_to_be_told() {
    let stage = Stage::set().await;
    stage.post(AGENCY, "reel", "2026-11-21T07:00:00Z").await;
    die(&stage, POSTS, "claim_alerts", false).await;
    let report = stage.tick(POSTS).await;
    assert_eq!(counts(&report, ["found", "sent"]), [0, 1], "it is missed already, and not told");
    assert!(stage.telegram.taken()[0].starts_with("Roma: "), "nobody was told before");
}

/// Nobody can know of it but Telegram, which is not asked: so it comes twice, and says so.
#[tokio::test]
async fn a_process_that_dies_after_it_sent_makes_a_message_come_twice_which_says_so() {
    let stage = Stage::set().await;
    stage.shift(AGENCY, "Mia", "2026-11-21T09:00:00Z").await;
    die(&stage, SHIFTS, "settle_alerts", false).await;
    assert_eq!(stage.telegram.taken().len(), 1);
    stage.advance(LEASE_SECONDS);
    assert_eq!(counts(&stage.tick(SHIFTS).await, ["sent"]), [1]);
    stage.advance(LEASE_SECONDS);
    assert_eq!(counts(&stage.tick(SHIFTS).await, ["sent"]), [0]);
    let taken = stage.telegram.taken();
    assert_eq!(taken.len(), 2);
    assert!(taken[0].starts_with("Roma: "), "{taken:?}");
    assert!(taken[1].starts_with("You may have this already"), "{taken:?}");
}

#[tokio::test]
async fn without_a_chat_all_is_noted_nobody_is_told_and_nobody_is_told_later() {
    let stage = Stage::set().await;
    stage.shift(AGENCY, "Mia", "2026-11-21T09:00:00Z").await;
    stage.post(AGENCY, "reel", "2026-11-21T07:00:00Z").await;
    let silent = stage.configured(stage.without_chat(), fanvue::Timeouts::default().total);
    for path in [SHIFTS, POSTS] {
        let report = tick(&silent, path).await;
        let told = counts(&report, ["found", "notConfigured", "sent", "failed", "unfinished"]);
        assert_eq!(told, [1, 1, 0, 0, 0]);
        assert_eq!(report["alerts"][0]["state"], "not_configured");
        assert_eq!(report["error"], serde_json::Value::Null);
    }
    assert_eq!(stage.states().await, [["not_configured", "1"]; 2]);
    assert_eq!(stage.db.sql("select status from content_tasks").await, [["missed"]]);
    for path in [SHIFTS, POSTS] {
        assert_eq!(counts(&stage.tick(path).await, ["found", "sent"]), [0, 0]);
    }
    assert!(stage.telegram.heard().is_empty());
}

#[tokio::test]
async fn more_than_a_tick_takes_up_is_left_to_the_next_one() {
    let stage = Stage::set().await;
    let many = format!(
        "insert into content_tasks (agency_id, title, platform, content_type, status, scheduled_at)
         select '{AGENCY}', 'post ' || i, 'x', 'post', 'scheduled',
                '2026-11-20T00:00:00Z'::timestamptz + i * interval '1 second'
           from generate_series(1, 501) as i"
    );
    stage.db.sql(&many).await;
    let report = stage.tick(POSTS).await;
    assert_eq!(counts(&report, ["found", "sent", "unfinished"]), [500, 500, 1]);
    assert_eq!(report["retryAfterSeconds"], 0);
    let report = stage.tick(POSTS).await;
    assert_eq!(counts(&report, ["found", "sent", "unfinished"]), [1, 1, 0]);
    let taken = stage.telegram.taken();
    assert_eq!(taken.len(), 2);
    assert!(taken[0].starts_with("Roma: 500 posts") && taken[0].contains("… and 490 more."));
    assert!(taken[1].contains("• “post 501”, on x: "), "the oldest came first: {}", taken[1]);
}

#[tokio::test]
async fn what_may_have_been_sent_before_it_was_dropped_says_so_when_it_is_true_again() {
    let stage = Stage::set().await;
    stage.shift(AGENCY, "Mia", "2026-11-21T09:00:00Z").await;
    die(&stage, SHIFTS, "settle_alerts", false).await;
    stage.db.sql("update shifts set status = 'cancelled'").await;
    stage.advance(LEASE_SECONDS);
    assert_eq!(counts(&stage.tick(SHIFTS).await, ["dropped", "sent"]), [1, 0]);
    stage.db.sql("update shifts set status = 'scheduled'").await;
    assert_eq!(counts(&stage.tick(SHIFTS).await, ["found", "sent"]), [1, 1]);
    let taken = stage.telegram.taken();
    assert_eq!(taken.len(), 2);
    assert!(taken[1].starts_with("You may have this already"), "{taken:?}");
}
