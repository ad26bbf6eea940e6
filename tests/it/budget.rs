//! The request budget: shared by all instances, used up, never overdrawn.

mod told;

use std::sync::Arc;

use app::{
    Ctx, SystemEntropy,
    tick::{Limits, Scope, tick},
};
use futures_util::future::join_all;
use serde_json::json;
use uuid::Uuid;

use crate::world::{TEN_MINUTES, World, config, transport::InProcess};

const LIMIT: u64 = 60;
const WORKERS: usize = 50;

/// Another process of the same deployment: its own pool, its own memory.
fn worker(world: &World) -> Ctx {
    let clock = Arc::clone(&world.clock);
    let transport = Arc::new(InProcess { sim: world.sim.clone(), clock: Arc::clone(&clock) });
    let config = config(&world.db.url, "http://127.0.0.1:1");
    Ctx::with(config, transport, clock, Arc::new(SystemEntropy)).unwrap()
}

/// Creators that sell, all of them complete, on a small bucket that they share.
async fn busy() -> (World, Vec<Uuid>) {
    let world = World::empty().await;
    world.settings(json!({"rateLimit": LIMIT, "bucketPerCreator": false}));
    let sellers: Vec<_> = (0..8).map(|i| world.creator(&format!("Seller {i}"), 5, 0)).collect();
    world.connect().await;
    for _ in 0..3 {
        world.tick().await;
        world.advance(61);
    }
    world.assert_complete().await;
    (world, sellers)
}

/// Seconds until the sellers' sales were in the ledger, minute by minute: a heartbeat every 20 s,
/// and 49 other workers that work off what is due every 5 s.
async fn delays(world: &World, sellers: &[Uuid], minutes: u32) -> Vec<u32> {
    let workers: Vec<_> = (0..WORKERS).map(|_| worker(world)).collect();
    let mut delays = vec![];
    for minute in 0..minutes {
        // Before the first heartbeat of the minute, the second or the third.
        let sold_at = minute % 3 * 20;
        let mut rows_before = i64::MAX;
        let mut waited = None;
        for second in (0..60).step_by(5) {
            if second == sold_at {
                rows_before = rows_of_sellers(world).await;
                for seller in sellers {
                    world.sell(*seller, 1);
                }
            }
            world.advance(5);
            let one = Limits { concurrency: 2, claims: 2, ..Limits::default() };
            let scope = |i| if i == 0 && second % 20 == 15 { Scope::Everyone } else { Scope::Due };
            let ticks = workers.iter().enumerate().map(|(i, ctx)| tick(ctx, scope(i), one));
            for report in join_all(ticks).await {
                report.unwrap();
            }
            let arrived = rows_of_sellers(world).await.saturating_sub(rows_before);
            if waited.is_none() && arrived == sellers.len() as i64 {
                waited = Some(second + 5 - sold_at);
            }
        }
        delays.push(waited.unwrap_or_else(|| panic!("minute {minute}: sales did not arrive")));
    }
    delays
}

async fn rows_of_sellers(world: &World) -> i64 {
    let sql = "select coalesce(sum(transactions_total), 0) from models where name like 'Seller%'";
    world.db.sql(sql).await[0][0].parse().unwrap()
}

#[tokio::test]
async fn fifty_workers_use_a_small_bucket_up_without_overdrawing_it() {
    let (world, sellers) = busy().await;
    let alone = delays(&world, &sellers, 6).await;
    // A history that takes many windows of the bucket.
    world.creator("Whale", 30_000, 0);
    world.connect().await;
    world.sim.reset_requests();
    let minutes = 6;
    let beside = delays(&world, &sellers, minutes).await;
    let log = world.sim.requests();
    println!("of {LIMIT} x {minutes}: {log:?}; delays {beside:?} s, alone {alone:?} s");
    assert!(log.throttled <= u64::from(minutes), "{} answers 429", log.throttled);
    let earned = log.total - log.throttled;
    let share = earned * 100 / (LIMIT * u64::from(minutes));
    assert!(95 <= share, "{share}% of the bucket was used: {log:?}");
    let worst = |delays: &[u32]| delays.iter().copied().max().unwrap();
    assert!(
        worst(&beside) * 10 <= worst(&alone) * 11,
        "beside a history {beside:?} s, alone {alone:?} s"
    );
}

