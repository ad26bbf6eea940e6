//! Jobs: a name on the reading of histories that somebody asked for. Beginning one asks for the histories;
//! the steps of the streams count what becomes of it (`steps`).

use jiff::Timestamp;
use ledger::{AgencyId, ConnectionId, CreatorId, Evidence, SpoiltWindows};
use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

use crate::{Error, Reader, Tx, UserId, steps::evidence};

/// A job, with each creator in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: Uuid,
    /// The agency.
    pub agency: AgencyId,
    /// The creator that was asked for; `None` for all of the agency's.
    pub creator: Option<CreatorId>,
    /// The user who asked; `None` for the operator.
    pub asked_by: Option<UserId>,
    /// When it began.
    pub begun_at: Timestamp,
    /// Its creators, by name.
    pub creators: Vec<JobCreator>,
}

/// A creator in a job, as its stream stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobCreator {
    /// The creator.
    pub creator: CreatorId,
    /// The creator's name.
    pub name: String,
    /// What is known of the history.
    pub evidence: Evidence,
    /// Rows that the ledger held when the job began.
    pub rows_known: i64,
    /// What was shown of it so far.
    pub per_mille: i32,
    /// Pages read.
    pub pages: i64,
    /// Requests sent.
    pub requests: i64,
    /// Rows read.
    pub rows: i64,
    /// Rows that were not in the ledger before.
    pub added: i64,
    /// Change of gross, in cents.
    pub added_cents: i64,
    /// When its first page was asked for.
    pub first_read_at: Option<Timestamp>,
    /// How often it had to wait for requests.
    pub pauses: i64,
    /// What was read when it last had to, and until when.
    pub paced: Option<(i64, Timestamp)>,
    /// Windows that 429s cut short meanwhile, if any did.
    pub spoilt: Option<SpoiltWindows>,
    /// When its part of the job ended.
    pub ended_at: Option<Timestamp>,
    /// How: `done`, `parked` or `disconnected`.
    pub outcome: Option<String>,
    /// Why it ended, or why the last attempt failed.
    pub reason: Option<String>,
    /// The connection that reads it, if one does.
    pub connection: Option<ConnectionId>,
    /// Whether that connection works.
    pub is_connected: bool,
    /// Whether all creators of that connection draw from one bucket.
    pub shares_bucket: bool,
    /// Since when its stream is set aside.
    pub parked_at: Option<Timestamp>,
    /// The platform asked us to wait until then.
    pub paused_until: Option<Timestamp>,
    /// Until when somebody has the right to read it.
    pub lease_expires_at: Option<Timestamp>,
}

fn creator(row: &Row) -> JobCreator {
    let paced_rows: Option<i64> = row.get("paced_rows");
    JobCreator {
        creator: CreatorId(row.get("model_id")),
        name: row.get("name"),
        evidence: evidence(row),
        rows_known: row.get("rows_known"),
        per_mille: row.get("per_mille"),
        pages: row.get("pages"),
        requests: row.get("requests"),
        rows: row.get("rows_read"),
        added: row.get("rows_added"),
        added_cents: row.get("cents_added"),
        first_read_at: row.get("first_read_at"),
        pauses: row.get("pauses"),
        paced: paced_rows.zip(row.get("paced_until")),
        spoilt: row.get::<_, Option<Timestamp>>("spoilt_until").map(|until| SpoiltWindows {
            seconds: row.get("spoilt_seconds"),
            requests: u64::try_from(row.get::<_, i64>("spoilt_requests")).unwrap_or_default(),
            until,
        }),
        ended_at: row.get("ended_at"),
        outcome: row.get("outcome"),
        reason: row.get("shown_reason"),
        connection: row.get::<_, Option<Uuid>>("connection_id").map(ConnectionId),
        is_connected: row.get("is_connected"),
        shares_bucket: row.get("shares_bucket"),
        parked_at: row.get("parked_at"),
        paused_until: row.get("paused_until"),
        lease_expires_at: row.get("lease_expires_at"),
    }
}

