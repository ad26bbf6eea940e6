//! A clock that stands still until it is moved, and whoever waits for an instant waits until then.

use app::Clock;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

pub struct StandingClock {
    now: watch::Sender<Timestamp>,
    /// Instants that somebody is waiting for, or was.
    awaited: watch::Sender<Vec<Timestamp>>,
}

impl StandingClock {
    pub fn at(now: Timestamp) -> Self {
        Self { now: watch::channel(now).0, awaited: watch::channel(vec![]).0 }
    }

    pub fn advance(&self, seconds: i64) {
        self.now.send_modify(|now| *now += SignedDuration::from_secs(seconds));
    }

    /// Returns when somebody waits for the instant so many seconds from now.
    pub async fn is_awaited(&self, seconds: i64) {
        let at = *self.now.borrow() + SignedDuration::from_secs(seconds);
        let mut awaited = self.awaited.subscribe();
        awaited.wait_for(|instants| instants.contains(&at)).await.unwrap();
    }
}

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        *self.now.borrow()
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()> {
        self.awaited.send_modify(|instants| instants.push(at));
        let mut now = self.now.subscribe();
        Box::pin(async move {
            now.wait_for(|now| at <= *now).await.unwrap();
        })
    }
}
