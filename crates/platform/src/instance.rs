//! The state of one function instance: made at the first request, shared by all that follow.
//!
//! A wrong configuration is not a crash: each answer then says what is missing, which an operator
//! can read, while a process that exits at once shows only the platform's own error page.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use app::http::{AfterAnswer, Problem, Response, chain, finish, json};
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
        Err(reason) => finish(without_ctx(endpoint, reason), &received.id),
    }
}

/// What the answer leaves to do once it is sent.
pub(crate) fn left_to_do(
    response: &mut Response,
) -> Option<impl Future<Output = ()> + Send + use<>> {
    let left = response.extensions_mut().remove::<AfterAnswer>()?;
    let ctx = CTX.get()?.as_ref().ok()?;
    Some(app::finish_up(ctx, left))
}

/// Health is asked whether the process is alive, which it is; all else can't be answered.
fn without_ctx(endpoint: Endpoint, reason: &str) -> Result<Response, Problem> {
    match endpoint {
        Endpoint::Health => {
            let status = BTreeMap::from([("status", "unconfigured")]);
            json(StatusCode::SERVICE_UNAVAILABLE, &status)
        }
        _ => Err(not_configured(reason)),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_configuration_only_health_has_something_to_say() {
        for endpoint in Endpoint::ALL {
            match without_ctx(endpoint, "DATABASE_URL is not set") {
                Ok(response) => {
                    assert_eq!(endpoint, Endpoint::Health);
                    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
                }
                Err(problem) => assert_eq!(problem.detail, "DATABASE_URL is not set"),
            }
        }
    }
}