#[tokio::test]
async fn a_window_ends_when_the_platform_says_and_not_when_we_guessed() {
    let world = World::empty().await;
    world.settings(json!({"rateLimit": 1000, "bucketPerCreator": false}));
    for i in 0..12 {
        world.creator(&format!("Seller {i}"), 3, 0);
    }
    world.connect().await;
    for _ in 0..2 {
        world.advance(60);
        world.tick().await;
    }
    world.assert_complete().await;
    world.settings(json!({"rateLimit": 10}));
    // Ours begins with its first request, and the platform's began before it.
    world.advance(60 + 40);
    world.tick().await;
    world.sim.reset_requests();
    world.advance(25);
    world.tick().await;
    let log = world.sim.requests();
    assert_eq!((log.total, log.throttled), (10, 0), "the bucket was full again: {log:?}");
}

#[tokio::test]
async fn a_history_that_was_put_off_goes_on_without_asking_for_news_each_time() {
    let world = World::empty().await;
    world.settings(json!({"rateLimit": 30, "bucketPerCreator": false}));
    world.creator("Whale", 30_000, 0);
    world.connect().await;
    world.tick().await;
    let one = Limits { concurrency: 1, claims: 1, ..Limits::default() };
    let pulses = async || {
        let sql = "select max(pulses) from rate_budgets";
        world.db.sql(sql).await[0][0].parse::<u32>().unwrap()
    };
    world.advance(61);
    tick(&world.ctx, Scope::Due, one).await.unwrap();
    assert_eq!(pulses().await, 1, "after a minute it asks");
    for _ in 0..4 {
        world.advance(11);
        tick(&world.ctx, Scope::Due, one).await.unwrap();
    }
    assert_eq!(pulses().await, 1, "it goes on");
    world.tick().await;
    assert_eq!(pulses().await, 2, "a heartbeat always asks");
}

#[tokio::test]
async fn a_429_keeps_everybody_away_until_the_time_it_names() {
    let world = World::empty().await;
    world.settings(json!({"rateLimit": 30, "bucketPerCreator": false}));
    for i in 0..4 {
        world.creator(&format!("Creator {i}"), 300, 0);
    }
    world.connect().await;
    for _ in 0..2 {
        world.tick().await;
        world.advance(61);
    }
    let throttle = simulator::Fault::Throttle { retry_after: Some(300) };
    world.sim.fault(simulator::NewFault {
        matches: simulator::FaultMatch::default(),
        fault: throttle,
        times: Some(1),
    });
    let one = Limits { concurrency: 1, claims: 1, ..Limits::default() };
    tick(&world.ctx, Scope::Everyone, one).await.unwrap();
    world.sim.reset_requests();
    for _ in 0..3 {
        world.advance(61);
        tick(&worker(&world), Scope::Everyone, one).await.unwrap();
    }
    assert_eq!(world.sim.requests().total, 0, "the pause is everybody's");
    world.sim.clear_faults();
    for _ in 0..4 {
        world.advance(TEN_MINUTES);
        world.tick().await;
    }
    world.assert_complete().await;
}

#[tokio::test]
async fn absurd_limits_in_headers_break_nothing() {
    let world = World::empty().await;
    world.settings(json!({"rateLimit": u32::MAX}));
    world.creator("Ada", 400, 0);
    world.connect().await;
    world.tick().await;
    world.assert_complete().await;
}

#[tokio::test]
async fn a_shared_bucket_is_learnt_and_a_429_pauses_everybody_once() {
    let world = World::empty().await;
    world.settings(json!({"rateLimit": 20, "bucketPerCreator": false}));
    for i in 0..5 {
        world.creator(&format!("Creator {i}"), 1_000, 0);
    }
    world.connect().await;
    world.sim.reset_requests();
    for _ in 0..14 {
        world.tick().await;
        world.advance(61);
    }
    let log = world.sim.requests();
    assert!(log.throttled <= 3, "learnt after {} answers 429", log.throttled);
    world.assert_complete().await;
}
