//! An upgrade that is ended in the middle, begun twice, or begun again when it is done.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use tokio_postgres::NoTls;

use super::{Older, STATES};
use crate::world::database::Database;

/// A session that holds what `sql` locks until it is dropped.
async fn holding(db: &Database, sql: &str) -> tokio_postgres::Client {
    let (client, connection) =
        tokio_postgres::connect(&db.direct_url().await, NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(&format!("begin; {sql}")).await.unwrap();
    client
}

/// Begins the migration and drops it when `until` finds a row.
async fn cut(db: &Database, until: &str) {
    let reached = async { while db.sql(until).await.is_empty() {} };
    tokio::select! {
        _ = store::migrate(&db.url) => panic!("it ended by itself"),
        () = reached => {}
    }
    // Its session may still be there for a moment.
    let there = "select 1 from pg_stat_activity
                  where datname = current_database() and pid <> pg_backend_pid()
                    and (query like '%adopt_older_rows%' or query like '%pg_sleep%')
                    and query not like '%pg_stat_activity%'";
    let end = "select pg_terminate_backend(pid) from pg_stat_activity
                where datname = current_database() and pid <> pg_backend_pid()
                  and (query like '%adopt_older_rows%' or query like '%pg_sleep%')
                  and query not like '%pg_stat_activity%'";
    while !db.sql(there).await.is_empty() {
        db.sql(end).await;
    }
}

#[tokio::test]
async fn cut_off_before_it_had_its_locks_it_has_changed_nothing() {
    let older = Older::filled().await;
    let db = &older.db;
    let dump = "select count(*), md5(string_agg(t::text, '|' order by t.id)) from public.fanvue_transactions t";
    let before = db.sql(dump).await;
    let held = holding(db, "select count(*) from fanvue_transactions").await;
    let waits = "select 1 from pg_stat_activity
                  where datname = current_database() and query like 'select pg_sleep(%'";
    cut(db, waits).await;
    drop(held);
    assert_eq!(db.sql(dump).await, before);
    assert_eq!(
        db.sql("select 1 from pg_namespace where nspname = 'before_heartbeat'").await.len(),
        0
    );
    store::migrate(&db.url).await.unwrap();
    assert_eq!(db.sql("select count(*) from upgrade_receipts").await[0][0], before[0][0]);
}

#[tokio::test]
async fn cut_off_between_two_creators_it_goes_on_where_it_was() {
    let older = Older::filled().await;
    let whole = Older::filled().await;
    store::migrate(&whole.db.url).await.unwrap();
    let expected = whole.db.sql(STATES).await;

    let db = &older.db;
    // As after the first of three creators.
    store::migrate(&db.url).await.unwrap();
    let again = "begin;
        delete from upgrade_receipts where model_id in (select id from models where name <> 'Ada');
        delete from fanvue_transactions where model_id in (select id from models where name <> 'Ada');
        delete from revenue_daily where model_id in (select id from models where name <> 'Ada');
        delete from fan_days where model_id in (select id from models where name <> 'Ada');
        update models set revenue_total_cents = 0, net_total_cents = 0, transactions_total = 0
         where name <> 'Ada';
        update before_heartbeat.fanvue_transactions set adopted_at = null
         where model_id in (select id from models where name <> 'Ada');
        commit";
    db.sql(again).await;
    let held = holding(db, "select 1 from models where name = 'Cleo' for update").await;
    let waits = "select 1 from pg_stat_activity
                  where datname = current_database() and wait_event_type = 'Lock'
                    and query like '%adopt_older_rows%'";
    cut(db, waits).await;
    drop(held);
    let applied = store::migrate(&db.url).await.unwrap();
    assert!(applied.versions.is_empty() && 0 < applied.older_rows, "{applied:?}");
    assert_eq!(db.sql(STATES).await, expected);
    older.served().check().await;
}

#[tokio::test]
async fn begun_many_times_at_once_and_again_it_happens_once() {
    let older = Older::filled().await;
    let db = &older.db;
    let rows = db.sql("select count(*) from fanvue_transactions").await.remove(0).remove(0);
    let runs = join_all((0..6).map(|_| store::migrate(&db.url))).await;
    let runs: Vec<_> = runs.into_iter().map(Result::unwrap).collect();
    let taken: u64 = runs.iter().map(|run| run.older_rows).sum();
    assert_eq!(taken.to_string(), rows);
    let applied: Vec<_> = runs.iter().flat_map(|run| &run.versions).collect();
    let once: BTreeSet<_> = applied.iter().collect();
    assert_eq!(applied.len(), once.len(), "{applied:?}");
    let states = db.sql(STATES).await;
    let again = store::migrate(&db.url).await.unwrap();
    assert_eq!((again.versions.len(), again.older_rows), (0, 0));
    assert_eq!(db.sql(STATES).await, states);
    older.served().check().await;
}
