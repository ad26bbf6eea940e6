//! OAuth: the flow with PKCE, rotation, grace, theft, and the error bodies.

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::{Url, form_urlencoded};

use super::{Got, World, options};
use crate::{NewGrant, Reply};

const VERIFIER: &str = "a-verifier-that-is-long-enough-to-be-accepted-0123";

fn token(world: &World, credentials: Option<&str>, form: &[(&str, &str)]) -> Got {
    let mut request = ::http::Request::post("/oauth2/token")
        .header("content-type", "application/x-www-form-urlencoded");
    if let Some(credentials) = credentials {
        let basic = format!("Basic {}", BASE64_STANDARD.encode(credentials));
        request = request.header("authorization", basic);
    }
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(form);
    world.answer(request.body(Bytes::from(body.finish())).unwrap())
}

const CLIENT: Option<&str> = Some("sim-client:sim-secret");

pub(super) fn refresh(world: &World, refresh_token: &str) -> Got {
    token(world, CLIENT, &[("grant_type", "refresh_token"), ("refresh_token", refresh_token)])
}

/// Sends the browser to the consent screen; answers where it is sent back to.
fn authorize(world: &World, change: &[(&str, &str)]) -> Result<Url, Box<Got>> {
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let mut query = vec![
        ("response_type", "code"),
        ("client_id", "sim-client"),
        ("redirect_uri", "http://localhost:3000/callback"),
        ("scope", "openid offline_access offline read:self read:insights"),
        ("state", "0123456789abcdef"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("prompt", "login"),
    ];
    query.retain(|(name, _)| !change.iter().any(|(changed, _)| changed == name));
    query.extend(change);
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    let got = world.get(&format!("/oauth2/auth?{query}"));
    if got.status != 302 {
        return Err(Box::new(got));
    }
    Ok(got.headers["location"].to_str().unwrap().parse().unwrap())
}

fn value(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

fn exchange(world: &World, code: &str, change: &[(&str, &str)]) -> Got {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", "http://localhost:3000/callback"),
        ("code_verifier", VERIFIER),
    ];
    form.retain(|(name, _)| !change.iter().any(|(changed, _)| changed == name));
    form.extend(change.iter().filter(|(_, value)| !value.is_empty()));
    token(world, CLIENT, &form)
}

fn error(got: &Got) -> (u16, String) {
    (got.status, got.json()["error"].as_str().unwrap().to_owned())
}

fn bad(error: &str) -> (u16, String) {
    (400, error.to_owned())
}

fn works(world: &mut World, pair: &Value) -> bool {
    world.token = pair["access_token"].as_str().unwrap().to_owned();
    world.get("/users/me").status == 200
}

fn refresh_token(pair: &Value) -> &str {
    pair["refresh_token"].as_str().unwrap()
}

fn granted(world: &World) -> Value {
    let grant = NewGrant { account: "agency".to_owned(), scopes: None };
    let grant = world.simulator.grant(&grant, world.now).unwrap();
    json!({"access_token": grant.access_token, "refresh_token": grant.refresh_token})
}

#[test]
fn a_code_with_its_verifier_becomes_a_pair() {
    let mut world = World::new(options(2, 0));
    let back = authorize(&world, &[]).unwrap();
    assert!(back.as_str().starts_with("http://localhost:3000/callback?"));
    assert_eq!(value(&back, "state").unwrap(), "0123456789abcdef");
    let got = exchange(&world, &value(&back, "code").unwrap(), &[]);
    let pair = got.json();
    assert_eq!(got.status, 200);
    assert_eq!((&pair["expires_in"], &pair["token_type"]), (&json!(3600), &json!("bearer")));
    assert_eq!(pair["scope"], "openid offline_access offline read:self read:insights");
    assert!(works(&mut world, &pair));
    assert_eq!(world.get("/creators").status, 403, "that scope was not asked for");
}

#[test]
fn an_authorization_request_is_checked() {
    let world = World::new(options(2, 0));
    assert_eq!(authorize(&world, &[("client_id", "x")]).unwrap_err().status, 401);
    assert_eq!(authorize(&world, &[("redirect_uri", "nowhere")]).unwrap_err().status, 400);
    for (change, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("state", "short"), "invalid_state"),
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("scope", "read:earnings"), "invalid_scope"),
        (("login_hint", "nobody"), "access_denied"),
    ] {
        let back = authorize(&world, &[change]).unwrap();
        assert_eq!(value(&back, "error").unwrap(), error, "{change:?}");
        assert_eq!(value(&back, "code"), None);
    }
    let back = authorize(&world, &[("scope", "read:earnings")]).unwrap();
    let text = "The OAuth 2.0 Client is not allowed to request scope 'read:earnings'.";
    assert_eq!(value(&back, "error_description").unwrap(), text);
    world.set(json!({"redirectUris": ["https://app.test/back"]}));
    assert_eq!(authorize(&world, &[]).unwrap_err().status, 400);
    assert!(authorize(&world, &[("redirect_uri", "https://app.test/back")]).is_ok());
    assert!(authorize(&world, &[("redirect_uri", "https://app.test/back/")]).is_err());
}

