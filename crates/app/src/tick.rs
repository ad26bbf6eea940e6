//! One tick over the queue of streams: claim, read, report.
//!
//! A tick claims creators in small numbers as it gets through them, so any number of ticks may run
//! at once and share the work. A creator that fails or is throttled never holds up the others.

use std::{
    collections::{HashSet, VecDeque},
    sync::atomic::{AtomicBool, Ordering},
};

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use store::{Claim, Lease, Pick};
use tokio::sync::Mutex;
use tracing::{
    Instrument, Span,
    field::{self, Empty},
};

use crate::{
    Ctx, Error, detector,
    http::{Deadline, chain},
    jobs,
    reading::{LEASE_SECONDS, Stop, read_creator},
    report::{CreatorReport, Report, outcome, summary},
    routes,
    tokens::Tokens,
    traces, webhooks,
};

/// The most creators that a report lists.
const CREATORS_MAX: i64 = 10_000;

/// How much a tick takes on.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Creators that are read at the same time.
    pub concurrency: usize,
    /// Creators that are claimed at once. Those whose lease ran low while they waited for a worker
    /// keep it, or are left to whoever took them meanwhile.
    pub claims: i64,
    /// When the tick stops taking up work.
    pub seconds: i64,
    /// Fewer creators than this are simply read, without asking for the agency's totals first: it
    /// costs little and shows reversals too.
    pub totals_from_creators: i64,
}

impl Default for Limits {
    /// For a function that must have answered within 300 seconds, and may have an exchange of tokens
    /// and a page under way when its time is over.
    fn default() -> Self {
        Self { concurrency: 8, claims: 16, seconds: 210, totals_from_creators: 25 }
    }
}

impl Limits {
    /// The same, or less where the platform ends the invocation sooner: of what is left, the tick takes
    /// up work for 7/10.
    #[must_use]
    pub fn until(deadline: Option<Deadline>, now: Timestamp) -> Self {
        let usual = Self::default();
        let share = |deadline: Deadline| deadline.left(now).as_secs().saturating_mul(7) / 10;
        let share = deadline.and_then(|deadline| i64::try_from(share(deadline)).ok());
        Self { seconds: share.map_or(usual.seconds, |share| share.min(usual.seconds)), ..usual }
    }
}

/// Which creators a tick reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every connected one.
    Everyone,
    /// Those whose time has come: new ones, unfinished histories, failed ones, the long unread.
    Due,
}

/// Reads what is new of the creators in scope.
///
/// # Errors
/// [`Error::Store`] when the queue itself can't be read. A creator's failure is in the report.
pub async fn tick(ctx: &Ctx, scope: Scope, limits: Limits) -> Result<Report, Error> {
    let span = tracing::debug_span!(
        target: traces::TARGET,
        "tick",
        tick.scope = ?scope,
        tick.creators = Empty,
        error.type = Empty,
    );
    let report = work(ctx, scope, limits).instrument(span.clone()).await;
    match &report {
        Ok(report) => span.record("tick.creators", report.creators.len()),
        Err(_) => span.record("error.type", "failed"),
    };
    report
}

async fn work(ctx: &Ctx, scope: Scope, limits: Limits) -> Result<Report, Error> {
    let started_at = ctx.clock.now();
    let deadline = started_at.checked_add(SignedDuration::from_secs(limits.seconds));
    let deadline = deadline.unwrap_or(started_at);
    if let Err(error) = webhooks::catch_up(ctx, deadline).await {
        tracing::warn!(error = chain(&error), "webhooks are left to the next tick");
    }
    ctx.store.ensure_streams(started_at).await?;
    let tokens = Tokens::default();
    if let Err(error) = routes::ask_for_v1(ctx, &tokens, deadline).await {
        tracing::warn!(error = chain(&error), "the next tick looks whether /v1 is to be asked for");
    }
    let detector_requests = {
        let ask = (scope, limits.totals_from_creators);
        detector::confirm_quiet(ctx, &tokens, started_at, deadline, ask).await
    };
    let work = Work {
        ctx,
        started_at,
        deadline,
        scope,
        pick: Pick { limit: limits.claims, due_only: scope == Scope::Due, proof_only: false },
        tokens,
        has_asked: AtomicBool::new(false),
        queue: Mutex::default(),
    };
    let workers = join_all((0..limits.concurrency).map(|_| work.work_off())).await;
    let mut creators = vec![];
    for reports in workers {
        creators.extend(reports?);
    }
    jobs::end_unreadable(ctx).await;
    if scope == Scope::Everyone {
        let now = ctx.clock.now();
        let left = ctx.store.list_left(started_at, now, CREATORS_MAX).await?;
        let read: HashSet<_> = creators.iter().map(|c: &CreatorReport| c.model_id).collect();
        let left = left.into_iter().filter(|left| !read.contains(&left.creator));
        creators.extend(left.map(CreatorReport::from));
    }
    creators.sort_by(|a, b| (&a.name, a.model_id).cmp(&(&b.name, b.model_id)));
    Ok(summary(started_at, ctx.clock.now(), detector_requests, creators))
}

