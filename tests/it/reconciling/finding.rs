//! What is lost is found, and nothing is asked twice.

use jiff::{ToSpan, civil::date};
use serde_json::json;
use simulator::{Bulk, Fault, FaultMatch, NewFault, NewSale, RawRow};

use super::DAY;
use crate::world::World;

/// Rows among which one is lost.
#[expect(clippy::disallowed_methods, reason = "how long whoever runs it wants to wait")]
fn rows() -> u64 {
    let given = std::env::var("HEARTBEAT_ROWS").ok();
    given.map_or(2_000, |text| text.parse().expect("HEARTBEAT_ROWS is a number"))
}

#[tokio::test]
async fn a_row_that_is_lost_from_ledger_and_sums_comes_back_with_a_receipt() {
    let (world, row) = World::proved(200).await;
    let before = world.db.sql("select sum(amount_cents), count(*) from fanvue_transactions").await;
    world.lose_rows("amount_cents = 77777").await;
    world.sim.reset_requests();
    let report = world.prove().await;
    let asked = world.sim.requests().total;
    assert!(asked <= 6, "{asked} requests: {report}");
    assert_eq!((&report["daysDiffering"], &report["repaired"]), (&json!(1), &json!(1)), "{report}");
    assert_eq!((&report["daysOpen"], &report["daysSettled"]), (&json!(0), &json!(0)), "{report}");
    let after = world.db.sql("select sum(amount_cents), count(*) from fanvue_transactions").await;
    assert_eq!(after, before);
    world.assert_complete().await;
    assert!(world.is_exact().await);
    let receipts = world.receipts().await;
    assert_eq!(receipts.len(), 1, "{receipts:?}");
    let receipt = &receipts[0];
    assert_eq!((&receipt["kind"], &receipt["cause"]), (&json!("rows"), &json!("missing_row")));
    assert_eq!(receipt["day"], DAY);
    let gained = receipt["afterCents"].as_i64().unwrap() - receipt["beforeCents"].as_i64().unwrap();
    assert_eq!(gained, row.gross);
    assert_eq!(receipt["evidence"]["missing"], json!([row.transaction_order_id]));
    assert!(receipt["evidence"]["fanvueCents"].as_i64().unwrap() >= row.gross, "{receipt}");
}

#[tokio::test]
async fn a_row_among_many_costs_six_requests_more_than_a_night_without_a_difference() {
    let world = World::empty().await;
    let creators = (rows() / 10_000).clamp(20, 100);
    let bulk = Bulk { creators, rows: rows(), days: Some(400), ..Bulk::default() };
    world.sim.bulk(&bulk, world.now()).unwrap();
    let one = world.sim.creators()[7];
    world.sell_at(one, 77_777, &format!("{DAY}T12:00:00Z"));
    world.connect().await;
    world.tick().await;
    world.rested().await;
    world.assert_complete().await;
    world.advance(61);
    world.sim.reset_requests();
    let report = world.prove().await;
    assert_eq!(report["daysDiffering"], 0, "{report}");
    let usual = world.sim.reset_requests().total;
    world.sim.reset_requests();
    world.prove().await;
    assert_eq!(world.sim.requests().total, 0, "it was done in this night");

    world.lose_rows("amount_cents = 77777").await;
    app::proving::forget(&world.ctx).await.unwrap();
    world.sim.reset_requests();
    let report = world.prove().await;
    let asked = world.sim.requests().total;
    assert!(asked <= usual + 6, "{asked} requests, {usual} without a difference: {report}");
    assert_eq!(report["repaired"], 1, "{report}");
    world.assert_complete().await;
}

#[tokio::test]
async fn an_agency_in_which_nothing_differs_costs_a_page_for_fifty_creator_days() {
    let world = World::empty().await;
    let bulk = Bulk { creators: 120, rows: 6_000, days: Some(60), ..Bulk::default() };
    world.sim.bulk(&bulk, world.now()).unwrap();
    world.connect().await;
    world.tick().await;
    world.rested().await;
    world.advance(61);
    world.sim.reset_requests();
    let report = world.prove().await;
    let days = "select count(distinct (model_id, (transaction_date at time zone 'UTC')::date))
                  from fanvue_transactions
                 where transaction_date >= '2026-10-17Z' and transaction_date < '2026-11-21Z'";
    let days = world.number(days).await.unsigned_abs();
    let log = world.sim.requests();
    // Three questions, each of which may end with a page that is not full.
    assert!(log.total <= days / 50 + 3, "{} requests for {days} creator-days", log.total);
    assert_eq!(log.by_route["GET /agencies/earnings"], log.total);
    assert_eq!((&report["unfinished"], &report["daysDiffering"]), (&json!(0), &json!(0)));
    assert_eq!(report["totalsRequests"], log.total);
    assert_eq!(world.status().await["proof"]["creatorsCompared"], report["creatorsCompared"]);
}

