//! A history that the operator asks for again, read to its end: rows that were lost come back.

use app::tick::{Scope, tick};
use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use jiff::Timestamp;
use serde_json::{Value, json};
use simulator::Simulator;

use super::{Scenario, add, in_turn, read_to_the_end};
use crate::{
    crash::{
        resting::{SOON, TICKS_MAX},
        scene::{Run, Scene},
    },
    jobs::FORCE_SYNC,
    world::{self, SECRET, World},
};

/// Rows that the ledger has lost.
const LOST: i64 = 3;

pub struct Job;

/// The jobs that there are.
async fn jobs(scene: &mut Scene<'_>) -> Result<Vec<Value>, String> {
    let mut list = scene.get("/api/sync/jobs").await?;
    serde_json::from_value(list["jobs"].take()).map_err(|error| error.to_string())
}

impl Scenario for Job {
    fn seconds(&self) -> i64 {
        5 * 60
    }

    fn begins(&self, sim: &Simulator, now: Timestamp) {
        add(sim, "Ada", 60, now);
    }

    fn prepares<'a>(&'a self, world: &'a World) -> LocalBoxFuture<'a, Value> {
        Box::pin(async move {
            read_to_the_end(world).await;
            // So old that nobody looks back there.
            let which = format!(
                "id in (select id from fanvue_transactions order by transaction_date limit {LOST})"
            );
            world.lose_rows(&which).await;
            let model = world.db.sql("select id from models").await.remove(0).remove(0);
            json!(format!("{FORCE_SYNC}?modelId={model}"))
        })
    }

    fn run(&self, scene: &mut Scene<'_>) -> Run {
        let (ctx, uri) = (scene.ctx(), scene.known.as_str().unwrap().to_owned());
        Box::pin(async move {
            let request = http::Request::post(uri);
            let request = request.header("authorization", format!("Bearer {SECRET}"));
            let response = world::route(&ctx, request.body(Bytes::new()).unwrap()).await;
            if response.status() == 202 {
                // What the answer leaves to do.
                let read = tick(&ctx, Scope::Due, in_turn()).await;
                read.map_err(|error| format!("{error:?}"))?;
            }
            Ok(response.status().as_u16())
        })
    }

    fn goes_on<'a>(
        &'a self,
        scene: &'a mut Scene<'_>,
        _: Option<u16>,
    ) -> LocalBoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            scene.pass(SOON);
            if jobs(scene).await?.is_empty() {
                // Whoever asked sees that there is none, and asks again.
                let uri = scene.known.as_str().unwrap().to_owned();
                let (status, body) = scene.ask(http::Request::post(uri)).await;
                if status != 202 {
                    return Err(format!("asked again, it is answered {status}: {body}"));
                }
            }
            for _ in 0..TICKS_MAX {
                scene.beats().await?;
            }
            let jobs = jobs(scene).await?;
            let [job] = &jobs[..] else { return Err(format!("{} jobs", jobs.len())) };
            let is_done = job["state"] == "done" && job["percent"] == 100;
            if is_done && job["newRows"] == LOST { Ok(()) } else { Err(job.to_string()) }
        })
    }
}
