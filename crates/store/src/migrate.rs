//! Brings a database to the newest schema: embedded SQL, one transaction each, under one lock.
//!
//! The lock is taken inside each transaction, so it holds through a transaction pooler, and history
//! is kept where Supabase's command line keeps it, so that either may apply the next migration.

use tokio_postgres::{Client, types::Type};
use tracing::Instrument;

use crate::{Error, tls};

/// All migrations, oldest first: (version, name, SQL). A test compares the list with the folder.
const MIGRATIONS: &[(&str, &str, &str)] = &[
    (
        "20261121000100",
        "foundation",
        include_str!("../../../migrations/20261121000100_foundation.sql"),
    ),
    (
        "20261121000200",
        "budget_and_queue",
        include_str!("../../../migrations/20261121000200_budget_and_queue.sql"),
    ),
    (
        "20261121000300",
        "voiding_and_days",
        include_str!("../../../migrations/20261121000300_voiding_and_days.sql"),
    ),
    (
        "20261121000400",
        "connecting",
        include_str!("../../../migrations/20261121000400_connecting.sql"),
    ),
    (
        "20261121000500",
        "budget_follows_demand",
        include_str!("../../../migrations/20261121000500_budget_follows_demand.sql"),
    ),
    (
        "20261121000600",
        "connected_for_good",
        include_str!("../../../migrations/20261121000600_connected_for_good.sql"),
    ),
    (
        "20261121000660",
        "v1_asked_again",
        include_str!("../../../migrations/20261121000660_v1_asked_again.sql"),
    ),
    ("20261121000700", "webhooks", include_str!("../../../migrations/20261121000700_webhooks.sql")),
    (
        "20261121000800",
        "codes_once",
        include_str!("../../../migrations/20261121000800_codes_once.sql"),
    ),
    (
        "20261121000900",
        "webhook_bodies",
        include_str!("../../../migrations/20261121000900_webhook_bodies.sql"),
    ),
    (
        "20261121000910",
        "webhooks_beside_rows",
        include_str!("../../../migrations/20261121000910_webhooks_beside_rows.sql"),
    ),
    (
        "20261121001000",
        "transactions_by_time",
        include_str!("../../../migrations/20261121001000_transactions_by_time.sql"),
    ),
    ("20261121001100", "users", include_str!("../../../migrations/20261121001100_users.sql")),
    (
        "20261121001200",
        "shown_revision",
        include_str!("../../../migrations/20261121001200_shown_revision.sql"),
    ),
    (
        "20261121001300",
        "coarse_sums",
        include_str!("../../../migrations/20261121001300_coarse_sums.sql"),
    ),
    ("20261121001400", "fan_days", include_str!("../../../migrations/20261121001400_fan_days.sql")),
    (
        "20261121001500",
        "sync_jobs",
        include_str!("../../../migrations/20261121001500_sync_jobs.sql"),
    ),
    ("20261121001600", "audience", include_str!("../../../migrations/20261121001600_audience.sql")),
    (
        "20261121001700",
        "shifts_tasks_alerts",
        include_str!("../../../migrations/20261121001700_shifts_tasks_alerts.sql"),
    ),
    ("20261121001800", "proof", include_str!("../../../migrations/20261121001800_proof.sql")),
    (
        "20261121001810",
        "money_changes",
        include_str!("../../../migrations/20261121001810_money_changes.sql"),
    ),
];

/// Any number will do as long as every process uses the same: "heartbea" in ASCII.
const LOCK: i64 = 0x6865_6172_7462_6561;

/// What a run of the migrations did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Versions applied by this call, oldest first; empty when there was nothing to do.
    pub versions: Vec<String>,
}

/// The version that this build of the code expects.
#[must_use]
pub fn latest_version() -> &'static str {
    MIGRATIONS.last().map_or("", |(version, _, _)| version)
}

/// Applies what is missing. Safe from any number of processes at once: one works, the others wait
/// and find nothing to do.
///
/// # Errors
/// [`Error::Url`], [`Error::Unreachable`], or [`Error::Migration`] with the ones before it applied.
pub async fn migrate(database_url: &str) -> Result<Applied, Error> {
    let client = connect(database_url).await?;
    let mut applied = Applied::default();
    for (version, name, sql) in MIGRATIONS {
        let failed = |source| Error::Migration { version: (*version).to_owned(), source };
        if apply(&client, version, name, sql).await.map_err(failed)? {
            applied.versions.push((*version).to_owned());
        }
    }
    Ok(applied)
}

/// Applies one migration unless it is applied; `true` when this call did it.
async fn apply(
    client: &Client,
    version: &str,
    name: &str,
    sql: &str,
) -> Result<bool, tokio_postgres::Error> {
    client.batch_execute("begin; set local lock_timeout = '60s'").await?;
    let outcome = apply_locked(client, version, name, sql).await;
    client.batch_execute(if outcome.is_ok() { "commit" } else { "rollback" }).await?;
    outcome
}

async fn apply_locked(
    client: &Client,
    version: &str,
    name: &str,
    sql: &str,
) -> Result<bool, tokio_postgres::Error> {
    client.query_typed("select pg_advisory_xact_lock($1)", &[(&LOCK, Type::INT8)]).await?;
    client
        .batch_execute(
            "create schema if not exists supabase_migrations;
             create table if not exists supabase_migrations.schema_migrations (
                 version text primary key, statements text[], name text)",
        )
        .await?;
    let known = client
        .query_typed(
            "select 1 from supabase_migrations.schema_migrations where version = $1",
            &[(&version, Type::TEXT)],
        )
        .await?;
    if !known.is_empty() {
        return Ok(false);
    }
    client.batch_execute(sql).await?;
    client
        .execute_typed(
            "insert into supabase_migrations.schema_migrations (version, name, statements)
             values ($1, $2, array[$3])",
            &[(&version, Type::TEXT), (&name, Type::TEXT), (&sql, Type::TEXT)],
        )
        .await?;
    Ok(true)
}

/// A connection of its own, driven in the background until it is dropped.
pub(crate) async fn connect(database_url: &str) -> Result<Client, Error> {
    let unreachable = |e: tokio_postgres::Error| Error::Unreachable { source: Box::new(e) };
    let config = tls::parse(database_url)?;
    let (client, connection) = config.connect(tls::connector()?).await.map_err(unreachable)?;
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
