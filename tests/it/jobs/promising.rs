//! Histories of which the ledger knows nothing: Fanvue is asked once what was sold in all.

use app::tick::{Limits, Scope, tick};
use serde_json::{Value, json};
use simulator::{Fault, FaultMatch, NewFault};

use super::{
    number,
    watching::{assert_told, watch},
};
use crate::world::World;

/// Ada with a history that nobody has read, through a small bucket, and the job that reads it.
async fn first(rows: u64) -> (World, String) {
    let world = World::empty().await;
    let ada = world.creator("Ada", rows, 0);
    world.connect().await;
    world.db.sql("delete from models where name <> 'Ada'").await;
    world.settings(json!({"rateLimit": 10, "bucketPerCreator": true}));
    let model = world.model(ada).await;
    let id = world.force_sync(&format!("modelId={model}")).await;
    (world, id)
}

/// A number that the database knows.
async fn told(world: &World, sql: &str) -> i64 {
    world.db.sql(sql).await[0][0].parse().unwrap()
}

const ASKS: &str = "select promise_asks from sync_job_creators";
const PROMISED: &str = "select coalesce(gross_promised_cents, -1) from sync_job_creators";
const SOLD: &str = "select sum(amount_cents) from fanvue_transactions
                     where transaction_type not in ('refund', 'chargeback')";

#[tokio::test]
async fn a_first_history_says_when_it_ends() {
    let (world, id) = first(8_000).await;
    let seen = watch(&world, &id, 30).await;
    assert_told(&seen);
    let total = seen.last().unwrap().0;
    assert!(600 < total, "{total} s are not slow");
    let half = seen.iter().find(|(passed, _)| total <= 2 * passed).unwrap();
    let percent = number(&half.1, "percent");
    assert!((40..=60).contains(&percent), "{percent} % after half of the time");
    assert_eq!(told(&world, ASKS).await, 1);
    // A few rows showed late.
    let (promised, sold) = (told(&world, PROMISED).await, told(&world, SOLD).await);
    assert!((sold - promised).abs() * 100 <= sold, "{promised} of {sold}");
    world.assert_complete().await;
}

#[tokio::test]
async fn a_sum_that_nobody_tells_holds_up_nobody_and_is_not_asked_for_without_end() {
    let (world, id) = first(4_000).await;
    let path = Some("insights/earnings/summary".into());
    let matches = FaultMatch { path, ..FaultMatch::default() };
    world.sim.fault(NewFault { matches, fault: Fault::Status(500), times: None });
    let seen = watch(&world, &id, 60).await;
    assert_eq!((told(&world, ASKS).await, told(&world, PROMISED).await), (3, -1));
    assert!(seen.iter().all(|(_, job)| job["etaSeconds"] == Value::Null), "nothing tells");
    world.assert_complete().await;
}

#[tokio::test]
async fn who_was_never_read_does_not_hide_the_end_of_a_job_of_all() {
    let world = World::empty().await;
    world.creator("Ada", 6_000, 0);
    world.connect().await;
    world.db.sql("delete from models where name <> 'Ada'").await;
    world.tick().await;
    world.assert_complete().await;
    world.creator("Bea", 6_000, 0);
    world.connect().await;
    world.db.sql("delete from models where name not in ('Ada', 'Bea')").await;
    world.advance(600);
    world.settings(json!({"rateLimit": 10, "bucketPerCreator": true}));
    let id = world.force_sync("").await;
    tick(&world.ctx, Scope::Due, Limits::default()).await.unwrap();
    assert!(world.job(&id).await["etaSeconds"].is_i64());
    assert_told(&watch(&world, &id, 30).await);
}
