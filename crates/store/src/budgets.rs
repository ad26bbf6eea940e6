//! The requests that the platform still allows us: one row a bucket, shared by every instance.

mod shared;
mod telling;

use jiff::Timestamp;
use ledger::{AgencyId, ConnectionId};
use tokio_postgres::{Row, types::Type};

use crate::{Error, Store};

/// Which bucket a request draws from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bucket {
    /// The agency.
    pub agency: AgencyId,
    /// The connection whose token is shown.
    pub connection: ConnectionId,
    /// `account`, or the uuid of the creator whose routes have a bucket of their own.
    pub name: String,
    /// The uuid of the creator whose routes are asked; `None` for the account's own. A pause that was told
    /// of them holds from whichever bucket they draw, also where another way of counting is learnt
    /// meanwhile.
    pub creator: Option<String>,
}

/// What an answer's headers told of the bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Requests that a full bucket holds.
    pub limit: i32,
    /// Requests left in this window.
    pub remaining: i32,
    /// When the bucket is full again.
    pub resets_at: Timestamp,
}

/// Whether a request may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Yes: it has been counted. What we think is left, and until when.
    Granted {
        /// Requests that a full bucket holds, as far as we know.
        limit: i32,
        /// Requests left in this window after this one, by our count.
        remaining: i32,
        /// When the window ends, by our count.
        window_ends_at: Timestamp,
    },
    /// No, not before this instant.
    Wait(Timestamp),
}

fn granted(row: &Row) -> Taken {
    Taken::Granted {
        limit: row.get("request_limit"),
        remaining: row.get("remaining"),
        window_ends_at: row.get("window_ends_at"),
    }
}

