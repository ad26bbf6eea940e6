//! A look at a whole database by whoever asks what is wrong with it: the server, the schema, and what its
//! rows say of a deployment. Every question is a transaction of its own that only reads, ends by itself, and
//! may fail alone: so a database of another build is looked at too, as far as that is possible.

mod expected;
mod owners;
mod proof;
mod schema;
mod server;
mod waiting;

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use tokio_postgres::{Client, Row, error::SqlState};

use crate::{Authorities, Error, migrate, statements::Params, tls};

pub use expected::Expected;
pub use owners::{AccountFacts, AgencyFacts, CreatorFacts};
pub use proof::ProofFacts;
pub use schema::{History, Index, Policy, Schema, Table, Trigger};
pub use server::Server;
pub use waiting::{AlertFacts, AudienceFacts, EventFacts, JobFacts, MoneyFacts, StreamFacts};

/// How long a server may take until there is a connection.
const OPEN_MAX: Duration = Duration::from_secs(10);
/// How long an answer is waited for. The server itself gives up a little before.
const ASK_MAX: Duration = Duration::from_secs(20);

const BEGIN: &str = "begin isolation level repeatable read read only; \
                     set local statement_timeout = '15s'; set local lock_timeout = '5s'";

/// Why there is no connection. Holds neither the URL nor the server's own words about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotReached {
    /// The URL can't be understood.
    #[error("the URL {0}")]
    Url(String),
    /// Nobody answers there.
    #[error("{0}")]
    Away(String),
    /// It answers, and does not let this user into this database.
    #[error("it refuses this user, this password or this database ({0})")]
    Refused(String),
    /// TLS is refused, or the certificate is not to be trusted.
    #[error("{0}")]
    Tls(String),
    /// It takes no more connections now, or is starting or stopping.
    #[error("it takes no connection now ({0})")]
    Busy(String),
}

/// A connection that looks and changes nothing.
pub struct Examiner {
    client: Client,
}

impl Examiner {
    /// Connects, within ten seconds. `authorities` may sign the server's certificate, as for the service.
    ///
    /// # Errors
    /// [`NotReached`] says what stands between.
    pub async fn open(
        database_url: &SecretString,
        authorities: &Authorities,
    ) -> Result<Self, NotReached> {
        let url = database_url.expose_secret();
        tls::parse(url).map_err(|error| match error {
            Error::Url { problem } => NotReached::Url(problem),
            other => NotReached::Away(other.to_string()),
        })?;
        let connecting = migrate::connect_trusting(url, authorities);
        match tokio::time::timeout(OPEN_MAX, connecting).await {
            Ok(Ok(client)) => Ok(Self { client }),
            Ok(Err(error)) => Err(not_reached(&error)),
            Err(_) => Err(NotReached::Away("it does not answer within ten seconds".to_owned())),
        }
    }

    async fn rows(
        &self,
        statement: &'static str,
        sql: &str,
        params: Params<'_>,
    ) -> Result<Vec<Row>, Error> {
        let asked = async {
            self.client.batch_execute(BEGIN).await?;
            let rows = self.client.query_typed(sql, params).await;
            self.client.batch_execute("rollback").await?;
            rows
        };
        match tokio::time::timeout(ASK_MAX, asked).await {
            Ok(rows) => rows.map_err(|source| Error::Query { statement, source }),
            Err(_) => Err(Error::Unreachable { source: "it does not answer in time".into() }),
        }
    }

    /// The one value of the one row.
    async fn told<T: DeserializeOwned>(
        &self,
        statement: &'static str,
        sql: &str,
        params: Params<'_>,
    ) -> Result<T, Error> {
        let rows = self.rows(statement, sql, params).await?;
        let value = rows.first().and_then(|row| row.try_get::<_, serde_json::Value>(0).ok());
        value
            .and_then(|value| serde_json::from_value(value).ok())
            .ok_or(Error::Inconsistent { table: statement, column: "answer" })
    }
}

impl Error {
    /// The error without a word of the server's, which may quote a row: our statement, the code of what went
    /// wrong, and which rule of ours was broken.
    #[must_use]
    pub fn coded(&self) -> String {
        let Self::Query { source, .. } = self else { return self.to_string() };
        let Some(said) = source.as_db_error() else { return self.to_string() };
        let rule = said.constraint().map(|name| format!(", {name}")).unwrap_or_default();
        format!("{self} ({}{rule})", said.code().code())
    }

    /// Whether the server refused a statement: then its own words are the cause. What it says of a migration
    /// is for whoever applies that.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        matches!(self, Self::Query { source, .. } if source.as_db_error().is_some())
    }
}

fn not_reached(error: &Error) -> NotReached {
    let Error::Unreachable { source } = error else {
        return NotReached::Away(error.to_string());
    };
    let of_server = source.downcast_ref::<tokio_postgres::Error>();
    if let Some(code) = of_server.and_then(tokio_postgres::Error::code) {
        let is_busy = ["53", "57"].iter().any(|class| code.code().starts_with(class));
        let code = code.code().to_owned();
        return if is_busy { NotReached::Busy(code) } else { NotReached::Refused(code) };
    }
    let mut text = source.to_string();
    let mut cause = source.source();
    // Each turn goes one deeper.
    while let Some(next) = cause {
        let said = next.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = next.source();
    }
    if text.contains("TLS") || text.contains("certificate") {
        NotReached::Tls(text)
    } else if text.contains("password") || text.contains("authentication") {
        NotReached::Refused(SqlState::INVALID_PASSWORD.code().to_owned())
    } else {
        NotReached::Away(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_is_not_reached_is_told_why_and_never_the_url() {
        for (url, is_url) in
            [("postgres://u:hunter2@127.0.0.1:1/d", false), ("mysql://u:hunter2@h/d", true)]
        {
            let url = SecretString::from(url.to_owned());
            let Err(error) = Examiner::open(&url, &Authorities::default()).await else {
                panic!("nobody is there")
            };
            assert_eq!(matches!(error, NotReached::Url(_)), is_url, "{error}");
            assert!(!error.to_string().contains("hunter2"));
        }
    }
}
