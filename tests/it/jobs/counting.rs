//! What is left of a history, counted with each commit: exactly, and at the cost of what the commit brought.

use app::tick::{Limits, Scope, tick};
use serde_json::json;
use simulator::{Fault, FaultMatch, NewFault, NewSale};
use uuid::Uuid;

use crate::world::World;

/// Ada with so many rows, read once; now through a small bucket.
async fn read(mut world: World, rows: u64) -> (World, Uuid) {
    let ada = world.creator("Ada", rows, 0);
    world.begin_process();
    world.connect().await;
    world.tick().await;
    world.assert_complete().await;
    world.settings(json!({"rateLimit": 6}));
    world.advance(600);
    (world, ada)
}

/// What is counted of the job, and the same from the ledger itself: rows outside of what the pass has seen,
/// rows from before the first that was known, all rows.
async fn counted(world: &World) -> Vec<Vec<String>> {
    world
        .db
        .sql(
            "select j.rows_ahead, j.rows_beyond, j.rows_held,
                    (select count(*) from fanvue_transactions t
                      where t.model_id = j.model_id and pass is not null
                        and coalesce(t.transaction_date < (seen ->> 0)::timestamptz
                                     or t.transaction_date > (seen ->> 1)::timestamptz, true)),
                    (select count(*) from fanvue_transactions t
                      where t.model_id = j.model_id and t.transaction_date < j.known_from),
                    (select count(*) from fanvue_transactions t where t.model_id = j.model_id)
               from sync_job_creators j
               join sync_state s on s.model_id = j.model_id and s.sync_type = 'earnings'
              cross join lateral (
                  select jsonb_path_query_first(
                      s.stream, '$.windows[*] ? (@.purpose == \"history\").pass') as pass) as h
              cross join lateral (select pass -> 'seen' as seen) as p
              where j.ended_at is null and j.first_read_at is not null",
        )
        .await
}

#[tokio::test]
async fn what_is_left_is_counted_exactly_while_rows_come_and_others_are_found_again() {
    let (world, ada) = read(World::counting().await, 2_400).await;
    let lost = "(transaction_date < (select max(transaction_date) - interval '200 days'
                                      from fanvue_transactions)
                or right(id::text, 1) in ('0', '1', '2'))";
    world.lose(ada, lost).await;
    world.sell(ada, 1);
    let model = world.model(ada).await;
    let id = world.force_sync(&format!("modelId={model}")).await;
    let mut looks = 0;
    for _ in 0..60 {
        tick(&world.ctx, Scope::Due, Limits::default()).await.unwrap();
        world.check().await;
        for row in counted(&world).await {
            assert_eq!(row[..3], row[3..], "ahead, beyond, held");
            looks += 1;
        }
        if world.job(&id).await["state"] == "done" {
            assert!(3 < looks, "it was over after {looks} looks");
            return;
        }
        world.sell(ada, 1);
        // One that shows late, between those that were read.
        let at = world.now().checked_sub(jiff::SignedDuration::from_secs(90)).unwrap();
        let late = NewSale { at: Some(at.to_string()), ..NewSale::of(ada) };
        world.sim.sell(&late, world.now()).unwrap();
        world.advance(61);
    }
    panic!("the job does not end");
}

#[tokio::test]
async fn a_commit_of_a_job_reads_what_it_brought_however_long_the_history_is() {
    let (mut world, ada) = read(World::counting().await, 20_000).await;
    world.db.sql("analyze").await;
    let model = world.model(ada).await;
    let id = world.force_sync(&format!("modelId={model}")).await;
    for _ in 0..6 {
        let rows = world.job(&id).await["rows"].as_u64().unwrap();
        world.begin_process();
        let before = world.entries_read().await;
        tick(&world.ctx, Scope::Due, Limits::default()).await.unwrap();
        world.end_process();
        let read = world.entries_read().await - before;
        world.begin_process();
        let rows = world.job(&id).await["rows"].as_u64().unwrap() - rows;
        world.end_process();
        assert!((100..=300).contains(&rows), "{rows} rows");
        // Of 20,000: the books of these rows, by time and by key, and the rows that are no longer ahead.
        assert!(read <= 8 * rows + 200, "{read} entries for {rows} rows");
        world.advance(61);
    }
}

/// What the open job counts of requests, pauses, and windows that a 429 spoilt, the last of them as seconds
/// after its first.
async fn paused(world: &World) -> Vec<Vec<String>> {
    world
        .db
        .sql(
            "select requests, pauses, spoilt_requests, spoilt_seconds,
                    extract(epoch from spoilt_until - first_read_at)::int
               from sync_job_creators where ended_at is null",
        )
        .await
}

#[tokio::test]
async fn a_429_is_counted_once_with_what_it_spoilt_and_so_is_a_request_that_brought_nothing() {
    let (world, ada) = read(World::counting().await, 2_400).await;
    let model = world.model(ada).await;
    world.force_sync(&format!("modelId={model}")).await;
    let throttle = |nth: u64, seconds: u32| {
        let path = Some("insights/earnings".into());
        let matches = FaultMatch { path, nth: Some(nth), ..FaultMatch::default() };
        let fault = Fault::Throttle { retry_after: Some(seconds) };
        world.sim.fault(NewFault { matches, fault, times: Some(1) });
    };
    throttle(3, 8);
    tick(&world.ctx, Scope::Due, Limits::default()).await.unwrap();
    assert_eq!(paused(&world).await, [["3", "1", "3", "60", "61"]], "half of a window is lost");
    world.advance(90);
    tick(&world.ctx, Scope::Due, Limits::default()).await.unwrap();
    let gone_on = paused(&world).await;
    assert_eq!(gone_on[0][2..], ["3", "89", "61"], "and what passed until somebody came");
    // The first request of a turn, and a pause that is longer than the window.
    throttle(1, 90);
    world.advance(60);
    tick(&world.ctx, Scope::Due, Limits::default()).await.unwrap();
    let again = paused(&world).await;
    let number = |rows: &[Vec<String>], column: usize| rows[0][column].parse::<i64>().unwrap();
    for column in [0, 1] {
        assert_eq!(number(&again, column), number(&gone_on, column) + 1, "{again:?}");
    }
    assert_eq!(again[0][2..], ["4", "179", "240"]);
}
