//! One endpoint under AWS Lambda, behind an HTTP API or a function URL.
//!
//! The adapter never returns an error: Lambda would retry the event. It says when it ends an invocation,
//! and the answer comes before that, if only to say that there was no time. Nothing runs on after the
//! answer, since the sandbox is frozen then: what it leaves to do is done before, for two seconds. What
//! takes longer is ended and is the next tick's; but tokens that are being exchanged are waited for until the
//! invocation's end, for their successors would freeze with the sandbox. Where a
//! collector is named, what was traced is sent before the answer as well, for two seconds at most; where no time
//! is left for it, it waits for the next invocation. An HTTP API takes whole answers only, so a body in pieces
//! is gathered first, up to what it may have.

use std::{convert::Infallible, time::Duration};

use app::http::{Deadline, RequestId, Response};
use app::{Entropy, Function, SystemEntropy};
use bytes::Bytes;
use lambda_http::{Body, Request, RequestExt, service_fn};
use tokio::task::JoinHandle;

use crate::guard::gathered;
use crate::instance::{self, time_left, too_late};

/// How long an answer waits for what it leaves to do.
const LEFT_MAX: Duration = Duration::from_secs(2);

pub(crate) async fn run(function: Function) -> Result<(), String> {
    let handler = move |mut request: Request| async move {
        let deadline = request.lambda_context_ref().map(|context| context.deadline);
        let deadline = deadline.and_then(Deadline::from_millisecond);
        if let Some(deadline) = deadline {
            request.extensions_mut().insert(deadline);
        }
        let mut response = instance::answer(function, request).await;
        let rest = instance::left_to_do(function, &mut response);
        // Before the rest, which may take all the time there is.
        let answer = whole(response, deadline).await;
        if let Some(rest) = rest {
            finish_up(rest, deadline, instance::end).await;
        }
        // The last moment: whoever is told the answer freezes the process.
        app::traces::export_within(time_left(deadline)).await;
        Ok::<_, Infallible>(answer.map(to_lambda))
    };
    lambda_http::run_concurrent(service_fn(handler)).await.map_err(|error| error.to_string())
}

/// Does what an answer left to do, as a task of its own, so that a panic in it doesn't take the answer away.
/// What is not done in two seconds is left to `end`, which may take what is left of the invocation.
async fn finish_up<R, E>(rest: R, deadline: Option<Deadline>, end: impl FnOnce(JoinHandle<()>) -> E)
where
    R: Future<Output = ()> + Send + 'static,
    E: Future<Output = ()>,
{
    let mut task = tokio::spawn(rest);
    let left = LEFT_MAX.min(time_left(deadline));
    if tokio::time::timeout(left, &mut task).await.is_err() {
        let _ = tokio::time::timeout(time_left(deadline), end(task)).await;
    }
}

/// The answer with all of its body, if there is time to make it.
async fn whole(response: Response, deadline: Option<Deadline>) -> http::Response<Bytes> {
    let id = RequestId::in_headers(response.headers(), SystemEntropy.uuid());
    match tokio::time::timeout(time_left(deadline), gathered(response)).await {
        Ok(response) => response,
        Err(_) => gathered(too_late(&id)).await,
    }
}

/// Text as text; anything else travels as base64.
fn to_lambda(body: Bytes) -> Body {
    match String::from_utf8(body.into()) {
        Ok(text) if text.is_empty() => Body::Empty,
        Ok(text) => Body::Text(text),
        Err(error) => Body::Binary(error.into_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use app::http::BrokenOff;
    use futures_util::{StreamExt, stream};
    use http::{HeaderValue, StatusCode};

    use super::*;

    #[tokio::test]
    async fn a_body_that_is_not_made_in_time_is_a_problem_under_the_requests_name() {
        let pieces = stream::pending::<Result<Bytes, BrokenOff>>().boxed();
        let mut response = Response::new(app::http::Body::Pieces(pieces));
        response.headers_mut().insert("x-request-id", HeaderValue::from_static("abc-1"));
        let answer = whole(response, Deadline::from_millisecond(1)).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(String::from_utf8_lossy(answer.body()).contains("abc-1"));
    }

    #[tokio::test]
    async fn what_takes_longer_is_ended_and_nothing_outlasts_the_invocation() {
        finish_up(std::future::ready(()), None, |_| async { panic!("it was done in time") }).await;
        let over = Deadline::from_millisecond(1);
        let (told, ended) = tokio::sync::oneshot::channel();
        let end = |task: JoinHandle<()>| async move {
            let _ = told.send(task);
            // What can't be ended is waited for as long as the invocation lasts.
            std::future::pending().await
        };
        finish_up(std::future::pending(), over, end).await;
        assert!(!ended.await.unwrap().is_finished());
    }

    #[test]
    fn text_travels_as_text_and_anything_else_as_bytes() {
        assert!(matches!(to_lambda(Bytes::new()), Body::Empty));
        assert!(matches!(to_lambda(Bytes::from_static(b"{}")), Body::Text(text) if text == "{}"));
        let bytes = Bytes::from_static(&[0xff]);
        assert!(matches!(to_lambda(bytes), Body::Binary(bytes) if bytes == [0xff]));
    }
}
