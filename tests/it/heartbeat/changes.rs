//! What changes under the heartbeat's feet: tokens, generations, zones, refusals, people's wishes.

use app::tick::{Limits, Scope, tick};
use serde_json::json;
use simulator::{Fault, NewFault, NewRefund};

use super::{creator, page};
use crate::world::{SECRET, TEN_MINUTES, World, truth};

#[tokio::test]
async fn the_operators_queries_run_unchanged() {
    let world = World::seeded(3, 30).await;
    world.tick().await;
    let connected = world
        .db
        .sql(
            "select id, name, revenue_total, last_transaction_sync
               from models where fanvue_access_token is not null",
        )
        .await;
    assert_eq!(connected.len(), 3);
    let ledger = world
        .db
        .sql(
            "select model_id, count(*), sum(amount), min(transaction_date), max(transaction_date)
               from fanvue_transactions group by model_id",
        )
        .await;
    for row in &ledger {
        let total = connected.iter().find(|c| c[0] == row[0]).unwrap();
        assert_eq!(total[2], row[2], "revenue_total is the sum of amount");
    }
}

#[tokio::test]
async fn a_refused_token_is_refreshed_once_and_a_dead_one_shows_as_reconnect() {
    let world = World::seeded(4, 10).await;
    world.tick().await;
    world.advance(2 * 3600);
    let report = world.tick().await;
    assert_eq!(report["unfinished"], 0, "an expired token is refreshed: {report}");
    world.assert_complete().await;

    world.sim.revoke("agency", world.now()).unwrap();
    world.advance(2 * 3600);
    let as_of = world.db.sql("select min(last_transaction_sync) from models").await;
    let report = world.tick().await;
    let states = report["creators"].as_array().unwrap().iter().map(|c| &c["state"]);
    assert!(states.into_iter().all(|state| state == "disconnected"), "{report}");
    assert_eq!(world.db.sql("select min(last_transaction_sync) from models").await, as_of);

    world.connect().await;
    world.advance(TEN_MINUTES);
    world.tick().await;
    world.assert_complete().await;
}

#[tokio::test]
async fn a_platform_without_v1_is_read_by_the_older_paths() {
    let world = World::empty().await;
    world.creator("Ada", 120, 2);
    world.connect().await;
    world.settings(json!({"v1": false}));
    world.tick().await;
    world.assert_complete().await;
    world.advance(TEN_MINUTES);
    world.sim.reset_requests();
    world.tick().await;
    assert_eq!(world.sim.requests().by_status, [(200, 2)].into(), "what was learnt is remembered");
}

#[tokio::test]
async fn a_platform_that_lost_v1_for_a_moment_is_read_by_it_again_and_owes_no_refund() {
    let world = World::seeded(3, 30).await;
    let ada = world.sim.creators().into_iter().find(|c| *c != world.sim.agency()).unwrap();
    world.sell(ada, 3);
    world.advance(1);
    world.tick().await;
    world.settings(json!({"v1": false}));
    world.advance(TEN_MINUTES);
    world.tick().await;
    world.settings(json!({"v1": true}));
    for creator in [ada, world.sim.agency()] {
        let refund = NewRefund { creator: Some(creator), ..NewRefund::default() };
        world.sim.refund(&refund, world.now()).unwrap();
    }
    let exact = async || world.dashboard("timeRange=7d").await["freshness"]["exact"].clone();
    world.advance(TEN_MINUTES);
    world.tick().await;
    assert_eq!(exact().await, false, "no list shows the refund");
    world.advance(120 * 3600);
    world.tick().await;
    world.assert_complete().await;
    assert_eq!(exact().await, true);
}

