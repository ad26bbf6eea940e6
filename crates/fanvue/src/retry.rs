//! Whether to ask again, and when: one pure function. Not the waiting, and not what to do about a
//! token, a cursor or a scope that is refused, which repeating cannot mend.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::Error;

/// How often one question is asked in all before the step gives up and leaves it to the next tick.
pub const ATTEMPTS_MAX: u32 = 3;

/// The wait after a 429 that names none. The documented bucket refills at once, every 60 seconds,
/// so anything shorter may meet the same empty bucket.
pub const THROTTLED_SECONDS_DEFAULT: u64 = 60;

const BACKOFF_MS: u64 = 200;
const THROTTLED_SPREAD_MS: u64 = 1000;

/// What to do after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Ask the same again at that instant, which lies before the deadline.
    RetryAt(Timestamp),
    /// Let the caller decide: repeating would not help, or there is no time.
    GiveUp,
}

/// The retry policy. `attempt` is the number of attempts made so far, the failed one included;
/// `jitter_per_mille` is any number from 0 to 1000, chosen anew each time.
///
/// Outages (no connection, 5xx, a body that breaks off or is HTML, whatever its status) wait half to all
/// of 200 ms, then 400 ms, and so on. A 429 waits as long as it says, plus up to a second, so that workers that share a
/// bucket don't all return in the same instant. Everything else is an answer, not an accident.
#[must_use]
pub fn next_move(
    error: &Error,
    attempt: u32,
    now: Timestamp,
    deadline: Timestamp,
    jitter_per_mille: u32,
) -> Move {
    let jitter = u64::from(jitter_per_mille.min(1000));
    let pause = match error {
        Error::Throttled { retry_after } => {
            let told = retry_after.unwrap_or(Duration::from_secs(THROTTLED_SECONDS_DEFAULT));
            told.saturating_add(Duration::from_millis(THROTTLED_SPREAD_MS * jitter / 1000))
        }
        Error::Transport { .. }
        | Error::Server { .. }
        | Error::Foreign { .. }
        | Error::Decode { .. } => {
            let whole = BACKOFF_MS << attempt.saturating_sub(1).min(ATTEMPTS_MAX);
            Duration::from_millis(whole / 2 + whole / 2 * jitter / 1000)
        }
        Error::Unauthorized
        | Error::Forbidden { .. }
        | Error::NotFound { .. }
        | Error::VersionRefused { .. }
        | Error::CursorRefused
        | Error::RegistrationRefused { .. }
        | Error::Refused { .. } => return Move::GiveUp,
    };
    let at = SignedDuration::try_from(pause).ok().and_then(|pause| now.checked_add(pause).ok());
    match at {
        Some(at) if attempt < ATTEMPTS_MAX && at < deadline => Move::RetryAt(at),
        _ => Move::GiveUp,
    }
}

#[cfg(test)]
mod tests;
