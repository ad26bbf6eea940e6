//! Whose token reads whom, and what becomes of a creator whose own one dies.

use serde_json::{Value, json};
use uuid::Uuid;

use super::browser::{Browser, link};
use crate::world::{TEN_MINUTES, World};

/// Connects a creator's own account.
async fn connect_own(world: &World, account: Uuid) {
    world.settings(json!({"consentAs": account}));
    let link = link(world, "kind=creator").await;
    let page = Browser::default().follow(world, &link).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("One creator is read"), "{}", page.text);
}

#[tokio::test]
async fn a_creators_own_account_is_read_by_the_personal_endpoint_and_never_by_the_agencys() {
    let world = World::empty().await;
    let ada = world.creator("Ada", 40, 0);
    let bea = world.creator("Bea", 40, 0);
    world.connect().await;
    connect_own(&world, ada).await;
    // Reconnecting the agency, which lists her, does not take her over.
    world.settings(json!({"consentAs": "agency"}));
    world.connect().await;
    world.sim.reset_requests();
    world.tick().await;
    world.assert_complete().await;
    let log = world.sim.requests();
    // The agency reads Bea and the creator that the world begins with, Ada reads herself.
    assert_eq!(log.by_route["GET /insights/earnings"], 1, "{log:?}");
    assert_eq!(log.by_route["GET /creators/{uuid}/insights/earnings"], 2, "{log:?}");
    assert_eq!(log.by_creator[&ada], 1, "{log:?}");
    assert_eq!(log.by_creator[&bea], 1, "{log:?}");
}

#[tokio::test]
async fn an_account_that_is_not_the_one_that_was_meant_changes_nothing() {
    let world = World::empty().await;
    let ada = world.creator("Ada", 4, 0);
    world.connect().await;
    let link_for_creator = link(&world, "kind=creator").await;
    let page = Browser::default().follow(&world, &link_for_creator).await;
    assert_eq!(page.status, 409, "an agency is no creator: {}", page.text);

    let id = world.db.sql("select id from fanvue_connections").await[0][0].clone();
    world.settings(json!({"consentAs": ada}));
    let again = link(&world, &format!("connectionId={id}")).await;
    let page = Browser::default().follow(&world, &again).await;
    assert_eq!(page.status, 409, "{}", page.text);
    assert!(page.text.contains("not the account to reconnect"), "{}", page.text);
    assert_eq!(world.db.sql("select id from fanvue_connections").await.len(), 1);
}

#[tokio::test]
async fn a_token_that_dies_for_a_week_stops_one_creator_and_says_when_and_what_to_do() {
    let world = World::empty().await;
    let ada = world.creator("Ada", 60, 0);
    let bea = world.creator("Bea", 60, 0);
    world.connect().await;
    connect_own(&world, ada).await;
    world.tick().await;
    world.assert_complete().await;
    let died_at = world.now();
    world.sim.revoke(&ada.to_string(), world.now()).unwrap();
    for _ in 0..7 * 24 {
        world.advance(3600);
        world.sell(ada, 2);
        world.sell(bea, 2);
        world.tick().await;
    }
    let shown = world.dashboard("timeRange=all").await;
    let creator = |name: &str| -> Value {
        let all = shown["models"].as_array().unwrap();
        all.iter().find(|creator| creator["name"] == name).unwrap().clone()
    };
    assert_eq!(creator("Bea")["state"], "live");
    assert_eq!(creator("Bea")["asOf"], world.now().to_string());
    assert_eq!(creator("Ada")["state"], "disconnected");
    assert_eq!(creator("Ada")["asOf"], died_at.to_string(), "where her figures end");
    let whole = &shown["freshness"];
    assert_eq!(whole["oldestAsOf"], died_at.to_string(), "what she earned since is missing");
    assert_eq!((&whole["exact"], &whole["disconnectedCount"]), (&json!(false), &json!(1)));
    assert_eq!(shown["kpiMetrics"]["exact"], false);
    let (_, health) = world.get("/api/health", Some(crate::world::SECRET)).await;
    assert_eq!(health["connections"], json!({"revoked": 1, "overdue": 0}), "{health}");
    let reason = creator("Ada")["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("connect the account again"), "{reason}");

    let list = world.get("/api/auth/fanvue/connections", Some(crate::world::SECRET)).await.1;
    let all = list["connections"].as_array().unwrap();
    let own = all.iter().find(|connection| connection["kind"] == "creator").unwrap();
    assert_eq!(own["state"], "revoked", "{own}");
    assert_eq!(own["asOf"], died_at.to_string());
    let call = own["remedy"]["call"].as_str().unwrap().strip_prefix("GET ").unwrap();
    let query = call.split_once('?').unwrap().1;
    world.settings(json!({"consentAs": ada}));
    let link = link(&world, query).await;
    assert_eq!(Browser::default().follow(&world, &link).await.status, 200);
    world.advance(TEN_MINUTES);
    world.tick().await;
    world.assert_complete().await;
    let shown = world.dashboard("timeRange=all").await;
    assert_eq!(shown["freshness"]["liveCount"], 3, "{}", shown["freshness"]);
    assert_eq!(shown["freshness"]["exact"], true, "{}", shown["freshness"]);
}

#[tokio::test]
async fn creators_known_by_handle_or_name_are_found_again_where_there_is_no_doubt() {
    let world = World::empty().await;
    for name in ["Ada Moss", "Bea Hill", "Twin", "Twin"] {
        world.creator(name, 3, 0);
    }
    let agency = world
        .db
        .sql("insert into agencies (name, timezone) values ('Agency', 'Europe/Rome') returning id");
    let agency = agency.await[0][0].clone();
    let add = format!(
        "insert into models (agency_id, name) values ('{agency}', 'ADA MOSS'), ('{agency}', 'Bea Hill'),
             ('{agency}', 'Bea Hill'), ('{agency}', 'Twin')"
    );
    store::admin::run_sql(&world.db.url, &add).await.unwrap();
    world.connect().await;
    let known =
        world.db.sql("select name, fanvue_user_uuid is not null from models order by 1, 2").await;
    let known: Vec<_> = known.iter().map(|row| (row[0].as_str(), row[1].as_str())).collect();
    assert_eq!(known.iter().filter(|row| **row == ("ADA MOSS", "t")).count(), 1, "{known:?}");
    assert!(!known.contains(&("Ada Moss", "t")), "{known:?}");
    // Two of ours, or two of theirs: nobody is guessed.
    assert_eq!(known.iter().filter(|row| **row == ("Bea Hill", "f")).count(), 2, "{known:?}");
    assert_eq!(known.iter().filter(|row| **row == ("Twin", "t")).count(), 2, "{known:?}");
    world.tick().await;
    world.assert_complete().await;
}
