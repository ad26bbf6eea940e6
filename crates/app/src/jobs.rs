//! Histories that somebody asks for again, and what becomes of them: `POST /api/fanvue/force-sync-revenue`
//! begins a job, `GET /api/sync/jobs` shows it.
//!
//! Nothing is read here. A job is a name on the histories that ticks read anyway, so it may be watched,
//! left and found again, and outlives whoever began it (docs/adr/0020-a-job-is-a-name-on-windows.md).

mod absence;
mod asking;
mod progress;
mod promising;
mod shown;
mod status;

use ::http::{
    StatusCode,
    header::{HeaderValue, LOCATION},
};
use jiff::SignedDuration;
use ledger::{AgencyId, CreatorId};
use serde::Serialize;
use store::{BudgetStanding, Job, JobPick};
use uuid::Uuid;

use crate::{
    Ctx, Endpoint, Error,
    auth::{Asker, Caller, Right, authenticate},
    expensive,
    http::{AfterAnswer, Problem, Request, Response, chain, json},
    query::{self, Query},
    tick::{Limits, Scope, tick},
};

pub(crate) use self::promising::ask_promises;
#[cfg(feature = "openapi")]
pub(crate) use self::status::Status;
pub use self::{
    asking::{Asked, Outcome, Plan, begin, plan},
    shown::{JobView, State},
    status::status,
};

/// Jobs at their end that are listed.
const JOBS_MAX: i64 = 20;

/// Jobs that go on and are listed.
const OPEN_MAX: i64 = 100;

/// A budget that nobody drew from for so long is full, and not listed.
const BUDGET_SECONDS: i64 = 3_600;

/// What is written of a creator whom nobody can read.
const UNREADABLE: &str = "needs reconnecting";

/// A job that was begun, or the one that is running already.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "JobAccepted"))]
pub(crate) struct Accepted<'a> {
    /// Whether it was running already.
    joined: bool,
    job: JobView<'a>,
}

/// Jobs: first those that go on, the newest first.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "JobList"))]
pub(crate) struct List<'a> {
    jobs: Vec<JobView<'a>>,
}

/// Answers `POST /api/fanvue/force-sync-revenue`: asks for the whole history of a creator, or of all of an
/// agency's. With `dryRun=true` nothing is written.
///
/// # Errors
/// 401, 403, 400, 404; 409 where nobody can be read before a person connects the account again; 429 when
/// the same was read to the end a moment ago, or the caller has asked too often; 503 without a database.
pub async fn force_sync(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let caller = authenticate(ctx, request).await?;
    let query = Query::parse(request, &["agencyId", "modelId", "dryRun"])?;
    if !request.body().is_empty() {
        let detail = "send the parameters in the query, and no body";
        return Err(Problem::bad_request(detail));
    }
    let is_dry = is_dry(&query)?;
    let named = query.uuid("agencyId")?.map(AgencyId);
    let creator = query.uuid_or_all("modelId")?;
    let asker = caller.asker(ctx, Right::Sync).await?;
    let asked = Asked::of(&asker, caller, (named, creator)).await?;
    if is_dry {
        return json(StatusCode::OK, &plan(&asker.reader, &asked).await?);
    }
    expensive::count(ctx, request, caller, asked.agency).await?;
    let (id, joined) = match begin(ctx, &asked).await? {
        Outcome::Begun(id) => (id, false),
        Outcome::Joined(id) => (id, true),
        Outcome::Cooling { job, seconds } => return Err(cooling(job, seconds)),
        Outcome::Unreadable => return Err(unreadable()),
    };
    let found = find(&asker, id).await?;
    let budgets = budgets(ctx, found.agency).await?;
    let job = JobView::of(&found, &budgets, ctx.clock.now());
    let mut response = json(StatusCode::ACCEPTED, &Accepted { joined, job })?;
    if let Ok(place) = HeaderValue::from_str(&path_of(id)) {
        response.headers_mut().insert(LOCATION, place);
    }
    if !joined {
        response.extensions_mut().insert(AfterAnswer::Jobs);
    }
    Ok(response)
}

/// Goes on with what was just asked for, after the answer. What it leaves is the next tick's.
pub(crate) async fn go_on(ctx: &Ctx) {
    if let Err(error) = tick(ctx, Scope::Due, Limits::default()).await {
        tracing::warn!(error = chain(&error), "a job is left to the next tick");
    }
}

/// Ends the parts of jobs that nobody can read any more. A failure is the next tick's.
pub(crate) async fn end_unreadable(ctx: &Ctx) {
    if let Err(error) = ctx.store.end_unreadable(UNREADABLE, ctx.clock.now()).await {
        tracing::warn!(error = chain(&error), "jobs that can't go on are left to the next tick");
    }
}

