//! What the night erases because it was kept long enough, and what nobody but the owner of the database may.

use store::admin;

use crate::world::World;

impl World {
    /// Sales that a webhook told of, each so many days before now: settled at once, or in another state.
    async fn told_before(&self, state: &str, count: u32, days: u32) {
        let sql = format!(
            "insert into provisional_transactions
                 (agency_id, model_id, event_key, family, at, source, gross_cents, state, settled_at,
                  expires_at, created_at)
             select agency_id, id, '{state} {days} ' || n, 'creator', told.at, 'tip', 500, '{state}',
                    case '{state}' when 'settled' then told.at end, told.at, told.at
               from models cross join generate_series(1, {count}) as n
              cross join lateral (
                    select '{}'::timestamptz - interval '{days} days' as at) as told
              where name = 'Ada'",
            self.now()
        );
        self.db.sql(&sql).await;
    }

    async fn followed_before(&self, count: u32, days: u32) {
        let sql = format!(
            "insert into fan_events (agency_id, model_id, event_key, kind, at, fan_id)
             select agency_id, id, '{days} ' || n, 'follow',
                    '{}'::timestamptz - interval '{days} days', 'bea'
               from models cross join generate_series(1, {count}) as n where name = 'Ada'",
            self.now()
        );
        self.db.sql(&sql).await;
    }
}

#[tokio::test]
async fn sales_that_their_rows_settled_are_erased_after_ninety_days_and_no_others() {
    let (world, _) = World::proved(20).await;
    // More than one statement erases.
    world.told_before("settled", 1_500, 91).await;
    for state in ["settled", "unmatched", "repeated", "open"] {
        world.told_before(state, 3, 89).await;
    }
    for state in ["unmatched", "repeated"] {
        world.told_before(state, 2, 200).await;
    }
    let before = world.db.sql("select * from fanvue_transactions order by id").await;
    world.prove().await;
    let left = "select split_part(event_key, ' ', 1), split_part(event_key, ' ', 2), count(*)
                  from provisional_transactions group by 1, 2 order by 1, 2";
    let kept = [
        ["open", "89", "3"],
        ["repeated", "200", "2"],
        ["repeated", "89", "3"],
        ["settled", "89", "3"],
        ["unmatched", "200", "2"],
        ["unmatched", "89", "3"],
    ];
    assert_eq!(world.db.sql(left).await, kept);
    assert_eq!(world.db.sql("select * from fanvue_transactions order by id").await, before);
    world.advance(2 * 86_400);
    world.prove().await;
    let settled = "select count(*) from provisional_transactions where state = 'settled'";
    assert_eq!(world.number(settled).await, 0);
}

#[tokio::test]
async fn what_fans_did_is_erased_after_four_hundred_days() {
    let (world, _) = World::proved(20).await;
    world.followed_before(1_200, 401).await;
    world.followed_before(4, 399).await;
    world.prove().await;
    assert_eq!(world.db.sql("select distinct event_key from fan_events").await.len(), 4);
    let oldest = "select distinct split_part(event_key, ' ', 1) from fan_events";
    assert_eq!(world.db.sql(oldest).await, [["399"]]);
}

#[tokio::test]
async fn the_service_may_neither_change_nor_erase_what_was_written_down_of_money() {
    let (world, _) = World::proved(20).await;
    let as_service = |sql: &str| format!("begin; set local role service_role; {sql}; commit");
    let run = async |sql: &str| admin::run_sql(&world.db.url, &as_service(sql)).await;
    assert!(run("select 1 from money_changes").await.is_ok());
    let before = world.number("select count(*) from money_changes").await;
    assert!(0 < before);
    for sql in [
        "delete from money_changes",
        "delete from money_changes where changed_at < now() - interval '100 years'",
        "update money_changes set actor = 'nobody'",
        "truncate money_changes",
    ] {
        assert!(run(sql).await.is_err(), "{sql}");
    }
    let nobodys = "select count(*) from money_changes where actor <> 'nobody'";
    assert_eq!(world.number(nobodys).await, before);
}
