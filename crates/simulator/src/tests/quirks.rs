//! The quirks of the fact sheet's §5 that these endpoints have, each by its number.
//!
//! Left out: 10, 11, 16 (messages), 6 to 8 (other people's bugs), 20 (a habit of
//! clients). 4 and 15 are in `audience`, 12, 13 and 17 in `webhooks`.

use serde_json::json;

use super::{World, ids, options, unlimited};

#[test]
fn quirk_1_an_agency_token_reads_its_own_rows_and_is_404_as_a_creator() {
    let world = World::new(options(3, 30));
    let agency = world.simulator.agency();
    assert_eq!(world.get("/users/me").json()["uuid"], json!(agency));
    let own = world.simulator.rows(agency, world.now);
    let (rows, _) = world.walk("/v1/insights/earnings", "size=50");
    assert_eq!(rows.len(), own.len());
    let got = world.get(&format!("/creators/{agency}/insights/earnings"));
    assert_eq!((got.status, got.json()), (404, json!({"message": "Creator not found"})));
    let listed = world.get("/creators").rows();
    assert!(listed.iter().all(|creator| creator["uuid"] != json!(agency)));
    assert_eq!(listed.len(), 2);
}

#[test]
fn quirk_2_sizes_dates_and_granularities_are_validated() {
    let world = World::new(options(2, 0));
    for query in [
        "size=100",
        "size=0",
        "size=x",
        "size=51",
        "startDate=2020-01-01",
        "endDate=2020-01-01",
        "startDate=2020-01-01T00:00:00",
        "startDate=yesterday",
        "startDate=",
    ] {
        let got = world.get(&format!("/insights/earnings?{query}"));
        assert_eq!(got.status, 400, "{query}");
        let errors = got.json()["errors"].as_array().unwrap().clone();
        assert!(errors[0].as_str().unwrap().starts_with(query.split('=').next().unwrap()));
    }
    let both = world.get("/insights/earnings?size=100&startDate=2020-01-01").json();
    assert_eq!(both["errors"].as_array().unwrap().len(), 2);
    let summary = "/insights/earnings/summary";
    assert_eq!(world.get(&format!("{summary}?granularity=month")).status, 400);
    assert_eq!(world.get(&format!("{summary}?granularity=week")).status, 200);
    assert_eq!(world.get(&format!("{summary}?timezone=Mars/Base")).status, 400);
    let years = "startDate=2023-01-01T00:00:00Z&endDate=2026-01-01T00:00:00Z";
    assert_eq!(world.get(&format!("{summary}?{years}")).status, 500);
}

#[test]
fn quirk_3_five_thousand_rows_are_a_hundred_calls_and_half_a_bucket() {
    let world = World::new(options(2, 0));
    let made = world.post("/sim/creators", json!({"name": "Big One", "rows": 5000}));
    let uuid = made.json()["uuid"].as_str().unwrap().to_owned();
    let path = format!("/creators/{uuid}/insights/earnings");
    let (rows, pages) = world.walk(&path, "size=50");
    assert_eq!((rows.len(), pages), (5000, 100));
    assert_eq!(world.get(&path).header("x-ratelimit-remaining"), Some(99));
}

#[test]
fn quirk_5_agency_earnings_answer_by_page_and_only_a_switch_makes_them_cursors() {
    let world = World::new(options(4, 40));
    let path = "/v1/agencies/earnings?startDate=2026-09-01T00:00:00Z&endDate=2026-10-01T00:00:00Z";
    let got = world.get(path).json();
    assert!(got.get("nextCursor").is_none());
    assert_eq!(got["pagination"]["hasMore"], true);
    world.set(json!({"agencyPaging": "cursor"}));
    let got = world.get(path);
    assert!(got.json().get("pagination").is_none());
    assert!(got.cursor().is_some());
}

#[test]
fn quirk_9_some_rows_have_net_equal_to_gross_and_currencies_vary() {
    let world = World::new(options(12, 300));
    let rows: Vec<_> = world
        .simulator
        .creators()
        .into_iter()
        .flat_map(|creator| world.simulator.rows(creator, world.now))
        .collect();
    let equal = |source: &str| rows.iter().any(|r| r.source == source && r.net == r.gross);
    assert!(equal("subscription") && equal("referral"));
    assert!(rows.iter().any(|row| row.user.is_some() && row.currency.is_none()));
    assert!(rows.iter().any(|row| row.currency.as_deref() == Some("eur")));
}

#[test]
fn quirk_14_an_expired_token_is_401_and_a_refreshed_one_is_good() {
    let mut world = World::new(options(2, 0));
    let grant = crate::NewGrant { account: "agency".to_owned(), scopes: None };
    let grant = world.simulator.grant(&grant, world.now).unwrap();
    world.token = grant.access_token;
    world.pass_seconds(3600);
    assert_eq!(world.get("/users/me").status, 401);
    let refreshed = super::oauth::refresh(&world, &grant.refresh_token.unwrap());
    assert_eq!(refreshed.status, 200);
    world.token = refreshed.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(world.get("/users/me").status, 200);
}

#[test]
fn quirk_18_the_size_of_a_page_is_what_it_holds() {
    let world = World::new(options(6, 0));
    let got = world.get("/creators?size=3&page=2").json();
    assert_eq!(got["pagination"], json!({"page": 2, "size": 2, "hasMore": false}));
    let got = world.get("/creators?size=3").json();
    assert_eq!(got["pagination"], json!({"page": 1, "size": 3, "hasMore": true}));
    let got = world.get("/creators?page=9").json();
    assert_eq!(got["pagination"], json!({"page": 9, "size": 0, "hasMore": false}));
    assert_eq!(world.get("/creators?size=51").status, 400);
}

#[test]
fn quirk_19_two_tokens_of_one_user_share_a_bucket() {
    let mut world = World::new(options(2, 0));
    assert_eq!(world.get("/users/me").header("x-ratelimit-remaining"), Some(199));
    world.token = world.token_of("agency");
    assert_eq!(world.get("/users/me").header("x-ratelimit-remaining"), Some(198));
    world.token = world.token_of(&world.creator().to_string());
    assert_eq!(world.get("/users/me").header("x-ratelimit-remaining"), Some(199));
}

#[test]
fn rows_mutate_in_status_but_never_in_place_or_id() {
    let mut world = World::new(options(2, 60));
    world.set(unlimited());
    let path = format!("/creators/{}/insights/earnings", world.creator());
    let (before, _) = world.walk(&path, "size=50");
    world.pass_seconds(8 * 86_400);
    world.token = world.token_of("agency");
    let (after, _) = world.walk(&path, "size=50");
    assert_eq!(ids(&before), ids(&after));
    let pending = |rows: &[serde_json::Value]| {
        rows.iter().filter(|row| row["transactionOrderStatus"] == "pendingBalance").count()
    };
    assert!(pending(&before) > 0);
    assert_eq!(pending(&after), 0);
}
