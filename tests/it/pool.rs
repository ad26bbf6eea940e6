//! Connections that are kept between requests.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use store::{Options, Store, UserId};
use uuid::Uuid;

use crate::world::database::Database;

/// A function that is frozen hears nothing of it when its connection ends.
#[tokio::test]
async fn a_connection_that_ended_while_nobody_ran_is_replaced_before_it_is_used() {
    let db = Database::create().await;
    let options = Options { believed: Duration::ZERO, ..Options::default() };
    let store = frozen(&db, options).await;
    store.read_health(Timestamp::UNIX_EPOCH).await.unwrap();
}

/// By its own clock it may have been frozen for no time at all: then the connection is believed.
#[tokio::test]
async fn what_only_reads_asks_again_where_a_believed_connection_was_dead() {
    let db = Database::create().await;
    let user = UserId(Uuid::nil());
    for believed in [Options::default().believed, Duration::MAX] {
        let options = || Options { believed, ..Options::default() };
        frozen(&db, options()).await.read_health(Timestamp::UNIX_EPOCH).await.unwrap();
        let reader = frozen(&db, options()).await.reader_for(user);
        reader.list_agencies(1).await.unwrap();
        let reader = frozen(&db, options()).await.reader_for(user);
        reader.begin_snapshot("whole").await.unwrap().commit().await.unwrap();
        let tx = frozen(&db, options()).await.begin("whole").await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// What may have changed something is asked once: nobody knows what became of it.
#[tokio::test]
async fn what_changes_something_is_not_asked_again() {
    let db = Database::create().await;
    let options = Options { believed: Duration::MAX, ..Options::default() };
    let store = frozen(&db, options).await;
    assert!(store.release_all_streams().await.is_err());
}

/// A store with two connections that were used and whose sessions ended while nobody ran.
async fn frozen(db: &Database, options: Options) -> Store {
    let url = format!("{}?application_name=frozen", db.direct_url().await);
    let store = Store::open(&SecretString::from(url.clone()), options).unwrap();
    let (one, two) = (store.begin("one").await.unwrap(), store.begin("two").await.unwrap());
    one.commit().await.unwrap();
    two.commit().await.unwrap();
    std::thread::scope(|scope| {
        let end = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let end = "select pg_terminate_backend(pid) from pg_stat_activity
                            where application_name = 'frozen' and datname = current_database()";
                let there = "select 1 from pg_stat_activity
                              where application_name = 'frozen' and datname = current_database()";
                assert!(2 <= sql(&url, end).await);
                while sql(&url, there).await != 0 {}
            });
        };
        scope.spawn(end).join().unwrap();
    });
    store
}

/// Rows of a statement over a connection of its own, under another name.
async fn sql(url: &str, statement: &str) -> usize {
    let url = url.replace("=frozen", "=other");
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.query_typed(statement, &[]).await.unwrap().len()
}
