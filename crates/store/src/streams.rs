//! The queue of streams: who reads which creator now, how far it has been read, what failed.

use jiff::Timestamp;
use ledger::{AgencyId, CreatorId, SpoiltWindows};
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::{Error, Store};

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

/// A wait for requests.
#[derive(Clone, Copy, Debug)]
pub struct Pause {
    /// When the platform may be asked again.
    pub until: Timestamp,
    /// Requests sent that no commit told of: those that brought nothing.
    pub requests: i64,
    /// What a 429 spoilt, if one was the reason.
    pub spoilt: Option<SpoiltWindows>,
}

impl Store {
    /// Gives every connected creator a stream of earnings that has none yet. In the order in which all who
    /// touch several agencies do, since each raises its agency's revision at the end. Streams that were
    /// taken up later than now, or are held for far longer than anybody holds one, were so by a clock that
    /// was ahead: they wait for it no longer.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn ensure_streams(&self, now: Timestamp) -> Result<u64, Error> {
        self.change(
            "ensure_streams",
            "-- ensure_streams
             with ahead as (
                 select agency_id, model_id, sync_type from sync_state
                  where tried_at > $1 + interval '1 minute'
                     or lease_expires_at > $1 + interval '5 minutes'
                  order by agency_id, model_id for update skip locked
             ), held as (
                 select id from agencies where id in (select agency_id from ahead)
                  order by id for no key update
             ), mended as (
                 update sync_state s
                    set tried_at = least(s.tried_at, $1 - interval '1 second'),
                        lease_expires_at = case when s.lease_expires_at > $1 + interval '5 minutes'
                                                then $1 else s.lease_expires_at end
                   from ahead a
                  where (select count(*) from held) > 0
                    and s.agency_id = a.agency_id and s.model_id = a.model_id
                    and s.sync_type = a.sync_type
             )
             insert into sync_state (agency_id, model_id, sync_type, next_sync_at)
             select m.agency_id, m.id, 'earnings', $1
               from models m
              where m.connection_id is not null and m.fanvue_user_uuid is not null
                and not exists (
                    select 1 from sync_state s
                     where s.agency_id = m.agency_id and s.model_id = m.id
                       and s.sync_type = 'earnings')
              order by m.agency_id, m.id
             on conflict (agency_id, model_id, sync_type) do nothing",
            &[(&now, Type::TIMESTAMPTZ)],
        )
        .await
    }

    /// Writes down a failed attempt, also for the jobs that wait for it, and gives the lease back: whether the
    /// stream is set aside by it. It touches neither the watermark nor the as-of time.
    ///
    /// # Errors
    /// [`Error::Lost`] when the lease is no longer ours.
    pub async fn fail_stream(&self, lease: &Lease, failure: Failure<'_>) -> Result<bool, Error> {
        let statement = "fail_stream";
        let rows = self
            .rows(
                statement,
                "-- fail_stream
                 with held as (
                     update sync_state
                        set attempts = attempts + 1, last_error = $4, last_error_at = $5,
                            next_sync_at = $6, lease_token = null, lease_expires_at = null,
                            refusals = refusals + case when $7 is null then 0 else 1 end,
                            parked_at = case when refusals + 1 >= $7 then $5 end
                      where agency_id = $1 and model_id = $2 and sync_type = 'earnings'
                        and lease_token = $3
                     returning agency_id, model_id, parked_at is not null as is_parked
                 ), failed as (
                     update sync_job_creators j set failures = j.failures + 1
                       from held
                      where j.agency_id = held.agency_id and j.model_id = held.model_id
                        and j.ended_at is null
                 )
                 select is_parked from held",
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
        rows.first().map(|row| row.get("is_parked")).ok_or(Error::Lost { statement })
    }

    /// Gives a lease back until the platform may be asked again. Waiting is no failure, and tells jobs their
    /// pace, what else they sent, and what a 429 spoilt.
    ///
    /// # Errors
    /// [`Error::Lost`] when the lease is no longer ours.
    pub async fn pause_stream(&self, lease: &Lease, pause: Pause) -> Result<(), Error> {
        let statement = "pause_stream";
        let spoilt = pause.spoilt;
        let spoilt_requests = spoilt.map(|one| i64::try_from(one.requests).unwrap_or(i64::MAX));
        let rows = self
            .rows(
                statement,
                "-- pause_stream
                 with held as (
                     update sync_state
                        set paused_until = $4, next_sync_at = $4, lease_token = null,
                            lease_expires_at = null
                      where agency_id = $1 and model_id = $2 and sync_type = 'earnings'
                        and lease_token = $3
                     returning agency_id, model_id
                 ), paced as (
                     update sync_job_creators j
                        set requests = j.requests + $5, pauses = j.pauses + 1,
                            paced_rows = case when j.rows_read > 0 then j.rows_read end,
                            paced_until = case when j.rows_read > 0 then $4 end,
                            spoilt_seconds = j.spoilt_seconds + coalesce($6, 0),
                            spoilt_requests = j.spoilt_requests + coalesce($7, 0),
                            spoilt_until = coalesce($8, j.spoilt_until)
                       from held
                      where j.agency_id = held.agency_id and j.model_id = held.model_id
                        and j.ended_at is null
                 )
                 select count(*) as held_count from held",
                &[
                    (&lease.agency.0, Type::UUID),
                    (&lease.creator.0, Type::UUID),
                    (&lease.token, Type::UUID),
                    (&pause.until, Type::TIMESTAMPTZ),
                    (&pause.requests, Type::INT8),
                    (&spoilt.map(|one| one.seconds), Type::INT8),
                    (&spoilt_requests, Type::INT8),
                    (&spoilt.map(|one| one.until), Type::TIMESTAMPTZ),
                ],
            )
            .await?;
        let held: i64 = rows.first().map_or(0, |row| row.get("held_count"));
        if held == 1 { Ok(()) } else { Err(Error::Lost { statement }) }
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
