//! What keeps a connection from being refreshed, as people are told of it: at once, in plain words,
//! each with its own remedy.

use serde_json::{Value, json};
use simulator::{Fault, FaultMatch, NewFault};

use super::{LIFE, count, state};
use crate::{
    login::browser::{Browser, link},
    world::{SECRET, TEN_MINUTES, World},
};

/// The only connection, as people see it.
async fn shown(world: &World) -> Value {
    let (_, list) = world.get("/api/auth/fanvue/connections", Some(SECRET)).await;
    assert_eq!(list["connections"].as_array().unwrap().len(), 1, "{list}");
    list["connections"][0].clone()
}

fn remedy(connection: &Value) -> &str {
    connection["remedy"]["text"].as_str().unwrap_or_default()
}

fn refuse(world: &World, path: &str, status: u16, times: Option<u64>) {
    let matches = FaultMatch { path: Some(path.into()), ..FaultMatch::default() };
    world.sim.fault(NewFault { matches, fault: Fault::Status(status), times });
}

/// Connects an agency whose app may not have the scopes that bring refresh tokens.
async fn connect_without_refresh(world: &mut World) -> String {
    let all = ["openid", "read:self", "read:insights", "read:creator", "read:agency", "read:fan"];
    let more = ["read:chat", "read:post", "read:tracking_links"];
    let scopes = all.iter().chain(&more).map(|name| (*name).to_owned());
    world.ctx.config.fanvue_scopes = Some(scopes.collect());
    let link = link(world, "agencyName=Lumen&timezone=Europe/Rome").await;
    let page = Browser::default().follow(world, &link).await;
    assert_eq!(page.status, 200, "{}", page.text);
    page.text
}

#[tokio::test]
async fn without_a_refresh_token_the_page_and_the_list_say_what_to_enable() {
    let mut world = World::empty().await;
    world.creator("Ada", 20, 0);
    let page = connect_without_refresh(&mut world).await;
    assert!(page.contains("offline_access"), "{page}");
    let connection = shown(&world).await;
    assert_eq!(connection["state"], "active");
    assert_eq!(connection["missingScopes"][0]["scope"], "offline_access", "{connection}");
    assert_eq!(connection["refreshDueAt"], json!(null), "it can't be refreshed");
    assert!(remedy(&connection).contains("offline_access"), "{connection}");

    // Nobody reads it: it ends all the same, and says so.
    world.db.sql("update models set connection_id = null").await;
    world.advance(LIFE + 1);
    app::maintenance::refresh_tokens(&world.ctx).await.unwrap();
    let connection = shown(&world).await;
    assert_eq!(connection["state"], "revoked", "{connection}");
    assert!(remedy(&connection).contains("offline_access"), "{connection}");
}

#[tokio::test]
async fn a_401_does_not_end_what_has_no_refresh_token_and_has_not_ended() {
    let mut world = World::empty().await;
    world.creator("Ada", 20, 0);
    connect_without_refresh(&mut world).await;
    world.advance(LIFE / 2);
    refuse(&world, "/insights/earnings", 401, Some(1));
    world.tick().await;
    assert_eq!(state(&world).await, "active", "nobody said invalid_grant");
    world.db.expire_leases().await;
    world.advance(60);
    world.tick().await;
    world.assert_complete().await;
}

#[tokio::test]
async fn a_refused_client_is_told_at_once_and_mends_itself_when_the_secret_is_right() {
    let world = World::seeded(2, 2).await;
    world.settings(json!({"clientSecret": "another"}));
    world.advance(LIFE * 9 / 10);
    let report = world.tick().await;
    assert_eq!(report["unfinished"], 0, "the old token still reads: {report}");
    let connection = shown(&world).await;
    assert_eq!(connection["state"], "active");
    assert!(remedy(&connection).contains("FANVUE_CLIENT_SECRET"), "{connection}");
    assert!(connection["lastError"].is_string(), "{connection}");
    let creators = world.dashboard("timeRange=all").await["models"].clone();
    assert_eq!(creators[0]["reason"], json!(null), "nothing is wrong with her figures");

    world.advance(LIFE);
    world.tick().await;
    let connection = shown(&world).await;
    assert_eq!(connection["state"], "overdue", "{connection}");
    assert!(remedy(&connection).contains("FANVUE_CLIENT_SECRET"), "{connection}");
    world.settings(json!({"clientSecret": "sim-secret"}));
    world.advance(1);
    let report = world.tick().await;
    assert_eq!(report["unfinished"], 0, "{report}");
    let connection = shown(&world).await;
    assert_eq!((&connection["state"], &connection["remedy"]), (&json!("active"), &json!(null)));
    assert_eq!(connection["lastError"], json!(null));
    assert_eq!(count(&world, "revocations"), 0);
    world.assert_complete().await;
}

#[tokio::test]
async fn a_scope_that_the_app_lost_is_told_at_once() {
    let world = World::seeded(2, 2).await;
    let all = simulator::SCOPES.iter().filter(|scope| **scope != "write:chat").collect::<Vec<_>>();
    world.settings(json!({"scopes": all}));
    world.advance(LIFE * 9 / 10);
    world.tick().await;
    let connection = shown(&world).await;
    assert_eq!(connection["state"], "active");
    assert!(remedy(&connection).contains("scope"), "{connection}");
    world.settings(json!({"scopes": simulator::SCOPES}));
    world.advance(1);
    world.tick().await;
    assert_eq!(shown(&world).await["remedy"], json!(null));
    assert_eq!(count(&world, "refreshes"), 1);
}

#[tokio::test]
async fn a_token_that_does_not_open_is_told_until_it_opens() {
    let world = World::seeded(2, 2).await;
    let turn = "update fanvue_connections set access_sealed = set_byte(access_sealed, 30,
                       255 - get_byte(access_sealed, 30))";
    world.db.sql(turn).await;
    world.tick().await;
    let connection = shown(&world).await;
    assert_eq!(connection["state"], "active");
    assert!(remedy(&connection).contains("TOKEN_KEYS"), "{connection}");
    world.db.sql(turn).await;
    world.advance(TEN_MINUTES);
    world.tick().await;
    let connection = shown(&world).await;
    assert_eq!((&connection["remedy"], &connection["lastError"]), (&json!(null), &json!(null)));
}

#[tokio::test]
async fn an_outage_of_the_login_service_is_told_and_asks_nothing_of_anybody() {
    let world = World::seeded(2, 2).await;
    world.advance(LIFE * 9 / 10);
    refuse(&world, "/oauth2/token", 503, None);
    world.tick().await;
    let connection = shown(&world).await;
    let seen = (&connection["state"], &connection["remedy"]);
    assert_eq!(seen, (&json!("active"), &json!(null)), "it passes by itself");
    assert!(connection["lastError"].as_str().unwrap().contains("login service"), "{connection}");
    world.advance(LIFE);
    let connection = shown(&world).await;
    assert_eq!(connection["state"], "overdue", "{connection}");
    assert!(remedy(&connection).contains("tried again"), "{connection}");
    let (status, health) = world.get("/api/health", Some(SECRET)).await;
    assert_eq!((status, &health["connections"]), (200, &json!({"revoked": 0, "overdue": 1})));
}
