//! The scheduler's endpoint: works off what is due, and keeps connections alive.

use jiff::SignedDuration;

use crate::{
    Ctx, adopting,
    auth::require_operator,
    connections,
    http::{Problem, Request, Response, json},
    query::Query,
    tick::{Limits, Scope, tick},
    tokens::{self, Tokens},
};

/// Answers `GET /api/cron/sync-transactions`: seals plain tokens of an older system, refreshes tokens whose time has come, adds creators who
/// joined, goes on with unfinished histories and reads the creators that are due.
///
/// # Errors
/// 401 without the operator's secret, 400 for any parameter, 503 without a database.
pub async fn handle(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    require_operator(ctx.config.cron_secret.as_ref(), request)?;
    Query::parse(request, &[])?;
    let limits = Limits::default();
    let half = SignedDuration::from_secs(limits.seconds / 2);
    let deadline = ctx.clock.now().checked_add(half).unwrap_or_else(|_| ctx.clock.now());
    adopting::adopt_plain_tokens(ctx, deadline).await?;
    tokens::refresh_due(ctx, deadline).await?;
    connections::import_new(ctx, &Tokens::default(), deadline).await?;
    let report = tick(ctx, Scope::Due, Limits { seconds: limits.seconds / 2, ..limits }).await?;
    Ok(json(::http::StatusCode::OK, &report))
}
