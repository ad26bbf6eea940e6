//! A process of ours as a value: it is started, stepped and killed by hand.

use std::{
    pin::Pin,
    sync::{Arc, Mutex},
};

use app::{
    Ctx, Entropy,
    report::Report,
    tick::{Limits, Scope, tick},
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use secrecy::SecretString;
use simulator::{Delivery, Simulator};
use store::{Options, Statements, Store};

use super::{
    clock::TwoClocks,
    conduct::Conduct,
    op::Point,
    probe::{Probe, Wire},
    trace::Trace,
};
use crate::world;

/// The most processes that are alive at the same time.
pub const PROCESSES_MAX: usize = 4;
/// The one that works off what is due, as the scheduler does.
const SCHEDULER: usize = 2;
/// The one that takes webhooks.
pub const RECEIVER: usize = 3;

const NAMES: [&str; PROCESSES_MAX] = ["one", "two", "three", "four"];

/// One process, with connections and memory of its own.
pub struct Process {
    pub name: &'static str,
    pub probe: Arc<Probe>,
    pub ctx: Arc<Ctx>,
    asks_totals: bool,
}

/// What a process is started with.
pub struct Start<'a> {
    pub url: &'a str,
    pub sim: &'a Simulator,
    pub conduct: &'a Arc<Conduct>,
    /// Seeds all its chance.
    pub draw: u64,
    /// How its statements are sent.
    pub statements: Statements,
    /// Whether it asks for totals however few creators there are, or never.
    pub asks_totals: bool,
}

/// A tick under way.
pub type Run = Pin<Box<dyn Future<Output = Result<Report, app::Error>>>>;

impl Process {
    /// Starts the process of that number.
    pub fn start(number: usize, start: Start<'_>, clock: &Arc<TwoClocks>, trace: &Trace) -> Self {
        let Start { url: database_url, sim, conduct, draw, statements, asks_totals } = start;
        let name = NAMES[number];
        let outside = (sim.clone(), Arc::clone(conduct));
        let probe = Probe::new(name, outside, Arc::clone(clock), trace.clone());
        let probe = Arc::new(probe);
        let url = format!("{database_url}?application_name={name}{}", plans(statements));
        let config = world::config(&url, "http://127.0.0.1:1");
        let chance = Arc::new(Chance::of(draw));
        let time: Arc<dyn app::Clock> = Arc::<TwoClocks>::clone(clock);
        let mut ctx = Ctx::with(config, Arc::new(Wire(Arc::clone(&probe))), time, chance).unwrap();
        let gate: Arc<dyn store::Gate> = Arc::<Probe>::clone(&probe);
        let options = Options { gate: Some(gate), statements, ..Options::default() };
        ctx.store = Store::open(&SecretString::from(url), options).unwrap();
        Self { name, probe, ctx: Arc::new(ctx), asks_totals }
    }

    /// Begins a tick, seen from outside.
    pub fn begin_tick(&self, stops_at_requests: bool, kill_at: Option<Point>) {
        self.probe.begin_tick(stops_at_requests, kill_at, Limits::default().seconds);
    }

    /// A tick that was not polled yet. One creator at a time, so that it does the same each time.
    pub fn tick(&self) -> Run {
        let is_scheduler = self.name == NAMES[SCHEDULER];
        self.tick_over(if is_scheduler { Scope::Due } else { Scope::Everyone })
    }

    /// A webhook that comes in: answered, and what the answer leaves to do is done.
    pub fn take(&self, delivery: Delivery) -> Pin<Box<dyn Future<Output = http::StatusCode>>> {
        let ctx = Arc::clone(&self.ctx);
        let path = app::Endpoint::Webhooks.path();
        let mut request = http::Request::post(path).body(delivery.body).unwrap();
        *request.headers_mut() = delivery.headers;
        Box::pin(async move {
            let mut response = crate::world::answer(&ctx, request).await;
            if let Some(left) = response.extensions_mut().remove() {
                app::finish_up(&ctx, left).await;
            }
            response.status()
        })
    }

    /// The same over what that scope holds.
    pub fn tick_over(&self, scope: Scope) -> Run {
        let ctx = Arc::clone(&self.ctx);
        let totals_from_creators = if self.asks_totals { 1 } else { i64::MAX };
        let limits = Limits { concurrency: 1, totals_from_creators, ..Limits::default() };
        Box::pin(async move { tick(&ctx, scope, limits).await })
    }
}

/// A connection of a process seldom lives so long that the server would make one plan for all parameters.
fn plans(statements: Statements) -> &'static str {
    match statements {
        Statements::Typed => "",
        Statements::Prepared => "&options=-cplan_cache_mode%3Dforce_generic_plan",
    }
}

/// Randomness that can be replayed.
pub struct Chance(Mutex<StdRng>);

impl Chance {
    pub fn of(draw: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(draw)))
    }
}

impl Entropy for Chance {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap().fill_bytes(bytes);
    }
}
