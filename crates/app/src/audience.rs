//! `GET /api/cron/daily-refresh`: who follows and subscribes, what is unread, who spent most and where
//! visitors came from, of every connected creator.
//!
//! Each of these is a stream with an instant of its own, and fails alone: what it stored stays as it
//! is until a complete answer takes its place. Money goes first: requests are taken only where the
//! heartbeats and histories leave some.

mod asking;
mod changes;
mod reading;
mod report;
mod walking;

use std::collections::VecDeque;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use store::AudienceClaim;
use tokio::sync::Mutex;

use self::{asking::LEASE_SECONDS, reading::read_stream};
use crate::{
    Ctx, Endpoint, Error,
    auth::require_operator,
    http::{Deadline, Problem, Request, Response, json},
    query::Query,
    tick,
    tokens::Tokens,
};

pub use self::report::{Report, StreamReport};

/// How long a creator's first history has its requests for itself, in seconds.
const HISTORY_FIRST_SECONDS: i64 = 120;

/// How much a tick takes on.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Streams that are read at the same time.
    pub concurrency: usize,
    /// Streams that are claimed at once.
    pub claims: i64,
    /// When the tick stops taking up work.
    pub seconds: i64,
    /// Pages of one list that are counted; the next tick goes on.
    pub pages: u32,
}

impl Default for Limits {
    /// For a function that must have answered within 300 seconds, beside heartbeats.
    fn default() -> Self {
        Self { concurrency: 4, claims: 8, seconds: 180, pages: 200 }
    }
}

impl Limits {
    /// The same, or less where the platform ends the invocation sooner.
    fn until(deadline: Option<Deadline>, now: Timestamp) -> Self {
        let usual = Self::default();
        let seconds = tick::Limits::until(deadline, now).seconds.min(usual.seconds);
        Self { seconds, ..usual }
    }
}

/// Answers `GET /api/cron/daily-refresh`.
///
/// # Errors
/// 401 without the operator's secret, 400 for any parameter, 503 without a database.
pub async fn handle(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    require_operator(ctx, request)?;
    Query::parse(request, &[])?;
    let limits = Limits::until(Deadline::of(request), ctx.clock.now());
    let report = refresh(ctx, limits).await?;
    report.finished().tell(Endpoint::DailyRefresh);
    json(::http::StatusCode::OK, &report)
}

/// Reads what is due of every audience.
///
/// # Errors
/// [`Error::Store`] when the queue itself can't be read. A stream's failure is in the report.
pub async fn refresh(ctx: &Ctx, limits: Limits) -> Result<Report, Error> {
    let started_at = ctx.clock.now();
    ctx.store.ensure_audience(started_at, after(started_at, HISTORY_FIRST_SECONDS)).await?;
    let work = Work {
        ctx,
        limits,
        started_at,
        deadline: after(started_at, limits.seconds),
        tokens: Tokens::default(),
        queue: Mutex::default(),
    };
    let workers = join_all((0..limits.concurrency).map(|_| work.work_off())).await;
    let mut streams = vec![];
    for reports in workers {
        streams.extend(reports?);
    }
    Ok(Report::new(started_at, ctx.clock.now(), streams))
}

/// What the workers of one tick share.
struct Work<'a> {
    ctx: &'a Ctx,
    limits: Limits,
    started_at: Timestamp,
    deadline: Timestamp,
    tokens: Tokens,
    /// Claims, and from when on their lease has to be renewed before they are read.
    queue: Mutex<VecDeque<(AudienceClaim, Timestamp)>>,
}

impl Work<'_> {
    /// Reads one stream after the other until none is left or the time is over.
    async fn work_off(&self) -> Result<Vec<StreamReport>, Error> {
        let mut reports = vec![];
        while let Some(claim) = self.next().await? {
            let until = (self.limits.pages, self.deadline);
            reports.push(read_stream(self.ctx, &self.tokens, &claim, until).await);
        }
        Ok(reports)
    }

    async fn next(&self) -> Result<Option<AudienceClaim>, Error> {
        let store = &self.ctx.store;
        let mut queue = self.queue.lock().await;
        loop {
            let now = self.ctx.clock.now();
            let lease_until = after(now, LEASE_SECONDS);
            if queue.is_empty() && now < self.deadline {
                let (token, limit) = (self.ctx.entropy.uuid(), self.limits.claims);
                let claims =
                    store.claim_audience(self.started_at, now, lease_until, token, limit).await?;
                let renewed_from = after(now, LEASE_SECONDS / 2);
                queue.extend(claims.into_iter().map(|claim| (claim, renewed_from)));
            }
            // Each turn takes one out, and a stream is claimed once a tick.
            let Some((claim, renewed_from)) = queue.pop_front() else { return Ok(None) };
            if now < renewed_from || store.renew_audience(&claim.lease, lease_until).await? {
                return Ok(Some(claim));
            }
        }
    }
}

/// The instant so many seconds later.
fn after(at: Timestamp, seconds: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(at)
}
