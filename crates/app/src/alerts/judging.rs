//! By which clock a shift is late, and whose claim is over: the database's. A machine's own may be wrong, and one
//! ahead would tell of a shift that has just begun, and send what another tick is sending.

use jiff::{SignedDuration, Timestamp};

use crate::{Ctx, Error};

/// How far the database's clock is ahead of ours, asked once a tick.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judge(SignedDuration);

impl Judge {
    /// Asks the database; a simulated clock has nothing to do with it.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(super) async fn ask(ctx: &Ctx) -> Result<Self, Error> {
        if !ctx.clock.is_real() {
            return Ok(Self(SignedDuration::ZERO));
        }
        let told_at = ctx.store.read_database_time().await?;
        Ok(Self(told_at.duration_since(ctx.clock.now())))
    }

    /// What time it is there. Waits and deadlines are spans of our own time.
    pub(super) fn now(self, ctx: &Ctx) -> Timestamp {
        let now = ctx.clock.now();
        now.checked_add(self.0).unwrap_or(now)
    }
}
