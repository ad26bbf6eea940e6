//! The session cookie: read as Supabase's libraries write it, and no more than the token in it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use serde_json::json;

use super::{DASHBOARD, token};
use crate::world::{PUBLIC_URL, SECRET, World};

const EXPORT: &str = "/api/analytics/export.csv?timeRange=7d";
const DIAGNOSE: &str = "/api/fanvue/diagnose-revenue";
const SYNC: &str = "/api/fanvue/force-sync-revenue";

fn session(token: &str) -> String {
    let session = json!({
        "access_token": token, "token_type": "bearer", "expires_in": 3600, "refresh_token": "r",
        "user": {"id": "x", "email": "someone@users.example", "about": "é".repeat(2_000)}
    });
    format!("base64-{}", URL_SAFE_NO_PAD.encode(session.to_string()))
}

/// As the libraries cut it.
fn chunked(session: &str) -> String {
    let chunks: Vec<_> = session.as_bytes().chunks(3_180).map(String::from_utf8_lossy).collect();
    assert!(chunks.len() > 1, "it fits into one cookie");
    let named =
        chunks.iter().enumerate().map(|(i, chunk)| format!("sb-abc-auth-token.{i}={chunk}"));
    named.collect::<Vec<_>>().join("; ")
}

async fn status(world: &World, method: &str, uri: &str, headers: &[(&str, &str)]) -> u16 {
    let mut request = http::Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    world.send(request.body(Bytes::new()).unwrap()).await.0
}

#[tokio::test]
async fn a_session_is_taken_whole_and_in_pieces_and_only_while_its_token_holds() {
    let world = World::with_users().await;
    let get = async |cookie: &str| status(&world, "GET", DASHBOARD, &[("cookie", cookie)]).await;
    let good = session(&token(&world, 1));
    assert_eq!(get(&format!("theme=dark; sb-abc-auth-token={good}")).await, 200);
    let pieces = chunked(&good);
    assert_eq!(get(&pieces).await, 200);
    let (first, second) = pieces.split_once("; ").unwrap();
    assert_eq!(get(&format!("{second}; {first}")).await, 200, "in any order");
    for bad in [
        first.to_owned(),
        second.to_owned(),
        format!("{pieces}; {first}"),
        format!("{pieces}; sb-other-auth-token={good}"),
        format!("sb-abc-auth-token={}", session("a.b.c")),
        format!("sb-abc-auth-token={}", session(SECRET)),
        format!("sb-abc-auth-token={}", token(&world, 1)),
    ] {
        assert_eq!(get(&bad).await, 401);
    }
    world.advance(3_700);
    assert_eq!(get(&pieces).await, 401, "the session is older than its token");
}

#[tokio::test]
async fn the_header_goes_before_the_cookie() {
    let world = World::with_users().await;
    let cookie = format!("sb-abc-auth-token={}", session(&token(&world, 1)));
    for wrong in ["Bearer x", "Bearer ", "Basic x", ""] {
        let headers = [("cookie", cookie.as_str()), ("authorization", wrong)];
        assert_eq!(status(&world, "GET", DASHBOARD, &headers).await, 401, "{wrong}");
    }
}

#[tokio::test]
async fn a_cookie_changes_nothing_for_a_page_of_somebody_else() {
    let world = World::with_users().await;
    let cookie = format!("sb-abc-auth-token={}", session(&token(&world, 1)));
    let id = world.db.sql("select id from fanvue_connections").await.remove(0).remove(0);
    let uri = format!("/api/auth/fanvue/disconnect?connectionId={id}");
    for origin in
        [None, Some("null"), Some("https://evil.example"), Some("http://heartbeat.example")]
    {
        let mut headers = vec![("cookie", cookie.as_str())];
        headers.extend(origin.map(|origin| ("origin", origin)));
        assert_eq!(status(&world, "POST", &uri, &headers).await, 403, "{origin:?}");
    }
    let state = "select state from fanvue_connections";
    assert_eq!(world.db.sql(state).await, [["active"]]);
    let headers = [("cookie", cookie.as_str()), ("origin", PUBLIC_URL)];
    assert_eq!(status(&world, "POST", &uri, &headers).await, 200);
    assert_eq!(world.db.sql(state).await, [["disconnected"]]);
}

/// Files and diagnoses change nothing and are counted all the same.
#[tokio::test]
async fn a_page_of_somebody_else_spends_nobodys_calls() {
    let world = World::with_users().await;
    let owner = token(&world, 1);
    let cookie = format!("sb-abc-auth-token={}", session(&owner));
    let bearer = format!("Bearer {owner}");
    let ask = async |method: &str, uri: &str, more: &[(&str, &str)]| {
        let mut headers = vec![("cookie", cookie.as_str())];
        headers.extend(more);
        status(&world, method, uri, &headers).await
    };
    let (foreign, here) = (("sec-fetch-site", "cross-site"), ("origin", PUBLIC_URL));
    for uri in [EXPORT, DIAGNOSE] {
        assert_eq!(ask("GET", uri, &[foreign]).await, 403, "{uri}");
        assert_eq!(ask("GET", uri, &[foreign, ("origin", "https://evil.example")]).await, 403);
    }
    assert_eq!(ask("POST", SYNC, &[foreign]).await, 403);
    let counted = "select cardinality(granted_at) from expensive_calls";
    assert_eq!(world.db.sql(counted).await, Vec::<Vec<String>>::new());
    // What is not counted is as it was: a page elsewhere can't read the answer.
    assert_eq!(ask("GET", DASHBOARD, &[foreign]).await, 200);
    for uri in [EXPORT, DIAGNOSE] {
        for site in ["same-origin", "same-site", "none"] {
            assert_eq!(ask("GET", uri, &[("sec-fetch-site", site)]).await, 200, "{uri}: {site}");
        }
        assert_eq!(ask("GET", uri, &[]).await, 200, "an older browser: {uri}");
        assert_eq!(ask("GET", uri, &[foreign, here]).await, 200, "a page of ours: {uri}");
        // Who sends a token was given it: no page elsewhere has one.
        let headers = [("authorization", bearer.as_str()), foreign];
        assert_eq!(status(&world, "GET", uri, &headers).await, 200, "{uri}");
    }
    assert_eq!(world.db.sql(counted).await, [["12"]]);
}
