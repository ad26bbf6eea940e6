//! The heartbeat's promise: every row, once, whatever happens on the way.

mod changes;
mod refusing;

use app::tick::{Limits, Scope, tick};
use futures_util::future::join_all;
use serde_json::{Value, json};
use simulator::{Fault, FaultMatch, NewFault, NewRefund, NewSale};

use crate::world::{TEN_MINUTES, World};

fn page(page: u32, fault: Fault) -> NewFault {
    let matches = FaultMatch { page: Some(page), ..FaultMatch::default() };
    NewFault { matches, fault, times: Some(3) }
}

fn creator<'a>(report: &'a Value, name: &str) -> &'a Value {
    report["creators"].as_array().unwrap().iter().find(|c| c["name"] == name).unwrap()
}

#[tokio::test]
async fn a_seeded_world_is_complete_after_the_first_tick_and_quiet_after_the_second() {
    let world = World::seeded(12, 60).await;
    let report = world.tick().await;
    world.assert_complete().await;
    assert_eq!(report["unfinished"], 0, "{report}");
    assert_eq!(report["cents"], world.sim.truth(world.now()).gross_cents);

    world.advance(TEN_MINUTES);
    world.sim.reset_requests();
    let report = world.tick().await;
    world.assert_complete().await;
    assert_eq!((&report["newRows"], &report["cents"]), (&json!(0), &json!(0)));
    assert!(report["requests"].as_u64().unwrap() <= 12, "one request on a quiet creator: {report}");
    assert!(world.sim.requests().total <= 12, "and nothing else was asked");

    assert_eq!(report["creators"].as_array().unwrap().len(), 12, "all are reported: {report}");
    let states = report["creators"].as_array().unwrap().iter().map(|c| &c["state"]);
    assert!(states.into_iter().all(|state| state == "complete"));
    assert_eq!(world.dashboard("timeRange=7d").await["freshness"]["liveCount"], 12);
}

#[tokio::test]
async fn twelve_thousand_rows_of_one_creator_arrive_complete_within_the_budget() {
    let world = World::empty().await;
    world.settings(json!({"rateLimit": 200}));
    world.creator("Whale", 12_000, 0);
    world.connect().await;
    let report = world.tick().await;
    let whale = creator(&report, "Whale");
    assert_eq!(whale["state"], "paused", "240 pages don't fit one minute's budget");
    assert_eq!(whale["asOf"], Value::Null, "an unfinished history is never called complete");
    let shown = world.dashboard("timeRange=all").await;
    assert_eq!(shown["freshness"]["exact"], false);
    for _ in 0..3 {
        world.advance(TEN_MINUTES);
        world.tick().await;
    }
    world.assert_complete().await;
    let shown = world.dashboard("timeRange=all").await;
    assert_eq!(shown["freshness"]["exact"], true);
    assert_eq!(shown["kpiMetrics"]["totalRevenueCents"], world.sim.truth(world.now()).gross_cents);
}

#[tokio::test]
async fn exact_twins_without_ids_are_counted_in_every_order_and_cursor_style() {
    for (order, cursors) in
        [("newest", "keyset"), ("oldest", "keyset"), ("newest", "offset"), ("oldest", "offset")]
    {
        let world = World::empty().await;
        world.settings(json!({"rows": "g1", "order": order, "cursorStyle": cursors}));
        world.creator("Twins", 700, 1);
        world.creator("Many twins", 3000, 30);
        let all_twins = world.creator("All twins", 0, 0);
        let sale = NewSale { twins: Some(130), ..NewSale::of(all_twins) };
        world.sim.sell(&sale, world.now()).unwrap();
        world.advance(1);
        world.connect().await;
        world.tick().await;
        world.assert_complete().await;

        world.settings(json!({"rows": "v1"}));
        world.advance(TEN_MINUTES);
        world.sell(all_twins, 3);
        world.advance(1);
        world.tick().await;
        world.assert_complete().await;
    }
}

