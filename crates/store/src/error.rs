//! What can go wrong with the database, as choices a caller has.

/// A failed use of the database. The text names our statement, never a value.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `DATABASE_URL` can't be understood.
    #[error("DATABASE_URL {problem}")]
    Url {
        /// What is wrong with it. Never the URL, which holds a password.
        problem: String,
    },
    /// No connection could be had in time: the database is away or all connections are busy.
    #[error("no database connection could be had")]
    Unreachable {
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A statement failed.
    #[error("{statement} failed")]
    Query {
        /// The statement's name.
        statement: &'static str,
        /// The cause.
        #[source]
        source: tokio_postgres::Error,
    },
    /// The row we meant to change is gone or changed hands: a lease ran out, an operator reset it.
    /// Nothing was written. Read again before trying again.
    #[error("{statement} found its row in other hands")]
    Lost {
        /// The statement's name.
        statement: &'static str,
    },
    /// A stored value is none that we write.
    #[error("{table}.{column} holds what we never write")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// A migration failed; the ones before it stay applied.
    #[error("migration {version} failed")]
    Migration {
        /// The migration's version, its first 14 digits.
        version: String,
        /// The cause.
        #[source]
        source: tokio_postgres::Error,
    },
}

impl Error {
    /// Whether somebody else has just written the row that was to be new.
    #[must_use]
    pub fn is_duplicate(&self) -> bool {
        matches!(self, Self::Query { source, .. }
            if source.code() == Some(&tokio_postgres::error::SqlState::UNIQUE_VIOLATION))
    }

    /// Whether the server gave a statement up, because its time was over or somebody ended it.
    #[must_use]
    pub fn is_given_up(&self) -> bool {
        matches!(self, Self::Query { source, .. }
            if source.code() == Some(&tokio_postgres::error::SqlState::QUERY_CANCELED))
    }

    /// Whether the server's certificate was refused. The chain of causes names the remedy; the server was
    /// told nothing.
    #[must_use]
    pub fn is_untrusted(&self) -> bool {
        matches!(self, Self::Unreachable { source } if source.is::<crate::trust::Untrusted>())
    }

    /// Whether the statement was cut off because it, or waiting for a lock, took longer than it was given.
    #[must_use]
    pub fn is_out_of_time(&self) -> bool {
        use tokio_postgres::error::SqlState;
        matches!(self, Self::Query { source, .. }
            if matches!(source.code(), Some(code)
                if [SqlState::QUERY_CANCELED, SqlState::LOCK_NOT_AVAILABLE].contains(code)))
    }

    /// Whether a later attempt may succeed without anybody changing anything.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Lost { .. } => true,
            Self::Query { source, .. } | Self::Migration { source, .. } => {
                source.is_closed()
                    || source.code().is_none_or(|code| {
                        // 0A000 and 26000: a migration or an administrator took a prepared statement.
                        ["40", "53", "55", "57", "08", "0A", "26"]
                            .iter()
                            .any(|class| code.code().starts_with(class))
                    })
            }
            Self::Url { .. } | Self::Inconsistent { .. } => false,
        }
    }
}
