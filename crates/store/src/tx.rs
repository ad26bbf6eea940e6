//! A named transaction: everything that must be true together is written through one of these.

use std::sync::Arc;

use deadpool_postgres::Object;
use futures_util::future::{join, join_all};
use jiff::SignedDuration;

use crate::{
    Error, Gate, Statements, Store,
    pool::{through, was_dead},
    reader::Claims,
    statements::{Ask, Params},
};

/// A process that is frozen or cut off in a transaction holds its rows no longer than this, and
/// nobody waits longer for a row.
pub(crate) const BEGIN: &str = "begin; set local lock_timeout = '50s'; \
                     set local idle_in_transaction_session_timeout = '60s'";

/// The same for whoever waits for the platform: a session that its process left behind without a word
/// must end while the platform still tolerates the token that may be spent.
pub(crate) const BEGIN_BRIEFLY: &str = "begin; set local lock_timeout = '50s'; \
                             set local idle_in_transaction_session_timeout = '20s'";

/// How long the database keeps a snapshot that nobody reads, in seconds.
pub const SNAPSHOT_IDLE_SECONDS: i64 = 60;

/// For reads that belong together: all see the same moment. Whoever stops reading for a minute, because
/// a client takes nothing, loses it.
pub(crate) const BEGIN_SNAPSHOT: &str = "begin isolation level repeatable read read only; \
                             set local idle_in_transaction_session_timeout = '60s'";

/// The same for whoever can try again soon: a creator that is held is left alone.
pub(crate) const BEGIN_HASTILY: &str = "begin; set local lock_timeout = '2s'; \
                                        set local idle_in_transaction_session_timeout = '60s'";

/// For the nightly proof, which nobody waits for: whatever holds a row or a table for longer is left for
/// another night, and no statement takes the whole of this one.
pub(crate) const BEGIN_BOUNDED: &str = "begin; set local lock_timeout = '2s'; \
                                        set local statement_timeout = '60s'; \
                                        set local idle_in_transaction_session_timeout = '60s'";

/// The same for reads that belong together.
pub(crate) const BEGIN_BOUNDED_SNAPSHOT: &str = "begin isolation level repeatable read read only; \
                                        set local lock_timeout = '2s'; \
                                        set local statement_timeout = '60s'; \
                                        set local idle_in_transaction_session_timeout = '60s'";

/// What is left of somebody's time.
pub type Patience<'a> = &'a (dyn Fn() -> SignedDuration + Send + Sync);

/// The shortest and the longest that a statement of the nightly proof is given, in milliseconds.
const STATEMENT_MILLIS: (i128, i128) = (1_000, 60_000);

/// Lets no statement from here on take longer than what is left, nor than a minute.
pub(crate) fn limit(left: SignedDuration) -> String {
    let (least, most) = STATEMENT_MILLIS;
    format!("set local statement_timeout = '{}ms'", left.as_millis().clamp(least, most))
}

/// An open transaction. Dropped without [`Tx::commit`], it is undone: its connection is closed, so
/// that nothing half-done can ever be handed to the next user of the pool.
pub struct Tx {
    connection: Option<Object>,
    name: &'static str,
    gate: Option<Arc<dyn Gate>>,
    statements: Statements,
}

