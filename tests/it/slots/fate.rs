//! What becomes of a slot: a platform calls it once, twice, not at all, again while it still runs, or it still
//! runs when the next one begins.

use std::sync::Arc;

use app::Ctx;
use bytes::Bytes;
use futures_util::future::{BoxFuture, ready};
use jiff::Timestamp;
use rand::{RngExt, rngs::StdRng};
use store::{Gate, Options, Store};
use tokio::{
    sync::{Semaphore, watch},
    task::JoinHandle,
};

use crate::world::{SECRET, World, canary, kept_statements, route};

/// Of so many slots one lasts until the next.
const LASTING_EVERY: usize = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    Once,
    Twice,
    Missed,
    /// A second one begins while the first still runs.
    Overlapping,
    /// It stands still until the next slot begins, and both run then.
    Lasting,
}

impl Fate {
    pub const MISFORTUNES: [Self; 4] =
        [Self::Lasting, Self::Twice, Self::Overlapping, Self::Missed];

    /// Each misfortune befalls 5 of 100, but the one that has to do with two slots.
    pub fn draw(dice: &mut StdRng) -> Self {
        match dice.random_range(0..100) {
            0..5 => Self::Twice,
            5..10 => Self::Missed,
            10..15 => Self::Overlapping,
            _ => Self::Once,
        }
    }

    /// What becomes of the n-th slot of a schedule: each misfortune befalls it at first, and some later.
    pub fn draw_nth(n: usize, dice: &mut StdRng) -> Self {
        let drawn = Self::draw(dice);
        if n.is_multiple_of(LASTING_EVERY) {
            return Self::Lasting;
        }
        Self::MISFORTUNES.get(n).copied().unwrap_or(drawn)
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
            // One that lasts is begun where the next slot is known.
            Self::Missed | Self::Lasting => {}
            Self::Overlapping => {
                tokio::join!(call(world, path, slot), call(world, path, slot));
            }
        }
    }
}

/// A call in an instance of its own that stands still from where it took up work.
pub struct Lasting {
    still: Arc<Still>,
    /// None once it is at its end: it found nothing to take up.
    call: Option<JoinHandle<()>>,
}

impl Lasting {
    /// Begins it in that instance, on the world's database.
    pub async fn begin(mut ctx: Ctx, world: &World, (path, slot): (&str, &str)) -> Self {
        let still = Arc::new(Still::default());
        let gate: Arc<dyn Gate> = Arc::<Still>::clone(&still);
        let options =
            Options { gate: Some(gate), statements: kept_statements(), ..Options::default() };
        ctx.store = Store::open(&world.db.url.clone().into(), options).unwrap();
        let request = request(path, slot);
        let mut call = tokio::spawn(async move { answer(&ctx, request).await });
        let mut is_reached = still.is_reached.subscribe();
        let ended = tokio::select! {
            _ = is_reached.wait_for(|is_reached| *is_reached) => None,
            ended = &mut call => Some(ended),
        };
        let call = match ended {
            None => Some(call),
            Some(ended) => {
                ended.unwrap();
                None
            }
        };
        Self { still, call }
    }

    /// Lets it go on, to its end.
    pub async fn end(self) {
        self.still.open.add_permits(Semaphore::MAX_PERMITS / 2);
        if let Some(call) = self.call {
            call.await.unwrap();
        }
    }
}

/// Holds a call up after it claimed work. One that would send messages is held where it noted what to tell: whoever
/// claimed an alert longer ago than a lease lasts may have sent it, and it would rightly come twice.
#[derive(Debug)]
struct Still {
    is_reached: watch::Sender<bool>,
    open: Semaphore,
}

impl Default for Still {
    fn default() -> Self {
        Self { is_reached: watch::Sender::new(false), open: Semaphore::new(0) }
    }
}

impl Still {
    fn stand(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.is_reached.send_replace(true);
            drop(self.open.acquire().await.unwrap());
        })
    }
}

impl Gate for Still {
    fn before(&self, _: &'static str) -> BoxFuture<'_, ()> {
        Box::pin(ready(()))
    }

    fn after(&self, statement: &'static str) -> BoxFuture<'_, ()> {
        match statement {
            "claim_streams" | "claim_audience" | "claim_proofs" | "note_late_shifts"
            | "miss_posts" => self.stand(),
            _ => Box::pin(ready(())),
        }
    }
}

impl World {
    pub fn wait_until(&self, at: Timestamp) {
        self.clock.advance(at.duration_since(self.now()));
    }
}

fn request(path: &str, slot: &str) -> http::Request<Bytes> {
    let request = http::Request::post(path)
        .header("authorization", format!("Bearer {SECRET}"))
        .header("x-request-id", slot);
    request.body(Bytes::new()).unwrap()
}

async fn answer(ctx: &Ctx, request: http::Request<Bytes>) {
    let response = route(ctx, request).await;
    canary::check_answer(&response);
    assert_eq!(response.status(), 200, "{:?}", response.body());
}

pub async fn call(world: &World, path: &str, slot: &str) {
    answer(&world.ctx, request(path, slot)).await;
}