/// Reads what the nightly proof has opened, until all of it is read or the time is over.
pub(crate) async fn read_proof(
    ctx: &Ctx,
    deadline: Timestamp,
    limits: Limits,
) -> Result<Vec<CreatorReport>, Error> {
    let work = Work {
        ctx,
        started_at: ctx.clock.now(),
        deadline,
        scope: Scope::Due,
        pick: Pick { limit: limits.claims, due_only: true, proof_only: true },
        tokens: Tokens::default(),
        has_asked: AtomicBool::new(false),
        queue: Mutex::default(),
    };
    let workers = join_all((0..limits.concurrency).map(|_| work.work_off())).await;
    let mut creators = vec![];
    for reports in workers {
        creators.extend(reports?);
    }
    jobs::end_unreadable(ctx).await;
    Ok(creators)
}

/// What the workers of one tick share. They are polled together, so that none of them holds a
/// database connection while the others can't go on.
struct Work<'a> {
    ctx: &'a Ctx,
    started_at: Timestamp,
    deadline: Timestamp,
    scope: Scope,
    pick: Pick,
    tokens: Tokens,
    /// Whether it was asked how long histories are: once a tick, before any of them is read.
    has_asked: AtomicBool,
    /// Claims, and from when on their lease has to be renewed before they are read.
    queue: Mutex<VecDeque<(Claim, Timestamp)>>,
}

impl Work<'_> {
    /// Reads one creator after the other until none is left or the time is over.
    async fn work_off(&self) -> Result<Vec<CreatorReport>, Error> {
        let mut reports = vec![];
        while let Some(claim) = self.next().await? {
            let span = traced(&claim.lease);
            let until = (self.scope, self.deadline);
            let reading = report_creator(self.ctx, &self.tokens, claim, until);
            let report = reading.instrument(span.clone()).await;
            span.record("rows.new", report.new_rows);
            span.record("creator.state", field::debug(report.state));
            if report.state.is_failure() {
                span.record("error.type", field::debug(report.state));
            }
            reports.push(report);
        }
        Ok(reports)
    }

    async fn next(&self) -> Result<Option<Claim>, Error> {
        let store = &self.ctx.store;
        let mut queue = self.queue.lock().await;
        loop {
            let now = self.ctx.clock.now();
            let after =
                |seconds| now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(now);
            let lease_until = after(LEASE_SECONDS);
            if queue.is_empty() && now < self.deadline {
                let (tick, token) = (self.started_at, self.ctx.entropy.uuid());
                let claims = store.claim_streams(tick, now, lease_until, token, self.pick).await?;
                let renewed_from = after(LEASE_SECONDS / 2);
                let is_unpromised = claims.iter().any(|claim| claim.is_unpromised);
                queue.extend(claims.into_iter().map(|claim| (claim, renewed_from)));
                if is_unpromised && !self.has_asked.swap(true, Ordering::Relaxed) {
                    jobs::ask_promises(self.ctx, &self.tokens, self.deadline).await;
                    // It took its time: leases may have to be renewed.
                    continue;
                }
            }
            // Each turn takes one out, and a creator is claimed once a tick.
            let Some((claim, renewed_from)) = queue.pop_front() else { return Ok(None) };
            if now < renewed_from || store.renew_lease(&claim.lease, lease_until).await? {
                return Ok(Some(claim));
            }
        }
    }
}

/// The reading of one creator as collectors of traces know it.
fn traced(lease: &Lease) -> Span {
    tracing::debug_span!(
        target: traces::TARGET,
        "creator",
        agency.id = %lease.agency,
        creator.id = %lease.creator,
        rows.new = Empty,
        creator.state = Empty,
        error.type = Empty,
    )
}

async fn report_creator(
    ctx: &Ctx,
    tokens: &Tokens,
    claim: Claim,
    until: (Scope, Timestamp),
) -> CreatorReport {
    let lease = claim.lease.clone();
    let name = claim.name.clone();
    let reading = read_creator(ctx, tokens, claim, until).await;
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
    match &report.error {
        Some(error) if report.state.is_failure() => {
            let (creator, agency) = (lease.creator, lease.agency);
            let stream = "earnings";
            tracing::warn!(creator.id = %creator, agency.id = %agency, stream, error, "creator not read");
        }
        _ => {
            tracing::debug!(creator.id = %lease.creator, new_rows = report.new_rows, "creator read")
        }
    }
    report
}
