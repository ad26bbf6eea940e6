//! Several at once: ticks that overlap, a lease that ran out, and heartbeats, which go first.

use std::sync::Arc;

use app::{
    audience::{Limits, refresh},
    tick::{self, Scope, tick},
};
use serde_json::{Value, json};
use simulator::{Fault, NewFault};

use super::{HOUR, process, stream};
use crate::world::World;

#[tokio::test]
async fn two_ticks_at_once_share_the_work() {
    let alone = World::seeded(3, 10).await;
    alone.tick().await;
    alone.sim.reset_requests();
    alone.refresh().await;
    let wanted = alone.sim.requests().total;

    let world = World::seeded(3, 10).await;
    world.tick().await;
    world.sim.reset_requests();
    let (one, other) = tokio::join!(world.refresh(), world.refresh());
    let streams = |report: &Value| report["streams"].as_array().unwrap().len();
    assert_eq!(streams(&one) + streams(&other), 19, "each stream is one tick's");
    assert_eq!(world.sim.requests().total, wanted, "nothing is asked for twice");
    let again = world.refresh().await;
    assert_eq!(streams(&again), 0, "nothing is due");
}

#[tokio::test]
async fn a_worker_that_overslept_its_lease_changes_nothing() {
    let (world, ada) = World::with_ada().await;
    world.refresh().await;
    world.people(ada, json!({"subscribe": 120}));
    world.advance(HOUR);
    world.only("subscribers").await;
    let world = Arc::new(world);
    let other = Arc::clone(&world);
    let ctx = process(&world, ("/subscribers", 2), async move {
        other.advance(120);
        other.people(ada, json!({"subscribe": 5}));
        other.refresh().await;
    });
    let report = refresh(&ctx, Limits { concurrency: 1, ..Limits::default() }).await.unwrap();
    let report = serde_json::to_value(report).unwrap();
    assert_eq!(stream(&report, "Ada", "subscribers")["state"], "busy", "{report}");
    let card = world.card(ada).await;
    assert_eq!(card["subscribers"], json!(world.around(ada).subscribers), "the later count stays");
    assert_eq!(card["subscribersAsOf"], json!(world.now()));
}

#[tokio::test]
async fn what_a_heartbeat_needs_is_left_to_it() {
    let (world, ada) = World::with_ada().await;
    world.people(ada, json!({"follow": 3_000}));
    world.settings(json!({"rateLimit": 30}));
    world.advance(HOUR);
    world.sim.reset_requests();
    let report = world.refresh().await;
    assert_eq!(stream(&report, "Ada", "followers")["state"], "paused", "{report}");
    assert!(report["retryAfterSeconds"].as_i64().unwrap() <= 60, "{report}");
    world.sell(ada, 3);
    world.advance(1);
    let beat = world.tick().await;
    let creators = beat["creators"].as_array().unwrap();
    assert!(creators.iter().all(|creator| creator["state"] == "complete"), "{beat}");
    world.assert_complete().await;
    assert_eq!(world.sim.requests().throttled, 0, "nobody was refused");
    for _ in 0..12 {
        world.advance(61);
        world.refresh().await;
    }
    assert_eq!(world.card(ada).await["followers"], json!(world.around(ada).followers));
    assert_eq!(world.sim.requests().throttled, 0);
}

#[tokio::test]
async fn a_first_history_goes_before_audiences() {
    let world = World::empty().await;
    world.creator("Ada", 60, 0);
    world.connect().await;
    assert_eq!(world.refresh().await["streams"], json!([]));
    world.advance(119);
    assert_eq!(world.refresh().await["streams"], json!([]));
    world.advance(1);
    let report = world.refresh().await;
    assert_eq!(stream(&report, "Ada", "subscribers")["state"], "complete", "and not for ever");
}

#[tokio::test]
async fn a_429_keeps_audiences_away_until_the_time_it_names() {
    let (world, ada) = World::with_ada().await;
    world.refresh().await;
    world.advance(HOUR);
    world.only("subscribers").await;
    let throttle = Fault::Throttle { retry_after: Some(300) };
    world.sim.fault(NewFault::once(throttle).on_path("/subscribers?size"));
    let report = world.refresh().await;
    let paused = stream(&report, "Ada", "subscribers");
    let until = world.now().checked_add(jiff::SignedDuration::from_secs(300)).unwrap();
    assert_eq!((&paused["state"], &paused["retryAt"]), (&json!("paused"), &json!(until)));
    world.sim.reset_requests();
    for _ in 0..4 {
        world.advance(61);
        world.refresh().await;
    }
    assert_eq!(world.sim.requests().by_creator.get(&ada), None, "nobody asks before");
    world.people(ada, json!({"subscribe": 1}));
    world.advance(61);
    world.refresh().await;
    assert_eq!(world.card(ada).await["subscribers"], json!(world.around(ada).subscribers));
}

#[tokio::test]
async fn earnings_and_audience_read_at_once_are_no_bucket_that_creators_share() {
    let (world, ada) = World::with_ada().await;
    world.settings(json!({"rateLimit": 200}));
    world.tick().await;
    world.people(ada, json!({"follow": 500}));
    world.advance(120);
    let shared = "select bucket_shared::text from fanvue_connections";
    assert_eq!(world.db.sql(shared).await, [["false"]]);
    let world = Arc::new(world);
    let other = Arc::clone(&world);
    // The heartbeat has counted its request, and others of hers are answered before it.
    let ctx = process(&world, ("/insights/earnings", 1), async move {
        other.refresh().await;
    });
    let one = tick::Limits { concurrency: 1, ..tick::Limits::default() };
    tick(&ctx, Scope::Everyone, one).await.unwrap();
    assert_eq!(world.db.sql(shared).await, [["false"]]);
    world.assert_complete().await;
}
