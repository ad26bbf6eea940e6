//! `/webhooks/subscriptions`: endpoints registered through the API, and refusals to.

use serde_json::{Value, json};

use super::{URL, World, header, is_signed, options, strings};
use crate::{NewGrant, tests::Got};

const PATH: &str = "/webhooks/subscriptions";

fn subscribe(world: &World, url: &str, events: &[&str]) -> Got {
    world.post(PATH, json!({"url": url, "events": events}))
}

fn delete(world: &World, id: &Value) -> Got {
    let path = format!("/v1{PATH}/{}", id.as_str().unwrap());
    world.answer(world.request("DELETE", &path).body(bytes::Bytes::new()).unwrap())
}

#[test]
fn a_subscription_gets_its_topics_signed_with_a_secret_of_its_own() {
    let world = World::new(options(2, 0));
    let (payments, tips) = ("http://127.0.0.1:9/payments", "https://example.com/tips");
    let made = subscribe(&world, payments, &["creator.payment.succeeded"]);
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    let also = subscribe(&world, tips, &["tip.new", "creator.refund.created"]).json();
    let secret = |made: &Value| made["signingSecret"].as_str().unwrap().to_owned();
    assert_ne!(secret(&made), secret(&also));
    world.sell(json!({"creator": world.creator(), "source": "subscription"}));
    world.post("/sim/refunds", json!({"creator": world.creator()}));
    let due = world.due();
    let sent: Vec<_> =
        due.iter().map(|one| (one.url.as_str(), header(one, "x-fanvue-topic").unwrap())).collect();
    assert_eq!(sent, [(payments, "creator.payment.succeeded"), (tips, "creator.refund.created")]);
    assert!(is_signed(&due[0], &secret(&made)));
    assert!(is_signed(&due[1], &secret(&also)));
    let report = world.get("/sim/webhooks").json();
    assert_eq!((&report["made"], &report["endpoints"][0]["made"]), (&json!(2), &json!(0)));
    assert_eq!(report["endpoints"][1]["subscription"], made["id"]);
    assert_eq!(report["endpoints"][1]["made"], 1);
}

#[test]
fn subscriptions_are_listed_without_their_secret_and_deleted() {
    let mut world = World::new(options(2, 0));
    assert_eq!(world.get(PATH).json(), json!({"data": []}));
    let made = subscribe(&world, URL, &["creator.payment.succeeded"]).json();
    world.pass_seconds(5);
    let other = subscribe(&world, URL, &["tip.new"]).json();
    let listed = world.get(&format!("/v1{PATH}")).json()["data"].as_array().unwrap().clone();
    assert_eq!(
        listed[0],
        json!({"id": made["id"], "url": URL, "events": ["creator.payment.succeeded"],
            "createdAt": "2026-10-01T09:00:00.000Z"})
    );
    assert_eq!(strings(&listed, "/id")[1], other["id"].as_str().unwrap());
    world.sell(json!({"creator": world.creator()}));
    let gone = delete(&world, &made["id"]);
    assert_eq!((gone.status, gone.text.as_str()), (204, ""));
    assert_eq!(delete(&world, &made["id"]).status, 404);
    assert_eq!(delete(&world, &json!("nonsense")).status, 400);
    assert_eq!(world.due(), [], "what waited for it is gone too");
    assert_eq!(world.get(PATH).json()["data"].as_array().unwrap().len(), 1);
}

#[test]
fn bad_subscriptions_are_refused() {
    let world = World::new(options(2, 0));
    let good = "creator.payment.succeeded";
    for (url, events) in [
        ("http://example.com/hook", vec![good]),
        ("nonsense", vec![good]),
        (URL, vec![]),
        (URL, vec!["follower.new"]),
        (URL, vec![good, "app.payment.succeeded"]),
    ] {
        assert_eq!(subscribe(&world, url, &events).status, 400, "{url} {events:?}");
    }
    assert_eq!(world.post(PATH, json!({"url": URL})).status, 400);
    assert_eq!(world.get(PATH).json(), json!({"data": []}));
}

