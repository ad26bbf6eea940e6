//! Whom the rows name: agencies, the accounts that are connected, creators and users.

use jiff::Timestamp;
use ledger::{AgencyId, ConnectionId};
use serde::Deserialize;

use super::Examiner;
use crate::Error;

/// An account that is connected, or was until it ended by itself.
#[derive(Clone)]
pub struct AccountFacts {
    /// The connection.
    pub id: ConnectionId,
    /// Its agency.
    pub agency: AgencyId,
    /// The agency's name, and the account's.
    pub name: String,
    /// `agency` or `creator`.
    pub kind: String,
    /// Whether it works: `false` where a person has to connect it again.
    pub is_active: bool,
    /// The scopes granted, separated by spaces; empty where nobody told us.
    pub scope: String,
    /// Which generation of paths the platform serves it.
    pub routes: String,
    /// When its access token ends.
    pub expires_at: Timestamp,
    /// Its sealed access token.
    pub access_sealed: Option<Vec<u8>>,
    /// Its sealed refresh token.
    pub refresh_sealed: Option<Vec<u8>>,
    /// Its creators could not be listed since it was connected.
    pub owes_import: bool,
}

/// An agency.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct AgencyFacts {
    /// Its name.
    pub name: String,
    /// The time zone that its days are counted in.
    pub timezone: String,
    /// The database knows that zone.
    pub is_known: bool,
}

/// Creators and users that nobody serves.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct CreatorFacts {
    /// Creators whom no connection reads, the first twenty.
    pub unread: Vec<String>,
    /// Creators with a token of an older system in the open, the first twenty.
    pub plain: Vec<String>,
    /// Users without an agency, or in a role that is none.
    pub users_without_role: i64,
}

impl Examiner {
    /// The accounts that nobody disconnected, the oldest first, at most 1000.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn accounts(&self) -> Result<Vec<AccountFacts>, Error> {
        let rows = self
            .rows(
                "examine_accounts",
                "-- examine_accounts
                 select c.id, c.agency_id, c.kind, c.state = 'active' as is_active, c.scope, c.routes,
                        concat(a.name, ' · ', coalesce(c.account_handle, c.account_uuid)) as name,
                        c.expires_at, c.access_sealed, c.refresh_sealed, c.owes_import
                   from fanvue_connections c join agencies a on a.id = c.agency_id
                  where c.state <> 'disconnected'
                  order by c.created_at, c.id limit 1000",
                &[],
            )
            .await?;
        let account = |row: &tokio_postgres::Row| AccountFacts {
            id: ConnectionId(row.get("id")),
            agency: AgencyId(row.get("agency_id")),
            name: row.get("name"),
            kind: row.get("kind"),
            is_active: row.get("is_active"),
            scope: row.get("scope"),
            routes: row.get("routes"),
            expires_at: row.get("expires_at"),
            access_sealed: row.get("access_sealed"),
            refresh_sealed: row.get("refresh_sealed"),
            owes_import: row.get("owes_import"),
        };
        Ok(rows.iter().map(account).collect())
    }

    /// The agencies, at most 1000.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn agencies(&self) -> Result<Vec<AgencyFacts>, Error> {
        let sql = "-- examine_agencies
             with zone as materialized (select name from pg_timezone_names)
             select coalesce(json_agg(json_build_object(
                        'name', a.name, 'timezone', a.timezone,
                        'is_known', a.timezone in (select z.name from zone z))), '[]')
               from (select name, timezone from agencies order by created_at limit 1000) as a";
        self.told("examine_agencies", sql, &[]).await
    }

    /// Creators and users that nobody serves.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn creators(&self) -> Result<CreatorFacts, Error> {
        let sql = "-- examine_creators
             select json_build_object(
                'unread', (
                    select coalesce(json_agg(m.name), '[]')
                      from (select name from models
                             where connection_id is null and status = 'active'
                               and coalesce(fanvue_access_token, '') in ('', 'sealed')
                               and fanvue_refresh_token is null
                             order by name limit 20) as m),
                'plain', (
                    select coalesce(json_agg(m.name), '[]')
                      from (select name from models
                             where fanvue_access_token not in ('', 'sealed')
                                or fanvue_refresh_token is not null
                             order by name limit 20) as m),
                'users_without_role', (
                    select count(*) from profiles
                     where agency_id is null
                        or role not in ('owner', 'admin', 'manager', 'viewer')))";
        self.told("examine_creators", sql, &[]).await
    }
}
