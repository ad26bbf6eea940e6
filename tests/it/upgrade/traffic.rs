//! The older system goes on reading and writing while it is upgraded.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use tokio_postgres::{Client, NoTls};

use super::Older;
use crate::world::database::Database;

/// A session of the older system.
async fn session(db: &Database) -> Client {
    let (client, connection) =
        tokio_postgres::connect(&db.direct_url().await, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Whether the migration has let go and waits for its next attempt.
const WAITS: &str = "select count(*) from pg_stat_activity
                      where datname = current_database() and query like 'select pg_sleep(%'";

#[tokio::test]
async fn whoever_writes_is_not_held_up_by_a_reader_and_loses_no_row() {
    let older = Older::filled().await;
    let db = &older.db;
    let (reader, writer, eye) = (session(db).await, session(db).await, session(db).await);
    reader.batch_execute("begin; select count(*) from models").await.unwrap();
    let (written, is_over) = (AtomicU32::new(0), AtomicBool::new(false));

    let writing = async {
        // Its last row is refused: by then the table is ours.
        for n in 0_u32.. {
            let row = format!(
                "insert into fanvue_transactions
                     (agency_id, model_id, fanvue_transaction_id, transaction_type, transaction_date,
                      fan_id, amount, platform_fee)
                 select agency_id, id, 'written {n}', 'tip',
                        '2026-11-20T00:00:00Z'::timestamptz + {n} * interval '1 second', 'fan {n}', 1.5, 0.3
                   from models where name = 'Bea'"
            );
            if let Err(error) = writer.batch_execute(&row).await {
                let code = error.code().map(|code| code.code().to_owned());
                assert_eq!(code.as_deref(), Some("428C9"), "{error}");
                return n;
            }
            written.store(n + 1, Ordering::SeqCst);
            assert!(!is_over.load(Ordering::SeqCst), "the migration is over, and this was taken");
        }
        unreachable!()
    };
    let migrating = async {
        let applied = store::migrate(&db.url).await.unwrap();
        is_over.store(true, Ordering::SeqCst);
        applied
    };
    let watching = async {
        while eye.query_typed(WAITS, &[]).await.unwrap()[0].get::<_, i64>(0) == 0 {}
        let before = written.load(Ordering::SeqCst);
        while written.load(Ordering::SeqCst) < before + 20 {
            tokio::task::yield_now().await;
        }
        reader.batch_execute("commit").await.unwrap();
    };
    let (written, applied, ()) = tokio::join!(writing, migrating, watching);
    assert!(20 <= written && !applied.versions.is_empty());

    let kept = "select count(*) from before_heartbeat.fanvue_transactions o
                  join upgrade_receipts r on r.older_id = o.id::text and r.state = 'adopted'
                 where o.fanvue_transaction_id like 'written%'";
    assert_eq!(db.sql(kept).await, [[written.to_string()]]);
    assert!(store::migrate(&db.url).await.unwrap().versions.is_empty());
    // Readers of the names that stay see what they saw.
    let shown = "select count(*) from models m
                   join (select model_id, sum(amount) as amount from fanvue_transactions group by 1) as t
                     on t.model_id = m.id where t.amount = m.revenue_total";
    assert_eq!(db.sql(shown).await, [["3"]]);
}

#[tokio::test]
async fn a_row_that_is_written_and_not_committed_is_waited_for() {
    let older = Older::filled().await;
    let db = &older.db;
    let (writer, eye) = (session(db).await, session(db).await);
    let row = "begin;
               insert into fanvue_transactions
                   (agency_id, model_id, fanvue_transaction_id, transaction_type, transaction_date, amount)
               select agency_id, id, 'slow', 'tip', '2026-11-20T00:00:00Z', 1.5
                 from models where name = 'Bea'";
    writer.batch_execute(row).await.unwrap();
    let committing = async {
        while eye.query_typed(WAITS, &[]).await.unwrap()[0].get::<_, i64>(0) == 0 {}
        writer.batch_execute("commit").await.unwrap();
    };
    let (applied, ()) = tokio::join!(store::migrate(&db.url), committing);
    applied.unwrap();
    let kept = "select r.state from before_heartbeat.fanvue_transactions o
                  join upgrade_receipts r on r.older_id = o.id::text
                 where o.fanvue_transaction_id = 'slow'";
    assert_eq!(db.sql(kept).await, [["adopted"]]);
}
