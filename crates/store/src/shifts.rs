//! Shifts of the people who work for an agency, and whether they came. An agency's front end writes them.

use jiff::Timestamp;
use tokio_postgres::types::Type;

use crate::{Error, Store};

impl Store {
    /// Notes an alert for each shift of somebody that began at `from` or later and more than `grace_seconds`
    /// ago, that nobody clocked in for and that has none yet: the oldest first, at most `limit`. After those,
    /// where nobody looked for so long, those that began since as long before the agency's newest alert, at
    /// `oldest` or later. Returns how many. One that was dropped waits again. Shifts in another state than
    /// scheduled are cancelled, begun or over.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn note_late_shifts(
        &self,
        now: Timestamp,
        (oldest, from): (Timestamp, Timestamp),
        grace_seconds: i64,
        limit: i64,
    ) -> Result<u64, Error> {
        self.change(
            "note_late_shifts",
            "-- note_late_shifts
             with known as (
                 -- What is older was looked at, or is an older system's past.
                 select g.id, greatest($5, least($2, max(a.noted_at) - ($1 - $2))) as since
                   from agencies g
                   left join alerts a on a.agency_id = g.id and a.kind = 'late_shift'
                  group by g.id
             )
             insert into alerts as told (agency_id, kind, subject_id, due_at, noted_at)
             select s.agency_id, 'late_shift', s.id, s.start_time, $1
               from shifts s
               -- In a table of an older system a shift may be nobody's.
               join known g on g.id = s.agency_id
              where s.status = 'scheduled' and s.employee_id is not null
                and s.start_time >= g.since
                and s.start_time + $3 * interval '1 second' < $1
                and not is_clocked_in(s.agency_id, s.id, s.employee_id,
                                      s.start_time + $3 * interval '1 second', s.end_time)
                and not exists (
                    select 1 from alerts a
                     where a.agency_id = s.agency_id and a.kind = 'late_shift'
                       and a.subject_id = s.id and a.due_at = s.start_time
                       and a.state <> 'dropped')
              order by s.start_time < $2, s.start_time, s.agency_id, s.id limit $4
             on conflict (agency_id, kind, subject_id, due_at) do update
                set state = 'waiting', noted_at = $1, settled_at = null, attempts = 0,
                    retry_at = null, reason = null
              where told.state = 'dropped'",
            &[
                (&now, Type::TIMESTAMPTZ),
                (&from, Type::TIMESTAMPTZ),
                (&grace_seconds, Type::INT8),
                (&limit, Type::INT8),
                (&oldest, Type::TIMESTAMPTZ),
            ],
        )
        .await
    }

    /// Drops alerts that nobody is sending and that are no longer true: the shift or its person is gone, it
    /// was moved or cancelled, or somebody clocked in. One whose holder died may have been sent. Returns how
    /// many.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn drop_late_shifts(&self, now: Timestamp, grace_seconds: i64) -> Result<u64, Error> {
        self.change(
            "drop_late_shifts",
            "-- drop_late_shifts
             update alerts a
                set state = 'dropped', settled_at = $1,
                    is_doubtful = a.is_doubtful or a.lease_token is not null,
                    lease_token = null, lease_expires_at = null
              where a.kind = 'late_shift' and a.state = 'waiting'
                and (a.lease_expires_at is null or a.lease_expires_at <= $1)
                and not exists (
                    select 1 from shifts s
                     where s.agency_id = a.agency_id and s.id = a.subject_id
                       and s.start_time = a.due_at and s.status = 'scheduled'
                       and s.employee_id is not null
                       and not is_clocked_in(s.agency_id, s.id, s.employee_id,
                                             s.start_time + $2 * interval '1 second',
                                             s.end_time))",
            &[(&now, Type::TIMESTAMPTZ), (&grace_seconds, Type::INT8)],
        )
        .await
    }
}
