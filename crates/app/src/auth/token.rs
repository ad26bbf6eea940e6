//! A user's token: a JWT that Supabase signed. The configuration and the key say how it must be signed;
//! its own header only says which of them it claims. Nothing of it is believed before the signature holds.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, de::IgnoredAny};
use store::UserId;
use uuid::Uuid;

use super::keys::Algorithm;
use crate::{Ctx, http::Problem, query};

/// The longest token that is read, in bytes. One of Supabase has about 1,000.
const BYTES_MAX: usize = 8 * 1024;
/// How far two clocks may differ, in seconds.
const LEEWAY_SECONDS: i64 = 30;
/// The audience and the role of a signed-in user.
const AUTHENTICATED: &str = "authenticated";

/// Why a token is refused, as the one who sent it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Refusal {
    #[error("is too long")]
    TooLong,
    #[error("is no JWT")]
    Malformed,
    #[error("is signed in a way that this server does not take")]
    Algorithm,
    #[error("is signed with a key that is not known")]
    Key,
    #[error("has a signature that does not fit")]
    Signature,
    #[error("lacks a claim, or has one of the wrong form")]
    Claims,
    #[error("has expired")]
    Expired,
    #[error("is not valid yet")]
    Early,
    #[error("was issued by another project than this server's")]
    Issuer,
    #[error("is no signed-in user's")]
    Audience,
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        tracing::debug!(reason = %refusal, "a user's token was refused");
        let remedy = "sign in again and send the new access token";
        Problem::unauthorized(format!("the user's token {refusal}: {remedy}"))
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    /// Extensions that must be understood; none is.
    crit: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    aud: Audience,
    role: String,
    exp: i64,
    nbf: Option<i64>,
    iat: Option<i64>,
    iss: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Some(Vec<String>),
}

/// A token in its parts, not verified.
struct Parts<'a> {
    header: Header,
    /// What is signed.
    message: &'a [u8],
    payload: &'a [u8],
    signature: Vec<u8>,
}

/// Whether the text means to be a token, so that a refusal can say what is wrong with it.
pub(super) fn is_one(text: &[u8]) -> bool {
    text.iter().filter(|byte| **byte == b'.').count() == 2
}

/// The user to whom the token was issued.
///
/// # Errors
/// 401 for any other than a valid token of a user; 503 when the public keys can't be had.
pub(super) async fn verify(ctx: &Ctx, token: &[u8]) -> Result<UserId, Problem> {
    let now = ctx.clock.now();
    let users = &ctx.config.users;
    if users.jwt_secret.is_none() && users.jwks_url.is_none() {
        tracing::error!(
            "neither SUPABASE_JWT_SECRET nor SUPABASE_JWKS_URL is set: users are refused"
        );
        return Err(Problem::unauthorized("users' access is not set up on this server"));
    }
    let parts = Parts::of(token)?;
    let holds = match Algorithm::of(&parts.header.alg) {
        Some(Algorithm::Hs256) => {
            let secret = users.jwt_secret.as_ref().ok_or(Refusal::Algorithm)?;
            hmac::verify(&key(secret), parts.message, &parts.signature).is_ok()
        }
        Some(algorithm) => {
            let url = users.jwks_url.as_ref().ok_or(Refusal::Algorithm)?;
            let kid = parts.header.kid.as_deref().ok_or(Refusal::Key)?;
            let found = ctx.jwks.find(url, kid, now).await?.ok_or(Refusal::Key)?;
            if found.algorithm() != algorithm {
                return Err(Refusal::Algorithm.into());
            }
            found.verifies(parts.message, &parts.signature)
        }
        None => return Err(Refusal::Algorithm.into()),
    };
    if !holds {
        return Err(Refusal::Signature.into());
    }
    let claims = serde_json::from_slice(&decode(parts.payload)?);
    let claims: Claims = claims.map_err(|_| Refusal::Claims)?;
    Ok(claims.user(users.jwt_issuer.as_deref(), now)?)
}

impl<'a> Parts<'a> {
    fn of(token: &'a [u8]) -> Result<Self, Refusal> {
        if BYTES_MAX < token.len() {
            return Err(Refusal::TooLong);
        }
        let mut dots = (0..token.len()).filter(|at| token[*at] == b'.');
        let (Some(first), Some(second), None) = (dots.next(), dots.next(), dots.next()) else {
            return Err(Refusal::Malformed);
        };
        let header = decode(&token[..first])?;
        let header: Header = serde_json::from_slice(&header).map_err(|_| Refusal::Malformed)?;
        let is_jwt = header.typ.as_deref().is_none_or(|typ| typ.eq_ignore_ascii_case("jwt"));
        if !is_jwt || header.crit.is_some() {
            return Err(Refusal::Malformed);
        }
        let signature = decode(&token[second + 1..])?;
        let (message, payload) = (&token[..second], &token[first + 1..second]);
        Ok(Self { header, message, payload, signature })
    }
}

fn decode(part: &[u8]) -> Result<Vec<u8>, Refusal> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Refusal::Malformed)
}

impl Claims {
    fn user(&self, issuer: Option<&str>, now: Timestamp) -> Result<UserId, Refusal> {
        let now = now.as_second();
        if self.exp.saturating_add(LEEWAY_SECONDS) <= now {
            return Err(Refusal::Expired);
        }
        let ahead = now.saturating_add(LEEWAY_SECONDS);
        if [self.nbf, self.iat].into_iter().flatten().any(|begins| ahead < begins) {
            return Err(Refusal::Early);
        }
        if issuer.is_some() && issuer != self.iss.as_deref() {
            return Err(Refusal::Issuer);
        }
        let is_meant = match &self.aud {
            Audience::One(one) => one == AUTHENTICATED,
            Audience::Some(all) => all.iter().any(|one| one == AUTHENTICATED),
        };
        if !is_meant || self.role != AUTHENTICATED {
            return Err(Refusal::Audience);
        }
        let id: Uuid = query::uuid("sub", &self.sub).map_err(|_| Refusal::Claims)?;
        Ok(UserId(id))
    }
}

fn key(secret: &SecretString) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes())
}

/// A token as Supabase would issue it to `user` for `seconds` from `now` on: for the demo of a development
/// server, which is its own Supabase.
#[must_use]
pub fn sign(secret: &SecretString, UserId(user): UserId, now: Timestamp, seconds: i64) -> String {
    let (iat, exp) = (now.as_second(), now.as_second().saturating_add(seconds));
    let claims = serde_json::json!({
        "aud": AUTHENTICATED, "role": AUTHENTICATED, "sub": user, "iat": iat, "exp": exp
    });
    let header = URL_SAFE_NO_PAD.encode(br#"{"alg":"HS256","typ":"JWT"}"#);
    let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = hmac::sign(&key(secret), message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}
