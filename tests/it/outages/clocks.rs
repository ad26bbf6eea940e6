//! Our clock is wrong by ten minutes, either way: against Fanvue's and against what the database holds.

mod schedules;

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use app::{Clock, Ctx, SystemEntropy};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use simulator::{Fault, FaultMatch, NewFault};

use super::{
    DASHBOARD, HEARTBEAT, HOOK, assert_shown, is_complete, standings, ticks_until_complete, tip,
    told, world,
};
use crate::world::{TEN_MINUTES, World, clock::ManualClock, config, transport::InProcess};

/// Behind and ahead, in seconds.
const WRONG: [i64; 2] = [-TEN_MINUTES, TEN_MINUTES];
/// As wrong as a clock in another zone, and more than a token lives.
const VERY_WRONG: [i64; 2] = [-7_200, 7_200];
/// The life of an access token, in seconds.
const LIFE: i64 = 3_600;

/// Ticks until all is read once a clock is right that was wrong by so much. One that was ahead by as long
/// as ticks are apart wrote down of whom it tried that this was at the very instant at which the next tick
/// begins. So does a tick that shares the work with that one: whom it has tried is left to the one after.
fn ticks_max(by: i64) -> u32 {
    if by == TEN_MINUTES { 2 } else { 1 }
}

/// A clock that is wrong by so much.
pub struct Wrong {
    pub truth: Arc<ManualClock>,
    pub by: SignedDuration,
}

impl Clock for Wrong {
    fn now(&self) -> Timestamp {
        self.truth.read() + self.by
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()> {
        self.truth.sleep_until(at - self.by)
    }
}

/// Another instance, whose clock is wrong by so many seconds and which never heard from Fanvue.
pub fn instance(world: &World, seconds: i64) -> Ctx {
    let way = InProcess { sim: world.sim.clone(), clock: Arc::clone(&world.clock) };
    let clock = Wrong { truth: Arc::clone(&world.clock), by: SignedDuration::from_secs(seconds) };
    let config = config(&world.db.url, "http://127.0.0.1:1");
    Ctx::with(config, Arc::new(way), Arc::new(clock), Arc::new(SystemEntropy)).unwrap()
}

/// As of when each creator's figures are said to be true.
async fn as_of(world: &World) -> Vec<Timestamp> {
    let sql = "select to_char(last_transaction_sync at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')
                 from models where connection_id is not null order by name";
    world.db.sql(sql).await.into_iter().flatten().map(|at| at.parse().unwrap()).collect()
}

/// What a clock that is wrong may show: the true figures, and of nobody that she is live.
fn assert_modest(shown: &Value, by: i64) {
    assert_eq!(shown["freshness"]["liveCount"], 0, "{by}: {shown}");
    for (state, age) in standings(shown) {
        assert_eq!(state, "stale", "{by}: {shown}");
        // One that is ahead takes all for older than it is; one that is behind knows that it knows nothing.
        let is_honest = age.as_i64().map_or(by < 0, |age| 300 <= age);
        assert!(is_honest, "{by}: {shown}");
    }
}

#[tokio::test]
async fn a_wrong_clock_loses_nothing_and_calls_nobody_live() {
    for by in WRONG {
        for is_frozen_between in [false, true] {
            let (world, creators) = world().await;
            let mut ctx = instance(&world, by);
            let before = as_of(&world).await;
            for tick in 0..5 {
                for creator in creators {
                    world.sell(creator, 2);
                }
                world.advance(TEN_MINUTES);
                if is_frozen_between {
                    ctx = instance(&world, by);
                }
                told(&ctx, HEARTBEAT).await;
                world.check().await;
                // By a clock that is behind by as long as ticks are apart, the last tick of a right one began
                // just now: whom that has tried is left to the next tick, and nobody is said to be read.
                if tick == 0 && by == -TEN_MINUTES {
                    assert_eq!(as_of(&world).await, before);
                    let shown = told(&world.ctx, DASHBOARD).await;
                    assert_eq!(shown["freshness"]["liveCount"], 0, "{shown}");
                    continue;
                }
                assert!(is_complete(&world).await, "{by}: what was sold is read by any clock");
                for at in as_of(&world).await {
                    let early = world.now().duration_since(at).as_secs();
                    assert!((0..=1).contains(&early), "{by}: as of {at}, it is {}", world.now());
                }
                assert_modest(&told(&ctx, DASHBOARD).await, by);
                assert_modest(&told(&instance(&world, by), DASHBOARD).await, by);
                // Whoever has the right time is told the truth about what a wrong clock read.
                let shown = told(&world.ctx, DASHBOARD).await;
                assert_eq!(shown["freshness"]["liveCount"], shown["freshness"]["total"], "{shown}");
            }
            // The clock is set.
            world.sell(creators[0], 3);
            assert!(ticks_until_complete(&world).await <= ticks_max(by), "{by}");
            assert_shown(&world, &world.ctx).await;
        }
    }
}

#[tokio::test]
async fn a_clock_that_is_set_while_its_process_lives_is_right_at_once() {
    for by in WRONG {
        let (mut world, creators) = world().await;
        let wrong = Arc::new(Settable::new(&world.clock, by));
        let way = InProcess { sim: world.sim.clone(), clock: Arc::clone(&world.clock) };
        let config = config(&world.db.url, "http://127.0.0.1:1");
        let clock: Arc<dyn Clock> = Arc::<Settable>::clone(&wrong);
        world.ctx = Ctx::with(config, Arc::new(way), clock, Arc::new(SystemEntropy)).unwrap();
        world.advance(TEN_MINUTES);
        told(&world.ctx, HEARTBEAT).await;
        world.sell(creators[1], 5);
        wrong.set(0);
        assert!(ticks_until_complete(&world).await <= ticks_max(by), "{by}");
        assert_shown(&world, &world.ctx).await;
    }
}

/// A clock that somebody sets.
struct Settable {
    truth: Arc<ManualClock>,
    by: AtomicI64,
}

impl Settable {
    fn new(truth: &Arc<ManualClock>, by: i64) -> Self {
        Self { truth: Arc::clone(truth), by: by.into() }
    }

