//! Connecting accounts in a browser: the whole way through Fanvue's consent and back.

pub mod browser;
mod forged;
mod fresh;
mod lasting;
mod routing;

use serde_json::json;

use self::browser::{Browser, link};
use crate::world::{TEN_MINUTES, World};

#[tokio::test]
async fn a_link_opened_in_a_browser_connects_an_agency_and_its_history_is_read() {
    let world = World::empty().await;
    world.creator("Ada", 120, 1);
    world.creator("Bea", 30, 0);
    let link = link(&world, "agencyName=Lumen&timezone=Europe/Rome").await;
    let mut browser = Browser::default();
    let page = browser.follow(&world, &link).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("The account is connected to Lumen"), "{}", page.text);
    assert!(page.text.contains("3 creators are read from now on"), "{}", page.text);
    assert!(browser.cookies.is_empty(), "the cookie is spent");
    world.tick().await;
    world.assert_complete().await;

    let (_, list) = world.get("/api/auth/fanvue/connections", Some(crate::world::SECRET)).await;
    let connection = &list["connections"][0];
    assert_eq!(connection["agencyName"], "Lumen");
    assert_eq!(connection["state"], "active");
    assert_eq!(connection["creators"], 3);
    assert_eq!(connection["missingScopes"], json!([]));
    assert_eq!(connection["asOf"], world.now().to_string());
    assert_eq!(connection["remedy"], json!(null));
}

#[tokio::test]
async fn a_link_says_whose_it_is_before_it_leads_to_fanvue() {
    let world = World::empty().await;
    for (name, sent, shown) in [
        ("Lumen & Co", "Lumen+%26+Co", "Lumen &amp; Co"),
        ("<b>Lumen", "%3Cb%3ELumen", "&lt;b&gt;Lumen"),
    ] {
        for is_there in [false, true] {
            if is_there {
                let sql = format!("insert into agencies (name) values ($${name}$$)");
                world.db.sql(&sql).await;
            }
            let link = link(&world, &format!("agencyName={sent}&kind=creator")).await;
            let mut browser = Browser::default();
            let page = browser.open(&world, &link).await;
            let heading = format!("<h1>Connect an account to {shown}</h1>");
            assert!(page.text.contains(&heading), "{}", page.text);
            assert!(page.text.contains("close this page: nothing is connected"), "{}", page.text);
            assert_eq!(browser.cookies.len(), 1, "only this browser can go on");
        }
    }
}

#[tokio::test]
async fn a_link_to_an_agency_that_is_gone_leads_nowhere() {
    let world = World::empty().await;
    world.db.sql("insert into agencies (name) values ('Lumen')").await;
    let link = link(&world, "agencyName=Lumen&kind=creator").await;
    world.db.sql("delete from agencies").await;
    assert_eq!(Browser::default().open(&world, &link).await.status, 410);
}

#[tokio::test]
async fn a_link_works_until_it_was_used_and_only_for_half_an_hour() {
    let world = World::empty().await;
    world.connect().await;
    let first = link(&world, "").await;
    // A preview of the link, in somebody else's browser, doesn't use it up.
    Browser::default().open(&world, &first).await;
    assert_eq!(Browser::default().follow(&world, &first).await.status, 200);
    assert_eq!(Browser::default().open(&world, &first).await.status, 410, "it was used");

    let second = link(&world, "").await;
    world.advance(1801);
    assert_eq!(Browser::default().open(&world, &second).await.status, 410, "it is too old");
    link(&world, "").await;
    let left = world.db.sql("select count(*) from fanvue_logins").await;
    assert_eq!(left[0][0], "1", "logins that ended are forgotten");
}

