//! What an operator or the local server does to the queue as a whole.

use tokio::task::JoinHandle;

use crate::{Ctx, Error, ctx::EXCHANGES_MAX, tokens};

/// Ends all leases. Only right for a process that knows itself to be the only one on its database,
/// such as `cargo dev` on its own data after the one before was killed. Returns how many it ended.
///
/// # Errors
/// [`Error::Store`].
pub async fn release_leases(ctx: &Ctx) -> Result<u64, Error> {
    Ok(ctx.store.release_all_streams().await?)
}

/// Refreshes every token whose time has come, and first those whose refresh was interrupted, as
/// `sync-transactions` does before it reads. A failure holds up no other connection.
///
/// # Errors
/// [`Error::Store`] when the connections can't be listed.
pub async fn refresh_tokens(ctx: &Ctx) -> Result<(), Error> {
    tokens::refresh_due(ctx, jiff::Timestamp::MAX).await
}

/// Waits until no exchange of tokens is under way in this process, and lets none begin any more: for
/// whoever is about to end it. A process that ends between the platform's answer and the commit may
/// cost a connection.
pub async fn finish_exchanges(ctx: &Ctx) {
    // It is never closed.
    if let Ok(all) = ctx.exchanges.acquire_many(EXCHANGES_MAX).await {
        all.forget();
    }
}

/// Ends a task of this process at a moment when no exchange of tokens is under way, and waits for one that
/// is: for whoever is about to freeze the process, with which a pair that only it knows would freeze too.
/// Dropped before that moment, it leaves the task to itself.
pub async fn end_between_exchanges(ctx: &Ctx, task: JoinHandle<()>) {
    // Held until the task is gone: it can begin none.
    let none = ctx.exchanges.acquire_many(EXCHANGES_MAX).await;
    task.abort();
    // However it ended.
    let _ = task.await;
    drop(none);
}
