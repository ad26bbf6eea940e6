//! Answers over HTTP: JSON, problem documents (RFC 9457), and the headers that every answer has.
//!
//! It knows no endpoint and sends nothing: a handler returns a [`Response`] or a [`Problem`], and
//! [`finish`] makes the one answer of it. How a request is read is in `query` and `auth`.

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, Method, StatusCode};
use serde::Serialize;
use uuid::Uuid;

mod body;
mod deadline;
mod problem;

#[cfg(feature = "openapi")]
pub(crate) use problem::Document;

pub use body::{Body, BrokenOff, GatherError, Pieces};
pub use deadline::Deadline;
pub use problem::Problem;

/// A request whose body has been read.
pub type Request = http::Request<Bytes>;
/// An answer, whole or in pieces.
pub type Response = http::Response<Body>;

/// How long a caller should wait before asking again when the database is away, in seconds.
pub const RETRY_AFTER_SECONDS: u16 = 5;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const X_VERCEL_ID: HeaderName = HeaderName::from_static("x-vercel-id");

/// What an answer leaves to do once it is sent: an extension of the response, for the platform to
/// hand to the function that answered ([`crate::Function::finish_up`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterAnswer {
    /// Make sense of the webhooks that were kept.
    Webhooks,
    /// Go on with the job that was begun.
    Jobs,
}

/// What one request is called in its answer and in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// The longest name that is taken over from a request, in bytes.
    pub const BYTES_MAX: usize = 128;

    /// The name that the caller or the platform gave the request, if it is a plausible one;
    /// `fallback` otherwise.
    #[must_use]
    pub fn of<B>(request: &http::Request<B>, fallback: Uuid) -> Self {
        Self::in_headers(request.headers(), fallback)
    }

    /// The same from the headers alone, also those of an answer.
    #[must_use]
    pub fn in_headers(headers: &HeaderMap, fallback: Uuid) -> Self {
        let given = |name| headers.get(name)?.to_str().ok().filter(|id| plausible(id));
        let id = given(X_REQUEST_ID).or_else(|| given(X_VERCEL_ID));
        Self(id.map_or_else(|| fallback.to_string(), str::to_owned))
    }

    /// The text: visible ASCII without quotes, safe in a header and in a log.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn plausible(id: &str) -> bool {
    (1..=RequestId::BYTES_MAX).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:=/+".contains(&b))
}

/// The error and its causes in one line, for the log. What the database said of a statement is a code: its
/// words may quote a row, and so a fan.
#[must_use]
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        if !text.is_empty() {
            text.push_str(": ");
        }
        match error.downcast_ref::<store::Error>() {
            Some(refused) if refused.is_refused() => {
                text.push_str(&refused.coded());
                break;
            }
            _ => text.push_str(&error.to_string()),
        }
        next = error.source();
    }
    text
}

/// A value as JSON.
///
/// # Errors
/// 500 for one that can't be written; the log says why.
pub(crate) fn written<T: Serialize>(value: &T) -> Result<Bytes, Problem> {
    serde_json::to_vec(value).map(Bytes::from).map_err(|error| {
        tracing::error!(error = chain(&error), "an answer could not be written as JSON");
        Problem::internal()
    })
}

/// A JSON answer, still without the headers that [`finish`] adds.
///
/// # Errors
/// 500 for a value that can't be written.
pub fn json<T: Serialize>(status: StatusCode, value: &T) -> Result<Response, Problem> {
    let mut response = Response::new(written(value)?.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// Refuses every method but those of `allowed`, which is the text of an `Allow` header: `"GET"`,
/// `"GET, POST"`.
///
/// # Errors
/// 405 with the header `Allow`.
pub fn check_method(method: &Method, allowed: &'static str) -> Result<(), Problem> {
    if allowed.split(", ").any(|name| name == method.as_str()) {
        Ok(())
    } else {
        Err(Problem::method_not_allowed(allowed))
    }
}

/// The answer to send: the handler's, or its problem as a document, with the headers that every
/// answer has.
#[must_use]
pub fn finish(outcome: Result<Response, Problem>, id: &RequestId) -> Response {
    let mut response = outcome.unwrap_or_else(|problem| {
        let mut response = problem.into_response(id);
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    });
    let headers = response.headers_mut();
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        headers.insert(X_REQUEST_ID, value);
    }
    response
}

#[cfg(test)]
mod tests;
