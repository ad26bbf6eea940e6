//! Retries, disabling, and time: when deliveries come, and when they come no more.

use serde_json::json;

use super::{World, after_seconds, header, is_signed, options, signature};
use crate::Delivery;

fn sold(change: serde_json::Value) -> World {
    let world = World::new(options(2, 0));
    world.hook(change);
    world.sell(json!({"creator": world.creator(), "source": "tip"}));
    world
}

fn one(world: &World) -> Delivery {
    let mut due = world.due();
    assert_eq!(due.len(), 1);
    due.remove(0)
}

#[test]
fn a_failed_delivery_is_tried_again_by_the_schedule_and_signed_anew() {
    let mut world = sold(json!({"retrySeconds": [5, 30, 300]}));
    let first = one(&world);
    let mut last = first.clone();
    for (wait, answer) in [(5, Some(500)), (30, None), (300, Some(302))] {
        world.answered(&last, answer);
        assert_eq!(world.simulator.next_webhook_at(), Some(world.now + seconds(wait)));
        world.pass_seconds(wait - 1);
        assert_eq!(world.due(), []);
        world.pass_seconds(1);
        last = one(&world);
        assert_eq!(last.body, first.body, "the same event, byte for byte");
        let id = "x-fanvue-event-id";
        assert_eq!(header(&last, id), header(&first, id));
        assert_eq!(signature(&last).0, world.now.as_second());
        assert!(is_signed(&last, "sim-webhook-secret"));
    }
    world.answered(&last, Some(404));
    world.pass_seconds(86_400);
    assert_eq!(world.due(), [], "that was the last try");
    let tally = world.tally();
    assert_eq!((&tally["sent"], &tally["failed"]), (&json!(4), &json!(4)));
    assert_eq!((&tally["givenUp"], &tally["delivered"]), (&json!(1), &json!(0)));
}

fn seconds(seconds: i64) -> jiff::SignedDuration {
    jiff::SignedDuration::from_secs(seconds)
}

#[test]
fn any_2xx_ends_it_and_an_answer_counts_once() {
    for status in [200, 202, 204, 299] {
        let mut world = sold(json!({}));
        let delivery = one(&world);
        world.answered(&delivery, Some(status));
        world.answered(&delivery, Some(500));
        world.simulator.webhook_answered(999, Some(500), world.now);
        world.pass_seconds(86_400);
        assert_eq!(world.due(), [], "{status}");
        let tally = world.tally();
        assert_eq!((&tally["delivered"], &tally["failed"]), (&json!(1), &json!(0)));
    }
}

#[test]
fn a_run_of_failures_disables_an_endpoint() {
    let mut world = sold(json!({"disableAfterFailures": 3, "retrySeconds": [5, 5, 5, 5]}));
    world.answered(&one(&world), Some(500));
    world.sell(json!({"creator": world.creator(), "source": "tip"}));
    world.answered(&one(&world), Some(200));
    assert_eq!(world.tally()["failuresInARow"], 0, "a good one begins a new run");
    for failures in 1..=3 {
        assert_eq!(world.tally()["disabled"], false);
        world.pass_seconds(5);
        world.answered(&one(&world), None);
        assert_eq!(world.tally()["failuresInARow"], failures);
    }
    assert_eq!(world.tally()["disabled"], true);
    world.sell(json!({"creator": world.creator()}));
    world.pass_seconds(86_400);
    assert_eq!(world.due(), []);
    let tally = world.tally();
    assert_eq!((&tally["made"], &tally["givenUp"]), (&json!(2), &json!(1)), "{tally}");
    for enable in [("webhooks/enable", json!({})), ("settings", json!({"webhooks": {}}))] {
        world.post(&format!("/sim/{}", enable.0), enable.1);
        assert_eq!(world.tally()["disabled"], false);
        for _ in 0..3 {
            world.sell(json!({"creator": world.creator(), "source": "tip"}));
            world.answered(&one(&world), Some(500));
        }
        assert_eq!(world.tally()["disabled"], true);
        assert_eq!(world.tally()["pending"], 0, "the retries too are dropped");
    }
    world.set(json!({"rows": "v1"}));
    assert_eq!(world.tally()["disabled"], true, "another setting has nothing to do with it");
}

