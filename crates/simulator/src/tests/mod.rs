//! Tests of the whole simulator, through `Simulator::respond` as a client would.
//!
//! No sleeps and, but for `http.rs`, no sockets: instants are literals.

mod agency;
mod audience;
mod checks;
mod control;
mod faults;
mod generations;
mod http;
mod journal;
mod oauth;
mod paging;
mod quirks;
mod webhooks;
mod worlds;

use ::http::{HeaderMap, Request};
use bytes::Bytes;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{NewGrant, Options, Reply, Simulator};

/// The origin of every test's world.
fn origin() -> Timestamp {
    "2026-10-01T09:00:00Z".parse().unwrap()
}

fn after_seconds(seconds: i64) -> Timestamp {
    origin() + seconds.seconds()
}

fn options(creators: usize, days: u32) -> Options {
    Options { seed: 7, creators, days, origin: origin(), live_sales_per_hour: 0, base_url: None }
}

/// A simulator with a token of the agency's account, and a time that only tests move.
struct World {
    simulator: Simulator,
    token: String,
    now: Timestamp,
}

/// An answer, taken apart.
#[derive(Debug)]
struct Got {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Got {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    fn rows(&self) -> Vec<Value> {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()["data"].as_array().unwrap().clone()
    }

    fn cursor(&self) -> Option<String> {
        self.json()["nextCursor"].as_str().map(str::to_owned)
    }

    fn header(&self, name: &str) -> Option<i64> {
        self.headers.get(name).map(|value| value.to_str().unwrap().parse().unwrap())
    }
}

impl World {
    fn new(options: Options) -> World {
        World::of(Simulator::new(options))
    }

    fn of(simulator: Simulator) -> World {
        let mut world = World { simulator, token: String::new(), now: origin() };
        world.token = world.token_of("agency");
        world
    }

    fn token_of(&self, account: &str) -> String {
        let grant = NewGrant { account: account.to_owned(), scopes: None };
        self.simulator.grant(&grant, self.now).unwrap().access_token
    }

    /// A managed creator.
    fn creator(&self) -> Uuid {
        *self.simulator.creators().last().unwrap()
    }

    fn pass_seconds(&mut self, seconds: i64) {
        self.now += seconds.seconds();
    }

    fn request(&self, method: &str, path: &str) -> ::http::request::Builder {
        Request::builder()
            .method(method)
            .uri(path)
            .header("host", "sim.test")
            .header("x-fanvue-api-version", "2025-06-26")
            .header("authorization", format!("Bearer {}", self.token))
    }

    fn send(&self, request: Request<Bytes>) -> Reply {
        self.simulator.respond(request, self.now)
    }

    fn answer(&self, request: Request<Bytes>) -> Got {
        match self.send(request) {
            Reply::Answer(response) | Reply::Slow { response, .. } => {
                let (parts, body) = response.into_parts();
                let text = String::from_utf8(body.to_vec()).unwrap();
                Got { status: parts.status.as_u16(), headers: parts.headers, text }
            }
            other => panic!("no answer but {other:?}"),
        }
    }

    fn get(&self, path: &str) -> Got {
        self.answer(self.request("GET", path).body(Bytes::new()).unwrap())
    }

    fn post(&self, path: &str, body: Value) -> Got {
        self.answer(self.request("POST", path).body(Bytes::from(body.to_string())).unwrap())
    }

    /// Turns switches.
    fn set(&self, change: Value) {
        self.simulator.change_settings(&change, self.now).unwrap();
    }

    /// Sells by hand; answers the rows.
    fn sell(&self, sale: Value) -> Vec<Value> {
        let got = self.post("/sim/sales", sale);
        assert_eq!(got.status, 200, "{}", got.text);
        got.json()["rows"].as_array().unwrap().clone()
    }

    /// Every row of a pass, and how many pages it took.
    fn walk(&self, path: &str, query: &str) -> (Vec<Value>, usize) {
        let (mut rows, mut pages, mut cursor) = (Vec::new(), 0, None::<String>);
        loop {
            let more = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
            let page = self.get(&format!("{path}?{query}{more}"));
            rows.extend(page.rows());
            pages += 1;
            cursor = page.cursor();
            if cursor.is_none() {
                return (rows, pages);
            }
            assert!(pages < 1000, "endless");
        }
    }
}

fn ids(rows: &[Value]) -> Vec<String> {
    let id = |row: &Value| row["transactionOrderId"].as_str().unwrap().to_owned();
    rows.iter().map(id).collect()
}

fn cents(rows: &[Value], field: &str) -> i64 {
    rows.iter().map(|row| row[field].as_i64().unwrap()).sum()
}

fn keys(row: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = row.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

fn unlimited() -> Value {
    json!({"rateLimit": 1_000_000})
}
