//! Authorisations at the platform. Tokens pass through here sealed; this crate can't open them.

use jiff::Timestamp;
use ledger::{AgencyId, ConnectionId};
use tokio_postgres::{Row, types::Type};

use crate::{Error, Store};

/// Whose account was connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionKind {
    /// An agency's account, which reads the creators it manages.
    Agency,
    /// A single creator's own account.
    Creator,
}

impl ConnectionKind {
    /// The name stored in `fanvue_connections.kind`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agency => "agency",
            Self::Creator => "creator",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        [Self::Agency, Self::Creator].into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A pair of tokens as stored: sealed by `app`, with its life.
#[derive(Clone, Debug)]
pub struct SealedGrant {
    /// The sealed access token.
    pub access: Vec<u8>,
    /// The sealed refresh token, if there is one.
    pub refresh: Option<Vec<u8>>,
    /// When it was obtained.
    pub obtained_at: Timestamp,
    /// When the access token ends.
    pub expires_at: Timestamp,
    /// The scopes granted, separated by spaces.
    pub scope: String,
}

/// A connection as stored.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Its id.
    pub id: ConnectionId,
    /// The agency it belongs to.
    pub agency: AgencyId,
    /// Whether it is the agency's account, which need not be a creator's.
    pub is_agency: bool,
    /// The platform's uuid of the connected account.
    pub account_uuid: String,
    /// Which generation of paths the platform serves it: `v1` or `unprefixed`.
    pub routes: String,
    /// Whether all its creators draw from one bucket of requests.
    pub bucket_shared: bool,
    /// Whether it still works: `false` means that a person must reconnect.
    pub is_active: bool,
    /// Whether the platform itself said whose account it is.
    pub is_identified: bool,
    /// When a refresh was begun that has not been finished.
    pub refresh_intended_at: Option<Timestamp>,
    /// Why it ended, or what keeps its tokens from being refreshed.
    pub last_error: Option<String>,
    /// The tokens.
    pub grant: SealedGrant,
}

/// A connection to store.
#[derive(Clone, Debug)]
pub struct NewConnection {
    /// The id it gets if the account is new to the agency.
    pub id: ConnectionId,
    /// The agency it belongs to.
    pub agency: AgencyId,
    /// Whose account it is.
    pub kind: ConnectionKind,
    /// The platform's uuid of the account.
    pub account_uuid: String,
    /// The account's handle.
    pub account_handle: Option<String>,
    /// Whether the account is itself a creator, read by the personal endpoint.
    pub account_is_creator: bool,
    /// Which generation of paths the platform serves it: `v1` or `unprefixed`.
    pub routes: &'static str,
}

pub(crate) fn connection(row: &Row) -> Connection {
    Connection {
        id: ConnectionId(row.get("id")),
        agency: AgencyId(row.get("agency_id")),
        is_agency: row.get::<_, String>("kind") == ConnectionKind::Agency.as_str(),
        account_uuid: row.get("account_uuid"),
        routes: row.get("routes"),
        bucket_shared: row.get("bucket_shared"),
        is_active: row.get::<_, String>("state") == "active",
        is_identified: row.get("is_identified"),
        refresh_intended_at: row.get("refresh_intended_at"),
        last_error: row.get("last_error"),
        grant: SealedGrant {
            access: row.get("access_sealed"),
            refresh: row.get("refresh_sealed"),
            obtained_at: row.get("obtained_at"),
            expires_at: row.get("expires_at"),
            scope: row.get("scope"),
        },
    }
}

