//! Whose money a webhook tells of: of the agency that reads the creator now, and of nobody twice.

use app::webhooks::replay;
use serde_json::json;
use simulator::NewEvent;
use uuid::Uuid;

use super::World;

/// A tip of seven dollars that its webhook alone tells of.
async fn tip(world: &World, creator: Option<Uuid>, topic: &str, id: &str) {
    let event = NewEvent {
        topic: topic.into(),
        creator,
        data: Some(json!({"id": id, "source": "tip", "gross": 700, "currency": "USD"})),
        ..NewEvent::default()
    };
    world.sim.event(&event, world.now()).unwrap();
    world.deliver().await;
}

#[tokio::test]
async fn a_creator_who_is_not_read_any_more_brings_her_agency_nothing() {
    let (world, creator) = World::told(json!({})).await;
    let before = world.shown().await;
    tip(&world, Some(creator), "creator.payment.succeeded", "to_1").await;
    assert_eq!(world.shown().await, (before.0 + 700, 700, 1));
    for (number, ended) in [
        "update sync_state set parked_at = now()",
        "update sync_state set parked_at = null",
        "update fanvue_connections set state = 'revoked'",
        "update fanvue_connections set state = 'active'",
        "update models set connection_id = null",
    ]
    .into_iter()
    .enumerate()
    {
        world.db.sql(ended).await;
        let shown = world.shown().await;
        world.advance(1);
        tip(&world, Some(creator), "creator.payment.succeeded", &format!("to_2{number}")).await;
        let more = if number % 2 == 0 { 0 } else { 700 };
        assert_eq!(world.shown().await.1, shown.1 + more, "{ended}");
    }
}

#[tokio::test]
async fn what_the_app_store_tells_of_nobody_waits_for_nobody() {
    let (world, _) = World::told(json!({})).await;
    let before = world.shown().await;
    tip(&world, None, "app.payment.succeeded", "appotp_1").await;
    assert_eq!(world.shown().await, before);
    assert_eq!(world.stored().await, 1);
    assert!(replay(&world.ctx, None).await.unwrap().tried.is_empty());
}
