//! Every endpoint with ids of another agency: they answer as for ids that nobody has, and change nothing.

use app::Endpoint;
use serde_json::Value;

use super::{
    agencies::{agency, fill, fingerprint, id},
    token,
};
use crate::world::World;

/// Ids that nobody has, in place of those of the other agency.
fn nobodys(uri: &str) -> String {
    ['a', 'c', 'd', 'e']
        .into_iter()
        .fold(uri.to_owned(), |uri, thing| uri.replace(&id(2, thing), &id(9, thing)))
}

/// Every way in which another agency's ids can be given to an endpoint.
fn questions(endpoint: Endpoint) -> Vec<String> {
    if endpoint == Endpoint::Job {
        return vec![endpoint.path().replace("{id}", &id(2, 'e'))];
    }
    let (agency, model, connection) = (agency(2), id(2, 'd'), id(2, 'c'));
    let queries = match endpoint {
        Endpoint::Dashboard | Endpoint::Transactions | Endpoint::Export => vec![
            format!("agencyId={agency}"),
            format!("modelId={model}"),
            format!("agencyId={agency}&modelId={model}&timeRange=all"),
            format!("modelId={model}&timeRange=all"),
        ],
        Endpoint::Login => vec![
            format!("agencyId={agency}"),
            format!("connectionId={connection}"),
            "agencyName=Agency%202".to_owned(),
        ],
        Endpoint::Connections | Endpoint::Live | Endpoint::Jobs | Endpoint::Status => {
            vec![format!("agencyId={agency}")]
        }
        Endpoint::Repairs => vec![
            format!("agencyId={agency}"),
            format!("modelId={model}"),
            format!("agencyId={agency}&modelId={model}"),
        ],
        Endpoint::ForceSync => vec![
            format!("agencyId={agency}"),
            format!("modelId={model}"),
            format!("agencyId={agency}&modelId={model}"),
            format!("modelId={model}&dryRun=true"),
        ],
        Endpoint::Diagnose => vec![
            format!("agencyId={agency}"),
            format!("modelId={model}"),
            format!("agencyId={agency}&modelId={model}&depth=rows"),
            "modelName=Model%202".to_owned(),
        ],
        Endpoint::Refresh | Endpoint::Disconnect => vec![format!("connectionId={connection}")],
        // No user's: they take no ids of ours.
        Endpoint::RevenueHeartbeat
        | Endpoint::SyncTransactions
        | Endpoint::CheckLateShifts
        | Endpoint::CheckMissedPosts
        | Endpoint::DailyRefresh
        | Endpoint::Reconcile
        | Endpoint::Callback
        | Endpoint::Job
        | Endpoint::Webhooks
        | Endpoint::Health
        | Endpoint::Metrics => vec![String::new()],
    };
    queries.into_iter().map(|query| format!("{}?{query}", endpoint.path())).collect()
}

async fn answer(world: &World, method: &str, uri: &str, token: &str) -> (u16, Value) {
    let (status, mut body) = world.ask_with(method, uri, token).await;
    if let Some(body) = body.as_object_mut() {
        body.remove("requestId");
    }
    (status, body)
}

#[tokio::test]
async fn another_agencys_ids_are_nobodys_and_nothing_is_written() {
    let world = World::with_users().await;
    fill(&world.db, 2).await;
    let before = fingerprint(&world.db).await;
    for n in 1..=7 {
        let token = token(&world, n);
        for endpoint in Endpoint::ALL {
            for method in endpoint.methods().split(", ") {
                for uri in questions(endpoint) {
                    let foreign = answer(&world, method, &uri, &token).await;
                    let none = answer(&world, method, &nobodys(&uri), &token).await;
                    assert_eq!(foreign, none, "user {n}: {method} {uri}");
                    let text = foreign.1.to_string();
                    for word in ["Agency 2", "Model 2", "fan 2", "4242", &agency(2)] {
                        assert!(!text.contains(word), "user {n}: {method} {uri}: {text}");
                    }
                }
            }
        }
    }
    assert_eq!(fingerprint(&world.db).await, before, "something was written");
}

#[tokio::test]
async fn without_an_id_a_user_is_answered_with_their_own() {
    let world = World::with_users().await;
    fill(&world.db, 2).await;
    let (mine, theirs) = (token(&world, 1), token(&world, 17));
    let (status, shown) = world.ask_with("GET", "/api/analytics/dashboard", &theirs).await;
    assert_eq!((status, &shown["agency"]["name"]), (200, &Value::from("Agency 2")), "{shown}");
    assert_eq!(shown["kpiMetrics"]["totalRevenueCents"], 4242);
    let (status, shown) = world.ask_with("GET", "/api/analytics/dashboard", &mine).await;
    assert_eq!((status, &shown["agency"]["name"]), (200, &Value::from("Agency")));
    for (token, count) in [(&mine, 1), (&theirs, 1)] {
        let (_, list) = world.ask_with("GET", "/api/auth/fanvue/connections", token).await;
        assert_eq!(list["connections"].as_array().unwrap().len(), count);
    }
    let (_, rows) = world.ask_with("GET", "/api/analytics/transactions", &theirs).await;
    assert_eq!(rows["transactions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_owner_connects_to_their_own_agency_and_disconnects_their_own_account() {
    let world = World::with_users().await;
    fill(&world.db, 2).await;
    let (owner, manager) = (token(&world, 1), token(&world, 3));
    let own =
        world.db.sql("select id from agencies where name = 'Agency'").await.remove(0).remove(0);
    let (status, link) = world.ask_with("GET", "/api/auth/fanvue/login?kind=creator", &owner).await;
    assert_eq!((status, link["agencyId"].as_str().unwrap()), (200, own.as_str()));
    let uri = "/api/auth/fanvue/login?agencyName=New&timezone=UTC";
    let (status, problem) = world.ask_with("GET", uri, &owner).await;
    assert_eq!((status, &problem["field"]), (400, &Value::from("agencyName")));
    let ids = format!("select id from fanvue_connections where agency_id = '{own}'");
    let connection = world.db.sql(&ids).await.remove(0).remove(0);
    let path = |what: &str| format!("/api/auth/fanvue/{what}?connectionId={connection}");
    assert_eq!(world.ask_with("POST", &path("refresh"), &manager).await.0, 200);
    assert_eq!(world.ask_with("POST", &path("disconnect"), &manager).await.0, 403);
    let (status, told) = world.ask_with("POST", &path("disconnect"), &owner).await;
    assert_eq!((status, &told["state"]), (200, &Value::from("disconnected")), "{told}");
    let states = "select account_uuid like 'account%', state from fanvue_connections order by 1";
    assert_eq!(world.db.sql(states).await, [["f", "disconnected"], ["t", "active"]]);
}