#[test]
fn by_default_no_endpoint_is_disabled() {
    let mut world = sold(json!({"retrySeconds": vec![1; 50]}));
    for _ in 0..50 {
        world.answered(&one(&world), None);
        world.pass_seconds(1);
    }
    assert_eq!(world.tally()["disabled"], false);
    assert_eq!(world.due().len(), 1);
}

#[test]
fn deliveries_are_handed_out_as_many_as_are_wanted() {
    let mut world = World::new(options(2, 0));
    world.hook(json!({}));
    world.sell(json!({"creator": world.creator(), "source": "tip", "count": 5}));
    let some = world.simulator.due_webhooks_up_to(3, world.now);
    assert_eq!(some.len(), 3);
    world.pass_seconds(60);
    let rest = world.due();
    assert_eq!(rest.len(), 2);
    assert_eq!(signature(&rest[0]).0, world.now.as_second(), "signed when handed out");
}

#[test]
fn time_that_is_made_to_pass_makes_webhooks_due() {
    let world = sold(json!({"retrySeconds": [1800]}));
    world.answered(&one(&world), None);
    let at = json!({"creator": world.creator(), "source": "tip", "at": "2026-10-01T10:00:00Z"});
    world.sell(at);
    assert_eq!(world.due(), []);
    world.post("/sim/time", json!({"advanceSeconds": 3600}));
    let due = world.due();
    assert_eq!(due.len(), 2, "the retry, and the sale whose time has come");
    assert_eq!(super::body(&due[1])["timestamp"], "2026-10-01T10:00:00.000Z");
    let signed = signature(&due[1]).0;
    assert_eq!(signed, world.now.as_second() + 3600, "in the time of the world");
    world.answered(&due[0], None);
    world.sell(json!({"creator": world.creator(), "source": "tip"}));
    assert_eq!(world.simulator.next_webhook_at(), Some(world.now));
}

#[test]
fn the_next_webhook_is_never_before_it_is_said_to_be() {
    let live = crate::Options { live_sales_per_hour: 30, ..options(3, 5) };
    let mut world = World::new(live);
    world.hook(json!({"delayMsMax": 20_000}));
    let mut found = 0;
    for _ in 0..400 {
        let next = world.simulator.next_webhook_at().unwrap();
        assert!(next > world.now, "never idle turns");
        world.now = next - jiff::SignedDuration::from_millis(1);
        assert_eq!(world.due(), [], "not a moment before");
        world.now = next;
        found += world.due().len();
    }
    assert!(found > 30, "{found}");
    assert!(world.now > after_seconds(3600));
}

#[test]
fn a_sale_of_the_past_is_told_now_and_one_of_the_future_in_its_time() {
    let mut world = World::new(options(2, 0));
    world.hook(json!({}));
    let creator = world.creator();
    world.sell(json!({"creator": creator, "source": "tip", "at": "2026-09-01T00:00:00Z"}));
    let told = super::body(&one(&world));
    assert_eq!(told["timestamp"], "2026-10-01T09:00:00.000Z");
    assert_eq!(told["data"]["paid_at"], "2026-09-01T00:00:00.000Z");
    world.sell(json!({"creator": creator, "source": "tip", "at": "2026-10-01T09:00:30Z"}));
    assert_eq!(world.simulator.next_webhook_at(), Some(after_seconds(30)));
    world.pass_seconds(29);
    assert_eq!(world.due(), []);
    world.pass_seconds(1);
    assert_eq!(super::body(&one(&world))["timestamp"], "2026-10-01T09:00:30.000Z");
}
