//! `POST /sim/events`: follows, messages, payouts and what else no row is behind.

use serde_json::{Value, json};

use super::{World, header, options};
use crate::{NewEvent, tests::keys};

fn world() -> World {
    let world = World::new(options(2, 0));
    world.hook(json!({}));
    world
}

/// Sends an event; answers its body.
fn sent(world: &World, event: Value) -> Value {
    let got = world.post("/sim/events", event);
    assert_eq!(got.status, 200, "{}", got.text);
    assert_eq!(got.json()["endpoints"], 1);
    let mut told = world.delivered();
    assert_eq!(told.len(), 1);
    told.remove(0)
}

#[test]
fn a_follow_and_messages_are_sent() {
    let world = world();
    let creator = world.creator();
    let about = |topic: &str| json!({"type": topic, "creator": creator, "fan": "ada"});
    let follow = sent(&world, about("creator.follow.created"));
    assert_eq!(keys(&follow), ["data", "id", "timestamp", "type"]);
    assert_eq!(keys(&follow["data"]), ["created_at", "creator", "follower"]);
    assert_eq!(follow["data"]["follower"]["handle"], "ada");
    assert_eq!(follow["data"]["creator"], json!({"uuid": creator}));
    let received = sent(&world, about("creator.message.received"));
    assert_eq!(received["data"]["object"], "message");
    assert_eq!(received["data"]["sender"], "fan");
    assert_eq!(received["data"]["unread_messages_count"], 1);
    assert_eq!(received["data"]["fan"], follow["data"]["follower"]);
    let mut read = about("creator.message.read");
    read["data"] = json!({"unread_messages_count": 4});
    let read = sent(&world, read);
    assert_eq!(keys(&read["data"]), ["creator", "fan", "object", "unread_messages_count"]);
    assert_eq!(read["data"]["object"], "fan_message_read");
    assert_eq!(read["data"]["unread_messages_count"], 4, "what is given is put over it");
}

#[test]
fn other_families_have_their_usual_fields() {
    let world = world();
    for (topic, object, id) in [
        ("payout.paid", json!("payout"), "FVW-"),
        ("checkout_link.payment.succeeded", json!("payment"), "FV-"),
        ("checkout_link.refund.created", json!("refund"), "FVC-"),
        ("checkout_link.dispute.flagged", json!("dispute"), "FVC-"),
        ("checkout_link.installment.paid", Value::Null, "FV-"),
        ("creator.payment.succeeded", json!("payment"), "to_"),
        ("creator.refund.created", json!("refund"), "to_"),
    ] {
        let event = sent(&world, json!({"type": topic}));
        assert_eq!(event["data"]["object"], object, "{topic}");
        assert!(event["data"]["id"].as_str().unwrap().starts_with(id), "{topic}");
        assert_eq!(event["data"]["creator"]["uuid"], json!(world.simulator.agency()), "{topic}");
    }
    for (topic, object) in
        [("app.payment.succeeded", "payment"), ("app.payment.refunded", "refund")]
    {
        let event = sent(&world, json!({"type": topic}));
        assert_eq!(event["data"]["object"], object);
        let reference = event["data"]["purchase_reference"].as_str().unwrap();
        assert!(reference.starts_with("appotp_"));
    }
    let ended = sent(&world, json!({"type": "creator.subscription.deactivated"}));
    assert_eq!(ended["data"]["status"], "expired");
    assert_eq!(ended["data"]["deactivation_reason"], "not_renewed");
}

#[test]
fn flat_events_have_no_envelope() {
    let world = world();
    let creator = world.creator();
    let about = |topic: &str| json!({"type": topic, "creator": creator, "fan": "ada"});
    for (topic, fields) in [
        ("follow.new", &["recipientUuid", "sender", "timestamp"][..]),
        ("message.read", &["counterpartUuid", "readMessagesCount", "recipientUuid", "timestamp"]),
        (
            "message.received",
            &["isMuted", "message", "messageUuid", "recipientUuid", "sender", "timestamp"],
        ),
        ("subscription.new", &["price", "recipientUuid", "sender", "timestamp"]),
        ("purchase.new", &["price", "recipientUuid", "routeUuid", "sender", "timestamp"]),
        ("creator.logout", &[]),
    ] {
        assert_eq!(keys(&sent(&world, about(topic))), fields, "{topic}");
    }
    let read = sent(&world, about("message.read"));
    let follow = sent(&world, about("follow.new"));
    assert_eq!(read["counterpartUuid"], follow["sender"]["uuid"]);
    assert_eq!(follow["recipientUuid"], json!(creator));
}

#[test]
fn unknown_topics_and_ids_are_sent_as_they_are_given() {
    let world = world();
    let event = json!({"type": "creator.hologram.sold", "id": "the-same", "data": {"gross": 1.5}});
    let first = sent(&world, event.clone());
    assert_eq!(first["type"], "creator.hologram.sold");
    assert_eq!((&first["id"], &first["data"]), (&json!("the-same"), &json!({"gross": 1.5})));
    assert_eq!(sent(&world, event)["id"], "the-same", "an id may come again");
    assert_eq!(sent(&world, json!({"type": "x", "data": [1, 2]}))["data"], json!([1, 2]));
    assert_eq!(sent(&world, json!({"type": "x"}))["data"], json!({}));
    let event = NewEvent { topic: "payout.paid".to_owned(), ..NewEvent::default() };
    let id = world.simulator.event(&event, world.now).unwrap();
    assert_eq!(header(&world.due()[0], "x-fanvue-event-id"), Some(id.as_str()));
}

#[test]
fn bad_events_are_refused_and_without_an_endpoint_nobody_gets_one() {
    let world = World::new(options(2, 0));
    for bad in [
        json!({}),
        json!({"type": ""}),
        json!({"type": "two words"}),
        json!({"type": "x".repeat(201)}),
        json!({"type": "x", "id": "line\nbreak"}),
        json!({"type": "x", "creator": "nobody"}),
        json!({"type": "x", "amount": 5}),
    ] {
        assert_eq!(world.post("/sim/events", bad.clone()).status, 400, "{bad}");
    }
    let got = world.post("/sim/events", json!({"type": "payout.paid"}));
    assert_eq!((got.status, &got.json()["endpoints"]), (200, &json!(0)));
}
