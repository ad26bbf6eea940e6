//! A job that takes its time, looked at every few seconds: it never goes back, and says when it ends.

use app::tick::{Limits, Scope, tick};
use serde_json::{Value, json};

use super::number;
use crate::world::{SECRET, World};

/// Looks at the job until it is done, after a tick every so many seconds: seconds since it began, and what was shown.
pub(super) async fn watch(world: &World, id: &str, every: i64) -> Vec<(i64, Value)> {
    let begun_at = world.now();
    let mut seen = vec![];
    for _ in 0..1_000 {
        tick(&world.ctx, Scope::Due, Limits::default()).await.unwrap();
        world.check().await;
        let job = world.job(id).await;
        let is_done = job["state"] == "done";
        seen.push((world.now().duration_since(begun_at).as_secs(), job));
        if is_done {
            return seen;
        }
        world.advance(every);
    }
    panic!("the job does not end: {:?}", seen.last());
}

/// The same rows in every run: what few rows tell by chance of many is a matter of the pace's own tests.
const EVERY_FOURTH: &str = "id in (
    select id from (select id, row_number() over (order by transaction_date, amount_cents, id) as n
                      from fanvue_transactions) as numbered
     where n % 4 = 0)";

/// Looks at a job that reads a history of which a quarter was lost, through a small bucket.
async fn slow_job(every: i64) -> (World, Vec<(i64, Value)>) {
    let world = World::empty().await;
    let ada = world.creator("Ada", 6_000, 0);
    world.connect().await;
    // Half of all within an hour, the rest over a year.
    for _ in 0..60 {
        world.sell(ada, 100);
        world.advance(60);
    }
    world.tick().await;
    world.assert_complete().await;
    world.lose(ada, EVERY_FOURTH).await;
    world.advance(600);
    world.settings(json!({"rateLimit": 20, "bucketPerCreator": true}));
    let model = world.model(ada).await;
    let id = world.force_sync(&format!("modelId={model}")).await;
    let seen = watch(&world, &id, every).await;
    (world, seen)
}

#[tokio::test]
async fn a_job_never_goes_back() {
    let (world, seen) = slow_job(10).await;
    let total = seen.last().unwrap().0;
    assert!(600 < total, "{total} s are not slow");
    for pair in seen.windows(2) {
        for name in ["percent", "rows", "newRows", "pages", "requests", "addedCents"] {
            let (before, after) = (number(&pair[0].1, name), number(&pair[1].1, name));
            assert!(before <= after, "{name} fell from {before} to {after}");
        }
    }
    assert!(seen.iter().any(|(_, job)| job["state"] == "paused" && job["pausedUntil"].is_string()));
    world.assert_complete().await;
}

async fn assert_foretold(every: i64) {
    let (_, seen) = slow_job(every).await;
    assert_told(&seen);
}

/// After a tenth of the time every look says when it ends, and is off by a tenth at most.
pub(super) fn assert_told(seen: &[(i64, Value)]) {
    let total = seen.last().unwrap().0;
    for (passed, job) in seen.iter().filter(|(passed, _)| total / 10 <= *passed && *passed < total)
    {
        let eta = number(job, "etaSeconds");
        let error = (passed + eta - total).abs();
        assert!(error * 10 <= total, "after {passed} of {total} s: {eta} s, {job}");
    }
}

#[tokio::test]
async fn a_job_says_when_it_ends() {
    assert_foretold(10).await;
}

/// They find a fifth less in each window, for what is kept for news is let go between them.
#[tokio::test]
async fn a_job_says_when_it_ends_where_ticks_come_once_a_minute() {
    assert_foretold(60).await;
}

#[tokio::test]
async fn the_status_says_how_all_of_it_stands() {
    let (world, ada, _) = World::with_two().await;
    let (code, status) = world.get("/api/sync/status", Some(SECRET)).await;
    assert_eq!(code, 200, "{status}");
    assert_eq!(status["message"], "All is well · 2 of 2 live");
    assert_eq!(status["oldestAsOf"], status["streams"][0]["asOf"]);
    assert_eq!(
        (&status["streams"][0]["name"], &status["streams"][0]["state"]),
        (&json!("Ada"), &json!("live"))
    );
    assert_eq!(status["connections"].as_array().unwrap().len(), 1);
    assert!(0 < number(&status["budgets"][0], "limit"), "{status}");
    let model = world.model(ada).await;
    let id = world.force_sync(&format!("modelId={model}")).await;
    let (_, status) = world.get("/api/sync/status", Some(SECRET)).await;
    assert_eq!(status["runningJobs"][0]["id"], json!(id));
    assert_eq!(status["streams"][0]["state"], "incomplete");
    assert_eq!(status["oldestAsOf"], Value::Null, "a history that is read again is not complete");
    world.tick().await;
    let (_, status) = world.get("/api/sync/status", Some(SECRET)).await;
    assert_eq!((&status["runningJobs"], &status["latestJobs"][0]["id"]), (&json!([]), &json!(id)));
    world.db.sql("update fanvue_connections set state = 'revoked'").await;
    let (_, status) = world.get("/api/sync/status", Some(SECRET)).await;
    assert_eq!(status["message"], "Needs attention · 2 of 2 disconnected");
}