#[tokio::test]
async fn a_failing_page_loses_nothing_and_never_shows_a_wrong_exact_figure() {
    for fault in [
        Fault::Status(500),
        Fault::Html,
        Fault::TruncatedJson,
        Fault::EmptyObject,
        Fault::DropBefore,
        Fault::DropAfter,
        Fault::Hang,
        Fault::Throttle { retry_after: None },
        Fault::RepeatCursor,
    ] {
        let world = World::empty().await;
        world.creator("Ada", 1000, 0);
        world.creator("Bea", 30, 0);
        world.connect().await;
        world.sim.fault(page(7, fault.clone()));
        let report = world.tick().await;
        assert_eq!(creator(&report, "Bea")["state"], "complete", "the others go on");
        let shown = world.dashboard("timeRange=all").await;
        let complete = shown["kpiMetrics"]["totalRevenueCents"]
            == json!(world.sim.truth(world.now()).gross_cents);
        assert_eq!(shown["freshness"]["exact"], complete, "{fault:?}");
        if matches!(fault, Fault::Status(_) | Fault::Html | Fault::Hang | Fault::DropAfter) {
            assert!(!complete, "three failures in a row end the attempt: {fault:?}");
            assert!(creator(&report, "Ada")["error"].is_string());
        }
        world.sim.clear_faults();
        world.advance(TEN_MINUTES);
        world.tick().await;
        world.assert_complete().await;
        assert_eq!(world.dashboard("timeRange=all").await["freshness"]["exact"], true);
    }
}

#[tokio::test]
async fn two_heartbeats_at_once_ten_times_over_double_nothing_and_lose_nothing() {
    let world = World::empty().await;
    let ada = world.creator("Ada", 400, 5);
    let bea = world.creator("Bea", 3, 0);
    world.settings(json!({"rows": "g1"}));
    world.connect().await;
    for _ in 0..10 {
        world.sell(ada, 3);
        world.sell(bea, 1);
        world.advance(TEN_MINUTES);
        let ticks = join_all([
            tick(&world.ctx, Scope::Everyone, Limits::default()),
            tick(&world.ctx, Scope::Everyone, Limits::default()),
        ]);
        let rows: usize = ticks.await.into_iter().map(|report| report.unwrap().new_rows).sum();
        assert!(4 <= rows);
        world.check().await;
    }
    world.assert_complete().await;
}

#[tokio::test]
async fn late_rows_refunds_and_amended_rows_are_found() {
    let world = World::empty().await;
    let ada = world.creator("Ada", 20, 0);
    world.connect().await;
    world.tick().await;
    let late = NewSale { visible_after_seconds: Some(26 * 3600), ..NewSale::of(ada) };
    world.sim.sell(&late, world.now()).unwrap();
    let refund = NewRefund { creator: Some(ada), ..NewRefund::default() };
    world.sim.refund(&refund, world.now()).unwrap();
    for _ in 0..28 {
        world.advance(3600);
        world.tick().await;
    }
    world.assert_complete().await;
    let refunds = world.db.sql("select count(*) from fanvue_transactions where amount < 0").await;
    assert_eq!(refunds, [["1"]]);
}

#[tokio::test]
async fn resetting_last_transaction_sync_reads_the_whole_history_again() {
    let world = World::empty().await;
    world.creator("Ada", 300, 0);
    world.connect().await;
    world.tick().await;
    world.advance(TEN_MINUTES);
    world
        .db
        .sql(
            "delete from fanvue_transactions;
             delete from revenue_daily;
             delete from fan_days;
             update models set last_transaction_sync = null, revenue_total_cents = 0,
                    net_total_cents = 0, transactions_total = 0",
        )
        .await;
    let report = world.tick().await;
    assert_eq!(report["newRows"], 300, "the history was read again: {report}");
    world.assert_complete().await;
}
