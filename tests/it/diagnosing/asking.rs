//! Who may ask about whom, what it costs, and what is refused.

use serde_json::{Value, json};
use simulator::Bulk;

use super::{DIAGNOSE, ask, read};
use crate::{
    users::{agencies::fingerprint, token},
    world::{SECRET, World},
};

#[tokio::test]
async fn a_part_of_a_name_in_any_case_is_enough() {
    let world = World::empty().await;
    for name in ["Noa Berg", "Iris Vale", "Iris Berg"] {
        world.creator(name, 5, 0);
    }
    world.connect().await;
    let others = "delete from models where name not in ('Noa Berg', 'Iris Vale', 'Iris Berg')";
    world.db.sql(others).await;
    world.tick().await;
    world.advance(60);
    for (query, count) in [
        ("modelName=iris", 2),
        ("modelName=BERG", 2),
        ("modelName=a%20b", 1),
        ("modelId=all", 3),
        ("", 3),
    ] {
        let (status, answer) = world.get(&format!("{DIAGNOSE}?{query}"), Some(SECRET)).await;
        assert_eq!(status, 200, "{answer}");
        let found = answer["creators"].as_array().unwrap();
        assert_eq!(found.len(), count, "{query}: {answer}");
    }
    for (query, status, field) in [
        ("modelName=nobody", 404, "modelName"),
        ("modelId=00000000-0000-4000-8000-000000000000", 404, "modelId"),
        ("modelId=00000000-0000-4000-8000-000000000000&modelName=x", 400, "modelName"),
        ("depth=deep", 400, "depth"),
        ("startDate=2026-11-01", 400, "endDate"),
        ("startDate=2026-11-01&endDate=2027-11-01", 400, "endDate"),
        ("timeRange=31d", 400, "timeRange"),
    ] {
        let (got, problem) = world.get(&format!("{DIAGNOSE}?{query}"), Some(SECRET)).await;
        assert_eq!((got, &problem["field"]), (status, &json!(field)), "{query}: {problem}");
    }
}

#[tokio::test]
async fn totals_cost_a_page_and_rows_their_pages_and_nothing_is_written() {
    let (world, _) = read(140).await;
    let books = fingerprint(&world.db).await;
    for (query, pages) in [("timeRange=7d", 1), ("timeRange=30d&depth=rows", 2)] {
        world.sim.reset_requests();
        let (_, answer) = world.get(&format!("{DIAGNOSE}?{query}"), Some(SECRET)).await;
        let sent = world.sim.requests().total;
        assert_eq!(answer["asked"]["requests"], sent, "{answer}");
        assert!(sent <= pages + 1, "{query}: {sent} requests");
    }
    let after = fingerprint(&world.db).await;
    let changed = books.iter().zip(&after).filter(|(before, after)| before != after);
    let changed: Vec<_> = changed.map(|(table, _)| table[0].as_str()).collect();
    // What was asked for of Fanvue, and how often somebody asked us.
    assert_eq!(changed, ["expensive_calls", "rate_budgets"]);
}

/// How many creators of the answer have that result, of how many.
fn with_result(answer: &Value, result: &str) -> (usize, usize) {
    let creators = answer["creators"].as_array().unwrap();
    (creators.iter().filter(|one| one["result"] == result).count(), creators.len())
}

#[tokio::test]
async fn of_many_who_were_never_read_as_many_are_compared_as_requests_last_for() {
    let world = World::empty().await;
    let bulk = Bulk { creators: 30, rows: 30_000, days: Some(700), ..Bulk::default() };
    world.sim.bulk(&bulk, world.now()).unwrap();
    world.connect().await;
    let (status, answer) = world.get(DIAGNOSE, Some(SECRET)).await;
    assert_eq!(status, 200, "{answer}");
    let (unheard, all) = with_result(&answer, "cannotCheck");
    assert!(30 <= all && unheard + 4 <= all, "{unheard} of {all} could not be compared");
    let requests = answer["asked"]["requests"].as_u64().unwrap();
    assert!(requests <= 100, "{requests} requests");
}

#[tokio::test]
async fn many_are_compared_some_at_a_time_and_each_once() {
    let world = World::empty().await;
    let bulk = Bulk { creators: 120, rows: 1_200, days: Some(30), ..Bulk::default() };
    world.sim.bulk(&bulk, world.now()).unwrap();
    world.connect().await;
    world.tick().await;
    world.advance(60);
    let (status, answer) = world.get(&format!("{DIAGNOSE}?timeRange=7d"), Some(SECRET)).await;
    assert_eq!(status, 200, "{answer}");
    let (unheard, all) = with_result(&answer, "cannotCheck");
    assert_eq!((unheard, 120 <= all), (0, true), "{all} creators");
    let mut names: Vec<_> =
        answer["creators"].as_array().unwrap().iter().map(|one| one["modelId"].clone()).collect();
    names.sort_by_key(ToString::to_string);
    names.dedup();
    assert_eq!(names.len(), all);
}

#[tokio::test]
async fn an_empty_bucket_is_left_alone_and_said_so() {
    let (world, _) = read(40).await;
    world.settings(json!({"rateLimit": 5}));
    world.advance(61);
    let mut throttled = None;
    for _ in 0..12 {
        let ada = ask(&world, "depth=rows").await;
        if ada["result"] == "cannotCheck" {
            throttled = Some(ada);
            break;
        }
    }
    let ada = throttled.expect("five requests are not enough for ever");
    assert_eq!(ada["differences"][0]["cause"], "rate_limited", "{ada}");
    assert!(ada["differences"][0]["figures"]["pausedUntil"].is_string());
    let refused = world.sim.requests().by_status.get(&429).copied();
    assert_eq!(refused, None, "nobody was refused for it");
}

#[tokio::test]
async fn each_role_may_what_it_may() {
    let world = World::with_users().await;
    for (n, status) in [(1, 200), (2, 200), (3, 200), (4, 403), (5, 403), (6, 403)] {
        let (got, answer) = world.ask_with("GET", DIAGNOSE, &token(&world, n)).await;
        assert_eq!(got, status, "user {n}: {answer}");
    }
    let (_, answer) = world.ask_with("GET", DIAGNOSE, &token(&world, 1)).await;
    assert_eq!(answer["days"], Value::Null);
    assert!(!answer["creators"].as_array().unwrap().is_empty());
}
