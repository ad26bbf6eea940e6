//! The database as one who asks may see it: all of it, or, for a user, what row-level security shows.
//!
//! A user's statement runs in a transaction that takes the role `authenticated` and the user's claims
//! for itself alone, so that nothing of it stays in a session that others use, also behind a
//! transaction pooler. Everything is sent at once: a user costs no round trip more than the service.

use deadpool_postgres::Object;
use futures_util::future::{join_all, join3};
use tokio_postgres::Row;

use crate::{
    Error, Store, Tx, UserId,
    pool::{through, was_dead},
    statements::{Ask, Params},
    tx::BEGIN_SNAPSHOT,
};

/// A way to read. It has no statement that changes a row.
#[derive(Clone)]
pub struct Reader {
    store: Store,
    user: Option<Claims>,
}

/// How a transaction becomes a user's, until it ends. All of it is said in the words that begin it, which
/// the server has neither to plan nor to answer with rows.
#[derive(Clone)]
pub(crate) struct Claims(String);

impl Claims {
    fn of(UserId(id): UserId) -> Self {
        // An id is a uuid: nothing in it ends the text.
        Self(format!(
            "set local request.jwt.claims = '{{\"sub\":\"{id}\",\"role\":\"authenticated\"}}'; \
             set local role authenticated"
        ))
    }

    /// Begins a transaction in the user's place, after these words of its own.
    async fn begin(&self, client: &Object, begin: &str) -> Result<(), tokio_postgres::Error> {
        client.batch_execute(&self.words(begin)).await
    }

    /// What it begins with.
    pub(crate) fn words(&self, begin: &str) -> String {
        format!("{begin}; {}", self.0)
    }
}

impl Store {
    /// Reads everything, for the service itself and its operator.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader { store: self.clone(), user: None }
    }

    /// Reads what the user may see.
    #[must_use]
    pub fn reader_for(&self, user: UserId) -> Reader {
        Reader { store: self.clone(), user: Some(Claims::of(user)) }
    }
}

impl Reader {
    /// Begins a transaction for reads alone, all of the same moment.
    ///
    /// # Errors
    /// As [`Store::begin`].
    pub async fn begin_snapshot(&self, name: &'static str) -> Result<Tx, Error> {
        let Some(user) = &self.user else { return self.store.begin_snapshot(name).await };
        Tx::begin_as(user, &self.store, name, BEGIN_SNAPSHOT).await
    }

    /// Runs one statement that returns rows, on its own.
    pub(crate) async fn rows(
        &self,
        statement: &'static str,
        sql: &str,
        params: Params<'_>,
    ) -> Result<Vec<Row>, Error> {
        let Some(user) = &self.user else { return self.store.read(statement, sql, params).await };
        let failed = |source| Error::Query { statement, source };
        let connection = self.store.connection().await?;
        match self.rows_as(user, &connection, (statement, sql), params).await {
            Err(error) if was_dead(&connection, &error) => {
                drop(connection);
                self.store.forget_idle();
                let connection = self.store.connection().await?;
                self.rows_as(user, &connection, (statement, sql), params).await.map_err(failed)
            }
            answer => answer.map_err(failed),
        }
    }

    /// Runs statements that return rows, all of the same moment, and all sent before the first is answered:
    /// one round trip, of that name. The answers are in the order of the questions.
    pub(crate) async fn rows_together(
        &self,
        trip: &'static str,
        asked: &[Ask<'_>],
    ) -> Result<Vec<Vec<Row>>, Error> {
        let connection = self.store.connection().await?;
        match self.together(&connection, trip, asked).await {
            Err(Error::Query { source, .. }) if was_dead(&connection, &source) => {
                drop(connection);
                self.store.forget_idle();
                let connection = self.store.connection().await?;
                self.together(&connection, trip, asked).await
            }
            answer => answer,
        }
    }

    async fn together(
        &self,
        connection: &Object,
        trip: &'static str,
        asked: &[Ask<'_>],
    ) -> Result<Vec<Vec<Row>>, Error> {
        let mut ready = Vec::with_capacity(asked.len());
        for &(statement, sql, params) in asked {
            let one = self.store.statements.ready(connection, sql, params).await;
            ready.push(one.map_err(|source| Error::Query { statement, source })?);
        }
        let words = self.user.as_ref().map(|user| user.words(BEGIN_SNAPSHOT));
        // As for a single one: the first that failed decides.
        let all = join3(
            connection.batch_execute(words.as_deref().unwrap_or(BEGIN_SNAPSHOT)),
            join_all(ready.iter().map(|one| one.rows())),
            connection.batch_execute("commit"),
        );
        let (begun, answers, ended) = through(self.store.gate.as_ref(), trip, all).await;
        let of_the_trip = |source| Error::Query { statement: trip, source };
        begun.map_err(of_the_trip)?;
        let named = asked.iter().zip(answers).map(|(&(statement, ..), rows)| {
            rows.map_err(|source| Error::Query { statement, source })
        });
        let rows = named.collect::<Result<_, _>>()?;
        ended.map_err(of_the_trip)?;
        Ok(rows)
    }

    async fn rows_as(
        &self,
        user: &Claims,
        connection: &Object,
        (statement, sql): (&'static str, &str),
        params: Params<'_>,
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        let ready = self.store.statements.ready(connection, sql, params).await?;
        // The three are sent in this order before any of them is answered. The first that failed
        // decides: rows that were not read in the user's place are nobody's.
        let trip = join3(
            user.begin(connection, "begin read only"),
            ready.rows(),
            connection.batch_execute("commit"),
        );
        let (begun, rows, ended) = through(self.store.gate.as_ref(), statement, trip).await;
        begun.and(rows).and_then(|rows| ended.map(|()| rows))
    }
}
