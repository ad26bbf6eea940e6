//! One run and what comes after it: the platform, a clock, and the process that is alive.

use std::{pin::Pin, sync::Arc, time::Duration};

use app::Ctx;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::Value;
use simulator::{Fault, FaultMatch, NewFault, Simulator};
use store::{Options, Store};

use super::{
    fault::{Crash, RequestFault},
    stage::Stage,
    way::Way,
};
use crate::{
    simulation::{
        clock::TwoClocks,
        conduct::Conduct,
        op::Point,
        probe::{Driven, Probe, Wire},
        process::Chance,
        trace::Trace,
    },
    world::{self, SECRET, canary},
};

/// What every process calls itself: they live one after the other.
pub const NAME: &str = "crash";

/// What a scenario does, until it has an answer: its status, or what went wrong.
pub type Run = Pin<Box<dyn Future<Output = Result<u16, String>>>>;

/// One process, with connections and memory of its own.
struct Process {
    probe: Arc<Probe>,
    way: Arc<Way>,
    ctx: Arc<Ctx>,
}

pub struct Scene<'a> {
    pub stage: &'a Stage,
    pub sim: Simulator,
    pub clock: Arc<TwoClocks>,
    /// What the scenario has to know of its beginning.
    pub known: Value,
    /// Requests and round trips of the run.
    pub counted: (u32, u32),
    conduct: Arc<Conduct>,
    trace: Trace,
    process: Option<Process>,
    started: u64,
}

impl<'a> Scene<'a> {
    pub fn new(
        stage: &'a Stage,
        (sim, known): (Simulator, Value),
        now: Timestamp,
        trace: Trace,
    ) -> Self {
        Self {
            stage,
            sim,
            clock: Arc::new(TwoClocks::at(now)),
            known,
            counted: (0, 0),
            conduct: Arc::default(),
            trace,
            process: None,
            started: 0,
        }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.truth()
    }

    pub fn pass(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }

    /// The process that is alive, started if there is none.
    pub fn ctx(&mut self) -> Arc<Ctx> {
        Arc::clone(&self.process().ctx)
    }

    fn process(&mut self) -> &Process {
        if self.process.is_none() {
            self.process = Some(self.start());
        }
        self.process.as_ref().unwrap()
    }

    fn start(&mut self) -> Process {
        self.started += 1;
        let outside = (self.sim.clone(), Arc::clone(&self.conduct));
        let probe = Probe::new(NAME, outside, Arc::clone(&self.clock), self.trace.clone());
        let probe = Arc::new(probe);
        let way = Arc::new(Way::new(Wire(Arc::clone(&probe)), Arc::clone(&self.clock)));
        let url = &self.stage.line.url;
        let config = world::config(url, "http://127.0.0.1:1");
        let transport: Arc<dyn fanvue::Transport> = Arc::<Way>::clone(&way);
        let clock: Arc<dyn app::Clock> = Arc::<TwoClocks>::clone(&self.clock);
        // What set the world up drew by another number.
        let chance = Arc::new(Chance::of(self.started));
        let mut ctx = Ctx::with(config, transport, clock, chance).unwrap();
        let gate: Arc<dyn store::Gate> = Arc::<Probe>::clone(&probe);
        // By real time an idle connection would be looked at: one round trip more now and then.
        let options = Options { gate: Some(gate), believed: Duration::MAX, ..Options::default() };
        ctx.store = Store::open(&SecretString::from(url.as_str()), options).unwrap();
        Process { probe, way, ctx: Arc::new(ctx) }
    }

    /// Runs the scenario with that crash in it; its answer, unless the process died or there was none.
    pub async fn run(&mut self, crash: Option<Crash>) -> Result<Option<u16>, String> {
        let scenario = self.stage.scenario;
        let mut run = scenario.run(self);
        let process = self.process();
        let (probe, way) = (Arc::clone(&process.probe), Arc::clone(&process.way));
        self.arm(crash, &probe, &way);
        let driven = tokio::select! {
            biased;
            () = self.stage.line.killed() => Driven::Killed,
            driven = probe.drive(&mut run, true) => driven,
        };
        self.counted = (way.asked(), self.stage.line.trips());
        drop(run);
        self.arm(None, &probe, &way);
        self.sim.clear_faults();
        let answered = match driven {
            Driven::Done(answered) => answered.inspect_err(|error| self.note(error)).ok(),
            Driven::Parked => return Err("parked, though nothing asked for it".into()),
            Driven::Killed => {
                self.note("the process is dead");
                self.process = None;
                self.stage.line.cut();
                None
            }
        };
        drop((probe, way));
        // What a connection that ended had begun is undone as soon as the server has noticed.
        self.stage.eye.bury(NAME).await;
        match crash {
            Some(crash) if !crash.was_met(self.counted) => {
                Err(format!("was not met by {:?} requests and round trips", self.counted))
            }
            _ => Ok(answered),
        }
    }

    /// Plans what goes wrong from here, and counts from zero.
    fn arm(&self, crash: Option<Crash>, probe: &Probe, way: &Way) {
        let (mut kill_at, mut doubled, mut trip) = (None, None, None);
        match crash {
            None => {}
            Some(Crash::Trip { nth, fault }) => trip = Some((nth, fault)),
            Some(Crash::Request { nth, fault }) => {
                let told = |fault| {
                    let matches = FaultMatch { nth: Some(nth.into()), ..FaultMatch::default() };
                    self.sim.fault(NewFault { matches, fault, times: Some(1) });
                };
                match fault {
                    RequestFault::Fails => told(Fault::Status(503)),
                    RequestFault::TimesOut => told(Fault::Hang),
                    RequestFault::AnswerLost => told(Fault::DropAfter),
                    RequestFault::Doubled => doubled = Some(nth),
                    RequestFault::Killed => {
                        kill_at = Some(Point::Request { nth, took_effect: true });
                    }
                }
            }
        }
        probe.begin(false, kill_at);
        way.begin(doubled);
        self.stage.line.begin(trip);
    }

    /// How the process behaved towards the platform and the database.
    pub fn verdict(&self) -> Result<(), String> {
        self.conduct.verdict()
    }

    pub fn note(&self, line: &str) {
        self.trace.note(|| line.to_owned());
    }

    /// What the operator is told; whatever is not 200 is a problem.
    pub async fn get(&mut self, uri: &str) -> Result<Value, String> {
        match self.ask(http::Request::get(uri)).await {
            (200, body) => Ok(body),
            (status, body) => Err(format!("{uri} answers {status}: {body}")),
        }
    }

    /// What the operator is answered: status and body.
    pub async fn ask(&mut self, request: http::request::Builder) -> (u16, Value) {
        let ctx = self.ctx();
        let request = request.header("authorization", format!("Bearer {SECRET}"));
        let response = world::route(&ctx, request.body(Bytes::new()).unwrap()).await;
        canary::check_answer(&response);
        let body = serde_json::from_slice(response.body()).unwrap_or(Value::Null);
        (response.status().as_u16(), body)
    }
}
