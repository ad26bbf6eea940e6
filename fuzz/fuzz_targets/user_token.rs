//! Any `Authorization` in the first line and any cookies in the second; then the same two lines as header and claims
//! of a token that is signed as it should be. Nobody gets in without a signature of ours, and with one only who
//! the claims name, while they say so.

#![no_main]

use std::{
    future::{Future, ready},
    pin::Pin,
    sync::{Arc, LazyLock},
};

use app::{
    Clock, Config, Ctx, SystemEntropy,
    auth::{Caller, authenticate},
    http::Problem,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use heartbeat_fuzz::{Platform, first_line, now};
use hmac::{Hmac, KeyInit, Mac};
use http::{
    HeaderValue,
    header::{AUTHORIZATION, COOKIE},
};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use sha2::Sha256;

const SECRET: &str = "a secret of users that has 32 bytes or more";
const OPERATOR: &str = "the-operators-secret";
const ISSUER: &str = "https://users.example/auth/v1";
/// The user of the one token that was ever given out, which is in the corpus.
const USER: &str = "00000000-0000-4000-8000-000000000001";
const SECOND: i64 = 1_795_262_400;
const LEEWAY_SECONDS: i64 = 30;
/// A key for ES256, of which nobody has the other half.
const KEYS: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","kid":"one","alg":"ES256","use":"sig",
    "x":"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY",
    "y":"T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"}]}"#;

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(SECOND).unwrap()
    }

    fn sleep_until(&self, _: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(ready(()))
    }
}

static CTX: LazyLock<Ctx> = LazyLock::new(|| {
    let lookup = |name: &str| match name {
        "DATABASE_URL" => Some("postgres://nobody@127.0.0.1:1/none".to_owned()),
        "CRON_SECRET" => Some(OPERATOR.to_owned()),
        "SUPABASE_JWT_SECRET" => Some(SECRET.to_owned()),
        "SUPABASE_JWKS_URL" => Some(format!("{ISSUER}/.well-known/jwks.json")),
        _ => None,
    };
    let config = Config::from_lookup(lookup).unwrap();
    let platform = Arc::new(Platform::says(200, KEYS.as_bytes()));
    let ctx = Ctx::with(config, platform, Arc::new(Still), Arc::new(SystemEntropy)).unwrap();
    // What is never let in proves nothing by being refused.
    let claims = format!(
        r#"{{"aud":"authenticated","role":"authenticated","sub":"{USER}","exp":{SECOND},"iss":"{ISSUER}"}}"#
    );
    let token = signed(br#"{"alg":"HS256","typ":"JWT"}"#, claims.as_bytes());
    assert!(matches!(ask(&ctx, &format!("Bearer {token}"), ""), Some(Ok(Caller::User(_)))));
    ctx
});

fuzz_target!(|data: &[u8]| {
    let (authorization, cookies) = first_line(data);
    check_stranger(authorization, ask(&CTX, authorization, cookies));
    check_stranger(b"", ask(&CTX, "", authorization));
    let cookie = format!("sb-x-auth-token=base64-{}", BASE64_URL_SAFE_NO_PAD.encode(data));
    check_stranger(b"", ask(&CTX, "", &cookie));

    let (header, claims) = first_line(data);
    match ask(&CTX, &format!("Bearer {}", signed(header, claims)), "") {
        Some(Ok(Caller::User(user))) => check_claims(&user.0.to_string(), header, claims),
        Some(Ok(Caller::Operator)) => panic!("a token is no secret"),
        Some(Err(problem)) => check_refusal(&problem),
        None => {}
    }
});

/// Who that is; `None` for what no header can carry.
fn ask(
    ctx: &Ctx,
    authorization: impl AsRef<[u8]>,
    cookies: impl AsRef<[u8]>,
) -> Option<Result<Caller, Problem>> {
    let mut request = http::Request::new(Bytes::new());
    for (name, value) in [(AUTHORIZATION, authorization.as_ref()), (COOKIE, cookies.as_ref())] {
        if !value.is_empty() {
            request.headers_mut().insert(name, HeaderValue::from_bytes(value).ok()?);
        }
    }
    Some(now(authenticate(ctx, &request)))
}

fn signed(header: &[u8], claims: &[u8]) -> String {
    let encode = |part: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(part);
    let message = format!("{}.{}", encode(header), encode(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(message.as_bytes());
    format!("{message}.{}", encode(&mac.finalize().into_bytes()))
}

/// What nobody signed here is the operator's secret, the one token there is, or nobody's.
fn check_stranger(authorization: &[u8], answer: Option<Result<Caller, Problem>>) {
    match answer {
        Some(Ok(Caller::Operator)) => {
            let (scheme, given) = authorization.split_at(7);
            assert!(scheme.eq_ignore_ascii_case(b"bearer "));
            assert_eq!(given.trim_ascii_start(), OPERATOR.as_bytes());
        }
        Some(Ok(Caller::User(user))) => assert_eq!(user.0.to_string(), USER),
        Some(Err(problem)) => check_refusal(&problem),
        None => {}
    }
}

fn check_refusal(problem: &Problem) {
    assert_eq!(problem.status.as_u16(), 401);
    assert!(!problem.detail.contains(OPERATOR) && !problem.detail.contains(SECRET));
}

fn check_claims(user: &str, header: &[u8], claims: &[u8]) {
    let read = serde_json::from_slice::<Value>;
    // Numbers past all bounds in what nobody asks for are no reason to refuse a token.
    let (Ok(header), Ok(claims)) = (read(header), read(claims)) else { return };
    // As lists they are told apart by place, which is nobody's way to write them and tells nobody more.
    if !header.is_object() || !claims.is_object() {
        return;
    }
    assert_eq!(header["alg"], "HS256");
    assert!(header["crit"].is_null());
    assert!(header["typ"].as_str().is_none_or(|typ| typ.eq_ignore_ascii_case("jwt")));
    assert_eq!(claims["sub"].as_str().map(str::to_ascii_lowercase).as_deref(), Some(user));
    let meant = &claims["aud"];
    let is_one = |one: &Value| one == "authenticated";
    assert!(is_one(meant) || meant.as_array().is_some_and(|all| all.iter().any(is_one)));
    assert_eq!(claims["role"], "authenticated");
    assert_eq!(claims["iss"], ISSUER);
    assert!(SECOND < claims["exp"].as_i64().unwrap().saturating_add(LEEWAY_SECONDS));
    for begins in ["nbf", "iat"].map(|name| &claims[name]).into_iter().filter_map(Value::as_i64) {
        assert!(begins <= SECOND + LEEWAY_SECONDS);
    }
}