#[test]
fn a_code_is_good_once_for_a_while_with_its_verifier_and_address() {
    let mut world = World::new(options(2, 0));
    let code = |world: &World| value(&authorize(world, &[]).unwrap(), "code").unwrap();
    let one = code(&world);
    let wrong = "another-verifier-that-is-long-enough-0123456789-x";
    assert_eq!(error(&exchange(&world, &one, &[("code_verifier", wrong)])), bad("invalid_grant"));
    let other = ("redirect_uri", "http://localhost:3000/other");
    assert_eq!(error(&exchange(&world, &one, &[other])), bad("invalid_grant"));
    assert_eq!(error(&exchange(&world, &one, &[("code_verifier", "")])), bad("invalid_request"));
    let pair = exchange(&world, &one, &[]).json();
    assert!(works(&mut world, &pair));
    assert_eq!(error(&exchange(&world, &one, &[])), bad("invalid_grant"));
    assert!(!works(&mut world, &pair), "a code used twice was stolen");
    let late = code(&world);
    world.pass_seconds(600);
    assert_eq!(error(&exchange(&world, &late, &[])), bad("invalid_grant"));
}

#[test]
fn the_client_authenticates_by_basic_only() {
    let world = World::new(options(2, 0));
    let denied = (401, "invalid_client".to_owned());
    let pair = granted(&world);
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token(&pair))];
    let body = [("client_id", "sim-client"), ("client_secret", "sim-secret")];
    let both: Vec<_> = form.iter().chain(&body).copied().collect();
    for credentials in [None, Some("sim-client:wrong"), Some("x:sim-secret"), Some("nonsense")] {
        assert_eq!(error(&token(&world, credentials, &form)), denied);
    }
    assert_eq!(error(&token(&world, None, &both)), denied);
    assert_eq!(error(&token(&world, CLIENT, &both)), bad("invalid_request"));
    world.set(json!({"bodyCredentials": true}));
    assert_eq!(token(&world, None, &both).status, 200);
}

#[test]
fn missing_and_unknown_parameters_are_told() {
    let world = World::new(options(2, 0));
    assert_eq!(error(&token(&world, CLIENT, &[])), bad("invalid_request"));
    let unknown = [("grant_type", "client_credentials")];
    assert_eq!(error(&token(&world, CLIENT, &unknown)), bad("unsupported_grant_type"));
    let empty = [("grant_type", "refresh_token")];
    assert_eq!(error(&token(&world, CLIENT, &empty)), bad("invalid_request"));
    let got = refresh(&world, "never-issued");
    assert_eq!(error(&got), bad("invalid_grant"));
    assert!(got.json()["error_description"].as_str().unwrap().contains("malformed or not valid"));
}

#[test]
fn a_refresh_rotates_both_tokens() {
    let mut world = World::new(options(2, 0));
    let first = granted(&world);
    let second = refresh(&world, refresh_token(&first)).json();
    assert_ne!(refresh_token(&first), refresh_token(&second));
    assert!(!works(&mut world, &first), "the paired access token dies");
    assert!(works(&mut world, &second));
}

