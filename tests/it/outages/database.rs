//! The database is killed: for ten minutes, and in the middle of a tick at any of its round trips.

use std::{
    mem,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use bytes::Bytes;
use futures_util::future::{BoxFuture, ready};
use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::Reply;
use store::{Gate, Options};
use uuid::Uuid;

use super::{
    DASHBOARD, HEALTH, HEARTBEAT, HOOK, SCHEDULER, ask, assert_shown, assert_unavailable,
    door::{Door, behind_a_door},
    is_complete, recovered, standings, ticks_until_complete, tip, told, world,
};
use crate::world::{SECRET, TEN_MINUTES, World};

/// More than there are of 22 sales.
const DELIVERIES_MAX: u32 = 100;
/// More than any tick makes.
const TRIPS_MAX: u32 = 400;
/// When a pair of tokens is due, and its access token still good, in seconds.
const DUE: i64 = 50 * 60;

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

/// A round trip: the how manieth, of all or of those of one statement; before it is sent, or before its
/// answer is seen.
#[derive(Clone, Copy, Debug)]
struct Trip {
    nth: u32,
    statement: Option<&'static str>,
    is_after: bool,
}

/// Shuts the door at one round trip.
struct Kill {
    door: Arc<Door>,
    left: AtomicU32,
    trip: Trip,
}

impl std::fmt::Debug for Kill {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} round trips to go", self.left.load(Ordering::SeqCst))
    }
}

impl Kill {
    fn count(&self, statement: &'static str, is_after: bool) {
        let is_other = self.trip.statement.is_some_and(|own| own != statement);
        if is_other || self.trip.is_after != is_after {
            return;
        }
        let one_less = |left: u32| left.checked_sub(1);
        if self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less) == Ok(1) {
            self.door.shut();
        }
    }
}

impl Gate for Kill {
    fn before(&self, statement: &'static str) -> BoxFuture<'_, ()> {
        self.count(statement, false);
        Box::pin(ready(()))
    }

    fn after(&self, statement: &'static str) -> BoxFuture<'_, ()> {
        self.count(statement, true);
        Box::pin(ready(()))
    }
}

/// A tick that finds something to do, with the database killed at one of its round trips; its report, and
/// whether it got as far.
async fn tick_killed_at(world: &mut World, door: &Arc<Door>, trip: Trip) -> (Value, bool) {
    let kill = Arc::new(Kill { door: Arc::clone(door), left: AtomicU32::new(trip.nth), trip });
    let gate: Arc<dyn Gate> = Arc::<Kill>::clone(&kill);
    let options = Options { gate: Some(gate), ..Options::default() };
    let direct = mem::replace(&mut world.ctx.store, door.store(options));
    let (status, report) = world.get(HEARTBEAT, Some(SECRET)).await;
    assert!([200, 503].contains(&status), "{report}");
    door.open();
    world.ctx.store = direct;
    (report, kill.left.load(Ordering::SeqCst) == 0)
}

/// Refresh tokens that Fanvue has exchanged.
fn refreshes(world: &World) -> u64 {
    let request = http::Request::get("/sim/oauth").body(Bytes::new()).unwrap();
    let Reply::Answer(answer) = world.sim.respond(request, world.now()) else { panic!("no fault") };
    serde_json::from_slice::<Value>(answer.body()).unwrap()["refreshes"].as_u64().unwrap()
}

/// A new pair of tokens died with the tick that held it: it is kept for 90 seconds, and Fanvue ends the
/// connection of whoever comes later with the old one. A person connects again, as everybody is told.
async fn reconnect(world: &World) {
    let shown = told(&world.ctx, DASHBOARD).await;
    for (state, _) in standings(&shown) {
        assert_eq!(state, "disconnected", "{shown}");
    }
    assert_eq!(shown["freshness"]["exact"], false, "{shown}");
    world.connect().await;
    ticks_until_complete(world).await;
}

/// A tick that is killed, and what has to be done so that all is right again.
struct Killed {
    report: Value,
    was_reached: bool,
    is_pair_lost: bool,
}

async fn kill_at(world: &mut World, creators: [Uuid; 2], door: &Arc<Door>, trip: Trip) -> Killed {
    // With those of the last hours, which are read again, more than one page.
    world.sell(creators[0], 12);
    world.sell(creators[1], 1);
    world.advance(DUE);
    let before = refreshes(world);
    let (report, was_reached) = tick_killed_at(world, door, trip).await;
    world.check().await;
    let intended = "select 1 from fanvue_connections where refresh_intended_at is not null";
    let is_stored = world.db.sql(intended).await.is_empty();
    let is_pair_lost = before < refreshes(world) && !is_stored;
    match recovered(world).await {
        Ok(_) => assert!(!is_pair_lost, "{trip:?}"),
        Err(report) => {
            assert!(is_pair_lost, "{trip:?}: {report}");
            reconnect(world).await;
        }
    }
    Killed { report, was_reached, is_pair_lost }
}

/// One tick after the other, each killed one round trip later, until one gets to its end.
async fn kill_everywhere(is_after: bool) {
    let (mut world, creators) = world().await;
    let door = Arc::new(Door::to(&world.db).await);
    let (mut killed, mut reconnects) = (0, 0);
    for nth in 1..TRIPS_MAX {
        let trip = Trip { nth, statement: None, is_after };
        let one = kill_at(&mut world, creators, &door, trip).await;
        if !one.was_reached {
            let pages = one.report["creators"].as_array().unwrap().iter();
            let pages = pages.map(|creator| creator["pages"].as_u64().unwrap());
            assert!(pages.max() > Some(1), "{}", one.report);
            break;
        }
        killed += 1;
        reconnects += u32::from(one.is_pair_lost);
    }
    assert!((10..TRIPS_MAX - 1).contains(&killed), "{killed} round trips");
    // Where in a tick its exchange falls is not the same in each.
    assert!(reconnects < 5, "{reconnects} of {killed}");
    let storing = Trip { nth: 1, statement: Some("save_grant"), is_after };
    let one = kill_at(&mut world, creators, &door, storing).await;
    assert!(one.was_reached);
    assert!(one.is_pair_lost, "{}", one.report);
}

#[tokio::test]
async fn a_database_killed_before_any_round_trip_of_a_tick_loses_and_doubles_nothing() {
    kill_everywhere(false).await;
}

#[tokio::test]
async fn a_database_killed_after_any_round_trip_of_a_tick_loses_and_doubles_nothing() {
    kill_everywhere(true).await;
}

/// The database refuses a row and quotes it.
const QUOTES: &str = "
    create function quote_row() returns trigger language plpgsql as $$ begin
        raise exception 'a rule is broken by ada-the-fan' using errcode = '23514',
            constraint = 'a_rule', detail = 'Failing row contains (ada-the-fan).';
    end $$;
    create trigger quotes before update on rate_budgets for each row execute function quote_row()";

#[tokio::test]
async fn what_the_database_quotes_of_a_row_reaches_nobody() {
    let (world, creators) = world().await;
    world.db.sql(QUOTES).await;
    world.sell(creators[0], 1);
    world.advance(TEN_MINUTES);
    let report = told(&world.ctx, HEARTBEAT).await.to_string();
    let kept = world.db.sql("select last_error from sync_state where last_error is not null").await;
    let status = told(&world.ctx, "/api/sync/status").await.to_string();
    for shown in [&report, &kept.concat().concat()] {
        assert!(shown.contains("take_request failed (23514, a_rule)"), "{shown}");
    }
    for shown in [report, kept.concat().concat(), status] {
        assert!(!shown.contains("ada-the-fan"), "{shown}");
    }
}
