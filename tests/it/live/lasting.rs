//! How long a stream lasts, how many there may be, and what it survives.

use std::process::Stdio;

use app::Endpoint;
use tokio::{
    io::{AsyncBufReadExt, BufReader, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::{Server, change_something, revision};
use crate::{
    functions::binary::Binary,
    users::token,
    world::{SECRET, World, environment, fetch},
};

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
async fn one_user_takes_no_place_of_another() {
    let world = World::with_users().await;
    let server = Server::start(&world).await;
    let open = async |number| {
        let response = server.answer_to(&token(&world, number), "", None).await;
        (response.status().as_u16(), response)
    };
    let mut streams = vec![];
    for _ in 0..16 {
        let (status, stream) = open(1).await;
        assert_eq!(status, 200);
        streams.push(stream);
    }
    let (status, refused) = open(1).await;
    assert_eq!(status, 429);
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(open(2).await.0, 200, "a colleague");
    streams.pop();
    assert_eq!(open(1).await.0, 200, "a window was closed");
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

/// Carries one connection from a port of this machine to the database, and no other. Port 0 is any.
async fn carry_one(from: u16, to: &str) -> (u16, JoinHandle<()>) {
    let door = TcpListener::bind(("127.0.0.1", from)).await.unwrap();
    let (port, to) = (door.local_addr().unwrap().port(), to.to_owned());
    let carry = async move {
        let (mut near, _) = door.accept().await.unwrap();
        drop(door);
        let mut far = TcpStream::connect(to).await.unwrap();
        // It ends with either of the two, or when it is aborted.
        let _ = copy_bidirectional(&mut near, &mut far).await;
    };
    (port, tokio::spawn(carry))
}

#[tokio::test]
async fn who_comes_while_the_connection_cannot_be_made_again_is_told_so() {
    let world = World::seeded(1, 1).await;
    let direct = world.db.direct_url().await;
    let (user, rest) = direct.split_once('@').unwrap();
    let (place, name) = rest.split_once('/').unwrap();
    let (port, carried) = carry_one(0, place).await;
    let mut variables = environment(&world.db.url, "http://127.0.0.1:1");
    variables.push(("DATABASE_DIRECT_URL", format!("{user}@127.0.0.1:{port}/{name}")));
    let server = Server::configured(&world, variables);
    let mut events = server.open(None).await;
    let first = events.told().await.unwrap();

    carried.abort();
    server.clock.is_awaited(1).await;
    server.clock.advance(1);
    assert_eq!(server.answer("", None).await.status(), 503);

    change_something(&world).await;
    carry_one(port, place).await;
    server.clock.is_awaited(1).await;
    server.clock.advance(1);
    assert_eq!(events.told().await, Some(first + 1), "those who were there hear of it");
    assert_eq!(server.answer("", None).await.status(), 200);
}

#[tokio::test]
async fn where_nobody_can_listen_the_log_warns_of_it_and_names_the_remedy() {
    let world = World::seeded(1, 1).await;
    let mut variables = environment(&world.db.url, "http://127.0.0.1:1");
    variables.push(("DATABASE_DIRECT_URL", "postgres://postgres@127.0.0.1:1/none".into()));
    let path = env!("CARGO_BIN_EXE_analytics-live");
    let mut function = Binary::logging_to(Stdio::piped(), path, variables).await;
    let url = format!("{}{}", function.url, Endpoint::Live.path());
    assert_eq!(fetch(&url, Some(SECRET)).await.status(), 503);
    let mut log = BufReader::new(function.child.stderr.take().unwrap()).lines();
    let line = loop {
        let line = log.next_line().await.unwrap().expect("the log tells of it");
        if line.contains("nobody tells of changes") {
            break line;
        }
    };
    assert!(line.contains("\"level\":\"WARN\""), "{line}");
    assert!(line.contains("DATABASE_DIRECT_URL") && line.contains("session mode"), "{line}");
}