/// Who changes money in a transaction of that name, for `money_changes`.
fn actor(name: &'static str) -> &'static str {
    match name {
        "book_pages" | "keep_rejects" => "tick",
        "book_history" => "history",
        "book_proof" | "prove_sums" | "note_compared" | "settle_days" => "proof",
        "understand_event" => "webhook",
        "adopt_older_rows" => "adoption",
        other => other,
    }
}

impl Tx {
    pub(crate) async fn begin(
        store: &Store,
        name: &'static str,
        begin: &str,
    ) -> Result<Self, Error> {
        // A name is ours: nothing in it ends the text.
        let words = format!("{begin}; set local heartbeat.actor = '{}'", actor(name));
        Self::begun(store, name, &words).await
    }

    /// The same in a user's place, and still one round trip.
    pub(crate) async fn begin_as(
        user: &Claims,
        store: &Store,
        name: &'static str,
        begin: &'static str,
    ) -> Result<Self, Error> {
        Self::begun(store, name, &user.words(begin)).await
    }

    /// Begun with these words, over a new connection where a kept one was dead: nothing was done over that.
    async fn begun(store: &Store, name: &'static str, words: &str) -> Result<Self, Error> {
        let tx = Self::over(store, name).await?;
        let begun = tx.run("begin", words).await;
        let is_dead = match (&begun, &tx.connection) {
            (Err(Error::Query { source, .. }), Some(kept)) => was_dead(kept, source),
            _ => false,
        };
        if !is_dead {
            return begun.map(|()| tx);
        }
        drop(tx);
        store.forget_idle();
        let tx = Self::over(store, name).await?;
        tx.run("begin", words).await?;
        Ok(tx)
    }

    async fn over(store: &Store, name: &'static str) -> Result<Self, Error> {
        let connection = Some(store.connection().await?);
        Ok(Self { connection, name, gate: store.gate.clone(), statements: store.statements })
    }

    /// Makes everything written durable and visible.
    ///
    /// # Errors
    /// [`Error::Query`]; the outcome is unknown when the connection broke.
    pub async fn commit(mut self) -> Result<(), Error> {
        self.run("commit", "commit").await?;
        drop(self.connection.take());
        Ok(())
    }

    /// Runs the last statements, each with its name, and commits, all sent before the first is answered:
    /// what they lock is held for no round trip, and not by a process that is frozen there. Where one
    /// fails, the commit undoes.
    ///
    /// # Errors
    /// As [`Tx::commit`].
    pub(crate) async fn commit_after(mut self, last: &[Ask<'_>]) -> Result<(), Error> {
        let (changed, ended) = {
            let client = self.client(self.name)?;
            let mut ready = vec![];
            for &(statement, sql, params) in last {
                let one = self.statements.ready(client, sql, params).await;
                ready.push(one.map_err(|source| Error::Query { statement, source })?);
            }
            let changes = join_all(ready.iter().map(|one| one.change()));
            let trip = join(changes, client.batch_execute("commit"));
            through(self.gate.as_ref(), "commit", trip).await
        };
        for (&(statement, ..), changed) in last.iter().zip(changed) {
            changed.map_err(|source| Error::Query { statement, source })?;
        }
        ended.map_err(|source| Error::Query { statement: self.name, source })?;
        drop(self.connection.take());
        Ok(())
    }

    /// Gives each statement from here on what is left, a minute at most; for transactions that are bounded.
    ///
    /// # Errors
    /// [`Error::Query`] when the connection broke.
    pub async fn limit(&self, left: Patience<'_>) -> Result<(), Error> {
        self.run("limit", &limit(left())).await
    }

    /// Undoes everything and gives the connection back.
    ///
    /// # Errors
    /// [`Error::Query`] when the connection broke; it is undone all the same.
    pub async fn rollback(mut self) -> Result<(), Error> {
        self.run("rollback", "rollback").await?;
        drop(self.connection.take());
        Ok(())
    }

    pub(crate) async fn rows(
        &self,
        statement: &'static str,
        sql: &str,
        params: Params<'_>,
    ) -> Result<Vec<tokio_postgres::Row>, Error> {
        let query = self.statements.rows(self.client(statement)?, sql, params);
        let query = through(self.gate.as_ref(), statement, query);
        query.await.map_err(|source| Error::Query { statement, source })
    }

    pub(crate) async fn change(
        &self,
        statement: &'static str,
        sql: &str,
        params: Params<'_>,
    ) -> Result<u64, Error> {
        let change = self.statements.change(self.client(statement)?, sql, params);
        let change = through(self.gate.as_ref(), statement, change);
        change.await.map_err(|source| Error::Query { statement, source })
    }

    pub(crate) fn statements(&self) -> Statements {
        self.statements
    }

    async fn run(&self, step: &'static str, sql: &str) -> Result<(), Error> {
        let statement = self.name;
        let run = through(self.gate.as_ref(), step, self.client(statement)?.batch_execute(sql));
        run.await.map_err(|source| Error::Query { statement, source })
    }

    fn client(&self, statement: &'static str) -> Result<&Object, Error> {
        // Only `commit` and `rollback` take the connection, and they consume the transaction.
        self.connection.as_ref().ok_or(Error::Lost { statement })
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            drop(Object::take(connection));
            if let Some(gate) = &self.gate {
                gate.undone();
            }
        }
    }
}
