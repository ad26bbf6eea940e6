//! The state of one function instance: made at the first request, shared by all that follow.
//!
//! A wrong configuration is not a crash: each answer then says what is missing, which an operator
//! can read, while a process that exits at once shows only the platform's own error page.

use std::sync::OnceLock;

use app::http::{Problem, Response, chain, finish};
use app::{Config, Ctx, Endpoint};
use http::StatusCode;

use crate::guard::{guarded, receive};

static CTX: OnceLock<Result<Ctx, String>> = OnceLock::new();

/// Answers one request at `endpoint`, whatever happens.
pub(crate) async fn answer<B>(endpoint: Endpoint, request: http::Request<B>) -> Response
where
    B: http_body::Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let received = match receive(request).await {
        Ok(received) => received,
        Err(refusal) => return refusal,
    };
    match CTX.get_or_init(build) {
        Ok(ctx) => guarded(&received.id, app::answer(ctx, endpoint, received.request)).await,
        Err(reason) => finish(Err(not_configured(reason)), &received.id),
    }
}

/// Reads the environment. Connects to nothing yet.
fn build() -> Result<Ctx, String> {
    let reason = |error: &dyn std::error::Error| {
        let reason = chain(error);
        tracing::error!(reason, "the configuration is unusable");
        reason
    };
    let config = Config::from_env().map_err(|error| reason(&error))?;
    Ctx::new(config).map_err(|error| reason(&error))
}

/// Names the variable, never a value: the errors of `app::config` hold none.
fn not_configured(reason: &str) -> Problem {
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    Problem::new(status, "not_configured", "The service is not configured", reason)
}
