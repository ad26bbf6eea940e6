//! Checks: what every call must carry, the order of refusals, and the rate buckets.

use ::http::Request;
use bytes::Bytes;
use serde_json::{Value, json};

use super::{Got, World, options};
use crate::NewGrant;

fn bare(world: &World, path: &str, headers: &[(&str, &str)]) -> Got {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    world.answer(request.body(Bytes::new()).unwrap())
}

const VERSION: (&str, &str) = ("x-fanvue-api-version", "2025-06-26");

#[test]
fn the_version_header_is_checked_first() {
    let world = World::new(options(2, 0));
    let got = bare(&world, "/users/me", &[]);
    assert_eq!(got.status, 400);
    assert_eq!(got.json()["error"], "Unsupported API version");
    let got = bare(&world, "/users/me", &[("x-fanvue-api-version", "2020-01-01")]);
    assert_eq!(got.json()["message"], "API version '2020-01-01' is not supported");
    assert_eq!(got.header("x-ratelimit-limit"), None);
    world.set(json!({"strictVersion": false}));
    assert_eq!(bare(&world, "/users/me", &[]).status, 401);
    world.set(json!({"sunset": true}));
    let got = world.get("/users/me");
    assert_eq!((got.status, &got.json()["nextVersion"]), (410, &json!("2025-06-26")));
}

#[test]
fn a_bearer_is_needed_and_dies_after_an_hour() {
    let mut world = World::new(options(2, 0));
    for headers in [
        &[VERSION][..],
        &[VERSION, ("authorization", "Bearer x")],
        &[VERSION, ("authorization", "Basic x")],
    ] {
        let got = bare(&world, "/users/me", headers);
        assert_eq!((got.status, got.json()), (401, json!({"error": "Unauthorized"})));
        assert_eq!(got.header("x-ratelimit-limit"), None);
    }
    world.pass_seconds(3599);
    assert_eq!(world.get("/users/me").status, 200);
    world.pass_seconds(1);
    assert_eq!(world.get("/users/me").status, 401);
}

#[test]
fn refusals_come_in_the_platforms_order() {
    let mut world = World::new(options(2, 0));
    world.set(json!({"rateLimit": 5}));
    let grant =
        NewGrant { account: "agency".to_owned(), scopes: Some(vec!["read:creator".to_owned()]) };
    let narrow = world.simulator.grant(&grant, world.now).unwrap().access_token;
    let full = std::mem::replace(&mut world.token, narrow);
    let bad = "/creators/nonsense/insights/earnings?size=99";
    let got = world.get(bad);
    assert_eq!((got.status, got.json()), (403, json!({"error": "Insufficient scopes"})));
    assert_eq!(got.header("x-ratelimit-remaining"), Some(4));
    world.token = full;
    assert!(world.get(bad).json()["message"].as_str().unwrap().contains("UUID"));
    let stranger = "/creators/00000000-0000-4000-8000-000000000000/insights/earnings";
    assert_eq!(world.get(&format!("{stranger}?size=99")).status, 400);
    let got = world.get(stranger);
    assert_eq!((got.status, got.json()), (404, json!({"message": "Creator not found"})));
}

#[test]
fn unknown_routes_are_404() {
    let world = World::new(options(2, 0));
    for path in ["/", "/v2/users/me", "/insights", "/users/me/x", "/simulate"] {
        assert_eq!(world.get(path).status, 404, "{path}");
    }
    assert_eq!(world.post("/users/me", json!({})).status, 404);
}

#[test]
fn a_bucket_empties_and_is_full_again_after_a_minute() {
    let mut world = World::new(options(2, 0));
    world.set(json!({"rateLimit": 3}));
    world.pass_seconds(10);
    for left in [2, 1, 0] {
        let got = world.get("/users/me");
        assert_eq!((got.status, got.header("x-ratelimit-remaining")), (200, Some(left)));
        assert_eq!(got.header("x-ratelimit-limit"), Some(3));
        assert_eq!(got.header("retry-after"), None);
    }
    world.pass_seconds(20);
    let got = world.get("/users/me");
    assert_eq!((got.status, got.json()), (429, json!({"error": "Too many requests"})));
    assert_eq!(got.header("retry-after"), Some(40));
    assert_eq!(got.header("x-ratelimit-reset"), Some(world.now.as_second() + 40));
    world.pass_seconds(39);
    assert_eq!(world.get("/users/me").status, 429);
    world.pass_seconds(1);
    assert_eq!(world.get("/users/me").header("x-ratelimit-remaining"), Some(2));
    world.set(json!({"rateLimit": 0, "retryAfter": false}));
    let got = world.get("/users/me");
    assert_eq!((got.status, got.header("retry-after")), (429, None));
}

