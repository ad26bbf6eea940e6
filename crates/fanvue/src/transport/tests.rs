//! The real transport against a socket that answers by rote. Not the platform's behaviour.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    thread::JoinHandle,
};

use super::*;

/// Accepts one connection, reads one request's head, writes `answer`, and closes the connection at
/// once or, when `hold`, only after the other side has.
fn server(answer: Vec<u8>, hold: bool) -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
            head.push(byte[0]);
        }
        // The client may hang up first: that is the point of some tests.
        drop(stream.write_all(&answer));
        while hold && matches!(stream.read(&mut byte), Ok(1)) {}
        String::from_utf8(head).unwrap()
    });
    (address, thread)
}

/// The head that the server read. Waits beside the runtime, whose tasks must go on to hang up.
async fn head(thread: JoinHandle<String>) -> String {
    tokio::task::spawn_blocking(move || thread.join().unwrap()).await.unwrap()
}

async fn fetch(
    address: SocketAddr,
    total: Duration,
) -> Result<http::Response<Bytes>, TransportError> {
    let timeouts = Timeouts { total, ..Timeouts::default() };
    let request = http::Request::get(format!("http://{address}/path?cursor=hush"));
    let request = request.header("authorization", "Bearer hush").body(Bytes::new()).unwrap();
    https_transport(timeouts).unwrap().send(request).await
}

async fn failure(answer: Vec<u8>, hold: bool, total: Duration) -> TransportErrorKind {
    let (address, thread) = server(answer, hold);
    let error = fetch(address, total).await.unwrap_err();
    head(thread).await;
    assert!(!format!("{error:?}").contains("hush"), "{error:?}");
    error.kind
}

const PATIENT: Duration = Duration::from_secs(15);

#[tokio::test]
async fn a_message_goes_out_and_one_comes_back_unchanged() {
    let answer = b"HTTP/1.1 418 Teapot\r\nX-Kind: a\r\nContent-Length: 5\r\n\r\nhello".to_vec();
    let (address, thread) = server(answer, false);
    let response = fetch(address, PATIENT).await.unwrap();
    assert_eq!((response.status().as_u16(), response.body().as_ref()), (418, b"hello".as_slice()));
    assert_eq!(response.headers()["x-kind"], "a");
    let head = head(thread).await.to_lowercase();
    assert!(head.starts_with("get /path?cursor=hush http/1.1"), "{head}");
    assert!(head.contains("authorization: bearer hush"), "{head}");
    assert!(head.contains(concat!("user-agent: heartbeat/", env!("CARGO_PKG_VERSION"))), "{head}");
}

#[tokio::test]
async fn a_redirect_is_an_answer_like_any_other() {
    let answer = b"HTTP/1.1 302 Found\r\nLocation: /else\r\nContent-Length: 0\r\n\r\n".to_vec();
    let (address, thread) = server(answer, false);
    assert_eq!(fetch(address, PATIENT).await.unwrap().status(), 302);
    head(thread).await;
}

#[tokio::test]
async fn a_body_that_breaks_off_is_no_body() {
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello".to_vec();
    assert_eq!(failure(answer, false, PATIENT).await, TransportErrorKind::Body);
}

#[tokio::test]
async fn a_connection_closed_without_an_answer_may_have_acted() {
    assert_eq!(failure(Vec::new(), false, PATIENT).await, TransportErrorKind::Body);
}

#[tokio::test]
async fn a_body_larger_than_the_cap_is_not_read_to_its_end() {
    let mut answer = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n".to_vec();
    answer.resize(answer.len() + BODY_BYTES_MAX + 1, b'x');
    assert_eq!(failure(answer, true, PATIENT).await, TransportErrorKind::TooLarge);
}

#[tokio::test]
async fn a_body_of_exactly_the_cap_is_read() {
    let mut answer =
        format!("HTTP/1.1 200 OK\r\nContent-Length: {BODY_BYTES_MAX}\r\n\r\n").into_bytes();
    answer.resize(answer.len() + BODY_BYTES_MAX, b'x');
    let (address, thread) = server(answer, false);
    assert_eq!(fetch(address, PATIENT).await.unwrap().body().len(), BODY_BYTES_MAX);
    head(thread).await;
}

#[tokio::test]
async fn an_answer_that_never_ends_runs_into_the_clock() {
    let short = Duration::from_millis(50);
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello".to_vec();
    assert_eq!(failure(half, true, short).await, TransportErrorKind::Timeout);
    assert_eq!(failure(Vec::new(), true, short).await, TransportErrorKind::Timeout);
}

#[tokio::test]
async fn a_closed_port_is_no_connection() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = fetch(address, PATIENT).await.unwrap_err();
    assert_eq!(error.kind, TransportErrorKind::Connect);
    assert!(!format!("{error:?}").contains("hush"), "{error:?}");
}
