//! Answers and refusals: the platform's several error envelopes, each in one place.
//!
//! Only shapes; when to refuse is decided where the request is understood.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use crate::bucket::Allowance;

/// A refused request: status and body.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
}

impl Refusal {
    fn new(status: StatusCode, body: Value) -> Refusal {
        Refusal { status, body }
    }

    /// 400 `{"message"}`: a bad UUID, cursor or business rule.
    pub(crate) fn message(text: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, json!({"message": text.into()}))
    }

    /// 400 `{"errors"}`: validation.
    pub(crate) fn errors(errors: Vec<String>) -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, json!({"errors": errors}))
    }

    /// 400 for a missing or unknown version.
    pub(crate) fn version(given: &str) -> Refusal {
        let message = format!("API version '{given}' is not supported");
        let body = json!({"error": "Unsupported API version", "message": message});
        Refusal::new(StatusCode::BAD_REQUEST, body)
    }

    /// 410 for a version that was switched off.
    pub(crate) fn sunset(given: &str) -> Refusal {
        let body = json!({
            "error": "API version no longer supported",
            "message": format!("API version '{given}' is no longer supported"),
            "nextVersion": "2025-06-26",
        });
        Refusal::new(StatusCode::GONE, body)
    }

    /// 401.
    pub(crate) fn unauthorized() -> Refusal {
        Refusal::new(StatusCode::UNAUTHORIZED, json!({"error": "Unauthorized"}))
    }

    /// 403.
    pub(crate) fn forbidden(text: &str) -> Refusal {
        Refusal::new(StatusCode::FORBIDDEN, json!({"error": text}))
    }

    /// 404.
    pub(crate) fn missing(text: &str) -> Refusal {
        Refusal::new(StatusCode::NOT_FOUND, json!({"message": text}))
    }

    /// 429.
    pub(crate) fn throttled() -> Refusal {
        Refusal::new(StatusCode::TOO_MANY_REQUESTS, json!({"error": "Too many requests"}))
    }

    /// 500.
    pub(crate) fn failed() -> Refusal {
        let body = json!({"message": "Internal server error"});
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, body)
    }

    /// The OAuth server's `{"error","error_description"}`.
    pub(crate) fn oauth(status: StatusCode, error: &str, description: &str) -> Refusal {
        Refusal::new(status, json!({"error": error, "error_description": description}))
    }

    /// What a fault of that status answers.
    pub(crate) fn of_status(status: StatusCode) -> Refusal {
        match status {
            StatusCode::UNAUTHORIZED => Refusal::unauthorized(),
            StatusCode::FORBIDDEN => Refusal::forbidden("Insufficient scopes"),
            StatusCode::NOT_FOUND => Refusal::missing("Creator not found"),
            StatusCode::INTERNAL_SERVER_ERROR => Refusal::failed(),
            status => {
                let reason = status.canonical_reason().unwrap_or("Error");
                Refusal::new(status, json!({"message": reason}))
            }
        }
    }

    /// The refusal as an answer.
    pub(crate) fn into_response(self) -> Response<Bytes> {
        json(self.status, &self.body)
    }
}

/// A JSON answer.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response<Bytes> {
    let body = serde_json::to_vec(body).unwrap_or_default();
    typed(status, "application/json", Bytes::from(body))
}

/// An answer of some content type.
pub(crate) fn typed(status: StatusCode, kind: &'static str, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// A redirect.
pub(crate) fn redirect(to: &str) -> Response<Bytes> {
    let mut response = typed(StatusCode::FOUND, "text/html", Bytes::new());
    if let Ok(location) = HeaderValue::from_str(to) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// Says in which second of the world's time an answer was made.
pub(crate) fn date_header(response: &mut Response<Bytes>, now: Timestamp) {
    let text = now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(value) = HeaderValue::from_str(&text) {
        response.headers_mut().insert(header::DATE, value);
    }
}

/// Puts the rate headers on an answer.
pub(crate) fn rate_headers(
    response: &mut Response<Bytes>,
    allowance: Allowance,
    retry_after: Option<i64>,
) {
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("x-ratelimit-limit"), allowance.limit.into());
    headers.insert(HeaderName::from_static("x-ratelimit-remaining"), allowance.remaining.into());
    headers.insert(HeaderName::from_static("x-ratelimit-reset"), allowance.reset.into());
    if let Some(seconds) = retry_after {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
}
