//! Faults: each kind, and which requests it hits.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::{World, options};
use crate::{Fault, NewFault, Reply};

fn broken(fault: Value) -> World {
    let world = World::new(options(3, 60));
    let got = world.post("/sim/faults", json!({"fault": fault}));
    assert_eq!((got.status, got.json()), (200, json!({"id": 1})));
    world
}

fn raw(world: &World) -> Reply {
    world.send(world.request("GET", "/users/me").body(Bytes::new()).unwrap())
}

#[test]
fn a_status_is_answered_once_without_handling() {
    for status in [500, 502, 503, 401, 403, 404] {
        let world = broken(json!({"status": status}));
        assert_eq!(world.get("/users/me").status, status);
        assert_eq!(world.get("/users/me").header("x-ratelimit-remaining"), Some(199));
    }
}

#[test]
fn throttling_names_a_wait_or_none() {
    let got = broken(json!({"throttle": {"retryAfter": 7}})).get("/users/me");
    assert_eq!((got.status, got.header("retry-after")), (429, Some(7)));
    assert_eq!(got.header("x-ratelimit-remaining"), Some(0));
    let got = broken(json!({"throttle": {"retryAfter": null}})).get("/users/me");
    assert_eq!((got.status, got.header("retry-after")), (429, None));
}

#[test]
fn bodies_can_be_nonsense() {
    let got = broken(json!("html")).get("/insights/earnings");
    assert_eq!(got.status, 200);
    assert!(got.text.starts_with("<!DOCTYPE html>"));
    let got = broken(json!({"page": 403})).get("/insights/earnings");
    assert_eq!(got.status, 403);
    assert!(got.text.starts_with("<!DOCTYPE html>"));
    assert_eq!(broken(json!("emptyObject")).get("/insights/earnings").json(), json!({}));
    let got = broken(json!("truncatedJson")).get("/insights/earnings");
    assert!(got.text.starts_with("{\"data\":["));
    assert!(serde_json::from_str::<Value>(&got.text).is_err());
}

#[test]
fn lists_can_be_empty_with_and_without_an_end() {
    for (version, path) in [("v1", "/v1"), ("older", "")] {
        let got = |fault: Value| {
            let world = broken(fault);
            let creator = world.simulator.creators()[1];
            world.get(&format!("{path}/creators/{creator}/followers?size=1")).json()
        };
        let (empty, hollow) = (got(json!("emptyList")), got(json!("hollowPage")));
        assert_eq!((&empty["data"], &hollow["data"]), (&json!([]), &json!([])), "{version}");
        let says_more = |page: &Value| match version {
            "v1" => page["nextCursor"].is_string(),
            _ => page["pagination"]["hasMore"] == true,
        };
        assert_eq!((says_more(&empty), says_more(&hollow)), (false, true), "{version}");
    }
    let got = broken(json!("emptyList")).get("/v1/users/me").json();
    assert!(got["uuid"].is_string(), "no list");
}

#[test]
fn connections_can_be_lost_before_and_after() {
    assert!(matches!(raw(&broken(json!("dropBefore"))), Reply::Dropped { handled: false }));
    assert!(matches!(raw(&broken(json!("dropAfter"))), Reply::Dropped { handled: true }));
    let world = broken(json!("hang"));
    assert!(matches!(raw(&world), Reply::Hang));
    assert_eq!(world.simulator.requests().unanswered, 1);
}

#[test]
fn answers_can_be_slow() {
    let world = broken(json!({"slowMs": 1500}));
    world.set(json!({"latencyMs": 20}));
    let delays: Vec<Duration> = (0..2)
        .map(|_| match raw(&world) {
            Reply::Slow { delay, response } if response.status() == 200 => delay,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(delays, [Duration::from_millis(1520), Duration::from_millis(20)]);
}

#[test]
fn a_cursor_can_repeat_itself() {
    let world = broken(json!("repeatCursor"));
    let path = format!("/creators/{}/insights/earnings", world.simulator.creators()[1]);
    let first = world.get(&format!("{path}?size=5"));
    let cursor = first.cursor().unwrap();
    let second = world.get(&format!("{path}?size=5&cursor={cursor}"));
    assert_eq!(second.cursor().unwrap(), cursor);
    let again = world.get(&format!("{path}?size=5&cursor={cursor}"));
    assert_eq!(again.rows(), second.rows());
    assert_ne!(again.cursor().unwrap(), cursor);
}

#[test]
fn a_fault_hits_the_page_it_is_meant_for() {
    let world = World::new(options(3, 60));
    let creators = world.simulator.creators();
    let matching = json!({"path": "/insights/earnings", "creator": creators[1], "page": 3});
    world.post("/sim/faults", json!({"match": matching, "fault": {"status": 500}}));
    let statuses = |creator| {
        let path = format!("/v1/creators/{creator}/insights/earnings?size=5");
        let (mut statuses, mut cursor) = (Vec::new(), String::new());
        for _ in 0..4 {
            let got = world.get(&format!("{path}{cursor}"));
            statuses.push(got.status);
            if got.status == 200 {
                cursor = format!("&cursor={}", got.cursor().unwrap());
            }
        }
        statuses
    };
    assert_eq!(statuses(creators[2]).len(), 4);
    assert_eq!(statuses(creators[1]), [200, 200, 500, 200]);
}

#[test]
fn a_fault_can_wait_for_the_nth_request_and_stay() {
    let world = World::new(options(2, 0));
    let path = json!({"path": "/users", "nth": 3});
    let fault = json!({"match": path, "fault": {"status": 503}, "times": 2});
    world.post("/sim/faults", fault);
    world.get("/creators");
    let statuses: Vec<u16> = (0..6).map(|_| world.get("/users/me").status).collect();
    assert_eq!(statuses, [200, 200, 503, 503, 200, 200]);
    let for_ever = json!({"fault": {"status": 502}, "times": null});
    world.post("/sim/faults", for_ever);
    assert!((0..9).all(|_| world.get("/users/me").status == 502));
    let listed = world.get("/sim/faults").json();
    assert_eq!(listed["faults"][1]["fired"], 9);
    let request = world.request("DELETE", "/sim/faults").body(Bytes::new()).unwrap();
    assert_eq!(world.answer(request).json(), json!({"cleared": 2}));
    assert_eq!(world.get("/users/me").status, 200);
}

#[test]
fn the_control_api_is_never_hit() {
    let world = World::new(options(2, 0));
    let fault = NewFault::once(Fault::Status(500)).on_path("/");
    assert_eq!(world.simulator.fault(fault), 1);
    assert_eq!(world.get("/sim/truth").status, 200);
    assert_eq!(world.get("/users/me").status, 500);
    assert_eq!(world.simulator.clear_faults(), 1);
}
