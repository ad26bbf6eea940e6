//! The queue of streams: who reads which creator now, how far it has been read, what failed.

use jiff::Timestamp;
use ledger::{AgencyId, ConnectionId, CreatorId, Stream};
use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

use crate::{Error, Store, Tx};

/// The exclusive right to step one creator's earnings. Safety comes from the token, which every
/// commit checks; its end only decides when others may try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The agency.
    pub agency: AgencyId,
    /// The creator.
    pub creator: CreatorId,
    /// What proves that we still hold it.
    pub token: Uuid,
}

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
}

/// Which streams a claim takes.
#[derive(Clone, Copy, Debug)]
pub struct Pick {
    /// At most so many.
    pub limit: i64,
    /// Only those whose time has come; otherwise every one.
    pub due_only: bool,
}

/// How far a step brought a stream.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The reading state after the step.
    pub stream: &'a Stream,
    /// The instant of the step.
    pub now: Timestamp,
    /// Until when the lease is kept.
    pub lease_until: Timestamp,
    /// When the stream is due again.
    pub next_sync_at: Timestamp,
}

/// A failed attempt.
#[derive(Clone, Copy, Debug)]
pub struct Failure<'a> {
    /// Why, in words for people. Never a secret or a fan's data.
    pub reason: &'a str,
    /// When it failed.
    pub now: Timestamp,
    /// When it is worth another attempt.
    pub next_sync_at: Timestamp,
    /// After so many attempts in a row the stream is parked; `None` for failures that pass.
    pub attempts_max: Option<i32>,
}

/// Why a stream was not taken up by a tick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unclaimed {
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

/// What keeps a stream from being taken up.
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
    /// Nothing: this tick had no time left for it.
    Waiting,
}

fn claim(row: &Row) -> Result<Claim, Error> {
    let stream = serde_json::from_value(row.get("stream"))
        .map_err(|_| Error::Inconsistent { table: "sync_state", column: "stream" })?;
    Ok(Claim {
        lease: Lease {
            agency: AgencyId(row.get("agency_id")),
            creator: CreatorId(row.get("model_id")),
            token: row.get("lease_token"),
        },
        name: row.get("name"),
        account_uuid: row.get("fanvue_user_uuid"),
        is_connected_account: row.get("is_connected_account"),
        connection: ConnectionId(row.get("connection_id")),
        routes: row.get("routes"),
        stream,
        attempts: row.get("attempts"),
        page_reach: row.get("page_reach"),
        newest_at: row.get("newest_at"),
    })
}

fn json(stream: &Stream) -> Result<serde_json::Value, Error> {
    serde_json::to_value(stream)
        .map_err(|_| Error::Inconsistent { table: "sync_state", column: "stream" })
}

