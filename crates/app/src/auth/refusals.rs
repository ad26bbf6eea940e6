//! What the log is told of operators who are refused: that it happens, and how often, but not each time.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::Refused;
use crate::Ctx;

/// As long as the log hears no more of refusals after one line of them, in seconds.
const QUIET_SECONDS: i64 = 60;

/// The refusals of this process that the log does not know yet.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Mutex<Untold>);

#[derive(Debug, Default)]
struct Untold {
    count: u64,
    /// When the log was last told.
    told_at: Option<Timestamp>,
}

impl Refusals {
    /// Takes note of one. How many the log is to be told of now, if it is time.
    fn count(&self, now: Timestamp) -> Option<u64> {
        // Nothing is left half-done.
        let mut untold = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        untold.count += 1;
        let age = untold.told_at.map(|at| now.duration_since(at).as_secs());
        // A clock that was set back does not make it silent.
        if age.is_some_and(|age| (0..QUIET_SECONDS).contains(&age)) {
            return None;
        }
        untold.told_at = Some(now);
        Some(std::mem::take(&mut untold.count))
    }
}

/// Tells the log that an operator was refused, which is how a schedule with another secret shows. Neither
/// secret is told, nor how long it is.
pub(super) fn tell(ctx: &Ctx, why: Refused) {
    let Some(count) = ctx.refusals.count(ctx.clock.now()) else { return };
    match why {
        Refused::Unset => {
            tracing::error!(count, "CRON_SECRET is not set: every operator is refused");
        }
        Refused::Nothing => {
            tracing::warn!(count, "an operator was refused: no one bearer token was sent");
        }
        Refused::Another => {
            tracing::warn!(count, "an operator was refused: what was sent is not CRON_SECRET");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_one_line_a_minute_that_says_how_many() {
        let refusals = Refusals::default();
        let count = |second| refusals.count(Timestamp::from_second(second).unwrap());
        assert_eq!(count(1_000), Some(1));
        assert!((0..500).all(|_| count(1_059).is_none()));
        assert_eq!(count(1_060), Some(501));
        assert_eq!(count(1_061), None);
        assert_eq!(count(10), Some(2), "the clock was set back");
    }
}
