//! Answers that hold nothing where something was. An outage may look like that, so one alone takes nothing away.

use serde_json::{Value, json};
use simulator::{Fault, FaultMatch, NewFault};
use uuid::Uuid;

use super::{HOUR, stream};
use crate::world::World;

const LIST: &str = "/subscribers?size";
const KINDS: [&str; 6] =
    ["subscribers", "followers", "unread", "changes", "top_spenders", "tracking_links"];
const MINUTE: i64 = 60;

/// All that is read of audiences in lists.
const STORED: [&str; 4] = [
    "select subscribers_count, followers_count, unread_messages from models where name = 'Ada'",
    "select rank, fan_id, gross_cents from top_spenders t join models m on m.id = t.model_id
      where m.name = 'Ada' order by 1",
    "select fanvue_uuid, clicks from tracking_links t join models m on m.id = t.model_id
      where m.name = 'Ada' order by 1",
    "select date, new_subscribers, cancelled_subscribers
       from subscriber_history h join models m on m.id = h.model_id
      where m.name = 'Ada' and h.new_subscribers is not null and (h.new_subscribers, h.cancelled_subscribers) <> (0, 0)
        and date >= '2026-11-18' order by 1",
];

async fn stored(world: &World) -> Vec<Vec<Vec<String>>> {
    let mut all = vec![];
    for sql in STORED {
        all.push(world.db.sql(sql).await);
    }
    all
}

/// Ada, of whom something is stored in each list.
async fn full() -> (World, Uuid) {
    let (world, ada) = World::with_ada().await;
    let people =
        json!({"subscribe": 5, "unread": 8, "link": "Fresh", "at": "2026-11-20T12:00:00Z"});
    world.people(ada, people);
    world.refresh().await;
    let stored = stored(&world).await;
    assert!(stored.iter().all(|rows| !rows.is_empty()), "{stored:?}");
    (world, ada)
}

/// From now on everything, or that page of that list, is answered so.
fn breaks(world: &World, path: Option<&str>, page: Option<u32>, fault: Fault) {
    world.sim.clear_faults();
    let matches = FaultMatch { path: path.map(str::to_owned), page, ..FaultMatch::default() };
    world.sim.fault(NewFault { matches, fault, times: None });
}

fn assert_states(report: &Value, state: &str) {
    for kind in KINDS {
        assert_eq!(stream(report, "Ada", kind)["state"], state, "{kind}: {report}");
    }
}

#[tokio::test]
async fn one_empty_answer_takes_nothing_away() {
    let (world, ada) = full().await;
    let (good, card) = (stored(&world).await, world.card(ada).await);
    breaks(&world, None, None, Fault::EmptyList);
    world.advance(7 * HOUR);
    let report = world.refresh().await;
    assert_states(&report, "failed");
    let error = stream(&report, "Ada", "followers")["error"].as_str().unwrap();
    assert!(error.contains("nothing where something was"), "{error}");
    assert_eq!(stored(&world).await, good);
    let shown = world.card(ada).await;
    for name in ["subscribers", "followers", "unreadMessages", "statsAsOf", "subscribersAsOf"] {
        assert_eq!(shown[name], card[name], "{name}");
    }
    world.sim.clear_faults();
    world.advance(HOUR);
    assert_states(&world.refresh().await, "complete");
    assert_eq!(stored(&world).await, good);
    let doubted = "select count(*) from audience_streams where emptied_at is not null";
    assert_eq!(world.db.sql(doubted).await, [["0"]]);
}

#[tokio::test]
async fn what_is_empty_for_an_hour_is_believed() {
    let (world, ada) = full().await;
    let good = stored(&world).await;
    breaks(&world, None, None, Fault::EmptyList);
    world.advance(7 * HOUR);
    for minutes in [30, 31] {
        assert_states(&world.refresh().await, "failed");
        assert_eq!(stored(&world).await, good);
        world.advance(minutes * MINUTE);
    }
    assert_states(&world.refresh().await, "complete");
    let card = world.card(ada).await;
    for name in ["subscribers", "followers", "unreadMessages"] {
        assert_eq!(card[name], json!(0), "{name}");
    }
    assert_eq!(card["statsAsOf"], json!(world.now()));
    assert!(stored(&world).await[1..].iter().all(Vec::is_empty));
}

#[tokio::test]
async fn an_answer_in_between_that_holds_something_makes_the_hour_begin_again() {
    let (world, ada) = full().await;
    let good = world.card(ada).await["subscribers"].clone();
    for (minutes, is_empty, state) in
        [(60, true, "failed"), (20, false, "complete"), (45, true, "failed")]
    {
        breaks(&world, Some(LIST), None, Fault::EmptyList);
        if !is_empty {
            world.sim.clear_faults();
        }
        world.advance(minutes * MINUTE);
        let report = world.refresh().await;
        assert_eq!(stream(&report, "Ada", "subscribers")["state"], state, "{report}");
        assert_eq!(world.card(ada).await["subscribers"], good);
    }
}

#[tokio::test]
async fn a_list_that_ends_too_soon_in_an_empty_page_is_no_smaller_count() {
    let (world, ada) = full().await;
    world.people(ada, json!({"subscribe": 200}));
    world.advance(HOUR);
    world.refresh().await;
    let good = world.card(ada).await;
    assert_eq!(good["subscribers"], json!(world.around(ada).subscribers));
    // With more to follow, and as if it were the end.
    for fault in [Fault::HollowPage, Fault::EmptyList] {
        breaks(&world, Some(LIST), Some(3), fault.clone());
        world.advance(HOUR);
        let report = world.refresh().await;
        assert_eq!(stream(&report, "Ada", "subscribers")["state"], "failed", "{fault:?}: {report}");
        let card = world.card(ada).await;
        for name in ["subscribers", "subscribersAsOf"] {
            assert_eq!(card[name], good[name], "{name} after {fault:?}");
        }
    }
    world.sim.clear_faults();
    world.advance(HOUR);
    world.refresh().await;
    assert_eq!(world.card(ada).await["subscribersAsOf"], json!(world.now()));
}
