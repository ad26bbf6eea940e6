//! What a diagnosis reads: whom somebody asks about, what is shown and held of them, and how their reading
//! stands. Its statements are of one moment, in one snapshot.
//!
//! They add up rows of the ledger, so they cost what was asked about: days, or a history.

mod days;
mod rows;
mod sums;

use jiff::{Timestamp, civil::Date};
use ledger::{AgencyId, Cents, ConnectionId, CreatorId, diagnosis::Sum};
use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

pub use self::{
    days::CreatorDay,
    rows::{Moment, StoredReject},
};
use crate::{ConnectionKind, Error, Reader, Tx};

/// A creator that somebody asks about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedAbout {
    /// The agency.
    pub agency: AgencyId,
    /// The creator.
    pub creator: CreatorId,
    /// The creator's name.
    pub name: String,
}

/// Of whom and of which days figures are wanted.
#[derive(Clone, Copy, Debug)]
pub struct BooksAsked<'a> {
    /// The agency.
    pub agency: AgencyId,
    /// The creators.
    pub creators: &'a [CreatorId],
    /// The agency's days, both ends included.
    pub days: (Date, Date),
    /// The same as instants: the first, and the first one after the last.
    pub instants: (Timestamp, Timestamp),
    /// The UTC days of the same dates, as instants.
    pub utc: (Timestamp, Timestamp),
    /// The moment.
    pub now: Timestamp,
}

impl BooksAsked<'_> {
    fn ids(&self) -> Vec<Uuid> {
        self.creators.iter().map(|creator| creator.0).collect()
    }
}

/// What is shown and held of a creator, and how its reading stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldBooks {
    /// The creator.
    pub creator: CreatorId,
    /// The platform's uuid of the creator's account, once it is known.
    pub account_uuid: Option<String>,
    /// The running total.
    pub total: Sum,
    /// The days' sums.
    pub rollup: Sum,
    /// The rows of the same days.
    pub ledger: Sum,
    /// The connection that reads it, if one does.
    pub connection: Option<HeldConnection>,
    /// Everything before this instant is in the ledger.
    pub as_of: Option<Timestamp>,
    /// When the platform last told that nothing is new.
    pub confirmed_at: Option<Timestamp>,
    /// When a tick last took it up.
    pub tried_at: Option<Timestamp>,
    /// Failed attempts in a row.
    pub attempts: i32,
    /// Why the last one failed, if it did.
    pub last_error: Option<String>,
    /// The platform asked us to wait until then.
    pub paused_until: Option<Timestamp>,
    /// Until when somebody has the right to read it, or had it and never came to an end. The last step of
    /// a read that did is written when its lease ends.
    pub lease_expires_at: Option<Timestamp>,
    /// Until then totals hold what the rows don't show yet.
    pub unexplained_until: Option<Timestamp>,
    /// When a webhook last told of money of the creator.
    pub last_told_at: Option<Timestamp>,
}

/// The connection that reads a creator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldConnection {
    /// Which.
    pub id: ConnectionId,
    /// Whose account it is.
    pub kind: ConnectionKind,
    /// Whether it works as far as we know.
    pub is_active: bool,
    /// Whether its account is the creator's own.
    pub is_own_account: bool,
    /// The scopes granted, separated by spaces.
    pub scope: String,
    /// Whether it has a refresh token.
    pub has_refresh: bool,
    /// When its access token ends.
    pub expires_at: Timestamp,
    /// Why its tokens could not be renewed, or why it ended.
    pub last_error: Option<String>,
}

fn sum(row: &Row, cents: &str, number: &str) -> Sum {
    Sum { cents: Cents(row.get(cents)), rows: row.get(number) }
}

fn connection(row: &Row) -> Result<Option<HeldConnection>, Error> {
    let Some(id) = row.get::<_, Option<Uuid>>("connection_id") else { return Ok(None) };
    let kind: &str = row.get("kind");
    let kind = ConnectionKind::of(kind)
        .ok_or(Error::Inconsistent { table: "fanvue_connections", column: "kind" })?;
    Ok(Some(HeldConnection {
        id: ConnectionId(id),
        kind,
        is_active: row.get("is_active"),
        is_own_account: row.get::<_, Option<bool>>("is_own_account").unwrap_or(false),
        scope: row.get("scope"),
        has_refresh: row.get("has_refresh"),
        expires_at: row.get("expires_at"),
        last_error: row.get("connection_error"),
    }))
}