impl Store {
    /// Gives every connected creator a stream of earnings that has none yet.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn ensure_streams(&self, now: Timestamp) -> Result<u64, Error> {
        self.change(
            "ensure_streams",
            "-- ensure_streams
             insert into sync_state (agency_id, model_id, sync_type, next_sync_at)
             select m.agency_id, m.id, 'earnings', $1
               from models m
              where m.connection_id is not null and m.fanvue_user_uuid is not null
                and not exists (
                    select 1 from sync_state s
                     where s.agency_id = m.agency_id and s.model_id = m.id
                       and s.sync_type = 'earnings')
             on conflict (agency_id, model_id, sync_type) do nothing",
            &[(&now, Type::TIMESTAMPTZ)],
        )
        .await
    }

    /// Takes streams that nobody holds and that this tick (begun at `tick`) has not tried, the
    /// longest untried first.
    ///
    /// # Errors
    /// As for any statement; [`Error::Inconsistent`] for a reading state that we never wrote.
    pub async fn claim_streams(
        &self,
        tick: Timestamp,
        now: Timestamp,
        lease_until: Timestamp,
        token: Uuid,
        pick: Pick,
    ) -> Result<Vec<Claim>, Error> {
        let rows = self
            .rows(
                "claim_streams",
                "-- claim_streams
                 with due as (
                     select s.agency_id, s.model_id, m.name, m.fanvue_user_uuid, m.connection_id,
                            c.routes, c.account_uuid = m.fanvue_user_uuid as is_connected_account
                       from sync_state s
                       join models m on m.agency_id = s.agency_id and m.id = s.model_id
                       join fanvue_connections c
                         on c.agency_id = m.agency_id and c.id = m.connection_id
                      where s.sync_type = 'earnings' and c.state = 'active'
                        and m.fanvue_user_uuid is not null
                        and (s.tried_at is null or s.tried_at < $1)
                        and (s.lease_expires_at is null or s.lease_expires_at <= $2)
                        and (s.paused_until is null or s.paused_until <= $2)
                        and s.parked_at is null
                        and (not $6 or s.next_sync_at is null or s.next_sync_at <= $2)
                      order by s.tried_at nulls first, s.agency_id, s.model_id
                      limit $5
                      for update of s skip locked
                 )
                 update sync_state s
                    set lease_token = $4, lease_expires_at = $3, tried_at = $1
                   from due
                  where s.agency_id = due.agency_id and s.model_id = due.model_id
                    and s.sync_type = 'earnings'
                 returning s.agency_id, s.model_id, s.stream, s.attempts, s.lease_token, due.name,
                           due.fanvue_user_uuid, due.connection_id, due.routes,
                           due.is_connected_account,
                           (select t.transaction_date from fanvue_transactions t
                             where t.agency_id = s.agency_id and t.model_id = s.model_id
                             order by t.transaction_date desc offset 39 limit 1) as page_reach,
                           (select max(t.transaction_date) from fanvue_transactions t
                             where t.agency_id = s.agency_id and t.model_id = s.model_id)
                           as newest_at",
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
        rows.iter().map(claim).collect()
    }

    /// Writes down that a stream was read and held nothing new. One statement, no transaction.
    ///
    /// # Errors
    /// [`Error::Lost`] when the lease is no longer ours.
    pub async fn advance_quiet(&self, lease: &Lease, step: Progress<'_>) -> Result<(), Error> {
        let statement = "advance_quiet";
        let changed = self
            .change(
                statement,
                "-- advance_quiet
                 with held as (
                     update sync_state
                        set stream = $4, watermark = $5, last_cursor = $6, last_sync_at = $7,
                            lease_expires_at = $8, next_sync_at = $9, attempts = 0,
                            last_error = null, paused_until = null,
                            read_at = case when $10 then $7 else read_at end,
                            needs_read = needs_read and not $10
                      where agency_id = $1 and model_id = $2 and sync_type = 'earnings'
                        and lease_token = $3
                     returning agency_id, model_id
                 )
                 update models m set last_transaction_sync = $5
                   from held where m.agency_id = held.agency_id and m.id = held.model_id",
                &[
                    (&lease.agency.0, Type::UUID),
                    (&lease.creator.0, Type::UUID),
                    (&lease.token, Type::UUID),
                    (&json(step.stream)?, Type::JSONB),
                    (&step.stream.watermark(), Type::TIMESTAMPTZ),
                    (&step.stream.cursor().map(ledger::Cursor::as_str), Type::TEXT),
                    (&step.now, Type::TIMESTAMPTZ),
                    (&step.lease_until, Type::TIMESTAMPTZ),
                    (&step.next_sync_at, Type::TIMESTAMPTZ),
                    (&step.stream.windows.is_empty(), Type::BOOL),
                ],
            )
            .await?;
        if changed == 1 { Ok(()) } else { Err(Error::Lost { statement }) }
    }

    /// Writes down a failed attempt and gives the lease back. It touches neither the watermark nor
    /// the as-of time.
    ///
    /// # Errors
    /// [`Error::Lost`] when the lease is no longer ours.
    pub async fn fail_stream(&self, lease: &Lease, failure: Failure<'_>) -> Result<(), Error> {
        let statement = "fail_stream";
        let changed = self
            .change(
                statement,
                "-- fail_stream
                 update sync_state
                    set attempts = attempts + 1, last_error = $4, last_error_at = $5,
                        next_sync_at = $6, lease_token = null, lease_expires_at = null,
                        parked_at = case when attempts + 1 >= $7 then $5 end
                  where agency_id = $1 and model_id = $2 and sync_type = 'earnings'
                    and lease_token = $3",
                &[
                    (&lease.agency.0, Type::UUID),
                    (&lease.creator.0, Type::UUID),
                    (&lease.token, Type::UUID),
                    (&failure.reason, Type::TEXT),
                    (&failure.now, Type::TIMESTAMPTZ),
                    (&failure.next_sync_at, Type::TIMESTAMPTZ),
                    (&failure.attempts_max, Type::INT4),
                ],
            )
            .await?;
        if changed == 1 { Ok(()) } else { Err(Error::Lost { statement }) }
    }

    /// Gives a lease back until the platform may be asked again. Waiting is no failure.
    ///
    /// # Errors
    /// [`Error::Lost`] when the lease is no longer ours.
    pub async fn pause_stream(&self, lease: &Lease, until: Timestamp) -> Result<(), Error> {
        let statement = "pause_stream";
        let changed = self
            .change(
                statement,
                "-- pause_stream
                 update sync_state
                    set paused_until = $4, next_sync_at = $4, lease_token = null,
                        lease_expires_at = null
                  where agency_id = $1 and model_id = $2 and sync_type = 'earnings'
                    and lease_token = $3",
                &[
                    (&lease.agency.0, Type::UUID),
                    (&lease.creator.0, Type::UUID),
                    (&lease.token, Type::UUID),
                    (&until, Type::TIMESTAMPTZ),
                ],
            )
            .await?;
        if changed == 1 { Ok(()) } else { Err(Error::Lost { statement }) }
    }

    /// Gives a lease back. Losing it meanwhile is no error.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn release_stream(&self, lease: &Lease) -> Result<(), Error> {
        self.change(
            "release_stream",
            "-- release_stream
             update sync_state set lease_token = null, lease_expires_at = null
              where agency_id = $1 and model_id = $2 and sync_type = 'earnings'
                and lease_token = $3",
            &[
                (&lease.agency.0, Type::UUID),
                (&lease.creator.0, Type::UUID),
                (&lease.token, Type::UUID),
            ],
        )
        .await
        .map(|_| ())
    }

    /// Ends all leases. Only for a process that knows itself to be the only one: `cargo dev` on its
    /// own data, after the one before was killed.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn release_all_streams(&self) -> Result<u64, Error> {
        self.change(
            "release_all_streams",
            "-- release_all_streams
             update sync_state set lease_token = null, lease_expires_at = null
              where lease_token is not null",
            &[],
        )
        .await
    }

    /// The streams that the tick begun at `tick` did not take up, and why; at most `limit`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_unclaimed(
        &self,
        tick: Timestamp,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<Unclaimed>, Error> {
        let rows = self
            .rows(
                "list_unclaimed",
                "-- list_unclaimed
                 select m.id, m.agency_id, m.name, m.last_transaction_sync, s.last_error,
                        s.paused_until, c.state = 'active' as is_active,
                        coalesce(s.lease_expires_at > $2, false) as is_leased,
                        s.parked_at is not null as is_parked
                   from models m
                   join fanvue_connections c
                     on c.agency_id = m.agency_id and c.id = m.connection_id
                   join sync_state s
                     on s.agency_id = m.agency_id and s.model_id = m.id
                    and s.sync_type = 'earnings'
                  where s.tried_at is distinct from $1 and m.fanvue_user_uuid is not null
                  order by m.name, m.id limit $3",
                &[(&tick, Type::TIMESTAMPTZ), (&now, Type::TIMESTAMPTZ), (&limit, Type::INT8)],
            )
            .await?;
        Ok(rows.iter().map(|row| unclaimed(row, now)).collect())
    }
}

