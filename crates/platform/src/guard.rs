//! What every server of ours does around an answer, whoever sends the request: read the body up to a
//! limit, drop headers that are not for us, and turn a panic into an answer. The local server uses
//! it too.
//!
//! Not here: what a request means. That is `app`.

use std::future::Future;

use app::http::{GatherError, Problem, Request, RequestId, Response, finish};
use app::{Entropy, SystemEntropy};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header::CONTENT_TYPE};
use http_body_util::{BodyExt, LengthLimitError, Limited};

/// The largest body, in either direction, that both platforms let through: 4.5 MB.
pub const BODY_BYTES_MAX: usize = 4_500_000;

/// A request taken in whole, and the name it has in its answer and in the log.
#[derive(Debug)]
pub struct Received {
    /// The request, with a complete body.
    pub request: Request,
    /// Its name, also for a problem.
    pub id: RequestId,
}

/// Takes a request in: without the platform's own headers, and with a body of up to
/// [`BODY_BYTES_MAX`]. Otherwise gives the answer to send instead.
pub async fn receive<B>(request: http::Request<B>) -> Result<Received, Response>
where
    B: http_body::Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (mut head, body) = request.into_parts();
    strip_internal_headers(&mut head.headers);
    let mut request = Request::from_parts(head, Bytes::new());
    let id = RequestId::of(&request, SystemEntropy.uuid());
    match Limited::new(body, BODY_BYTES_MAX).collect().await {
        Ok(collected) => *request.body_mut() = collected.to_bytes(),
        Err(error) => {
            let problem = if error.is::<LengthLimitError>() {
                Problem::payload_too_large(BODY_BYTES_MAX)
            } else {
                Problem::bad_request("the body ended before it was complete")
            };
            return Err(finish(Err(problem), &id));
        }
    }
    // `app` looks for the name in the headers: a fresh one has to be put there.
    if let Ok(value) = id.as_str().parse() {
        request.headers_mut().insert("x-request-id", value);
    }
    Ok(Received { request, id })
}

/// Drops what the platform adds for its own use; one of these is a credential.
fn strip_internal_headers(headers: &mut HeaderMap) {
    let is_internal =
        |name: &str| name.starts_with("x-vercel-internal-") || name == "x-vercel-oidc-token";
    let names: Vec<_> = headers.keys().filter(|name| is_internal(name.as_str())).cloned().collect();
    for name in names {
        headers.remove(name);
    }
}

/// Runs an answer as a task of its own, so that a panic in it costs one 500 and not the invocation.
pub async fn guarded<F>(id: &RequestId, answer: F) -> Response
where
    F: Future<Output = Response> + Send + 'static,
{
    match tokio::spawn(answer).await {
        Ok(response) => response,
        Err(error) => {
            let panicked = error.is_panic();
            tracing::error!(request.id = id.as_str(), panicked, "an endpoint did not finish");
            finish(Err(Problem::internal()), id)
        }
    }
}

/// Whether an answer goes on until somebody hangs up: events of a stream.
fn is_endless(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes() == b"text/event-stream")
}

