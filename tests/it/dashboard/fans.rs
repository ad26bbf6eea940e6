//! Fans who paid: each once, whomever they paid and however often, whatever becomes of the rows, and what
//! is wrong is found and mended.

use futures_util::future::join_all;
use ledger::{Cents, Earning, Source};
use serde_json::Value;
use simulator::NewSale;
use store::{Drift, Rebuilt};
use uuid::Uuid;

use crate::world::World;

/// Paying and new fans that an answer tells, of its days and of the earlier ones.
pub fn told(shown: &Value) -> [i64; 4] {
    let (now, before) = (&shown["kpiMetrics"], &shown["kpiMetrics"]["previous"]);
    let count = |figures: &Value, name: &str| figures[name].as_i64().unwrap_or(0);
    [
        count(now, "payingFans"),
        count(now, "newFans"),
        count(before, "payingFans"),
        count(before, "newFans"),
    ]
}

/// The same from the rows of the ledger, of all creators or of one account.
pub async fn found(world: &World, shown: &Value, account: Option<&str>) -> [i64; 4] {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (zone, period) = (text(&shown["timezone"]), &shown["period"]);
    let (from, to) = (text(&period["from"]), text(&period["to"]));
    let until = period["previous"]["until"].as_str().unwrap_or("infinity");
    let is_compared = !period["previous"].is_null();
    let whose =
        account.map_or_else(|| "true".to_owned(), |id| format!("m.fanvue_user_uuid = '{id}'"));
    let sql = format!(
        "with bought as (
             select t.fan_id, t.transaction_date as at,
                    (t.transaction_date at time zone '{zone}')::date as day,
                    min(t.transaction_date) over (partition by t.fan_id) as first_at
               from fanvue_transactions t join models m on m.id = t.model_id
              where {whose} and t.fan_id is not null and t.amount_cents > 0
                and t.transaction_type not in ('affiliate', 'giveaway', 'referral')
         ), asked as (
             select *, true as is_now from bought where day between '{from}' and '{to}'
             union all
             select *, false from bought
              where {is_compared} and at < '{until}'
                and day between '{from}'::date - ('{to}'::date - '{from}' + 1) and '{from}'::date - 1
         )
         select count(distinct fan_id) filter (where is_now),
                count(distinct fan_id) filter (where is_now and at = first_at),
                count(distinct fan_id) filter (where not is_now),
                count(distinct fan_id) filter (where not is_now and at = first_at)
           from asked"
    );
    let row = world.db.sql(&sql).await.remove(0);
    [0, 1, 2, 3].map(|i: usize| row[i].parse().unwrap())
}

fn tip(creator: Uuid, fan: &str) -> NewSale {
    let (fan, source) = (Some(fan.to_owned()), Some("tip".to_owned()));
    NewSale { fan, source, ..NewSale::of(creator) }
}

#[tokio::test]
async fn a_fan_of_two_creators_is_one_fan_of_the_agency() {
    let world = World::empty().await;
    let (ada, bea) = (world.creator("Ada", 40, 0), world.creator("Bea", 40, 0));
    world.connect().await;
    world.tick().await;
    let query = "startDate=2026-11-21&endDate=2026-11-21";
    let all = told(&world.dashboard(query).await);
    for creator in [ada, bea, ada] {
        world.sim.sell(&tip(creator, "bob"), world.now()).unwrap();
        world.advance(2);
    }
    world.tick().await;
    let shown = world.dashboard(query).await;
    let more = told(&shown);
    assert_eq!((more[0] - all[0], more[1] - all[1]), (1, 1), "bob is new, and one");
    assert_eq!(more, found(&world, &shown, None).await);
    let own = "select id, fanvue_user_uuid from models where transactions_total > 0";
    let mut by_creator = 0;
    for row in world.db.sql(own).await {
        let shown = world.dashboard(&format!("{query}&modelId={}", row[0])).await;
        assert_eq!(told(&shown), found(&world, &shown, Some(&row[1])).await);
        by_creator += told(&shown)[0];
    }
    assert_eq!(by_creator, more[0] + 1, "and one of each of them");
}

#[tokio::test]
async fn an_unfinished_history_makes_nobody_new_and_only_all_time_tells_what_a_fan_is_worth() {
    let world = World::seeded(2, 40).await;
    world.tick().await;
    let all = world.dashboard("timeRange=all").await;
    let kpis = &all["kpiMetrics"];
    assert_eq!(kpis["ltvCents"], kpis["arpuCents"]);
    assert_eq!(kpis["newFans"], kpis["payingFans"], "once everybody was new");
    assert!(kpis["ltvCents"].is_i64());
    let month = world.dashboard("timeRange=30d").await;
    assert!(month["kpiMetrics"]["ltvCents"].is_null());
    assert!(month["kpiMetrics"]["newFans"].is_i64());
    world.db.sql("update models set last_transaction_sync = null").await;
    for query in ["timeRange=all", "timeRange=30d"] {
        let shown = world.dashboard(query).await;
        let kpis = &shown["kpiMetrics"];
        assert!(kpis["newFans"].is_null() && kpis["ltvCents"].is_null(), "{query}: {kpis}");
        assert!(kpis["payingFans"].is_i64());
    }
}

