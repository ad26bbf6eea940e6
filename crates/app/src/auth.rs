//! Who is asking, and what they may. The operator holds `CRON_SECRET` and sees every agency; a user has
//! a token of Supabase and sees what row-level security shows them.
//!
//! One header decides: where there is an `Authorization`, a cookie counts for nothing. What users may
//! do stands in `roles`, whose rows they see is decided by the database.

mod asker;
mod cookie;
mod jwks;
mod keys;
mod refusals;
mod roles;
mod token;

use http::{
    Method,
    header::{AUTHORIZATION, ORIGIN},
};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use store::UserId;
use subtle::ConstantTimeEq;

pub use self::{
    asker::Asker,
    roles::{Right, Role},
    token::sign,
};
pub(crate) use self::{jwks::Jwks, refusals::Refusals};

use crate::{
    Ctx,
    http::{Problem, Request},
};

/// By which a browser says whose page a request comes from.
const SITE: &str = "sec-fetch-site";

/// How many of the keys in what `SUPABASE_JWKS_URL` answers can verify users' tokens.
#[must_use]
pub fn usable_keys(json: &[u8]) -> usize {
    keys::read(json).map_or(0, |keys| keys.len())
}

/// Someone who proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The holder of `CRON_SECRET`: cron, or the person who runs the installation. Sees every
    /// agency.
    Operator,
    /// A user, who may belong to an agency.
    User(UserId),
}

/// Finds out who sent `request`: the operator or a user.
///
/// # Errors
/// 401 when nobody is proved, 503 when the keys of users' tokens can't be had.
pub async fn authenticate(ctx: &Ctx, request: &Request) -> Result<Caller, Problem> {
    if request.headers().contains_key(AUTHORIZATION) {
        let given = bearer(request).unwrap_or_default();
        if is_operator(ctx.config.cron_secret.as_ref(), given) {
            return Ok(Caller::Operator);
        }
        if token::is_one(given) {
            return token::verify(ctx, given).await.map(Caller::User);
        }
    } else if let Some(token) = cookie::access_token(request)? {
        check_origin(ctx, request)?;
        return token::verify(ctx, token.as_bytes()).await.map(Caller::User);
    }
    if bearer(request).is_none() {
        let detail =
            "sign in and send Authorization: Bearer <access token>, or CRON_SECRET in its place";
        return Err(Problem::unauthorized(detail));
    }
    require_operator(ctx, request).map(|()| Caller::Operator)
}

/// Requires the operator where anything is claimed: for what is public but tells them more. `None` when
/// the request claims nothing.
///
/// # Errors
/// 401 when it claims something and doesn't prove it.
pub fn operator_if_claimed(ctx: &Ctx, request: &Request) -> Result<Option<Caller>, Problem> {
    if request.headers().contains_key(AUTHORIZATION) {
        require_operator(ctx, request)?;
        Ok(Some(Caller::Operator))
    } else {
        Ok(None)
    }
}

/// A browser sends its cookies with whatever a page asks of us. What changes something has to come from a
/// page of ours.
fn check_origin(ctx: &Ctx, request: &Request) -> Result<(), Problem> {
    if request.method() == Method::GET || is_of_ours(ctx, request) {
        return Ok(());
    }
    let detail = "a session cookie is taken from pages of PUBLIC_URL only: send the access token as \
                  Authorization: Bearer";
    Err(Problem::forbidden(detail))
}

/// Refuses what a page of somebody else makes a browser ask with its user's cookie: for what is counted, where
/// asking costs the user though it changes nothing. A browser that does not say whose page it was passes.
///
/// # Errors
/// 403.
pub(crate) fn check_site(ctx: &Ctx, request: &Request) -> Result<(), Problem> {
    let headers = request.headers();
    let is_foreign = headers.get_all(SITE).iter().any(|site| site == "cross-site");
    if headers.contains_key(AUTHORIZATION) || !is_foreign || is_of_ours(ctx, request) {
        return Ok(());
    }
    let detail = "what costs much is not done by session cookie for a page or link of another site: ask for \
                  it on a page of PUBLIC_URL, or send the access token as Authorization: Bearer";
    Err(Problem::forbidden(detail))
}

/// Whether a page of ours sends it, as far as it says so.
fn is_of_ours(ctx: &Ctx, request: &Request) -> bool {
    let ours = ctx.config.public_url.as_ref().map(|url| url.origin().ascii_serialization());
    let given = request.headers().get(ORIGIN).and_then(|origin| origin.to_str().ok());
    given.is_some() && given == ours.as_deref()
}

