//! Counts that stay the same: no dashboard asks anew for their sake, and what is shown was true when it says.

use jiff::SignedDuration;
use serde_json::json;
use simulator::{Fault, FaultMatch, NewFault};

use crate::world::{World, polling::Poller};

const NAMES: [&str; 3] = ["subscribers", "followers", "unreadMessages"];

impl World {
    /// Every stream is due.
    async fn all_due(&self) {
        self.db.sql("update audience_streams set next_at = '2000-01-01'").await;
    }

    async fn revision(&self) -> i64 {
        self.db.sql("select revision from agencies").await[0][0].parse().unwrap()
    }
}

#[tokio::test]
async fn a_count_that_stays_the_same_makes_nobody_ask_anew() {
    let (world, ada) = World::with_ada().await;
    world.refresh().await;
    let (first, revision) = (world.card(ada).await, world.revision().await);
    let mut poller = Poller::default();
    for _ in 0..4 {
        world.advance(600);
        world.all_due().await;
        poller.poll(&world.ctx, "timeRange=7d").await.unwrap();
        assert_eq!(world.refresh().await["unfinished"], json!(0));
        poller.poll(&world.ctx, "timeRange=7d").await.unwrap();
        assert_eq!(world.revision().await, revision);
    }
    assert_eq!((poller.polls, poller.unchanged), (8, 4), "each tick leaves what is held");
    let now = world.now();
    let read = format!("select distinct as_of = '{now}' from audience_streams");
    assert_eq!(world.db.sql(&read).await, [["t"]], "all of it was read again");
    let card = world.card(ada).await;
    for name in NAMES {
        let as_of = format!("{name}AsOf");
        assert_eq!((&card[name], &card[&as_of]), (&first[name], &first[&as_of]), "{name}");
    }
}

#[tokio::test]
async fn a_count_that_changed_is_told_at_once_and_one_that_did_not_within_the_hour() {
    let (world, ada) = World::with_ada().await;
    world.refresh().await;
    let (begun_at, revision) = (json!(world.now()), world.revision().await);
    world.people(ada, json!({"subscribe": 2}));
    world.advance(2_400);
    world.all_due().await;
    world.refresh().await;
    let changed_at = json!(world.now());
    let card = world.card(ada).await;
    assert_eq!(card["subscribers"], json!(world.around(ada).subscribers));
    assert_eq!(card["subscribersAsOf"], changed_at);
    assert_eq!((&card["followersAsOf"], &card["statsAsOf"]), (&begun_at, &begun_at));
    let told = world.revision().await;
    assert!(revision < told, "the dashboard is told");

    // Fifty minutes after the first count.
    world.advance(600);
    world.all_due().await;
    world.refresh().await;
    let card = world.card(ada).await;
    let now = json!(world.now());
    assert_eq!((&card["followersAsOf"], &card["unreadMessagesAsOf"]), (&now, &now));
    assert_eq!((&card["subscribersAsOf"], &card["statsAsOf"]), (&changed_at, &changed_at));
    assert!(told < world.revision().await, "an age that is shown is told too");
}

#[tokio::test]
async fn what_is_due_at_each_tick_is_read_at_each_though_answers_take_their_time() {
    let world = World::seeded(2, 5).await;
    world.tick().await;
    world.refresh().await;
    world.db.sql("update audience_streams set next_at = '2100-01-01' where kind <> 'unread'").await;
    let slow = Fault::SlowMs(1_000);
    world.sim.fault(NewFault { matches: FaultMatch::default(), fault: slow, times: None });
    let mut slot = world.now();
    for _ in 0..3 {
        slot += SignedDuration::from_secs(300);
        world.wait_until(slot);
        let report = world.refresh().await;
        let streams = report["streams"].as_array().unwrap();
        let read: Vec<_> = streams.iter().map(|one| (&one["kind"], &one["state"])).collect();
        assert_eq!(read, [(&json!("unread"), &json!("complete"))], "{report}");
        assert!(slot < world.now(), "the answer took a second");
    }
}
