//! `GET /api/auth/fanvue/login` and `/callback`: a person connects an account in a browser.
//!
//! Whoever may connect accounts asks for a link. Opening it binds the login to that browser by a
//! cookie and sends the browser to Fanvue; coming back spends the login, whatever comes of it. The
//! cookie holds the only secret that finishes it, and the PKCE verifier is derived from it: a stolen
//! answer of Fanvue, a stolen link after it was used, or a copy of the database finish nothing.

mod callback;
mod link;

use http::header::COOKIE;
use sha2::{Digest, Sha256};
use url::Url;

use crate::{
    Ctx, Entropy,
    http::{Problem, Request},
};

#[cfg(feature = "openapi")]
pub(crate) use self::link::{Answer, NAME_CHARS_MAX};
pub use self::{callback::handle as callback, link::handle as login};

/// How long a person has between being given the link and coming back from Fanvue, in seconds.
const LOGIN_SECONDS: i64 = 1800;

/// A secret that nobody guesses: 256 bits in hexadecimal.
fn secret(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 32];
    entropy.fill(&mut bytes);
    hex::encode(bytes)
}

fn digest(secret: &str) -> store::Digest {
    Sha256::digest(secret.as_bytes()).into()
}

/// The PKCE verifier of a session: 64 characters that don't reveal it.
fn verifier(session: &str) -> String {
    hex::encode(Sha256::digest(format!("verifier {session}")))
}

/// Where browsers come back to, exactly as registered with Fanvue.
fn redirect_uri(public_url: &Url) -> Result<Url, Problem> {
    public_url.join(crate::Endpoint::Callback.path()).map_err(|_| Problem::internal())
}

fn public_url(ctx: &Ctx) -> Result<&Url, Problem> {
    let detail = "PUBLIC_URL is not set: give it the address at which browsers reach this server";
    let url = ctx.config.public_url.as_ref().ok_or_else(|| Problem::not_configured(detail))?;
    if url.path() != "/" || url.query().is_some() {
        let detail = "PUBLIC_URL is more than a scheme and a host: leave its path out";
        return Err(Problem::not_configured(detail));
    }
    Ok(url)
}

fn app(ctx: &Ctx) -> Result<&fanvue::AppCredentials, Problem> {
    let detail =
        "FANVUE_CLIENT_ID and FANVUE_CLIENT_SECRET are not set: they are the app's at Fanvue";
    ctx.config.fanvue_app.as_ref().ok_or_else(|| Problem::not_configured(detail))
}

/// The cookie's name. The prefix makes browsers insist on https and on this very host.
fn cookie_name(public_url: &Url) -> &'static str {
    if public_url.scheme() == "https" { "__Host-heartbeat_login" } else { "heartbeat_login" }
}

/// The value of the cookie, if the request has exactly one of that name.
fn session_of<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let headers = request.headers().get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut found = headers
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(given, _)| *given == name)
        .map(|(_, value)| value);
    let value = found.next()?;
    found.next().is_none().then_some(value)
}
