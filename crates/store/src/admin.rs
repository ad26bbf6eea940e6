//! Whole databases, for development and tests: create, copy, drop. Never used by a function.

use tokio_postgres::{Client, error::SqlState, types::Type};

use crate::{Error, migrate};

/// Creates database `name` on the server of `url`, as a copy of `template` where one is given, and
/// returns its URL. A database of that name that exists is left as it is.
///
/// # Errors
/// [`Error::Url`] for a name that is no plain identifier, else as for any statement.
pub async fn create_database(
    url: &str,
    name: &str,
    template: Option<&str>,
) -> Result<String, Error> {
    let statement = "create_database";
    let client = migrate::connect(url).await?;
    let copy = match template {
        Some(template) => format!(" template {}", quoted(template)?),
        None => String::new(),
    };
    let failed = |source| Error::Query { statement, source };
    let exists = client
        .query_typed("select 1 from pg_database where datname = $1", &[(&name, Type::TEXT)])
        .await
        .map_err(failed)?;
    if exists.is_empty() {
        let sql = format!("create database {}{copy}", quoted(name)?);
        match client.batch_execute(&sql).await {
            Err(e) if matches!(e.code(), Some(code) if exists_now(code)) => {}
            other => other.map_err(failed)?,
        }
    }
    with_database(url, name)
}

/// Drops database `name` and ends the sessions that use it. None of that name is no error.
///
/// # Errors
/// As for any statement.
pub async fn drop_database(url: &str, name: &str) -> Result<(), Error> {
    let client = migrate::connect(url).await?;
    let sql = format!("drop database if exists {} with (force)", quoted(name)?);
    let failed = |source| Error::Query { statement: "drop_database", source };
    client.batch_execute(&sql).await.map_err(failed)
}

/// Runs SQL of a test or an operator as it is; returns each row as texts.
///
/// # Errors
/// As for any statement.
pub async fn run_sql(url: &str, sql: &str) -> Result<Vec<Vec<Option<String>>>, Error> {
    Session::open(url).await?.run(sql).await
}

/// A connection that stays, for whoever sends many statements one after the other.
pub struct Session(Client);

impl Session {
    /// Connects.
    ///
    /// # Errors
    /// [`Error::Unreachable`] without a connection.
    pub async fn open(url: &str) -> Result<Self, Error> {
        migrate::connect(url).await.map(Self)
    }

    /// Runs SQL as [`run_sql`] does.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn run(&self, sql: &str) -> Result<Vec<Vec<Option<String>>>, Error> {
        let failed = |source| Error::Query { statement: "run_sql", source };
        let messages = self.0.simple_query(sql).await.map_err(failed)?;
        let row = |row: &tokio_postgres::SimpleQueryRow| {
            (0..row.len()).map(|i| row.get(i).map(str::to_owned)).collect()
        };
        Ok(messages
            .iter()
            .filter_map(|message| match message {
                tokio_postgres::SimpleQueryMessage::Row(found) => Some(row(found)),
                _ => None,
            })
            .collect())
    }
}

/// Two creators at once: the second one meets the name or, a moment earlier, its unique index.
fn exists_now(code: &SqlState) -> bool {
    [SqlState::DUPLICATE_DATABASE, SqlState::UNIQUE_VIOLATION].contains(code)
}

/// The same server's URL with another database.
fn with_database(url: &str, name: &str) -> Result<String, Error> {
    let mut url =
        url::Url::parse(url).map_err(|_| Error::Url { problem: "is malformed".into() })?;
    url.set_path(name);
    Ok(url.into())
}

fn quoted(name: &str) -> Result<String, Error> {
    let plain = (1..=63).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if plain {
        Ok(format!("\"{name}\""))
    } else {
        Err(Error::Url { problem: "names a database with other than a-z, 0-9 and _".into() })
    }
}