#[tokio::test]
async fn a_thousand_creators_who_sold_on_each_of_35_days_cost_at_most_seven_hundred_requests() {
    let world = World::empty().await;
    // One is there anyway.
    world.sim.bulk(&Bulk { creators: 999, rows: 0, ..Bulk::default() }, world.now()).unwrap();
    let creators = world.sim.creators();
    let days: Vec<_> = date(2026, 10, 17).series(1.day()).take(35).collect();
    for (day, creator) in days.iter().flat_map(|day| creators.iter().map(move |one| (day, *one))) {
        let at = Some(format!("{day}T12:00:00Z"));
        let sale = NewSale { fan: Some(format!("of {creator}")), at, ..NewSale::of(creator) };
        world.sim.sell(&sale, world.now()).unwrap();
    }
    world.connect().await;
    world.tick().await;
    world.rested().await;
    let rows = "select count(*) from fanvue_transactions";
    assert_eq!(world.number(rows).await, 35_000, "all are read");
    world.advance(61);
    world.sim.reset_requests();
    let report = world.prove().await;
    assert_eq!((&report["creatorsCompared"], &report["unfinished"]), (&json!(1_000), &json!(0)));
    assert_eq!((&report["daysDiffering"], &report["requests"]), (&json!(0), &json!(0)));
    let asked = world.sim.requests().total;
    assert!(asked <= 700, "{asked} requests: {report}");
}

#[tokio::test]
async fn more_days_than_are_read_at_once_are_all_read() {
    let (world, _) = World::proved(400).await;
    world
        .lose_rows(
            "id in (select distinct on (transaction_date::date) id from fanvue_transactions
                     where transaction_date >= '2026-10-18Z' and transaction_date < '2026-11-16Z'
                       and amount_cents > 0
                     order by transaction_date::date, id)",
        )
        .await;
    let report = world.prove().await;
    assert!(8 < report["daysDiffering"].as_i64().unwrap(), "{report}");
    assert_eq!((&report["daysOpen"], &report["unfinished"]), (&json!(0), &json!(0)), "{report}");
    assert_eq!(report["repaired"], report["daysDiffering"], "a receipt each: {report}");
    world.assert_complete().await;
}

#[tokio::test]
async fn what_totals_do_not_reach_is_found_when_the_history_is_read_again() {
    let (world, _) = World::proved(300).await;
    world
        .lose_rows(
            "id in (select id from fanvue_transactions where transaction_date < '2026-06-01Z'
                     order by transaction_date desc limit 3)",
        )
        .await;
    let report = world.prove().await;
    assert_eq!((&report["daysDiffering"], &report["historiesBegun"]), (&json!(0), &json!(0)));
    world.advance(31 * 24 * 3600);
    world.tick().await;
    world.advance(61);
    let as_of = "select last_transaction_sync is not null from models";
    let report = world.prove().await;
    assert_eq!(report["historiesBegun"], 1, "{report}");
    assert_eq!(world.db.sql(as_of).await, [["t"]], "nothing was forgotten for it");
    world.assert_complete().await;
    let receipts = world.receipts().await;
    let found: i64 = receipts.iter().map(|one| one["evidence"]["rowCount"].as_i64().unwrap()).sum();
    assert_eq!(found, 3, "{receipts:?}");
    let (_, jobs) = world.get("/api/sync/jobs", Some(crate::world::SECRET)).await;
    assert_eq!(jobs["jobs"][0]["state"], "done", "{jobs}");
    let report = world.prove().await;
    assert_eq!(report["historiesBegun"], 0, "once in thirty days: {report}");
}

/// A first one is read in one pass, which proves of no long history that a row is gone.
#[tokio::test]
async fn a_history_that_somebody_asked_for_is_none_that_the_proof_has_read() {
    let (world, _) = World::proved(300).await;
    assert_eq!(world.prove().await["historiesBegun"], 0);
    world.db.sql("update sync_jobs set is_proof = false").await;
    assert_eq!(world.prove().await["historiesBegun"], 1);
}

#[tokio::test]
async fn what_is_new_has_no_receipt_though_a_history_that_the_proof_reads_goes_on_beside_it() {
    let (world, _) = World::proved(300).await;
    world.advance(31 * 24 * 3600);
    world.tick().await;
    world.advance(61);
    let matches = FaultMatch { page: Some(2), ..FaultMatch::default() };
    world.sim.fault(NewFault { matches, fault: Fault::Status(503), times: None });
    let report = world.prove().await;
    assert_eq!(report["historiesBegun"], 1, "{report}");
    world.sim.clear_faults();
    let ada = world.db.sql("select fanvue_user_uuid from models").await[0][0].parse().unwrap();
    // A page with what nobody can book is no complete one, so its commit waits for what follows.
    let at = world.now().to_string();
    let row = json!({
        "date": at, "gross": 1000, "net": 800, "currency": "USD", "source": "horoscope",
        "transactionOrderId": "to_raw", "user": null
    });
    let raw = RawRow { creator: ada, row, at: Some(at.clone()), ..RawRow::default() };
    world.sim.raw_row(&raw, world.now()).unwrap();
    world.sell_at(ada, 4_242, &at);
    world.advance(1_200);
    world.tick().await;
    let new = "select count(*) from fanvue_transactions where amount_cents = 4242";
    assert_eq!(world.number(new).await, 1);
    let state = "select count(*) from sync_job_creators j join sync_jobs o on o.id = j.job_id
                  where o.is_proof and j.outcome = 'done' and j.rows_read > 0";
    assert_eq!(world.number(state).await, 1, "the rest of the history was read in the same tick");
    assert_eq!(world.receipts().await, [] as [serde_json::Value; 0]);
}
