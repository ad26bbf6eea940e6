//! A scenario with all that it is played on: a runtime of one thread, a database that is brought back to
//! where the run begins, and a platform that is made anew each time.

use std::sync::Arc;

use app::{Clock, Ctx};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use simulator::{NewGrant, Options, Simulator};
use tokio::runtime::{Builder, Runtime};

use super::{
    Played, caught,
    fault::Crash,
    keeper::Keeper,
    line::Line,
    scenarios::Scenario,
    scene::{NAME, Scene},
};
use crate::{
    simulation::{eye::Eye, process::Chance, stage::PLANS, trace::Trace},
    world::{World, canary, clock::ManualClock, config, database::Database, transport::InProcess},
};

pub struct Stage {
    pub scenario: &'static dyn Scenario,
    pub line: Line,
    pub eye: Eye,
    pub keeper: Keeper,
    /// What the scenario has to know of how its database was made.
    known: Value,
    _database: Database,
    runtime: Runtime,
}

/// When every world begins.
fn origin() -> Timestamp {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

/// A platform on which nothing has happened: the same each time.
fn platform() -> Simulator {
    let sim = Simulator::new(Options {
        seed: 1,
        creators: 0,
        days: 0,
        origin: origin(),
        live_sales_per_hour: 0,
        base_url: None,
    });
    sim.change_settings(&json!({"rateLimit": 100_000}), origin()).unwrap();
    sim
}

async fn world() -> World {
    canary::watch();
    let db = Database::create().await;
    db.sql(PLANS).await;
    let (sim, clock) = (platform(), Arc::new(ManualClock::at(origin())));
    let transport = Arc::new(InProcess { sim: sim.clone(), clock: Arc::clone(&clock) });
    let time: Arc<dyn Clock> = Arc::<ManualClock>::clone(&clock);
    let config = config(&db.url, "http://127.0.0.1:1");
    let ctx = Ctx::with(config, transport, time, Arc::new(Chance::of(0))).unwrap();
    World { sim, clock, ctx, db }
}

impl Stage {
    pub fn set(scenario: &'static dyn Scenario) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let (known, database, line, eye, keeper) = runtime.block_on(async {
            let world = world().await;
            scenario.begins(&world.sim, world.now());
            let known = scenario.prepares(&world).await;
            assert!(world.now() < happens_at(scenario), "the run begins before its world is set");
            let World { db, .. } = world;
            let keeper = Keeper::keep(&db.url).await;
            let line = Line::to(&db, NAME).await;
            let eye = Eye::open(&db.url).await;
            (known, db, line, eye, keeper)
        });
        Self { scenario, line, eye, keeper, known, _database: database, runtime }
    }

    /// The platform as it is when the run begins, and what the scenario has to know.
    fn platform(&self) -> (Simulator, Value) {
        let sim = platform();
        self.scenario.begins(&sim, origin());
        if self.scenario.is_connected() {
            // The grant whose tokens the database holds.
            let ask = NewGrant { account: "agency".into(), ..NewGrant::default() };
            sim.grant(&ask, origin()).unwrap();
        }
        let known = self.scenario.happens(&sim, happens_at(self.scenario), &self.known);
        (sim, known)
    }

    /// Plays the scenario with that crash in it until all is well again; the requests and round trips of
    /// the run.
    async fn played(&self, crash: Option<Crash>, trace: &Trace) -> Result<(u32, u32), String> {
        self.keeper.restore().await;
        let now = happens_at(self.scenario) + SignedDuration::from_secs(1);
        let mut scene = Scene::new(self, self.platform(), now, trace.clone());
        let answered = scene.run(crash).await?;
        scene.verdict()?;
        scene.holds().await.map_err(|problem| format!("right after it: {problem}"))?;
        scene.note("the world goes on");
        self.scenario.goes_on(&mut scene, answered).await?;
        scene.is_at_rest().await.map_err(|problem| format!("at rest: {problem}"))?;
        Ok(scene.counted)
    }

    /// The same. A panic of ours is a problem like any other.
    fn watched(&self, crash: Option<Crash>, trace: &Trace) -> Result<(u32, u32), String> {
        let played = caught(|| self.runtime.block_on(self.played(crash, trace)));
        self.line.cut();
        played
    }
}

fn happens_at(scenario: &dyn Scenario) -> Timestamp {
    origin() + SignedDuration::from_secs(scenario.seconds())
}

impl Played for Stage {
    fn crashes(&self) -> Result<Vec<Crash>, String> {
        let counted = self.watched(None, &Trace::default())?;
        // The same run again: a crash has a place only where each run has the same places.
        let again = self.watched(None, &Trace::default())?;
        if counted != again {
            return Err(format!("counts {counted:?}, and then {again:?}"));
        }
        Ok(Crash::all(counted))
    }

    fn play(&self, crash: Option<Crash>, trace: &Trace) -> Result<(), String> {
        self.watched(crash, trace).map(drop)
    }
}
