//! What webhooks tell of fans, and what is left to the next tick.

use serde_json::{Value, json};
use simulator::{Delivery, NewEvent};

use super::World;

const FAN: &str = "0f0e0d0c-0b0a-4908-8706-050403020100";

/// One event as the simulator would send it now.
fn event(world: &World, creator: uuid::Uuid, topic: &str, data: Value) -> Delivery {
    let event = NewEvent {
        topic: topic.into(),
        creator: Some(creator),
        data: Some(data),
        ..NewEvent::default()
    };
    world.sim.event(&event, world.now()).unwrap();
    let mut due = world.sim.due_webhooks(world.now());
    assert_eq!(due.len(), 1);
    due.remove(0)
}

async fn unread(world: &World) -> Vec<Vec<String>> {
    world.db.sql("select fan_id, count::text from unread_messages").await
}

#[tokio::test]
async fn follows_and_subscriptions_are_written_down_once() {
    let (world, creator) = World::told(json!({})).await;
    for (topic, data) in [
        ("creator.follow.created", json!({})),
        ("creator.subscription.activated", json!({})),
        ("creator.subscription.renewed", json!({})),
        ("creator.subscription.cancel_at_period_end_changed", json!({})),
        ("creator.subscription.deactivated", json!({})),
    ] {
        let delivery = event(&world, creator, topic, data);
        for _ in 0..2 {
            assert_eq!(world.post_webhook(delivery.clone()).await, 200);
        }
    }
    let kinds = world.db.sql("select kind from fan_events order by kind").await;
    assert_eq!(kinds, [["follow"], ["renewed"], ["subscribed"], ["unsubscribed"]]);
}

#[tokio::test]
async fn what_both_families_tell_of_a_fan_is_written_down_once() {
    let (world, creator) = World::told(json!({})).await;
    let both = [
        ("creator.follow.created", json!({"follower": {"uuid": FAN}})),
        ("creator.subscription.activated", json!({"purchaser": {"uuid": FAN}})),
    ];
    for (topic, data) in both {
        world.post_webhook(event(&world, creator, topic, data)).await;
    }
    let at = world.now().to_string();
    let sender = json!({"uuid": FAN, "handle": "bea"});
    for body in [
        json!({"sender": sender, "recipientUuid": creator, "timestamp": at}),
        json!({"sender": sender, "recipientUuid": creator, "timestamp": at, "price": 999}),
    ] {
        let body = body.to_string();
        let secret = crate::world::WEBHOOK_SECRET.into();
        let header = fanvue::signature::sign(&secret, world.now(), body.as_bytes());
        let request = http::Request::post(super::PATH).header("x-fanvue-signature", header);
        assert_eq!(world.receive(request.body(body.into()).unwrap()).await, 200);
    }
    assert_eq!(world.stored().await, 4);
    let kinds = world.db.sql("select kind, fan_id from fan_events order by kind").await;
    assert_eq!(kinds, [["follow", FAN], ["subscribed", FAN]]);
    assert_eq!(world.shown().await.1, 999, "the older one also tells what was paid");
}

#[tokio::test]
async fn unread_messages_follow_the_latest_count_whatever_comes_late() {
    let (world, creator) = World::told(json!({})).await;
    let told = |count: u32| json!({"fan": {"uuid": FAN}, "unread_messages_count": count});
    let one = json!({"fan": {"uuid": FAN}, "unread_messages_count": null});
    let came = event(&world, creator, "creator.message.received", one.clone());
    world.advance(10);
    let late = event(&world, creator, "creator.message.read", told(9));
    let late_message = event(&world, creator, "creator.message.received", one.clone());
    world.advance(10);
    let latest = event(&world, creator, "creator.message.read", told(4));
    world.post_webhook(came).await;
    assert_eq!(unread(&world).await, [[FAN, "1"]]);
    world.post_webhook(latest).await;
    assert_eq!(unread(&world).await, [[FAN, "4"]]);
    world.post_webhook(late).await;
    world.post_webhook(late_message).await;
    assert_eq!(unread(&world).await, [[FAN, "4"]], "what was told earlier is in it");
    world.advance(10);
    let more = event(&world, creator, "creator.message.received", one);
    world.post_webhook(more).await;
    assert_eq!(unread(&world).await, [[FAN, "5"]]);
}

#[tokio::test]
async fn an_event_from_which_nothing_follows_is_done_when_it_is_kept() {
    let (world, creator) = World::told(json!({})).await;
    for topic in ["creator.post.liked", "creator.moon.landed"] {
        let delivery = event(&world, creator, topic, json!({}));
        let mut request = http::Request::post(super::PATH).body(delivery.body).unwrap();
        *request.headers_mut() = delivery.headers;
        let response = crate::world::answer(&world.ctx, request).await;
        assert_eq!(response.status(), 200);
        assert!(response.extensions().get::<app::http::AfterAnswer>().is_none());
    }
    let states = "select state, settled_at = received_at from webhook_events";
    assert_eq!(world.db.sql(states).await, [["done", "t"], ["done", "t"]]);
}

#[tokio::test]
async fn what_nobody_made_sense_of_is_the_next_ticks() {
    let (world, creator) = World::told(json!({})).await;
    let delivery = event(&world, creator, "creator.follow.created", json!({}));
    let mut request = http::Request::post(super::PATH).body(delivery.body).unwrap();
    *request.headers_mut() = delivery.headers;
    // The process ends between the answer and what it leaves to do.
    assert_eq!(crate::world::answer(&world.ctx, request).await.status(), 200);
    assert!(world.db.sql("select 1 from fan_events").await.is_empty());
    world.tick().await;
    assert_eq!(world.db.sql("select kind from fan_events").await, [["follow"]]);
}
