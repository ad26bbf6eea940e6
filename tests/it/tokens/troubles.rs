//! What keeps a connection from being refreshed, as people are told of it: at once, in plain words,
//! each with its own remedy.

use serde_json::{Value, json};
use simulator::{Fault, FaultMatch, NewFault};

use super::{LIFE, state};
use crate::{
    login::browser::{Browser, link},
    world::{SECRET, World},
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
