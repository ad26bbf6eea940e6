//! Answers over HTTP: JSON, problem documents (RFC 9457), and the headers that every answer has.
//!
//! It knows no endpoint and sends nothing: a handler returns a [`Response`] or a [`Problem`], and
//! [`finish`] makes the one answer of it. How a request is read is in `query` and `auth`.

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY, RETRY_AFTER,
    WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use http::{Method, StatusCode};
use serde::Serialize;
use uuid::Uuid;

mod body;

pub use body::{Body, BrokenOff, GatherError, Pieces};

/// A request whose body has been read.
pub type Request = http::Request<Bytes>;
/// An answer, whole or in pieces.
pub type Response = http::Response<Body>;

/// How long a caller should wait before asking again when the database is away, in seconds.
pub const RETRY_AFTER_SECONDS: u16 = 5;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const X_VERCEL_ID: HeaderName = HeaderName::from_static("x-vercel-id");

/// What an answer leaves to do once it is sent: an extension of the response, for the platform to
/// hand to [`crate::finish_up`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterAnswer {
    /// Make sense of the webhooks that were kept.
    Webhooks,
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
    pub fn of(request: &Request, fallback: Uuid) -> Self {
        let given = |name| request.headers().get(name)?.to_str().ok().filter(|id| plausible(id));
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

/// Why a request was not answered, for the one who asked. It never holds a cause's text, a secret
/// or a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// A word that programs may rely on, such as `bad_parameter`.
    pub code: &'static str,
    /// What kind of problem it is, the same for every occurrence.
    pub title: &'static str,
    /// What happened this time, and what to do about it.
    pub detail: String,
    /// The parameter or field that is at fault, if it is one.
    pub field: Option<String>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// A problem of any other kind than the ones below.
    #[must_use]
    pub fn new(
        status: StatusCode,
        code: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self { status, code, title, detail: detail.into(), field: None, headers: vec![] }
    }

    /// 400: the parameter `field` can't be used; `detail` says why and what to send instead.
    #[must_use]
    pub fn bad_parameter(field: &str, detail: impl Into<String>) -> Self {
        let title = "A parameter can't be used";
        Self::new(StatusCode::BAD_REQUEST, "bad_parameter", title, detail).about(field)
    }

    /// 400: the request as a whole can't be understood.
    #[must_use]
    pub fn bad_request(detail: impl Into<String>) -> Self {
        let title = "The request can't be understood";
        Self::new(StatusCode::BAD_REQUEST, "bad_request", title, detail)
    }

    /// 401: the caller didn't prove who they are.
    #[must_use]
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        let title = "Authorisation is needed";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", title, detail)
            .with(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// 403: it is known who asks, and they may not.
    #[must_use]
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Not allowed", detail)
    }

    /// 404: there is no such thing, or none that the caller may see.
    #[must_use]
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "There is no such thing", detail)
    }

    /// 405: the endpoint exists, but only for the methods in `allowed`, such as `"GET"`.
    #[must_use]
    pub fn method_not_allowed(allowed: &'static str) -> Self {
        let detail = format!("this endpoint answers {allowed}");
        let title = "The method is not allowed";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", title, detail)
            .with(ALLOW, HeaderValue::from_static(allowed))
    }

    /// 413: the body has more than `bytes_max` bytes.
    #[must_use]
    pub fn payload_too_large(bytes_max: usize) -> Self {
        let detail = format!("the body may have {bytes_max} bytes");
        let title = "The body is too large";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", title, detail)
    }

    /// 414: the query has more than `bytes_max` bytes.
    #[must_use]
    pub fn query_too_long(bytes_max: usize) -> Self {
        let detail = format!("the query may have {bytes_max} bytes");
        Self::new(StatusCode::URI_TOO_LONG, "query_too_long", "The query is too long", detail)
    }

    /// 429: the caller has or asks for more than is given to one.
    #[must_use]
    pub fn too_many_requests(detail: impl Into<String>) -> Self {
        let title = "Too many requests";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", title, detail)
            .with(RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS))
    }

    /// 503: it may work in [`RETRY_AFTER_SECONDS`].
    #[must_use]
    pub fn unavailable(detail: impl Into<String>) -> Self {
        let title = "Not available at the moment";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", title, detail)
            .with(RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS))
    }

    /// 503: the operator has to set a variable first; `detail` names it.
    #[must_use]
    pub fn not_configured(detail: impl Into<String>) -> Self {
        let title = "This server is not configured for it";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "not_configured", title, detail)
    }

    /// 500: our fault. The cause is in the log under the request's id.
    #[must_use]
    pub fn internal() -> Self {
        let detail = "the request failed on our side; the log tells more under this request id";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal error", detail)
    }

    /// Names the parameter or field at fault.
    #[must_use]
    pub fn about(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }

    fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The problem document, still without the headers that [`finish`] adds.
    fn into_response(self, id: &RequestId) -> Response {
        let document = Document {
            kind: format!("urn:heartbeat:problem:{}", self.code),
            title: self.title,
            status: self.status.as_u16(),
            detail: &self.detail,
            code: self.code,
            field: self.field.as_deref(),
            request_id: id.as_str(),
        };
        let mut response = json(self.status, &document);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.extend(self.headers.into_iter().map(|(name, value)| (Some(name), value)));
        response
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    request_id: &'a str,
}

/// A failed database is an error status, never zeros. The cause goes to the log, once, here.
impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        tracing::error!(error = chain(&error), "the database failed");
        match error {
            store::Error::Unreachable { .. } => Self::unavailable("the database did not answer"),
            _ if error.is_transient() => Self::unavailable("the database is busy"),
            _ => Self::internal(),
        }
    }
}

/// The error and its causes in one line, for the log.
#[must_use]
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text.push_str(": ");
        text.push_str(&next.to_string());
        cause = next.source();
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
pub fn json<T: Serialize>(status: StatusCode, value: &T) -> Response {
    let (status, body) = match written(value) {
        Ok(body) => (status, body),
        Err(problem) => {
            let body = br#"{"title":"Internal error","status":500,"code":"internal"}"#;
            (problem.status, Bytes::from_static(body))
        }
    };
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
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
