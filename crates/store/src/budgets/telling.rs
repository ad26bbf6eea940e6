//! What answers tell of a bucket: a pause, and what is left of it.

use jiff::Timestamp;
use ledger::SpoiltWindows;
use tokio_postgres::types::Type;

use crate::{Bucket, Error, Store, Told};

impl Store {
    /// Nobody sends to this bucket before `until`, nor to that creator's routes if they draw from another
    /// one by then. What that spoilt, if by our count there were requests left or if the pause is longer than
    /// the window: told to the first of those whom it stops.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn pause_bucket(
        &self,
        bucket: &Bucket,
        until: Timestamp,
    ) -> Result<Option<SpoiltWindows>, Error> {
        let rows = self
            .rows(
                "pause_bucket",
                "-- pause_bucket
                 with stood as (
                     select request_limit, remaining, window_ends_at, paused_until
                       from rate_budgets
                      where agency_id = $1 and connection_id = $2 and bucket = $3
                        for no key update
                 ), paused as (
                     insert into rate_budgets as b
                         (agency_id, connection_id, bucket, request_limit, remaining,
                          window_ends_at, paused_until)
                     select distinct $1, $2, name, 100, 0, $4, $4
                       from unnest(array[$3, coalesce($5, $3)]) as name
                      where (select count(*) from stood) < 2
                      order by name
                     on conflict (agency_id, connection_id, bucket) do update
                        set paused_until = greatest(b.paused_until, excluded.paused_until),
                            remaining = 0
                 )
                 select request_limit - remaining as requests,
                        60 + extract(epoch from greatest($4 - window_ends_at, interval '0 s'))::int8
                            as seconds,
                        greatest($4, window_ends_at) as until
                   from stood
                  where paused_until is null and (remaining > 0 or $4 > window_ends_at)",
                &[
                    (&bucket.agency.0, Type::UUID),
                    (&bucket.connection.0, Type::UUID),
                    (&bucket.name, Type::TEXT),
                    (&until, Type::TIMESTAMPTZ),
                    (&bucket.creator, Type::TEXT),
                ],
            )
            .await?;
        let spoilt = |row: &tokio_postgres::Row| SpoiltWindows {
            seconds: row.get("seconds"),
            requests: u64::try_from(row.get::<_, i32>("requests")).unwrap_or_default(),
            until: row.get("until"),
        };
        Ok(rows.first().map(spoilt))
    }

    /// Writes down what an answer told of a bucket, when no further request will.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn note_told(
        &self,
        bucket: &Bucket,
        told: Told,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.change(
            "note_told",
            "-- note_told
             update rate_budgets
                set request_limit = $4,
                    remaining = case when window_ends_at <= $7
                                          or $6 - window_ends_at > interval '30 s' then $5
                                     else greatest(least(remaining + $4 - request_limit, $5), 0)
                                end,
                    window_ends_at = case when $6 + interval '1 s' > $7 then $6 + interval '1 s'
                                          else window_ends_at end,
                    pulses = case when $6 + interval '1 s' > $7
                                       and (window_ends_at <= $7
                                            or $6 - window_ends_at > interval '30 s')
                                  then 0 else pulses end,
                    pulses_before = case when $6 + interval '1 s' > $7
                                              and (window_ends_at <= $7
                                                   or $6 - window_ends_at > interval '30 s')
                                         then pulses else pulses_before end
              where agency_id = $1 and connection_id = $2 and bucket = $3",
            &[
                (&bucket.agency.0, Type::UUID),
                (&bucket.connection.0, Type::UUID),
                (&bucket.name, Type::TEXT),
                (&told.limit, Type::INT4),
                (&told.remaining, Type::INT4),
                (&told.resets_at, Type::TIMESTAMPTZ),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await
        .map(|_| ())
    }
}
