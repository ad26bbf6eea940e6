use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::loopback;

struct Running {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    server: tokio::task::JoinHandle<()>,
}

/// A server whose database is nowhere: none of these requests gets that far.
async fn start() -> Running {
    start_at(None).await
}

/// The same, where the clock shows something else.
async fn start_at(clock: Option<Arc<dyn app::Clock>>) -> Running {
    let url = "postgres://nobody@127.0.0.1:1/none".to_owned();
    let lookup = |name: &str| (name == "DATABASE_URL").then(|| url.clone());
    let mut ctx = Ctx::new(app::Config::from_lookup(lookup).unwrap()).unwrap();
    if let Some(clock) = clock {
        ctx.clock = clock;
    }
    let (listener, address) = listen(0).await.unwrap();
    let (stop, stopped) = watch::channel(false);
    let page = Arc::new(Page::at("/nonexistent".into()));
    let site = Site { ctx: Arc::new(ctx), page, demo: None };
    let server = tokio::spawn(serve(listener, site, stopped));
    Running { address, stop, server }
}

/// Sends bytes as they are; gives all that comes back.
async fn say(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The server may answer and hang up before it has everything.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn the_page_is_at_the_root_and_nowhere_else() {
    let running = start().await;
    let (status, body) = loopback::get(running.address, "/", &[]).await.unwrap();
    assert_eq!(status, StatusCode::OK);
    assert!(body.starts_with(b"<!doctype html>"));
    // `/demo` is a page of `dev` alone.
    for path in ["/index.html", "/demo", "/demo?role=owner"] {
        let (status, body) = loopback::get(running.address, path, &[]).await.unwrap();
        assert_eq!(status, StatusCode::NOT_FOUND);
        let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(problem["status"], 404);
    }
}

#[tokio::test]
async fn every_answer_is_dated_by_the_clock_that_figures_are_as_of() {
    struct Past;
    impl app::Clock for Past {
        fn now(&self) -> jiff::Timestamp {
            jiff::Timestamp::UNIX_EPOCH
        }

        fn sleep_until(&self, _: jiff::Timestamp) -> futures_util::future::BoxFuture<'_, ()> {
            Box::pin(async {})
        }
    }
    let running = start_at(Some(Arc::new(Past))).await;
    for path in ["/", "/api/nothing"] {
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        let answer = say(running.address, request.as_bytes()).await;
        let dates = answer.lines().filter(|line| line.starts_with("date: ")).collect::<Vec<_>>();
        assert_eq!(dates, ["date: Thu, 01 Jan 1970 00:00:00 GMT"], "{answer}");
    }
}

#[tokio::test]
async fn a_body_past_the_limit_is_refused_while_it_comes() {
    let running = start().await;
    let length = platform::BODY_BYTES_MAX + 1;
    let head = "POST /api/health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n";
    let mut request = format!("{head}content-length: {length}\r\n\r\n").into_bytes();
    request.resize(request.len() + length, b'x');
    let answer = say(running.address, &request).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("application/problem+json"), "{answer}");
}

#[tokio::test]
async fn what_is_no_http_is_no_request() {
    let running = start().await;
    for bytes in [&b"\x16\x03\x01\x02\x00\x01\x00"[..], b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"] {
        let answer = say(running.address, &[bytes, b"\r\n\r\n"].concat()).await;
        assert!(!answer.contains(" 200 "), "{answer}");
    }
    let (status, _) = loopback::get(running.address, "/", &[]).await.unwrap();
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_up_the_end() {
    let running = start().await;
    let mut idle = TcpStream::connect(running.address).await.unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut first = [0; 16];
    idle.read_exact(&mut first).await.unwrap();
    running.stop.send(true).unwrap();
    tokio::time::timeout(Duration::from_secs(2), running.server).await.unwrap().unwrap();
    assert!(TcpStream::connect(running.address).await.is_err());
}
