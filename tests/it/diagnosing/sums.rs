//! Sums that are not those of their rows, and days that are not the same days.

use serde_json::json;

use super::{ask, assert_cause, causes, number, parts, read, sell, unread};
use crate::world::{SECRET, World};

#[tokio::test]
async fn what_agrees_is_said_to() {
    let (world, _) = read(140).await;
    let ada = ask(&world, "depth=rows").await;
    assert_eq!(ada["message"], "All three agree to the cent.", "{ada}");
    let earned = world.sim.truth(world.now()).gross_cents;
    for figure in ["shown", "rollup", "ledger", "fanvue"] {
        assert_eq!((&ada[figure]["cents"], &ada[figure]["rows"]), (&json!(earned), &json!(140)));
    }
    assert!(0 < ada["daysByRow"].as_u64().unwrap() && ada["daysByTotal"] == 0, "{ada}");
}

#[tokio::test]
async fn a_total_that_is_not_the_sum_of_its_days() {
    let (world, _) = read(40).await;
    world.db.sql("update models set revenue_total_cents = revenue_total_cents - 777").await;
    let ada = ask(&world, "depth=rows").await;
    assert_cause(&ada, "drifted_total", -777, "rebuild_totals");
}

#[tokio::test]
async fn a_days_sum_that_is_not_that_of_its_rows() {
    let (world, _) = read(40).await;
    let drift = "with day as (
             update revenue_daily set gross_cents = gross_cents - 300
              where (day, source) = (select day, source from revenue_daily
                                      order by day, source limit 1)
         )
         update models set revenue_total_cents = revenue_total_cents - 300";
    world.db.sql(drift).await;
    let ada = ask(&world, "depth=rows").await;
    assert_cause(&ada, "drifted_rollup", -300, "rebuild_totals");
}

#[tokio::test]
async fn a_row_that_was_changed_by_hand() {
    let (world, _) = read(40).await;
    let edit = "update fanvue_transactions set amount_cents = amount_cents + 400
                 where transaction_date = (select max(transaction_date) from fanvue_transactions)";
    world.db.sql(edit).await;
    let ada = ask(&world, "depth=rows").await;
    assert_eq!(causes(&ada), [("manual_edit".to_owned(), 0)], "{ada}");
    let remedies: Vec<_> = parts(&ada).iter().map(|part| &part["remedy"]["kind"]).collect();
    assert_eq!(remedies, ["force_sync", "force_sync"], "the day's sum, and the row: {ada}");
    assert_eq!(ada["result"], "mismatch", "though what is shown is right");
    forced(&world, 202).await;
    assert!(causes(&ask(&world, "depth=rows").await).is_empty());
}

/// A force-sync, with the tick that reads what was asked for.
async fn forced(world: &World, wanted: u16) {
    let (status, answer) = world.post("/api/fanvue/force-sync-revenue").await;
    assert_eq!(status, wanted, "{answer}");
    world.tick().await;
    world.check().await;
    world.advance(1);
}

#[tokio::test]
async fn a_hand_that_took_rows_and_their_sums_is_named_by_what_is_written_down() {
    let (world, _) = read(40).await;
    let oldest = "transaction_date = (select min(transaction_date) from fanvue_transactions)";
    world.take_rows_by_hand(oldest).await;
    let lost = number(
        &world,
        "select (before ->> 'amountCents')::int from money_changes
                                where op = 'delete' and tbl = 'fanvue_transactions'",
    )
    .await;
    let ada = ask(&world, "depth=rows").await;
    assert_cause(&ada, "manual_edit", -lost, "force_sync");
    let part = parts(&ada)[0];
    assert_eq!(part["figures"]["changedBy"], "a hand in the database, not the service", "{part}");
    let user = world.db.sql("select session_user").await.concat().remove(0);
    assert!(
        !ada.to_string().contains(&format!("\"{user}\"")),
        "whose hand it was is nobody's to see"
    );
    forced(&world, 202).await;
    assert!(causes(&ask(&world, "depth=rows").await).is_empty());
}

#[tokio::test]
async fn a_drifted_total_has_a_remedy_that_helps_at_any_moment() {
    let (world, _) = read(40).await;
    // Sums were compared this very hour.
    let (status, report) = world.get("/api/cron/reconcile", Some(SECRET)).await;
    assert_eq!((status, &report["agenciesChecked"]), (200, &json!(1)), "{report}");
    world.advance(60);
    // First a history is read for it; then one was, a moment ago.
    for status in [202, 429] {
        world.db.sql("update models set revenue_total_cents = revenue_total_cents - 777").await;
        let ada = ask(&world, "").await;
        let part = parts(&ada).into_iter().find(|part| part["cause"] == "drifted_total").unwrap();
        let id = ada["modelId"].as_str().unwrap();
        let call = format!("POST /api/fanvue/force-sync-revenue?modelId={id}");
        assert_eq!(part["remedy"]["call"], call, "{part}");
        forced(&world, status).await;
        world.assert_complete().await;
        let receipts = "select count(*) from repairs where cause = 'drifted_total'
                           and after_cents - before_cents = 777";
        assert_eq!(number(&world, receipts).await, if status == 202 { 1 } else { 2 });
    }
}

#[tokio::test]
async fn days_of_another_zone_are_not_fanvues() {
    let (world, creator) = unread(0).await;
    sell(&world, creator, 700, "2026-11-19T23:30:00Z");
    sell(&world, creator, 150, "2026-11-20T12:00:00Z");
    world.advance(60);
    world.tick().await;
    let ada = ask(&world, "startDate=2026-11-20&endDate=2026-11-20").await;
    assert_cause(&ada, "time_zone_edge", 700, "nothing");
    assert_eq!((&ada["result"], &ada["fanvue"]["cents"]), (&json!("explained"), &json!(150)));
    assert_eq!(ada["shown"]["cents"], 850);
    let all = ask(&world, "").await;
    assert!(causes(&all).is_empty(), "over all days there is no edge: {all}");
    assert_eq!(number(&world, "select revenue_total_cents from models").await, 850);
}