fn held(row: &Row) -> Result<HeldBooks, Error> {
    Ok(HeldBooks {
        creator: CreatorId(row.get("id")),
        account_uuid: row.get("fanvue_user_uuid"),
        total: sum(row, "revenue_total_cents", "transactions_total"),
        rollup: sum(row, "rollup_cents", "rollup_rows"),
        ledger: sum(row, "ledger_cents", "ledger_rows"),
        connection: connection(row)?,
        as_of: row.get("as_of"),
        confirmed_at: row.get("confirmed_at"),
        tried_at: row.get("tried_at"),
        attempts: row.get::<_, Option<i32>>("attempts").unwrap_or(0),
        last_error: row.get("last_error"),
        paused_until: row.get("paused_until"),
        lease_expires_at: row.get("lease_expires_at"),
        unexplained_until: row.get("unexplained_until"),
        last_told_at: row.get("last_told_at"),
    })
}

impl Reader {
    /// The creators that somebody asks about: one, those whose name holds `part` in any case of letters, or
    /// all; by name, at most `limit`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_asked_about(
        &self,
        agency: Option<AgencyId>,
        creator: Option<CreatorId>,
        part: Option<&str>,
        limit: i64,
    ) -> Result<Vec<AskedAbout>, Error> {
        let rows = self
            .rows(
                "list_asked_about",
                "-- list_asked_about
                 select m.agency_id, m.id, m.name
                   from models m
                  where ($1::uuid is null or m.agency_id = $1)
                    and ($2::uuid is null or m.id = $2)
                    and ($3::text is null or position(lower($3) in lower(m.name)) > 0)
                  order by m.name, m.id limit $4",
                &[
                    (&agency.map(|agency| agency.0), Type::UUID),
                    (&creator.map(|creator| creator.0), Type::UUID),
                    (&part, Type::TEXT),
                    (&limit, Type::INT8),
                ],
            )
            .await?;
        let asked_about = |row: &Row| AskedAbout {
            agency: AgencyId(row.get("agency_id")),
            creator: CreatorId(row.get("id")),
            name: row.get("name"),
        };
        Ok(rows.iter().map(asked_about).collect())
    }
}

impl Tx {
    /// What is shown and held of the creators, and how their reading stands.
    ///
    /// # Errors
    /// As for any statement; [`Error::Inconsistent`] for a kind of connection that we never wrote.
    pub async fn list_held(&self, asked: &BooksAsked<'_>) -> Result<Vec<HeldBooks>, Error> {
        let rows = self
            .rows(
                "list_held",
                "-- list_held
                 select m.id, m.fanvue_user_uuid, m.revenue_total_cents, m.transactions_total,
                        c.id as connection_id, c.kind, c.state = 'active' as is_active,
                        c.account_uuid = m.fanvue_user_uuid as is_own_account, c.scope,
                        c.has_refresh, c.expires_at, c.last_error as connection_error,
                        case when m.last_transaction_sync is not null and s.watermark is not null
                             then least(m.last_transaction_sync, s.watermark) end as as_of,
                        s.confirmed_at, s.tried_at, s.attempts, s.last_error, s.paused_until,
                        case when s.lease_expires_at > coalesce(s.last_sync_at, '-infinity')
                             then s.lease_expires_at end as lease_expires_at,
                        s.unexplained_until,
                        r.cents as rollup_cents, r.number as rollup_rows,
                        l.cents as ledger_cents, l.number as ledger_rows,
                        (select max(p.created_at) from provisional_transactions p
                          where p.agency_id = m.agency_id and p.model_id = m.id) as last_told_at
                   from models m
                   left join fanvue_connections c
                     on c.agency_id = m.agency_id and c.id = m.connection_id
                   left join sync_state s
                     on s.agency_id = m.agency_id and s.model_id = m.id
                    and s.sync_type = 'earnings'
                  cross join lateral (
                      select coalesce(sum(d.gross_cents), 0)::bigint as cents,
                             coalesce(sum(d.transaction_count), 0)::bigint as number
                        from revenue_daily d
                       where d.agency_id = m.agency_id and d.model_id = m.id
                         and d.day between $3 and $4) r
                  cross join lateral (
                      select coalesce(sum(t.amount_cents), 0)::bigint as cents,
                             count(*) as number
                        from fanvue_transactions t
                       where t.agency_id = m.agency_id and t.model_id = m.id
                         and t.transaction_date >= $5 and t.transaction_date < $6) l
                  where m.agency_id = $1 and m.id = any($2)
                  order by m.name, m.id",
                &[
                    (&asked.agency.0, Type::UUID),
                    (&asked.ids(), Type::UUID_ARRAY),
                    (&asked.days.0, Type::DATE),
                    (&asked.days.1, Type::DATE),
                    (&asked.instants.0, Type::TIMESTAMPTZ),
                    (&asked.instants.1, Type::TIMESTAMPTZ),
                ],
            )
            .await?;
        rows.iter().map(held).collect()
    }
}
