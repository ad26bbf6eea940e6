//! How long a stream lasts, how many there may be, and what it survives.

use super::{Server, change_something, revision};
use crate::world::World;

#[tokio::test]
async fn a_stream_says_that_it_is_there_and_ends_before_it_is_ended() {
    let world = World::seeded(1, 1).await;
    let server = Server::start(&world).await;
    let mut events = server.open(None).await;
    events.told().await.unwrap();
    for _ in 0..17 {
        server.clock.advance(15);
        assert_eq!(events.piece().await.as_deref(), Some(": still here\n\n"));
    }
    server.clock.advance(15);
    assert_eq!(events.piece().await.as_deref(), Some("retry: 250\n\n"));
    assert_eq!(events.piece().await, None);
}

#[tokio::test]
async fn changes_that_follow_each_other_at_once_are_told_as_one() {
    let world = World::seeded(1, 1).await;
    let server = Server::start(&world).await;
    let mut events = server.open(None).await;
    let first = events.told().await.unwrap();
    change_something(&world).await;
    assert_eq!(events.told().await, Some(first + 1), "the first one at once");
    for _ in 0..3 {
        change_something(&world).await;
    }
    // Another stream has heard of all of them, so this one has too.
    let mut witness = server.open(Some(&first.to_string())).await;
    assert_eq!(witness.told().await, Some(first + 4));
    server.clock.advance(1);
    assert_eq!(events.told().await, Some(first + 4));
}

#[tokio::test]
async fn a_server_has_so_many_streams_and_no_more() {
    let world = World::seeded(1, 1).await;
    let server = Server::start(&world).await;
    let mut streams = vec![];
    for _ in 0..256 {
        streams.push(server.open(None).await);
    }
    let response = server.answer("", None).await;
    assert_eq!(response.status(), 503);
    assert!(response.headers().contains_key("retry-after"));
    streams.pop();
    assert_eq!(server.open(None).await.told().await, Some(revision(&world).await));
}

#[tokio::test]
async fn a_change_while_the_connection_is_lost_is_told_when_it_is_back() {
    let world = World::seeded(1, 1).await;
    let server = Server::start(&world).await;
    let mut events = server.open(None).await;
    let first = events.told().await.unwrap();
    world
        .db
        .sql(
            "select pg_terminate_backend(pid) from pg_stat_activity
              where application_name = 'heartbeat-live' and datname = current_database()",
        )
        .await;
    server.clock.is_awaited(1).await;
    change_something(&world).await;
    server.clock.advance(1);
    assert_eq!(events.told().await, Some(first + 1));
}
