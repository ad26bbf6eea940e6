//! Claiming streams from the queue, and telling why others were left.

use jiff::Timestamp;
use ledger::{AgencyId, ConnectionId, CreatorId, Stream};
use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

use crate::{
    Error, Lease, Store,
    jobs::UNPROMISED,
    proving::{OF_PROOF, UNTRIED},
    statements::Params,
};

/// Why a stream is parked that this build can't read.
pub(crate) const UNREADABLE: &str = "this build can't tell how far the creator was read: deploy the \
                                     later one that wrote it, or ask for the whole history";

/// A claimed stream with all a tick needs to step it.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The right to step it.
    pub lease: Lease,
    /// The creator's name, for reports.
    pub name: String,
    /// The platform's uuid of the creator.
    pub account_uuid: String,
    /// Whether the creator is the connected account itself, read by the personal endpoint.
    pub is_connected_account: bool,
    /// The connection that reads it.
    pub connection: ConnectionId,
    /// Which generation of paths the platform serves it: `v1` or `unprefixed`.
    pub routes: String,
    /// How far it has been read.
    pub stream: Stream,
    /// Failed attempts in a row.
    pub attempts: i32,
    /// Instant of the oldest of its newest 40 rows; `None` when it has fewer.
    pub page_reach: Option<Timestamp>,
    /// Instant of its newest row.
    pub newest_at: Option<Timestamp>,
    /// Totals changed on days from here on: a pulse has to look back as far.
    pub read_from: Option<Timestamp>,
    /// A job waits for it of which nothing tells how long it takes, and the platform may.
    pub is_unpromised: bool,
}

/// Which streams a claim takes.
#[derive(Clone, Copy, Debug)]
pub struct Pick {
    /// At most so many.
    pub limit: i64,
    /// Only those whose time has come; otherwise every one.
    pub due_only: bool,
    /// Only those that the nightly proof reads again, also where this tick has tried them before.
    pub proof_only: bool,
}

/// A stream as a tick leaves it that did not read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The creator.
    pub creator: CreatorId,
    /// The creator's name.
    pub name: String,
    /// The agency.
    pub agency: AgencyId,
    /// Everything before this instant is in the ledger.
    pub as_of: Option<Timestamp>,
    /// What keeps it.
    pub state: StreamState,
    /// The last failure, if the last attempt failed.
    pub last_error: Option<String>,
}

/// Why a tick did not read a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamState {
    /// Another tick is reading it.
    Busy,
    /// The platform asked us to wait until then.
    Paused(Timestamp),
    /// The connection was revoked: a person must reconnect.
    Disconnected,
    /// It failed in a way that no retry mends; `last_error` says how.
    Parked,
    /// It is complete up to this tick all the same: totals proved it, or another tick read it.
    Complete,
    /// Nothing: this tick had no time left for it.
    Waiting,
}

/// The claim, or the lease alone of a stream that this build can't read.
fn claim(row: &Row) -> Result<Claim, Lease> {
    let lease = Lease {
        agency: AgencyId(row.get("agency_id")),
        creator: CreatorId(row.get("model_id")),
        token: row.get("lease_token"),
    };
    let Ok(stream) = serde_json::from_value(row.get("stream")) else { return Err(lease) };
    Ok(Claim {
        lease,
        name: row.get("name"),
        account_uuid: row.get("fanvue_user_uuid"),
        is_connected_account: row.get("is_connected_account"),
        connection: ConnectionId(row.get("connection_id")),
        routes: row.get("routes"),
        stream,
        attempts: row.get("attempts"),
        page_reach: row.get("page_reach"),
        newest_at: row.get("newest_at"),
        read_from: row.get("read_from"),
        is_unpromised: row.get("is_unpromised"),
    })
}

/// Takes streams that `$WANTED` says, and tells those of whom `$UNPROMISED` does.
const CLAIM: &str = "-- claim_streams
     with due as (
         select s.agency_id, s.model_id, m.name, m.fanvue_user_uuid, m.connection_id,
                c.routes, c.account_uuid = m.fanvue_user_uuid as is_connected_account
           from sync_state s
           join models m on m.agency_id = s.agency_id and m.id = s.model_id
           join fanvue_connections c
             on c.agency_id = m.agency_id and c.id = m.connection_id
          where s.sync_type = 'earnings' and c.state = 'active'
            and m.fanvue_user_uuid is not null
            and $WANTED
            and (s.lease_expires_at is null or s.lease_expires_at <= $2)
            and (s.paused_until is null or s.paused_until <= $2)
            and s.parked_at is null
            and (not $6 or s.next_sync_at is null or s.next_sync_at <= $2)
          order by s.watermark is null, s.tried_at nulls first, s.agency_id, s.model_id
          limit $5
          for update of s skip locked
     ), held as (
         -- Their revisions rise when this commits: everybody holds agencies in one order.
         select id from agencies where id in (select agency_id from due)
          order by id for no key update
     )
     update sync_state s
        set lease_token = $4, lease_expires_at = $3, tried_at = $1
       from due
      where (select count(*) from held) > 0
        and s.agency_id = due.agency_id and s.model_id = due.model_id
        and s.sync_type = 'earnings'
     returning s.agency_id, s.model_id, s.stream, s.attempts, s.lease_token, s.read_from,
               due.name, due.fanvue_user_uuid, due.connection_id, due.routes,
               due.is_connected_account,
               exists (select from sync_job_creators j
                        where j.agency_id = s.agency_id and j.model_id = s.model_id
                          and $UNPROMISED) as is_unpromised,
               -- A range of one: else the planner may walk the agency for who has few rows.
               (select t.transaction_date from fanvue_transactions t
                 where t.agency_id = s.agency_id
                   and t.model_id between s.model_id and s.model_id
                 order by t.model_id, t.transaction_date desc offset 39 limit 1) as page_reach,
               (select t.transaction_date from fanvue_transactions t
                 where t.agency_id = s.agency_id
                   and t.model_id between s.model_id and s.model_id
                 order by t.model_id, t.transaction_date desc limit 1)
               as newest_at";

