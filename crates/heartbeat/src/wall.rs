//! The real world, for the command line only: clock, environment, waiting.
//!
//! Everything below the command line takes time and configuration as arguments. This file is where
//! the process reads them, once, so that the few exceptions to that rule can be counted.

use std::time::{Duration, Instant};

use app::{Clock, SystemClock};
use jiff::Timestamp;

/// The time of day.
pub(crate) fn now() -> Timestamp {
    SystemClock.now()
}

/// A monotonic instant, to say how long a step took and when to give up.
#[expect(clippy::disallowed_methods, reason = "the edge: progress lines measure real time")]
pub(crate) fn instant() -> Instant {
    Instant::now()
}

/// Waits in an async task.
pub(crate) async fn pause_until(at: Timestamp) {
    SystemClock.sleep_until(at).await;
}

/// Waits on a thread of its own: PostgreSQL reports its start only through a file.
#[expect(clippy::disallowed_methods, reason = "a file is polled: there is no event to wait for")]
pub(crate) fn block(length: Duration) {
    std::thread::sleep(length);
}

/// A variable of the environment; empty counts as unset.
#[expect(clippy::disallowed_methods, reason = "variables of the tool, not of the application")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// The names of all variables of the environment.
pub(crate) fn variables() -> impl Iterator<Item = String> {
    std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned())
}
