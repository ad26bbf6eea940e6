//! `GET /oauth2/auth` and the discovery document: a consent screen where everybody agrees at once.
//!
//! There is no login page: who consents is a setting (`consentAs`) or the `login_hint`.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::json;
use url::Url;
use uuid::Uuid;

use super::Code;
use crate::{
    answer::{self, Refusal},
    params::Params,
    row::Millis,
    settings::SCOPES,
    world::World,
};

/// The shortest `state` that counts as random.
const STATE_LENGTH_MIN: usize = 8;

/// Answers the authorization request; the flag says whether a code was issued.
pub(crate) fn authorize(
    world: &mut World,
    params: &Params,
    now: Millis,
) -> (Response<Bytes>, bool) {
    let mut back = match redirect_uri(world, params) {
        Ok(redirect_uri) => redirect_uri,
        Err(refusal) => return (refusal.into_response(), false),
    };
    let outcome = consent(world, params, now);
    let agreed = outcome.is_ok();
    {
        let mut query = back.query_pairs_mut();
        match outcome {
            Ok((code, scope)) => query.append_pair("code", &code).append_pair("scope", &scope),
            Err((error, text)) => {
                query.append_pair("error", error).append_pair("error_description", &text)
            }
        };
        if let Some(state) = params.get("state") {
            query.append_pair("state", state);
        }
    }
    (answer::redirect(back.as_str()), agreed)
}

/// Where to send the browser back to. Nothing may be redirected before this is known to be ours.
fn redirect_uri(world: &World, params: &Params) -> Result<Url, Refusal> {
    let bad = |error, text| Err(Refusal::oauth(StatusCode::BAD_REQUEST, error, text));
    if params.get("client_id") != Some(&world.settings.client_id) {
        let text = "The requested OAuth 2.0 Client does not exist";
        return Err(Refusal::oauth(StatusCode::UNAUTHORIZED, "invalid_client", text));
    }
    let text = params.get("redirect_uri").unwrap_or_default();
    let known = &world.settings.redirect_uris;
    match Url::parse(text) {
        Ok(url) if known.is_empty() && matches!(url.scheme(), "http" | "https") => Ok(url),
        Ok(url) if known.iter().any(|known| known == text) => Ok(url),
        _ => bad("invalid_request", "The 'redirect_uri' does not match a registered one"),
    }
}

/// Checks the rest of the request and issues a code.
fn consent(
    world: &mut World,
    params: &Params,
    now: Millis,
) -> Result<(String, String), (&'static str, String)> {
    let refuse = |error, text: &str| Err((error, text.to_owned()));
    if params.get("response_type") != Some("code") {
        return refuse("unsupported_response_type", "Only 'code' is supported");
    }
    if params.get("state").unwrap_or_default().len() < STATE_LENGTH_MIN {
        return refuse("invalid_state", "The state is missing or has too little entropy");
    }
    let challenge = params.get("code_challenge").unwrap_or_default();
    if challenge.len() != 43 || params.get("code_challenge_method") != Some("S256") {
        return refuse("invalid_request", "PKCE with method S256 is required");
    }
    let asked = params.get("scope").unwrap_or_default();
    let scopes: Vec<String> = asked.split_whitespace().map(str::to_owned).collect();
    if let Some(scope) = scopes.iter().find(|scope| !world.settings.scopes.contains(scope)) {
        let text = format!("The OAuth 2.0 Client is not allowed to request scope '{scope}'.");
        return Err(("invalid_scope", text));
    }
    let who = params.get("login_hint").unwrap_or(&world.settings.consent_as);
    let Some(account) = account(world, who) else {
        return refuse("access_denied", "No such account");
    };
    let code = world.oauth.secret("ac", world.seed);
    let scope = scopes.join(" ");
    let entry = Code {
        account,
        scopes,
        redirect_uri: params.get("redirect_uri").unwrap_or_default().to_owned(),
        challenge: challenge.to_owned(),
        expires_at: now + i64::from(world.settings.code_seconds) * 1000,
        chain: None,
    };
    world.oauth.codes.insert(code.clone(), entry);
    world.oauth.counts.authorizations += 1;
    Ok((code, scope))
}

/// The account of a word: `agency` or the UUID of the agency's account or of a creator.
pub(crate) fn account(world: &World, who: &str) -> Option<Uuid> {
    if who == "agency" {
        return Some(world.agency);
    }
    let uuid: Uuid = who.parse().ok()?;
    (uuid == world.agency || world.creator(uuid).is_some()).then_some(uuid)
}

/// `GET /.well-known/openid-configuration`.
pub(crate) fn discovery(base_url: &str) -> Response<Bytes> {
    let body = json!({
        "issuer": base_url,
        "authorization_endpoint": format!("{base_url}/oauth2/auth"),
        "token_endpoint": format!("{base_url}/oauth2/token"),
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": SCOPES,
    });
    answer::json(StatusCode::OK, &body)
}
