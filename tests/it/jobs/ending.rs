//! What a job comes to: all that was missing, or why not; also when its reader dies.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use app::{
    Ctx, SystemEntropy,
    tick::{Limits, Scope, tick},
};
use bytes::Bytes;
use fanvue::{Transport, TransportError};
use futures_util::future::BoxFuture;
use serde_json::json;
use tokio::sync::Notify;

use super::number;
use crate::world::{SECRET, TEN_MINUTES, World, config, transport::InProcess};

#[tokio::test]
async fn what_was_missing_comes_back_and_the_job_counts_it_to_the_cent() {
    let (world, ada, _) = World::with_two().await;
    let total = "select sum(amount_cents), count(*) from fanvue_transactions";
    let whole = world.db.sql(total).await;
    world.lose(ada, "right(id::text, 1) in ('0', '1', '2', '3')").await;
    let less = world.db.sql(total).await;
    let lost = |column: usize| {
        let number = |rows: &[Vec<String>]| rows[0][column].parse::<i64>().unwrap();
        number(&whole) - number(&less)
    };
    let id = world.force_sync("").await;
    world.tick().await;
    let job = world.job(&id).await;
    assert_eq!((&job["state"], &job["percent"]), (&json!("done"), &json!(100)), "{job}");
    assert_eq!((number(&job, "addedCents"), number(&job, "newRows")), (lost(0), lost(1)));
    assert_eq!(number(&job, "rows"), 2_740);
    assert_eq!(number(&job, "requests"), number(&job, "pages"));
    assert_eq!(job["message"], format!("Sync finished · {} new transactions", lost(1)));
    assert_eq!(job["endedAt"], world.now().to_string());
    world.assert_complete().await;
}

/// The platform, which tells when a request comes that it never answers.
struct Dying {
    platform: InProcess,
    left: AtomicU32,
    reached: Notify,
}

impl Transport for Dying {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        if self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.reached.notify_one();
            return Box::pin(std::future::pending());
        }
        self.platform.send(request)
    }
}

/// A process that reads what is due and is gone at its n-th request, with all that it held.
async fn read_and_die(world: &World, n: u32) {
    let clock = Arc::clone(&world.clock);
    let platform = InProcess { sim: world.sim.clone(), clock: Arc::clone(&clock) };
    let (left, reached) = (AtomicU32::new(n), Notify::new());
    let dying = Arc::new(Dying { platform, left, reached });
    let transport: Arc<dyn Transport> = dying.clone();
    let config = config(&world.db.url, "http://127.0.0.1:1");
    let ctx = Ctx::with(config, transport, clock, Arc::new(SystemEntropy)).unwrap();
    let limits = Limits { concurrency: 1, ..Limits::default() };
    tokio::select! {
        _ = tick(&ctx, Scope::Due, limits) => panic!("it came to its end"),
        () = dying.reached.notified() => {}
    }
}

#[tokio::test]
async fn a_reader_that_dies_in_the_middle_leaves_a_job_that_ends() {
    for n in [1, 5, 30, 50] {
        let (world, ada, _) = World::with_two().await;
        let count = "select count(*) from fanvue_transactions";
        let whole = world.db.sql(count).await;
        world.lose(ada, "right(id::text, 1) in ('4', '5')").await;
        let less = world.db.sql(count).await;
        let id = world.force_sync("").await;
        read_and_die(&world, n).await;
        world.check().await;
        let shown = world.job(&id).await;
        assert_eq!(shown["state"], "running", "its lease is still held: {shown}");
        world.advance(TEN_MINUTES);
        world.tick().await;
        let job = world.job(&id).await;
        assert_eq!(job["state"], "done", "{job}");
        assert!(number(&shown, "percent") <= number(&job, "percent"));
        let lost = |rows: &[Vec<String>]| rows[0][0].parse::<i64>().unwrap();
        assert_eq!(number(&job, "newRows"), lost(&whole) - lost(&less), "after request {n}");
        world.assert_complete().await;
    }
}

#[tokio::test]
async fn a_job_that_nobody_can_read_says_why_and_holds_up_nobody() {
    let (world, ..) = World::with_two().await;
    let id = world.force_sync("").await;
    world.db.sql("update fanvue_connections set state = 'revoked'").await;
    world.tick().await;
    let job = world.job(&id).await;
    assert_eq!(job["state"], "failed", "{job}");
    assert_eq!((&job["percent"], &job["creators"][0]["percent"]), (&json!(0), &json!(0)), "{job}");
    assert_eq!(
        job["message"],
        "0 of 2 creators synced. Ada needs reconnecting; 1 more can't be read."
    );
    let (status, problem) = world.post(super::FORCE_SYNC).await;
    assert_eq!((status, &problem["code"]), (409, &json!("reconnect")), "{problem}");
    world.db.sql("update fanvue_connections set state = 'active'").await;
    let again = world.force_sync("").await;
    assert_ne!(again, id, "what failed does not cool down");
}

#[tokio::test]
async fn who_is_deleted_while_a_job_runs_takes_nothing_from_it() {
    let (world, ..) = World::with_two().await;
    world.settings(json!({"rateLimit": 8, "bucketPerCreator": true}));
    world.advance(600);
    let id = world.force_sync("").await;
    world.tick().await;
    let before = world.job(&id).await;
    assert_eq!((&before["state"], &before["creatorsDone"]), (&json!("paused"), &json!(1)));
    world.db.sql("delete from models where name = 'Bea'").await;
    let after = world.job(&id).await;
    assert_eq!(after["creatorsTotal"], 1);
    assert!(number(&before, "percent") <= number(&after, "percent"), "{before} {after}");
    world.settings(json!({"rateLimit": 1_000}));
    world.advance(TEN_MINUTES);
    world.tick().await;
    let job = world.job(&id).await;
    assert_eq!((&job["state"], &job["percent"]), (&json!("done"), &json!(100)), "{job}");
}

#[tokio::test]
async fn a_parked_creator_is_named_with_its_remedy_and_taken_up_by_asking() {
    let (world, ada, _) = World::with_two().await;
    let model = world.model(ada).await;
    let park = format!(
        "update sync_state set parked_at = '2026-11-21T09:00:00Z', last_error = 'no scope; enable it'
          where model_id = '{model}'"
    );
    world.db.sql(&park).await;
    let (_, status) = world.get("/api/sync/status", Some(SECRET)).await;
    assert_eq!(status["needsAttention"], true);
    let parked = &status["parked"][0];
    assert_eq!(
        (&parked["name"], &parked["reason"]),
        (&json!("Ada"), &json!("no scope; enable it"))
    );
    let call = parked["call"].as_str().unwrap().strip_prefix("POST ").unwrap().to_owned();
    let (code, answer) = world.post(&call).await;
    assert_eq!(code, 202, "{answer}");
    world.tick().await;
    let (_, status) = world.get("/api/sync/status", Some(SECRET)).await;
    assert_eq!((&status["parked"], &status["needsAttention"]), (&json!([]), &json!(false)));
    assert_eq!(status["latestJobs"][0]["state"], "done");
}
