//! What an older system left in this database: its tables are set aside before the first migration, and its
//! ledger's rows are booked afterwards, a creator at a time. See docs/upgrade.md.

use jiff::Timestamp;
use ledger::{AgencyId, CreatorId};
use secrecy::{ExposeSecret, SecretString};
use tokio_postgres::{Client, Row, types::Type};

use crate::{
    Error, Store, Tx,
    migrate::{LOCK, in_transaction, patiently},
    statements::Params,
    tx::Patience,
};

/// The migration that takes over what was set aside.
pub(crate) const VERSION: &str = "20261121001900";

/// Moves the older tables out of the way. In the transaction of the migrations.
pub(crate) const SET_ASIDE: &str = include_str!("upgrade/set_aside.sql");

/// The creators of whom rows wait, in the order of their ids.
const OLDER_CREATORS: &str = "-- list_older_creators
             select agency_id, model_id from older_creators()";

/// Books the rows of one.
const ADOPT: &str = "-- adopt_older_rows
             select adopt_older_rows($1, $2, $3)";

/// An agency's account whose tokens stand in plain text.
#[derive(Clone, Debug)]
pub struct OlderConnection {
    /// The agency.
    pub agency: AgencyId,
    /// The platform's uuid of the account, as the older system had it.
    pub account_uuid: Option<String>,
    /// The access token, if there is one.
    pub access: Option<SecretString>,
    /// The refresh token, if there is one.
    pub refresh: Option<SecretString>,
    /// When the access token ends, where that is known.
    pub expires_at: Option<Timestamp>,
}

/// Whether tables with our names stand here that none of our migrations made.
pub(crate) async fn is_needed(client: &Client) -> Result<bool, tokio_postgres::Error> {
    let rows = client
        .query_typed(
            "-- is_upgrade_needed
             select coalesce(to_regclass('public.agencies'), to_regclass('public.models'),
                             to_regclass('public.fanvue_transactions')) is not null
                and to_regclass('public.earning_rejects') is null",
            &[],
        )
        .await?;
    Ok(rows.first().is_some_and(|row| row.get(0)))
}

/// Books the older system's rows that wait; returns how many there were, and how many are of nobody.
///
/// # Errors
/// [`Error::Query`] of the first creator whose rows can't be booked, after all others.
pub(crate) async fn adopt_rows(client: &Client) -> Result<(u64, u64), Error> {
    let failed = |source| Error::Query { statement: "adopt_older_rows", source };
    if client
        .query_typed(
            "-- has_older_rows
             select 1 where to_regclass('before_heartbeat.fanvue_transactions') is not null",
            &[],
        )
        .await
        .map_err(failed)?
        .is_empty()
    {
        return Ok((0, 0));
    }
    // Not under the locks of the migration: by now nobody else needs this table.
    let index = "create index if not exists fanvue_transactions_waiting
                     on before_heartbeat.fanvue_transactions (model_id)
                  where adopted_at is null";
    // Two that make the same index at once are not told that it exists: one of them fails.
    let make = async || {
        client.query_typed("select pg_advisory_xact_lock($1)", &[(&LOCK, Type::INT8)]).await?;
        client.batch_execute(index).await
    };
    patiently(client, async || in_transaction(client, make).await).await.map_err(failed)?;
    let waiting = client.query_typed(OLDER_CREATORS, &[]).await.map_err(failed)?;
    let (mut rows, mut failure) = (0, None);
    for whose in waiting.iter().map(older_creator) {
        match patiently(client, async || adopt_one(client, whose).await).await {
            Ok(some) => rows += some,
            Err(_) if client.is_closed() && failure.is_some() => break,
            Err(source) => {
                tracing::error!(creator.id = %whose.1, error = %source, "older rows not taken over");
                failure.get_or_insert(source);
            }
        }
    }
    if let Some(source) = failure {
        return Err(failed(source));
    }
    let strays = client
        .query_typed("-- count_older_strays\n select count_older_strays()", &[])
        .await
        .map_err(failed)?;
    Ok((rows, strays.first().map_or(0, |row| row.get::<_, i64>(0)).unsigned_abs()))
}

