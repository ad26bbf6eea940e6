//! Changing an authorisation: connect, exchange its tokens, revoke. Always under its row's lock.

use jiff::Timestamp;
use ledger::{AgencyId, ConnectionId};
use tokio_postgres::{Row, types::Type};

use crate::{
    Connection, ConnectionKind, Error, NewConnection, SealedGrant, Store, Tx,
    connections::connection,
};

/// An account that an agency connected before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The connection.
    pub id: ConnectionId,
    /// What it was connected as.
    pub kind: ConnectionKind,
    /// Whether a person ended it.
    pub is_disconnected: bool,
}

impl Store {
    /// Keeps with a working connection why the pair obtained at `obtained_at` can't be used or
    /// exchanged, or forgets it.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn note_trouble(
        &self,
        (agency, id): (AgencyId, ConnectionId),
        obtained_at: Timestamp,
        reason: Option<&str>,
    ) -> Result<u64, Error> {
        self.change(
            "note_trouble",
            "-- note_trouble
             update fanvue_connections set last_error = $4
              where agency_id = $1 and id = $2 and obtained_at = $3 and state = 'active'
                and last_error is distinct from $4",
            &[
                (&agency.0, Type::UUID),
                (&id.0, Type::UUID),
                (&obtained_at, Type::TIMESTAMPTZ),
                (&reason, Type::TEXT),
            ],
        )
        .await
    }
}

