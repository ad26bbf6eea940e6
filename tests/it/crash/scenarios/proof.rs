//! The nightly proof finds a row that ledger and sums have lost, brings it back and writes a receipt.

use app::proving::prove;
use futures_util::future::LocalBoxFuture;
use jiff::Timestamp;
use serde_json::Value;
use simulator::{NewSale, Simulator};

use super::{Scenario, ada, add, in_turn, read_to_the_end};
use crate::{
    crash::{
        resting::{LATER, TICKS_MAX},
        scene::{Run, Scene},
    },
    world::World,
};

/// The row that is lost: its price, on a day that no look back reaches.
const GROSS: i64 = 77_777;
const AT: &str = "2026-11-05T12:00:00Z";

pub struct Proof;

impl Scenario for Proof {
    fn seconds(&self) -> i64 {
        5 * 60
    }

    fn begins(&self, sim: &Simulator, now: Timestamp) {
        add(sim, "Ada", 30, now);
        let sale = NewSale {
            gross_cents: Some(GROSS),
            source: Some("tip".into()),
            currency: Some("USD".into()),
            at: Some(AT.to_owned()),
            ..NewSale::of(ada(sim))
        };
        sim.sell(&sale, now).unwrap();
    }

    fn prepares<'a>(&'a self, world: &'a World) -> LocalBoxFuture<'a, Value> {
        Box::pin(async move {
            read_to_the_end(world).await;
            world.rested().await;
            world.lose_rows(&format!("amount_cents = {GROSS}")).await;
            Value::Null
        })
    }

    fn run(&self, scene: &mut Scene<'_>) -> Run {
        let ctx = scene.ctx();
        Box::pin(async move {
            let report = prove(&ctx, in_turn(), &mut |_| {}).await;
            report.map(|_| 200).map_err(|error| format!("{error:?}"))
        })
    }

    fn goes_on<'a>(
        &'a self,
        scene: &'a mut Scene<'_>,
        _: Option<u16>,
    ) -> LocalBoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let mut report = Value::Null;
            for _ in 0..TICKS_MAX {
                scene.pass(LATER);
                report = scene.get("/api/cron/reconcile").await?;
                if report["unfinished"] == 0 && scene.is_complete().await {
                    break;
                }
            }
            if report["unfinished"] != 0 {
                return Err(format!("after {TICKS_MAX} calls the proof is not done: {report}"));
            }
            let shown = scene.get("/api/sync/repairs").await?;
            let receipts = shown["repairs"].as_array().unwrap();
            let moved = |receipt: &Value| {
                let cents = |name: &str| receipt[name].as_i64().unwrap();
                cents("afterCents") - cents("beforeCents")
            };
            match &receipts[..] {
                [receipt] if moved(receipt) == GROSS => scene.reads_all().await,
                _ => Err(format!("one row was repaired, and the receipts are {shown}")),
            }
        })
    }
}
