//! Time and chance, as things that are handed in. The only place that reads the real ones.

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use uuid::Uuid;

use crate::Ctx;

/// Tells the time and waits for it.
pub trait Clock: Send + Sync + 'static {
    /// The instant it is now.
    fn now(&self) -> Timestamp;
    /// Returns at that instant or later; at once if it is past.
    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()>;
    /// Whether it is a machine's clock, which should show what the database's does. A simulated world's
    /// has nothing to do with it.
    fn is_real(&self) -> bool {
        false
    }
}

/// The instant it is now, unless the database's clock showed a later one: of two clocks of which one is wrong,
/// that one is believed by which what is known is older.
pub(crate) fn later(ctx: &Ctx, told_at: Timestamp) -> Timestamp {
    let now = ctx.clock.now();
    if ctx.clock.is_real() { now.max(told_at) } else { now }
}

/// Gives ids, nonces and jitter.
pub trait Entropy: Send + Sync + 'static {
    /// Fills the bytes with randomness fit for secrets.
    fn fill(&self, bytes: &mut [u8]);

    /// A random id (UUID version 4).
    fn uuid(&self) -> Uuid {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    /// A number from 0 to 1000.
    fn per_mille(&self) -> u32 {
        let mut bytes = [0; 4];
        self.fill(&mut bytes);
        u32::from_le_bytes(bytes) % 1001
    }
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one real clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    #[expect(clippy::disallowed_methods, reason = "the one real wait")]
    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()> {
        let pause = at.duration_since(self.now()).unsigned_abs();
        let pause = if at <= self.now() { std::time::Duration::ZERO } else { pause };
        Box::pin(tokio::time::sleep(pause))
    }

    fn is_real(&self) -> bool {
        true
    }
}

/// The operating system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        use rand::Rng as _;
        rand::rng().fill_bytes(bytes);
    }
}