#[tokio::test]
async fn a_pulse_that_was_open_when_v1_returned_does_not_end_the_reading_short() {
    let world = World::empty().await;
    let ada = world.creator("Ada", 100, 0);
    world.connect().await;
    world.tick().await;
    world.settings(json!({"v1": false}));
    world.advance(TEN_MINUTES);
    world.tick().await;
    world.advance(60);
    let refund = NewRefund { creator: Some(ada), ..NewRefund::default() };
    world.sim.refund(&refund, world.now()).unwrap();
    for (sales, minutes) in [(60, 9), (60, 20)] {
        world.sell(ada, sales);
        world.advance(minutes * 60);
        world.tick().await;
    }
    world.sell(ada, 120);
    world.advance(15 * 60);
    world.sim.fault(page(2, Fault::Status(500)));
    world.tick().await;
    let open = "select max(jsonb_array_length(stream -> 'windows')) from sync_state";
    assert_eq!(world.db.sql(open).await, [["1"]]);
    world.settings(json!({"v1": true}));
    world.advance(16 * 60);
    world.tick().await;
    world.assert_complete().await;
}

#[tokio::test]
async fn what_was_read_without_v1_is_read_again_when_the_account_is_connected_again() {
    let world = World::empty().await;
    let ada = world.creator("Ada", 200, 0);
    let refund = NewRefund { creator: Some(ada), ..NewRefund::default() };
    world.sim.refund(&refund, world.now()).unwrap();
    world.settings(json!({"v1": false}));
    world.connect().await;
    for _ in 0..3 {
        world.tick().await;
        world.advance(120 * 3600);
    }
    world.settings(json!({"v1": true}));
    world.connect().await;
    world.tick().await;
    world.assert_complete().await;
}

#[tokio::test]
async fn reversals_that_an_older_platform_lists_apart_are_booked_once() {
    for net_is_gross in [false, true] {
        a_reversal_of_two_lists(net_is_gross).await;
    }
}

async fn a_reversal_of_two_lists(net_is_gross: bool) {
    let world = World::seeded(2, 30).await;
    let own = world.sim.agency();
    world.settings(json!({"v1": false, "rows": "g1", "spendingNetIsGross": net_is_gross}));
    world.sell(own, 2);
    let refund = NewRefund { creator: Some(own), ..NewRefund::default() };
    world.sim.refund(&refund, world.now()).unwrap();
    world.advance(1);
    for _ in 0..3 {
        world.tick().await;
        world.advance(TEN_MINUTES);
    }
    let of_own = |sums: Vec<(String, i64, i64, i64)>| {
        sums.into_iter().find(|sum| sum.0 == own.to_string()).unwrap()
    };
    let truth = of_own(truth(&world.sim, world.now()));
    let booked = of_own(world.db.ledger().await);
    assert_eq!((booked.1, booked.2), (truth.1, truth.2));
    assert_eq!(booked.3 == truth.3, !net_is_gross);

    world.settings(json!({"v1": true, "rows": "v1"}));
    world.db.sql("update fanvue_connections set routes = 'v1'").await;
    world.db.sql("update models set last_transaction_sync = null").await;
    world.tick().await;
    world.assert_complete().await;
}

#[tokio::test]
async fn a_row_that_fanvue_never_had_leaves_the_ledger_after_two_complete_reads() {
    let world = World::empty().await;
    let ada = world.creator("Ada", 30, 0);
    world.sell(ada, 4);
    world.advance(1);
    world.connect().await;
    world.tick().await;
    world
        .db
        .sql(
            "insert into fanvue_transactions
                    (agency_id, model_id, fanvue_transaction_id, transaction_date, transaction_type,
                     amount_cents, net_cents, created_at, synced_at)
             select agency_id, id, 'to_ghost', '2026-11-20 10:00Z', 'tip', 500, 400, now(), now()
               from models where name = 'Ada';
             insert into revenue_daily
             select agency_id, id, '2026-11-20', 'tip', 500, 400, 1 from models where name = 'Ada'
             on conflict (agency_id, model_id, day, source) do update
                set gross_cents = revenue_daily.gross_cents + 500,
                    net_cents = revenue_daily.net_cents + 400,
                    transaction_count = revenue_daily.transaction_count + 1;
             update models set revenue_total_cents = revenue_total_cents + 500,
                    net_total_cents = net_total_cents + 400,
                    transactions_total = transactions_total + 1 where name = 'Ada'",
        )
        .await;
    world.check().await;
    for minutes in [10, 20, 20] {
        world.advance(minutes * 60);
        world.tick().await;
    }
    assert_ne!(world.db.sql("select count(*) from voided_transactions").await, [["1"]]);
    for _ in 0..2 {
        world.advance(3600);
        world.tick().await;
    }
    world.assert_complete().await;
    let void = "select fanvue_transaction_id, transaction ->> 'amount' from voided_transactions";
    assert_eq!(world.db.sql(void).await, [["to_ghost", "5.00"]]);
}

