//! Dashboards that poll after everything that happens.

use std::sync::Arc;

use app::{Clock, Ctx, SystemEntropy};
use store::Store;

use super::{clock::TwoClocks, probe::Probe, probe::Wire, scene::Scene, trace::Trace};
use crate::world::{self, polling::Poller};

/// Ops between two polls: one takes as long as all else that is looked at after an op.
const POLLED_EVERY: u64 = 2;

/// One is asked after some ops, each twice in a row: what was answered anew the first time is held the
/// second time. The last one's days are over when the world begins.
const QUESTIONS: [&str; 4] = [
    "timeRange=7d",
    "timeRange=all",
    "timeRange=7d&modelId=all",
    "startDate=2026-10-01&endDate=2026-10-23",
];

/// An instance of its own that only answers dashboards.
pub struct Dashboards {
    ctx: Ctx,
    pollers: [Poller; QUESTIONS.len()],
}

impl Dashboards {
    pub fn open(store: Store, sim: &simulator::Simulator, clock: &Arc<TwoClocks>) -> Self {
        let config = world::config("postgres://127.0.0.1:1/none", "http://127.0.0.1:1");
        let probe = Probe::new("dashboards", sim.clone(), Arc::clone(clock), Trace::default());
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
        if self.happened.step.is_multiple_of(POLLED_EVERY) {
            let turn = self.happened.step / POLLED_EVERY / 2;
            let turn = usize::try_from(turn).unwrap() % QUESTIONS.len();
            let Dashboards { ctx, pollers } = &mut self.dashboards;
            pollers[turn].poll(ctx, QUESTIONS[turn]).await?;
        }
        Ok(())
    }
}
