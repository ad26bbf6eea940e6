//! The heartbeat's endpoint: everything that is new, of every connected creator.

use crate::{
    Ctx, Endpoint,
    auth::require_operator,
    http::{Deadline, Problem, Request, Response, json},
    query::Query,
    tick::{Limits, Scope, tick},
};

/// Answers `GET /api/cron/revenue-heartbeat`.
///
/// # Errors
/// 401 without the operator's secret, 400 for any parameter, 503 without a database.
pub async fn handle(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    require_operator(ctx, request)?;
    Query::parse(request, &[])?;
    let limits = Limits::until(Deadline::of(request), ctx.clock.now());
    let report = tick(ctx, Scope::Everyone, limits).await?;
    report.finished().tell(Endpoint::RevenueHeartbeat);
    json(::http::StatusCode::OK, &report)
}
