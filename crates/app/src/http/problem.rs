//! Problem documents (RFC 9457): why a request was not answered.

use bytes::Bytes;
use http::StatusCode;
use http::header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use serde::Serialize;
use uuid::Uuid;

use super::{RETRY_AFTER_SECONDS, RequestId, Response, chain};

/// Every word that a problem's `code` can be.
#[cfg(feature = "openapi")]
const CODES: [&str; 20] = [
    "answer_too_large",
    "bad_parameter",
    "bad_request",
    "bad_signature",
    "cooling_down",
    "forbidden",
    "held",
    "internal",
    "method_not_allowed",
    "no_streams",
    "not_configured",
    "not_found",
    "not_refreshed",
    "payload_too_large",
    "query_too_long",
    "reconnect",
    "request_timeout",
    "too_many_requests",
    "unauthorized",
    "unavailable",
];

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
    /// The job that did already what was asked for. Boxed: a problem is the error of everything.
    job: Option<Box<Uuid>>,
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
        Self { status, code, title, detail: detail.into(), field: None, job: None, headers: vec![] }
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

    /// 429: what one caller is given is used up; in so many seconds there is more.
    #[must_use]
    pub fn used_up(detail: impl Into<String>, seconds: u32) -> Self {
        let title = "Too many requests";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", title, detail)
            .with(RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// 429: `job` did it a moment ago; it is done again in so many seconds.
    #[must_use]
    pub fn cooling_down(detail: impl Into<String>, seconds: u32, job: Uuid) -> Self {
        let title = "It was done a moment ago";
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "cooling_down", title, detail);
        Self { job: Some(Box::new(job)), ..problem }.with(RETRY_AFTER, HeaderValue::from(seconds))
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

    /// The problem document, still without the headers that [`super::finish`] adds.
    pub(super) fn into_response(self, id: &RequestId) -> Response {
        let document = Document {
            kind: format!("urn:heartbeat:problem:{}", self.code),
            title: self.title,
            status: self.status.as_u16(),
            detail: &self.detail,
            code: self.code,
            field: self.field.as_deref(),
            job_id: self.job.as_deref().copied(),
            request_id: id.as_str(),
        };
        // Texts and a number can always be written.
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = Response::new(Bytes::from(body).into());
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.extend(self.headers.into_iter().map(|(name, value)| (Some(name), value)));
        response
    }
}

/// Why a request was not answered (RFC 9457).
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Problem"))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Document<'a> {
    /// `urn:heartbeat:problem:` and the code.
    #[serde(rename = "type")]
    kind: String,
    /// What kind of problem it is, the same for every occurrence.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// What happened this time, and what to do about it.
    detail: &'a str,
    /// A word that programs may rely on.
    #[cfg_attr(feature = "openapi", schemars(extend("enum" = CODES)))]
    code: &'a str,
    /// The parameter or field that is at fault, if it is one.
    #[cfg_attr(feature = "openapi", schemars(with = "String"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    /// The job that did already what was asked for, where one did.
    #[cfg_attr(feature = "openapi", schemars(with = "Uuid"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    job_id: Option<Uuid>,
    /// What the request is called in the log; the header `X-Request-Id` says the same.
    request_id: &'a str,
}

/// A failed database is an error status, never zeros. The cause goes to the log, once, here.
impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        tracing::error!(error = chain(&error), "the database failed");
        match error {
            _ if error.is_untrusted() => {
                Self::unavailable("the database's certificate is not trusted: the log says why")
            }
            store::Error::Unreachable { .. } => Self::unavailable("the database did not answer"),
            _ if error.is_transient() => Self::unavailable("the database is busy"),
            _ => Self::internal(),
        }
    }
}
