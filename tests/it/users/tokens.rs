//! Attacks on the token: each is refused, says why, and repeats nothing of it.

use serde_json::{Value, json};

use super::{DASHBOARD, HS256, claims, part, signed, token};
use crate::world::{JWT_SECRET, World};

async fn refused(world: &World, token: &str, why: &str) {
    let (status, problem) = world.ask_with("GET", DASHBOARD, token).await;
    assert_eq!((status, &problem["code"]), (401, &json!("unauthorized")), "{why}: {problem}");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains(why), "{why}: {detail}");
    for secret in token.split('.').filter(|part| part.len() > 8) {
        assert!(!problem.to_string().contains(secret), "{problem}");
    }
}

#[tokio::test]
async fn a_user_sees_their_agencys_figures_and_the_operator_the_same() {
    let world = World::with_users().await;
    let (status, mut shown) = world.ask_with("GET", DASHBOARD, &token(&world, 1)).await;
    assert_eq!(status, 200, "{shown}");
    assert!(shown["kpiMetrics"]["totalRevenueCents"].as_i64().unwrap() > 0);
    let mut told = world.dashboard("").await;
    for answer in [&mut shown, &mut told] {
        answer["freshness"]["generatedAt"] = Value::Null;
    }
    assert_eq!(shown, told);
}

#[tokio::test]
async fn a_claim_that_does_not_fit_is_refused() {
    let world = World::with_users().await;
    let now = world.now().as_second();
    for (name, value, why) in [
        ("exp", json!(now - 31), "has expired"),
        ("exp", json!(null), "lacks a claim"),
        ("exp", json!("9999999999"), "lacks a claim"),
        ("exp", json!(1e300), "lacks a claim"),
        ("nbf", json!(now + 31), "not valid yet"),
        ("nbf", json!("0"), "lacks a claim"),
        ("iat", json!(now + 31), "not valid yet"),
        ("aud", json!("anon"), "no signed-in user"),
        ("aud", json!(["other", "third"]), "no signed-in user"),
        ("aud", json!([]), "no signed-in user"),
        ("aud", json!(null), "lacks a claim"),
        ("aud", json!({"authenticated": true}), "lacks a claim"),
        ("role", json!("service_role"), "no signed-in user"),
        ("role", json!("anon"), "no signed-in user"),
        ("role", json!(null), "lacks a claim"),
        ("sub", json!(null), "lacks a claim"),
        ("sub", json!(""), "lacks a claim"),
        ("sub", json!("1"), "lacks a claim"),
        ("sub", json!("00000000-0000-4000-8000-000000000001' or true --"), "lacks a claim"),
        ("sub", json!("{00000000-0000-4000-8000-000000000001}"), "lacks a claim"),
    ] {
        let mut claims = claims(&world, 1);
        claims[name] = value;
        refused(&world, &signed(JWT_SECRET, HS256, &claims.to_string()), why).await;
    }
    // The leeway, to its last second, and an audience among others.
    for (name, value) in
        [("exp", json!(now - 29)), ("nbf", json!(now + 30)), ("aud", json!(["x", "authenticated"]))]
    {
        let mut claims = claims(&world, 1);
        claims[name] = value;
        let token = signed(JWT_SECRET, HS256, &claims.to_string());
        assert_eq!(world.ask_with("GET", DASHBOARD, &token).await.0, 200, "{name}");
    }
}

#[tokio::test]
async fn a_claim_that_stands_twice_is_refused() {
    let world = World::with_users().await;
    let good = claims(&world, 1).to_string();
    for (name, other) in
        [("sub", json!(super::user(2))), ("exp", json!(9_999_999_999_i64)), ("role", json!("anon"))]
    {
        for doubled in [
            good.replacen('{', &format!("{{\"{name}\":{other},"), 1),
            format!("{},\"{name}\":{other}}}", good.strip_suffix('}').unwrap()),
        ] {
            refused(&world, &signed(JWT_SECRET, HS256, &doubled), "lacks a claim").await;
        }
    }
    let doubled = r#"{"alg":"none","alg":"HS256"}"#;
    refused(&world, &signed(JWT_SECRET, doubled, &good), "is no JWT").await;
}