impl Store {
    /// Takes streams that nobody holds and that this tick (begun at `tick`) has not tried: those that
    /// have their history before those that read it, the longest untried first. A stream that this build
    /// can't read is parked and holds up nobody.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn claim_streams(
        &self,
        tick: Timestamp,
        now: Timestamp,
        lease_until: Timestamp,
        token: Uuid,
        pick: Pick,
    ) -> Result<Vec<Claim>, Error> {
        let wanted = if pick.proof_only { OF_PROOF } else { UNTRIED };
        let sql = CLAIM.replace("$WANTED", wanted).replace("$UNPROMISED", UNPROMISED);
        let rows = self
            .rows(
                "claim_streams",
                &sql,
                &[
                    (&tick, Type::TIMESTAMPTZ),
                    (&now, Type::TIMESTAMPTZ),
                    (&lease_until, Type::TIMESTAMPTZ),
                    (&token, Type::UUID),
                    (&pick.limit, Type::INT8),
                    (&pick.due_only, Type::BOOL),
                ],
            )
            .await?;
        let mut claims = vec![];
        for row in &rows {
            match claim(row) {
                Ok(claim) => claims.push(claim),
                Err(lease) => self.park_stream(&lease, now).await?,
            }
        }
        // `returning` keeps no order.
        claims.sort_by_key(|claim| {
            (claim.stream.watermark().is_none(), claim.lease.agency, claim.lease.creator)
        });
        Ok(claims)
    }

    /// Sets a stream aside that this build can't read: a later one wrote it, or a hand did.
    async fn park_stream(&self, lease: &Lease, now: Timestamp) -> Result<(), Error> {
        let params: Params<'_> = &[
            (&lease.agency.0, Type::UUID),
            (&lease.creator.0, Type::UUID),
            (&lease.token, Type::UUID),
            (&now, Type::TIMESTAMPTZ),
            (&UNREADABLE, Type::TEXT),
        ];
        let sql = "-- park_stream
             update sync_state
                set parked_at = $4, last_error = $5, last_error_at = $4, lease_token = null,
                    lease_expires_at = null
              where agency_id = $1 and model_id = $2 and sync_type = 'earnings'
                and lease_token = $3";
        if self.change("park_stream", sql, params).await? == 1 {
            let (creator, agency) = (lease.creator, lease.agency);
            let (stream, error) = ("earnings", UNREADABLE);
            tracing::error!(creator.id = %creator, agency.id = %agency, stream, error, "creator set aside");
        }
        Ok(())
    }

    /// Every stream as the tick begun at `tick` leaves it; at most `limit`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_left(
        &self,
        tick: Timestamp,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<Left>, Error> {
        let rows = self
            .rows(
                "list_left",
                "-- list_left
                 select m.id, m.agency_id, m.name, m.last_transaction_sync, s.last_error,
                        s.paused_until, c.state = 'active' as is_active,
                        coalesce(s.lease_expires_at > $2 or s.tried_at > $1, false) as is_leased,
                        coalesce(s.confirmed_at >= $1, false) and s.last_error is null
                            and m.last_transaction_sync is not null as is_complete,
                        s.parked_at is not null as is_parked
                   from models m
                   join fanvue_connections c
                     on c.agency_id = m.agency_id and c.id = m.connection_id
                   join sync_state s
                     on s.agency_id = m.agency_id and s.model_id = m.id
                    and s.sync_type = 'earnings'
                  where m.fanvue_user_uuid is not null
                  order by m.name, m.id limit $3",
                &[(&tick, Type::TIMESTAMPTZ), (&now, Type::TIMESTAMPTZ), (&limit, Type::INT8)],
            )
            .await?;
        Ok(rows.iter().map(|row| left(row, now)).collect())
    }
}

fn left(row: &Row, now: Timestamp) -> Left {
    let paused: Option<Timestamp> = row.get("paused_until");
    let state = match paused {
        _ if !row.get::<_, bool>("is_active") => StreamState::Disconnected,
        _ if row.get("is_parked") => StreamState::Parked,
        _ if row.get("is_leased") => StreamState::Busy,
        Some(until) if now < until => StreamState::Paused(until),
        _ if row.get("is_complete") => StreamState::Complete,
        _ => StreamState::Waiting,
    };
    Left {
        creator: CreatorId(row.get("id")),
        name: row.get("name"),
        agency: AgencyId(row.get("agency_id")),
        as_of: row.get("last_transaction_sync"),
        state,
        last_error: row.get("last_error"),
    }
}
