//! `GET /api/sync/status`: how reading stands. Every stream, connection and budget of an agency, what was
//! set aside with what to do about it, and the jobs. It writes nothing and asks Fanvue nothing.

mod audience;
mod proof;
mod verdict;

use ::http::StatusCode;
use jiff::Timestamp;
use ledger::{AgencyId, ConnectionId, CreatorId};
use serde::Serialize;
use store::{BudgetStanding, Job, StreamStanding};

use self::{
    audience::{Audience, TROUBLES_MAX, Trouble},
    proof::{DIFFERENCES_MAX, Proof},
    verdict::{Others, verdict},
};
use super::{JobView, State, budgets, pick};
use crate::{
    Ctx, Endpoint,
    accounts::View,
    auth::{Right, authenticate},
    http::{Problem, Request, Response, json},
    platform_time::CLOCKS_APART,
    query::Query,
};

/// A creator confirmed less long ago than this is live.
const LIVE_SECONDS: i64 = 300;
/// The most creators that are listed.
const CREATORS_MAX: i64 = 10_000;

/// How reading stands.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "SyncStatus"))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Status<'a> {
    agency_id: AgencyId,
    /// When this was so.
    generated_at: Timestamp,
    /// Whether a person has something to do.
    needs_attention: bool,
    /// The same in words.
    message: String,
    /// Everything of all connected creators before this instant is in the ledger; null while the history
    /// of one is incomplete.
    oldest_as_of: Option<Timestamp>,
    /// Every creator, by name.
    streams: Vec<Stream<'a>>,
    /// What is read of audiences, by kind.
    audience: Vec<Audience>,
    /// Of it what failed: first what is set aside.
    audience_troubles: Vec<Trouble<'a>>,
    /// What the nightly proof found.
    proof: Proof<'a>,
    connections: Vec<View<'a>>,
    /// What is set aside until a person asks for another attempt.
    parked: Vec<Parked<'a>>,
    /// The requests that Fanvue still allows, where some were used lately.
    budgets: Vec<Budget>,
    /// Jobs that are not at their end.
    running_jobs: Vec<JobView<'a>>,
    /// The newest of the others.
    latest_jobs: Vec<JobView<'a>>,
}

/// How a creator's stream stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "StreamState"))]
#[serde(rename_all = "camelCase")]
enum StreamState {
    /// Complete, and confirmed less than five minutes ago.
    Live,
    /// Being read right now.
    Syncing,
    /// Fanvue asked us to wait until `pausedUntil`.
    Paused,
    /// The last attempt failed; it is tried again at `nextSyncAt`.
    Retrying,
    /// Not confirmed for five minutes.
    Stale,
    /// Its history has not been read to the end yet; the next tick goes on.
    Incomplete,
    /// No Fanvue account is connected that reads it, or none that works.
    Disconnected,
    /// Set aside until a person asks for another attempt.
    Parked,
}

/// A creator's stream of earnings.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "SyncStream"))]
#[serde(rename_all = "camelCase")]
struct Stream<'a> {
    model_id: CreatorId,
    name: &'a str,
    connection_id: Option<ConnectionId>,
    state: StreamState,
    /// Everything before this instant is in the ledger; null while its history is incomplete.
    as_of: Option<Timestamp>,
    /// When Fanvue last told, by rows or by totals, that nothing is new.
    confirmed_at: Option<Timestamp>,
    /// When a tick last took it up.
    tried_at: Option<Timestamp>,
    /// Failed attempts in a row.
    attempts: i32,
    /// Why the last attempt failed, if it did.
    last_error: Option<&'a str>,
    last_error_at: Option<Timestamp>,
    paused_until: Option<Timestamp>,
    /// When it is due again.
    next_sync_at: Option<Timestamp>,
}

/// What is set aside.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "ParkedStream"))]
#[serde(rename_all = "camelCase")]
struct Parked<'a> {
    model_id: CreatorId,
    name: &'a str,
    since: Timestamp,
    /// Why, and what has to be mended.
    reason: &'a str,
    /// The call that takes it up again once that is mended.
    call: String,
}

/// The requests that one bucket still holds.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "RequestBudget"))]
#[serde(rename_all = "camelCase")]
struct Budget {
    connection_id: ConnectionId,
    /// The creator whose requests it counts; null for those of the whole account.
    model_id: Option<CreatorId>,
    /// Requests that a full one holds.
    limit: i32,
    remaining: i32,
    /// When it is full again.
    resets_at: Timestamp,
    /// Nobody asks before then: Fanvue said so.
    paused_until: Option<Timestamp>,
}

