//! The heartbeat: one tick over every connected creator, and its report.
//!
//! A tick claims creators in small numbers as it gets through them, so any number of ticks may run
//! at once and share the work. A creator that fails or is throttled never holds up the others.

use std::collections::VecDeque;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use ledger::{AgencyId, Cents, CreatorId};
use serde::Serialize;
use store::{Claim, StreamState, Unclaimed};
use tokio::sync::Mutex;

use crate::{
    Ctx, Error,
    auth::require_operator,
    http::{Problem, Request, Response, json},
    query::Query,
    reading::{LEASE_SECONDS, Reading, Stop, read_creator},
    tokens::Tokens,
};

/// How much a tick takes on.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Creators that are read at the same time.
    pub concurrency: usize,
    /// Creators that are claimed at once. They wait for a worker well within their lease.
    pub claims: i64,
    /// When the tick stops taking up work.
    pub seconds: i64,
}

impl Default for Limits {
    /// For a function that must have answered within 300 seconds.
    fn default() -> Self {
        Self { concurrency: 8, claims: 16, seconds: 240 }
    }
}

/// The most creators that a report lists beside the ones it read.
const UNCLAIMED_MAX: i64 = 10_000;

/// What a tick did.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// Rows that were not in the ledger before.
    pub new_rows: usize,
    /// Change of gross, in US cents.
    pub cents: Cents,
    /// Change of net, in US cents.
    pub net_cents: Cents,
    /// Requests sent to the platform for earnings.
    pub requests: u32,
    /// Rows kept as rejects that were not kept before.
    pub rejects: u64,
    /// Creators that are not complete yet, for whatever reason.
    pub unfinished: usize,
    /// Seconds until another tick can do more, when some creators are unfinished.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<i64>,
    /// Every connected creator.
    pub creators: Vec<CreatorReport>,
}

/// What a tick did for one creator.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreatorReport {
    /// The agency.
    pub agency_id: AgencyId,
    /// The creator.
    pub model_id: CreatorId,
    /// The creator's name.
    pub name: String,
    /// What became of it.
    pub state: CreatorState,
    /// Rows that were not in the ledger before.
    pub new_rows: usize,
    /// Rows whose status, id or amount changed.
    pub amended_rows: usize,
    /// Change of gross, in US cents.
    pub cents: Cents,
    /// Change of net, in US cents.
    pub net_cents: Cents,
    /// Pages read.
    pub pages: u32,
    /// Requests sent.
    pub requests: u32,
    /// Rows newly kept as rejects.
    pub rejects: u64,
    /// Everything before this instant is in the ledger; null while the history is being read.
    pub as_of: Option<Timestamp>,
    /// When reading may go on, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<Timestamp>,
    /// Why it is not complete, and what happens next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What became of a creator in a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CreatorState {
    /// Read to the moment of the tick.
    Complete,
    /// Read as far as time allowed; the next tick goes on.
    Unfinished,
    /// The platform asked us to wait.
    Paused,
    /// Another tick is reading it.
    Busy,
    /// It failed; the next tick tries again.
    Failed,
    /// The account must be reconnected by a person.
    Disconnected,
}

/// Answers `GET /api/cron/revenue-heartbeat`.
///
/// # Errors
/// 401 without the operator's secret, 400 for any parameter, 503 without a database.
pub async fn handle(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    require_operator(ctx.config.cron_secret.as_ref(), request)?;
    Query::parse(request, &[])?;
    let report = tick(ctx, Limits::default()).await?;
    Ok(json(::http::StatusCode::OK, &report))
}

/// Reads what is new of every connected creator.
///
/// # Errors
/// [`Error::Store`] when the queue itself can't be read. A creator's failure is in the report.
pub async fn tick(ctx: &Ctx, limits: Limits) -> Result<Report, Error> {
    let started_at = ctx.clock.now();
    let deadline = started_at.checked_add(SignedDuration::from_secs(limits.seconds));
    let deadline = deadline.unwrap_or(started_at);
    ctx.store.ensure_streams(started_at).await?;
    let work = Work {
        ctx,
        started_at,
        deadline,
        claims: limits.claims,
        tokens: Tokens::default(),
        queue: Mutex::default(),
    };
    let workers = join_all((0..limits.concurrency).map(|_| work.work_off())).await;
    let mut creators = vec![];
    for reports in workers {
        creators.extend(reports?);
    }
    let now = ctx.clock.now();
    let unclaimed = ctx.store.list_unclaimed(started_at, now, UNCLAIMED_MAX).await?;
    creators.extend(unclaimed.into_iter().map(CreatorReport::from));
    creators.sort_by(|a, b| (&a.name, a.model_id).cmp(&(&b.name, b.model_id)));
    Ok(summary(started_at, ctx.clock.now(), creators))
}

/// What the workers of one tick share. They are polled together, so that none of them holds a
/// database connection while the others can't go on.
struct Work<'a> {
    ctx: &'a Ctx,
    started_at: Timestamp,
    deadline: Timestamp,
    claims: i64,
    tokens: Tokens,
    queue: Mutex<VecDeque<Claim>>,
}

