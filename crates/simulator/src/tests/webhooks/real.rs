//! Webhooks over real sockets: `serve` posts them, and takes the answers.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
};

use serde_json::json;
use tokio::sync::oneshot;

use super::{World, options};
use crate::{EndpointReport, Simulator, serve};

/// One request: its first line, its headers and its body.
struct Request {
    line: String,
    headers: Vec<String>,
    body: Vec<u8>,
    stream: TcpStream,
}

impl Request {
    fn take(listener: &TcpListener) -> Request {
        let (stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(&stream);
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if line.trim().is_empty() {
                break;
            }
            head.push(line.trim().to_owned());
        }
        let headers = head.split_off(1);
        let length = headers.iter().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.unwrap().parse().unwrap()];
        reader.read_exact(&mut body).unwrap();
        Request { line: head.remove(0), headers, body, stream }
    }

    fn header(&self, name: &str) -> String {
        let name = format!("{name}: ");
        self.headers.iter().find_map(|line| line.strip_prefix(&name)).unwrap().to_owned()
    }

    fn answer(mut self, status: &str) {
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\nok");
        self.stream.write_all(answer.as_bytes()).unwrap();
    }
}

/// The report of the app's own endpoint once nothing is on its way any more.
fn settled(simulator: &Simulator) -> EndpointReport {
    loop {
        let report = simulator.webhooks(crate::clock::now()).endpoints.remove(0);
        if report.pending + report.in_flight == 0 {
            return report;
        }
        std::thread::yield_now();
    }
}

#[tokio::test]
async fn serving_delivers_at_once_and_tries_again() {
    let simulator = Simulator::new(options(2, 0));
    let endpoint = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = endpoint.local_addr().unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve(simulator.clone(), listener, async {
        let _ = stopped.await;
    }));
    let client = tokio::task::spawn_blocking(move || {
        let world = World { now: crate::clock::now(), ..World::of(simulator.clone()) };
        world.hook(json!({"url": format!("http://localhost:{}/a/hook?key=1", address.port()),
            "retrySeconds": [0, 0]}));
        world.sell(json!({"creator": world.creator(), "source": "tip"}));
        let first = Request::take(&endpoint);
        assert_eq!(first.line, "POST /a/hook?key=1 HTTP/1.1");
        assert_eq!(first.header("host"), format!("localhost:{}", address.port()));
        assert_eq!(first.header("content-type"), "application/json");
        let signature = first.header("x-fanvue-signature");
        let (second, code) = signature.split_once(',').unwrap();
        let message = [&second.as_bytes()[2..], b".", &first.body].concat();
        assert_eq!(code, format!("v0={}", super::hmac(b"sim-webhook-secret", &message)));
        let body = first.body.clone();
        first.answer("500 Internal Server Error");
        let again = Request::take(&endpoint);
        assert!(again.body == body);
        // The connection ends without an answer.
        drop(again);
        let last = Request::take(&endpoint);
        assert!(last.body == body);
        last.answer("202 Accepted");
        let counts = settled(&simulator).counts;
        assert_eq!((counts.sent, counts.failed, counts.delivered), (3, 2, 1));
    });
    client.await.unwrap();
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
}

#[tokio::test]
async fn nothing_is_ever_sent_off_this_machine() {
    let simulator = Simulator::new(options(2, 0));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve(simulator.clone(), listener, async {
        let _ = stopped.await;
    }));
    let client = tokio::task::spawn_blocking(move || {
        let world = World { now: crate::clock::now(), ..World::of(simulator.clone()) };
        world.hook(json!({"url": "https://127.0.0.1:1/hook", "retrySeconds": []}));
        world.sell(json!({"creator": world.creator(), "source": "tip"}));
        let counts = settled(&simulator).counts;
        assert_eq!((counts.sent, counts.failed, counts.given_up), (1, 1, 1));
    });
    client.await.unwrap();
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
}

#[tokio::test]
async fn sixteen_are_on_their_way_at_once_and_the_end_waits_for_none() {
    let simulator = Simulator::new(options(2, 0));
    // It takes connections and never answers.
    let endpoint = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", endpoint.local_addr().unwrap());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve(simulator.clone(), listener, async {
        let _ = stopped.await;
    }));
    let client = tokio::task::spawn_blocking(move || {
        let world = World { now: crate::clock::now(), ..World::of(simulator.clone()) };
        world.hook(json!({"url": url}));
        world.sell(json!({"creator": world.creator(), "source": "tip", "count": 20}));
        let report = || simulator.webhooks(world.now).endpoints.remove(0);
        while report().in_flight == 0 {
            std::thread::yield_now();
        }
        assert_eq!((report().in_flight, report().pending), (16, 4));
    });
    client.await.unwrap();
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
    drop(endpoint);
}
