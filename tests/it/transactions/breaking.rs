//! Files that break off, files that are long, and many at once.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use app::http::{Body, BrokenOff, GatherError, Response};
use futures_util::{StreamExt, future::BoxFuture, stream};
use serde_json::json;
use store::{Gate, Store, admin};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::FILE;
use crate::{
    functions::binary::Binary,
    world::{SECRET, World, environment},
};

const END_SESSIONS: &str = "select pg_terminate_backend(pid) from pg_stat_activity
                             where datname = current_database() and pid <> pg_backend_pid()";

/// One creator with that many rows of the last days; the rollup doesn't matter here.
async fn long(rows: u32) -> World {
    let world = World::empty().await;
    world.creator("Ada", 1, 0);
    world.connect().await;
    let sql = format!(
        "insert into fanvue_transactions
             (agency_id, model_id, fanvue_transaction_id, transaction_date, transaction_type,
              amount_cents, net_cents, fan_display_name, created_at, synced_at)
         select m.agency_id, m.id, 'to_' || i,
                '2026-11-21T09:00:00Z'::timestamptz - i * interval '1 second', 'tip', 1, 1,
                repeat('name ', 20), '2026-11-21T09:00:00Z', '2026-11-21T09:00:00Z'
           from generate_series(1, {rows}) as i, models m where m.name = 'Ada'"
    );
    world.db.sql(&sql).await;
    world
}

async fn begin(world: &World) -> Response {
    begin_of(world, "").await
}

/// The same of an agency among several.
async fn begin_of(world: &World, query: &str) -> Response {
    let request = http::Request::get(format!("{FILE}?timeRange=30d{query}"))
        .header("authorization", format!("Bearer {SECRET}"));
    crate::world::answer(&world.ctx, request.body(bytes::Bytes::new()).unwrap()).await
}

/// Ends every session of the database when that statement is about to be sent for the nth time.
#[derive(Debug)]
struct EndsBefore {
    statement: &'static str,
    nth: u32,
    sent: AtomicU32,
    url: String,
}

