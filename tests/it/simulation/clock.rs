//! True time, moved by hand, and how wrong our own clock is about it.

use std::sync::Mutex;

use app::Clock;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

/// The world's time and our view of it.
#[derive(Debug)]
pub struct TwoClocks(Mutex<Times>);

#[derive(Debug)]
struct Times {
    truth: Timestamp,
    off: SignedDuration,
}

impl TwoClocks {
    pub fn at(truth: Timestamp) -> Self {
        Self(Mutex::new(Times { truth, off: SignedDuration::ZERO }))
    }

    /// What time it is.
    pub fn truth(&self) -> Timestamp {
        self.0.lock().unwrap().truth
    }

    /// What time we believe it is.
    pub fn ours(&self) -> Timestamp {
        let times = self.0.lock().unwrap();
        times.truth + times.off
    }

    pub fn advance(&self, by: SignedDuration) {
        self.0.lock().unwrap().truth += by;
    }

    pub fn set_off(&self, seconds: i64) {
        self.0.lock().unwrap().off = SignedDuration::from_secs(seconds);
    }
}

impl Clock for TwoClocks {
    fn now(&self) -> Timestamp {
        self.ours()
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()> {
        let mut times = self.0.lock().unwrap();
        times.truth = times.truth.max(at - times.off);
        Box::pin(std::future::ready(()))
    }
}