/// Why somebody is not the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refused {
    /// The server has no secret.
    Unset,
    /// No header, or not one of the form.
    Nothing,
    /// Another token.
    Another,
}

impl From<Refused> for Problem {
    fn from(why: Refused) -> Self {
        Self::unauthorized(match why {
            Refused::Unset => "operator access is not set up on this server",
            Refused::Nothing => "send the header Authorization: Bearer <CRON_SECRET>",
            Refused::Another => "the bearer token is not the operator's",
        })
    }
}

/// Requires `Authorization: Bearer <secret>`, compared in constant time. Without a secret on the
/// server nobody passes. The log is told of refusals, once a minute.
///
/// # Errors
/// 401 when the header is missing, doubled or wrong, and when the secret is unset or empty.
pub fn require_operator(ctx: &Ctx, request: &Request) -> Result<(), Problem> {
    let checked = check_operator(ctx.config.cron_secret.as_ref(), request);
    checked.inspect_err(|why| refusals::tell(ctx, *why)).map_err(Problem::from)
}

fn check_operator(secret: Option<&SecretString>, request: &Request) -> Result<(), Refused> {
    if secret.is_none_or(|secret| secret.expose_secret().is_empty()) {
        return Err(Refused::Unset);
    }
    match bearer(request) {
        None => Err(Refused::Nothing),
        Some(given) if is_operator(secret, given) => Ok(()),
        Some(_) => Err(Refused::Another),
    }
}

fn is_operator(secret: Option<&SecretString>, given: &[u8]) -> bool {
    let Some(secret) = secret.map(ExposeSecret::expose_secret).filter(|text| !text.is_empty())
    else {
        return false;
    };
    // Digests have one length, so the time taken tells nothing of the secret's.
    Sha256::digest(given).ct_eq(&Sha256::digest(secret.as_bytes())).into()
}

/// The token of the one `Authorization: Bearer` header, as bytes.
fn bearer(request: &Request) -> Option<&[u8]> {
    let mut values = request.headers().get_all(AUTHORIZATION).iter();
    let (value, None) = (values.next()?.as_bytes(), values.next()) else { return None };
    let (scheme, token) = value.split_at_checked(6)?;
    let token = token.strip_prefix(b" ")?.trim_ascii_start();
    (scheme.eq_ignore_ascii_case(b"bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn check(secret: Option<&str>, headers: &[&str]) -> Result<(), u16> {
        let secret = secret.map(SecretString::from);
        let mut request = ::http::Request::builder();
        for value in headers {
            request = request.header(AUTHORIZATION, *value);
        }
        let request = request.body(Bytes::new()).unwrap();
        check_operator(secret.as_ref(), &request).map_err(|why| Problem::from(why).status.as_u16())
    }

    #[test]
    fn only_the_exact_secret_passes() {
        let secret = Some("dev-secret");
        for good in ["Bearer dev-secret", "bearer dev-secret", "BEARER  dev-secret"] {
            assert_eq!(check(secret, &[good]), Ok(()), "{good}");
        }
        for bad in [
            "Bearer dev-secre",
            "Bearer dev-secret2",
            "Bearer DEV-SECRET",
            "Bearer",
            "Bearer ",
            "Bearerdev-secret",
            "Basic dev-secret",
            "dev-secret",
            "",
            "Bearer dev secret",
            "Bearer é",
            "Bearer dev-secret ",
        ] {
            assert_eq!(check(secret, &[bad]), Err(401), "{bad}");
        }
        assert_eq!(check(secret, &[]), Err(401));
        assert_eq!(check(secret, &["Bearer dev-secret", "Bearer dev-secret"]), Err(401));
    }

    #[test]
    fn without_a_secret_nobody_passes() {
        for secret in [None, Some("")] {
            for headers in [&[][..], &["Bearer "], &["Bearer x"], &["Bearer null"]] {
                assert_eq!(check(secret, headers), Err(401), "{headers:?}");
            }
        }
    }

    #[test]
    fn a_refusal_repeats_neither_secret_nor_token() {
        let secret = SecretString::from("hush-1");
        let request = ::http::Request::builder().header(AUTHORIZATION, "Bearer hush-2");
        let refused = check_operator(Some(&secret), &request.body(Bytes::new()).unwrap());
        assert_eq!(refused, Err(Refused::Another));
        assert!(!format!("{:?}", refused.map_err(Problem::from)).contains("hush"));
    }
}
