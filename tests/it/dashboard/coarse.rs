//! The coarser sums follow whatever changes the days, whoever changes them and however many at once.

use futures_util::future::join_all;
use store::Drift;

use crate::world::World;

/// What people and releases do to the days.
const CHANGES: [&str; 9] = [
    "update revenue_daily set gross_cents = gross_cents + 1, net_cents = net_cents - 1",
    "update revenue_daily set source = 'novelty' where source = 'tip'",
    "update revenue_daily set day = day + 4000 where source = 'message'",
    "insert into revenue_daily as r
     select agency_id, id, day, 'tip', 5, 4, 1
       from models, generate_series('2026-10-20'::timestamp, '2026-11-20', '1 day') as day
         on conflict (agency_id, model_id, day, source) do update
        set gross_cents = r.gross_cents + 5, transaction_count = r.transaction_count + 1",
    "update agencies set timezone = 'Asia/Kathmandu'",
    "begin; update revenue_daily set gross_cents = 0; rollback",
    "delete from revenue_daily where day > '2026-11-01'",
    "delete from models where id in (select id from models order by name limit 2)",
    "delete from agencies",
];

async fn assert_agrees(world: &World, after: &str) {
    let drifts = world.ctx.store.list_drifts().await.unwrap();
    let coarse: Vec<_> =
        drifts.into_iter().filter(|drift| matches!(drift, Drift::Coarse { .. })).collect();
    assert!(coarse.is_empty(), "after {after}: {coarse:?}");
}

#[tokio::test]
async fn whatever_changes_the_days_changes_the_sums_beside_them() {
    let world = World::seeded(3, 120).await;
    world.tick().await;
    world.check().await;
    assert_ne!(world.db.sql("select count(*) from revenue_sums").await, [["0"]]);
    for change in CHANGES {
        world.db.sql(change).await;
        assert_agrees(&world, change).await;
    }
    assert_eq!(world.db.sql("select count(*) from revenue_sums").await, [["0"]]);
}

#[tokio::test]
async fn a_sum_that_is_not_its_days_is_found() {
    let world = World::seeded(1, 20).await;
    world.tick().await;
    world.check().await;
    for change in [
        "update revenue_sums set net_cents = net_cents + 1 where model_id is null and source is null",
        "delete from revenue_sums where span = 'month' and model_id is not null",
        "insert into revenue_sums
         select agency_id, 'day', null, '2001-01-01', 'tip', 1, 1, 1 from revenue_sums limit 1",
    ] {
        world.db.sql(&format!("create table kept as select * from revenue_sums; {change}")).await;
        let drifts = world.ctx.store.list_drifts().await.unwrap();
        assert!(matches!(drifts.first(), Some(Drift::Coarse { .. })), "{change}: {drifts:?}");
        let restore = "delete from revenue_sums; insert into revenue_sums select * from kept;
                       drop table kept";
        world.db.sql(restore).await;
        world.check().await;
    }
}

/// Every statement changes the same sums as the others, in days that are new and in days that are not,
/// from either end.
#[tokio::test]
async fn creators_of_one_agency_are_booked_at_once_and_nobody_waits_in_a_circle() {
    let world = World::seeded(6, 30).await;
    world.tick().await;
    let creators = world.db.sql("select id from models order by id").await.concat();
    for round in 0..8 {
        let book = |(nth, id): (usize, &String)| {
            let order = if nth % 2 == 0 { "asc" } else { "desc" };
            format!(
                "insert into revenue_daily as r
                 select agency_id, id, '2026-11-21'::date - i,
                        case when i % 3 = 0 then 'round {round}' else 'tip' end, 5, 4, 1
                   from models, generate_series(0, 79) as i where id = '{id}' order by i {order}
                     on conflict (agency_id, model_id, day, source) do update
                    set gross_cents = r.gross_cents + 5, net_cents = r.net_cents + 4,
                        transaction_count = r.transaction_count + 1"
            )
        };
        let statements: Vec<_> = creators.iter().enumerate().map(book).collect();
        join_all(statements.iter().map(|sql| world.db.sql(sql))).await;
    }
    assert_agrees(&world, "all rounds").await;
}
