//! Payloads of rows in both families, against the fact sheet's §4.4 and §4.5.

use serde_json::{Value, json};

use super::{World, header, options, strings};
use crate::tests::keys;

/// The events of one sale by hand, in both families, and the sale.
fn told(world: &World, sale: Value) -> (Vec<Value>, Value) {
    let mut whole = json!({"creator": world.creator(), "fan": "ada", "grossCents": 1000,
        "netCents": 801, "currency": "USD"});
    whole.as_object_mut().unwrap().extend(sale.as_object().unwrap().clone());
    let row = world.sell(whole)[0].clone();
    (world.delivered(), row)
}

fn world(change: Value) -> World {
    let world = World::new(options(2, 0));
    world.hook(change);
    world
}

#[test]
fn a_payment_is_enveloped() {
    let world = world(json!({}));
    let (events, row) = told(&world, json!({"source": "message"}));
    let [event] = &events[..] else { panic!("{events:?}") };
    assert_eq!(keys(event), ["data", "id", "timestamp", "type"]);
    assert_eq!(event["type"], "creator.payment.succeeded");
    assert_eq!(event["timestamp"], "2026-10-01T09:00:00.000Z");
    let id: uuid::Uuid = event["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(id.get_version_num(), 4);
    let fan = &row["user"];
    assert_eq!(
        event["data"],
        json!({
            "object": "payment", "id": row["transactionOrderId"], "status": "succeeded",
            "source": "message", "gross": 1000, "net": 801, "currency": "USD",
            "message_uuid": row["messageUuid"], "post_uuid": null, "subscription": null,
            "created_at": row["date"], "paid_at": row["date"],
            "purchaser": {"uuid": fan["uuid"], "handle": "ada", "display_name": "ada"},
            "creator": {"uuid": world.creator()},
        })
    );
    let (events, row) = told(&world, json!({"source": "post"}));
    assert_eq!(events[0]["data"]["post_uuid"], row["postUuid"]);
    assert!(row["postUuid"].is_string());
}

#[test]
fn absent_things_can_be_left_out() {
    let world = world(json!({"omitNulls": true}));
    let (events, _) = told(&world, json!({"source": "tip", "currency": "none"}));
    let data = &events[0]["data"];
    for absent in ["post_uuid", "message_uuid", "subscription", "currency"] {
        assert_eq!(data.get(absent), None, "{absent}");
    }
    assert_eq!(data["gross"], 1000);
}

#[test]
fn amounts_are_in_the_fans_currency_while_rows_are_in_dollars() {
    let world = world(json!({"family": "both"}));
    for (currency, gross, net) in [
        ("USD", 1000, 801),
        ("usd", 1000, 801),
        ("EUR", 920, 737),
        ("eur", 920, 737),
        ("BRL", 5400, 4325),
        ("GBP", 790, 633),
        ("CAD", 1370, 1097),
        ("JPY", 1500, 1202),
    ] {
        let (events, row) = told(&world, json!({"source": "tip", "currency": currency}));
        let data = &events[0]["data"];
        assert_eq!(data["currency"], currency);
        assert_eq!((&data["gross"], &data["net"]), (&json!(gross), &json!(net)), "{currency}");
        assert_eq!((&row["gross"], &events[1]["price"]), (&json!(1000), &json!(1000)));
    }
    let (events, _) = told(&world, json!({"source": "tip", "currency": "none"}));
    let data = &events[0]["data"];
    assert_eq!((&data["currency"], &data["gross"]), (&Value::Null, &json!(1000)));
}

#[test]
fn a_subscription_is_a_payment_and_a_beginning() {
    let world = world(json!({}));
    let (events, row) = told(&world, json!({"source": "subscription"}));
    let topics = ["creator.payment.succeeded", "creator.subscription.activated"];
    assert_eq!(strings(&events, "/type"), topics);
    let id = &events[1]["data"]["id"];
    assert_eq!(events[0]["data"]["subscription"], json!({"id": id}));
    assert_eq!(
        events[1]["data"],
        json!({
            "object": "subscription", "id": id, "status": "active",
            "cancel_at_period_end": false, "current_period_start": row["date"],
            "created_at": row["date"], "expires_at": "2026-10-31T09:00:00.000Z",
            "deactivation_reason": null, "purchaser": events[0]["data"]["purchaser"],
            "creator": {"uuid": world.creator()},
        })
    );
    let (renewed, _) = told(&world, json!({"source": "renewal"}));
    let topics = ["creator.payment.succeeded", "creator.subscription.renewed"];
    assert_eq!(strings(&renewed, "/type"), topics);
    assert_eq!(renewed[0]["data"]["source"], "renewal");
    assert_eq!(&renewed[1]["data"]["id"], id, "the same fan, the same subscription");
    assert_eq!(renewed[1]["data"]["created_at"], Value::Null);
}

#[test]
fn what_is_taken_back_is_told_as_a_magnitude() {
    let world = world(json!({}));
    for (kind, topic, object, nested) in [
        ("refund", "creator.refund.created", "refund", false),
        ("chargeback", "creator.dispute.created", "dispute", true),
    ] {
        world.hook(json!({"nestedPayment": nested}));
        let (events, sale) = told(&world, json!({"source": "message", "currency": "eur"}));
        let order = &sale["transactionOrderId"];
        let refund = json!({"orderId": order, "kind": kind});
        let row = world.post("/sim/refunds", refund).json()["rows"][0].clone();
        let [event] = &world.delivered()[..] else { panic!() };
        assert_eq!(event["type"], topic);
        let purchaser = json!({"uuid": sale["user"]["uuid"]});
        let mut data = json!({
            "object": object, "id": row["transactionOrderId"], "amount": 920,
            "currency": "eur", "created_at": row["date"], "purchaser": purchaser,
            "creator": {"uuid": world.creator()},
        });
        match nested {
            true => data["payment"] = json!({"id": order, "purchaser": purchaser}),
            false => data["payment_id"] = order.clone(),
        }
        assert_eq!(event["data"], data);
        assert_eq!(events[0]["data"]["gross"], data["amount"]);
    }
}

#[test]
fn rewards_and_injected_rows_are_not_told() {
    let mut world = world(json!({"family": "both"}));
    for source in ["referral", "affiliate", "giveaway"] {
        assert_eq!(told(&world, json!({"source": source})).0, Vec::<Value>::new(), "{source}");
    }
    for at in ["2026-10-01T09:00:00Z", "2026-10-01T09:00:30Z"] {
        let raw = json!({"creator": world.creator(), "row": {"gross": 1}, "at": at});
        assert_eq!(world.post("/sim/raw-rows", raw).status, 200);
    }
    world.post("/sim/creators", json!({"rows": 50}));
    world.pass_seconds(60);
    assert_eq!(world.due(), []);
}

#[test]
fn flat_bodies_are_as_documented() {
    let world = world(json!({"family": "legacy"}));
    let creator = world.creator();
    let one = |source: &str| {
        let row = json!({"creator": creator, "fan": "ada", "grossCents": 1999, "source": source});
        let row = world.sell(row)[0].clone();
        let due = world.due();
        due.iter().for_each(|delivery| world.answered(delivery, Some(200)));
        let topic = due.first().and_then(|one| header(one, "x-fanvue-topic")).unwrap_or("none");
        (topic.to_owned(), due.first().map(super::body), row)
    };
    let common = |row: &Value, more: Value| {
        let fan = &row["user"]["uuid"];
        let mut body = json!({
            "price": 1999, "recipientUuid": creator, "timestamp": "2026-10-01T09:00:00.000Z",
            "sender": {"uuid": fan, "handle": "ada", "displayName": "ada",
                "avatarUrl": format!("https://images.example/{}.jpg", fan.as_str().unwrap())},
        });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Some(body)
    };
    let (topic, body, row) = one("message");
    assert_eq!(topic, "purchase.new");
    assert_eq!(body, common(&row, json!({"routeUuid": row["messageUuid"]})));
    let (topic, body, row) = one("post");
    assert_eq!(topic, "purchase.new");
    assert_eq!(body, common(&row, json!({"postUuid": row["postUuid"]})));
    let (topic, body, row) = one("subscription");
    assert_eq!((topic.as_str(), &body), ("subscription.new", &common(&row, json!({}))));
    let (topic, body, row) = one("mediaLink");
    assert_eq!(topic, "purchase.new");
    let event = body.as_ref().unwrap()["eventId"].clone();
    let order = json!({"purchaseType": "media", "transactionOrderId": row["transactionOrderId"],
        "transactionOrderStatus": "pendingBalance", "eventId": event});
    assert_eq!(body, common(&row, order));
    for none in ["renewal", "checkoutLink", "appStore", "fanExperience"] {
        assert_eq!(one(none).0, "none", "{none}");
    }
    world.post("/sim/refunds", json!({"creator": creator}));
    assert_eq!(world.due(), []);
}

#[test]
fn flat_tips_say_where_they_were_given() {
    let world = world(json!({"family": "legacy"}));
    let sales = json!({"creator": world.creator(), "count": 20, "source": "tip", "fan": "ada"});
    let sender = world.sell(sales)[0]["user"]["uuid"].clone();
    let mut contexts = Vec::new();
    for tip in world.delivered() {
        let context = tip["context"].as_str().unwrap().to_owned();
        assert!(tip[format!("{context}Uuid")].is_string(), "{tip}");
        assert_eq!(tip["senderUuid"], sender);
        assert_eq!(keys(&tip).len(), 7, "{tip}");
        contexts.push(context);
    }
    assert!(contexts.contains(&"post".to_owned()) && contexts.contains(&"message".to_owned()));
}

#[test]
fn both_families_tell_the_same_sale_under_two_ids() {
    let world = world(json!({"family": "both"}));
    world.sell(json!({"creator": world.creator(), "source": "tip"}));
    let due = world.due();
    let topics: Vec<_> = due.iter().map(|one| header(one, "x-fanvue-topic").unwrap()).collect();
    assert_eq!(topics, ["creator.payment.succeeded", "tip.new"]);
    let id = |index: usize| header(&due[index], "x-fanvue-event-id").unwrap();
    assert_ne!(id(0), id(1));
}