#[test]
fn each_creator_has_a_bucket_and_all_else_shares_one() {
    let world = World::new(options(3, 0));
    let left = |path: &str| world.get(path).header("x-ratelimit-remaining").unwrap();
    let [_, one, two] = world.simulator.creators()[..] else { panic!() };
    assert_eq!(left("/users/me"), 199);
    assert_eq!(left("/creators"), 198);
    assert_eq!(left("/v1/insights/earnings"), 197);
    assert_eq!(left(&format!("/creators/{one}/insights/earnings")), 199);
    assert_eq!(left(&format!("/v1/creators/{one}/insights/earnings/summary")), 198);
    assert_eq!(left(&format!("/creators/{two}/insights/earnings")), 199);
    world.set(json!({"bucketPerCreator": false}));
    assert_eq!(left(&format!("/creators/{two}/insights/earnings")), 196);
}

#[test]
fn a_limit_can_be_halved_in_the_middle_of_a_minute() {
    let world = World::new(options(2, 0));
    world.set(json!({"rateLimit": 10}));
    for _ in 0..6 {
        world.get("/users/me");
    }
    world.set(json!({"rateLimit": 5}));
    assert_eq!(world.get("/users/me").status, 429);
    world.set(json!({"rateLimit": 8}));
    let got = world.get("/users/me");
    assert_eq!((got.status, got.header("x-ratelimit-remaining")), (200, Some(1)));
}

#[test]
fn refused_requests_take_nothing_from_the_bucket() {
    let mut world = World::new(options(2, 0));
    world.set(json!({"rateLimit": 1}));
    let statuses: Vec<u16> = (0..4).map(|_| world.get("/users/me").status).collect();
    assert_eq!(statuses, [200, 429, 429, 429]);
    assert_eq!(world.simulator.requests().throttled, 3);
    world.pass_seconds(60);
    assert_eq!(world.get("/users/me").status, 200);
}

#[test]
fn a_scope_can_be_withheld_and_given_back() {
    let world = World::new(options(2, 0));
    world.set(json!({"withheldScopes": ["read:agency"]}));
    let path = "/agencies/earnings?startDate=2026-09-01T00:00:00Z&endDate=2026-10-01T00:00:00Z";
    assert_eq!(world.get(path).status, 403);
    assert_eq!(world.get("/creators").status, 200);
    world.set(json!({"withheldScopes": []}));
    assert_eq!(world.get(path).status, 200);
    world.set(json!({"agencyAdmin": false}));
    assert_eq!(world.get(path).json(), json!({"error": "Insufficient permissions"}));
}

#[test]
fn a_creator_who_connects_herself_sees_only_herself() {
    let mut world = World::new(options(3, 20));
    let creator = world.creator();
    world.token = world.token_of(&creator.to_string());
    let me = world.get("/v1/users/account").json();
    assert_eq!((&me["uuid"], &me["isCreator"]), (&json!(creator), &json!(true)));
    let truth = world.simulator.truth(world.now);
    let own = truth.creators.iter().find(|one| one.uuid == creator).unwrap();
    assert_eq!(me["earnings"]["total"], json!(own.gross_cents));
    assert_eq!(world.get("/creators").rows(), Vec::<Value>::new());
    let (rows, _) = world.walk("/v1/insights/earnings", "size=50");
    assert_eq!(rows.len() as u64, own.rows);
    let other = world.simulator.creators()[1];
    assert_eq!(world.get(&format!("/creators/{other}/insights/earnings")).status, 404);
    assert_eq!(world.get("/agencies/earnings").status, 403);
}