impl Gate for EndsBefore {
    fn before(&self, statement: &'static str) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            if statement == self.statement
                && self.sent.fetch_add(1, Ordering::SeqCst) + 1 == self.nth
            {
                admin::run_sql(&self.url, END_SESSIONS).await.unwrap();
            }
        })
    }

    fn after(&self, _: &'static str) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// A file of 1,200 rows, which are three pages, whose reading fails there.
async fn begin_failing(statement: &'static str, nth: u32) -> Response {
    let mut world = long(1_200).await;
    let url = world.db.url.clone();
    let gate = EndsBefore { statement, nth, sent: AtomicU32::new(0), url: url.clone() };
    let options = store::Options { gate: Some(Arc::new(gate)), ..store::Options::default() };
    world.ctx.store = Store::open(&url.into(), options).unwrap();
    let mut response = begin(&world).await;
    // The world ends with this function: all that there is to read is read here.
    let pieces = match std::mem::replace(response.body_mut(), Body::Whole(bytes::Bytes::new())) {
        Body::Whole(bytes) => vec![Ok(bytes)],
        Body::Pieces(pieces) => pieces.collect().await,
    };
    response.map(|_| Body::Pieces(stream::iter(pieces).boxed()))
}

#[tokio::test]
async fn a_file_that_fails_on_its_way_never_ends_as_if_it_were_whole() {
    for nth in 1..=3 {
        let response = begin_failing("list_transactions", nth).await;
        assert_eq!(response.status(), 200);
        let got = response.into_body().gather(usize::MAX).await;
        assert_eq!(got, Err(GatherError::BrokenOff(BrokenOff)), "page {nth}");
    }
    let got = begin_failing("list_transactions", 4).await.into_body().gather(usize::MAX).await;
    assert_eq!(got.unwrap().iter().filter(|byte| **byte == b'\n').count(), 1_201);
}

#[tokio::test]
async fn what_fails_before_the_first_line_is_a_problem() {
    // Before the snapshot begins a pooler mends a lost session by itself, and a kept connection that was dead
    // is replaced: nothing fails there.
    let world = World::empty().await;
    let port = world.db.sql("show port").await.remove(0).remove(0);
    let is_pooled = !world.db.url.contains(&format!(":{port}/"));
    for (statement, fails) in
        [("list_agencies", !is_pooled), ("begin", false), ("list_open_sales", true)]
    {
        let response = begin_failing(statement, 1).await;
        if !fails {
            assert_eq!(response.status(), 200, "{statement}");
            continue;
        }
        assert_eq!(response.status(), 503, "{statement}");
        assert_eq!(response.headers()["content-type"], "application/problem+json");
    }
}

#[tokio::test]
async fn a_file_is_of_one_moment() {
    let world = long(1_200).await;
    let mut body = match begin(&world).await.into_body() {
        Body::Pieces(pieces) => pieces,
        whole => panic!("{whole:?}"),
    };
    let mut text = body.next().await.unwrap().unwrap().to_vec();
    // Half of it is sold again, and a hint becomes a row, while the file is being read.
    world.hint("Ada", ("e1", "2026-11-20T08:00:00Z", "tip", 5, "open"), 9).await;
    world.book("Ada", "to_late", "2026-11-20T08:00:00Z", "tip", 5).await;
    world.db.sql("update fanvue_transactions set amount_cents = 100").await;
    while let Some(piece) = body.next().await {
        text.extend(piece.unwrap());
    }
    let lines = super::read_csv(std::str::from_utf8(&text).unwrap());
    assert_eq!(lines.len(), 1_200);
    assert!(lines.iter().all(|line| line["amountCents"] == "1"));
}

#[tokio::test]
async fn files_leave_connections_to_others() {
    let world = long(1_200).await;
    let others = "insert into agencies (name) values ('Second'), ('Third')";
    world.db.sql(others).await;
    let ids = world.db.sql("select '&agencyId=' || id from agencies order by name").await.concat();
    let [one, second, third] = &ids[..] else { panic!("{ids:?}") };
    let first = begin_of(&world, one).await;
    assert_eq!(first.status(), 200);
    // Nobody takes the places of others.
    let refused = async |query: &str, reason: &str| {
        let uri = format!("{FILE}?timeRange=30d{query}");
        let (status, problem) = world.get(&uri, Some(SECRET)).await;
        assert_eq!((status, &problem["code"]), (503, &json!("unavailable")), "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(reason), "{problem}");
    };
    refused(one, "of this agency").await;
    let of_second = begin_of(&world, second).await;
    assert_eq!(of_second.status(), 200);
    refused(third, "other files").await;
    let dashboard = world.dashboard(&format!("timeRange=7d{one}")).await;
    assert_eq!(dashboard["currency"], "USD");
    // A client that went away gives its place back.
    drop(first);
    assert_eq!(begin_of(&world, one).await.status(), 200);
    assert_eq!(begin_of(&world, third).await.status(), 200);
}

#[tokio::test]
async fn who_stops_reading_a_file_loses_the_place_after_a_minute() {
    let world = long(1_200).await;
    let mut stopped = match begin(&world).await.into_body() {
        Body::Pieces(pieces) => pieces,
        whole => panic!("{whole:?}"),
    };
    assert!(stopped.next().await.unwrap().is_ok());
    world.advance(59);
    assert_eq!(begin(&world).await.status(), 503);
    // Who takes a piece has another minute.
    assert!(stopped.next().await.unwrap().is_ok());
    world.advance(59);
    assert_eq!(begin(&world).await.status(), 503);
    world.advance(1);
    let next = begin(&world).await;
    assert_eq!(next.status(), 200);
    assert_eq!(stopped.next().await, Some(Err(BrokenOff)), "it ends as if it were whole");
    // What it had lost is not the other's.
    drop(stopped);
    assert_eq!(begin(&world).await.status(), 503);
    let file = next.into_body().gather(usize::MAX).await.unwrap();
    assert_eq!(file.iter().filter(|byte| **byte == b'\n').count(), 1_201);
    assert_eq!(begin(&world).await.status(), 200);
}

/// Asks a function for a file; what came of it until the first byte of its body.
async fn ask(binary: &Binary) -> (TcpStream, Vec<u8>) {
    let address = binary.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head =
        format!("GET {FILE}?startDate=2026-11-01&endDate=2026-11-21 HTTP/1.1\r\nhost: x\r\n");
    let head = format!("{head}authorization: Bearer {SECRET}\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut got = vec![];
    while !got.windows(9).any(|window| window == b"state,id,") {
        assert_ne!(
            stream.read_buf(&mut got).await.unwrap(),
            0,
            "{}",
            String::from_utf8_lossy(&got)
        );
    }
    let text = String::from_utf8_lossy(&got);
    assert!(
        text.starts_with("HTTP/1.1 200 ") && text.contains("transfer-encoding: chunked"),
        "{text}"
    );
    (stream, got)
}

/// The most memory the process ever had, in KiB.
fn memory_peak(binary: &Binary) -> u64 {
    let pid = binary.child.id().unwrap();
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_function_sends_a_long_file_with_little_memory_and_breaks_the_connection_when_it_must() {
    let world = long(60_000).await;
    let environment = environment(&world.db.url, "http://127.0.0.1:1");
    let binary = Binary::start(env!("CARGO_BIN_EXE_analytics-export"), environment).await;
    let (mut stream, mut got) = ask(&binary).await;
    let before = memory_peak(&binary);
    stream.read_to_end(&mut got).await.unwrap();
    assert!(got.ends_with(b"\r\n0\r\n\r\n"), "the end of a whole answer");
    assert!(got.len() > 15_000_000, "{}", got.len());
    let grown = memory_peak(&binary) - before;
    assert!(grown < 10_000, "{grown} KiB for {} bytes", got.len());

    let (mut stream, mut got) = ask(&binary).await;
    admin::run_sql(&world.db.url, END_SESSIONS).await.unwrap();
    // Broken off by the other side, with an error or without.
    let _ = stream.read_to_end(&mut got).await;
    assert!(!got.ends_with(b"0\r\n\r\n"), "it must not look whole");
    assert!(got.len() < 15_000_000, "{}", got.len());
}
