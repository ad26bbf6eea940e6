//! What fails keeps what is known, and keeps nothing else from being read.

use app::Endpoint;
use serde_json::{Value, json};
use simulator::{Fault, FaultMatch, NewFault};

use super::{HOUR, stream};
use crate::world::{SECRET, World, ask};

/// The list of subscribers, and not their changes.
const LIST: &str = "/subscribers?size";

fn breaks(world: &World, path: &str, fault: Fault) {
    let matches = FaultMatch { path: Some(path.to_owned()), ..FaultMatch::default() };
    world.sim.fault(NewFault { matches, fault, times: None });
}

#[tokio::test]
async fn a_call_that_fails_keeps_the_good_value_and_its_age() {
    let (world, ada) = World::with_ada().await;
    world.refresh().await;
    let good = world.card(ada).await;
    world.people(ada, json!({"subscribe": 5, "unread": 8}));
    for fault in [
        Fault::Status(500),
        Fault::Html,
        Fault::EmptyObject,
        Fault::TruncatedJson,
        Fault::DropBefore,
    ] {
        world.sim.clear_faults();
        breaks(&world, LIST, fault.clone());
        world.advance(HOUR);
        let report = world.refresh().await;
        assert_eq!(stream(&report, "Ada", "subscribers")["state"], "failed", "{fault:?}");
        assert_eq!(stream(&report, "Ada", "unread")["state"], "complete", "{fault:?}");
        let card = world.card(ada).await;
        for name in ["subscribers", "subscribersAsOf"] {
            assert_eq!(card[name], good[name], "{name} after {fault:?}");
        }
        assert_eq!(card["statsAsOf"], good["statsAsOf"], "the older of both");
        assert_eq!(card["unreadMessages"], json!(world.around(ada).unread_messages));
    }
    let zeros = "select count(*) from subscriber_history where subscribers_count = 0";
    assert_eq!(world.db.sql(zeros).await, [["0"]]);
    world.sim.clear_faults();
    world.advance(HOUR);
    world.refresh().await;
    let card = world.card(ada).await;
    assert_eq!(card["subscribers"], json!(world.around(ada).subscribers));
    assert_eq!(card["subscribersAsOf"], json!(world.now()));
}

#[tokio::test]
async fn zero_is_shown_when_a_complete_answer_says_so() {
    let (world, ada) = World::with_ada().await;
    world.refresh().await;
    let before = world.around(ada).subscribers;
    assert!(0 < before);
    world.people(ada, json!({"cancel": 100_000, "readAll": true}));
    // Chats that are read say so themselves; one empty list says nothing yet.
    for subscribers in [before, 0] {
        world.advance(HOUR);
        world.refresh().await;
        let card = world.card(ada).await;
        let shown = (&card["subscribers"], &card["unreadMessages"]);
        assert_eq!(shown, (&json!(subscribers), &json!(0)));
    }
}

#[tokio::test]
async fn a_page_that_fails_in_the_middle_makes_no_smaller_count() {
    let (world, ada) = World::with_ada().await;
    world.people(ada, json!({"subscribe": 200}));
    let matches =
        FaultMatch { path: Some(LIST.to_owned()), page: Some(3), ..FaultMatch::default() };
    world.sim.fault(NewFault { matches, fault: Fault::Status(500), times: None });
    let report = world.refresh().await;
    assert_eq!(stream(&report, "Ada", "subscribers")["state"], "failed");
    assert_eq!(world.card(ada).await["subscribers"], Value::Null, "two pages are no count");
    world.sim.clear_faults();
    world.advance(HOUR);
    world.refresh().await;
    assert_eq!(world.card(ada).await["subscribers"], json!(world.around(ada).subscribers));
}

#[tokio::test]
async fn a_missing_scope_parks_what_needs_it_with_the_reason_until_the_account_is_connected_again()
{
    let (world, ada) = World::with_ada().await;
    world.settings(json!({"withheldScopes": ["read:fan"]}));
    for _ in 0..6 {
        world.refresh().await;
        world.advance(HOUR);
    }
    let parked = "select kind, last_error from audience_streams
        where parked_at is not null and model_id = (select id from models where name = 'Ada')
       order by kind";
    let rows = world.db.sql(parked).await;
    let kinds: Vec<_> = rows.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(kinds, ["followers", "subscribers", "top_spenders"]);
    for row in &rows {
        assert!(row[1].contains("read:fan") && row[1].contains("connect"), "{row:?}");
    }
    let card = world.card(ada).await;
    assert_eq!((&card["subscribers"], &card["followers"]), (&Value::Null, &Value::Null));
    assert_eq!(card["unreadMessages"], json!(world.around(ada).unread_messages));

    world.settings(json!({"withheldScopes": []}));
    let report = world.refresh().await;
    let taken = report["streams"].as_array().unwrap().iter();
    let kinds: Vec<_> = taken.map(|stream| stream["kind"].as_str().unwrap()).collect();
    assert!(!kinds.contains(&"subscribers"), "nobody mended it: {report}");
    world.connect().await;
    world.refresh().await;
    assert_eq!(world.card(ada).await["subscribers"], json!(world.around(ada).subscribers));
}

#[tokio::test]
async fn what_is_set_aside_is_seen_by_monitors_and_in_the_status() {
    let (world, _) = World::with_ada().await;
    world.settings(json!({"withheldScopes": ["read:fan"]}));
    for _ in 0..6 {
        world.refresh().await;
        world.advance(HOUR);
    }
    let response = ask(&world.ctx, Endpoint::Metrics, "/api/metrics").await;
    let text = std::str::from_utf8(response.body()).unwrap();
    for line in [
        "heartbeat_audience_streams{stream=\"subscribers\"} 2",
        "heartbeat_audience_streams_unread{stream=\"subscribers\"} 2",
        "heartbeat_audience_streams_parked{stream=\"subscribers\"} 2",
        "heartbeat_audience_streams_parked{stream=\"unread\"} 0",
        "heartbeat_audience_streams{stream=\"profile\"} 0",
        "heartbeat_audience_stream_age_max_seconds{stream=\"unread\"} 3600",
        "heartbeat_audience_last_tick_age_seconds 3600",
    ] {
        assert!(text.lines().any(|told| told == line), "{line} is not in {text}");
    }
    let (_, status) = world.get("/api/sync/status", Some(SECRET)).await;
    let troubles = status["audienceTroubles"].as_array().unwrap();
    let of_ada = troubles.iter().filter(|one| one["name"] == "Ada");
    let kinds: Vec<_> = of_ada.map(|one| (&one["kind"], &one["state"])).collect();
    let parked = json!("parked");
    let wanted = ["followers", "subscribers", "top_spenders"].map(|kind| json!(kind));
    assert_eq!(kinds, wanted.each_ref().map(|kind| (kind, &parked)));
    assert!(troubles[0]["lastError"].as_str().unwrap().contains("read:fan"), "{status}");
    let counted = status["audience"].as_array().unwrap();
    let unread = counted.iter().find(|one| one["kind"] == "unread").unwrap();
    assert_eq!((&unread["streams"], &unread["parked"]), (&json!(2), &json!(0)));
    let message = "Needs attention · 2 of 2 not read for half an hour: look at the schedules · \
                   6 of audiences set aside";
    assert_eq!(status["message"], message);
}