impl Work<'_> {
    /// Reads one creator after the other until none is left or the time is over.
    async fn work_off(&self) -> Result<Vec<CreatorReport>, Error> {
        let mut reports = vec![];
        while let Some(claim) = self.next().await? {
            reports.push(report_creator(self.ctx, &self.tokens, claim, self.deadline).await);
        }
        Ok(reports)
    }

    async fn next(&self) -> Result<Option<Claim>, Error> {
        let mut queue = self.queue.lock().await;
        let now = self.ctx.clock.now();
        if queue.is_empty() && now < self.deadline {
            let lease = SignedDuration::from_secs(LEASE_SECONDS);
            let lease_until = now.checked_add(lease).unwrap_or(now);
            let token = self.ctx.entropy.uuid();
            let store = &self.ctx.store;
            let claims = store.claim_streams(self.started_at, now, lease_until, token, self.claims);
            queue.extend(claims.await?);
        }
        Ok(queue.pop_front())
    }
}

async fn report_creator(
    ctx: &Ctx,
    tokens: &Tokens,
    claim: Claim,
    deadline: Timestamp,
) -> CreatorReport {
    let lease = claim.lease.clone();
    let name = claim.name.clone();
    let reading = read_creator(ctx, tokens, claim, deadline).await;
    let (state, error) = outcome(&reading);
    let report = CreatorReport {
        agency_id: lease.agency,
        model_id: lease.creator,
        name,
        state,
        new_rows: reading.new_rows,
        amended_rows: reading.amended_rows,
        cents: reading.gross,
        net_cents: reading.net,
        pages: reading.pages,
        requests: reading.requests,
        rejects: reading.rejects,
        as_of: reading.as_of,
        retry_at: match &reading.stopped {
            Some(Stop::Paused(until)) => Some(*until),
            _ => None,
        },
        error,
    };
    match (&report.error, report.state) {
        (Some(error), CreatorState::Failed | CreatorState::Disconnected) => {
            tracing::warn!(creator.id = %lease.creator, error, "creator not read");
        }
        _ => {
            tracing::debug!(creator.id = %lease.creator, new_rows = report.new_rows, "creator read")
        }
    }
    report
}

fn outcome(reading: &Reading) -> (CreatorState, Option<String>) {
    match &reading.stopped {
        None => (CreatorState::Complete, None),
        Some(Stop::Deadline) => (
            CreatorState::Unfinished,
            Some("this tick's time was over; the next one goes on where it stopped".into()),
        ),
        Some(Stop::Paused(until)) => (
            CreatorState::Paused,
            Some(format!("Fanvue asked us to slow down; reading goes on after {until}")),
        ),
        Some(Stop::Lost) => (
            CreatorState::Busy,
            Some("another tick took this creator over; nothing was counted twice".into()),
        ),
        Some(Stop::Reconnect(reason)) => (
            CreatorState::Disconnected,
            Some(format!("{reason}; reconnect the account to catch up")),
        ),
        Some(Stop::Failed(reason)) => {
            (CreatorState::Failed, Some(format!("{reason}; the next tick tries again")))
        }
    }
}

impl From<Unclaimed> for CreatorReport {
    fn from(unclaimed: Unclaimed) -> Self {
        let (state, error) = match unclaimed.state {
            StreamState::Busy => {
                (CreatorState::Busy, "another tick is reading this creator".to_owned())
            }
            StreamState::Paused(until) => (
                CreatorState::Paused,
                format!("Fanvue asked us to slow down; reading goes on after {until}"),
            ),
            StreamState::Disconnected => (
                CreatorState::Disconnected,
                "Fanvue ended the connection; reconnect the account to catch up".to_owned(),
            ),
            StreamState::Waiting => (
                CreatorState::Unfinished,
                "this tick had no time left; the next one begins here".to_owned(),
            ),
        };
        Self {
            agency_id: unclaimed.agency,
            model_id: unclaimed.creator,
            name: unclaimed.name,
            state,
            new_rows: 0,
            amended_rows: 0,
            cents: Cents::ZERO,
            net_cents: Cents::ZERO,
            pages: 0,
            requests: 0,
            rejects: 0,
            as_of: unclaimed.as_of,
            retry_at: match unclaimed.state {
                StreamState::Paused(until) => Some(until),
                _ => None,
            },
            error: Some(error),
        }
    }
}

fn summary(started_at: Timestamp, finished_at: Timestamp, creators: Vec<CreatorReport>) -> Report {
    let helped_by_time = |c: &&CreatorReport| {
        !matches!(c.state, CreatorState::Complete | CreatorState::Disconnected)
    };
    let unfinished = creators.iter().filter(helped_by_time).count();
    let goes_on_at = |c: &CreatorReport| match c.state {
        CreatorState::Unfinished => Some(finished_at),
        _ => c.retry_at,
    };
    let retry_at = creators.iter().filter_map(goes_on_at).min();
    Report {
        started_at,
        finished_at,
        new_rows: creators.iter().map(|c| c.new_rows).sum(),
        cents: creators.iter().map(|c| c.cents).sum(),
        net_cents: creators.iter().map(|c| c.net_cents).sum(),
        requests: creators.iter().map(|c| c.requests).sum(),
        rejects: creators.iter().map(|c| c.rejects).sum(),
        unfinished,
        retry_after_seconds: retry_at.map(|at| at.duration_since(finished_at).as_secs().max(0)),
        creators,
    }
}
