//! What is disturbed: for each scenario a small world, a run in it, and how the world goes on.

pub mod audience;
pub mod job;
pub mod login;
pub mod migrate;
pub mod proof;
pub mod refresh;
pub mod tick;
pub mod webhook;

use app::tick::Limits;
use futures_util::future::LocalBoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use simulator::{NewCreator, NewSale, Simulator};
use uuid::Uuid;

use super::scene::{Run, Scene};
use crate::world::World;

/// A small world and what is done in it. Whatever happens at the platform is made again for each run, so
/// it must be the same each time.
pub trait Scenario: Sync {
    /// When the run begins, in seconds after the world.
    fn seconds(&self) -> i64;

    /// Whether the agency's account is connected before the run.
    fn is_connected(&self) -> bool {
        true
    }

    /// Who is at the platform from the beginning.
    fn begins(&self, sim: &Simulator, now: Timestamp);

    /// Brings the database to where the run begins; what the scenario has to know of it then.
    fn prepares<'a>(&'a self, world: &'a World) -> LocalBoxFuture<'a, Value> {
        Box::pin(async move {
            read_to_the_end(world).await;
            Value::Null
        })
    }

    /// What happens at the platform just before the run; what the run has to know.
    fn happens(&self, _sim: &Simulator, _now: Timestamp, known: &Value) -> Value {
        known.clone()
    }

    /// What is disturbed.
    fn run(&self, scene: &mut Scene<'_>) -> Run;

    /// Lets the world go on until all is well. The status of the run's answer is known where it had one.
    fn goes_on<'a>(
        &'a self,
        scene: &'a mut Scene<'_>,
        answered: Option<u16>,
    ) -> LocalBoxFuture<'a, Result<(), String>>;
}

/// Connects the agency's account and reads its creators' histories.
pub async fn read_to_the_end(world: &World) {
    world.connect().await;
    world.tick().await;
    world.assert_complete().await;
}

/// A creator with so many rows in the last hundred days.
pub fn add(sim: &Simulator, name: &str, rows: u64, now: Timestamp) -> Uuid {
    let new = NewCreator {
        name: Some(name.into()),
        rows: Some(rows),
        days: Some(100),
        twins_percent: Some(0),
    };
    sim.add_creator(&new, now).unwrap()
}

/// The creator of every world.
pub fn ada(sim: &Simulator) -> Uuid {
    sim.creators()[0]
}

/// So many sales of hers, a second apart, the last of them just now.
pub fn sell(sim: &Simulator, creator: Uuid, count: u32, now: Timestamp) {
    for n in 0..count {
        let at = now - SignedDuration::from_secs(i64::from(n));
        let sale = NewSale {
            gross_cents: Some(500 + i64::from(n)),
            source: Some("tip".into()),
            fan: Some("bea".into()),
            currency: Some("USD".into()),
            at: Some(at.to_string()),
            ..NewSale::of(creator)
        };
        sim.sell(&sale, now).unwrap();
    }
}

/// One creator at a time: so each run has the same requests and round trips.
pub fn in_turn() -> Limits {
    Limits { concurrency: 1, ..Limits::default() }
}
