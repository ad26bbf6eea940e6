//! The only place of the simulator that knows the real time. Everything else is handed an instant.

use std::{future::Future, time::Duration};

use jiff::Timestamp;

/// The time on the wall.
#[expect(clippy::disallowed_methods, reason = "the HTTP face lives in real time")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// Lets real time pass.
#[expect(clippy::disallowed_methods, reason = "a slow answer over real HTTP is really slow")]
pub(crate) async fn pause(duration: Duration) {
    tokio::time::sleep(duration).await;
}

/// What a future gives within so much real time; nothing if it takes longer.
pub(crate) async fn within<T>(most: Duration, future: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(most, future).await.ok()
}
