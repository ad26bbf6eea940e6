//! `POST /oauth2/token`: codes and refresh tokens are exchanged for pairs, refusals are those of
//! the fact sheet's table.
//!
//! Client authentication and the exchange proper are apart, since a journal replays only the latter.

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Pair, Refreshed};
use crate::{answer::Refusal, params::Params, row::Millis, settings::Settings, world::World};

/// Whether the client is who it says it is.
pub(crate) fn authenticate(
    settings: &Settings,
    headers: &HeaderMap,
    form: &Params,
) -> Result<(), Refusal> {
    let denied = || {
        let text = "Client authentication failed (e.g., unknown client, no client authentication \
                    included, or unsupported authentication method).";
        Refusal::oauth(StatusCode::UNAUTHORIZED, "invalid_client", text)
    };
    let basic = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let in_body = form.get("client_secret").is_some();
    let (id, secret) = match basic {
        Some(_) if in_body => {
            return Err(bad("invalid_request", "More than one method of client authentication"));
        }
        Some(basic) => decode_basic(basic).ok_or_else(denied)?,
        None if in_body && settings.body_credentials => {
            let text = |name| form.get(name).unwrap_or_default().to_owned();
            (text("client_id"), text("client_secret"))
        }
        None => return Err(denied()),
    };
    match id == settings.client_id && secret == settings.client_secret {
        true => Ok(()),
        false => Err(denied()),
    }
}

fn decode_basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    let decoded = BASE64_STANDARD.decode(encoded.trim()).ok()?;
    let decoded = String::from_utf8(decoded).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    scheme.eq_ignore_ascii_case("basic").then(|| (unescape(id), unescape(secret)))
}

/// Both halves of Basic credentials are form-encoded first, says RFC 6749.
fn unescape(text: &str) -> String {
    let form = format!("v={}", text.replace('&', "%26"));
    Params::parse(form.as_bytes()).get("v").unwrap_or_default().to_owned()
}

/// The exchange of an authenticated client.
pub(crate) fn exchange(world: &mut World, form: &Params, now: Millis) -> Result<Value, Refusal> {
    let outcome = match form.get("grant_type") {
        Some("authorization_code") => exchange_code(world, form, now),
        Some("refresh_token") => refresh(world, form, now),
        Some(_) => Err(bad("unsupported_grant_type", "The grant type is not supported")),
        None => Err(bad("invalid_request", "The parameter 'grant_type' is missing")),
    };
    if let Err(refusal) = &outcome
        && refusal.body["error"] == "invalid_grant"
    {
        world.oauth.counts.invalid_grants += 1;
    }
    outcome.map(|pair| token_response(&pair, &world.settings))
}

/// The body of a successful answer.
pub(crate) fn token_response(pair: &Pair, settings: &Settings) -> Value {
    let mut body = json!({
        "access_token": pair.access,
        "expires_in": settings.token_seconds,
        "token_type": "bearer",
        "scope": pair.scope,
    });
    if let Some(refresh) = &pair.refresh {
        body["refresh_token"] = json!(refresh);
    }
    body
}

fn exchange_code(world: &mut World, form: &Params, now: Millis) -> Result<Pair, Refusal> {
    let code = form.filled("code").ok_or_else(|| missing("code"))?;
    let redirect_uri = form.filled("redirect_uri").ok_or_else(|| missing("redirect_uri"))?;
    let verifier = form.filled("code_verifier").ok_or_else(|| missing("code_verifier"))?;
    let Some(known) = world.oauth.codes.get(code) else {
        return Err(invalid_grant("The authorization code is malformed or not valid"));
    };
    if let Some(chain) = known.chain {
        world.oauth.kill(chain);
        return Err(invalid_grant("The authorization code has already been used"));
    }
    if now >= known.expires_at {
        return Err(invalid_grant("The authorization code is expired"));
    }
    if known.redirect_uri != redirect_uri {
        return Err(invalid_grant(
            "The 'redirect_uri' is not the one of the authorization request",
        ));
    }
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    if !(43..=128).contains(&verifier.len()) || challenge != known.challenge {
        return Err(invalid_grant("The PKCE code verifier does not match the challenge"));
    }
    let (account, scopes) = (known.account, known.scopes.clone());
    let pair = world.oauth.grant(account, scopes, world.seed, &world.settings, now);
    let chain = world.oauth.chains.len() - 1;
    if let Some(used) = world.oauth.codes.get_mut(code) {
        used.chain = Some(chain);
    }
    world.oauth.counts.exchanges += 1;
    Ok(pair)
}

fn refresh(world: &mut World, form: &Params, now: Millis) -> Result<Pair, Refusal> {
    let token = form.filled("refresh_token").ok_or_else(|| missing("refresh_token"))?;
    match world.oauth.refresh(token, world.seed, &world.settings, now) {
        Refreshed::Pair(pair) => Ok(pair),
        Refreshed::Unknown => Err(invalid_grant("The refresh token is malformed or not valid")),
        Refreshed::Expired => Err(invalid_grant("The refresh token is expired")),
        Refreshed::Reused => Err(invalid_grant("The refresh token was already used")),
        Refreshed::ScopeGone(scope) => Err(bad(
            "invalid_scope",
            &format!("The OAuth 2.0 Client is not allowed to request scope '{scope}'."),
        )),
    }
}

fn bad(error: &str, text: &str) -> Refusal {
    Refusal::oauth(StatusCode::BAD_REQUEST, error, text)
}

fn invalid_grant(hint: &str) -> Refusal {
    let text = "The provided authorization grant or refresh token is invalid, expired or revoked.";
    bad("invalid_grant", &format!("{text} {hint}."))
}

fn missing(name: &str) -> Refusal {
    bad("invalid_request", &format!("The parameter '{name}' is missing"))
}
