//! What the platform refuses for good: each refusal with its remedy, and how it ends.

use serde_json::{Value, json};
use uuid::Uuid;

use super::creator;
use crate::world::{SECRET, TEN_MINUTES, World};

async fn sync(world: &World) {
    let (status, body) = world.get("/api/cron/sync-transactions", Some(SECRET)).await;
    assert_eq!(status, 200, "{body}");
}

/// Heartbeats until nobody asks for the creator any more; the first report and the last.
async fn until_parked(world: &World, name: &str) -> (Value, Value) {
    let first = world.tick().await;
    for _ in 0..5 {
        world.advance(TEN_MINUTES);
        world.tick().await;
    }
    let last = world.tick().await;
    assert_eq!(creator(&last, name)["state"], "parked", "{last}");
    (first, last)
}

fn error<'a>(report: &'a Value, name: &str) -> &'a str {
    creator(report, name)["error"].as_str().unwrap()
}

async fn parked(world: &World) -> String {
    let sql = "select count(*) from sync_state where parked_at is not null";
    world.db.sql(sql).await.remove(0).remove(0)
}

fn leaves(world: &World, creators: &[Uuid]) {
    world.settings(json!({"formerCreators": creators}));
}

#[tokio::test]
async fn a_missing_scope_is_named_with_what_to_do() {
    let world = World::empty().await;
    world.creator("Ada", 20, 0);
    world.connect().await;
    world.settings(json!({"withheldScopes": ["read:insights"]}));
    let (first, last) = until_parked(&world, "Ada").await;
    for report in [&first, &last] {
        let text = error(report, "Ada");
        assert!(text.contains("read:insights") && text.contains("connect the account"), "{text}");
    }
    let count = parked(&world).await;
    world.settings(json!({"withheldScopes": []}));
    world.advance(TEN_MINUTES);
    sync(&world).await;
    assert_eq!(parked(&world).await, count, "that she is listed mends no scope");
}

#[tokio::test]
async fn a_creator_who_leaves_the_agency_is_told_so_and_read_again_when_she_returns() {
    let world = World::empty().await;
    let ada = world.creator("Ada", 20, 0);
    world.creator("Bea", 20, 0);
    world.connect().await;
    world.tick().await;
    leaves(&world, &[ada]);
    world.sell(ada, 3);
    world.advance(TEN_MINUTES);
    let (first, last) = until_parked(&world, "Ada").await;
    for report in [&first, &last] {
        let text = error(report, "Ada");
        assert!(text.contains("does not manage") && text.contains("her own account"), "{text}");
    }
    assert_eq!(creator(&last, "Bea")["state"], "complete");
    world.advance(TEN_MINUTES);
    sync(&world).await;
    assert_eq!(parked(&world).await, "1", "the list does not name her");

    leaves(&world, &[]);
    world.advance(TEN_MINUTES);
    sync(&world).await;
    assert_eq!(parked(&world).await, "0", "the whole list names her");
    world.advance(TEN_MINUTES);
    world.tick().await;
    world.assert_complete().await;
}
