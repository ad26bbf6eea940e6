//! Every row of the older ledger has a receipt, and what is shown becomes what Fanvue says.

use ledger::{Cents, Content, Earning, Fan, Key, Source};

use super::{Older, STATES};

/// Four of each creator that Fanvue never had.
const PHANTOMS: i64 = 12;

#[tokio::test]
async fn an_older_ledger_keeps_every_row_and_equals_fanvue_after_one_force_sync() {
    let older = Older::filled().await;
    let sales = older.sales;
    let before = older.db.sql("select count(*), sum(amount) from fanvue_transactions").await;
    let applied = store::migrate(&older.db.url).await.unwrap();
    assert_eq!(applied.older_rows.to_string(), before[0][0]);
    assert_eq!(applied.versions.last().unwrap(), store::latest_version());
    let world = older.served();

    // The rows stand where they were put aside, and each has one receipt.
    let aside = "select count(*), sum(amount) from before_heartbeat.fanvue_transactions";
    assert_eq!(world.db.sql(aside).await, before);
    let unaccounted = "select count(*) from before_heartbeat.fanvue_transactions o
                         left join upgrade_receipts r on r.older_id = o.id::text and r.model_id = o.model_id
                        where r.state is null or o.adopted_at is null";
    assert_eq!(world.db.sql(unaccounted).await, [["0"]]);
    let receipts = "select count(*) from upgrade_receipts";
    assert_eq!(world.db.sql(receipts).await[0][0], before[0][0]);
    // A merged row names the one that counts, which tells of the same instant and, to the cent, the same sum.
    let astray = "select count(*) from upgrade_receipts r
                    left join fanvue_transactions t
                      on t.agency_id = r.agency_id and t.model_id = r.model_id and t.id = r.ledger_row
                   where r.state in ('adopted', 'merged')
                     and (t.id is null or t.transaction_date <> r.at or abs(t.amount_cents - r.gross_cents) > 1)";
    assert_eq!(world.db.sql(astray).await, [["0"]]);
    let states = world.db.sql(STATES).await;
    let of = |state: &str| states.iter().find(|row| row[0] == state).unwrap()[1].clone();
    assert_eq!(of("refused"), "6", "two of each creator");
    assert_ne!(of("merged"), "0");
    let shown = "select count(*), sum(amount_cents) from fanvue_transactions";
    let adopted = "select count(*), sum(gross_cents) from upgrade_receipts where state = 'adopted'";
    assert_eq!(world.db.sql(shown).await, world.db.sql(adopted).await);
    assert_eq!(of("adopted"), (sales + PHANTOMS).to_string(), "every sale once");
    world.check().await;
    let shown = world.dashboard("timeRange=all").await;
    assert_eq!(shown["freshness"]["exact"], false, "nobody has confirmed it");

    world.scheduled().await;
    world.forced().await;
    world.assert_complete().await;
    let shown = world.dashboard("timeRange=all").await;
    assert_eq!(shown["freshness"]["exact"], true, "{}", shown["freshness"]);
    let states = world.db.sql(STATES).await;
    let names: Vec<_> = states.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(names, ["confirmed", "merged", "refused", "retired"]);
    let retired = "select count(*), count(distinct (v.model_id, v.fanvue_transaction_id))
                     from upgrade_receipts r
                     join voided_transactions v
                       on v.model_id = r.model_id and (v.transaction ->> 'id')::uuid = r.ledger_row
                    where r.state = 'retired'";
    assert_eq!(world.db.sql(retired).await, [["12", "12"]], "four of each creator, whole");
    let told =
        "select count(*) from upgrade_receipts r join fanvue_transactions t on t.id = r.ledger_row
                 where r.state = 'confirmed' and r.told_cents is distinct from t.amount_cents";
    assert_eq!(world.db.sql(told).await, [["0"]]);
}

