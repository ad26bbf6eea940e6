//! What of an older system's rows can't be taken over holds up nobody else, and nothing is taken twice.

use super::{Older, STATES};

/// One row of hers that nobody knows, in the older table.
fn late(creator: &str) -> String {
    format!(
        "insert into before_heartbeat.fanvue_transactions
             (agency_id, model_id, fanvue_transaction_id, transaction_type, transaction_date, fan_id, amount)
         select agency_id, id, 'late {creator}', 'tip', '2026-11-01T00:00:00.123Z', 'nobody', 9
           from models where name = '{creator}'"
    )
}

/// Nothing of Ada's may be written down.
const AGAINST_ADA: &str = "
    create function against_ada() returns trigger language plpgsql as $$
    begin
        if exists (select from public.models where id = new.model_id and name = 'Ada') then
            raise exception 'not hers';
        end if;
        return new;
    end $$;
    create trigger against_ada before insert on upgrade_receipts
        for each row execute function against_ada()";

#[tokio::test]
async fn a_creator_whose_rows_can_not_be_booked_holds_up_nobody() {
    let older = Older::filled().await;
    store::migrate(&older.db.url).await.unwrap();
    let world = older.served();
    for creator in ["Ada", "Bea", "Cleo"] {
        world.db.sql(&late(creator)).await;
    }
    world.db.sql(AGAINST_ADA).await;
    world.scheduled().await;
    let waiting = "select o.fanvue_transaction_id from before_heartbeat.fanvue_transactions o
                    where o.adopted_at is null";
    assert_eq!(world.db.sql(waiting).await, [["late Ada"]]);
    // The command says so, after it has done what it can.
    world.db.sql(&late("Bea").replace("late Bea", "later Bea")).await;
    assert!(store::migrate(&world.db.url).await.is_err());
    assert_eq!(world.db.sql(waiting).await, [["late Ada"]]);
    world.db.sql("drop trigger against_ada on upgrade_receipts").await;
    world.advance(600);
    world.scheduled().await;
    assert!(world.db.sql(waiting).await.is_empty());
    world.forced().await;
    world.assert_complete().await;
}

#[tokio::test]
async fn an_older_table_that_is_loaded_again_is_not_booked_twice() {
    let older = Older::filled().await;
    store::migrate(&older.db.url).await.unwrap();
    let (states, rows) = (
        older.db.sql(STATES).await,
        "select count(*), sum(amount_cents), sum(net_cents) from fanvue_transactions",
    );
    let before = older.db.sql(rows).await;
    older.db.sql("update before_heartbeat.fanvue_transactions set adopted_at = null").await;
    assert_ne!(store::migrate(&older.db.url).await.unwrap().older_rows, 0);
    assert_eq!(older.db.sql(rows).await, before);
    assert_eq!(older.db.sql(STATES).await, states);
    older.served().check().await;
}

#[tokio::test]
async fn rows_without_a_date_that_there_was_are_refused_and_rows_of_nobody_are_counted() {
    let older = Older::filled().await;
    let odd = "alter table fanvue_transactions
                   alter transaction_date type text using to_json(transaction_date) #>> '{}',
                   alter amount type text, alter amount drop default, alter model_id drop not null,
                   drop constraint fanvue_transactions_model_id_fkey;
               insert into fanvue_transactions
                   (agency_id, model_id, fanvue_transaction_id, transaction_type, transaction_date, amount)
               select agency_id, id, 'strange ' || n, 'tip',
                      case n when 1 then '2026-02-30T10:00:00Z' else '2026-02-20T10:00:00Z' end,
                      case n when 2 then '9e40' else '5' end
                 from models cross join generate_series(1, 2) as n where name = 'Ada';
               insert into fanvue_transactions
                   (agency_id, model_id, fanvue_transaction_id, transaction_type, transaction_date, amount)
               select agency_id, case n when 1 then gen_random_uuid() end, 'stray ' || n, 'tip',
                      '2026-02-20T10:00:00Z', '5'
                 from models cross join generate_series(1, 2) as n where name = 'Ada'";
    older.db.sql(odd).await;
    let applied = store::migrate(&older.db.url).await.unwrap();
    assert_eq!(applied.older_strays, 2);
    let refused = "select r.state, r.reason from before_heartbeat.fanvue_transactions o
                     join upgrade_receipts r on r.older_id = o.id::text
                    where o.fanvue_transaction_id like 'strange%' order by o.fanvue_transaction_id";
    let reasons = [
        ["refused", "it says no instant at which it was earned, or none that there was"],
        ["refused", "it has no amount that is a number"],
    ];
    assert_eq!(older.db.sql(refused).await, reasons);
    let actors = "select distinct actor from money_changes";
    assert_eq!(older.db.sql(actors).await, [["adoption"]]);
    older.served().check().await;
}
