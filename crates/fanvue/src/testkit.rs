//! A scripted transport for this crate's tests: says what it was told to, in order, and remembers
//! what it was asked. Not a platform; that is the simulator.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use jiff::Timestamp;
use ledger::Window;

use crate::{AccessToken, Client, Endpoints, Transport, TransportError};

pub(crate) type Outcome = Result<Response<Bytes>, TransportError>;

/// The script, and what was asked so far.
#[derive(Default)]
pub(crate) struct Scripted {
    script: Mutex<VecDeque<Outcome>>,
    asked: Mutex<Vec<Request<Bytes>>>,
}

impl Scripted {
    pub(crate) fn new(script: impl IntoIterator<Item = Outcome>) -> Arc<Self> {
        let script = Mutex::new(script.into_iter().collect());
        Arc::new(Self { script, asked: Mutex::default() })
    }

    pub(crate) fn client(self: &Arc<Self>) -> Client {
        Client::new(self.clone(), endpoints())
    }

    /// The requests since the last look.
    pub(crate) fn take_asked(&self) -> Vec<Request<Bytes>> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

impl Transport for Scripted {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Outcome> {
        self.asked.lock().unwrap().push(request);
        let outcome = self.script.lock().unwrap().pop_front().expect("the script has a next line");
        Box::pin(std::future::ready(outcome))
    }
}

pub(crate) fn endpoints() -> Endpoints {
    Endpoints {
        api_url: "https://api.example/".parse().unwrap(),
        auth_url: "https://auth.example".parse().unwrap(),
    }
}

pub(crate) fn token() -> AccessToken {
    AccessToken::new("at_1")
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn window(start: &str, end: &str) -> Window {
    Window::new(at(start), at(end)).unwrap()
}

/// A JSON answer with the headers of a budget.
pub(crate) fn says(status: u16, body: &str) -> Outcome {
    with_headers(
        status,
        body,
        &[
            ("content-type", "application/json"),
            ("x-ratelimit-limit", "200"),
            ("x-ratelimit-remaining", "17"),
            ("x-ratelimit-reset", "1788516060"),
        ],
    )
}

pub(crate) fn with_headers(status: u16, body: &str, headers: &[(&str, &str)]) -> Outcome {
    let response = headers
        .iter()
        .fold(Response::builder().status(status), |response, pair| response.header(pair.0, pair.1));
    Ok(response.body(Bytes::from(body.to_owned())).unwrap())
}