fn older_creator(row: &Row) -> (AgencyId, CreatorId) {
    (AgencyId(row.get("agency_id")), CreatorId(row.get("model_id")))
}

/// Whether tokens stand anywhere in plain text.
pub(crate) async fn has_plain_tokens(client: &Client) -> Result<bool, Error> {
    let rows = client
        .query_typed(
            "-- has_plain_tokens
             select exists (select from models
                             where coalesce(fanvue_access_token, '') not in ('', 'sealed')
                                or coalesce(fanvue_refresh_token, '') <> '')
                 or exists (select from older_connections())",
            &[],
        )
        .await
        .map_err(|source| Error::Query { statement: "has_plain_tokens", source })?;
    Ok(rows.first().is_some_and(|row| row.get(0)))
}

async fn adopt_one(
    client: &Client,
    (agency, creator): (AgencyId, CreatorId),
) -> Result<u64, tokio_postgres::Error> {
    in_transaction(client, async || {
        // A creator may have very many rows, and the server's own patience is for requests.
        client.batch_execute("set local statement_timeout = 0").await?;
        let adopted = client
            .query_typed(
                "-- adopt_older_rows
                 select adopt_older_rows($1, $2, now())",
                &[(&agency.0, Type::UUID), (&creator.0, Type::UUID)],
            )
            .await?;
        Ok(adopted.first().map_or(0, |row| row.get::<_, i64>(0)).unsigned_abs())
    })
    .await
}

impl Store {
    /// The creators of whom an older system wrote rows that are not taken over, in the order of their ids.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_older_creators(&self) -> Result<Vec<(AgencyId, CreatorId)>, Error> {
        let rows = self.rows("list_older_creators", OLDER_CREATORS, &[]).await?;
        Ok(rows.iter().map(older_creator).collect())
    }

    /// Books the rows of one creator that an older system wrote since it was taken over, in what is left of
    /// the time; returns how many.
    ///
    /// # Errors
    /// As for any statement; then nothing of hers was booked.
    pub async fn adopt_older_rows(
        &self,
        (agency, creator): (AgencyId, CreatorId),
        now: Timestamp,
        left: Patience<'_>,
    ) -> Result<u64, Error> {
        let tx = self.begin_within("adopt_older_rows", left).await?;
        let params: Params<'_> =
            &[(&agency.0, Type::UUID), (&creator.0, Type::UUID), (&now, Type::TIMESTAMPTZ)];
        let rows = tx.rows("adopt_older_rows", ADOPT, params).await?;
        tx.commit().await?;
        Ok(rows.first().map_or(0, |row| row.get::<_, i64>(0)).unsigned_abs())
    }

    /// Tokens of agencies' accounts that an older system left in plain text.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_older_connections(&self) -> Result<Vec<OlderConnection>, Error> {
        let rows = self
            .rows(
                "list_older_connections",
                "-- list_older_connections
                 select agency_id, account_uuid, access_token, refresh_token, expires_at
                   from older_connections()",
                &[],
            )
            .await?;
        let secret = |text: String| SecretString::from(text);
        let older = |row: &Row| OlderConnection {
            agency: AgencyId(row.get("agency_id")),
            account_uuid: row.get("account_uuid"),
            access: row.get::<_, Option<String>>("access_token").map(secret),
            refresh: row.get::<_, Option<String>>("refresh_token").map(secret),
            expires_at: row.get("expires_at"),
        };
        Ok(rows.iter().map(older).collect())
    }
}

impl Tx {
    /// Erases the plain tokens that are sealed now; false when others stand there meanwhile.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn forget_older_connection(&self, older: &OlderConnection) -> Result<bool, Error> {
        let meant = older.access.as_ref().map_or("", |text| text.expose_secret());
        let rows = self
            .rows(
                "forget_older_connection",
                "-- forget_older_connection
                 select forget_older_connection($1, $2)",
                &[(&older.agency.0, Type::UUID), (&meant, Type::TEXT)],
            )
            .await?;
        Ok(rows.first().is_some_and(|row| row.get(0)))
    }
}
