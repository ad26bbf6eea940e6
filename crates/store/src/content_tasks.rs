//! What is to be posted, and when. An agency's front end plans it and says that it was posted.

use jiff::Timestamp;
use tokio_postgres::types::Type;

use crate::{Error, Store};

impl Store {
    /// Calls tasks missed that were planned for an instant before `before` and are not posted, and notes an
    /// alert for each that was planned for `from` or later, together: these first, the oldest first, at most
    /// `limit`. Returns how many were missed. What another tick holds at this moment is left to it. An alert
    /// that was dropped waits again.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn miss_posts(
        &self,
        now: Timestamp,
        (oldest, from, before): (Timestamp, Timestamp, Timestamp),
        limit: i64,
    ) -> Result<u64, Error> {
        let rows = self
            .rows(
                "miss_posts",
                "-- miss_posts
                 with due as (
                     select t.agency_id, t.id
                       from content_tasks t
                       -- In a table of an older system a task may be nobody's.
                       join agencies g on g.id = t.agency_id
                      where t.status = 'scheduled' and t.posted_at is null and t.scheduled_at < $2
                      order by t.scheduled_at < $4, t.scheduled_at, t.agency_id, t.id limit $3
                        for update of t skip locked
                 ), missed as (
                     update content_tasks t set status = 'missed', updated_at = $1
                       from due
                      where t.agency_id = due.agency_id and t.id = due.id
                     returning t.agency_id, t.id, t.scheduled_at
                 ), known as (
                     -- What is older was looked at, or is an older system's past.
                     select g.id, greatest($5, least($4, max(a.noted_at) - ($1 - $4))) as since
                       from agencies g
                       left join alerts a on a.agency_id = g.id and a.kind = 'missed_post'
                      group by g.id
                 ), noted as (
                     insert into alerts as a (agency_id, kind, subject_id, due_at, noted_at)
                     select m.agency_id, 'missed_post', m.id, m.scheduled_at, $1
                       from missed m join known g on g.id = m.agency_id
                      where m.scheduled_at >= g.since
                     on conflict (agency_id, kind, subject_id, due_at) do update
                        set state = 'waiting', noted_at = $1, settled_at = null, attempts = 0,
                            retry_at = null, reason = null
                      where a.state = 'dropped'
                     returning 1
                 )
                 select (select count(*) from missed) as missed_count,
                        (select count(*) from noted) as noted_count",
                &[
                    (&now, Type::TIMESTAMPTZ),
                    (&before, Type::TIMESTAMPTZ),
                    (&limit, Type::INT8),
                    (&from, Type::TIMESTAMPTZ),
                    (&oldest, Type::TIMESTAMPTZ),
                ],
            )
            .await?;
        let count = rows.first().map_or(0, |row| row.get::<_, i64>("missed_count"));
        Ok(count.unsigned_abs())
    }

    /// Drops alerts that nobody is sending and that are no longer true: the task is gone, was planned anew,
    /// posted or cancelled. One whose holder died may have been sent. Returns how many.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn drop_missed_posts(&self, now: Timestamp) -> Result<u64, Error> {
        self.change(
            "drop_missed_posts",
            "-- drop_missed_posts
             update alerts a
                set state = 'dropped', settled_at = $1,
                    is_doubtful = a.is_doubtful or a.lease_token is not null,
                    lease_token = null, lease_expires_at = null
              where a.kind = 'missed_post' and a.state = 'waiting'
                and (a.lease_expires_at is null or a.lease_expires_at <= $1)
                and not exists (
                    select 1 from content_tasks t
                     where t.agency_id = a.agency_id and t.id = a.subject_id
                       and t.scheduled_at = a.due_at and t.status = 'missed'
                       and t.posted_at is null)",
            &[(&now, Type::TIMESTAMPTZ)],
        )
        .await
    }
}
