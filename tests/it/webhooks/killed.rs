//! `kill -9` of the webhook's function: whatever it answered 2xx for is on disk.

use app::{Clock, SystemClock};
use fanvue::{signature::sign, webhook::event_key};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use secrecy::SecretString;
use std::collections::HashSet;

use crate::{
    functions::binary::Binary,
    world::{WEBHOOK_SECRET, database::Database, environment},
};

const KILLS: usize = 10;
const SENDERS: usize = 8;

/// Sends events of its own one after the other until the function is gone; the keys of those that were
/// acknowledged.
async fn send(url: String, sender: String, enough: tokio::sync::mpsc::Sender<()>) -> Vec<String> {
    let transport = fanvue::https_transport(fanvue::Timeouts::default()).unwrap();
    let mut kept = vec![];
    for number in 0.. {
        let body =
            format!(r#"{{"id":"{sender}-{number}","type":"creator.moon.landed","data":{{}}}}"#);
        let header = sign(&SecretString::from(WEBHOOK_SECRET), SystemClock.now(), body.as_bytes());
        let key = event_key(body.as_bytes()).to_string();
        let request = http::Request::post(&url).header("x-fanvue-signature", header);
        match transport.send(request.body(body.into()).unwrap()).await {
            Ok(answer) => assert_eq!(answer.status(), 200),
            Err(_) => return kept,
        }
        kept.push(key);
        // Nobody listens any more once there are enough.
        let _ = enough.try_send(());
    }
    kept
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_that_was_acknowledged_is_stored() {
    let mut dice = StdRng::seed_from_u64(11);
    let db = Database::create().await;
    let mut acknowledged = 0;
    for kill in 0..KILLS {
        let path = env!("CARGO_BIN_EXE_webhooks-fanvue");
        let mut function = Binary::start(path, environment(&db.url, "http://127.0.0.1:1")).await;
        let (enough, mut answers) = tokio::sync::mpsc::channel(1_000);
        let url = format!("{}/api/webhooks/fanvue", function.url);
        let senders: Vec<_> = (0..SENDERS)
            .map(|sender| {
                tokio::spawn(send(url.clone(), format!("{kill}-{sender}"), enough.clone()))
            })
            .collect();
        for _ in 0..dice.random_range(1..200) {
            answers.recv().await.unwrap();
        }
        function.child.kill().await.unwrap();
        let stored = db.sql("select event_key from webhook_events").await;
        let stored: HashSet<_> = stored.into_iter().flatten().collect();
        for sender in senders {
            for key in sender.await.unwrap() {
                assert!(stored.contains(&key), "{key} was acknowledged and is lost");
                acknowledged += 1;
            }
        }
    }
    assert!(KILLS * 10 < acknowledged, "only {acknowledged} events were acknowledged");
}
