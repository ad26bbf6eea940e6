//! Rows that are missing, too many, or not what they were.

use serde_json::{Value, json};
use simulator::{NewRefund, NewSale, RawRow};

use super::{ask, assert_cause, causes, lose, number, parts, read, sell, shift, unread};

#[tokio::test]
async fn a_row_that_showed_after_its_time_was_read() {
    let (world, creator) = read(40).await;
    let row = sell(&world, creator, 700, "2026-11-21T08:00:00Z");
    world.advance(60);
    let ada = ask(&world, "depth=rows").await;
    assert_cause(&ada, "late_rows", -700, "force_sync");
    assert_eq!(parts(&ada)[0]["rows"][0]["id"], row.transaction_order_id);
    assert_eq!(parts(&ada)[0]["day"], "2026-11-21");
    let ada = ask(&world, "").await;
    let unknown = ("unknown".to_owned(), -700);
    assert!(causes(&ada).contains(&unknown), "a total alone does not prove it: {ada}");
}

#[tokio::test]
async fn a_row_that_is_gone_for_no_reason_that_shows() {
    let (world, _) = read(40).await;
    let oldest = "(select min(transaction_date) from fanvue_transactions)";
    let gross = number(
        &world,
        &format!("select amount_cents from fanvue_transactions where transaction_date = {oldest}"),
    )
    .await;
    lose(&world, &format!("transaction_date = {oldest}")).await;
    let ada = ask(&world, "depth=rows").await;
    assert_cause(&ada, "unknown", -gross, "force_sync");
    assert!(parts(&ada)[0]["ruledOut"].as_array().unwrap().contains(&json!("stale_checkpoint")));
}

#[tokio::test]
async fn money_that_fanvue_took_back() {
    let (world, creator) = read(40).await;
    let refund = NewRefund {
        creator: Some(creator),
        at: Some("2026-11-21T09:00:00Z".into()),
        ..NewRefund::default()
    };
    let row = world.sim.refund(&refund, world.now()).unwrap().remove(0);
    world.advance(60);
    let ada = ask(&world, "depth=rows").await;
    assert_cause(&ada, "reversal_not_seen", -row.gross, "force_sync");

    // Once it is in the ledger, only totals lack it, by definition.
    world.db.sql("update models set last_transaction_sync = null").await;
    world.tick().await;
    world.assert_complete().await;
    world.advance(1);
    let ada = ask(&world, "").await;
    assert_eq!(
        (&ada["result"], &ada["message"]),
        (
            &json!("explained"),
            &json!(format!(
                "${} less is shown than Fanvue has. Fanvue's totals leave out what its rows hold.",
                dollars(&ada)
            ))
        )
    );
    assert!(parts(&ada).iter().all(|part| part["cause"] == "summary_versus_rows"), "{ada}");
}

fn dollars(ada: &Value) -> String {
    let cents = ada["differenceCents"].as_i64().unwrap().abs();
    format!("{}.{:02}", cents / 100, cents % 100)
}

#[tokio::test]
async fn equal_rows_without_ids_that_were_counted_as_one() {
    let (world, creator) = unread(0).await;
    world.settings(json!({"rows": "g1"}));
    let twins = NewSale {
        gross_cents: Some(700),
        source: Some("tip".into()),
        twins: Some(2),
        at: Some("2026-11-21T09:00:00Z".into()),
        ..NewSale::of(creator)
    };
    world.sim.sell(&twins, world.now()).unwrap();
    world.advance(60);
    world.tick().await;
    world.assert_complete().await;
    lose(&world, "fanvue_transaction_id like '~%~2'").await;
    world.advance(60);
    let ada = ask(&world, "depth=rows").await;
    assert_cause(&ada, "page_edge_loss", -700, "force_sync");
}