impl Store {
    /// Takes one request out of the bucket, all instances together. `told` is what the last answer
    /// from this bucket said. With a reserve it is a request that nobody waits for: it leaves
    /// `reserve_per_mille` of a full bucket, or as much as those without a reserve took of the window
    /// before and have not yet taken of this one, whichever is more; less and less of the one from
    /// the start and of the other from eight to two seconds before the end of the window, so that
    /// nothing goes unused.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn take_request(
        &self,
        bucket: &Bucket,
        told: Option<Told>,
        reserve_per_mille: i32,
        now: Timestamp,
    ) -> Result<Taken, Error> {
        let taken = self.try_take(bucket, told, reserve_per_mille, now).await?;
        if let Some(granted) = taken {
            return Ok(granted);
        }
        if let Some(granted) = self.open_bucket(bucket, now).await? {
            return Ok(granted);
        }
        // It may have been opened by somebody else between the two.
        match self.try_take(bucket, told, reserve_per_mille, now).await? {
            Some(granted) => Ok(granted),
            None => self.wait_for(bucket, reserve_per_mille == 0, now).await,
        }
    }

    async fn try_take(
        &self,
        bucket: &Bucket,
        told: Option<Told>,
        reserve_per_mille: i32,
        now: Timestamp,
    ) -> Result<Option<Taken>, Error> {
        // The reset is told in whole seconds: a second more keeps us behind it. A reset still to come
        // ends the window whatever we had guessed; one gone by says nothing of this window. What was
        // taken of a window stays taken when its end or its limit is told otherwise: others may be on
        // their way. Only a reset that is much later is that of the next window, also for the pulses.
        let rows = self
            .rows(
                "take_request",
                "-- take_request
                 update rate_budgets b
                    set request_limit = n.request_limit, remaining = n.remaining - 1,
                        window_ends_at = n.window_ends_at, paused_until = null,
                        pulses = n.pulses + ($8 = 0)::int, pulses_before = n.pulses_before,
                        requests_sent = b.requests_sent + 1
                   from (
                       select agency_id, connection_id, bucket,
                              coalesce($4, greatest(request_limit, 1)) as request_limit,
                              case when greatest($6 + interval '1 s', window_ends_at) <= $7
                                   then coalesce($4, greatest(request_limit, 1))
                                   when window_ends_at <= $7
                                        or $6 - window_ends_at > interval '30 s' then $5
                                   when $6 + interval '1 s' > $7
                                   then least(remaining + $4 - request_limit, $5)
                                   else remaining + coalesce($4 - request_limit, 0)
                              end as remaining,
                              case when $6 + interval '1 s' > $7 then $6 + interval '1 s'
                                   when window_ends_at > $7 then window_ends_at
                                   else $7 + interval '60 s' end as window_ends_at,
                              case when window_ends_at <= $7 or $6 - window_ends_at > interval '30 s'
                                   then 0 else pulses end as pulses,
                              case when window_ends_at <= $7 or $6 - window_ends_at > interval '30 s'
                                   then pulses else pulses_before end as pulses_before
                         from rate_budgets
                        where agency_id = $1 and connection_id = $2 and bucket = $3
                          for no key update
                   ) n
                  where b.agency_id = n.agency_id and b.connection_id = n.connection_id
                    and b.bucket = n.bucket
                    and coalesce(b.paused_until <= $7, true)
                    and not exists (
                        select from rate_budgets o
                         where o.agency_id = $1 and o.connection_id = $2 and o.bucket = $9
                           and o.paused_until > $7)
                    and n.remaining > 0
                    and ($8 = 0 or n.remaining > greatest(
                        n.request_limit * $8 / 1000
                            * least(extract(epoch from n.window_ends_at - $7) / 60, 1),
                        least(n.pulses_before * 1.1 - n.pulses, n.request_limit * 0.8)
                            * greatest(least(
                                (extract(epoch from n.window_ends_at - $7) - 2) / 6, 1), 0)))
                 returning b.request_limit, b.remaining, b.window_ends_at",
                &[
                    (&bucket.agency.0, Type::UUID),
                    (&bucket.connection.0, Type::UUID),
                    (&bucket.name, Type::TEXT),
                    (&told.map(|t| t.limit), Type::INT4),
                    (&told.map(|t| t.remaining), Type::INT4),
                    (&told.map(|t| t.resets_at), Type::TIMESTAMPTZ),
                    (&now, Type::TIMESTAMPTZ),
                    (&reserve_per_mille, Type::INT4),
                    (&bucket.creator, Type::TEXT),
                ],
            )
            .await?;
        Ok(rows.first().map(granted))
    }

    /// A bucket that nobody has used yet is taken to hold the older, smaller limit until an answer
    /// tells. `None` when it is known.
    async fn open_bucket(&self, bucket: &Bucket, now: Timestamp) -> Result<Option<Taken>, Error> {
        let rows = self
            .rows(
                "open_bucket",
                "-- open_bucket
                 insert into rate_budgets
                     (agency_id, connection_id, bucket, request_limit, remaining, window_ends_at,
                      requests_sent)
                 select $1, $2, $3, 100, 99, $4 + interval '60 s', 1
                  where not exists (
                        select from rate_budgets o
                         where o.agency_id = $1 and o.connection_id = $2 and o.bucket = $5
                           and o.paused_until > $4)
                 on conflict (agency_id, connection_id, bucket) do nothing
                 returning request_limit, remaining, window_ends_at",
                &[
                    (&bucket.agency.0, Type::UUID),
                    (&bucket.connection.0, Type::UUID),
                    (&bucket.name, Type::TEXT),
                    (&now, Type::TIMESTAMPTZ),
                    (&bucket.creator, Type::TEXT),
                ],
            )
            .await?;
        Ok(rows.first().map(granted))
    }

    /// When to come back to a bucket that gave nothing: soon if only a reserve is left in it, and at
    /// the latest when it is let go near the end of the window. What
    /// somebody waits for is counted all the same, so that the next window is kept for it. A window
    /// that would end later than any does (a clock went back) is cut here.
    async fn wait_for(
        &self,
        bucket: &Bucket,
        is_pulse: bool,
        now: Timestamp,
    ) -> Result<Taken, Error> {
        let rows = self
            .rows(
                "wait_for_bucket",
                "-- wait_for_bucket
                 with waited as (
                     update rate_budgets
                        set pulses = pulses + $5::int,
                            window_ends_at = least(window_ends_at, $4 + interval '2 minutes')
                      where agency_id = $1 and connection_id = $2 and bucket = $3
                     returning case when paused_until > $4 then paused_until
                                    when remaining > 0 and window_ends_at > $4
                                    then least($4 + interval '10 s',
                                        greatest(window_ends_at - interval '6 s', $4 + interval '1 s'))
                                    else greatest(window_ends_at, $4 + interval '1 s') end as until
                 )
                 select max(until) as until
                   from (select until from waited
                          union all
                         select paused_until from rate_budgets
                          where agency_id = $1 and connection_id = $2 and bucket = $6) as u",
                &[
                    (&bucket.agency.0, Type::UUID),
                    (&bucket.connection.0, Type::UUID),
                    (&bucket.name, Type::TEXT),
                    (&now, Type::TIMESTAMPTZ),
                    (&i32::from(is_pulse), Type::INT4),
                    (&bucket.creator, Type::TEXT),
                ],
            )
            .await?;
        let until = rows.first().and_then(|row| row.get::<_, Option<Timestamp>>("until"));
        Ok(Taken::Wait(until.unwrap_or(now)))
    }
}
