//! A heartbeat that asks for totals, reads the news of one creator and the history of another, page by page.

use app::tick::{Limits, Scope, tick};
use futures_util::future::LocalBoxFuture;
use jiff::Timestamp;
use serde_json::Value;
use simulator::{Fault, FaultMatch, NewFault, Simulator};

use super::{Scenario, ada, add, in_turn, sell};
use crate::{
    crash::scene::{Run, Scene},
    world::World,
};

pub struct Tick {
    /// What Ada sells before it: a page holds 50.
    pub news: u32,
    /// Bea's rows, of which nothing was read. A thousand are one commit.
    pub history: u64,
}

impl Scenario for Tick {
    fn seconds(&self) -> i64 {
        30 * 60
    }

    fn begins(&self, sim: &Simulator, now: Timestamp) {
        add(sim, "Ada", 12, now);
        add(sim, "Bea", self.history, now);
    }

    fn prepares<'a>(&'a self, world: &'a World) -> LocalBoxFuture<'a, Value> {
        Box::pin(async move {
            world.connect().await;
            let bea = world.sim.creators()[1];
            let matches = FaultMatch { creator: Some(bea), ..FaultMatch::default() };
            world.sim.fault(NewFault { matches, fault: Fault::Status(500), times: None });
            world.tick().await;
            world.sim.clear_faults();
            let unread = "select name from models where last_transaction_sync is null";
            assert_eq!(world.db.sql(unread).await, [["Bea"]]);
            Value::Null
        })
    }

    fn happens(&self, sim: &Simulator, now: Timestamp, known: &Value) -> Value {
        sell(sim, ada(sim), self.news, now);
        known.clone()
    }

    fn run(&self, scene: &mut Scene<'_>) -> Run {
        let ctx = scene.ctx();
        Box::pin(async move {
            let limits = Limits { totals_from_creators: 1, ..in_turn() };
            let report = tick(&ctx, Scope::Everyone, limits).await;
            report.map(|_| 200).map_err(|error| format!("{error:?}"))
        })
    }

    fn goes_on<'a>(
        &'a self,
        scene: &'a mut Scene<'_>,
        _: Option<u16>,
    ) -> LocalBoxFuture<'a, Result<(), String>> {
        Box::pin(scene.reads_all())
    }
}
