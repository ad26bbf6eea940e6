//! Sealed tokens by the key that sealed them. A token tells its key in its first bytes; this crate
//! compares them with a prefix and knows no more of it.
//!
//! Rows are held many at a time only where nobody else holds them; whoever waits for a row holds no
//! other. So no deadlock is possible, whatever the other party holds.

use ledger::{AgencyId, ConnectionId};
use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

use crate::{Error, Store, Tx};

/// A connection's sealed tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The agency.
    pub agency: AgencyId,
    /// The connection.
    pub connection: ConnectionId,
    /// The sealed access token, if there is one.
    pub access: Option<Vec<u8>>,
    /// The sealed refresh token, if there is one.
    pub refresh: Option<Vec<u8>>,
}

/// What shall stand in a connection's row instead of what was read there.
#[derive(Clone, Debug)]
pub struct Resealed {
    /// What was read.
    pub was: Stored,
    /// The access token to store.
    pub access: Option<Vec<u8>>,
    /// The refresh token to store.
    pub refresh: Option<Vec<u8>>,
}

/// How much begins otherwise than asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Elsewhere {
    /// Tokens.
    pub tokens: u64,
    /// Connections that have them.
    pub connections: u64,
}

fn stored(row: &Row) -> Stored {
    Stored {
        agency: AgencyId(row.get("agency_id")),
        connection: ConnectionId(row.get("id")),
        access: row.get("access_sealed"),
        refresh: row.get("refresh_sealed"),
    }
}

impl Store {
    /// Counts the tokens that don't begin with `prefix`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn count_sealed_elsewhere(&self, prefix: &[u8]) -> Result<Elsewhere, Error> {
        let rows = self
            .rows(
                "count_sealed_elsewhere",
                "-- count_sealed_elsewhere
                 select count(*) filter (where access or refresh) as connections,
                        count(*) filter (where access) + count(*) filter (where refresh) as tokens
                   from (select substring(access_sealed from 1 for length($1)) <> $1 as access,
                                substring(refresh_sealed from 1 for length($1)) <> $1 as refresh
                           from fanvue_connections) as begins_otherwise",
                &[(&prefix, Type::BYTEA)],
            )
            .await?;
        let count = |row: &Row, column| row.get::<_, i64>(column).unsigned_abs();
        let elsewhere = |row: &Row| Elsewhere {
            tokens: count(row, "tokens"),
            connections: count(row, "connections"),
        };
        Ok(rows.first().map(elsewhere).unwrap_or_default())
    }

    /// Connections that have a token which doesn't begin with `prefix`, in the order of their keys,
    /// at most `limit`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_sealed_elsewhere(
        &self,
        prefix: &[u8],
        limit: i64,
    ) -> Result<Vec<(AgencyId, ConnectionId)>, Error> {
        let rows = self
            .rows(
                "list_sealed_elsewhere",
                "-- list_sealed_elsewhere
                 select agency_id, id from fanvue_connections
                  where substring(access_sealed from 1 for length($1)) <> $1
                     or substring(refresh_sealed from 1 for length($1)) <> $1
                  order by agency_id, id limit $2",
                &[(&prefix, Type::BYTEA), (&limit, Type::INT8)],
            )
            .await?;
        let ids = |row: &Row| (AgencyId(row.get("agency_id")), ConnectionId(row.get("id")));
        Ok(rows.iter().map(ids).collect())
    }
}

impl Tx {
    /// Holds the next connections after `after` that have a token which doesn't begin with `prefix`,
    /// at most `limit`, and reads their tokens. Those that somebody holds are left out.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn hold_sealed_elsewhere(
        &self,
        prefix: &[u8],
        after: Option<(AgencyId, ConnectionId)>,
        limit: i64,
    ) -> Result<Vec<Stored>, Error> {
        let (agency, id) = after.map_or((Uuid::nil(), Uuid::nil()), |(a, c)| (a.0, c.0));
        let rows = self
            .rows(
                "hold_sealed_elsewhere",
                "-- hold_sealed_elsewhere
                 select agency_id, id, access_sealed, refresh_sealed from fanvue_connections
                  where (agency_id, id) > ($2, $3)
                    and (substring(access_sealed from 1 for length($1)) <> $1
                      or substring(refresh_sealed from 1 for length($1)) <> $1)
                  order by agency_id, id limit $4
                  for no key update skip locked",
                &[
                    (&prefix, Type::BYTEA),
                    (&agency, Type::UUID),
                    (&id, Type::UUID),
                    (&limit, Type::INT8),
                ],
            )
            .await?;
        Ok(rows.iter().map(stored).collect())
    }

    /// Waits for one connection, holds it and reads its tokens; `None` when all of them begin with
    /// `prefix` by then. Only right for a transaction that holds nothing else.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn wait_sealed_elsewhere(
        &self,
        prefix: &[u8],
        (agency, id): (AgencyId, ConnectionId),
    ) -> Result<Option<Stored>, Error> {
        let rows = self
            .rows(
                "wait_sealed_elsewhere",
                "-- wait_sealed_elsewhere
                 select agency_id, id, access_sealed, refresh_sealed from fanvue_connections
                  where agency_id = $2 and id = $3
                    and (substring(access_sealed from 1 for length($1)) <> $1
                      or substring(refresh_sealed from 1 for length($1)) <> $1)
                  for no key update",
                &[(&prefix, Type::BYTEA), (&agency.0, Type::UUID), (&id.0, Type::UUID)],
            )
            .await?;
        Ok(rows.first().map(stored))
    }

    /// Puts the new bytes where exactly those that were read still stand; returns the connections
    /// that were changed. Nothing else of the row changes: to everybody else it is the same token.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn replace_sealed(&self, new: &[Resealed]) -> Result<Vec<ConnectionId>, Error> {
        let agencies: Vec<_> = new.iter().map(|n| n.was.agency.0).collect();
        let ids: Vec<_> = new.iter().map(|n| n.was.connection.0).collect();
        let access_was: Vec<_> = new.iter().map(|n| n.was.access.as_deref()).collect();
        let refresh_was: Vec<_> = new.iter().map(|n| n.was.refresh.as_deref()).collect();
        let access: Vec<_> = new.iter().map(|n| n.access.as_deref()).collect();
        let refresh: Vec<_> = new.iter().map(|n| n.refresh.as_deref()).collect();
        let rows = self
            .rows(
                "replace_sealed",
                "-- replace_sealed
                 update fanvue_connections c
                    set access_sealed = new.access, refresh_sealed = new.refresh
                   from unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::bytea[], $5::bytea[],
                               $6::bytea[])
                        as new (agency_id, id, access_was, refresh_was, access, refresh)
                  where c.agency_id = new.agency_id and c.id = new.id
                    and c.access_sealed is not distinct from new.access_was
                    and c.refresh_sealed is not distinct from new.refresh_was
                 returning c.id",
                &[
                    (&agencies, Type::UUID_ARRAY),
                    (&ids, Type::UUID_ARRAY),
                    (&access_was, Type::BYTEA_ARRAY),
                    (&refresh_was, Type::BYTEA_ARRAY),
                    (&access, Type::BYTEA_ARRAY),
                    (&refresh, Type::BYTEA_ARRAY),
                ],
            )
            .await?;
        Ok(rows.iter().map(|row| ConnectionId(row.get("id"))).collect())
    }
}
