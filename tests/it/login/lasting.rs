//! What stays as people made it: kinds, names, disconnected accounts, a connection that could not
//! list its creators.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use ledger::{AgencyId, ConnectionId};
use serde_json::{Value, json};
use simulator::{Fault, FaultMatch, NewFault};
use store::{Gate, Options, Store};
use uuid::Uuid;

use super::browser::{Browser, link};
use crate::world::{SECRET, TEN_MINUTES, World};

async fn follow(world: &World, consent_as: &str, query: &str) -> u16 {
    world.settings(json!({"consentAs": consent_as}));
    let link = link(world, query).await;
    Browser::default().follow(world, &link).await.status
}

async fn sync(world: &World) {
    let (status, body) = world.get("/api/cron/sync-transactions", Some(SECRET)).await;
    assert_eq!(status, 200, "{body}");
}

/// The connection of that kind, as people see it.
async fn shown(world: &World, kind: &str) -> Value {
    let (_, list) = world.get("/api/auth/fanvue/connections", Some(SECRET)).await;
    let all = list["connections"].as_array().unwrap();
    all.iter().find(|connection| connection["kind"] == kind).unwrap().clone()
}

#[tokio::test]
async fn a_connected_account_keeps_its_kind_until_it_is_disconnected() {
    let world = World::empty().await;
    let ada = world.creator("Ada", 20, 0).to_string();
    world.connect().await;
    assert_eq!(follow(&world, &ada, "kind=creator").await, 200);
    assert_eq!(follow(&world, &ada, "kind=agency").await, 409);
    let own = shown(&world, "creator").await;
    assert_eq!(own["state"], "active", "{own}");
    let uri = format!("/api/auth/fanvue/disconnect?connectionId={}", own["id"].as_str().unwrap());
    assert_eq!(world.post(&uri).await.0, 200);
    assert_eq!(follow(&world, &ada, "kind=agency").await, 200);
    world.tick().await;
    world.assert_complete().await;
}

#[tokio::test]
async fn a_disconnected_creator_is_nobodys_until_a_person_decides() {
    let world = World::empty().await;
    let ada = world.creator("Ada", 20, 0);
    world.connect().await;
    assert_eq!(follow(&world, &ada.to_string(), "kind=creator").await, 200);
    world.tick().await;
    let own = shown(&world, "creator").await;
    let uri = format!("/api/auth/fanvue/disconnect?connectionId={}", own["id"].as_str().unwrap());
    assert_eq!(world.post(&uri).await.0, 200);
    world.sell(ada, 3);
    world.advance(TEN_MINUTES);
    world.sim.reset_requests();
    sync(&world).await;
    world.tick().await;
    assert!(!world.sim.requests().by_creator.contains_key(&ada), "the agency lists her");

    // A person connects the agency again: that is a decision.
    assert_eq!(follow(&world, "agency", "").await, 200);
    world.advance(1);
    world.tick().await;
    world.assert_complete().await;
}

#[tokio::test]
async fn two_links_for_the_same_new_name_make_one_agency() {
    let world = World::empty().await;
    world.creator("Ada", 20, 0);
    let new = "agencyName=Lumen&timezone=Europe/Rome";
    let (first, second) = (link(&world, new).await, link(&world, new).await);
    for link in [first, second] {
        assert_eq!(Browser::default().follow(&world, &link).await.status, 200);
    }
    let made = "select count(*) from agencies";
    assert_eq!(world.db.sql(made).await, [["1"]]);
    let name = "x".repeat(101);
    let uri = format!("/api/auth/fanvue/login?agencyName={name}&timezone=Europe/Rome");
    let (status, body) = world.get(&uri, Some(SECRET)).await;
    assert_eq!((status, &body["field"]), (400, &json!("agencyName")), "{body}");
}

#[tokio::test]
async fn tokens_are_kept_when_the_creators_can_not_be_listed_and_the_list_follows() {
    let world = World::empty().await;
    world.creator("Ada", 20, 0);
    world.connect().await;
    world.tick().await;
    let agency = shown(&world, "agency").await;
    let id = agency["id"].as_str().unwrap();
    let uri = format!("/api/auth/fanvue/disconnect?connectionId={id}");
    assert_eq!(world.post(&uri).await.0, 200);
    let matches = FaultMatch { path: Some("/creators?".into()), ..FaultMatch::default() };
    world.sim.fault(NewFault { matches, fault: Fault::Status(503), times: None });
    let link = link(&world, &format!("connectionId={id}")).await;
    let page = Browser::default().follow(&world, &link).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("did not list its creators yet"), "{}", page.text);
    world.sim.clear_faults();
    world.advance(TEN_MINUTES);
    sync(&world).await;
    world.tick().await;
    assert_eq!(shown(&world, "agency").await["creators"], 2);
    world.assert_complete().await;
}

/// A person disconnects the account while its creators are being listed.
#[derive(Debug)]
struct Meanwhile {
    url: secrecy::SecretString,
    whose: (AgencyId, ConnectionId),
    now: Timestamp,
}

impl Gate for Meanwhile {
    fn before(&self, statement: &'static str) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            if statement == "lock_listing" {
                let store = Store::open(&self.url, Options::default()).unwrap();
                let tx = store.begin("test").await.unwrap();
                tx.disconnect(self.whose.0, self.whose.1, self.now).await.unwrap();
                tx.commit().await.unwrap();
            }
        })
    }

    fn after(&self, _: &'static str) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

#[tokio::test]
async fn a_list_that_arrives_after_the_account_was_disconnected_brings_nobody_back() {
    let mut world = World::empty().await;
    world.connect().await;
    world.creator("Ada", 20, 0);
    let row = world.db.sql("select agency_id, id from fanvue_connections").await.remove(0);
    let id = |text: &str| Uuid::parse_str(text).unwrap();
    let gate = Meanwhile {
        url: world.ctx.config.database_url.clone(),
        whose: (AgencyId(id(&row[0])), ConnectionId(id(&row[1]))),
        now: world.now(),
    };
    let options = Options { gate: Some(Arc::new(gate)), ..Options::default() };
    world.ctx.store = Store::open(&world.ctx.config.database_url, options).unwrap();
    world.advance(TEN_MINUTES);
    sync(&world).await;
    assert_eq!(shown(&world, "agency").await["state"], "disconnected");
    let read = "select count(*) from models where connection_id is not null";
    assert_eq!(world.db.sql(read).await, [["0"]]);
}
