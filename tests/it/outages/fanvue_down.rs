//! Fanvue is down for a day: errors, cut connections, silence, web pages in place of answers and of
//! refusals.

use serde_json::Value;
use simulator::{Fault, FaultMatch, NewFault};

use super::{
    DASHBOARD, HEALTH, HEARTBEAT, SCHEDULER, assert_shown, standings, ticks_until_complete, told,
    world,
};
use crate::world::{TEN_MINUTES, World};

const AUDIENCES: &str = "/api/cron/daily-refresh";
const TICKS: i64 = 24 * 6;

/// Every request meets it, those for tokens too.
pub fn everywhere(world: &World, fault: Fault) {
    world.sim.clear_faults();
    world.sim.fault(NewFault { matches: FaultMatch::default(), fault, times: None });
}

/// A day in which all that Fanvue answers is one of these, an hour each, and nothing of it is left behind.
async fn a_day_of(faults: &[Fault]) {
    let (world, creators) = world().await;
    told(&world.ctx, AUDIENCES).await;
    let before = told(&world.ctx, DASHBOARD).await;
    let total = |shown: &Value| shown["kpiMetrics"]["totalRevenueCents"].clone();
    let down_at = world.now();
    for tick in 0..TICKS {
        if tick % 6 == 0 {
            everywhere(&world, faults[usize::try_from(tick / 6).unwrap() % faults.len()].clone());
        }
        for creator in creators {
            world.sell(creator, 1);
        }
        world.advance(TEN_MINUTES);
        let report = told(&world.ctx, HEARTBEAT).await;
        let all = report["creators"].as_array().unwrap().len();
        assert_eq!(
            (&report["unfinished"], &report["newRows"]),
            (&all.into(), &0.into()),
            "{report}"
        );
        told(&world.ctx, SCHEDULER).await;
        told(&world.ctx, AUDIENCES).await;
        world.check().await;

        let shown = told(&world.ctx, DASHBOARD).await;
        assert_eq!(total(&shown), total(&before), "{shown}");
        assert_eq!(shown["freshness"]["oldestAsOf"], before["freshness"]["oldestAsOf"]);
        // The answer is of a moment at most five minutes ago.
        let down = world.now().duration_since(down_at).as_secs();
        for (state, age) in standings(&shown) {
            assert_eq!(state, "stale", "{shown}");
            assert!((down - 300..=down).contains(&age.as_i64().unwrap()), "{shown}");
        }
        assert_eq!(told(&world.ctx, HEALTH).await["status"], "ok", "their outage is not ours");
    }
    for table in ["sync_state", "audience_streams"] {
        let parked = format!("select 1 from {table} where parked_at is not null or refusals > 0");
        assert!(world.db.sql(&parked).await.is_empty(), "an outage is no refusal: {table}");
    }
    let states = world.db.sql("select distinct state from fanvue_connections").await;
    assert_eq!(states, [["active"]], "nobody has to connect again");

    world.sim.clear_faults();
    assert_eq!(ticks_until_complete(&world).await, 1);
    assert_shown(&world, &world.ctx).await;
    let troubles = "select count(*) from sync_state where last_error is not null or attempts > 0";
    assert_eq!(world.db.sql(troubles).await, [["0"]]);
}

#[tokio::test]
async fn a_day_without_fanvue_loses_nothing_and_is_never_called_fresh() {
    a_day_of(&[Fault::Status(503), Fault::DropBefore, Fault::Html, Fault::Hang]).await;
}

/// A firewall, a proxy or a wrong route speaks in Fanvue's place.
#[tokio::test]
async fn a_day_of_pages_that_refuse_parks_nobody() {
    a_day_of(&[Fault::Page(403), Fault::Page(404), Fault::Page(451), Fault::Page(408)]).await;
}
