//! The daily refresh counts the subscribers of a creator and reads who spent most.

use app::audience::{Limits, refresh};
use futures_util::future::LocalBoxFuture;
use jiff::Timestamp;
use serde_json::{Value, json};
use simulator::Simulator;

use super::{Scenario, ada, add, read_to_the_end};
use crate::{
    crash::{
        resting::{LATER, TICKS_MAX},
        scene::{Run, Scene},
    },
    world::{SECRET, World},
};

const REFRESH: &str = "/api/cron/daily-refresh";

/// Only these two streams are due.
const DUE: &str = "update audience_streams
      set next_at = case when kind in ('subscribers', 'top_spenders')
                         then '2000-01-01'::timestamptz else '2100-01-01' end";

pub struct Audience;

impl Scenario for Audience {
    fn seconds(&self) -> i64 {
        30 * 60
    }

    fn begins(&self, sim: &Simulator, now: Timestamp) {
        let ada = add(sim, "Ada", 20, now);
        sim.post("audience", &json!({"creator": ada, "subscribe": 60}), now).unwrap();
    }

    fn prepares<'a>(&'a self, world: &'a World) -> LocalBoxFuture<'a, Value> {
        Box::pin(async move {
            read_to_the_end(world).await;
            let (status, report) = world.get(REFRESH, Some(SECRET)).await;
            assert_eq!((status, &report["unfinished"]), (200, &json!(0)), "{report}");
            world.db.sql(DUE).await;
            Value::Null
        })
    }

    fn happens(&self, sim: &Simulator, now: Timestamp, known: &Value) -> Value {
        sim.post("audience", &json!({"creator": ada(sim), "subscribe": 7}), now).unwrap();
        known.clone()
    }

    fn run(&self, scene: &mut Scene<'_>) -> Run {
        let ctx = scene.ctx();
        Box::pin(async move {
            let limits = Limits { concurrency: 1, ..Limits::default() };
            let report = refresh(&ctx, limits).await;
            report.map(|_| 200).map_err(|error| format!("{error:?}"))
        })
    }

    fn goes_on<'a>(
        &'a self,
        scene: &'a mut Scene<'_>,
        _: Option<u16>,
    ) -> LocalBoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            for _ in 0..TICKS_MAX {
                scene.pass(LATER);
                scene.get(REFRESH).await?;
            }
            let truth = scene.sim.audience(ada(&scene.sim), None, scene.now());
            let truth = truth.map_err(|error| error.message)?;
            let keeper = &scene.stage.keeper;
            let counted = keeper.number("select subscribers_count::bigint from models").await;
            let ranked = keeper.number("select count(distinct fan_id) from top_spenders").await;
            let wanted = (truth.subscribers, truth.spenders.len().min(50));
            if (u64::try_from(counted), usize::try_from(ranked)) != (Ok(wanted.0), Ok(wanted.1)) {
                return Err(format!("{counted} and {ranked} are counted for {wanted:?}"));
            }
            scene.reads_all().await
        })
    }
}
