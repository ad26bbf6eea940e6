//! The browser's half of OAuth: where to send a person, with PKCE. Not the token endpoint, and not
//! the making of verifiers and states: randomness is the caller's.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use url::Url;

use crate::Endpoints;

/// What a person is asked to allow.
#[derive(Clone, Copy, Debug)]
pub struct AuthorizeAsk<'a> {
    /// The app's public id.
    pub client_id: &'a str,
    /// Where the browser returns to; exactly as registered.
    pub redirect_uri: &'a str,
    /// The scopes, in any order; `offline_access` among them for a refresh token.
    pub scopes: &'a [&'a str],
    /// At least 32 random characters, checked when the browser returns.
    pub state: &'a str,
    /// The [`challenge`] of a verifier that stays with us.
    pub challenge: &'a str,
    /// Whether the person must log in anew, to connect another account.
    pub fresh_login: bool,
}

/// The address that asks a person to allow it.
#[must_use]
pub fn authorize_url(endpoints: &Endpoints, ask: &AuthorizeAsk<'_>) -> Url {
    let mut url = endpoints.authorize();
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", ask.client_id)
        .append_pair("redirect_uri", ask.redirect_uri)
        .append_pair("scope", &ask.scopes.join(" "))
        .append_pair("state", ask.state)
        .append_pair("code_challenge", ask.challenge)
        .append_pair("code_challenge_method", "S256");
    if ask.fresh_login {
        url.query_pairs_mut().append_pair("prompt", "login");
    }
    url
}

/// The S256 challenge of a verifier (43 to 128 characters of the unreserved set).
#[must_use]
pub fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_rfc_7636() {
        assert_eq!(
            challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn a_person_is_sent_with_everything_the_platform_wants() {
        let endpoints = Endpoints {
            api_url: "https://api.example".parse().unwrap(),
            auth_url: "https://auth.example/".parse().unwrap(),
        };
        let ask = AuthorizeAsk {
            client_id: "app",
            redirect_uri: "https://ours.example/back?a=b",
            scopes: &["openid", "offline_access", "read:insights"],
            state: "s&t",
            challenge: "c",
            fresh_login: true,
        };
        assert_eq!(
            authorize_url(&endpoints, &ask).as_str(),
            "https://auth.example/oauth2/auth?response_type=code&client_id=app\
             &redirect_uri=https%3A%2F%2Fours.example%2Fback%3Fa%3Db\
             &scope=openid+offline_access+read%3Ainsights&state=s%26t\
             &code_challenge=c&code_challenge_method=S256&prompt=login"
        );
        let ask = AuthorizeAsk { fresh_login: false, ..ask };
        assert!(!authorize_url(&endpoints, &ask).as_str().contains("prompt"));
    }
}
