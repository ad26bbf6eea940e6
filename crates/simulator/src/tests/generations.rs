//! Generations: which fields a row has, when, and when they are null.

use serde_json::{Value, json};

use super::{World, cents, keys, options};

/// One message, one reward, and a refund of another message.
fn sold() -> World {
    let world = World::new(options(2, 0));
    let creator = world.creator();
    let sale = json!({"creator": creator, "source": "message", "fan": "ada", "grossCents": 1000,
        "netCents": 800, "currency": "BRL", "at": "2026-09-28T10:00:00.123Z"});
    let kept = world.sell(sale.clone());
    let gone = world.sell(sale);
    world.sell(json!({"creator": creator, "source": "referral", "grossCents": 500,
        "at": "2026-09-20T10:00:00Z"}));
    let order = gone[0]["transactionOrderId"].as_str().unwrap();
    assert_ne!(kept[0]["transactionOrderId"], order);
    let refund = json!({"orderId": order, "at": "2026-09-30T10:00:00Z"});
    assert_eq!(world.post("/sim/refunds", refund).status, 200);
    world
}

fn rows(world: &World, prefix: &str) -> Vec<Value> {
    world.get(&format!("{prefix}/creators/{}/insights/earnings", world.creator())).rows()
}

const G1: [&str; 6] = ["currency", "date", "gross", "net", "source", "user"];

#[test]
fn g1_has_neither_ids_nor_messages() {
    let world = sold();
    world.set(json!({"rows": "g1"}));
    let rows = rows(&world, "");
    assert_eq!(rows.len(), 3, "no reversal row");
    assert!(rows.iter().all(|row| keys(row) == G1));
    assert_eq!(rows[0]["date"], "2026-09-28T10:00:00.123Z");
    assert_eq!(
        keys(&rows[0]["user"]),
        ["displayName", "handle", "isTopSpender", "nickname", "uuid"]
    );
    assert_eq!(rows[2]["user"], Value::Null);
    assert_eq!(rows[2]["currency"], Value::Null);
}

#[test]
fn g1b_names_messages_and_still_has_no_ids() {
    let world = sold();
    world.set(json!({"rows": "g1b"}));
    let rows = rows(&world, "");
    assert!(rows[0].get("messageUuid").is_some_and(Value::is_string));
    assert_eq!(rows[0].get("postUuid"), None);
    assert_eq!(rows[0].get("transactionOrderId"), None);
    assert_eq!(keys(&rows[2]), G1, "a reward has neither");
    world.set(json!({"explicitNulls": true}));
    assert_eq!(self::rows(&world, "")[0].get("postUuid"), Some(&Value::Null));
}

#[test]
fn g2_has_ids_and_a_status_and_no_reversals() {
    let mut world = sold();
    let rows = rows(&world, "");
    assert_eq!(rows.len(), 3);
    assert!(rows[0]["transactionOrderId"].as_str().unwrap().starts_with("to_"));
    assert_eq!(rows[0]["transactionOrderStatus"], "pendingBalance");
    assert_eq!(rows[2]["transactionOrderStatus"], "availableForPayout");
    assert_eq!(rows[0].get("total"), None);
    assert_eq!(rows[0].get("reversedTransactionOrderId"), None);
    world.pass_seconds(7 * 86_400);
    let token = world.token_of("agency");
    world.token = token;
    assert_eq!(self::rows(&world, "")[0]["transactionOrderStatus"], "availableForPayout");
}

#[test]
fn v1_has_totals_and_reversals_that_cite_their_sale() {
    let world = sold();
    let rows = rows(&world, "/v1");
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[0]["source"], "refund");
    assert_eq!((&rows[0]["gross"], &rows[0]["net"]), (&json!(-1000), &json!(-800)));
    let cited = &rows[0]["reversedTransactionOrderId"];
    assert!(rows[1..3].iter().any(|row| &row["transactionOrderId"] == cited));
    assert_eq!(rows[0]["user"], rows[1]["user"]);
    assert!(rows[1]["total"].as_i64().unwrap() > 1000);
    assert_eq!(rows[3].get("total"), None, "nobody paid a reward");
    assert_eq!(cents(&rows, "gross"), world.simulator.truth(world.now).gross_cents);
}

#[test]
fn a_generation_can_be_forced_on_every_route() {
    let world = sold();
    world.set(json!({"rows": "g1"}));
    assert!(rows(&world, "/v1").iter().all(|row| keys(row) == G1));
    world.set(json!({"rows": "v1"}));
    assert_eq!(rows(&world, "").len(), 4);
}

#[test]
fn v1_can_be_absent() {
    let world = sold();
    world.set(json!({"v1": false}));
    let path = format!("/v1/creators/{}/insights/earnings", world.creator());
    assert_eq!(world.get(&path).status, 404);
    assert_eq!(world.get("/v1/users/me").status, 404);
    assert_eq!(world.get("/users/me").status, 200);
}

#[test]
fn ids_can_be_missing_from_rewards_and_reversals() {
    let world = sold();
    world.set(json!({"idlessRewards": true, "idlessReversals": true}));
    let rows = rows(&world, "/v1");
    let has = |row: &Value| row.get("transactionOrderId").is_some();
    assert_eq!(rows.iter().map(has).collect::<Vec<bool>>(), [false, true, true, false]);
}

#[test]
fn amounts_can_come_as_floats() {
    let world = sold();
    world.set(json!({"floatAmounts": true}));
    let path = format!("/v1/creators/{}/insights/earnings", world.creator());
    assert!(world.get(&path).text.contains("\"gross\":1000.0,\"net\":800.0"));
}

#[test]
fn twins_are_alike_but_for_their_id() {
    let world = World::new(options(2, 0));
    world.sell(json!({"creator": world.creator(), "twins": 2, "source": "message"}));
    let mut with_ids = rows(&world, "");
    assert_ne!(with_ids[0]["transactionOrderId"], with_ids[1]["transactionOrderId"]);
    for row in &mut with_ids {
        row.as_object_mut().unwrap().remove("transactionOrderId");
    }
    assert_eq!(with_ids[0], with_ids[1]);
    world.set(json!({"rows": "g1b"}));
    let without = rows(&world, "");
    assert_eq!(without[0], without[1]);
}

#[test]
fn spending_lists_the_callers_reversals_as_magnitudes() {
    let world = World::new(options(2, 0));
    let agency = world.simulator.agency();
    world.sell(json!({"creator": agency, "grossCents": 1000, "netCents": 800, "source": "tip"}));
    world.post("/sim/refunds", json!({"creator": agency, "kind": "chargeback"}));
    let rows = world.get("/insights/spending").rows();
    assert_eq!(rows.len(), 1);
    assert_eq!((&rows[0]["gross"], &rows[0]["net"]), (&json!(1000), &json!(800)));
    assert_eq!(rows[0]["source"], "chargeback");
    assert_eq!(keys(&rows[0]), G1);
    world.set(json!({"spendingNetIsGross": true}));
    assert_eq!(world.get("/insights/spending").rows()[0]["net"], 1000);
    assert_eq!(world.get("/insights/spending?source=refund").rows().len(), 0);
    assert_eq!(world.get("/insights/spending?source=tip").status, 400);
    let path = format!("/creators/{}/insights/spending", world.creator());
    assert_eq!(world.get(&path).status, 404);
}