impl Store {
    /// The connection as it stands now; `None` also when a person disconnected it.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn find_connection(
        &self,
        agency: AgencyId,
        id: ConnectionId,
    ) -> Result<Option<Connection>, Error> {
        let rows = self
            .rows(
                "find_connection",
                "-- find_connection
                 select id, agency_id, kind, account_uuid, routes, bucket_shared, state, is_identified,
                        refresh_intended_at, access_sealed, refresh_sealed, obtained_at, expires_at,
                        scope, last_error
                   from fanvue_connections
                  where agency_id = $1 and id = $2 and state <> 'disconnected'",
                &[(&agency.0, Type::UUID), (&id.0, Type::UUID)],
            )
            .await?;
        Ok(rows.first().map(connection))
    }

    /// Writes down that the pair obtained at `obtained_at` is about to be exchanged, before the
    /// platform is asked. It stays until a new pair is stored, so an intent that is found under the
    /// row's lock belongs to the stored pair and was not finished. One begun after `forgotten` keeps
    /// its time: the platform's toleration counts from the first attempt.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn intend_refresh(
        &self,
        agency: AgencyId,
        id: ConnectionId,
        obtained_at: Timestamp,
        (now, forgotten): (Timestamp, Timestamp),
    ) -> Result<(), Error> {
        self.change(
            "intend_refresh",
            "-- intend_refresh
             update fanvue_connections set refresh_intended_at = $4, updated_at = $4
              where agency_id = $1 and id = $2 and state = 'active' and obtained_at = $3
                and coalesce(refresh_intended_at <= $5, true)",
            &[
                (&agency.0, Type::UUID),
                (&id.0, Type::UUID),
                (&obtained_at, Type::TIMESTAMPTZ),
                (&now, Type::TIMESTAMPTZ),
                (&forgotten, Type::TIMESTAMPTZ),
            ],
        )
        .await
        .map(|_| ())
    }

    /// Active connections whose access token has used up `percent` of its life, or all of it where
    /// nothing refreshes it, or whose refresh was begun and not finished; these first, the latest
    /// before all, for the platform tolerates their old tokens for some seconds only; then the
    /// shortest-lived; at most 1000.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_refreshes_due(
        &self,
        now: Timestamp,
        percent: i64,
    ) -> Result<Vec<(AgencyId, ConnectionId)>, Error> {
        let rows = self
            .rows(
                "list_refreshes_due",
                "-- list_refreshes_due
                 select agency_id, id from fanvue_connections
                  where state = 'active'
                    and (refresh_intended_at is not null or expires_at <= $1
                         or (refresh_sealed is not null
                             and obtained_at + (expires_at - obtained_at) * $2 / 100 <= $1))
                  order by refresh_intended_at desc nulls last, expires_at limit 1000",
                &[(&now, Type::TIMESTAMPTZ), (&percent, Type::INT8)],
            )
            .await?;
        let ids = |row: &Row| (AgencyId(row.get("agency_id")), ConnectionId(row.get("id")));
        Ok(rows.iter().map(ids).collect())
    }

    /// Takes the agency connections whose creators were not listed since `listed_before`, for this
    /// caller alone to list; one that is being changed is left for later.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn claim_listings(
        &self,
        now: Timestamp,
        listed_before: Timestamp,
    ) -> Result<Vec<(AgencyId, ConnectionId)>, Error> {
        let rows = self
            .rows(
                "claim_listings",
                "-- claim_listings
                 with due as (
                     select agency_id, id from fanvue_connections
                      where state = 'active' and kind = 'agency'
                        and coalesce(creators_listed_at <= $2, true)
                        for no key update skip locked
                 )
                 update fanvue_connections c set creators_listed_at = $1
                   from due where c.agency_id = due.agency_id and c.id = due.id
                 returning c.agency_id, c.id",
                &[(&now, Type::TIMESTAMPTZ), (&listed_before, Type::TIMESTAMPTZ)],
            )
            .await?;
        let ids = |row: &Row| (AgencyId(row.get("agency_id")), ConnectionId(row.get("id")));
        Ok(rows.iter().map(ids).collect())
    }

    /// The accounts connected in this database, at most `limit`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_connected_accounts(&self, limit: i64) -> Result<Vec<String>, Error> {
        let rows = self
            .rows(
                "list_connected_accounts",
                "-- list_connected_accounts
                 select account_uuid from fanvue_connections order by created_at limit $1",
                &[(&limit, Type::INT8)],
            )
            .await?;
        Ok(rows.iter().map(|row| row.get("account_uuid")).collect())
    }

    /// The platform said that the tokens are the account's that they were stored for.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn set_identified(
        &self,
        agency: AgencyId,
        id: ConnectionId,
        routes: &'static str,
    ) -> Result<(), Error> {
        self.change(
            "set_identified",
            "-- set_identified
             update fanvue_connections set is_identified = true, routes = $3
              where agency_id = $1 and id = $2",
            &[(&agency.0, Type::UUID), (&id.0, Type::UUID), (&routes, Type::TEXT)],
        )
        .await
        .map(|_| ())
    }

    /// Remembers which generation of paths the platform serves this connection.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn set_routes(
        &self,
        agency: AgencyId,
        id: ConnectionId,
        routes: &'static str,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.change(
            "set_routes",
            "-- set_routes
             update fanvue_connections set routes = $3, updated_at = $4
              where agency_id = $1 and id = $2",
            &[
                (&agency.0, Type::UUID),
                (&id.0, Type::UUID),
                (&routes, Type::TEXT),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await
        .map(|_| ())
    }
}
