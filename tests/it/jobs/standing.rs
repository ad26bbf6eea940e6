//! What the status tells a person to do something about.

use serde_json::Value;
use simulator::{Fault, FaultMatch, NewFault};

use crate::world::{SECRET, World};

async fn status(world: &World) -> Value {
    let (code, status) = world.get("/api/sync/status", Some(SECRET)).await;
    assert_eq!(code, 200, "{status}");
    status
}

fn assert_said(status: &Value, needs_attention: bool, message: &str) {
    assert_eq!(status["needsAttention"], needs_attention, "{status}");
    assert_eq!(status["message"], message);
}

#[tokio::test]
async fn a_schedule_that_stopped_is_no_good_news() {
    let (world, ..) = World::with_two().await;
    assert_said(&status(&world).await, false, "All is well · 2 of 2 live");
    // A schedule that runs comes every ten minutes, the slower one every fifteen.
    world.advance(15 * 60);
    assert_said(&status(&world).await, false, "All is well · 0 of 2 live");
    world.advance(3 * 24 * 3_600);
    let message = "Needs attention · 2 of 2 not read for half an hour: look at the schedules · \
                   1 of accounts' tokens ended and not renewed";
    assert_said(&status(&world).await, true, message);
    world.tick().await;
    assert_said(&status(&world).await, false, "All is well · 2 of 2 live");
}

#[tokio::test]
async fn a_history_that_nobody_reads_any_more_is_no_good_news() {
    let (world, ..) = World::with_two().await;
    world.force_sync("").await;
    assert_said(&status(&world).await, false, "All is well · 0 of 2 live");
    world.advance(50 * 60);
    let message = "Needs attention · 2 of 2 not read for half an hour: look at the schedules";
    assert_said(&status(&world).await, true, message);
}

#[tokio::test]
async fn a_token_that_is_not_renewed_needs_a_person() {
    let (world, ..) = World::with_two().await;
    let matches = FaultMatch { path: Some("/oauth2/token".into()), ..FaultMatch::default() };
    world.sim.fault(NewFault { matches, fault: Fault::Status(503), times: None });
    world.advance(3_600 + 601);
    world.tick().await;
    let said = status(&world).await;
    assert_eq!(said["needsAttention"], true, "{said}");
    let message = said["message"].as_str().unwrap();
    assert!(message.ends_with("1 of accounts' tokens ended and not renewed"), "{message}");
}