impl Reader {
    /// The newest jobs of one agency, or the one of that id; at most `limit`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_jobs(
        &self,
        agency: Option<AgencyId>,
        id: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Job>, Error> {
        let rows = self
            .rows(
                "list_jobs",
                "-- list_jobs
                 select id, agency_id, model_id, asked_by, begun_at
                   from sync_jobs
                  where ($1::uuid is null or agency_id = $1) and ($2::uuid is null or id = $2)
                  order by begun_at desc, id desc limit $3",
                &[
                    (&agency.map(|agency| agency.0), Type::UUID),
                    (&id, Type::UUID),
                    (&limit, Type::INT8),
                ],
            )
            .await?;
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
                    s.parked_at, s.paused_until, s.lease_expires_at
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

    /// The newest job of the agency that is not at its end and reads that creator, or, where none is named,
    /// that was asked for all.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn find_running_job(
        &self,
        agency: AgencyId,
        creator: Option<CreatorId>,
    ) -> Result<Option<Uuid>, Error> {
        let creator = creator.map(|creator| creator.0);
        let rows = self
            .rows("find_running_job", RUNNING, &[(&agency.0, Type::UUID), (&creator, Type::UUID)])
            .await?;
        Ok(rows.first().map(|row| row.get("id")))
    }

    /// The newest job that read that creator to the end, or all of the agency's where none is named, and
    /// when it ended, if that was later than `since`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn find_job_done(
        &self,
        agency: AgencyId,
        creator: Option<CreatorId>,
        since: Timestamp,
    ) -> Result<Option<(Uuid, Timestamp)>, Error> {
        let rows = self
            .rows(
                "find_job_done",
                "-- find_job_done
                 select j.job_id, max(j.ended_at) as ended_at
                   from sync_jobs o
                   join sync_job_creators j on j.agency_id = o.agency_id and j.job_id = o.id
                  where o.agency_id = $1 and o.begun_at > $3 - interval '30 days'
                    and (o.model_id is null and $2::uuid is null or j.model_id = $2)
                  group by j.job_id
                 having bool_and(coalesce(j.outcome = 'done', false)) and max(j.ended_at) > $3
                  order by 2 desc limit 1",
                &[
                    (&agency.0, Type::UUID),
                    (&creator.map(|creator| creator.0), Type::UUID),
                    (&since, Type::TIMESTAMPTZ),
                ],
            )
            .await?;
        Ok(rows.first().map(|row| (row.get("job_id"), row.get("ended_at"))))
    }
}

const RUNNING: &str = "-- find_running_job
    select o.id
      from sync_jobs o
     where o.agency_id = $1 and (o.model_id is null or $2::uuid is not null)
       and exists (select 1 from sync_job_creators j
                    where j.agency_id = o.agency_id and j.job_id = o.id and j.ended_at is null
                      and ($2::uuid is null or j.model_id = $2))
     order by o.begun_at desc, o.id desc limit 1";

fn job(row: &Row) -> Job {
    Job {
        id: row.get("id"),
        agency: AgencyId(row.get("agency_id")),
        creator: row.get::<_, Option<Uuid>>("model_id").map(CreatorId),
        asked_by: row.get::<_, Option<Uuid>>("asked_by").map(UserId),
        begun_at: row.get("begun_at"),
        creators: vec![],
    }
}

impl Tx {
    /// Whoever begins a job of the agency meanwhile waits for this transaction.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn lock_jobs(&self, agency: AgencyId) -> Result<(), Error> {
        self.rows(
            "lock_jobs",
            "-- lock_jobs
             select pg_advisory_xact_lock(hashtextextended('sync_jobs ' || $1::uuid::text, 0))",
            &[(&agency.0, Type::UUID)],
        )
        .await
        .map(|_| ())
    }

    /// As [`Reader::find_running_job`], among what was committed before the lock was had.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn find_running_job(
        &self,
        agency: AgencyId,
        creator: Option<CreatorId>,
    ) -> Result<Option<Uuid>, Error> {
        let creator = creator.map(|creator| creator.0);
        let rows = self
            .rows("find_running_job", RUNNING, &[(&agency.0, Type::UUID), (&creator, Type::UUID)])
            .await?;
        Ok(rows.first().map(|row| row.get("id")))
    }
}
