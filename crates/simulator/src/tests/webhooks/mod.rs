//! Webhooks: what is told, to whom, signed how, and how often. Only `real.rs` has sockets.

mod by_hand;
mod chances;
mod payloads;
mod real;
mod retries;
mod subscriptions;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{World, after_seconds, ids, options};
use crate::{Delivery, Options};

const URL: &str = "http://127.0.0.1:9/hook";

impl World {
    /// Turns switches of the webhooks; the first time also on.
    fn hook(&self, change: Value) {
        let mut webhooks = json!({"url": URL});
        webhooks.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        self.set(json!({"webhooks": webhooks}));
    }

    /// Hands out what is due.
    fn due(&self) -> Vec<Delivery> {
        self.simulator.due_webhooks(self.now)
    }

    /// Hands out what is due and takes all of it well.
    fn delivered(&self) -> Vec<Value> {
        let due = self.due();
        due.iter().for_each(|delivery| self.answered(delivery, Some(200)));
        due.iter().map(body).collect()
    }

    fn answered(&self, delivery: &Delivery, status: Option<u16>) {
        self.simulator.webhook_answered(delivery.id, status, self.now);
    }

    /// The report of the app's own endpoint.
    fn tally(&self) -> Value {
        self.get("/sim/webhooks").json()["endpoints"][0].clone()
    }
}

fn body(delivery: &Delivery) -> Value {
    serde_json::from_slice(&delivery.body).unwrap()
}

fn header<'a>(delivery: &'a Delivery, name: &str) -> Option<&'a str> {
    delivery.headers.get(name).map(|value| value.to_str().unwrap())
}

/// The second a delivery says it was signed in, and the code.
fn signature(delivery: &Delivery) -> (i64, String) {
    let text = header(delivery, "x-fanvue-signature").unwrap();
    let (second, code) = text.split_once(',').unwrap();
    let second = second.strip_prefix("t=").unwrap().parse().unwrap();
    (second, code.strip_prefix("v0=").unwrap().to_owned())
}

/// HMAC-SHA256 by its definition.
fn hmac(secret: &[u8], message: &[u8]) -> String {
    let mut key = [0u8; 64];
    match secret.len() {
        ..=64 => key[..secret.len()].copy_from_slice(secret),
        _ => key[..32].copy_from_slice(&Sha256::digest(secret)),
    }
    let pad = |with: u8| key.map(|byte| byte ^ with).to_vec();
    let inner = Sha256::digest([pad(0x36), message.to_vec()].concat());
    hex::encode(Sha256::digest([pad(0x5c), inner.to_vec()].concat()))
}

/// Whether a delivery was signed with that secret.
fn is_signed(delivery: &Delivery, secret: &str) -> bool {
    let (second, code) = signature(delivery);
    let message = [format!("{second}.").as_bytes(), &delivery.body].concat();
    hmac(secret.as_bytes(), &message) == code
}

fn strings(values: &[Value], pointer: &str) -> Vec<String> {
    let text = |value: &Value| value.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    values.iter().map(text).collect()
}

