//! Connections as people see them, and their end by a person's will.

use jiff::Timestamp;
use ledger::{AgencyId, ConnectionId};
use tokio_postgres::{Row, types::Type};

use crate::{ConnectionKind, Error, Reader, Tx};

/// A connection with what it does, without its tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The connection.
    pub id: ConnectionId,
    /// The agency it belongs to.
    pub agency: AgencyId,
    /// The agency's name.
    pub agency_name: String,
    /// Whose account it is.
    pub kind: ConnectionKind,
    /// The platform's uuid of the account.
    pub account_uuid: String,
    /// The account's handle.
    pub account_handle: Option<String>,
    /// `active`, `revoked` or `disconnected`.
    pub state: String,
    /// The scopes granted, separated by spaces; empty where nobody told us.
    pub scope: String,
    /// Whether it has a refresh token; without one it ends with its access token.
    pub has_refresh: bool,
    /// When its tokens were obtained.
    pub obtained_at: Timestamp,
    /// When its access token ends.
    pub expires_at: Timestamp,
    /// When a refresh was begun that has not been finished.
    pub refresh_intended_at: Option<Timestamp>,
    /// Whether its creators could not be listed since it was connected.
    pub owes_import: bool,
    /// Why it ended, if it did, or what keeps its tokens from being refreshed.
    pub last_error: Option<String>,
    /// Creators that it reads.
    pub creators: i64,
    /// Up to when all of them are in the ledger; `None` while the history of one is incomplete.
    pub as_of: Option<Timestamp>,
}

fn account(row: &Row) -> Result<Account, Error> {
    let kind: &str = row.get("kind");
    Ok(Account {
        id: ConnectionId(row.get("id")),
        agency: AgencyId(row.get("agency_id")),
        agency_name: row.get("agency_name"),
        kind: ConnectionKind::of(kind)
            .ok_or(Error::Inconsistent { table: "fanvue_connections", column: "kind" })?,
        account_uuid: row.get("account_uuid"),
        account_handle: row.get("account_handle"),
        state: row.get("state"),
        scope: row.get("scope"),
        has_refresh: row.get("has_refresh"),
        obtained_at: row.get("obtained_at"),
        expires_at: row.get("expires_at"),
        refresh_intended_at: row.get("refresh_intended_at"),
        owes_import: row.get("owes_import"),
        last_error: row.get("last_error"),
        creators: row.get("creators"),
        as_of: row.get("as_of"),
    })
}

impl Reader {
    /// The connections of one agency, or of all, or the one of that id; the oldest first, at most
    /// 1000.
    ///
    /// # Errors
    /// As for any statement; [`Error::Inconsistent`] for a kind that we never wrote.
    pub async fn list_accounts(
        &self,
        agency: Option<AgencyId>,
        id: Option<ConnectionId>,
    ) -> Result<Vec<Account>, Error> {
        let rows = self
            .rows(
                "list_accounts",
                "-- list_accounts
                 select c.id, c.agency_id, a.name as agency_name, c.kind, c.account_uuid,
                        c.account_handle, c.state, c.scope, c.obtained_at, c.expires_at,
                        c.has_refresh, c.refresh_intended_at,
                        c.owes_import, c.last_error, m.creators, m.as_of
                   from fanvue_connections c
                   join agencies a on a.id = c.agency_id
                  cross join lateral (
                      select count(*) as creators,
                             case when bool_and(last_transaction_sync is not null)
                                  then min(last_transaction_sync) end as as_of
                        from models
                       where agency_id = c.agency_id and connection_id = c.id) m
                  where ($1::uuid is null or c.agency_id = $1) and ($2::uuid is null or c.id = $2)
                  order by c.created_at, c.id limit 1000",
                &[(&agency.map(|a| a.0), Type::UUID), (&id.map(|id| id.0), Type::UUID)],
            )
            .await?;
        rows.iter().map(account).collect()
    }
}

impl Tx {
    /// Ends a connection by a person's will: its tokens are erased, and its creators are read by
    /// nobody until they are connected again, also by whoever reads them right now. What is in the
    /// ledger stays.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn disconnect(
        &self,
        agency: AgencyId,
        id: ConnectionId,
        now: Timestamp,
    ) -> Result<(), Error> {
        // The connection before its creators, as everybody takes them who connects.
        self.change(
            "disconnect",
            "-- disconnect
             update fanvue_connections
                set state = 'disconnected', access_sealed = null, refresh_sealed = null,
                    refresh_intended_at = null, last_error = null, owes_import = false,
                    updated_at = $3
              where agency_id = $1 and id = $2",
            &[(&agency.0, Type::UUID), (&id.0, Type::UUID), (&now, Type::TIMESTAMPTZ)],
        )
        .await?;
        self.change(
            "release_creators",
            "-- release_creators
             with held as (
                 select agency_id, id from models where agency_id = $1 and connection_id = $2
                  order by agency_id, id for no key update
             ), left_alone as (
                 update sync_state s set lease_token = null, lease_expires_at = null
                   from held where s.agency_id = held.agency_id and s.model_id = held.id
             ), uncounted as (
                 update audience_streams s set lease_token = null, lease_expires_at = null
                   from held where s.agency_id = held.agency_id and s.model_id = held.id
             )
             update models m
                set connection_id = null, fanvue_access_token = null,
                    fanvue_refresh_token = null, updated_at = $3
               from held where m.agency_id = held.agency_id and m.id = held.id",
            &[(&agency.0, Type::UUID), (&id.0, Type::UUID), (&now, Type::TIMESTAMPTZ)],
        )
        .await
        .map(|_| ())
    }
}
