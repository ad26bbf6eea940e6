//! What is left of a history, counted with each commit: exactly, and at the cost of what the commit brought.

use app::tick::{Limits, Scope, tick};
use serde_json::json;
use simulator::NewSale;
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