    fn set(&self, by: i64) {
        self.by.store(by, Ordering::SeqCst);
    }

    fn by(&self) -> SignedDuration {
        SignedDuration::from_secs(self.by.load(Ordering::SeqCst))
    }
}

impl Clock for Settable {
    fn now(&self) -> Timestamp {
        self.truth.read() + self.by()
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()> {
        self.truth.sleep_until(at - self.by())
    }
}

/// What a tick that died left behind by a clock ahead: it was tried later than now, and it is held.
#[tokio::test]
async fn instants_that_a_clock_ahead_wrote_hold_nobody_up() {
    let (world, creators) = world().await;
    for column in ["tried_at", "next_sync_at", "lease_expires_at", "woken_at", "confirmed_at"] {
        world.sell(creators[0], 2);
        world.sell(creators[1], 2);
        world.advance(TEN_MINUTES);
        let ahead = world.now() + SignedDuration::from_secs(TEN_MINUTES + 60);
        let held = ["", ", lease_token = gen_random_uuid()"];
        let held = held[usize::from(column == "lease_expires_at")];
        world.db.sql(&format!("update sync_state set {column} = '{ahead}'{held}")).await;
        told(&world.ctx, HEARTBEAT).await;
        assert!(is_complete(&world).await, "{column}");
        assert_shown(&world, &world.ctx).await;
    }
}

/// A 429 is heard by a wrong clock, and waited for by the right one.
#[tokio::test]
async fn a_pause_that_a_wrong_clock_wrote_is_over_within_two_ticks() {
    for by in WRONG {
        let (world, creators) = world().await;
        world.sell(creators[0], 2);
        world.sell(creators[1], 2);
        world.advance(TEN_MINUTES);
        let throttled = Fault::Throttle { retry_after: Some(60) };
        let matches = FaultMatch::default();
        world.sim.fault(NewFault { matches, fault: throttled, times: None });
        told(&instance(&world, by), HEARTBEAT).await;
        world.sim.clear_faults();
        ticks_until_complete(&world).await;
        assert_shown(&world, &world.ctx).await;
    }
}

#[tokio::test]
async fn tokens_that_a_wrong_clock_refreshed_stay_usable() {
    for by in WRONG.into_iter().chain(VERY_WRONG) {
        let (world, creators) = world().await;
        // Due by any of these clocks.
        world.advance(VERY_WRONG[1] + LIFE);
        told(&instance(&world, by), HEARTBEAT).await;
        for tick in 0..18 {
            world.sell(creators[0], 1);
            let ticks_max = if tick == 0 { ticks_max(by) } else { 1 };
            assert!(ticks_until_complete(&world).await <= ticks_max, "{by}");
        }
        let states = world.db.sql("select distinct state from fanvue_connections").await;
        assert_eq!(states, [["active"]], "{by}");
    }
}

/// Its second is signed, so a wrong clock takes it for a replay. Fanvue repeats it.
#[tokio::test]
async fn a_webhook_that_a_wrong_clock_refuses_is_taken_when_it_comes_again() {
    for by in WRONG {
        let (world, creators) = world().await;
        world.settings(json!({"webhooks": {"url": HOOK}}));
        world.advance(60);
        tip(&world, creators[0]);
        let delivery = world.sim.due_webhooks(world.now()).remove(0);
        let mut request = http::Request::post("/api/webhooks/fanvue").body(Bytes::new()).unwrap();
        *request.headers_mut() = delivery.headers;
        *request.body_mut() = delivery.body;
        let refused = crate::world::route(&instance(&world, by), request).await;
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "{by}");
        world.sim.webhook_answered(delivery.id, Some(401), world.now());
        assert_eq!(ticks_until_complete(&world).await, 1, "{by}: its row comes all the same");
        assert_eq!(world.deliver().await, [StatusCode::OK], "{by}");
        assert_shown(&world, &world.ctx).await;
    }
}