#[tokio::test]
async fn the_database_and_the_code_agree_on_what_a_purchase_is() {
    let world = World::empty().await;
    for source in Source::ALL {
        for gross in [-5, 0, 5] {
            let earning = Earning {
                at: world.now(),
                source,
                gross: Cents(gross),
                net: Cents::ZERO,
                total: None,
                currency: None,
                order_id: None,
                status: None,
                message_id: None,
                post_id: None,
                reverses: None,
                fan: None,
            };
            let sql = format!("select is_purchase('{}', {gross})", source.as_str());
            let wanted = if earning.is_purchase() { "t" } else { "f" };
            assert_eq!(world.db.sql(&sql).await, [[wanted]], "{source:?} {gross}");
        }
    }
}

/// What people and releases do to the fans' days.
const CHANGES: [&str; 8] = [
    "insert into fan_days
     select agency_id, id, 'bob', day::date
       from models, generate_series('2026-10-20'::timestamp, '2026-11-20', '2 days') as day",
    "insert into fan_days
     select agency_id, id, 'bob', day::date
       from models, generate_series('2026-10-19'::timestamp, '2026-11-21', '1 day') as day
         on conflict do nothing",
    "update fan_days set day = day + 4000 where day > '2026-11-01'",
    "update fan_days set fan_id = 'bea' where fan_id = 'bob'",
    "begin; delete from fan_days; rollback",
    "delete from fan_days where fan_id = 'bea' and extract(day from day) in (3, 4, 7)",
    "delete from models where id in (select id from models order by name limit 2)",
    "delete from agencies",
];

async fn assert_counted(world: &World, after: &str) {
    let drifts = world.ctx.store.list_drifts().await.unwrap();
    let counts = drifts.iter().filter(|drift| matches!(drift, Drift::FanCount { .. }));
    assert_eq!(counts.collect::<Vec<_>>(), Vec::<&Drift>::new(), "after {after}");
}

#[tokio::test]
async fn whatever_changes_the_fans_days_changes_their_counts() {
    let world = World::seeded(3, 60).await;
    world.tick().await;
    assert_ne!(world.db.sql("select count(*) from fan_counts").await, [["0"]]);
    for change in CHANGES {
        world.db.sql(change).await;
        assert_counted(&world, change).await;
    }
    assert_eq!(world.db.sql("select count(*) from fan_counts").await, [["0"]]);
}

#[tokio::test]
async fn creators_whom_the_same_fan_pays_are_booked_at_once() {
    let world = World::seeded(6, 20).await;
    world.tick().await;
    let creators = world.db.sql("select id from models order by id").await.concat();
    for round in 0..8 {
        let book = |(nth, id): (usize, &String)| {
            format!(
                "insert into fan_days
                 select agency_id, id, 'bob', '2026-11-21'::date - {round} - 3 * i
                   from models, generate_series(0, 30) as i where id = '{id}' and i % 6 <> {nth}
                     on conflict do nothing"
            )
        };
        let statements: Vec<_> = creators.iter().enumerate().map(book).collect();
        join_all(statements.iter().map(|sql| world.db.sql(sql))).await;
    }
    assert_counted(&world, "all rounds").await;
}

async fn rebuild(world: &World) -> Rebuilt {
    let agency = world.ctx.store.reader().list_agencies(1).await.unwrap().remove(0).id;
    let tx = world.ctx.store.begin("rebuild").await.unwrap();
    let rebuilt = tx.rebuild(agency, world.now()).await.unwrap();
    tx.commit().await.unwrap();
    rebuilt
}

#[tokio::test]
async fn what_does_not_follow_from_the_ledger_is_found_and_mended_and_nothing_else_is_written() {
    let world = World::seeded(2, 60).await;
    world.tick().await;
    assert_eq!(rebuild(&world).await, Rebuilt::default(), "all is right");
    let first = "(select id from models where transactions_total > 0 order by id limit 1)";
    for change in [
        format!("update revenue_daily set gross_cents = gross_cents + 7 where model_id = {first}"),
        format!("delete from revenue_daily where day > '2026-11-10' and model_id = {first}"),
        format!("update models set net_total_cents = net_total_cents - 5 where id = {first}"),
        "update revenue_sums set gross_cents = gross_cents - 3 where source = 'tip'".to_owned(),
        "delete from revenue_sums where span = 'month'".to_owned(),
        "delete from fan_days where day > '2026-11-10'".to_owned(),
        format!(
            "insert into fan_days
             select agency_id, id, 'ghost', '2026-11-01' from models where id = {first}"
        ),
        "update fan_counts set fan_count = fan_count + 1".to_owned(),
        "delete from fan_counts where model_id is null".to_owned(),
        "update fanvue_transactions set amount_cents = 3 * amount_cents".to_owned(),
        "update fanvue_transactions set fan_id = 'bea' where transaction_type = 'tip'".to_owned(),
    ] {
        world.db.sql(&change).await;
        assert_ne!(world.ctx.store.list_drifts().await.unwrap(), [], "{change}");
        let rebuilt = rebuild(&world).await;
        assert_ne!(rebuilt, Rebuilt::default(), "{change}");
        world.check().await;
        assert_eq!(rebuild(&world).await, Rebuilt::default(), "a second time, {change}");
    }
}

#[tokio::test]
async fn what_was_mended_is_told_in_rows_and_cents() {
    let world = World::seeded(1, 30).await;
    world.tick().await;
    let count = world.db.sql("select count(*) from revenue_daily").await;
    let days: i64 = count[0][0].parse().unwrap();
    world.db.sql("update revenue_daily set gross_cents = gross_cents + 7").await;
    let rebuilt = rebuild(&world).await;
    assert_eq!((rebuilt.days.rows, rebuilt.days.cents), (days, Cents(7 * days)));
    assert_eq!(rebuilt, Rebuilt { days: rebuilt.days, ..Rebuilt::default() }, "the rest followed");
}
