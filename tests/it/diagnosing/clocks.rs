//! Clocks that are wrong: of whoever booked the rows, of whoever asks, and of whoever read them.

use app::tick::{Limits, Scope, tick};

use super::{ask, causes, number, read, sell};
use crate::{
    audience::process,
    outages::clocks::instance,
    world::{TEN_MINUTES, World},
};

/// Behind by more than a row may lie in the future.
const FAR_BEHIND: i64 = -7_200;

const EARNINGS: &str = "insights/earnings";

async fn read_by(world: &World, seconds: i64) {
    tick(&instance(world, seconds), Scope::Everyone, Limits::default()).await.unwrap();
}

/// The ledger is of one moment, whatever instants its rows bear.
#[tokio::test]
async fn rows_that_a_clock_ahead_booked_are_compared() {
    let (world, creator) = read(40).await;
    sell(&world, creator, 700, "2026-11-21T10:00:30Z");
    world.advance(TEN_MINUTES);
    read_by(&world, TEN_MINUTES).await;
    world.assert_complete().await;
    let ahead =
        format!("select count(*) from fanvue_transactions where created_at > '{}'", world.now());
    assert_eq!(number(&world, &ahead).await, 1);
    let ada = ask(&world, "depth=rows").await;
    assert_eq!(ada["result"], "match", "{ada}");
}

#[tokio::test]
async fn what_a_clock_behind_books_while_fanvue_is_asked_is_no_part_of_the_books() {
    let (mut world, creator) = read(40).await;
    sell(&world, creator, 700, "2026-11-21T10:00:30Z");
    world.advance(TEN_MINUTES);
    let behind = instance(&world, -TEN_MINUTES / 2);
    world.ctx = process(&world, (EARNINGS, 1), async move {
        tick(&behind, Scope::Everyone, Limits::default()).await.unwrap();
    });
    let ada = ask(&world, "depth=rows").await;
    assert_eq!(ada["differenceCents"], -700, "{ada}");
    assert!(causes(&ada).iter().all(|(cause, _)| cause != "unknown"), "{ada}");
    let minutes_ago = format!(
        "select count(*) from fanvue_transactions
          where transaction_date = '2026-11-21T10:00:30Z' and created_at < '{}'::timestamptz - interval '2 minutes'",
        world.now()
    );
    assert_eq!(number(&world, &minutes_ago).await, 1, "it was booked meanwhile");
}

#[tokio::test]
async fn a_clock_that_is_behind_asks_for_all_that_was_read() {
    let (mut world, creator) = read(40).await;
    sell(&world, creator, 700, "2026-11-21T10:00:30Z");
    world.advance(TEN_MINUTES);
    world.tick().await;
    world.assert_complete().await;
    for behind in [-TEN_MINUTES, FAR_BEHIND] {
        world.ctx = instance(&world, behind);
        for depth in ["totals", "rows"] {
            let ada = ask(&world, &format!("depth={depth}")).await;
            let mut named = causes(&ada).into_iter().map(|(cause, _)| cause);
            let is_right = named.all(|cause| depth == "totals" && cause == "summary_versus_rows");
            assert!(is_right, "{behind}, {depth}: {ada}");
        }
    }
}
