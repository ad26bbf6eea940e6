//! The few connections an instance holds, made when first needed and checked before use.

use std::{fmt, sync::Arc, time::Duration};

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime, Timeouts,
};
use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret, SecretString};
use tracing::{Instrument, field::Empty};

use crate::{
    Authorities, Error, Statements, Tx,
    failure_code::Outcome,
    statements::Params,
    tls, trust,
    tx::{
        BEGIN, BEGIN_BOUNDED, BEGIN_BOUNDED_SNAPSHOT, BEGIN_BRIEFLY, BEGIN_HASTILY, BEGIN_SNAPSHOT,
        Patience, limit,
    },
};

/// Sees every round trip to the database from both sides: a test that counts them, or that ends the
/// process there. A future that never completes keeps the caller at that point.
pub trait Gate: fmt::Debug + Send + Sync {
    /// The statement is about to be sent.
    fn before(&self, statement: &'static str) -> BoxFuture<'_, ()>;
    /// It was answered; its caller has not seen the answer yet.
    fn after(&self, statement: &'static str) -> BoxFuture<'_, ()>;
    /// A transaction was dropped before its end: its connection is closed, which undoes it.
    fn undone(&self) {}
}

/// Sizes of the pool, and who watches it.
#[derive(Clone, Debug)]
pub struct Options {
    /// The most connections this instance opens.
    pub connections_max: usize,
    /// Stands around every round trip. None in production, and then costs nothing.
    pub gate: Option<Arc<dyn Gate>>,
    /// How statements are sent.
    pub statements: Statements,
    /// A connection that was taken so lately is believed to live: what ends it now would have ended it
    /// during a statement as well.
    pub believed: Duration,
    /// Who may sign the server's certificate.
    pub authorities: Authorities,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connections_max: 4,
            gate: None,
            statements: Statements::default(),
            believed: Duration::from_millis(100),
            authorities: Authorities::default(),
        }
    }
}

/// Makes a round trip, through the gate where there is one, and as a span of `heartbeat::traces` where
/// somebody collects those: its name, the code of what failed, and never a parameter.
pub(crate) fn through<'a, T: Outcome>(
    gate: Option<&'a Arc<dyn Gate>>,
    statement: &'static str,
    trip: impl Future<Output = T> + 'a,
) -> impl Future<Output = T> + 'a {
    // Every future that waits for a statement would hold it by value, and again in each that waits for that
    // one: unoptimised, they outgrow a thread's stack.
    let trip = Box::pin(trip);
    async move {
        if let Some(gate) = gate {
            gate.before(statement).await;
        }
        let span = tracing::debug_span!(
            target: "heartbeat::traces", "statement", db.operation.name = statement, error.type = Empty
        );
        let answer = trip.instrument(span.clone()).await;
        if let Some(code) = answer.failure() {
            span.record("error.type", code);
        }
        drop(span);
        if let Some(gate) = gate {
            gate.after(statement).await;
        }
        answer
    }
}

/// How long a connection may take to show that it lives.
const CHECK: Duration = Duration::from_secs(1);

/// Sends one empty query over a connection that lay idle: one that died while the function was frozen is
/// replaced here instead of failing in a user's request.
async fn check(client: &deadpool_postgres::ClientWrapper) -> Result<(), HookError> {
    match tokio::time::timeout(CHECK, client.simple_query("")).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(HookError::Backend(error)),
        Err(_) => Err(HookError::message("the connection is silent")),
    }
}

/// Whether a connection that was kept ended instead of answering: it may have been dead for long, and have been
/// believed because the clock stood still with the function. Nothing is known of what it was asked, so only a
/// question that changes nothing may be put again, once.
pub(crate) fn was_dead(connection: &Object, error: &tokio_postgres::Error) -> bool {
    // The server's last word on a connection.
    let has_ended =
        |said: &tokio_postgres::error::DbError| matches!(said.severity(), "FATAL" | "PANIC");
    let was_kept = 0 < Object::metrics(connection).recycle_count;
    was_kept && (error.is_closed() || error.as_db_error().is_some_and(has_ended))
}

/// The database, as far as this instance sees it. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pool: Pool,
    pub(crate) gate: Option<Arc<dyn Gate>>,
    pub(crate) statements: Statements,
}