#[tokio::test]
async fn the_header_does_not_choose_how_a_token_is_verified() {
    let world = World::with_users().await;
    let good = claims(&world, 1).to_string();
    for (header, why) in [
        (r#"{"alg":"none"}"#, "signed in a way"),
        (r#"{"alg":"None","typ":"JWT"}"#, "signed in a way"),
        (r#"{"alg":"hs256"}"#, "signed in a way"),
        (r#"{"alg":"HS384"}"#, "signed in a way"),
        (r#"{"alg":"HS512"}"#, "signed in a way"),
        (r#"{"alg":"RS256","kid":"x"}"#, "signed in a way"),
        (r#"{"alg":"ES256","kid":"x"}"#, "signed in a way"),
        (r#"{"alg":""}"#, "signed in a way"),
        (r#"{"alg":["HS256"]}"#, "is no JWT"),
        (r#"{"typ":"JWT"}"#, "is no JWT"),
        (r#"{"alg":"HS256","crit":["exp"]}"#, "is no JWT"),
        (r#"{"alg":"HS256","typ":"at+jwt"}"#, "is no JWT"),
        ("HS256", "is no JWT"),
        ("", "is no JWT"),
    ] {
        refused(&world, &signed(JWT_SECRET, header, &good), why).await;
    }
    // Unsigned, as `none` wants it.
    let unsigned = format!("{}.{}.", part(r#"{"alg":"none"}"#), part(&good));
    refused(&world, &unsigned, "signed in a way").await;
    let unsigned = format!("{}.{}.", part(HS256), part(&good));
    refused(&world, &unsigned, "signature").await;
}

#[tokio::test]
async fn a_token_that_was_touched_is_refused() {
    let world = World::with_users().await;
    let (mine, other) = (token(&world, 4), token(&world, 1));
    let parts = |token: &str| token.split('.').map(str::to_owned).collect::<Vec<_>>();
    let (mine, other) = (parts(&mine), parts(&other));
    let swapped = [&mine[0], &mine[1], &other[2]].map(String::as_str).join(".");
    refused(&world, &swapped, "signature").await;
    let promoted = [&mine[0], &other[1], &mine[2]].map(String::as_str).join(".");
    refused(&world, &promoted, "signature").await;
    let good = other.join(".");
    for cut in [good.len() - 1, good.len() - 20, other[0].len() + 2 + other[1].len()] {
        let (status, _) = world.ask_with("GET", DASHBOARD, &good[..cut]).await;
        assert_eq!(status, 401, "cut after {cut}");
    }
    for odd in [
        format!("{good}="),
        format!("{good}.x"),
        format!(".{good}"),
        format!("{}..{}", other[0], other[2]),
        good.replace('.', ".."),
        "..".to_owned(),
    ] {
        assert_eq!(world.ask_with("GET", DASHBOARD, &odd).await.0, 401, "{odd}");
    }
    // Base64 has spellings that mean the same bytes: only one of them is taken.
    let last = good.chars().last().unwrap();
    let twins = ('A'..='Z').chain('a'..='z').chain('0'..='9').filter(|c| *c != last);
    for twin in twins {
        let respelt = format!("{}{twin}", &good[..good.len() - 1]);
        assert_eq!(world.ask_with("GET", DASHBOARD, &respelt).await.0, 401, "{twin}");
    }
    refused(&world, &signed("another-secret-of-32-bytes-or-more", HS256, &mine[1]), "signature")
        .await;
    let long = format!("{}.{}.{}", part(HS256), "x".repeat(8_192), other[2]);
    refused(&world, &long, "too long").await;
}

#[tokio::test]
async fn the_projects_own_api_keys_are_no_users() {
    let world = World::with_users().await;
    for role in ["anon", "service_role"] {
        let key = json!({"iss": "supabase", "ref": "abc", "role": role, "iat": 1, "exp": 9_999_999_999_i64});
        refused(&world, &signed(JWT_SECRET, HS256, &key.to_string()), "lacks a claim").await;
    }
}

#[tokio::test]
async fn without_a_key_no_user_is_let_in() {
    let mut world = World::with_users().await;
    let good = token(&world, 1);
    world.ctx.config.users.jwt_secret = None;
    refused(&world, &good, "not set up").await;
    let empty = signed("", HS256, &claims(&world, 1).to_string());
    refused(&world, &empty, "not set up").await;
}

#[tokio::test]
async fn the_issuer_counts_where_it_is_named() {
    let mut world = World::with_users().await;
    world.ctx.config.users.jwt_issuer = Some("https://users.example/auth/v1".to_owned());
    assert_eq!(world.ask_with("GET", DASHBOARD, &token(&world, 1)).await.0, 200);
    for other in
        [json!("https://users.example/auth/v1/"), json!("https://other.example"), json!(null)]
    {
        let mut claims = claims(&world, 1);
        claims["iss"] = other;
        refused(&world, &signed(JWT_SECRET, HS256, &claims.to_string()), "another project").await;
    }
}

#[tokio::test]
async fn a_role_decides_what_is_shown() {
    let world = World::with_users().await;
    for (n, status) in [(1, 200), (2, 200), (3, 200), (4, 403), (5, 403), (6, 403), (7, 403)] {
        for path in [
            DASHBOARD,
            "/api/analytics/transactions",
            "/api/analytics/export.csv",
            "/api/auth/fanvue/connections",
            "/api/sync/repairs",
        ] {
            let (got, body) = world.ask_with("GET", path, &token(&world, n)).await;
            assert_eq!(got, status, "user {n} at {path}: {body}");
        }
        let (got, _) = world.ask_with("GET", "/api/auth/fanvue/login", &token(&world, n)).await;
        assert_eq!(got, if n <= 2 { 200 } else { 403 }, "user {n}");
    }
    // A user is no operator.
    let operators = [
        "/api/cron/revenue-heartbeat",
        "/api/cron/sync-transactions",
        "/api/cron/daily-refresh",
        "/api/cron/reconcile",
        "/api/health",
        "/api/metrics",
    ];
    for path in operators {
        assert_eq!(world.ask_with("GET", path, &token(&world, 1)).await.0, 401, "{path}");
    }
}
