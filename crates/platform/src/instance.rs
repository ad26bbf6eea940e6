//! The state of one function instance: made at the first request, shared by all that follow.
//!
//! A wrong configuration is not a crash: each answer then says that it is one, and the log which variable,
//! while a process that exits at once shows only the platform's own error page.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Duration;

use app::http::{AfterAnswer, Deadline, Problem, RequestId, Response, chain, finish, json};
use app::{Clock, Config, Ctx, Endpoint, Function, SystemClock};
use http::StatusCode;

use crate::guard::{guarded, receive};

/// An answer is given up so long before the platform ends the invocation: then it is told that there is
/// none, instead of nothing.
const BEFORE_THE_END: Duration = Duration::from_secs(1);

static CTX: OnceLock<Result<Ctx, String>> = OnceLock::new();

/// What the log calls a configuration that can't be used. It says why; answers don't, for strangers ask too.
const NOT_CONFIGURED: &str = "the configuration is unusable";

/// Answers one request to `function`, whatever happens.
pub(crate) async fn answer<B>(function: Function, request: http::Request<B>) -> Response
where
    B: http_body::Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let received = match receive(request).await {
        Ok(received) => received,
        Err(refusal) => return refusal,
    };
    match CTX.get_or_init(build) {
        Ok(ctx) => {
            let (id, deadline) = (received.id.clone(), Deadline::of(&received.request));
            let answer = function.answer(ctx, received.request);
            guarded(&received.id, in_time(id, deadline, answer)).await
        }
        Err(reason) => {
            tracing::error!(request.id = received.id.as_str(), reason, "{NOT_CONFIGURED}");
            finish(without_ctx(function.endpoint()), &received.id)
        }
    }
}

/// How long an answer still makes sense. Without a deadline the platform itself says when it is over.
pub(crate) fn time_left(deadline: Option<Deadline>) -> Duration {
    let left = |deadline: Deadline| deadline.left(SystemClock.now());
    deadline.map_or(Duration::MAX, left).saturating_sub(BEFORE_THE_END)
}

/// The answer, or that there was no time for it. What was under way is dropped, as at any other end of
/// the process.
async fn in_time<F>(id: RequestId, deadline: Option<Deadline>, answer: F) -> Response
where
    F: Future<Output = Response>,
{
    match tokio::time::timeout(time_left(deadline), answer).await {
        Ok(response) => response,
        Err(_) => too_late(&id),
    }
}

/// That there was no time for an answer.
pub(crate) fn too_late(id: &RequestId) -> Response {
    tracing::error!(request.id = id.as_str(), "the time was over before there was an answer");
    let detail = "the time of the function was over: ask again, or for less at once";
    finish(Err(Problem::unavailable(detail)), id)
}

/// What the answer leaves to do once it is sent.
pub(crate) fn left_to_do(
    function: Function,
    response: &mut Response,
) -> Option<impl Future<Output = ()> + Send + use<>> {
    response.extensions_mut().remove::<AfterAnswer>()?;
    let ctx = CTX.get()?.as_ref().ok()?;
    Some(function.finish_up(ctx))
}

/// Ends what an answer left to do, where that costs no connection its tokens.
#[cfg(all(feature = "lambda", not(feature = "vercel")))]
pub(crate) async fn end(task: tokio::task::JoinHandle<()>) {
    if let Some(Ok(ctx)) = CTX.get() {
        app::maintenance::end_between_exchanges(ctx, task).await;
    }
}

/// Health is asked whether the process is alive, which it is; all else can't be answered.
fn without_ctx(endpoint: Endpoint) -> Result<Response, Problem> {
    match endpoint {
        Endpoint::Health => {
            let status = BTreeMap::from([("status", "unconfigured")]);
            json(StatusCode::SERVICE_UNAVAILABLE, &status)
        }
        _ => Err(not_configured()),
    }
}

/// Reads the environment. Connects to nothing yet. What is wrong with it names the variable, never a value:
/// the errors of `app::config` hold none.
fn build() -> Result<Ctx, String> {
    let config = Config::from_env().map_err(|error| chain(&error))?;
    Ctx::new(config).map_err(|error| chain(&error))
}

/// The same words for whoever asks, an operator or not.
fn not_configured() -> Problem {
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    let detail = format!(
        "a variable is missing or wrong: the function's log names it, in the line \"{NOT_CONFIGURED}\""
    );
    Problem::new(status, "not_configured", "The service is not configured", detail)
}

#[cfg(test)]
mod tests {
    use app::{Entropy, SystemEntropy};

    use super::*;

    #[tokio::test]
    async fn what_takes_too_long_is_an_answer_before_the_end() {
        let request = http::Request::new(());
        let id = RequestId::of(&request, SystemEntropy.uuid());
        let over = Deadline::from_millisecond(1);
        let response = in_time(id.clone(), over, std::future::pending()).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()["x-request-id"], id.as_str());
        let at_once = async { Response::new(bytes::Bytes::new().into()) };
        assert_eq!(in_time(id, None, at_once).await.status(), StatusCode::OK);
    }

    #[test]
    fn without_a_configuration_only_health_has_something_to_say() {
        for endpoint in Endpoint::ALL {
            match without_ctx(endpoint) {
                Ok(response) => {
                    assert_eq!(endpoint, Endpoint::Health);
                    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
                }
                Err(problem) => {
                    assert_eq!(problem.code, "not_configured");
                    assert!(problem.detail.contains(NOT_CONFIGURED), "{}", problem.detail);
                }
            }
        }
    }
}
