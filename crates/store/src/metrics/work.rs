//! What a monitor draws of work: jobs, exchanges of tokens, alerts, and what the nightly proof found.

use jiff::Timestamp;
use tokio_postgres::types::Type;

use super::{Sample, sample};
use crate::{
    Error, Store,
    proving::{COMPARABLE, UNCOMPARED_SINCE, last_night},
};

/// Asks of creators of whom `$COMPARABLE` and `$UNCOMPARED_SINCE` tell.
const SAMPLES: &str = "-- list_work_samples
    with job as (
        -- Whoever reads a part of it goes on with all of it: its creators wait for each other.
        select j.is_proof, j.begun_at,
               max(greatest(c.last_read_at, c.ended_at, j.begun_at)) as went_on_at
          from (select distinct agency_id, job_id from sync_job_creators
                 where ended_at is null) as running
          join sync_jobs j on j.agency_id = running.agency_id and j.id = running.job_id
          join sync_job_creators c on c.agency_id = j.agency_id and c.job_id = j.id
         group by j.agency_id, j.id
    ), unread as (
        select j.is_proof
          from sync_job_creators c
          join sync_jobs j on j.agency_id = c.agency_id and j.id = c.job_id
         where c.outcome <> 'done' and c.ended_at > $1 - interval '7 days'
    ), connection as (
        select obtained_at, refreshes,
               last_error is not null or refresh_intended_at < $3 as is_failing
          from fanvue_connections where state = 'active'
    ), alert as (
        select kind, noted_at, state from alerts where state = 'waiting'
         union all
        select kind, noted_at, state from alerts where state = 'failed'
    )
    select of_kind.name, k.asker as label, of_kind.value
      from (select w.asker, count(j.begun_at) as open, min(j.begun_at) as begun_at,
                   min(j.went_on_at) as went_on_at,
                   (select count(*) from unread u where u.is_proof = w.is_proof) as unread
              from (values ('person', false), ('proof', true)) as w (asker, is_proof)
              left join job j on j.is_proof = w.is_proof
             group by w.asker, w.is_proof) as k
     cross join lateral (values
           ('jobs_open', k.open::float8),
           ('jobs_oldest_seconds', coalesce(extract(epoch from $1 - k.begun_at), 0)::float8),
           ('jobs_idle_seconds', coalesce(extract(epoch from $1 - k.went_on_at), 0)::float8),
           ('jobs_failed', k.unread::float8)) as of_kind (name, value)
    union all
    select of_kind.name, null, of_kind.value
      from (select (select sum(refreshes) from fanvue_connections) as refreshes,
                   count(*) filter (where is_failing) as failing, min(obtained_at) as obtained_at
              from connection) as k
     cross join lateral (values
           ('token_refreshes', coalesce(k.refreshes, 0)::float8),
           ('token_refreshes_failing', k.failing::float8),
           ('token_age_max_seconds', extract(epoch from $1 - k.obtained_at)::float8))
           as of_kind (name, value)
    union all
    select of_kind.name, k.kind, of_kind.value
      from (select w.kind, count(a.kind) filter (where a.state = 'waiting') as waiting,
                   count(a.kind) filter (where a.state = 'failed') as failed,
                   min(a.noted_at) filter (where a.state = 'waiting') as noted_at
              from (values ('late_shift'), ('missed_post')) as w (kind)
              left join alert a on a.kind = w.kind
             group by w.kind) as k
     cross join lateral (values
           ('alerts_waiting', k.waiting::float8),
           ('alerts_oldest_waiting_seconds',
               coalesce(extract(epoch from $1 - k.noted_at), 0)::float8),
           ('alerts_failed', k.failed::float8)) as of_kind (name, value)
    union all
    select 'proof_differences', w.state, count(d.state)::float8
      from (values ('open'), ('reading'), ('settled')) as w (state)
      left join proof_days d on d.state = w.state
     group by w.state
    union all
    select 'proof_repairs', w.kind, count(r.kind)::float8
      from (values ('rows'), ('sums')) as w (kind)
      left join repairs r on r.kind = w.kind
     group by w.kind
    union all
    select 'proof_oldest_compared_seconds', null,
           extract(epoch from $1 - min($UNCOMPARED_SINCE))::float8
      from models m
      join fanvue_connections c on c.agency_id = m.agency_id and c.id = m.connection_id
      join sync_state s on s.agency_id = m.agency_id and s.model_id = m.id
                       and s.sync_type = 'earnings'
      left join proofs p on p.agency_id = m.agency_id and p.model_id = m.id
     where $COMPARABLE";

impl Store {
    /// What is counted at `now` of jobs, exchanges of tokens, alerts and the nightly proof. An exchange
    /// fails that was begun before `begun_before` and is not ended, or that left a reason behind.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_work_samples(
        &self,
        now: Timestamp,
        begun_before: Timestamp,
    ) -> Result<Vec<Sample>, Error> {
        let sql = SAMPLES.replace("$COMPARABLE", COMPARABLE);
        let sql = sql.replace("$UNCOMPARED_SINCE", UNCOMPARED_SINCE);
        let rows = self
            .rows(
                "list_work_samples",
                &sql,
                &[
                    (&now, Type::TIMESTAMPTZ),
                    (&last_night(now), Type::DATE),
                    (&begun_before, Type::TIMESTAMPTZ),
                ],
            )
            .await?;
        Ok(rows.iter().filter_map(sample).collect())
    }
}
