//! Connections that are kept between requests.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use store::{Options, Store};

use crate::world::database::Database;

/// A function that is frozen hears nothing of it when its connection ends.
#[tokio::test]
async fn a_connection_that_ended_while_nobody_ran_is_replaced_before_it_is_used() {
    let db = Database::create().await;
    let url = format!("{}?application_name=frozen", db.direct_url().await);
    let options = Options { believed: Duration::ZERO, ..Options::default() };
    let store = Store::open(&SecretString::from(url.clone()), options).unwrap();
    store.read_health(Timestamp::UNIX_EPOCH).await.unwrap();
    std::thread::scope(|scope| {
        let end = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let end = "select pg_terminate_backend(pid) from pg_stat_activity
                            where application_name = 'frozen' and datname = current_database()";
                let there = "select 1 from pg_stat_activity
                              where application_name = 'frozen' and datname = current_database()";
                assert_eq!(sql(&url, end).await, 1);
                while sql(&url, there).await != 0 {}
            });
        };
        scope.spawn(end).join().unwrap();
    });
    store.read_health(Timestamp::UNIX_EPOCH).await.unwrap();
}

/// Rows of a statement over a connection of its own, under another name.
async fn sql(url: &str, statement: &str) -> usize {
    let url = url.replace("=frozen", "=other");
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.query_typed(statement, &[]).await.unwrap().len()
}