#[test]
fn the_check_of_signatures_itself_is_right() {
    // RFC 4231, test case 2.
    assert_eq!(
        hmac(b"Jefe", b"what do ya want for nothing?"),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
}

#[test]
fn nothing_is_told_before_there_is_an_endpoint() {
    let mut world = World::new(options(2, 30));
    let sale = json!({"creator": world.creator(), "source": "tip"});
    world.sell(sale.clone());
    assert_eq!(world.due(), []);
    assert_eq!(world.simulator.next_webhook_at(), None);
    world.hook(json!({}));
    assert_eq!(world.due(), [], "neither history nor the sale before");
    world.sell(sale.clone());
    assert_eq!(world.due().len(), 1);
    assert_eq!(world.due(), [], "handed out once");
    world.sell(sale.clone());
    world.hook(json!({"url": null}));
    world.sell(sale);
    world.hook(json!({}));
    world.pass_seconds(60);
    assert_eq!(world.due(), [], "what waits for an endpoint that is off is dropped");
}

#[test]
fn a_delivery_is_signed_over_its_second_and_its_bytes() {
    let mut world = World::new(options(2, 0));
    world.hook(json!({}));
    world.sell(json!({"creator": world.creator(), "source": "tip"}));
    world.pass_seconds(42);
    let delivery = world.due().remove(0);
    assert_eq!(delivery.url, URL);
    assert_eq!(header(&delivery, "content-type"), Some("application/json"));
    assert_eq!(signature(&delivery).0, world.now.as_second());
    assert!(is_signed(&delivery, "sim-webhook-secret"));
    assert!(!is_signed(&delivery, "sim-webhook-secret2"));
    assert_eq!(header(&delivery, "x-fanvue-topic"), Some("creator.payment.succeeded"));
    assert_eq!(header(&delivery, "x-fanvue-event-id"), body(&delivery)["id"].as_str());
    world.hook(json!({"topicHeaders": false, "secret": "another one"}));
    world.sell(json!({"creator": world.creator()}));
    let delivery = world.due().remove(0);
    assert_eq!(header(&delivery, "x-fanvue-topic"), None);
    assert_eq!(header(&delivery, "x-fanvue-event-id"), None);
    assert!(is_signed(&delivery, "another one"));
}

#[test]
fn the_time_in_signatures_can_be_wrong() {
    let world = World::new(options(2, 0));
    for skew in [-3600, 3600] {
        world.hook(json!({"clockSkewSeconds": skew}));
        world.sell(json!({"creator": world.creator()}));
        let delivery = world.due().remove(0);
        assert_eq!(signature(&delivery).0, world.now.as_second() + skew);
        assert!(is_signed(&delivery, "sim-webhook-secret"), "stale, not forged");
    }
}

#[test]
fn quirk_17_a_webhook_comes_before_its_row_shows() {
    let mut world = World::new(options(2, 0));
    world.hook(json!({}));
    let creator = world.creator();
    world.sell(json!({"creator": creator, "source": "tip", "visibleAfterSeconds": 90}));
    let told = world.delivered();
    let path = format!("/v1/creators/{creator}/insights/earnings");
    assert_eq!(world.get(&path).rows(), Vec::<Value>::new());
    world.pass_seconds(90);
    assert_eq!(ids(&world.get(&path).rows()), strings(&told, "/data/id"));
    assert_eq!(world.due(), [], "showing is not an event");
}

fn live() -> Options {
    Options { live_sales_per_hour: 240, ..options(4, 40) }
}

#[test]
fn every_live_row_of_a_fan_is_told_once_and_at_its_instant() {
    let mut world = World::new(Options { live_sales_per_hour: 3, ..live() });
    world.hook(json!({}));
    world.pass_seconds(45 * 86_400);
    let told = world.delivered();
    let times = strings(&told, "/timestamp");
    assert!(times.is_sorted(), "in the order they happened");
    let mut payments: Vec<String> = Vec::new();
    for event in told.iter().filter(|event| event["data"]["object"] != "subscription") {
        payments.push(event["data"]["id"].as_str().unwrap().to_owned());
        assert_eq!(event["timestamp"], event["data"]["created_at"]);
    }
    payments.sort_unstable();
    let mut rows: Vec<String> = Vec::new();
    world.pass_seconds(3 * 86_400);
    for creator in world.simulator.creators() {
        let past = world.simulator.rows(creator, world.now);
        let (start, end) = (after_seconds(0).to_string(), after_seconds(45 * 86_400).to_string());
        let live = past.iter().filter(|row| row.date > start && row.date <= end);
        rows.extend(live.filter(|r| r.user.is_some()).map(|r| r.transaction_order_id.clone()));
    }
    rows.sort_unstable();
    assert!(rows.len() > 2000, "{}", rows.len());
    assert_eq!(payments, rows);
    for source in ["renewal", "message", "checkoutLink", "appStore"] {
        assert!(told.iter().any(|event| event["data"]["source"] == source), "{source}");
    }
    for topic in ["creator.refund.created", "creator.dispute.created"] {
        assert!(told.iter().any(|event| event["type"] == topic), "{topic}");
    }
}

#[test]
fn the_same_seed_and_the_same_calls_make_the_same_deliveries() {
    let harsh = json!({"family": "both", "delayMsMax": 90_000, "reorderMs": 60_000,
        "lossPercent": 10, "duplicatePercent": 10, "badSignaturePercent": 10});
    let run = |steps: i64| {
        let mut world = World::new(live());
        world.hook(harsh.clone());
        world.sell(json!({"creator": world.creator(), "count": 20}));
        let mut all = Vec::new();
        for _ in 0..steps {
            world.pass_seconds(3600 / steps);
            all.extend(world.due());
        }
        all
    };
    let often = run(60);
    assert_eq!(often, run(60));
    let bodies = |all: &[Delivery]| -> Vec<_> { all.iter().map(|d| d.body.clone()).collect() };
    assert!(often.len() > 200);
    assert_eq!(bodies(&often), bodies(&run(1)), "however often the world is looked at");
}

#[test]
fn settings_of_webhooks_are_partial_and_checked() {
    let world = World::new(options(2, 0));
    world.hook(json!({"lossPercent": 7}));
    world.set(json!({"webhooks": {"family": "both"}}));
    let settings = world.get("/sim/settings").json()["webhooks"].clone();
    assert_eq!((&settings["lossPercent"], &settings["family"]), (&json!(7), &json!("both")));
    assert_eq!((&settings["url"], &settings["topicHeaders"]), (&json!(URL), &json!(true)));
    assert_eq!(settings["retrySeconds"], json!([5, 30, 300, 1800]));
    for (bad, word) in [
        (json!({"lossPercent": 101}), "lossPercent"),
        (json!({"duplicatePercent": 101}), "duplicatePercent"),
        (json!({"badSignaturePercent": 101}), "badSignaturePercent"),
        (json!({"delayMsMin": 5}), "delayMsMin"),
        (json!({"secret": ""}), "secret"),
        (json!({"clockSkewSeconds": 2_000_000_000}), "clockSkewSeconds"),
        (json!({"retrySeconds": vec![1; 51]}), "retrySeconds"),
        (json!({"disableAfterFailures": 0}), "disableAfterFailures"),
        (json!({"url": "http://example.com/hook"}), "url"),
        (json!({"url": "ftp://127.0.0.1/hook"}), "url"),
        (json!({"url": "nonsense"}), "url"),
        (json!({"family": "g3"}), "g3"),
        (json!({"amount": 5}), "`amount`"),
        (json!(null), "webhooks"),
    ] {
        let got = world.post("/sim/settings", json!({"webhooks": bad}));
        assert_eq!(got.status, 400, "{word}");
        let message = got.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(word) || bad.is_null(), "{word}: {message}");
    }
    assert_eq!(world.get("/sim/settings").json()["webhooks"], settings);
    for good in ["https://example.com/hook", "http://localhost:3000/", "http://[::1]:3000/x"] {
        world.hook(json!({"url": good}));
    }
}
