//! A clock that stands still until it is moved: an hour of polls takes seconds.

use std::sync::{Mutex, MutexGuard, PoisonError};

use app::Clock;
use futures_util::future::BoxFuture;
use jiff::Timestamp;

/// Tells the time it was set to.
pub(super) struct HandClock(Mutex<Timestamp>);

impl HandClock {
    /// One that stands at this instant.
    pub(super) fn at(now: Timestamp) -> Self {
        Self(Mutex::new(now))
    }

    /// Sets it to another one.
    pub(super) fn set(&self, now: Timestamp) {
        *self.reading() = now;
    }

    fn reading(&self) -> MutexGuard<'_, Timestamp> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        *self.reading()
    }

    /// Whoever waits moves it: nobody else would.
    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()> {
        let mut now = self.reading();
        *now = at.max(*now);
        drop(now);
        Box::pin(std::future::ready(()))
    }
}
