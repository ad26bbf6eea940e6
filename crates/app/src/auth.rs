//! Who is asking. At present only the operator, who holds `CRON_SECRET`; a user's token will be
//! another [`Caller`]. What a caller may see is decided where the question is answered.

use http::header::AUTHORIZATION;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{
    Ctx,
    http::{Problem, Request},
};

/// Someone who proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The holder of `CRON_SECRET`: cron, or the person who runs the installation. Sees every
    /// agency.
    Operator,
}

/// Finds out who sent `request`.
///
/// # Errors
/// 401 when nobody is proved.
pub fn authenticate(ctx: &Ctx, request: &Request) -> Result<Caller, Problem> {
    require_operator(ctx.config.cron_secret.as_ref(), request)?;
    Ok(Caller::Operator)
}

/// Like [`authenticate`], for what is public but tells a known caller more: `None` when the request
/// claims nothing.
///
/// # Errors
/// 401 when it claims something and doesn't prove it.
pub fn authenticate_if_claimed(ctx: &Ctx, request: &Request) -> Result<Option<Caller>, Problem> {
    if request.headers().contains_key(AUTHORIZATION) {
        authenticate(ctx, request).map(Some)
    } else {
        Ok(None)
    }
}

/// Requires `Authorization: Bearer <secret>`, compared in constant time. Without a secret on the
/// server nobody passes.
///
/// # Errors
/// 401 when the header is missing, doubled or wrong, and when the secret is unset or empty.
pub fn require_operator(secret: Option<&SecretString>, request: &Request) -> Result<(), Problem> {
    let Some(secret) = secret.map(ExposeSecret::expose_secret).filter(|text| !text.is_empty())
    else {
        tracing::error!("CRON_SECRET is not set: every operator is refused");
        return Err(Problem::unauthorized("operator access is not set up on this server"));
    };
    let Some(given) = bearer(request) else {
        let detail = "send the header Authorization: Bearer <CRON_SECRET>";
        return Err(Problem::unauthorized(detail));
    };
    // Digests have one length, so the time taken tells nothing of the secret's.
    let same = Sha256::digest(given).ct_eq(&Sha256::digest(secret.as_bytes()));
    if bool::from(same) {
        Ok(())
    } else {
        Err(Problem::unauthorized("the bearer token is not the operator's"))
    }
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
        require_operator(secret.as_ref(), &request).map_err(|problem| problem.status.as_u16())
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
        let problem = require_operator(Some(&secret), &request.body(Bytes::new()).unwrap());
        assert!(!format!("{problem:?}").contains("hush"));
    }
}
