//! The database is killed: for ten minutes, and in the middle of a tick at any of its round trips.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use futures_util::future::{BoxFuture, ready};
use jiff::SignedDuration;
use serde_json::json;
use store::{Gate, Options};

use super::{
    DASHBOARD, HEALTH, HEARTBEAT, HOOK, SCHEDULER, ask, assert_shown, assert_unavailable,
    door::{Door, behind_a_door},
    is_complete, standings, ticks_until_complete, tip, told, world,
};
use crate::world::{SECRET, TEN_MINUTES, World};

/// More than there are of 22 sales.
const DELIVERIES_MAX: u32 = 100;
/// More than any tick makes.
const TRIPS_MAX: u32 = 400;

/// What is asked while there is no database: nothing of it is an answer.
async fn assert_down(world: &World) {
    for uri in [HEARTBEAT, SCHEDULER, DASHBOARD, "/api/analytics/transactions", "/api/sync/status"]
    {
        assert_unavailable(&world.ctx, uri).await;
    }
    let (status, _, health) = ask(&world.ctx, HEALTH).await;
    assert_eq!((status, &health["status"]), (503, &"degraded".into()));
    assert_eq!(health["database"], "unreachable");
}

#[tokio::test]
async fn ten_minutes_without_a_database_lose_nothing_and_double_nothing() {
    let (mut world, creators) = world().await;
    world.settings(json!({"webhooks": {"url": HOOK}}));
    world.advance(60);
    let door = behind_a_door(&mut world).await;
    told(&world.ctx, HEARTBEAT).await;
    assert_shown(&world, &world.ctx).await;
    door.shut();
    for minute in 0..=10 {
        for creator in creators {
            tip(&world, creator);
        }
        if minute % 5 == 0 {
            assert_down(&world).await;
            let statuses = world.deliver().await;
            assert!(!statuses.is_empty() && statuses.iter().all(|status| *status == 503));
        }
        world.advance(60);
    }
    door.open();
    // Nothing was read meanwhile, and the page says so.
    let shown = told(&world.ctx, DASHBOARD).await;
    for (state, age) in standings(&shown) {
        // The answer is of a moment at most five minutes ago.
        assert_eq!(state, "stale", "{shown}");
        assert!((6 * 60..=11 * 60).contains(&age.as_i64().unwrap()), "{shown}");
    }
    assert_eq!(told(&world.ctx, HEALTH).await["status"], "ok");
    ticks_until_complete(&world).await;
    assert_shown(&world, &world.ctx).await;

    // Fanvue repeats what was not taken; by then the rows are there.
    let mut taken = 0;
    for _ in 0..DELIVERIES_MAX {
        let Some(at) = world.sim.next_webhook_at() else { break };
        world.clock.advance(at.duration_since(world.now()).max(SignedDuration::ZERO));
        let statuses = world.deliver().await;
        assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
        taken += statuses.len();
    }
    assert_eq!(taken, 22, "each sale's, once");
    let kept = world.db.sql("select count(*), count(distinct event_key) from webhook_events").await;
    assert_eq!(kept, [["22", "22"]]);
    assert!(is_complete(&world).await);
    let shown = told(&world.ctx, DASHBOARD).await;
    assert_eq!(shown["kpiMetrics"]["provisionalCount"], 0, "{shown}");
    world.assert_complete().await;
}

/// Shuts the door at one round trip: before it is sent, or before its answer is seen.
struct Kill {
    door: Arc<Door>,
    left: AtomicU32,
    is_after: bool,
}

impl std::fmt::Debug for Kill {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} round trips to go", self.left.load(Ordering::SeqCst))
    }
}

impl Kill {
    fn count(&self) {
        let one_less = |left: u32| left.checked_sub(1);
        if self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less) == Ok(1) {
            self.door.shut();
        }
    }
}

impl Gate for Kill {
    fn before(&self, _: &'static str) -> BoxFuture<'_, ()> {
        if !self.is_after {
            self.count();
        }
        Box::pin(ready(()))
    }

    fn after(&self, _: &'static str) -> BoxFuture<'_, ()> {
        if self.is_after {
            self.count();
        }
        Box::pin(ready(()))
    }
}

/// A tick that finds something to do, with the database killed at its `nth` round trip; whether it got
/// as far.
async fn tick_killed_at(world: &mut World, door: &Arc<Door>, nth: u32, is_after: bool) -> bool {
    let kill = Arc::new(Kill { door: Arc::clone(door), left: AtomicU32::new(nth), is_after });
    let gate: Arc<dyn Gate> = Arc::<Kill>::clone(&kill);
    world.ctx.store = door.store(Options { gate: Some(gate), ..Options::default() });
    let (status, report) = world.get(HEARTBEAT, Some(SECRET)).await;
    assert!([200, 503].contains(&status), "{report}");
    kill.left.load(Ordering::SeqCst) == 0
}

#[tokio::test]
async fn a_database_killed_at_any_round_trip_of_a_tick_loses_and_doubles_nothing() {
    for is_after in [false, true] {
        let (mut world, creators) = world().await;
        let door = Arc::new(Door::to(&world.db).await);
        let mut killed = 0;
        for nth in 1..TRIPS_MAX {
            // More than one page, so that some kills fall between two commits.
            world.sell(creators[0], 60);
            world.sell(creators[1], 1);
            world.advance(TEN_MINUTES);
            let was_reached = tick_killed_at(&mut world, &door, nth, is_after).await;
            door.open();
            world.ctx.store = door.store(Options::default());
            world.check().await;
            ticks_until_complete(&world).await;
            if !was_reached {
                break;
            }
            killed += 1;
        }
        assert!((10..TRIPS_MAX - 1).contains(&killed), "{killed} round trips");
    }
}
