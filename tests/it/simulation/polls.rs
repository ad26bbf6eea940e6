//! Dashboards that poll after everything that happens.

use std::sync::Arc;

use app::{Clock, Ctx, SystemEntropy};
use serde_json::Value;
use store::Store;

use super::{
    clock::TwoClocks,
    conduct::Conduct,
    probe::{Probe, Wire},
    scene::Scene,
    trace::Trace,
    view::View,
};
use crate::world::{self, polling::Poller};

/// A world's dashboard asks one of them after each op that may change an answer, always the same, so that
/// a change of which it was not told shows at once. The last one's days are over when the world begins.
const QUESTIONS: [&str; 4] =
    ["timeRange=7d", ALL, "timeRange=7d&modelId=all", "startDate=2026-10-01&endDate=2026-10-23"];

const ALL: &str = "timeRange=all";

/// An instance of its own that only answers dashboards.
pub struct Dashboards {
    ctx: Ctx,
    pollers: [Poller; QUESTIONS.len()],
}

impl Dashboards {
    pub fn open(store: Store, sim: &simulator::Simulator, clock: &Arc<TwoClocks>) -> Self {
        let config = world::config("postgres://127.0.0.1:1/none", "http://127.0.0.1:1");
        let outside = (sim.clone(), Arc::<Conduct>::default());
        let probe = Probe::new("dashboards", outside, Arc::clone(clock), Trace::default());
        let time: Arc<dyn Clock> = Arc::<TwoClocks>::clone(clock);
        let wire = Arc::new(Wire(Arc::new(probe)));
        let mut ctx = Ctx::with(config, wire, time, Arc::new(SystemEntropy)).unwrap();
        ctx.store = store;
        Self { ctx, pollers: Default::default() }
    }

    /// Polls, and how many of them were told that nothing changed.
    pub fn counts(&self) -> (u64, u64) {
        let sum = |count: fn(&Poller) -> u64| self.pollers.iter().map(count).sum();
        (sum(|poller| poller.polls), sum(|poller| poller.unchanged))
    }
}

impl Scene<'_> {
    /// A dashboard is never told that nothing changed when its answer would be another one.
    pub async fn poll(&mut self) -> Result<(), String> {
        let turn = self.turn();
        let Dashboards { ctx, pollers } = &mut self.dashboards;
        pollers[turn].poll(ctx, QUESTIONS[turn]).await
    }

    /// Which question this world's dashboard asks.
    fn turn(&self) -> usize {
        usize::try_from(self.seed).unwrap() % QUESTIONS.len()
    }

    /// What a dashboard was told after this op is what the books say: all of it, and nothing is called
    /// exact while a history is being read.
    pub fn what_is_shown_is_booked(&self, view: &View) -> Result<(), String> {
        let turn = self.turn();
        let Some(shown) = self.dashboards.pollers[turn].held().filter(|_| QUESTIONS[turn] == ALL)
        else {
            return Ok(());
        };
        let shown: Value = serde_json::from_slice(shown).unwrap();
        let (told, total) =
            (&shown["kpiMetrics"]["totalRevenueCents"], view.total(self.clock.ours()));
        if *told != total {
            return Err(format!("the dashboard shows {told}, the books hold {total}: {shown}"));
        }
        let is_read = view.creators.values().all(|creator| creator.as_of.is_some());
        if shown["freshness"]["exact"] == true && !is_read {
            return Err(format!("a history is being read, and it is called exact: {shown}"));
        }
        Ok(())
    }
}
