//! What a tick costs in requests, and that saving them loses nothing.

use serde_json::{Value, json};
use simulator::Bulk;

use crate::world::{TEN_MINUTES, World};

fn spent(report: &Value) -> (u64, u64) {
    (report["detectorRequests"].as_u64().unwrap(), report["requests"].as_u64().unwrap())
}

/// A thousand creators, read twice: after the second tick their totals are known.
async fn thousand() -> World {
    let world = World::empty().await;
    let bulk = Bulk { creators: 999, rows: 9_990, days: Some(90), ..Bulk::default() };
    world.sim.bulk(&bulk, world.now()).unwrap();
    world.connect().await;
    world.tick().await;
    world.assert_complete().await;
    world.advance(TEN_MINUTES);
    world.tick().await;
    world.advance(TEN_MINUTES);
    world
}

#[tokio::test]
async fn a_thousand_creators_of_whom_twenty_sold_cost_twenty_pages_and_twenty_reads() {
    let world = thousand().await;
    for creator in world.sim.creators().iter().step_by(50) {
        world.sell(*creator, 2);
    }
    world.advance(1);
    let (totals, reads) = spent(&world.tick().await);
    assert!(totals <= 20 && reads <= 20, "{totals} pages of totals, {reads} reads");
    world.assert_complete().await;

    world.advance(TEN_MINUTES);
    let report = world.tick().await;
    let (totals, reads) = spent(&report);
    assert!(totals <= 20 && reads == 0, "nothing sold: {totals} pages of totals, {reads} reads");
    assert_eq!(report["unfinished"], 0);
    let live = world.dashboard("timeRange=7d").await["freshness"]["liveCount"].clone();
    assert_eq!(live, 1000, "who was confirmed is as fresh as who was read");
}

#[tokio::test]
async fn without_the_scope_for_totals_everyone_is_read_and_nothing_is_lost() {
    for (setting, paging) in [("page", true), ("cursor", true), ("page", false)] {
        let world = World::seeded(6, 20).await;
        world.settings(json!({"agencyPaging": setting}));
        if !paging {
            world.settings(json!({"withheldScopes": ["read:agency"]}));
        }
        for _ in 0..5 {
            for creator in world.sim.creators().into_iter().take(2) {
                world.sell(creator, 1);
            }
            world.advance(TEN_MINUTES);
            world.tick().await;
            world.assert_complete().await;
        }
        let log = world.sim.requests().by_route;
        let asked = log.get("GET /agencies/earnings").copied().unwrap_or_default();
        assert!(if paging { 3 <= asked } else { asked == 1 }, "asked {asked} times: {log:?}");
    }
}

#[tokio::test]
async fn reversals_and_days_that_totals_do_not_show_are_found_within_the_hour() {
    let world = World::seeded(4, 20).await;
    world.tick().await;
    let managed = world.sim.creators()[2];
    world.sell(managed, 1);
    world.advance(TEN_MINUTES);
    world.tick().await;
    world.advance(TEN_MINUTES);
    let refund = simulator::NewRefund { creator: Some(managed), ..Default::default() };
    world.sim.refund(&refund, world.now()).unwrap();
    for _ in 0..7 {
        world.advance(TEN_MINUTES);
        world.tick().await;
    }
    world.assert_complete().await;
}
