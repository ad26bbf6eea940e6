//! How a statement is sent: with its types each time, or prepared once a connection.
//!
//! A statement that is kept costs the server no parsing and mostly no planning, which is more than half
//! of a small one. It needs a session that stays: behind a transaction pooler the next one may know
//! nothing of it.

use deadpool_postgres::Object;
use tokio_postgres::{
    Error, Row, Statement,
    error::SqlState,
    types::{ToSql, Type},
};

/// A statement's parameters, each with its type, so that no statement has to be prepared.
pub(crate) type Params<'a> = &'a [Param<'a>];
/// A value with its type.
pub(crate) type Param<'a> = (&'a (dyn ToSql + Sync), Type);
/// A statement's name, its words and its parameters.
pub(crate) type Ask<'a> = (&'static str, &'a str, Params<'a>);

/// How statements are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Statements {
    /// Whole, each time. Works everywhere.
    #[default]
    Typed,
    /// Prepared when a connection first meets them. Only where the session is ours alone.
    Prepared,
}

/// A statement that can be sent at once.
pub(crate) struct Ready<'a> {
    connection: &'a Object,
    sql: &'a str,
    prepared: Option<Statement>,
    params: Params<'a>,
}

impl Statements {
    /// Prepares what has to be. A transaction that goes with it is sent after this.
    pub(crate) async fn ready<'a>(
        self,
        connection: &'a Object,
        sql: &'a str,
        params: Params<'a>,
    ) -> Result<Ready<'a>, Error> {
        let prepared = match self {
            Self::Typed => None,
            Self::Prepared => {
                let types: Vec<_> = params.iter().map(|(_, kind)| kind.clone()).collect();
                Some(connection.prepare_typed_cached(sql, &types).await?)
            }
        };
        Ok(Ready { connection, sql, prepared, params })
    }

    /// Runs a statement that returns rows.
    pub(crate) async fn rows(
        self,
        connection: &Object,
        sql: &str,
        params: Params<'_>,
    ) -> Result<Vec<Row>, Error> {
        self.ready(connection, sql, params).await?.rows().await
    }

    /// Runs a statement that changes rows; returns how many.
    pub(crate) async fn change(
        self,
        connection: &Object,
        sql: &str,
        params: Params<'_>,
    ) -> Result<u64, Error> {
        self.ready(connection, sql, params).await?.change().await
    }
}

impl Ready<'_> {
    #[expect(clippy::disallowed_methods, reason = "prepared only where sessions stay")]
    pub(crate) async fn rows(&self) -> Result<Vec<Row>, Error> {
        match &self.prepared {
            None => self.connection.query_typed(self.sql, self.params).await,
            Some(statement) => self.checked(self.connection.query(statement, &self.values()).await),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "prepared only where sessions stay")]
    pub(crate) async fn change(&self) -> Result<u64, Error> {
        match &self.prepared {
            None => self.connection.execute_typed(self.sql, self.params).await,
            Some(statement) => {
                self.checked(self.connection.execute(statement, &self.values()).await)
            }
        }
    }

    fn values(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.params.iter().map(|(value, _)| *value).collect()
    }

    /// A migration may have changed what a kept statement returns, or somebody made the session forget it:
    /// then this connection forgets all of them too, and the next attempt prepares anew.
    fn checked<T>(&self, answer: Result<T, Error>) -> Result<T, Error> {
        let gone = [SqlState::FEATURE_NOT_SUPPORTED, SqlState::INVALID_SQL_STATEMENT_NAME];
        answer.inspect_err(|error| {
            if error.code().is_some_and(|code| gone.contains(code)) {
                self.connection.statement_cache.clear();
            }
        })
    }
}