#[tokio::test]
async fn a_row_that_stands_in_the_ledger_twice() {
    let (world, creator) = unread(0).await;
    sell(&world, creator, 700, "2026-11-21T09:00:00Z");
    world.advance(60);
    world.tick().await;
    let doubled = "with copy as (
             insert into fanvue_transactions
                 (agency_id, model_id, fanvue_transaction_id, transaction_date, transaction_type,
                  amount_cents, net_cents, fan_id, created_at, synced_at)
             select agency_id, model_id, '~000000000000000000000000~1', transaction_date,
                    transaction_type, amount_cents, net_cents, fan_id, created_at, synced_at
               from fanvue_transactions returning *
         ), daily as (
             update revenue_daily r
                set gross_cents = r.gross_cents + c.amount_cents,
                    net_cents = r.net_cents + c.net_cents,
                    transaction_count = r.transaction_count + 1
               from copy c where r.model_id = c.model_id
         )
         update models m
            set revenue_total_cents = revenue_total_cents + c.amount_cents,
                net_total_cents = net_total_cents + c.net_cents,
                transactions_total = transactions_total + 1
           from copy c where m.id = c.model_id";
    world.db.sql(doubled).await;
    world.check().await;
    let ada = ask(&world, "depth=rows").await;
    assert_cause(&ada, "duplicate_rows", 700, "force_sync");
}

#[tokio::test]
async fn an_amount_in_the_fans_currency() {
    let (world, creator) = unread(0).await;
    let sale = NewSale {
        gross_cents: Some(1_000),
        source: Some("tip".into()),
        fan: Some("bea".into()),
        currency: Some("BRL".into()),
        at: Some("2026-11-21T09:00:00Z".into()),
        ..NewSale::of(creator)
    };
    let row = world.sim.sell(&sale, world.now()).unwrap().remove(0);
    world.advance(60);
    world.tick().await;
    let too_much = row.total.unwrap() - 1_000;
    shift(&world, &row.transaction_order_id, too_much).await;
    let ada = ask(&world, "depth=rows").await;
    assert_cause(&ada, "currency", too_much, "force_sync");
    assert_eq!(parts(&ada)[0]["figures"]["currency"], "BRL");
}

#[tokio::test]
async fn a_row_that_is_no_money_and_one_from_the_future() {
    for (date, cause, remedy) in [
        ("2026-11-20T10:00:00.000Z", "rejected_row", "review_rejects"),
        ("2026-11-21T12:00:00.000Z", "clock_skew", "set_clock"),
    ] {
        let (world, creator) = unread(0).await;
        let source = if cause == "rejected_row" { "horoscope" } else { "tip" };
        let row = json!({
            "date": date, "gross": 1000, "net": 800, "currency": "USD", "source": source,
            "transactionOrderId": "to_raw", "user": null
        });
        let at = Some("2026-11-20T10:00:00.000Z".to_owned());
        let raw = RawRow { creator, row, at, ..RawRow::default() };
        world.sim.raw_row(&raw, world.now()).unwrap();
        world.advance(60);
        world.tick().await;
        world.advance(60);
        let ada = ask(&world, "depth=rows").await;
        assert_cause(&ada, cause, -1_000, remedy);
        assert!(parts(&ada)[0]["figures"]["reason"].is_string(), "{ada}");
        let said: jiff::Timestamp =
            parts(&ada)[0]["rows"][0]["date"].as_str().unwrap().parse().unwrap();
        assert_eq!(said, date.parse().unwrap(), "how far clocks are apart shows by it");
        assert!(!ada.to_string().contains("\"user\""), "a fan is nobody's business here");
    }
}

#[tokio::test]
async fn a_sale_that_only_a_webhook_tells_of() {
    let (world, _) = read(40).await;
    let told = "insert into provisional_transactions
                    (agency_id, model_id, event_key, family, at, source, gross_cents, state,
                     expires_at, created_at)
                select agency_id, id, 'alone', 'creator', '2026-11-21T10:00:10Z', 'tip', 500,
                       'open', '2026-11-24T10:00:10Z', '2026-11-21T10:00:10Z'
                  from models";
    world.db.sql(told).await;
    let ada = ask(&world, "depth=rows").await;
    assert_cause(&ada, "unmatched_webhook", 500, "wait");
    assert_eq!(parts(&ada)[0]["figures"]["shownUntil"], "2026-11-24T10:00:10Z");
}
