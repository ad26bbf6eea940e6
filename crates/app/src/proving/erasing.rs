//! What was kept long enough is erased, at night and last of all, because nothing waits for it. Bodies of
//! webhooks are not among it: every tick erases those (`webhooks`).

use jiff::{SignedDuration, Timestamp};

use super::Night;
use crate::{Error, http::chain};

/// How long a webhook's sale is kept after its row settled it.
const HINTS_KEPT_DAYS: i64 = 90;
/// How long it is kept what fans did: a year, and a month to compare it with the one of the year before.
const FAN_EVENTS_KEPT_DAYS: i64 = 400;
/// Rows that one statement erases.
const ERASED_MAX: i64 = 1_000;

/// Erases until nothing is left or the time is over. What fails is the next call's.
pub(super) async fn erase(night: &Night<'_>) {
    if let Err(error) = erase_old(night).await {
        tracing::warn!(error = chain(&error), "old rows are left to a later call");
    }
}

async fn erase_old(night: &Night<'_>) -> Result<(), Error> {
    let store = &night.ctx.store;
    let deadline = night.after_thirds(3);
    let is_last = |erased: u64| erased < ERASED_MAX.unsigned_abs() || night.is_over(deadline);
    let before = kept_since(night.started_at, HINTS_KEPT_DAYS);
    loop {
        if is_last(store.erase_settled_hints(before, ERASED_MAX).await?) {
            break;
        }
    }
    let before = kept_since(night.started_at, FAN_EVENTS_KEPT_DAYS);
    loop {
        if is_last(store.erase_fan_events(before, ERASED_MAX).await?) {
            return Ok(());
        }
    }
}

fn kept_since(now: Timestamp, days: i64) -> Timestamp {
    now.checked_sub(SignedDuration::from_hours(24 * days)).unwrap_or(now)
}