/// Answers `GET /api/sync/status`.
///
/// # Errors
/// 401, 403, 400, 404; 503 without a database.
pub async fn status(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    let caller = authenticate(ctx, request).await?;
    let query = Query::parse(request, &["agencyId"])?;
    let named = query.uuid("agencyId")?.map(AgencyId);
    let asker = caller.asker(ctx, Right::Figures).await?;
    let agency = asker.agency(named).await?.id;
    let now = ctx.clock.now();
    let found = asker.reader.list_streams(agency, CREATORS_MAX).await?;
    let accounts = asker.reader.list_accounts(Some(agency), None).await?;
    let audience = asker.reader.sum_audience_streams(agency).await?;
    let troubles = asker.reader.list_audience_troubles(agency, TROUBLES_MAX).await?;
    let proved = asker.reader.read_proof(agency).await?;
    let differences = asker.reader.list_differences(agency, DIFFERENCES_MAX).await?;
    let jobs = asker.reader.list_jobs(pick(Some(agency), None, caller)).await?;
    let budgets = budgets(ctx, agency).await?;
    let streams: Vec<_> = found.iter().map(|one| Stream::of(one, now)).collect();
    let meant = streams.iter().filter(|one| one.state != StreamState::Disconnected);
    let oldest: Option<Vec<_>> = meant.map(|one| one.as_of).collect();
    let (running_jobs, latest_jobs): (Vec<_>, Vec<_>) =
        jobs.iter().map(|job| listed(job, &budgets, now)).partition(|job| is_open(job.state));
    let parked_audience: i64 = audience.iter().map(|one| one.parked).sum();
    let settled = differences.iter().filter(|one| one.settled_at.is_some()).count();
    let connections: Vec<_> = accounts.iter().map(|account| View::of(account, now)).collect();
    let others = Others {
        overdue: connections.iter().filter(|one| one.is_overdue()).count(),
        parked_audience,
        settled,
    };
    let (needs_attention, message) = verdict(&streams, &others, now);
    let status = Status {
        agency_id: agency,
        generated_at: now,
        needs_attention,
        message,
        oldest_as_of: oldest.and_then(|all| all.into_iter().min()),
        audience: audience.iter().map(Audience::of).collect(),
        audience_troubles: troubles.iter().map(Trouble::of).collect(),
        proof: Proof::of(proved, &differences),
        connections,
        parked: found.iter().filter_map(parked).collect(),
        budgets: budgets.iter().map(|one| budget(one, now)).collect(),
        streams,
        running_jobs,
        latest_jobs,
    };
    json(StatusCode::OK, &status)
}

fn listed<'a>(job: &'a Job, budgets: &[BudgetStanding], now: Timestamp) -> JobView<'a> {
    JobView::listed(job, budgets, now, None)
}

fn is_open(state: State) -> bool {
    matches!(state, State::Queued | State::Running | State::Paused)
}

impl<'a> Stream<'a> {
    fn of(one: &'a StreamStanding, now: Timestamp) -> Self {
        Self {
            model_id: one.creator,
            name: &one.name,
            connection_id: one.connection,
            state: state(one, now),
            as_of: one.as_of,
            confirmed_at: one.confirmed_at,
            tried_at: one.tried_at,
            attempts: one.attempts,
            last_error: one.last_error.as_deref(),
            last_error_at: one.last_error_at.filter(|_| one.last_error.is_some()),
            paused_until: one.paused_until.filter(|until| now < *until),
            next_sync_at: one.next_sync_at.filter(|_| one.parked_at.is_none()),
        }
    }
}

fn state(one: &StreamStanding, now: Timestamp) -> StreamState {
    let is_ahead = |at: Option<Timestamp>| at.is_some_and(|at| now < at);
    let confirmed_at = one.as_of.map(|at| one.confirmed_at.map_or(at, |seen| seen.max(at)));
    let age = confirmed_at.map(|at| now.duration_since(at).as_secs());
    match age {
        _ if !one.is_connected => StreamState::Disconnected,
        _ if one.parked_at.is_some() => StreamState::Parked,
        _ if is_ahead(one.lease_expires_at) => StreamState::Syncing,
        _ if is_ahead(one.paused_until) => StreamState::Paused,
        _ if one.last_error.is_some() => StreamState::Retrying,
        // What was confirmed later than now shows our clock to be behind.
        Some(age) if (-CLOCKS_APART.as_secs()..LIVE_SECONDS).contains(&age) => StreamState::Live,
        Some(_) => StreamState::Stale,
        None => StreamState::Incomplete,
    }
}

fn parked(one: &StreamStanding) -> Option<Parked<'_>> {
    let path = Endpoint::ForceSync.path();
    Some(Parked {
        model_id: one.creator,
        name: &one.name,
        since: one.parked_at?,
        reason: one.last_error.as_deref().unwrap_or("Fanvue refused"),
        call: format!("POST {path}?modelId={}", one.creator),
    })
}

fn budget(one: &BudgetStanding, now: Timestamp) -> Budget {
    // A window that is over is full again.
    let is_over = one.resets_at <= now;
    Budget {
        connection_id: one.connection,
        model_id: one.creator,
        limit: one.limit,
        remaining: if is_over { one.limit } else { one.remaining.max(0) },
        resets_at: one.resets_at,
        paused_until: one.paused_until.filter(|until| now < *until),
    }
}

#[cfg(test)]
mod tests;