#[tokio::test]
async fn a_new_zone_of_the_agency_recounts_its_days_even_while_ticks_run() {
    let world = World::seeded(3, 40).await;
    world.tick().await;
    for zone in ["America/New_York", "Asia/Kathmandu", "UTC"] {
        world.advance(TEN_MINUTES);
        for creator in world.sim.creators() {
            world.sell(creator, 2);
        }
        world.advance(1);
        let change = format!("update agencies set timezone = '{zone}'");
        let change = world.db.sql(&change);
        let (report, _) =
            tokio::join!(tick(&world.ctx, Scope::Everyone, Limits::default()), change);
        report.unwrap();
        world.check().await;
        assert_eq!(world.dashboard("timeRange=7d").await["timezone"], zone);
    }
    world.tick().await;
    world.assert_complete().await;
}

#[tokio::test]
async fn refusals_park_a_creator_and_asking_for_the_history_takes_it_up_again() {
    let world = World::empty().await;
    world.creator("Ada", 20, 0);
    world.connect().await;
    world.settings(json!({"withheldScopes": ["read:insights"]}));
    for _ in 0..4 {
        world.tick().await;
        world.advance(TEN_MINUTES);
    }
    world.settings(json!({"withheldScopes": []}));
    world.sim.fault(NewFault { times: None, ..page(1, Fault::Status(500)) });
    world.tick().await;
    world.sim.clear_faults();
    world.settings(json!({"withheldScopes": ["read:insights"]}));
    let parked = "select count(*) from sync_state where parked_at is not null";
    assert_eq!(world.db.sql(parked).await, [["0"]], "an outage is no refusal");
    world.advance(TEN_MINUTES);
    assert_eq!(creator(&world.tick().await, "Ada")["state"], "refused", "for the fifth time");
    world.advance(TEN_MINUTES);
    let report = world.tick().await;
    assert_eq!(creator(&report, "Ada")["state"], "parked", "{report}");
    world.settings(json!({"withheldScopes": []}));
    world.db.sql("update models set last_transaction_sync = null").await;
    world.advance(TEN_MINUTES);
    world.tick().await;
    world.assert_complete().await;
}

#[tokio::test]
async fn a_creator_who_joins_later_is_noticed_by_the_scheduler() {
    let world = World::seeded(2, 5).await;
    world.tick().await;
    world.creator("Late Joiner", 120, 0);
    world.advance(TEN_MINUTES);
    for _ in 0..2 {
        let (status, _) = world.get("/api/cron/sync-transactions", Some(SECRET)).await;
        assert_eq!(status, 200);
    }
    world.tick().await;
    world.assert_complete().await;
    let listed = world.sim.requests().by_route["GET /creators"];
    assert_eq!(listed, 2, "once when connecting, once by two calls within a minute");
}

#[tokio::test]
async fn a_refund_of_a_small_agency_is_in_the_total_after_the_next_tick() {
    let world = World::seeded(6, 20).await;
    world.tick().await;
    for creator in world.sim.creators() {
        world.advance(TEN_MINUTES);
        let refund = NewRefund { creator: Some(creator), ..NewRefund::default() };
        world.sim.refund(&refund, world.now()).unwrap();
        world.advance(1);
        world.tick().await;
        world.assert_complete().await;
    }
}
