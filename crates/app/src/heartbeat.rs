//! The heartbeat's endpoint: everything that is new, of every connected creator.

use crate::{
    Ctx,
    auth::require_operator,
    http::{Problem, Request, Response, json},
    query::Query,
    tick::{Limits, Scope, tick},
};

/// Answers `GET /api/cron/revenue-heartbeat`.
///
/// # Errors
/// 401 without the operator's secret, 400 for any parameter, 503 without a database.
pub async fn handle(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    require_operator(ctx.config.cron_secret.as_ref(), request)?;
    Query::parse(request, &[])?;
    let report = tick(ctx, Scope::Everyone, Limits::default()).await?;
    json(::http::StatusCode::OK, &report)
}
