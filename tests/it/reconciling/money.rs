//! Every change of money that is written down already says who made it, and what it was before.

use serde_json::json;

use crate::world::{TEN_MINUTES, World};

/// Changes of a table: op, actor, before, after.
async fn changes(world: &World, table: &str) -> Vec<Vec<String>> {
    let sql = format!(
        "select op, actor, before ->> 'amountCents', after ->> 'amountCents'
           from money_changes where tbl = '{table}' order by id"
    );
    world.db.sql(&sql).await
}

#[tokio::test]
async fn a_hand_in_the_ledger_is_written_down_with_its_user() {
    let (world, row) = World::proved(20).await;
    let user = world.db.sql("select session_user").await.concat().remove(0);
    let key = &row.transaction_order_id;
    let edit = format!(
        "update fanvue_transactions set amount_cents = 80000 where fanvue_transaction_id = '{key}'"
    );
    world.db.sql(&edit).await;
    world.db.sql("update models set revenue_total_cents = revenue_total_cents + 5").await;
    let nobodys =
        "update models set name = 'Ada Lovelace'; update fanvue_transactions set status = null";
    world.db.sql(nobodys).await;
    let edits = changes(&world, "fanvue_transactions").await;
    assert_eq!(edits, [["update", &user, "77777", "80000"]], "and no payout");
    let totals = changes(&world, "models").await;
    assert_eq!(totals.last().unwrap()[..2], ["update".to_owned(), user.clone()]);
    let gone = format!("delete from fanvue_transactions where fanvue_transaction_id = '{key}'");
    world.db.sql(&gone).await;
    let edits = changes(&world, "fanvue_transactions").await;
    assert_eq!(edits[1..], [["delete", &user, "80000", "null"]]);
}

#[tokio::test]
async fn a_tick_writes_its_totals_down_and_no_new_row() {
    let (world, _) = World::proved(120).await;
    assert!(changes(&world, "fanvue_transactions").await.is_empty(), "new rows are the ledger");
    let totals = changes(&world, "models").await;
    assert!(!totals.is_empty() && totals.iter().all(|one| one[1] == "history"), "{totals:?}");
    let ada = world.sim.creators().pop().unwrap();
    world.sell(ada, 1);
    world.advance(1);
    world.tick().await;
    let after = changes(&world, "models").await;
    assert_eq!(after.len(), totals.len() + 1);
    let last = after.last().unwrap();
    assert_eq!((last[1].as_str(), &last[2]), ("tick", &totals.last().unwrap()[3]));
}

#[tokio::test]
async fn the_proof_signs_what_it_repairs() {
    let (world, _) = World::proved(60).await;
    world.lose_rows("amount_cents = 77777").await;
    world.db.sql("update models set net_total_cents = net_total_cents - 1").await;
    world.prove().await;
    let receipts = changes(&world, "repairs").await;
    assert_eq!(receipts.len(), 2);
    assert!(receipts.iter().all(|one| one[1] == "proof"), "{receipts:?}");
    let by_proof = "select count(*) from money_changes where tbl = 'models' and actor = 'proof'";
    assert_eq!(world.number(by_proof).await, 2, "the total, and the row");
}

#[tokio::test]
async fn a_sale_that_a_webhook_told_of_is_confirmed_in_writing() {
    let (world, _) = World::proved(20).await;
    let webhooks = json!({"url": "http://127.0.0.1:1/api/webhooks/fanvue"});
    world.settings(json!({"webhooks": webhooks}));
    let ada = world.sim.creators().pop().unwrap();
    world.sell(ada, 1);
    for delivery in world.sim.due_webhooks(world.now()) {
        let mut request = http::Request::post("/api/webhooks/fanvue").body(delivery.body).unwrap();
        *request.headers_mut() = delivery.headers;
        let mut response = crate::world::answer(&world.ctx, request).await;
        if let Some(left) = response.extensions_mut().remove() {
            app::finish_up(&world.ctx, left).await;
        }
    }
    world.advance(TEN_MINUTES);
    world.tick().await;
    let told =
        "select actor, before ->> 'state', after ->> 'state', after ->> 'settledRow' is not null
                  from money_changes where tbl = 'provisional_transactions' order by id";
    let told = world.db.sql(told).await;
    assert!(
        told.contains(&["tick", "open", "settled", "t"].map(str::to_owned).to_vec()),
        "{told:?}"
    );
}

#[tokio::test]
async fn what_goes_with_a_creator_or_an_agency_is_one_line_or_none() {
    let (world, _) = World::proved(30).await;
    world.db.sql("delete from models where name = 'Ada'").await;
    let gone = "select op, before ->> 'rows' from money_changes where op = 'delete'";
    assert_eq!(world.db.sql(gone).await, [["delete", "31"]]);
    world.db.sql("delete from agencies").await;
    assert_eq!(world.number("select count(*) from money_changes").await, 0);
}
