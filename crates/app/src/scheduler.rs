//! The scheduler's endpoint: works off what is due, and keeps connections alive.

use jiff::SignedDuration;

use crate::{
    Ctx, Endpoint, adopting,
    auth::require_operator,
    connections,
    http::{Deadline, Problem, Request, Response, chain, json},
    query::Query,
    tick::{Limits, Scope, tick},
    tokens::{self, Tokens},
};

/// How long what an older system left may hold up the rest, in seconds.
const ADOPTING_SECONDS: i64 = 30;

/// Answers `GET /api/cron/sync-transactions`: refreshes tokens whose time has come, seals plain tokens
/// of an older system, adds creators who joined, goes on with unfinished histories and reads the
/// creators that are due.
///
/// # Errors
/// 401 without the operator's secret, 400 for any parameter, 503 without a database.
pub async fn handle(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    require_operator(ctx, request)?;
    Query::parse(request, &[])?;
    let limits = Limits::until(Deadline::of(request), ctx.clock.now());
    let after = |seconds| {
        let now = ctx.clock.now();
        now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(now)
    };
    let deadline = after(limits.seconds / 2);
    // First of all: of an interrupted refresh the platform tolerates the old token for seconds only.
    tokens::refresh_due(ctx, deadline).await?;
    // What an older system left concerns nobody else: what fails of it is tried again by the next call.
    if let Err(error) = adopting::take_over(ctx, after(ADOPTING_SECONDS).min(deadline)).await {
        tracing::error!(error = chain(&error), "what an older system left is not taken over");
    }
    connections::import_new(ctx, &Tokens::default(), deadline).await?;
    let report = tick(ctx, Scope::Due, Limits { seconds: limits.seconds / 2, ..limits }).await?;
    report.finished().tell(Endpoint::SyncTransactions);
    json(::http::StatusCode::OK, &report)
}
