//! Alerts: of shifts that nobody clocked in for, and of posts that were missed. Each is told once, over
//! Telegram.
//!
//! What is due is noted in the database first, once for ever, and sent from there under a lease: so any
//! number of ticks may overlap, and a process may die anywhere. Telegram has no key by which it would know
//! a message again, so one whose answer was lost may have arrived. It is sent again all the same, by a
//! later tick, and says so: an alert that comes twice is better than one that never comes.

mod judging;
mod message;
mod report;
mod sending;

use jiff::{SignedDuration, Timestamp};
use store::AlertKind;

use self::judging::Judge;
pub use self::report::{AlertReport, Outcome, Report};
use crate::{
    Ctx, Endpoint, Error,
    auth::require_operator,
    http::{Deadline, Problem, Request, Response, json},
    query::Query,
    tick::Limits,
};

/// A shift is late when it began longer ago than this, in seconds.
const LATE_AFTER_SECONDS: i64 = 10 * 60;
/// A shift that began longer ago, or a post that was planned for then, is news to nobody: an older system's
/// past is not told, and what passed while nobody looked is only counted, in seconds.
const NEWS_SECONDS: i64 = 2 * 24 * 3_600;
/// What passed longer ago than this is not even counted, in seconds.
const COUNTED_SECONDS: i64 = 14 * 24 * 3_600;
/// A post is missed when its time passed longer ago than this, in seconds.
const MISSED_AFTER_SECONDS: i64 = 2 * 3_600;
/// The most shifts or tasks that one tick takes up.
const FOUND_MAX: i64 = 500;

/// Answers `GET /api/cron/check-late-shifts`: tells of shifts that began more than ten minutes ago and
/// that nobody clocked in for.
///
/// # Errors
/// 401 without the operator's secret, 400 for any parameter, 503 without a database.
pub async fn check_late_shifts(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    check(ctx, request, AlertKind::LateShift).await
}

/// Answers `GET /api/cron/check-missed-posts`: calls content tasks missed whose time passed more than two
/// hours ago, and tells of those whose time was in the last two days; of older ones how many, where nobody looked
/// meanwhile.
///
/// # Errors
/// 401 without the operator's secret, 400 for any parameter, 503 without a database.
pub async fn check_missed_posts(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    check(ctx, request, AlertKind::MissedPost).await
}

async fn check(ctx: &Ctx, request: &Request, kind: AlertKind) -> Result<Response, Problem> {
    require_operator(ctx, request)?;
    Query::parse(request, &[])?;
    let limits = Limits::until(Deadline::of(request), ctx.clock.now());
    let report = tick(ctx, kind, limits.seconds).await?;
    report.tell(match kind {
        AlertKind::LateShift => Endpoint::CheckLateShifts,
        AlertKind::MissedPost => Endpoint::CheckMissedPosts,
    });
    json(::http::StatusCode::OK, &report)
}

/// Finds and tells, in so many seconds at most.
async fn tick(ctx: &Ctx, kind: AlertKind, seconds: i64) -> Result<Report, Error> {
    let begun_at = ctx.clock.now();
    let judge = Judge::ask(ctx).await?;
    let started_at = judge.now(ctx);
    let (dropped, found) = find(ctx, kind, started_at).await?;
    let told = sending::send_waiting(ctx, kind, judge, (begun_at, seconds)).await?;
    let finished_at = judge.now(ctx);
    let waiting = ctx.store.read_waiting_alerts(kind, finished_at).await?;
    let is_cut = found == FOUND_MAX.unsigned_abs();
    Ok(Report::of((started_at, finished_at), (found, is_cut), dropped, told, waiting))
}

/// Notes what is due, and drops what no longer is: how many were dropped, and how many are new. Both are
/// instants in UTC, so a change of clocks makes nothing late and nothing early.
async fn find(ctx: &Ctx, kind: AlertKind, now: Timestamp) -> Result<(u64, u64), Error> {
    let before = |seconds| now.checked_sub(SignedDuration::from_secs(seconds)).unwrap_or(now);
    let store = &ctx.store;
    let (oldest, from) = (before(COUNTED_SECONDS), before(NEWS_SECONDS));
    match kind {
        AlertKind::LateShift => {
            let dropped = store.drop_late_shifts(now, LATE_AFTER_SECONDS).await?;
            let found =
                store.note_late_shifts(now, (oldest, from), LATE_AFTER_SECONDS, FOUND_MAX).await?;
            Ok((dropped, found))
        }
        AlertKind::MissedPost => {
            let dropped = store.drop_missed_posts(now).await?;
            let planned = (oldest, from, before(MISSED_AFTER_SECONDS));
            let found = store.miss_posts(now, planned, FOUND_MAX).await?;
            Ok((dropped, found))
        }
    }
}