#[tokio::test]
async fn what_fanvue_did_not_grant_is_named_with_what_stops_without_it() {
    let mut world = World::empty().await;
    world.creator("Ada", 5, 0);
    world.connect().await;
    // The app at Fanvue does not allow a scope: the person is told which, the operator what to do.
    let without = |name: &str| -> Vec<_> {
        app::scopes::SCOPES.iter().map(|scope| scope.name).filter(|known| *known != name).collect()
    };
    world.settings(json!({"scopes": without("read:fan")}));
    let link = link(&world, "").await;
    let page = Browser::default().follow(&world, &link).await;
    assert_eq!(page.status, 400, "{}", page.text);
    assert!(page.text.contains("does not allow read:fan"), "{}", page.text);
    assert!(page.text.contains("FANVUE_SCOPES"), "{}", page.text);

    // The operator asks for less: the account is connected, and what stops is named for good.
    world.ctx.config.fanvue_scopes =
        Some(without("read:fan").into_iter().map(str::to_owned).collect());
    let page = Browser::default().follow(&world, &link).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("read:fan: it is needed for subscribers"), "{}", page.text);
    let (_, list) = world.get("/api/auth/fanvue/connections", Some(crate::world::SECRET)).await;
    let shown = list["connections"].as_array().unwrap().last().unwrap();
    assert_eq!(shown["missingScopes"][0]["scope"], "read:fan", "{shown}");
    assert!(shown["remedy"]["text"].as_str().unwrap().contains("missing scopes"), "{shown}");
}

#[tokio::test]
async fn a_refresh_on_demand_exchanges_the_pair_once_a_minute_at_most() {
    let world = World::seeded(2, 3).await;
    world.tick().await;
    let id = connection(&world).await;
    let uri = format!("/api/auth/fanvue/refresh?connectionId={id}");
    let refreshes = async || {
        let request = http::Request::get("/sim/oauth").body(bytes::Bytes::new()).unwrap();
        let simulator::Reply::Answer(answer) = world.sim.respond(request, world.now()) else {
            panic!("no fault is set")
        };
        let counts: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
        counts["refreshes"].as_u64().unwrap()
    };
    for (wait, expected) in [(59, 0), (1, 1), (0, 1), (60, 2)] {
        world.advance(wait);
        let (status, body) = world.post(&uri).await;
        assert_eq!((status, refreshes().await), (200, expected), "{body}");
        assert_eq!(body["state"], "active");
    }
    world.sim.fault(simulator::NewFault {
        matches: simulator::FaultMatch { path: Some("/oauth2/token".into()), ..Default::default() },
        fault: simulator::Fault::Status(503),
        times: Some(3),
    });
    world.advance(61);
    let (status, body) = world.post(&uri).await;
    assert_eq!((status, &body["code"]), (502, &json!("not_refreshed")), "{body}");
    assert_eq!(world.post(&uri).await.0, 200, "an interrupted refresh is finished at once");
    world.sim.revoke("agency", world.now()).unwrap();
    world.advance(61);
    let (status, body) = world.post(&uri).await;
    assert_eq!((status, &body["code"]), (409, &json!("reconnect")), "{body}");
    assert!(body["detail"].as_str().unwrap().contains(&format!("connectionId={id}")), "{body}");
    world.tick().await;
}

#[tokio::test]
async fn a_disconnected_account_keeps_its_ledger_loses_its_tokens_and_can_come_back() {
    let world = World::seeded(2, 3).await;
    world.tick().await;
    let ledger = world.db.ledger().await;
    let id = connection(&world).await;
    let (status, body) =
        world.post(&format!("/api/auth/fanvue/disconnect?connectionId={id}")).await;
    assert_eq!((status, &body["state"]), (200, &json!("disconnected")), "{body}");
    assert!(body["remedy"]["call"].as_str().unwrap().contains(&id), "{body}");
    let tokens = "select 1 from fanvue_connections where access_sealed is not null
                     or refresh_sealed is not null";
    assert!(world.db.sql(tokens).await.is_empty());
    world.advance(TEN_MINUTES);
    world.sim.reset_requests();
    world.tick().await;
    assert_eq!(world.sim.requests().total, 0);
    assert_eq!(world.db.ledger().await, ledger);
    let shown = world.dashboard("timeRange=all").await;
    assert_eq!(shown["models"][0]["state"], "disconnected", "{shown}");

    world.sell(world.sim.creators()[0], 4);
    let link = link(&world, &format!("connectionId={id}")).await;
    assert_eq!(Browser::default().follow(&world, &link).await.status, 200);
    assert_eq!(connection(&world).await, id);
    world.advance(1);
    world.tick().await;
    world.assert_complete().await;
}

/// The id of the only connection.
async fn connection(world: &World) -> String {
    let rows = world.db.sql("select id from fanvue_connections").await;
    assert_eq!(rows.len(), 1);
    rows[0][0].clone()
}
