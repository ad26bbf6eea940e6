//! The token endpoint: credentials in the Basic header, a form in the body, a [`Grant`] or a
//! [`TokenError`] back. Not when to refresh, and not the storing.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, header};
use secrecy::ExposeSecret;
use url::{Url, form_urlencoded};

use crate::{
    AccessToken, AppCredentials, RefreshToken, TokenError, TransportError, TransportErrorKind,
    client::{content_type, problem_of},
    envelope::{clean, is_page},
    limits,
    request::unsendable,
    wire::{self, Object},
};

/// The lifetime assumed when a grant tells none that makes sense: the documented one. A wrong guess
/// costs one 401.
pub const EXPIRES_IN_SECONDS_DEFAULT: i64 = 3600;

const EXPIRES_IN_SECONDS_MAX: i64 = 30 * 24 * 3600;
const ERROR_CHARS_MAX: usize = 40;

/// What the token endpoint grants.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The new access token.
    pub access: AccessToken,
    /// The new refresh token; `None` if there was none, then the old one stays.
    pub refresh: Option<RefreshToken>,
    /// How long the access token is good, from now.
    pub expires_in_seconds: i64,
    /// The scopes granted, separated by spaces; compare them with those asked for.
    pub scope: Option<String>,
}

/// A `POST` of these fields. Credentials in the body are refused by the platform, so they are only in
/// the header.
pub(crate) fn request(
    url: &Url,
    app: &AppCredentials,
    fields: &[(&str, &str)],
) -> Result<Request<Bytes>, TransportError> {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = Request::builder()
        .method(Method::POST)
        .uri(url.as_str())
        .header(header::AUTHORIZATION, basic(app)?)
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Bytes::from(body));
    request.map_err(unsendable)
}

/// Both halves are form-encoded before they are joined (RFC 6749, 2.3.1).
fn basic(app: &AppCredentials) -> Result<HeaderValue, TransportError> {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair =
        format!("{}:{}", encoded(&app.client_id), encoded(app.client_secret.expose_secret()));
    let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair)))
        .map_err(|error| TransportError::new(TransportErrorKind::Connect, error))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The grant in a response, or why there is none.
pub(crate) fn grant(response: &Response<Bytes>) -> Result<Grant, TokenError> {
    let text = String::from_utf8_lossy(response.body());
    let status = response.status();
    match status.as_u16() {
        429 => Err(TokenError::Throttled { retry_after: limits::retry_after(response.headers()) }),
        status @ 500.. => Err(TokenError::Server { status }),
        _ if status.is_success() => parse(&text).map_err(|problem| TokenError::Decode {
            problem: problem_of(problem, &content_type(response), response.body().len()),
        }),
        // A firewall or a proxy speaks; the endpoint may have heard the question all the same.
        status if is_page(response.body()) => Err(TokenError::Server { status }),
        status => Err(refusal(status, &text)),
    }
}

fn refusal(status: u16, text: &str) -> TokenError {
    let error = Object::parse(text).ok().and_then(|object| object.field("error").text());
    match error.as_deref() {
        Some("invalid_grant") => TokenError::InvalidGrant,
        Some("invalid_client") => TokenError::InvalidClient,
        Some("invalid_scope") => TokenError::InvalidScope,
        other => {
            let error = clean(other.unwrap_or_default(), "");
            TokenError::Refused { status, error: error.chars().take(ERROR_CHARS_MAX).collect() }
        }
    }
}

/// Lenient about everything but the access token: the refresh token that bought this answer is
/// spent, so an answer dropped is a connection lost.
fn parse(text: &str) -> Result<Grant, &'static str> {
    let object = wire::body(text)?;
    let access = object.field("access_token").text().unwrap_or_default();
    if access.is_empty() || !access.bytes().all(|b| b.is_ascii_graphic()) {
        return Err("no usable access token");
    }
    let refresh = object.field("refresh_token").text().filter(|token| !token.is_empty());
    let scope = object.field("scope").text();
    let seconds = object.field("expires_in").raw().and_then(whole_seconds);
    Ok(Grant {
        access: AccessToken::new(access),
        refresh: refresh.map(RefreshToken::new),
        expires_in_seconds: seconds.unwrap_or(EXPIRES_IN_SECONDS_DEFAULT),
        scope: scope.map(|text| text.replace(char::is_control, " ")),
    })
}

/// `3600`, `3600.0` and `"3600"`; `None` for anything outside a second to thirty days.
fn whole_seconds(raw: &str) -> Option<i64> {
    let whole = raw.trim_matches('"').split('.').next()?;
    let seconds: i64 = whole.parse().ok()?;
    (1..=EXPIRES_IN_SECONDS_MAX).contains(&seconds).then_some(seconds)
}

#[cfg(test)]
mod tests;