fn unclaimed(row: &Row, now: Timestamp) -> Unclaimed {
    let paused: Option<Timestamp> = row.get("paused_until");
    let state = match paused {
        _ if !row.get::<_, bool>("is_active") => StreamState::Disconnected,
        _ if row.get("is_parked") => StreamState::Parked,
        _ if row.get("is_leased") => StreamState::Busy,
        Some(until) if now < until => StreamState::Paused(until),
        _ => StreamState::Waiting,
    };
    Unclaimed {
        creator: CreatorId(row.get("id")),
        name: row.get("name"),
        agency: AgencyId(row.get("agency_id")),
        as_of: row.get("last_transaction_sync"),
        state,
        last_error: row.get("last_error"),
    }
}

impl Tx {
    /// Moves a stream on, together with the rows that the step stored. The lease was checked by
    /// [`Tx::lock_books`] and is checked again here.
    ///
    /// # Errors
    /// [`Error::Lost`] when the lease is no longer ours.
    pub async fn advance_stream(&self, lease: &Lease, step: Progress<'_>) -> Result<(), Error> {
        let statement = "advance_stream";
        let changed = self
            .change(
                statement,
                "-- advance_stream
                 update sync_state
                    set stream = $4, watermark = $5, last_cursor = $6, last_sync_at = $7,
                        lease_expires_at = $8, next_sync_at = $9, attempts = 0,
                        last_error = null, paused_until = null,
                        read_at = case when $10 then $7 else read_at end,
                        needs_read = needs_read and not $10
                  where agency_id = $1 and model_id = $2 and sync_type = 'earnings'
                    and lease_token = $3",
                &[
                    (&lease.agency.0, Type::UUID),
                    (&lease.creator.0, Type::UUID),
                    (&lease.token, Type::UUID),
                    (&json(step.stream)?, Type::JSONB),
                    (&step.stream.watermark(), Type::TIMESTAMPTZ),
                    (&step.stream.cursor().map(ledger::Cursor::as_str), Type::TEXT),
                    (&step.now, Type::TIMESTAMPTZ),
                    (&step.lease_until, Type::TIMESTAMPTZ),
                    (&step.next_sync_at, Type::TIMESTAMPTZ),
                    (&step.stream.windows.is_empty(), Type::BOOL),
                ],
            )
            .await?;
        if changed == 1 { Ok(()) } else { Err(Error::Lost { statement }) }
    }
}
