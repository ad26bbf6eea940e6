//! What is not believed leaves no trace, and what came before leaves no second one.

use bytes::Bytes;
use jiff::SignedDuration;
use secrecy::SecretString;
use serde_json::json;

use super::{PATH, World};
use crate::world::WEBHOOK_SECRET;

const BODY: &str = r#"{"id":"ev-1","type":"creator.moon.landed","data":{}}"#;

fn signed(world: &World, seconds_ago: i64, secret: &str, body: &str) -> String {
    let at = world.now() - SignedDuration::from_secs(seconds_ago);
    fanvue::signature::sign(&SecretString::from(secret), at, body.as_bytes())
}

fn request(headers: &[&str], body: impl Into<Bytes>) -> http::Request<Bytes> {
    let mut request = http::Request::post(PATH);
    for header in headers {
        request = request.header("x-fanvue-signature", *header);
    }
    request.body(body.into()).unwrap()
}

#[tokio::test]
async fn what_proves_nothing_is_refused_and_not_stored() {
    let (world, _) = World::told(json!({})).await;
    let good = signed(&world, 0, WEBHOOK_SECRET, BODY);
    let huge = "x".repeat(256 * 1024 + 1);
    let cases: [(u16, http::Request<Bytes>); 8] = [
        (401, request(&[], BODY)),
        (401, request(&[&good, &good], BODY)),
        (401, request(&["t=soon,v0=00"], BODY)),
        (401, request(&[&signed(&world, 0, "another", BODY)], BODY)),
        (401, request(&[&good], BODY.replace("moon", "mars"))),
        (401, request(&[&signed(&world, 301, WEBHOOK_SECRET, BODY)], BODY)),
        (401, request(&[&signed(&world, -301, WEBHOOK_SECRET, BODY)], BODY)),
        (413, request(&[&signed(&world, 0, WEBHOOK_SECRET, &huge)], huge.clone())),
    ];
    for (number, (want, request)) in cases.into_iter().enumerate() {
        assert_eq!(world.receive(request).await, want, "case {number}");
    }
    assert_eq!(world.stored().await, 0);
    for seconds_ago in [300, -300] {
        let header = signed(&world, seconds_ago, WEBHOOK_SECRET, BODY);
        assert_eq!(world.receive(request(&[&header], BODY)).await, 200);
    }
    assert_eq!(world.stored().await, 1);
}

#[tokio::test]
async fn an_event_is_one_row_for_ever() {
    let (world, _) = World::told(json!({})).await;
    let send = async || {
        let header = signed(&world, 0, WEBHOOK_SECRET, BODY);
        let (status, answer) = world.send(request(&[&header], BODY)).await;
        assert_eq!((status, &answer["received"]), (200, &json!(true)));
        answer["new"] == json!(true)
    };
    assert!(send().await);
    world.tick().await;
    // A version of the row for each would be dozens of pages.
    let size = "select pg_total_relation_size('webhook_events')::text, xmin::text, ctid::text
                  from webhook_events";
    let before = world.db.sql(size).await;
    for _ in 0..300 {
        world.advance(1);
        assert!(!send().await);
    }
    world.advance(366 * 86_400);
    assert!(!send().await);
    assert_eq!(world.stored().await, 1);
    assert_eq!(world.db.sql(size).await, before);
}

#[tokio::test]
async fn what_could_not_be_stored_is_not_acknowledged() {
    let (world, _) = World::told(json!({})).await;
    let header = signed(&world, 0, WEBHOOK_SECRET, BODY);
    world.db.sql("alter table webhook_events rename to elsewhere").await;
    let (status, problem) = world.send(request(&[&header], BODY)).await;
    assert_eq!((status, &problem["code"]), (503, &json!("unavailable")));
    world.db.sql("alter table elsewhere rename to webhook_events").await;
    let (status, answer) = world.send(request(&[&header], BODY)).await;
    assert_eq!((status, answer), (200, json!({"received": true, "new": true})));
}

#[tokio::test]
async fn events_that_come_together_are_kept_together() {
    let (world, _) = World::told(json!({})).await;
    let bodies: Vec<_> = (0..60).map(|n| BODY.replace("ev-1", &format!("ev-{}", n % 40))).collect();
    let answers = bodies.iter().map(|body| {
        let header = signed(&world, 0, WEBHOOK_SECRET, body);
        world.receive(request(&[&header], body.clone()))
    });
    let statuses = futures_util::future::join_all(answers).await;
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    assert_eq!(world.stored().await, 40);
    let left = world.db.sql("select 1 from webhook_events where state <> 'done'").await;
    assert!(left.is_empty());
}