/// The answer with all of its body, where pieces can't be sent: a problem instead of a part.
pub async fn gathered(response: Response) -> http::Response<Bytes> {
    let (head, body) = response.into_parts();
    let problem = if is_endless(&head.headers) {
        let detail = "this server sends whole answers only: poll the dashboard instead";
        let title = "This server can't send a stream";
        Problem::new(StatusCode::NOT_IMPLEMENTED, "no_streams", title, detail)
    } else {
        match body.gather(BODY_BYTES_MAX).await {
            Ok(bytes) => return http::Response::from_parts(head, bytes),
            Err(GatherError::BrokenOff(_)) => Problem::internal(),
            Err(GatherError::TooLarge) => {
                let detail = format!(
                    "this server sends {BODY_BYTES_MAX} bytes at most: ask for fewer days or one creator"
                );
                let title = "The answer is too large";
                Problem::new(StatusCode::BAD_REQUEST, "answer_too_large", title, detail)
            }
        }
    };
    let id = RequestId::in_headers(&head.headers, SystemEntropy.uuid());
    let (head, body) = finish(Err(problem), &id).into_parts();
    // A problem is always whole.
    http::Response::from_parts(head, body.gather(BODY_BYTES_MAX).await.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use app::http::{Body, BrokenOff};
    use futures_util::{StreamExt, stream};
    use http::{HeaderValue, StatusCode};
    use http_body_util::Full;

    use super::*;

    fn request(length: usize) -> http::Request<Full<Bytes>> {
        http::Request::new(Full::new(Bytes::from(vec![b'x'; length])))
    }

    #[tokio::test]
    async fn a_panic_is_an_answer() {
        let id = receive(request(0)).await.unwrap().id;
        let response = guarded(&id, async { panic!("a handler broke") }).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let body = gathered(response).await.into_body();
        let body = String::from_utf8_lossy(&body);
        assert!(!body.contains("a handler broke") && body.contains(id.as_str()), "{body}");
    }

    #[tokio::test]
    async fn a_body_is_taken_up_to_the_limit_and_no_further() {
        let taken = receive(request(BODY_BYTES_MAX)).await.unwrap();
        assert_eq!(taken.request.body().len(), BODY_BYTES_MAX);
        let refused = receive(request(BODY_BYTES_MAX + 1)).await.unwrap_err();
        assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(refused.headers()["content-type"], "application/problem+json");
    }

    #[tokio::test]
    async fn where_pieces_cannot_be_sent_a_part_is_a_problem() {
        let answer = |pieces: Vec<Result<Bytes, BrokenOff>>| {
            let mut response = Response::new(Body::Pieces(stream::iter(pieces).boxed()));
            response.headers_mut().insert("x-request-id", HeaderValue::from_static("abc-1"));
            gathered(response)
        };
        let piece = || Ok(Bytes::from(vec![b'x'; BODY_BYTES_MAX]));
        assert_eq!(answer(vec![piece()]).await.body().len(), BODY_BYTES_MAX);
        for (pieces, status, code) in [
            (vec![piece(), Ok(Bytes::from_static(b"x"))], 400, "answer_too_large"),
            (vec![piece(), Err(BrokenOff)], 500, "internal"),
        ] {
            let response = answer(pieces).await;
            assert_eq!(response.status(), status);
            let body = String::from_utf8_lossy(response.body());
            assert!(body.contains(code) && body.contains("abc-1"), "{body}");
        }
    }

    #[tokio::test]
    async fn where_pieces_cannot_be_sent_a_stream_is_a_problem_at_once() {
        let mut response = Response::new(Body::Pieces(stream::pending().boxed()));
        let events = HeaderValue::from_static("text/event-stream");
        response.headers_mut().insert("content-type", events);
        let response = gathered(response).await;
        assert_eq!(response.status(), StatusCode::NOT_IMPLEMENTED);
        assert!(String::from_utf8_lossy(response.body()).contains("no_streams"));
    }

    #[tokio::test]
    async fn a_request_keeps_the_name_it_was_given() {
        let mut named = request(0);
        named.headers_mut().insert("x-request-id", HeaderValue::from_static("abc-1"));
        assert_eq!(receive(named).await.unwrap().id.as_str(), "abc-1");
        let received = receive(request(0)).await.unwrap();
        assert_eq!(received.request.headers()["x-request-id"], received.id.as_str());
    }

    #[test]
    fn the_platforms_own_headers_stay_outside() {
        let mut headers = HeaderMap::new();
        for name in ["x-vercel-internal-invocation-id", "x-vercel-oidc-token", "x-vercel-id"] {
            headers.append(name, HeaderValue::from_static("1"));
            headers.append(name, HeaderValue::from_static("2"));
        }
        strip_internal_headers(&mut headers);
        assert_eq!(headers.len(), 2);
        assert_eq!(headers.get_all("x-vercel-id").iter().count(), 2);
    }
}
