//! The HTTP face over a real socket: answers, cut connections, silence, shutdown.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::oneshot};

use super::{after_seconds, options};
use crate::{Fault, NewFault, Simulator, serve};

fn ask(address: SocketAddr, request: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

fn get(address: SocketAddr, path: &str) -> String {
    ask(address, &format!("GET {path} HTTP/1.1\r\nhost: sim\r\nconnection: close\r\n\r\n")).unwrap()
}

#[tokio::test]
async fn it_serves_cuts_hangs_and_shuts_down() {
    let simulator = Simulator::new(options(2, 5));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve(simulator.clone(), listener, async {
        let _ = stopped.await;
    }));
    let client = tokio::task::spawn_blocking(move || {
        let answer = get(address, "/sim/truth");
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        let truth: Value = serde_json::from_str(body).unwrap();
        assert_eq!(truth["grossCents"], json!(simulator.truth(after_seconds(0)).gross_cents));
        assert!(get(address, "/users/me").contains("Unsupported API version"));
        simulator.fault(NewFault::once(Fault::DropBefore));
        assert_eq!(get(address, "/users/me"), "", "not one byte");
        simulator.fault(NewFault::once(Fault::SlowMs(1)));
        assert!(get(address, "/users/me").starts_with("HTTP/1.1 400"));
        simulator.fault(NewFault::once(Fault::Hang));
        let mut hanging = TcpStream::connect(address).unwrap();
        hanging.write_all(b"GET /users/me HTTP/1.1\r\nhost: sim\r\n\r\n").unwrap();
        while simulator.requests().unanswered < 2 {
            std::thread::yield_now();
        }
        hanging
    });
    let mut hanging = client.await.unwrap();
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
    let mut rest = String::new();
    assert_eq!(hanging.read_to_string(&mut rest).unwrap_or(0), 0, "let go without an answer");
}
