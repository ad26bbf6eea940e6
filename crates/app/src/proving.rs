//! `GET /api/cron/reconcile`: the nightly proof. First that all sums follow from the ledger; then that each
//! day of the last 35 is what Fanvue's totals say of it; what differs is read again by the queue's own
//! streams, and what that changes has a receipt. Then one history after the other is read again whole.
//! Last, what was kept long enough is erased.
//!
//! Nothing here books or voids a row: windows are opened, and ticks read them
//! (docs/adr/0024-every-day-is-proved-at-night.md). An invocation does what its time allows, and the
//! next one goes on. Every step finds what is left to do in the database, so any number may overlap.

mod asking;
mod comparing;
mod deep;
mod erasing;
mod reading;
mod report;
mod sums;
mod turns;

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

use self::report::Found;
pub use self::report::{Report, Skipped, Trouble};
use crate::{
    Ctx, Endpoint, Error,
    auth::require_operator,
    http::{Deadline, Problem, Request, Response, json},
    query::Query,
    tick::Limits,
};

/// The most creators that a report names.
const CREATORS_MAX: i64 = 1_000;

/// How far an invocation has come, for whoever watches it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// What is being done.
    pub step: &'static str,
    /// How much of it.
    pub done: u64,
}

/// One invocation: what it shares among its steps.
pub(crate) struct Night<'a> {
    ctx: &'a Ctx,
    /// The first UTC day that is not compared: today.
    night: Date,
    started_at: Timestamp,
    seconds: i64,
    limits: Limits,
    found: Found,
    said: &'a mut (dyn FnMut(Reached) + Send + Sync),
}

impl Night<'_> {
    /// The instant by which so many thirds of the time are over.
    fn after_thirds(&self, thirds: i64) -> Timestamp {
        let share = SignedDuration::from_secs(self.seconds * thirds / 3);
        self.started_at.checked_add(share).unwrap_or(self.started_at)
    }

    fn is_over(&self, deadline: Timestamp) -> bool {
        deadline <= self.ctx.clock.now()
    }

    fn say(&mut self, step: &'static str, done: u64) {
        (self.said)(Reached { step, done });
    }
}

/// Answers `GET /api/cron/reconcile`.
///
/// # Errors
/// 401 without the operator's secret, 400 for any parameter, 503 without a database.
pub async fn handle(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    require_operator(ctx, request)?;
    Query::parse(request, &[])?;
    let limits = Limits::until(Deadline::of(request), ctx.clock.now());
    let report = prove(ctx, limits, &mut |_| {}).await?;
    report.finished().tell(Endpoint::Reconcile);
    json(::http::StatusCode::OK, &report)
}

/// Proves as much as the limits allow, and says on the way how far it is.
///
/// # Errors
/// [`Error::Store`] when the database can't even say what is to be done. What fails of one agency or creator
/// is in the report.
pub async fn prove(
    ctx: &Ctx,
    limits: Limits,
    said: &mut (dyn FnMut(Reached) + Send + Sync),
) -> Result<Report, Error> {
    let started_at = ctx.clock.now();
    let night = started_at.to_zoned(TimeZone::UTC).date();
    let found = Found::default();
    let mut night = Night { ctx, night, started_at, seconds: limits.seconds, limits, found, said };
    ctx.store.ensure_proofs().await?;
    let unchecked = sums::check(&mut night).await?;
    let mut uncompared = turns::compare(&mut night).await?;
    reading::read(&mut night).await?;
    deep::read(&mut night).await?;
    turns::add_held(&mut night, &mut uncompared).await?;
    erasing::erase(&night).await;
    let (due, open, settled) = ctx.store.count_proof_days(ctx.clock.now()).await?;
    let skipped = ctx.store.list_not_compared(started_at, night.night, CREATORS_MAX).await?;
    let repaired = ctx.store.count_repairs(started_at).await?;
    let uncompared = uncompared.len();
    let left = report::Left { unchecked, uncompared, due, open, settled, repaired };
    Ok(Report::of((started_at, ctx.clock.now()), night.night, night.found, left, skipped))
}

/// Forgets that it was done in this night.
///
/// # Errors
/// As for any statement.
pub async fn forget(ctx: &Ctx) -> Result<(), Error> {
    Ok(ctx.store.forget_proofs().await?)
}