/// Answers `GET /api/sync/jobs`, what goes on in the agency and its newest. Each carries the creator that was
/// asked for alone; `modelId` names one whose jobs these are to be, and whose part they carry.
///
/// # Errors
/// 401, 403, 400, 404; 503 without a database.
pub async fn list(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let caller = authenticate(ctx, request).await?;
    let query = Query::parse(request, &["agencyId", "modelId"])?;
    let named = query.uuid("agencyId")?.map(AgencyId);
    let creator = query.uuid_or_all("modelId")?.map(CreatorId);
    let asker = caller.asker(ctx, Right::Figures).await?;
    let agency = asker.agency(named).await?.id;
    let found = asker.reader.list_jobs(pick(Some(agency), creator, caller)).await?;
    let (now, budgets) = (ctx.clock.now(), budgets(ctx, agency).await?);
    let jobs = found.iter().map(|job| JobView::listed(job, &budgets, now, creator)).collect();
    json(StatusCode::OK, &List { jobs })
}

/// Answers `GET /api/sync/jobs/{id}`.
///
/// # Errors
/// 401, 403, 400, 404; 503 without a database.
pub async fn one(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let caller = authenticate(ctx, request).await?;
    let id = id(request)?;
    let asker = caller.asker(ctx, Right::Figures).await?;
    let found = find(&asker, id).await?;
    let budgets = budgets(ctx, found.agency).await?;
    json(StatusCode::OK, &JobView::of(&found, &budgets, ctx.clock.now()))
}

/// Which jobs are listed: people see what people asked for, and the operator after it what the nightly proof
/// began.
fn pick(agency: Option<AgencyId>, creator: Option<CreatorId>, caller: Caller) -> JobPick {
    let with_proof = matches!(caller, Caller::Operator);
    JobPick { agency, creator, with_proof, open_max: OPEN_MAX, ended_max: JOBS_MAX }
}

/// What goes on in one agency, or in all, and the newest jobs, for whoever holds the configuration.
///
/// # Errors
/// As for any statement.
pub async fn newest(ctx: &Ctx, agency: Option<AgencyId>) -> Result<Vec<Job>, Error> {
    Ok(ctx.store.reader().list_jobs(pick(agency, None, Caller::Operator)).await?)
}

/// The job of that id, for whoever holds the configuration.
///
/// # Errors
/// As for any statement.
pub async fn by_id(ctx: &Ctx, id: Uuid) -> Result<Option<Job>, Error> {
    Ok(ctx.store.reader().find_job(None, id).await?)
}

/// The budgets that an agency's requests drew from lately. Users don't see that table: whose agency it is
/// was decided by what they were shown before.
///
/// # Errors
/// As for any statement.
pub async fn budgets(ctx: &Ctx, agency: AgencyId) -> Result<Vec<BudgetStanding>, store::Error> {
    let now = ctx.clock.now();
    let since = now.checked_sub(SignedDuration::from_secs(BUDGET_SECONDS)).unwrap_or(now);
    ctx.store.reader().list_budgets(agency, since).await
}

async fn find(asker: &Asker, id: Uuid) -> Result<Job, Problem> {
    let found = asker.reader.find_job(asker.own_agency(), id).await?;
    found.ok_or_else(|| Problem::not_found("there is no such job").about("id"))
}

/// The id at the end of the path. Where a platform finds the function by that, it also tells it as a
/// parameter.
fn id(request: &Request) -> Result<Uuid, Problem> {
    let last = request.uri().path().rsplit('/').next().unwrap_or_default();
    let told = request.uri().query().and_then(|query| query.strip_prefix("id="));
    match told {
        Some(told) if told == last || Uuid::parse_str(last).is_err() => query::uuid("id", told),
        _ => {
            Query::parse(request, &[])?;
            query::uuid("id", last)
        }
    }
}

fn is_dry(query: &Query) -> Result<bool, Problem> {
    match query.get("dryRun") {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Problem::bad_parameter("dryRun", "dryRun must be true or false")),
    }
}

fn path_of(id: Uuid) -> String {
    Endpoint::Job.path().replace("{id}", &id.to_string())
}

fn cooling(job: Uuid, seconds: u32) -> Problem {
    let detail = format!(
        "all of it was read to the end a moment ago, see {}; ask again in {seconds} seconds",
        path_of(job)
    );
    Problem::cooling_down(detail, seconds, job)
}

fn unreadable() -> Problem {
    let detail = format!(
        "no connection that works reads this: connect the account again, see GET {}",
        Endpoint::Connections.path()
    );
    let title = "The account must be connected again";
    Problem::new(StatusCode::CONFLICT, "reconnect", title, detail)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn an_id_is_taken_from_the_path_or_from_what_a_platform_makes_of_it() {
        let read = |uri: &str| id(&::http::Request::get(uri).body(Bytes::new()).unwrap());
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        for good in [
            format!("/api/sync/jobs/{one}"),
            format!("/api/sync/jobs/{one}?id={one}"),
            format!("/api/sync/jobs/[id]?id={one}"),
        ] {
            assert_eq!(read(&good), Ok(one), "{good}");
        }
        for bad in [
            format!("/api/sync/jobs/{one}?id={other}"),
            format!("/api/sync/jobs/{one}?x=1"),
            "/api/sync/jobs/1".to_owned(),
            "/api/sync/jobs/[id]".to_owned(),
            format!("/api/sync/jobs/[id]?id={one}&x=1"),
        ] {
            assert_eq!(read(&bad).map_err(|problem| problem.status.as_u16()), Err(400), "{bad}");
        }
    }
}
