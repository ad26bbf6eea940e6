//! Jobs: a name on the reading of histories that somebody asked for. Beginning one asks for the histories;
//! the steps of the streams count what becomes of it (`steps`).

mod listing;
mod promising;

use jiff::Timestamp;
use ledger::{AgencyId, ConnectionId, CreatorId, Evidence, PAGE_ROWS, SpoiltWindows};
use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

pub(crate) use self::promising::UNPROMISED;
pub use self::{listing::JobPick, promising::PromiseAsk};
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
    /// What its creators weighed when it began, also those who are gone.
    pub rows_weighed: i64,
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
    /// Booked rows that its reading passed over, and that are looked for again.
    pub lacking: i64,
}

/// A creator weighs at least as much in a job as one of a full page.
pub(crate) const WEIGHT_MIN: i64 = PAGE_ROWS.cast_signed();

impl JobCreator {
    /// What it weighs in the job: as many rows as the ledger held when it began, or those of a page. Then
    /// nothing that is learnt on the way makes the whole smaller.
    #[must_use]
    pub fn weight(&self) -> i64 {
        self.rows_known.max(WEIGHT_MIN)
    }
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
        lacking: row.get("lacking_count"),
    }
}

impl Reader {
    /// The newest job of the agency that somebody asked for, that is not at its end and reads that creator, or,
    /// where none is named, that was asked for all. A proof's is of what Fanvue had when that began: none to join.
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
            .rows(
                "find_running_job",
                RUNNING,
                &[(&agency.0, Type::UUID), (&creator, Type::UUID), (&false, Type::BOOL)],
            )
            .await?;
        Ok(rows.first().map(|row| row.get("id")))
    }

    /// The newest job that somebody asked for and that read all of `readable` to the end, who are that creator or, where none is named,
    /// all of the agency's that can be read; and when it ended, if that was later than `since`. Whom nobody
    /// can read is not waited for.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn find_job_done(
        &self,
        agency: AgencyId,
        creator: Option<CreatorId>,
        readable: &[CreatorId],
        since: Timestamp,
    ) -> Result<Option<(Uuid, Timestamp)>, Error> {
        let readable: Vec<_> = readable.iter().map(|creator| creator.0).collect();
        let rows = self
            .rows(
                "find_job_done",
                "-- find_job_done
                 select j.job_id, max(j.ended_at) as ended_at
                   from sync_jobs o
                   join sync_job_creators j on j.agency_id = o.agency_id and j.job_id = o.id
                  where o.agency_id = $1 and o.begun_at > $3 - interval '30 days' and not o.is_proof
                    and (o.model_id is null or $2::uuid is not null)
                    and j.outcome = 'done' and j.model_id = any($4)
                  group by j.job_id
                 having count(*) = cardinality($4) and max(j.ended_at) > $3
                  order by 2 desc limit 1",
                &[
                    (&agency.0, Type::UUID),
                    (&creator.map(|creator| creator.0), Type::UUID),
                    (&since, Type::TIMESTAMPTZ),
                    (&readable, Type::UUID_ARRAY),
                ],
            )
            .await?;
        Ok(rows.first().map(|row| (row.get("job_id"), row.get("ended_at"))))
    }
}

/// With the proof's jobs or without.
const RUNNING: &str = "-- find_running_job
    select o.id
      from sync_jobs o
     where o.agency_id = $1 and ($3 or not o.is_proof)
       and (o.model_id is null or $2::uuid is not null)
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
        rows_weighed: row.get("rows_weighed"),
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
        self.find_running(agency, creator, false).await
    }

    /// Whether a job reads the creator, whoever asked for it.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn is_read(&self, agency: AgencyId, creator: CreatorId) -> Result<bool, Error> {
        let found = self.find_running(agency, Some(creator), true).await?;
        Ok(found.is_some())
    }

    async fn find_running(
        &self,
        agency: AgencyId,
        creator: Option<CreatorId>,
        with_proofs: bool,
    ) -> Result<Option<Uuid>, Error> {
        let creator = creator.map(|creator| creator.0);
        let rows = self
            .rows(
                "find_running_job",
                RUNNING,
                &[(&agency.0, Type::UUID), (&creator, Type::UUID), (&with_proofs, Type::BOOL)],
            )
            .await?;
        Ok(rows.first().map(|row| row.get("id")))
    }
}
