//! A sale that a webhook tells of: kept, answered and understood, then replaced by its row.

use std::sync::Arc;

use app::{Ctx, Endpoint};
use futures_util::future::LocalBoxFuture;
use jiff::Timestamp;
use serde_json::{Value, json};
use simulator::{Delivery, Simulator};

use super::{Scenario, ada, add, sell};
use crate::{
    crash::scene::{Run, Scene},
    world,
};

/// More than there are, repeated ones too.
const DELIVERIES_MAX: u64 = 10;

pub struct Webhook;

/// Hands a delivery over and does what the answer leaves to do; the status.
async fn deliver(ctx: &Ctx, delivery: Delivery) -> u16 {
    let mut request = http::Request::post(Endpoint::Webhooks.path()).body(delivery.body).unwrap();
    *request.headers_mut() = delivery.headers;
    let mut response = world::answer(ctx, request).await;
    if let Some(left) = response.extensions_mut().remove() {
        app::finish_up(ctx, left).await;
    }
    response.status().as_u16()
}

/// The platform repeats what it got no good answer to.
async fn repeated(scene: &mut Scene<'_>) -> Result<(), String> {
    let (sim, ctx) = (scene.sim.clone(), scene.ctx());
    for _ in 0..DELIVERIES_MAX {
        let Some(at) = sim.next_webhook_at() else { return Ok(()) };
        scene.pass(at.duration_since(scene.now()).as_secs().max(0) + 1);
        for delivery in sim.due_webhooks(scene.now()) {
            let id = delivery.id;
            let status = deliver(&ctx, delivery).await;
            sim.webhook_answered(id, Some(status), scene.now());
            if status != 200 {
                return Err(format!("a webhook that came again is answered {status}"));
            }
        }
    }
    Err("webhooks never end".into())
}

impl Scenario for Webhook {
    fn seconds(&self) -> i64 {
        5 * 60
    }

    fn begins(&self, sim: &Simulator, now: Timestamp) {
        add(sim, "Ada", 12, now);
    }

    fn happens(&self, sim: &Simulator, now: Timestamp, known: &Value) -> Value {
        let url = "http://127.0.0.1:1/api/webhooks/fanvue";
        sim.change_settings(&json!({"webhooks": {"url": url}}), now).unwrap();
        sell(sim, ada(sim), 1, now);
        known.clone()
    }

    fn run(&self, scene: &mut Scene<'_>) -> Run {
        let (ctx, sim, clock) = (scene.ctx(), scene.sim.clone(), Arc::clone(&scene.clock));
        let due = sim.due_webhooks(scene.now());
        assert_eq!(due.len(), 1, "of one sale");
        Box::pin(async move {
            let mut answered = 0;
            for delivery in due {
                let id = delivery.id;
                answered = deliver(&ctx, delivery).await;
                sim.webhook_answered(id, Some(answered), clock.truth());
            }
            Ok(answered)
        })
    }

    fn goes_on<'a>(
        &'a self,
        scene: &'a mut Scene<'_>,
        _: Option<u16>,
    ) -> LocalBoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            // Who died has answered nothing; what was answered is no longer waited for.
            for id in 1..=DELIVERIES_MAX {
                scene.sim.webhook_answered(id, None, scene.now());
            }
            repeated(scene).await?;
            let kept = scene.stage.keeper.number("select count(*) from webhook_events").await;
            if kept != 1 {
                return Err(format!("one sale was told, and {kept} events are kept"));
            }
            let shown = scene.get("/api/analytics/dashboard?timeRange=all").await?;
            let earned = scene.sim.truth(scene.now()).gross_cents;
            let told = shown["kpiMetrics"]["totalRevenueCents"].as_i64();
            if told > Some(earned) {
                return Err(format!("{earned} was earned, and {told:?} is shown"));
            }
            scene.reads_all().await
        })
    }
}
