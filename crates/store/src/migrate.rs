//! Brings a database to the newest schema: embedded SQL, one transaction each, under one lock.
//!
//! The lock is taken inside each transaction, so it holds through a transaction pooler, and history
//! is kept where Supabase's command line keeps it, so that either may apply the next migration.
//!
//! Nobody's traffic waits for a migration that waits for a table: a lock is asked for briefly, and again
//! later. What an older system left is taken over on the way, see `upgrade`.

use tokio_postgres::{Client, error::SqlState, types::Type};
use tracing::Instrument;

use crate::{
    Authorities, Error,
    migrations::{MIGRATIONS, Migration},
    tls, trust, upgrade,
};

/// Any number will do as long as every process uses the same: "heartbea" in ASCII.
pub(crate) const LOCK: i64 = 0x6865_6172_7462_6561;

/// How long a migration waits for a lock before it lets go of all it holds: those who came after it wait
/// behind it.
const LOCK_TIMEOUT: &str = "set local lock_timeout = '1s'";
/// How often a migration is tried that had to let go, about two seconds apart in the end.
const ATTEMPTS_MAX: u32 = 150;
/// The longest pause between two attempts, in milliseconds.
const PAUSE_MAX: u32 = 1000;

/// What a run of the migrations did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Versions applied by this call, oldest first; empty when there was nothing to do.
    pub versions: Vec<String>,
    /// Rows of an older system's ledger that were taken over, merged or refused, each with its receipt.
    pub older_rows: u64,
    /// Rows of it that are of no creator that there is: they stay where they are, without one.
    pub older_strays: u64,
    /// Whether an older system's tokens stand in plain text and wait for whoever has the keys.
    pub has_plain_tokens: bool,
}

/// A constant, so that whoever asks for it does not hold the SQL of them all.
const LATEST_VERSION: &str = match MIGRATIONS.last() {
    Some((version, _, _)) => version,
    None => "",
};

/// The version that this build of the code expects.
#[must_use]
pub fn latest_version() -> &'static str {
    LATEST_VERSION
}

/// The SQL of all migrations, oldest first: where it is the same, an empty database becomes the same.
pub fn migrations() -> impl Iterator<Item = &'static str> {
    MIGRATIONS.iter().map(|(_, _, sql)| *sql)
}

/// Applies what is missing, and takes over what an older system left. Safe from any number of
/// processes at once: one works, the others wait and find nothing to do.
///
/// # Errors
/// [`Error::Url`], [`Error::Unreachable`], [`Error::Migration`] with the ones before it applied, or
/// [`Error::Query`] when an older system's rows were not all taken over; then it goes on the next time.
pub async fn migrate(database_url: &str) -> Result<Applied, Error> {
    migrate_trusting(database_url, &Authorities::default()).await
}

/// The same where others than public authorities may sign the server's certificate.
///
/// # Errors
/// As [`migrate`].
pub async fn migrate_trusting(
    database_url: &str,
    authorities: &Authorities,
) -> Result<Applied, Error> {
    let client = connect_trusting(database_url, authorities).await?;
    let mut applied = Applied::default();
    // With an older system's tables in the way, all up to there is one step: nobody sees half of it.
    let together = MIGRATIONS.iter().position(|(version, _, _)| *version == upgrade::VERSION);
    let (first, rest) = MIGRATIONS.split_at(together.map_or(0, |place| place + 1));
    let upgraded = patiently(&client, async || apply_over_older(&client, first).await).await;
    applied.versions.extend(upgraded.map_err(|source| failed(upgrade::VERSION, source))?);
    for migration in first.iter().chain(rest) {
        let done = patiently(&client, async || apply(&client, migration).await).await;
        if done.map_err(|source| failed(migration.0, source))? {
            applied.versions.push(migration.0.to_owned());
        }
    }
    (applied.older_rows, applied.older_strays) = upgrade::adopt_rows(&client).await?;
    applied.has_plain_tokens = upgrade::has_plain_tokens(&client).await?;
    Ok(applied)
}

fn failed(version: &str, source: tokio_postgres::Error) -> Error {
    Error::Migration { version: version.to_owned(), source }
}

/// Does the work again while somebody is in its way.
pub(crate) async fn patiently<T>(
    client: &Client,
    work: impl AsyncFn() -> Result<T, tokio_postgres::Error>,
) -> Result<T, tokio_postgres::Error> {
    let mut attempt = 1;
    loop {
        match work().await {
            Err(error)
                if attempt < ATTEMPTS_MAX && is_in_the_way(&error) && !client.is_closed() =>
            {
                // The database waits: this crate has no clock.
                let pause = PAUSE_MAX.min(50 * attempt);
                client.batch_execute(&format!("select pg_sleep({pause} / 1000.0)")).await?;
                attempt += 1;
            }
            other => return other,
        }
    }
}