#[tokio::test]
async fn no_sale_is_doubled_while_its_history_is_read() {
    let older = Older::filled().await;
    store::migrate(&older.db.url).await.unwrap();
    let world = older.served();
    // After its first pages a creator is left alone: what was read is there, and the rest is adopted.
    world.settings(serde_json::json!({"rateLimit": 20}));
    world.scheduled().await;
    let rows = "select count(*) from fanvue_transactions t join models m on m.id = t.model_id
                 where m.name = 'Ada'";
    let confirmed = "select count(*) from upgrade_receipts where state = 'confirmed'";
    assert_ne!(world.db.sql(confirmed).await, [["0"]]);
    let shown: i64 = world.db.sql(rows).await[0][0].parse().unwrap();
    assert!(shown <= 1_400 + 4, "{shown}");
    let shown = world.dashboard("timeRange=all").await;
    assert_eq!(shown["freshness"]["exact"], false);
}

#[tokio::test]
async fn the_key_of_an_adopted_row_is_the_one_that_a_read_would_give_it() {
    let older = Older::filled().await;
    store::migrate(&older.db.url).await.unwrap();
    let rows = older
        .db
        .sql(
            "select fanvue_transaction_id, (extract(epoch from transaction_date) * 1000)::bigint,
                    transaction_type, amount_cents, net_cents, coalesce(fan_id, '')
               from fanvue_transactions",
        )
        .await;
    for row in &rows {
        let earning = Earning {
            at: jiff::Timestamp::from_millisecond(row[1].parse().unwrap()).unwrap(),
            source: Source::from_name(&row[2]).unwrap(),
            gross: Cents(row[3].parse().unwrap()),
            net: Cents(row[4].parse().unwrap()),
            total: None,
            currency: None,
            order_id: None,
            status: None,
            message_id: None,
            post_id: None,
            reverses: None,
            fan: (!row[5].is_empty()).then(|| Fan {
                id: row[5].clone(),
                handle: None,
                display_name: None,
            }),
        };
        let key = Key::Content { content: Content::of(&earning), occurrence: 1 };
        assert_eq!(row[0], key.to_string());
    }
    assert!(1_000 < rows.len());
}

/// More than a tenth of what the ledger holds may be missing from a feed that is wrong.
#[tokio::test]
async fn many_rows_that_fanvue_lacks_leave_the_second_time_and_no_earlier() {
    let older = Older::filled().await;
    let more = "insert into fanvue_transactions
                    (agency_id, model_id, fanvue_transaction_id, transaction_type, transaction_date, amount)
                select agency_id, id, 'more ' || n, 'tip', '2026-02-01'::timestamptz + n * interval '1 hour', 3
                  from models, generate_series(1, 60) as n where name = 'Cleo'";
    older.db.sql(more).await;
    store::migrate(&older.db.url).await.unwrap();
    let world = older.served();
    world.scheduled().await;
    let open = "select count(*) from upgrade_receipts where state = 'adopted'";
    assert_eq!(world.db.sql(open).await, [["64"]], "Cleo's phantoms, all of them");
    let shown = world.dashboard("timeRange=all").await;
    assert_eq!(shown["freshness"]["exact"], false, "{}", shown["freshness"]);
    world.advance(3_600);
    world.forced().await;
    assert_eq!(world.db.sql(open).await, [["0"]]);
    world.assert_complete().await;
}

#[tokio::test]
async fn what_is_written_to_the_older_table_later_is_taken_over_by_the_next_tick() {
    let older = Older::filled().await;
    store::migrate(&older.db.url).await.unwrap();
    let world = older.served();
    world.scheduled().await;
    world.forced().await;
    world.assert_complete().await;
    // One that the ledger holds, and one that nobody knows.
    let late = "insert into before_heartbeat.fanvue_transactions
                    (agency_id, model_id, fanvue_transaction_id, transaction_type, transaction_date, fan_id, amount)
                (select agency_id, model_id, 'late 1', 'tip', transaction_date, fan_id, amount
                  from fanvue_transactions where transaction_type = 'tip' limit 1)
                 union all
                (select agency_id, id, 'late 2', 'tip', '2026-11-01T00:00:00Z', 'nobody', 9
                  from models where name = 'Ada')";
    world.db.sql(late).await;
    world.scheduled().await;
    world.forced().await;
    let said = "select r.state from before_heartbeat.fanvue_transactions o
                  join upgrade_receipts r on r.older_id = o.id::text
                 where o.fanvue_transaction_id like 'late%' order by o.fanvue_transaction_id";
    assert_eq!(world.db.sql(said).await, [["merged"], ["retired"]]);
    world.assert_complete().await;
}