impl Tx {
    /// The connection unless a person disconnected it, held against every other change until this transaction ends.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn lock_connection(
        &self,
        agency: AgencyId,
        id: ConnectionId,
    ) -> Result<Option<Connection>, Error> {
        let rows = self
            .rows(
                "lock_connection",
                "-- lock_connection
                 select id, agency_id, kind, account_uuid, routes, bucket_shared, state, is_identified,
                        refresh_intended_at, access_sealed, refresh_sealed, obtained_at, expires_at,
                        scope, last_error
                   from fanvue_connections
                  where agency_id = $1 and id = $2 and state <> 'disconnected'
                    for no key update",
                &[(&agency.0, Type::UUID), (&id.0, Type::UUID)],
            )
            .await?;
        Ok(rows.first().map(connection))
    }

    /// The agency's connection of that account, held until this transaction ends: reconnecting
    /// keeps its id.
    ///
    /// # Errors
    /// As for any statement; [`Error::Inconsistent`] for a kind that we never wrote.
    pub async fn lock_connection_of(
        &self,
        agency: AgencyId,
        account_uuid: &str,
    ) -> Result<Option<Known>, Error> {
        let rows = self
            .rows(
                "lock_connection_of",
                "-- lock_connection_of
                 select id, kind, state = 'disconnected' as is_disconnected
                   from fanvue_connections
                  where agency_id = $1 and account_uuid = $2 for no key update",
                &[(&agency.0, Type::UUID), (&account_uuid, Type::TEXT)],
            )
            .await?;
        let known = |row: &Row| {
            Ok(Known {
                id: ConnectionId(row.get("id")),
                kind: ConnectionKind::of(row.get("kind"))
                    .ok_or(Error::Inconsistent { table: "fanvue_connections", column: "kind" })?,
                is_disconnected: row.get("is_disconnected"),
            })
        };
        rows.first().map(known).transpose()
    }

    /// Stores a connection and its tokens; an account that was connected before is reconnected. An
    /// agency's owes the list of its creators.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn save_connection(
        &self,
        new: &NewConnection,
        grant: &SealedGrant,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.change(
            "save_connection",
            "-- save_connection
             insert into fanvue_connections
                 (id, agency_id, kind, account_uuid, account_handle, account_is_creator, routes,
                  scope, access_sealed, refresh_sealed, obtained_at, expires_at,
                  created_at, updated_at, owes_import)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $3 = 'agency')
             on conflict (agency_id, id) do update
                set kind = excluded.kind, account_handle = excluded.account_handle,
                    is_identified = true, owes_import = excluded.owes_import,
                    account_is_creator = excluded.account_is_creator, routes = excluded.routes,
                    scope = excluded.scope, access_sealed = excluded.access_sealed,
                    refresh_sealed = excluded.refresh_sealed, obtained_at = excluded.obtained_at,
                    expires_at = excluded.expires_at, state = 'active', last_error = null,
                    refresh_intended_at = null, updated_at = excluded.updated_at",
            &[
                (&new.id.0, Type::UUID),
                (&new.agency.0, Type::UUID),
                (&new.kind.as_str(), Type::TEXT),
                (&new.account_uuid, Type::TEXT),
                (&new.account_handle, Type::TEXT),
                (&new.account_is_creator, Type::BOOL),
                (&new.routes, Type::TEXT),
                (&grant.scope, Type::TEXT),
                (&grant.access, Type::BYTEA),
                (&grant.refresh, Type::BYTEA),
                (&grant.obtained_at, Type::TIMESTAMPTZ),
                (&grant.expires_at, Type::TIMESTAMPTZ),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await
        .map(|_| ())
    }

    /// Holds the connection while a list of its creators is booked: whether it owes that list since
    /// it was connected. `None` if it works no more; then the list is nobody's business.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn lock_listing(
        &self,
        agency: AgencyId,
        id: ConnectionId,
    ) -> Result<Option<bool>, Error> {
        let rows = self
            .rows(
                "lock_listing",
                "-- lock_listing
                 select owes_import from fanvue_connections
                  where agency_id = $1 and id = $2 and state = 'active' for no key update",
                &[(&agency.0, Type::UUID), (&id.0, Type::UUID)],
            )
            .await?;
        Ok(rows.first().map(|row| row.get("owes_import")))
    }

    /// The list that the connection owed is booked.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn import_done(
        &self,
        agency: AgencyId,
        id: ConnectionId,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.change(
            "import_done",
            "-- import_done
             update fanvue_connections set owes_import = false, creators_listed_at = $3
              where agency_id = $1 and id = $2",
            &[(&agency.0, Type::UUID), (&id.0, Type::UUID), (&now, Type::TIMESTAMPTZ)],
        )
        .await
        .map(|_| ())
    }

    /// Replaces the tokens by a new pair, which ends the intent to refresh.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn save_grant(
        &self,
        agency: AgencyId,
        id: ConnectionId,
        grant: &SealedGrant,
    ) -> Result<(), Error> {
        self.change(
            "save_grant",
            "-- save_grant
             update fanvue_connections
                set access_sealed = $3, refresh_sealed = coalesce($4, refresh_sealed), scope = $5,
                    obtained_at = $6, expires_at = $7, state = 'active', last_error = null,
                    refresh_intended_at = null, updated_at = $6, refreshes = refreshes + 1
              where agency_id = $1 and id = $2",
            &[
                (&agency.0, Type::UUID),
                (&id.0, Type::UUID),
                (&grant.access, Type::BYTEA),
                (&grant.refresh, Type::BYTEA),
                (&grant.scope, Type::TEXT),
                (&grant.obtained_at, Type::TIMESTAMPTZ),
                (&grant.expires_at, Type::TIMESTAMPTZ),
            ],
        )
        .await
        .map(|_| ())
    }

    /// The platform ended the grant: only a person can connect the account again.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn revoke_connection(
        &self,
        agency: AgencyId,
        id: ConnectionId,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.change(
            "revoke_connection",
            "-- revoke_connection
             update fanvue_connections
                set state = 'revoked', last_error = $3, refresh_intended_at = null, updated_at = $4
              where agency_id = $1 and id = $2",
            &[
                (&agency.0, Type::UUID),
                (&id.0, Type::UUID),
                (&reason, Type::TEXT),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await
        .map(|_| ())
    }
}
