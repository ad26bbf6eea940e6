//! What becomes of a slot: a platform calls it once, twice, not at all, or again while it still runs.

use bytes::Bytes;
use jiff::Timestamp;
use rand::{RngExt, rngs::StdRng};

use crate::world::{SECRET, World};

#[derive(Clone, Copy)]
pub enum Fate {
    Once,
    Twice,
    Missed,
    /// A second one begins while the first still runs.
    Overlapping,
}

impl Fate {
    /// Each misfortune befalls 5 of 100.
    pub fn draw(dice: &mut StdRng) -> Self {
        match dice.random_range(0..100) {
            0..5 => Self::Twice,
            5..10 => Self::Missed,
            10..15 => Self::Overlapping,
            _ => Self::Once,
        }
    }

    /// Calls the schedule as often as this has it.
    pub async fn befall(self, world: &World, path: &str, slot: &str) {
        match self {
            Self::Once => call(world, path, slot).await,
            Self::Twice => {
                call(world, path, slot).await;
                world.advance(7);
                call(world, path, slot).await;
            }
            Self::Missed => {}
            Self::Overlapping => {
                tokio::join!(call(world, path, slot), call(world, path, slot));
            }
        }
    }
}

impl World {
    pub fn wait_until(&self, at: Timestamp) {
        self.clock.advance(at.duration_since(self.now()));
    }
}

pub async fn call(world: &World, path: &str, slot: &str) {
    let request = http::Request::post(path)
        .header("authorization", format!("Bearer {SECRET}"))
        .header("x-request-id", slot);
    let (status, report) = world.send(request.body(Bytes::new()).unwrap()).await;
    assert_eq!(status, 200, "{report}");
}
