//! Which jobs are listed, and in what order.

use ledger::{AgencyId, CreatorId};
use tokio_postgres::{
    Row,
    types::{ToSql, Type},
};
use uuid::Uuid;

use super::{Job, creator, job};
use crate::{Error, Reader};

/// Which jobs to list.
#[derive(Clone, Copy, Debug)]
pub struct JobPick {
    /// Those of this agency; `None` for all that the reader sees.
    pub agency: Option<AgencyId>,
    /// Those that read this creator; `None` for all.
    pub creator: Option<CreatorId>,
    /// Also those that the nightly proof began, after the others.
    pub with_proof: bool,
    /// Of those that go on, at most so many.
    pub open_max: i64,
    /// Of those at their end, at most so many.
    pub ended_max: i64,
}

/// Those that go on are few, and found by their open creators; of the others the newest. Somebody watches what
/// was asked for, so a night of proofs pushes none of it out.
const LISTED: &str = "-- list_jobs
    with open as (
        select distinct j.agency_id, j.job_id from sync_job_creators j
         where j.ended_at is null and ($1::uuid is null or j.agency_id = $1)
    ), meant as not materialized (
        select o.* from sync_jobs o
         where ($1::uuid is null or o.agency_id = $1)
           and ($5::uuid is null
                or exists (select from sync_job_creators j
                            where j.agency_id = o.agency_id and j.job_id = o.id and j.model_id = $5))
    ), listed as (
        (select o.*, true as is_open
           from open w join meant o on o.agency_id = w.agency_id and o.id = w.job_id
          where $2 or not o.is_proof
          order by o.is_proof, o.model_id is not null, o.begun_at desc, o.id desc limit $3)
        union all
        (select o.*, false from meant o
          where not o.is_proof
            and not exists (select from open w where w.agency_id = o.agency_id and w.job_id = o.id)
          order by o.begun_at desc, o.id desc limit $4)
        union all
        (select o.*, false from meant o
          where $2 and o.is_proof
            and not exists (select from open w where w.agency_id = o.agency_id and w.job_id = o.id)
          order by o.begun_at desc, o.id desc limit $4)
    )
    select id, agency_id, model_id, asked_by, begun_at, rows_weighed
      from listed
     order by is_proof, is_open desc, begun_at desc, id desc limit $3 + $4";

impl Reader {
    /// First what goes on, then what is at its end, the newest first of each; then the same of what the proof
    /// began, where that is wanted.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_jobs(&self, pick: JobPick) -> Result<Vec<Job>, Error> {
        let params: [(&(dyn ToSql + Sync), Type); 5] = [
            (&pick.agency.map(|agency| agency.0), Type::UUID),
            (&pick.with_proof, Type::BOOL),
            (&pick.open_max, Type::INT8),
            (&pick.ended_max, Type::INT8),
            (&pick.creator.map(|creator| creator.0), Type::UUID),
        ];
        let rows = self.rows("list_jobs", LISTED, &params).await?;
        self.with_creators(&rows).await
    }

    /// The job of that id, of that agency or of any that the reader sees; whoever began it.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn find_job(&self, agency: Option<AgencyId>, id: Uuid) -> Result<Option<Job>, Error> {
        let rows = self
            .rows(
                "find_job",
                "-- find_job
                 select id, agency_id, model_id, asked_by, begun_at, rows_weighed
                   from sync_jobs
                  where id = $2 and ($1::uuid is null or agency_id = $1) limit 1",
                &[(&agency.map(|agency| agency.0), Type::UUID), (&id, Type::UUID)],
            )
            .await?;
        Ok(self.with_creators(&rows).await?.pop())
    }

    async fn with_creators(&self, rows: &[Row]) -> Result<Vec<Job>, Error> {
        let mut jobs: Vec<_> = rows.iter().map(job).collect();
        let ids: Vec<_> = jobs.iter().map(|job| job.id).collect();
        if ids.is_empty() {
            return Ok(jobs);
        }
        for row in &self.job_creators(&ids).await? {
            let of: Uuid = row.get("job_id");
            if let Some(job) = jobs.iter_mut().find(|job| job.id == of) {
                job.creators.push(creator(row));
            }
        }
        Ok(jobs)
    }

    async fn job_creators(&self, jobs: &[Uuid]) -> Result<Vec<Row>, Error> {
        self.rows(
            "list_job_creators",
            "-- list_job_creators
             select j.job_id, j.model_id, m.name, j.rows_known, j.cents_known, j.pages, j.requests,
                    j.rows_read, j.gross_read_cents, j.rows_added, j.cents_added, j.pass_rows,
                    j.rows_ahead, j.rows_beyond, j.rows_held, j.gross_promised_cents,
                    j.first_read_at, j.pauses, j.paced_rows, j.paced_until, j.spoilt_seconds,
                    j.spoilt_requests, j.spoilt_until, j.ends_early, j.per_mille, j.ended_at,
                    j.outcome,
                    case when j.ended_at is null then s.last_error else j.reason end as shown_reason,
                    m.connection_id, coalesce(c.state = 'active', false) as is_connected,
                    coalesce(c.bucket_shared, false) as shares_bucket,
                    s.parked_at, s.paused_until, s.lease_expires_at,
                    -- What waits for longer is no matter of this job: three looks, an hour apart.
                    (select coalesce(sum((d ->> 'lacking')::bigint), 0)::bigint
                       from jsonb_array_elements(s.doubts) as d
                      where (d ->> 'not_before')::timestamptz
                            between j.ended_at and j.ended_at + interval '4 hours') as lacking_count
               from sync_jobs o
               join sync_job_creators j on j.agency_id = o.agency_id and j.job_id = o.id
               join models m on m.agency_id = j.agency_id and m.id = j.model_id
               left join fanvue_connections c
                 on c.agency_id = m.agency_id and c.id = m.connection_id
               left join sync_state s
                 on s.agency_id = m.agency_id and s.model_id = m.id and s.sync_type = 'earnings'
              where o.id = any($1)
              order by m.name, m.id",
            &[(&jobs, Type::UUID_ARRAY)],
        )
        .await
    }
}