impl Store {
    /// Prepares the pool. Nothing is connected yet.
    ///
    /// # Errors
    /// [`Error::Url`] when the URL can't be understood.
    pub fn open(database_url: &SecretString, options: Options) -> Result<Self, Error> {
        let mut config = tls::parse(database_url.expose_secret())?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(5));
        }
        let manager = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(config, options.authorities.connector()?, manager);
        let believed = options.believed;
        let lives = Hook::async_fn(move |client, metrics| {
            Box::pin(async move {
                if metrics.last_used() < believed { Ok(()) } else { check(client).await }
            })
        });
        let timeouts = Timeouts {
            wait: Some(Duration::from_secs(10)),
            create: Some(Duration::from_secs(5)),
            recycle: None,
        };
        let pool = Pool::builder(manager)
            .max_size(options.connections_max)
            .timeouts(timeouts)
            .runtime(Runtime::Tokio1)
            .pre_recycle(lives)
            .build()
            .map_err(|e| Error::Unreachable { source: Box::new(e) })?;
        Ok(Self { pool, gate: options.gate, statements: options.statements })
    }

    /// Begins a transaction. `name` labels it in logs; dropping it without commit undoes it.
    ///
    /// # Errors
    /// [`Error::Unreachable`] without a connection, [`Error::Query`] when it can't begin.
    pub async fn begin(&self, name: &'static str) -> Result<Tx, Error> {
        Tx::begin(self, name, BEGIN).await
    }

    /// The same for a transaction that waits for the platform: after 20 silent seconds its rows are
    /// free again, whatever became of its process.
    ///
    /// # Errors
    /// As [`Store::begin`].
    pub async fn begin_briefly(&self, name: &'static str) -> Result<Tx, Error> {
        Tx::begin(self, name, BEGIN_BRIEFLY).await
    }

    /// The same for reads alone, all of the same moment.
    ///
    /// # Errors
    /// As [`Store::begin`].
    pub async fn begin_snapshot(&self, name: &'static str) -> Result<Tx, Error> {
        Tx::begin(self, name, BEGIN_SNAPSHOT).await
    }

    /// The same for a transaction that is given up rather than wait longer than two seconds for a row.
    ///
    /// # Errors
    /// As [`Store::begin`].
    pub async fn begin_hastily(&self, name: &'static str) -> Result<Tx, Error> {
        Tx::begin(self, name, BEGIN_HASTILY).await
    }

    /// The same for the nightly proof: no lock is waited for longer than two seconds, and no statement
    /// takes longer than a minute.
    ///
    /// # Errors
    /// As [`Store::begin`].
    pub async fn begin_bounded(&self, name: &'static str) -> Result<Tx, Error> {
        Tx::begin(self, name, BEGIN_BOUNDED).await
    }

    /// The same where no statement takes longer than what is left of somebody's time either.
    ///
    /// # Errors
    /// As [`Store::begin`].
    pub async fn begin_within(&self, name: &'static str, left: Patience<'_>) -> Result<Tx, Error> {
        Tx::begin(self, name, &format!("{BEGIN_BOUNDED}; {}", limit(left()))).await
    }

    /// The same for reads alone, all of the same moment.
    ///
    /// # Errors
    /// As [`Store::begin`].
    pub async fn begin_snapshot_within(
        &self,
        name: &'static str,
        left: Patience<'_>,
    ) -> Result<Tx, Error> {
        Tx::begin(self, name, &format!("{BEGIN_BOUNDED_SNAPSHOT}; {}", limit(left()))).await
    }

    pub(crate) async fn connection(&self) -> Result<Object, Error> {
        let connection = through(self.gate.as_ref(), "connection", self.pool.get()).await;
        connection.map_err(trust::unreachable)
    }

    /// Runs one statement that returns rows, on its own.
    pub(crate) async fn rows(
        &self,
        statement: &'static str,
        sql: &str,
        params: Params<'_>,
    ) -> Result<Vec<tokio_postgres::Row>, Error> {
        let connection = self.connection().await?;
        let trip = self.statements.rows(&connection, sql, params);
        through(self.gate.as_ref(), statement, trip)
            .await
            .map_err(|source| Error::Query { statement, source })
    }

    /// Runs one statement that changes nothing, on its own: over a new connection where a kept one was dead.
    pub(crate) async fn read(
        &self,
        statement: &'static str,
        sql: &str,
        params: Params<'_>,
    ) -> Result<Vec<tokio_postgres::Row>, Error> {
        let connection = self.connection().await?;
        let trip = self.statements.rows(&connection, sql, params);
        match through(self.gate.as_ref(), statement, trip).await {
            Err(error) if was_dead(&connection, &error) => {
                drop(connection);
                self.forget_idle();
                self.rows(statement, sql, params).await
            }
            answer => answer.map_err(|source| Error::Query { statement, source }),
        }
    }

    /// Closes the connections that lie idle: what ended one of them most likely ended the others too.
    pub(crate) fn forget_idle(&self) {
        drop(self.pool.retain(|_, _| false));
    }

    /// Runs one statement that changes rows, on its own; returns how many.
    pub(crate) async fn change(
        &self,
        statement: &'static str,
        sql: &str,
        params: Params<'_>,
    ) -> Result<u64, Error> {
        let connection = self.connection().await?;
        let trip = self.statements.change(&connection, sql, params);
        through(self.gate.as_ref(), statement, trip)
            .await
            .map_err(|source| Error::Query { statement, source })
    }
}
