//! Who is asked for, what it may cost, and whether a job begins.

use jiff::SignedDuration;
use ledger::{AgencyId, CreatorId};
use serde::Serialize;
use store::{Candidate, NewJob, Reader, UserId};
use uuid::Uuid;

use super::UNREADABLE;
use crate::{
    Ctx, Error,
    auth::{Asker, Caller},
    http::Problem,
};

/// How long a history that was read to its end is not read again for the asking, in seconds.
const COOL_DOWN_SECONDS: i64 = 300;

/// The most creators of one job.
const CREATORS_MAX: i64 = 10_000;

/// What somebody asks to have read.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The agency.
    pub agency: AgencyId,
    /// One creator; `None` for all.
    pub creator: Option<CreatorId>,
    /// The user who asks; `None` for the operator.
    pub by: Option<UserId>,
    /// Whom it concerns, also those who can't be read.
    pub creators: Vec<Candidate>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A new job.
    Begun(Uuid),
    /// One that reads the same is running.
    Joined(Uuid),
    /// The same was read to the end a moment ago.
    Cooling {
        /// By this job.
        job: Uuid,
        /// Seconds until it is read again for the asking.
        seconds: u32,
    },
    /// Nobody of them can be read.
    Unreadable,
}

/// What would be read.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "SyncPlan"))]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Always true: nothing was written.
    dry_run: bool,
    /// The job that reads the same already, and would be joined.
    running_job_id: Option<Uuid>,
    /// Requests that it takes, if Fanvue has what the ledger has; a creator that was never read may
    /// take many more.
    requests: i64,
    /// Everyone it concerns.
    creators: Vec<Planned>,
}

/// A creator who would be read.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "PlannedCreator"))]
#[serde(rename_all = "camelCase")]
struct Planned {
    model_id: CreatorId,
    name: String,
    /// Whether a connection that works reads it; otherwise it would be left out.
    is_readable: bool,
    /// Rows that the ledger holds.
    rows: i64,
    /// Requests that as many rows take.
    requests: i64,
}

impl Asked {
    /// What the parameters ask for, among what the caller may see.
    ///
    /// # Errors
    /// 404 for what is not there, 400 where the operator has to name an agency, 503 without a database.
    pub(super) async fn of(
        asker: &Asker,
        caller: Caller,
        (named, creator): (Option<AgencyId>, Option<Uuid>),
    ) -> Result<Self, Problem> {
        let agency = match (named, creator) {
            (None, Some(_)) => asker.own_agency(),
            _ => Some(asker.agency(named).await?.id),
        };
        let by = match caller {
            Caller::Operator => None,
            Caller::User(user) => Some(user),
        };
        let found = Self::find(&asker.reader, agency, creator.map(CreatorId), by).await?;
        found.ok_or_else(|| Problem::not_found("there is no such creator").about("modelId"))
    }

    /// The same for whoever names an agency or a creator; `None` where there is no such creator.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn find(
        reader: &Reader,
        agency: Option<AgencyId>,
        creator: Option<CreatorId>,
        by: Option<UserId>,
    ) -> Result<Option<Self>, Error> {
        let creators = reader.list_candidates(agency, creator, CREATORS_MAX).await?;
        let agency = match (agency, creators.first()) {
            (_, Some(first)) => first.agency,
            (Some(agency), None) if creator.is_none() => agency,
            _ => return Ok(None),
        };
        Ok(Some(Self { agency, creator, by, creators }))
    }
}

/// What a job would read. Nothing is written.
///
/// # Errors
/// As for any statement.
pub async fn plan(reader: &Reader, asked: &Asked) -> Result<Plan, Error> {
    let running_job_id = reader.find_running_job(asked.agency, asked.creator).await?;
    let page = i64::from(fanvue::PAGE_SIZE);
    let planned = |one: &Candidate| Planned {
        model_id: one.creator,
        name: one.name.clone(),
        is_readable: one.is_readable,
        rows: one.rows,
        requests: if one.is_readable { one.rows / page + 1 } else { 0 },
    };
    let creators: Vec<_> = asked.creators.iter().map(planned).collect();
    let requests = creators.iter().map(|one| one.requests).sum();
    Ok(Plan { dry_run: true, running_job_id, requests, creators })
}

/// Begins a job, or joins the one that reads the same.
///
/// # Errors
/// As for any statement.
pub async fn begin(ctx: &Ctx, asked: &Asked) -> Result<Outcome, Error> {
    let (agency, creator, now) = (asked.agency, asked.creator, ctx.clock.now());
    // A part that nobody can read any more must not be joined.
    ctx.store.end_unreadable(UNREADABLE, now).await?;
    let cool = SignedDuration::from_secs(COOL_DOWN_SECONDS);
    let since = now.checked_sub(cool).unwrap_or(now);
    let readable = asked.creators.iter().filter(|one| one.is_readable);
    let readable: Vec<_> = readable.map(|one| one.creator).collect();
    let done = ctx.store.reader().find_job_done(agency, creator, &readable, since).await?;
    let tx = ctx.store.begin("begin_job").await?;
    tx.lock_jobs(agency).await?;
    if let Some(job) = tx.find_running_job(agency, creator).await? {
        tx.rollback().await?;
        return Ok(Outcome::Joined(job));
    }
    if let Some((job, ended_at)) = done {
        // What is shown follows from what was read, also where somebody changed a sum since.
        let creators: Vec<_> = asked.creators.iter().map(|one| one.creator).collect();
        tx.sum_rising(agency, &creators, now).await?;
        tx.commit().await?;
        let left = COOL_DOWN_SECONDS - now.duration_since(ended_at).as_secs();
        let seconds = u32::try_from(left.clamp(1, COOL_DOWN_SECONDS)).unwrap_or(1);
        return Ok(Outcome::Cooling { job, seconds });
    }
    if readable.is_empty() {
        tx.rollback().await?;
        return Ok(Outcome::Unreadable);
    }
    let creators: Vec<_> = asked.creators.iter().map(|one| one.creator).collect();
    let id = ctx.entropy.uuid();
    let (by, unreadable) = (asked.by, UNREADABLE);
    tx.begin_job(NewJob {
        id,
        agency,
        creator,
        asked_by: by,
        creators: &creators,
        unreadable,
        is_proof: false,
        now,
    })
    .await?;
    tx.commit().await?;
    tracing::info!(job.id = %id, agency.id = %agency, creators = creators.len(), "a job began");
    Ok(Outcome::Begun(id))
}
