//! How reading stands, for people: every stream of an agency, and the budgets its requests draw from.

use jiff::Timestamp;
use ledger::{AgencyId, ConnectionId, CreatorId};
use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

use crate::{Error, Reader};

/// A stream of earnings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamStanding {
    /// The creator.
    pub creator: CreatorId,
    /// The creator's name.
    pub name: String,
    /// The connection that reads it, if one does.
    pub connection: Option<ConnectionId>,
    /// Whether that connection works.
    pub is_connected: bool,
    /// Everything before this instant is in the ledger.
    pub as_of: Option<Timestamp>,
    /// When the platform last told, by rows or by totals, that nothing is new.
    pub confirmed_at: Option<Timestamp>,
    /// When a tick last took it up.
    pub tried_at: Option<Timestamp>,
    /// Failed attempts in a row.
    pub attempts: i32,
    /// Why the last attempt failed, if it did.
    pub last_error: Option<String>,
    /// When that was.
    pub last_error_at: Option<Timestamp>,
    /// When it is due again.
    pub next_sync_at: Option<Timestamp>,
    /// The platform asked us to wait until then.
    pub paused_until: Option<Timestamp>,
    /// Since when it is set aside.
    pub parked_at: Option<Timestamp>,
    /// Until when somebody has the right to read it.
    pub lease_expires_at: Option<Timestamp>,
}

/// The requests that the platform still allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetStanding {
    /// The connection whose token is shown.
    pub connection: ConnectionId,
    /// The creator whose routes it counts; `None` for all of the account.
    pub creator: Option<CreatorId>,
    /// Requests that a full one holds.
    pub limit: i32,
    /// Requests left in this window.
    pub remaining: i32,
    /// When it is full again.
    pub resets_at: Timestamp,
    /// Nobody sends before this instant.
    pub paused_until: Option<Timestamp>,
}

fn stream(row: &Row) -> StreamStanding {
    StreamStanding {
        creator: CreatorId(row.get("id")),
        name: row.get("name"),
        connection: row.get::<_, Option<Uuid>>("connection_id").map(ConnectionId),
        is_connected: row.get("is_connected"),
        as_of: row.get("as_of"),
        confirmed_at: row.get("confirmed_at"),
        tried_at: row.get("tried_at"),
        attempts: row.get::<_, Option<i32>>("attempts").unwrap_or(0),
        last_error: row.get("last_error"),
        last_error_at: row.get("last_error_at"),
        next_sync_at: row.get("next_sync_at"),
        paused_until: row.get("paused_until"),
        parked_at: row.get("parked_at"),
        lease_expires_at: row.get("lease_expires_at"),
    }
}

impl Reader {
    /// The streams of an agency's creators, by name; at most `limit`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_streams(
        &self,
        agency: AgencyId,
        limit: i64,
    ) -> Result<Vec<StreamStanding>, Error> {
        let rows = self
            .rows(
                "list_streams",
                "-- list_streams
                 select m.id, m.name, m.connection_id,
                        coalesce(c.state = 'active', false) as is_connected,
                        case when m.last_transaction_sync is not null and s.watermark is not null
                             then least(m.last_transaction_sync, s.watermark) end as as_of,
                        s.confirmed_at, s.tried_at, s.attempts, s.last_error, s.last_error_at,
                        s.next_sync_at, s.paused_until, s.parked_at, s.lease_expires_at
                   from models m
                   left join fanvue_connections c
                     on c.agency_id = m.agency_id and c.id = m.connection_id
                   left join sync_state s
                     on s.agency_id = m.agency_id and s.model_id = m.id
                    and s.sync_type = 'earnings'
                  where m.agency_id = $1
                  order by m.name, m.id limit $2",
                &[(&agency.0, Type::UUID), (&limit, Type::INT8)],
            )
            .await?;
        Ok(rows.iter().map(stream).collect())
    }

    /// The budgets of an agency's connections that were drawn from since `since`. Users don't see them by
    /// themselves.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_budgets(
        &self,
        agency: AgencyId,
        since: Timestamp,
    ) -> Result<Vec<BudgetStanding>, Error> {
        let rows = self
            .rows(
                "list_budgets",
                "-- list_budgets
                 select b.connection_id, m.id as model_id, b.request_limit, b.remaining,
                        b.window_ends_at, b.paused_until
                   from rate_budgets b
                   left join models m
                     on m.agency_id = b.agency_id and m.fanvue_user_uuid = b.bucket
                  where b.agency_id = $1 and (b.window_ends_at > $2 or b.paused_until > $2)
                  order by b.connection_id, m.name, b.bucket limit 1000",
                &[(&agency.0, Type::UUID), (&since, Type::TIMESTAMPTZ)],
            )
            .await?;
        let budget = |row: &Row| BudgetStanding {
            connection: ConnectionId(row.get("connection_id")),
            creator: row.get::<_, Option<Uuid>>("model_id").map(CreatorId),
            limit: row.get("request_limit"),
            remaining: row.get("remaining"),
            resets_at: row.get("window_ends_at"),
            paused_until: row.get("paused_until"),
        };
        Ok(rows.iter().map(budget).collect())
    }
}
