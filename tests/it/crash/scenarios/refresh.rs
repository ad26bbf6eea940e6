//! A pair of tokens is exchanged when its time has come, as the scheduler does first of all.

use app::maintenance;
use futures_util::future::LocalBoxFuture;
use jiff::Timestamp;
use serde_json::Value;
use simulator::{Reply, Simulator};

use super::{Scenario, add};
use crate::crash::{
    resting::{SCHEDULER, SOON},
    scene::{Run, Scene},
};

pub struct Refresh;

impl Scenario for Refresh {
    fn seconds(&self) -> i64 {
        // Due after 48 minutes, and good for an hour.
        50 * 60
    }

    fn begins(&self, sim: &Simulator, now: Timestamp) {
        add(sim, "Ada", 3, now);
    }

    fn run(&self, scene: &mut Scene<'_>) -> Run {
        let ctx = scene.ctx();
        Box::pin(async move {
            let refreshed = maintenance::refresh_tokens(&ctx).await;
            refreshed.map(|()| 200).map_err(|error| format!("{error:?}"))
        })
    }

    fn goes_on<'a>(
        &'a self,
        scene: &'a mut Scene<'_>,
        _: Option<u16>,
    ) -> LocalBoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            // What died with a new pair is finished in time.
            scene.pass(SOON);
            scene.get(SCHEDULER).await?;
            // Ten minutes later the first access token has ended.
            scene.reads_all().await?;
            let counts = counts(scene);
            let is_good = counts["lateReuses"] == 0 && counts["revocations"] == 0;
            let is_exchanged = counts["refreshes"].as_u64() > Some(0);
            if is_good && is_exchanged { Ok(()) } else { Err(counts.to_string()) }
        })
    }
}

/// What the platform's authorization server did so far.
fn counts(scene: &Scene<'_>) -> Value {
    let request = http::Request::get("/sim/oauth").body(bytes::Bytes::new()).unwrap();
    let Reply::Answer(answer) = scene.sim.respond(request, scene.now()) else {
        panic!("no fault is set")
    };
    serde_json::from_slice(answer.body()).unwrap()
}
