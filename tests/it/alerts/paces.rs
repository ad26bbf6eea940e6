//! A tick takes its time, and the next one comes six hours after it began.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::SignedDuration;
use serde_json::json;
use store::Gate;

use super::{AGENCY, SHIFTS, Stage, telegram::Reply, tick};
use crate::world::clock::ManualClock;

/// A minute passes until a tick has what it sends.
#[derive(Debug)]
struct Slow(Arc<ManualClock>);

impl Gate for Slow {
    fn before(&self, _: &'static str) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }

    fn after(&self, statement: &'static str) -> BoxFuture<'_, ()> {
        if statement == "claim_alerts" {
            self.0.advance(SignedDuration::from_mins(1));
        }
        Box::pin(std::future::ready(()))
    }
}

#[tokio::test]
async fn what_is_refused_is_tried_by_each_of_twelve_ticks_and_given_up_on_the_third_day() {
    let stage = Stage::set().await;
    let begun_at = stage.clock.read();
    stage.shift(AGENCY, "Mia", "2026-11-21T09:00:00Z").await;
    let chat = json!({"ok": false, "error_code": 400, "description": "chat not found"});
    stage.telegram.reply(vec![Reply::Refused(400, chat.to_string()); 12]);
    for slot in 0..12 {
        let at = begun_at + SignedDuration::from_hours(6 * slot);
        stage.clock.advance(at.duration_since(stage.clock.read()));
        tick(&stage.gated(Arc::new(Slow(Arc::clone(&stage.clock)))), SHIFTS).await;
        let heard = i64::try_from(stage.telegram.heard().len()).unwrap();
        assert_eq!(heard, slot + 1, "each tick tries");
    }
    assert_eq!(stage.states().await, [["failed", "12"]]);
    assert!(stage.clock.read().duration_since(begun_at) < SignedDuration::from_hours(72));
}
