//! Callbacks that nobody of ours began: nothing changes.

use serde_json::json;

use super::browser::{Browser, link};
use crate::world::{PUBLIC_URL, SECRET, World};

/// Everything that a login may change.
async fn everything(world: &World) -> Vec<Vec<String>> {
    let sql = "select row_to_json(c)::text from fanvue_connections c
               union all select row_to_json(m)::text from models m
               union all select row_to_json(a)::text from agencies a order by 1";
    world.db.sql(sql).await
}

fn replaced(url: &str, name: &str, value: &str) -> String {
    let (path, query) = url.split_once('?').unwrap();
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((key, _)) if key == name => format!("{name}={value}"),
        _ => pair.to_owned(),
    });
    format!("{path}?{}", pairs.collect::<Vec<_>>().join("&"))
}

#[tokio::test]
async fn a_forged_replayed_or_foreign_callback_changes_nothing() {
    let world = World::seeded(1, 2).await;
    world.tick().await;
    let before = everything(&world).await;
    let mut owner = Browser::default();
    let first_link = link(&world, "").await;
    let back = owner.agree(&world, &first_link).await;
    let guess = "0".repeat(64);

    // An attacker with a login of their own, whose answer they make the owner's browser open.
    let mut attacker = Browser::default();
    let second_link = link(&world, "").await;
    let theirs = attacker.agree(&world, &second_link).await;
    let name = owner.cookies.keys().next().unwrap().clone();
    let with = |value: &str| Browser { cookies: [(name.clone(), value.into())].into() };
    let long = "x".repeat(9000);
    for (who, mut browser, url) in [
        ("wrong state", owner.clone(), replaced(&back, "state", &guess)),
        ("no state", owner.clone(), replaced(&back, "state", "")),
        ("no code", owner.clone(), format!("{PUBLIC_URL}/api/auth/fanvue/callback?state={guess}")),
        ("nothing", owner.clone(), format!("{PUBLIC_URL}/api/auth/fanvue/callback")),
        ("no cookie", Browser::default(), back.clone()),
        ("a guessed cookie", with(&guess), back.clone()),
        ("the attacker's answer in the owner's browser", owner.clone(), theirs.clone()),
        ("the owner's answer in the attacker's browser", attacker.clone(), back.clone()),
        ("two states", owner.clone(), format!("{back}&state={guess}")),
        ("endless", owner.clone(), format!("{back}&x={long}")),
        (
            "refused",
            owner.clone(),
            format!(
                "{PUBLIC_URL}/api/auth/fanvue/callback?error=%3Cb%3E&error_description=%3Cb%3Ex"
            ),
        ),
    ] {
        let page = browser.open(&world, &url).await;
        assert!((400..500).contains(&page.status), "{who}: {}", page.status);
        assert!(!page.text.contains("<b>") && !page.text.contains(&guess), "{who}: {}", page.text);
        assert_eq!(everything(&world).await, before, "{who}");
    }

    // A code that Fanvue never gave spends the login, and nothing else.
    let page = owner.clone().open(&world, &replaced(&back, "code", "ac_forged")).await;
    assert_eq!(page.status, 400, "{}", page.text);
    assert_eq!(owner.clone().open(&world, &back).await.status, 400, "the login is spent");
    assert_eq!(everything(&world).await, before);

    // The right one works once, in the one browser; its replay changes nothing.
    assert_eq!(attacker.clone().open(&world, &theirs).await.status, 200);
    let after = everything(&world).await;
    assert_ne!(after, before);
    assert_eq!(attacker.open(&world, &theirs).await.status, 400);
    assert_eq!(everything(&world).await, after);
}

#[tokio::test]
async fn a_used_code_in_somebody_elses_login_changes_nothing_at_fanvue_either() {
    let world = World::seeded(1, 2).await;
    let first_link = link(&world, "").await;
    let mut owner = Browser::default();
    let back = owner.agree(&world, &first_link).await;
    assert_eq!(owner.open(&world, &back).await.status, 200);
    let before = everything(&world).await;

    // The owner's answer leaked after it was used, and the attacker was given a link of their own.
    let code = back.split(['?', '&']).find_map(|pair| pair.strip_prefix("code=")).unwrap();
    let second_link = link(&world, "").await;
    let mut attacker = Browser::default();
    let theirs = attacker.agree(&world, &second_link).await;
    let page = attacker.open(&world, &replaced(&theirs, "code", code)).await;
    assert_eq!(page.status, 400, "{}", page.text);
    assert_eq!(everything(&world).await, before);

    // Fanvue would have ended what the code was exchanged for, had it heard of the second use.
    world.advance(61);
    world.tick().await;
    let (_, list) = world.get("/api/auth/fanvue/connections", Some(SECRET)).await;
    assert_eq!(list["connections"][0]["state"], "active", "{list}");
    // The attacker's own login is as it was.
    assert_eq!(attacker.open(&world, &theirs).await.status, 200);
}

#[tokio::test]
async fn only_the_operator_gets_links_and_only_sensible_ones() {
    let world = World::seeded(1, 1).await;
    for uri in ["login", "connections"] {
        let (status, _) = world.get(&format!("/api/auth/fanvue/{uri}"), None).await;
        assert_eq!(status, 401, "{uri}");
    }
    for (query, status, field) in [
        ("kind=robot", 400, "kind"),
        ("timezone=Mars/Olympus&agencyName=x", 400, "timezone"),
        ("timezone=Europe/Rome", 400, "timezone"),
        ("agencyId=1", 400, "agencyId"),
        ("agencyId=00000000-0000-4000-8000-000000000000", 404, ""),
        ("connectionId=00000000-0000-4000-8000-000000000000", 404, ""),
        ("connectionId=00000000-0000-4000-8000-000000000000&kind=agency", 400, "connectionId"),
        ("agencyName=x&agencyId=00000000-0000-4000-8000-000000000000", 400, "agencyName"),
        ("returnTo=https://evil.example", 400, ""),
    ] {
        let (got, body) = world.get(&format!("/api/auth/fanvue/login?{query}"), Some(SECRET)).await;
        assert_eq!(got, status, "{query}: {body}");
        if !field.is_empty() {
            assert_eq!(body["field"], field, "{query}: {body}");
        }
    }
    for uri in ["refresh", "disconnect"] {
        let uri = format!("/api/auth/fanvue/{uri}");
        assert_eq!(world.get(&uri, Some(SECRET)).await.0, 405, "a link must not change anything");
        let (status, body) = world.post(&uri).await;
        assert_eq!((status, &body["field"]), (400, &json!("connectionId")));
        let uri = format!("{uri}?connectionId=00000000-0000-4000-8000-000000000000");
        assert_eq!(world.post(&uri).await.0, 404);
        let stranger = http::Request::post(&uri).body(bytes::Bytes::new()).unwrap();
        assert_eq!(world.send(stranger).await.0, 401);
    }
}
