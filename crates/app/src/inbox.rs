//! Keeping what arrives, many at a time: whoever comes while a statement is under way waits for the
//! next one and goes with it. One commit then carries all of them, over one connection. A second
//! statement beside it would only split them: each would carry a few, and cost as much as one of many.

use std::sync::{Mutex, PoisonError};

use store::{NewEvent, Store};
use tokio::sync::{Semaphore, oneshot};

/// The most events of one statement.
const EVENTS_MAX: usize = 256;

/// Events on their way into the database.
pub(crate) struct Inbox {
    waiting: Mutex<Vec<Waiting>>,
    /// Leave to make the one statement.
    turn: Semaphore,
}

struct Waiting {
    event: NewEvent,
    /// Whether it was new. Dropped without a word when it could not be kept.
    kept: oneshot::Sender<bool>,
}

/// The event is not known to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotKept;

impl Default for Inbox {
    fn default() -> Self {
        Self { waiting: Mutex::default(), turn: Semaphore::new(1) }
    }
}

impl Inbox {
    /// Keeps an event durably. Returns whether it was new.
    ///
    /// # Errors
    /// [`NotKept`] when the database did not answer, so that the sender sends it again.
    pub(crate) async fn keep(&self, store: &Store, event: NewEvent) -> Result<bool, NotKept> {
        let (kept, mut answer) = oneshot::channel();
        self.waiting().push(Waiting { event, kept });
        loop {
            tokio::select! {
                biased;
                // Whoever has the turn takes all that wait, so this one may have gone along.
                answer = &mut answer => return answer.map_err(|_| NotKept),
                Ok(_turn) = self.turn.acquire() => {
                    // Requests that are here already, but not read yet, get in.
                    tokio::task::yield_now().await;
                    keep_all(store, self.take()).await;
                }
            }
        }
    }

    fn take(&self) -> Vec<Waiting> {
        let mut waiting = self.waiting();
        let count = waiting.len().min(EVENTS_MAX);
        waiting.drain(..count).collect()
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<Waiting>> {
        // Nothing that holds it can leave it half-done.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn keep_all(store: &Store, mut batch: Vec<Waiting>) {
    if batch.is_empty() {
        return;
    }
    batch.sort_by(|a, b| a.event.key.cmp(&b.event.key));
    let (events, senders): (Vec<_>, Vec<_>) =
        batch.into_iter().map(|waiting| (waiting.event, waiting.kept)).unzip();
    match store.keep_events(&events).await {
        Ok(new) => {
            // Of equal ones that came together, the first is the new one.
            let mut new: std::collections::HashSet<_> = new.into_iter().collect();
            for (event, kept) in events.iter().zip(senders) {
                let _ = kept.send(new.remove(&event.key));
            }
        }
        Err(error) => {
            let (error, count) = (crate::http::chain(&error), events.len());
            tracing::error!(error, count, "webhooks could not be kept");
        }
    }
}
