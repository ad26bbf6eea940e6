//! The queue of streams: who reads which creator now, how far it has been read, what failed.

use jiff::Timestamp;
use ledger::{AgencyId, CreatorId, Stream};
use tokio_postgres::types::Type;
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
    /// After so many refusals since the last success the stream is parked; `None` for failures
    /// that pass by themselves.
    pub refusals_max: Option<i32>,
}

fn json(stream: &Stream) -> Result<serde_json::Value, Error> {
    serde_json::to_value(stream)
        .map_err(|_| Error::Inconsistent { table: "sync_state", column: "stream" })
}

// Whatever a webhook asked for after the read began (its as-of time is when) is still to be read.

impl Store {
    /// Writes down that a stream was read and held nothing new. One statement, no transaction. Without
    /// `has_read` it was only set back, which is no success: what failed before it still counts.
    ///
    /// # Errors
    /// [`Error::Lost`] when the lease is no longer ours.
    pub async fn advance_quiet(
        &self,
        lease: &Lease,
        step: Progress<'_>,
        has_read: bool,
    ) -> Result<(), Error> {
        let statement = "advance_quiet";
        let rows = self
            .rows(
                statement,
                "-- advance_quiet
                 with creator as (
                     select 1 from models where agency_id = $1 and id = $2 for no key update
                 ), held as (
                     update sync_state
                        set stream = $4, watermark = $5, last_cursor = $6, last_sync_at = $7,
                            lease_expires_at = $8,
                            attempts = case when $11 then 0 else attempts end,
                            refusals = case when $11 then 0 else refusals end,
                            last_error = case when $11 then null else last_error end,
                            next_sync_at = case when coalesce(woken_at < $5, true) then $9 else least($9, woken_at) end,
                            paused_until = null,
                            read_at = case when $10 then $5 else read_at end,
                            confirmed_at = case when $10 then $5 else confirmed_at end,
                            read_from = case when $10 and coalesce(woken_at < $5, true) then null else read_from end,
                            needs_read = needs_read and not ($10 and coalesce(woken_at < $5, true))
                      where agency_id = $1 and model_id = $2 and sync_type = 'earnings'
                        and lease_token = $3 and exists (select 1 from creator)
                     returning agency_id, model_id
                 ), shown as (
                     update models m set last_transaction_sync = $5
                       from held
                      where m.agency_id = held.agency_id and m.id = held.model_id
                        and $5 is not null
                 )
                 select count(*) as held_count from held",
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
                    (&has_read, Type::BOOL),
                ],
            )
            .await?;
        let held: i64 = rows.first().map_or(0, |row| row.get("held_count"));
        if held == 1 { Ok(()) } else { Err(Error::Lost { statement }) }
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
                        refusals = refusals + case when $7 is null then 0 else 1 end,
                        parked_at = case when refusals + 1 >= $7 then $5 end
                  where agency_id = $1 and model_id = $2 and sync_type = 'earnings'
                    and lease_token = $3",
                &[
                    (&lease.agency.0, Type::UUID),
                    (&lease.creator.0, Type::UUID),
                    (&lease.token, Type::UUID),
                    (&failure.reason, Type::TEXT),
                    (&failure.now, Type::TIMESTAMPTZ),
                    (&failure.next_sync_at, Type::TIMESTAMPTZ),
                    (&failure.refusals_max, Type::INT4),
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

    /// Keeps a lease until then; `false` when it is no longer ours.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn renew_lease(&self, lease: &Lease, until: Timestamp) -> Result<bool, Error> {
        self.change(
            "renew_lease",
            "-- renew_lease
             update sync_state set lease_expires_at = $4
              where agency_id = $1 and model_id = $2 and sync_type = 'earnings'
                and lease_token = $3",
            &[
                (&lease.agency.0, Type::UUID),
                (&lease.creator.0, Type::UUID),
                (&lease.token, Type::UUID),
                (&until, Type::TIMESTAMPTZ),
            ],
        )
        .await
        .map(|changed| changed == 1)
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
             with audience as (
                 update audience_streams set lease_token = null, lease_expires_at = null
                  where lease_token is not null
             )
             update sync_state set lease_token = null, lease_expires_at = null
              where lease_token is not null",
            &[],
        )
        .await
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
                        lease_expires_at = $8, attempts = 0,
                        next_sync_at = case when coalesce(woken_at < $5, true) then $9 else least($9, woken_at) end,
                        refusals = 0, last_error = null, paused_until = null,
                        read_at = case when $10 then $5 else read_at end,
                        confirmed_at = case when $10 then $5 else confirmed_at end,
                        read_from = case when $10 and coalesce(woken_at < $5, true) then null else read_from end,
                        needs_read = needs_read and not ($10 and coalesce(woken_at < $5, true))
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