#[test]
fn a_subscription_needs_the_scope_of_each_event() {
    let mut world = World::new(options(2, 0));
    world.set(json!({"withheldScopes": ["read:chat"]}));
    let mixed = ["creator.payment.succeeded", "creator.message.received"];
    let got = subscribe(&world, URL, &mixed);
    assert_eq!((got.status, got.json()), (403, json!({"error": "Insufficient scopes"})));
    assert_eq!(subscribe(&world, URL, &mixed[..1]).status, 201);
    let scopes = Some(vec!["read:self".to_owned()]);
    let grant = NewGrant { account: "agency".to_owned(), scopes };
    world.token = world.simulator.grant(&grant, world.now).unwrap().access_token;
    assert_eq!(world.get(PATH).status, 403);
    assert_eq!(subscribe(&world, URL, &mixed[..1]).status, 403);
    world.token = "nobody's".to_owned();
    assert_eq!(subscribe(&world, URL, &mixed[..1]).status, 401);
}

#[test]
fn subscribing_can_be_impossible() {
    let world = World::new(options(2, 0));
    for (mode, text) in [("badRequest", r#"{"error":""}"#), ("plainBadRequest", "Bad Request")] {
        world.set(json!({"webhooks": {"subscriptions": mode}}));
        let got = subscribe(&world, URL, &["creator.payment.succeeded"]);
        assert_eq!((got.status, got.text.as_str()), (400, text));
    }
    assert_eq!(world.get(PATH).json(), json!({"data": []}));
    world.set(json!({"webhooks": {"subscriptions": "works"}}));
    assert_eq!(subscribe(&world, URL, &["creator.payment.succeeded"]).status, 201);
}

#[test]
fn calls_are_counted_and_take_from_the_callers_bucket() {
    let world = World::new(options(2, 0));
    let made = subscribe(&world, URL, &["tip.new"]);
    assert_eq!(made.header("x-ratelimit-remaining"), Some(199));
    assert_eq!(delete(&world, &made.json()["id"]).header("x-ratelimit-remaining"), Some(198));
    world.get(PATH);
    let log = world.simulator.requests();
    for route in ["POST /webhooks/subscriptions", "GET /webhooks/subscriptions"] {
        assert_eq!(log.by_route[route], 1);
    }
    assert_eq!(log.by_route["DELETE /webhooks/subscriptions/{id}"], 1);
}

#[test]
fn endpoints_fail_and_are_unlucky_each_for_itself() {
    let mut world = World::new(options(2, 0));
    world.hook(json!({"disableAfterFailures": 1, "lossPercent": 50}));
    subscribe(&world, "http://127.0.0.1:9/other", &["creator.payment.succeeded"]);
    world.sell(json!({"creator": world.creator(), "source": "tip", "count": 50}));
    let due = world.due();
    let events = |url: &str| -> Vec<String> {
        let mine = due.iter().filter(|one| one.url == url);
        mine.map(|one| header(one, "x-fanvue-event-id").unwrap().to_owned()).collect()
    };
    assert_ne!(events(URL), events("http://127.0.0.1:9/other"));
    for bad in [URL, "http://127.0.0.1:9/other"] {
        for delivery in due.iter().filter(|one| one.url == bad) {
            world.answered(delivery, Some(500));
        }
        let sold = world.sell(json!({"creator": world.creator(), "source": "tip", "count": 9}));
        assert_eq!(sold.len(), 9);
        let urls: Vec<String> = world.due().into_iter().map(|one| one.url).collect();
        assert!(urls.iter().all(|url| bad == URL && url != bad), "{urls:?}");
    }
    let report = world.get("/sim/webhooks").json();
    let disabled = |index: usize| report["endpoints"][index]["disabled"].clone();
    assert_eq!((disabled(0), disabled(1)), (json!(true), json!(true)));
    world.hook(json!({"lossPercent": 0}));
    world.pass_seconds(1);
    world.sell(json!({"creator": world.creator(), "source": "tip"}));
    assert_eq!(world.due().len(), 2);
}
