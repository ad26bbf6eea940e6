//! A thread's place to play seeds on: a runtime of one thread and a database of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::runtime::{Builder, Runtime};

use super::{
    draw::Plan,
    eye::Eye,
    run::{Outcome, run},
    trace::Trace,
};
use crate::world::database::Database;

/// A seed's tables are so small that each would be read whole, again and again; in a real database what
/// is asked for is looked up. Nor is a statement planned anew for each question. Without both a seed takes
/// a third longer.
pub const PLANS: &str = "do $$ begin
    execute format('alter database %I set enable_seqscan = off', current_database());
    execute format('alter database %I set plan_cache_mode = force_generic_plan', current_database());
end $$";

pub struct Stage {
    eye: Eye,
    database: Database,
    runtime: Runtime,
}

impl Stage {
    pub fn build() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let database = runtime.block_on(Database::create());
        runtime.block_on(database.sql(PLANS));
        let eye = runtime.block_on(Eye::open(&database.url));
        Self { eye, database, runtime }
    }

    /// Plays a plan. A panic of ours is a broken promise like any other.
    pub fn play(&self, plan: &Plan, trace: &Trace) -> Outcome {
        let play = || self.runtime.block_on(run(plan, &self.database.url, &self.eye, trace));
        catch_unwind(AssertUnwindSafe(play)).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|t| (*t).to_owned()));
            let problem = format!("panicked: {}", text.unwrap_or_default());
            Outcome { problem: Some(problem), ..Outcome::default() }
        })
    }
}
