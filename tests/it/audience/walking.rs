//! Long lists: counted over several ticks, killed in between, shifted while they are read.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
};

use app::audience::{Limits, refresh};
use futures_util::future::poll_fn;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{HOUR, process, stream};
use crate::world::World;

const LIST: &str = "GET /creators/{uuid}/subscribers";

/// A creator with a list of so many pages, and nothing else of anybody due.
async fn long(people: u32) -> (World, Uuid) {
    let (world, ada) = World::with_ada().await;
    world.refresh().await;
    world.people(ada, json!({"subscribe": people}));
    world.advance(HOUR);
    world.only("subscribers").await;
    world.sim.reset_requests();
    (world, ada)
}

fn pages(world: &World) -> u64 {
    world.sim.requests().by_route.get(LIST).copied().unwrap_or(0)
}

#[tokio::test]
async fn a_long_list_is_counted_over_several_ticks_and_shown_when_it_is_whole() {
    let (world, ada) = long(600).await;
    let old = world.card(ada).await;
    let begun_at = world.now();
    let few = Limits { pages: 5, ..Limits::default() };
    let mut ticks = 0;
    loop {
        let report = refresh(&world.ctx, few).await.unwrap();
        ticks += 1;
        if report.unfinished == 0 {
            break;
        }
        assert_eq!(report.retry_after_seconds, Some(0));
        let card = world.card(ada).await;
        assert_eq!(card["subscribers"], old["subscribers"], "a part is no count");
        assert_eq!(card["subscribersAsOf"], old["subscribersAsOf"]);
        assert!(ticks < 10, "endless");
        world.advance(60);
    }
    let truth = world.around(ada).subscribers;
    assert_eq!(world.card(ada).await["subscribers"], json!(truth));
    assert_eq!(
        world.card(ada).await["subscribersAsOf"],
        json!(begun_at),
        "true as of its beginning"
    );
    assert_eq!(pages(&world), truth.div_ceil(50), "no page twice");
    assert!(2 < ticks);
}

#[tokio::test]
async fn a_list_that_shifts_between_two_ticks_counts_nobody_twice() {
    let (world, ada) = long(600).await;
    world.settings(json!({"cursorStyle": "offset"}));
    let truth = world.around(ada).subscribers;
    let few = Limits { pages: 6, ..Limits::default() };
    refresh(&world.ctx, few).await.unwrap();
    // They come first in the list, so thirty that were met come again.
    world.advance(60);
    world.people(ada, json!({"subscribe": 30}));
    while refresh(&world.ctx, few).await.unwrap().unfinished > 0 {
        world.advance(60);
    }
    assert_eq!(world.card(ada).await["subscribers"], json!(truth));
}

#[tokio::test]
async fn a_cursor_that_has_expired_begins_the_count_again() {
    let (world, ada) = long(600).await;
    world.settings(json!({"cursorTtlSeconds": 30}));
    refresh(&world.ctx, Limits { pages: 6, ..Limits::default() }).await.unwrap();
    world.advance(60);
    world.people(ada, json!({"cancel": 100}));
    let report = world.refresh().await;
    assert_eq!(stream(&report, "Ada", "subscribers")["state"], "complete", "{report}");
    let (card, truth) = (world.card(ada).await, world.around(ada));
    assert_eq!(card["subscribers"], json!(truth.subscribers));
    assert_eq!(card["subscribersAsOf"], json!(world.now()));
}

#[tokio::test]
async fn a_tick_that_is_killed_in_the_middle_is_gone_on_with() {
    let (world, ada) = long(2_000).await;
    let truth = world.around(ada).subscribers;
    let died = Arc::new(AtomicBool::new(false));
    let dies = Arc::clone(&died);
    let ctx = process(&world, ("/subscribers", 30), async move {
        dies.store(true, Ordering::SeqCst);
        std::future::pending::<()>().await;
    });
    {
        let mut tick = pin!(refresh(&ctx, Limits::default()));
        // Dropped at its thirtieth page, as a process that is killed.
        poll_fn(|cx| {
            let ended = tick.as_mut().poll(cx).is_ready();
            assert!(!ended, "it should not get that far");
            if died.load(Ordering::SeqCst) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
    let report = world.refresh().await;
    assert_eq!(report["streams"], json!([]), "its lease holds for a minute");
    world.advance(61);
    world.sim.reset_requests();
    world.refresh().await;
    assert_eq!(world.card(ada).await["subscribers"], json!(truth));
    let again = pages(&world);
    let all = truth.div_ceil(50);
    assert!(
        all - 30 < again && again <= all - 20,
        "{again} of {all}: from where it was written down"
    );
}

#[tokio::test]
async fn a_circle_of_cursors_is_no_count() {
    let (world, ada) = long(300).await;
    let old = world.card(ada).await["subscribers"].clone();
    let circle =
        json!({"match": {"path": "/subscribers?size"}, "fault": "repeatCursor", "times": null});
    world.sim.post("faults", &circle, world.now()).unwrap();
    let report = world.refresh().await;
    let ended = stream(&report, "Ada", "subscribers");
    assert_eq!(ended["state"], "failed");
    assert!(ended["error"].as_str().unwrap().contains("repeated"), "{ended}");
    assert!(pages(&world) < 12, "{} pages", pages(&world));
    assert_eq!(world.card(ada).await["subscribers"], old);
    assert_ne!(old, Value::Null);
}