#[test]
fn within_the_grace_every_reuse_gives_another_good_pair() {
    let mut world = World::new(options(2, 0));
    let first = granted(&world);
    let second = refresh(&world, refresh_token(&first)).json();
    world.pass_seconds(15);
    let third = refresh(&world, refresh_token(&first)).json();
    world.pass_seconds(14);
    let fourth = refresh(&world, refresh_token(&first)).json();
    for pair in [&second, &third, &fourth] {
        assert!(works(&mut world, pair));
    }
    world.pass_seconds(1);
    let got = refresh(&world, refresh_token(&first));
    assert_eq!(error(&got), bad("invalid_grant"), "reuse does not extend the grace");
    assert!(got.json()["error_description"].as_str().unwrap().contains("already used"));
    for pair in [&second, &third, &fourth] {
        assert!(!works(&mut world, pair), "the whole chain is dead");
        assert_eq!(error(&refresh(&world, refresh_token(pair))), bad("invalid_grant"));
    }
}

#[test]
fn strict_mode_has_no_grace() {
    let world = World::new(options(2, 0));
    world.set(json!({"graceSeconds": 0}));
    let first = granted(&world);
    assert_eq!(refresh(&world, refresh_token(&first)).status, 200);
    assert_eq!(error(&refresh(&world, refresh_token(&first))), bad("invalid_grant"));
}

#[test]
fn a_dead_chain_leaves_other_consents_alone() {
    let mut world = World::new(options(2, 0));
    let (one, two) = (granted(&world), granted(&world));
    world.set(json!({"graceSeconds": 0}));
    refresh(&world, refresh_token(&one));
    refresh(&world, refresh_token(&one));
    assert!(works(&mut world, &two));
}

#[test]
fn a_refresh_token_may_expire_and_a_scope_may_go() {
    let mut world = World::new(options(2, 0));
    let pair = granted(&world);
    world.set(json!({"scopes": ["openid", "offline_access", "read:self"]}));
    let got = refresh(&world, refresh_token(&pair));
    assert_eq!(error(&got), bad("invalid_scope"));
    world.set(json!({"scopes": crate::SCOPES, "refreshTokenSeconds": 100}));
    world.pass_seconds(100);
    let got = refresh(&world, refresh_token(&pair));
    assert_eq!(error(&got), bad("invalid_grant"));
    assert!(got.json()["error_description"].as_str().unwrap().contains("expired"));
}

#[test]
fn no_refresh_token_without_an_offline_scope() {
    let world = World::new(options(2, 0));
    let scopes = Some(vec!["read:self".to_owned()]);
    let grant = NewGrant { account: "agency".to_owned(), scopes };
    assert_eq!(world.simulator.grant(&grant, world.now).unwrap().refresh_token, None);
}

#[test]
fn a_revoked_account_can_call_and_refresh_no_more() {
    let mut world = World::new(options(2, 0));
    let pair = granted(&world);
    assert!(works(&mut world, &pair));
    assert_eq!(world.simulator.revoke("agency", world.now).unwrap(), 2);
    assert!(!works(&mut world, &pair));
    assert_eq!(error(&refresh(&world, refresh_token(&pair))), bad("invalid_grant"));
    assert_eq!(world.get("/sim/oauth").json()["revocations"], 2);
}

#[test]
fn a_lost_answer_of_the_token_endpoint_took_effect() {
    let world = World::new(options(2, 0));
    let pair = granted(&world);
    let fault = json!({"match": {"path": "/oauth2/token"}, "fault": "dropAfter"});
    world.post("/sim/faults", fault);
    let basic = format!("Basic {}", BASE64_STANDARD.encode("sim-client:sim-secret"));
    let body = format!("grant_type=refresh_token&refresh_token={}", refresh_token(&pair));
    let request = ::http::Request::post("/oauth2/token")
        .header("authorization", basic)
        .body(Bytes::from(body))
        .unwrap();
    assert!(matches!(world.send(request), Reply::Dropped { handled: true }));
    assert_eq!(world.get("/sim/oauth").json()["refreshes"], 1);
    assert_eq!(refresh(&world, refresh_token(&pair)).status, 200, "repaired within the grace");
    assert_eq!(world.get("/sim/oauth").json()["graceReuses"], 1);
}

#[test]
fn discovery_names_the_endpoints() {
    let world = World::new(options(2, 0));
    let got = world.get("/.well-known/openid-configuration").json();
    assert_eq!(got["token_endpoint"], "http://sim.test/oauth2/token");
    let based = crate::Options { base_url: Some("http://x:1".to_owned()), ..options(2, 0) };
    let got = World::new(based).get("/.well-known/openid-configuration").json();
    assert_eq!(got["authorization_endpoint"], "http://x:1/oauth2/auth");
}