/// Whether a lock was not had in time, or a circle of waiting was broken up.
fn is_in_the_way(error: &tokio_postgres::Error) -> bool {
    let codes =
        [SqlState::LOCK_NOT_AVAILABLE, SqlState::QUERY_CANCELED, SqlState::T_R_DEADLOCK_DETECTED];
    error.code().is_some_and(|code| codes.contains(code))
}

/// Sets an older system's tables aside and applies `migrations`, in one transaction; returns their versions.
/// Nothing where there is no older system, or where that was done.
async fn apply_over_older(
    client: &Client,
    migrations: &[Migration],
) -> Result<Vec<String>, tokio_postgres::Error> {
    if !upgrade::is_needed(client).await? {
        return Ok(vec![]);
    }
    in_transaction(client, async || {
        hold_history(client).await?;
        // Somebody else may have done it while we waited.
        if is_applied(client, migrations.first()).await? || !upgrade::is_needed(client).await? {
            return Ok(vec![]);
        }
        client.batch_execute(upgrade::SET_ASIDE).await?;
        for migration in migrations {
            run(client, migration).await?;
        }
        Ok(migrations.iter().map(|(version, _, _)| (*version).to_owned()).collect())
    })
    .await
}

/// Applies one migration unless it is applied; `true` when this call did it.
async fn apply(client: &Client, migration: &Migration) -> Result<bool, tokio_postgres::Error> {
    in_transaction(client, async || {
        hold_history(client).await?;
        if is_applied(client, Some(migration)).await? {
            return Ok(false);
        }
        run(client, migration).await?;
        Ok(true)
    })
    .await
}

/// Commits what the work did, or undoes it. What failed is told, and not that nothing was left to undo it
/// over: the end of a connection undoes as well.
pub(crate) async fn in_transaction<T>(
    client: &Client,
    work: impl AsyncFn() -> Result<T, tokio_postgres::Error>,
) -> Result<T, tokio_postgres::Error> {
    client.batch_execute("begin; set local lock_timeout = '60s'").await?;
    let outcome = work().await;
    let ended = client.batch_execute(if outcome.is_ok() { "commit" } else { "rollback" }).await;
    let done = outcome?;
    ended.map(|()| done)
}

/// Waits for its turn, with nothing else held, and sees to it that there is a history.
async fn hold_history(client: &Client) -> Result<(), tokio_postgres::Error> {
    client.query_typed("select pg_advisory_xact_lock($1)", &[(&LOCK, Type::INT8)]).await?;
    client.batch_execute(LOCK_TIMEOUT).await?;
    client
        .batch_execute(
            "create schema if not exists supabase_migrations;
             create table if not exists supabase_migrations.schema_migrations (
                 version text primary key, statements text[], name text)",
        )
        .await
}

async fn is_applied(
    client: &Client,
    migration: Option<&Migration>,
) -> Result<bool, tokio_postgres::Error> {
    let version = migration.map_or("", |(version, _, _)| version);
    let known = client
        .query_typed(
            "select 1 from supabase_migrations.schema_migrations where version = $1",
            &[(&version, Type::TEXT)],
        )
        .await?;
    Ok(!known.is_empty())
}

async fn run(
    client: &Client,
    (version, name, sql): &Migration,
) -> Result<(), tokio_postgres::Error> {
    client.batch_execute(sql).await?;
    client
        .execute_typed(
            "insert into supabase_migrations.schema_migrations (version, name, statements)
             values ($1, $2, array[$3])",
            &[(version, Type::TEXT), (name, Type::TEXT), (sql, Type::TEXT)],
        )
        .await
        .map(|_| ())
}

/// A connection of its own, driven in the background until it is dropped.
pub(crate) async fn connect(database_url: &str) -> Result<Client, Error> {
    connect_trusting(database_url, &Authorities::default()).await
}

/// The same where others than public authorities may sign the server's certificate.
pub(crate) async fn connect_trusting(
    database_url: &str,
    authorities: &Authorities,
) -> Result<Client, Error> {
    let config = tls::parse(database_url)?;
    let connecting = config.connect(authorities.connector()?);
    let (client, connection) = connecting.await.map_err(trust::unreachable)?;
    let drive = async move {
        if let Err(error) = connection.await {
            tracing::warn!(error = %error, "a database connection ended");
        }
    };
    tokio::spawn(drive.in_current_span());
    Ok(client)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_file_of_the_folder_is_embedded_in_order() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations");
        let files: BTreeSet<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".sql"))
            .collect();
        let embedded: Vec<_> =
            MIGRATIONS.iter().map(|(version, name, _)| format!("{version}_{name}.sql")).collect();
        assert_eq!(files.into_iter().collect::<Vec<_>>(), embedded);
        assert!(MIGRATIONS.iter().all(|(version, _, _)| version.len() == 14));
    }
}
