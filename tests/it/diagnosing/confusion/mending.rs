//! Whatever an answer names to be done is done: its calls are made as they stand there, as long as it names any.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{
    cast::{DAY, HOUR},
    play::Play,
};
use crate::{diagnosing::parts, world::SECRET};

/// Rows that Fanvue does not list any more leave after two reads an hour apart.
const ROUNDS_MAX: usize = 3;

/// Ticks that it may take to read what was asked for.
const TICKS_MAX: usize = 3;

/// How long it takes until something is done.
const READING_SECONDS: i64 = 300;

/// What a person can do nothing about, or need not.
const IDLE: [&str; 2] = ["nothing", "review_rejects"];

/// What is read by the next tick, if nothing else is named.
const READS: [&str; 5] = ["force_sync", "run_now", "refresh", "reconnect", "set_clock"];

/// What one round has to do: calls by what kind they are, with the creator whom each is about.
type Todo = BTreeMap<String, BTreeMap<String, String>>;

impl Play {
    /// Does what the answer names, and what later answers do. Returns who was to be read again and still lacks
    /// money after that.
    pub(super) async fn mend(&mut self, answer: &Value) -> BTreeSet<String> {
        let mut unread = BTreeSet::new();
        let mut answer = answer.clone();
        for round in 0..ROUNDS_MAX {
            let todo = todo(&answer);
            if todo.is_empty() {
                break;
            }
            // Somebody reads the answer first; a token that was asked for in vain is held for as long.
            self.world.advance(READING_SECONDS);
            self.pass(&todo, &answer).await;
            self.connect_again(&todo).await;
            self.read_again(&todo).await;
            if round == 0 {
                unread = self.unread(&answer).await;
            }
            if todo.contains_key("wait") {
                self.world.advance(3 * DAY + 1);
            }
            self.world.advance(HOUR);
            self.heartbeat().await;
            self.world.advance(61);
            answer = self.ask_all().await;
        }
        unread
    }

    /// What stood in the way at Fanvue is over, and the clock is where Fanvue's is.
    async fn pass(&mut self, todo: &Todo, answer: &Value) {
        self.world.sim.clear_faults();
        self.world.settings(json!({"formerCreators": []}));
        if todo.contains_key("set_clock") {
            let ahead = self.said_of(answer, "clock_skew");
            let date = parts(&ahead)[0]["rows"][0]["date"].as_str().unwrap().to_owned();
            let apart = date.parse::<jiff::Timestamp>().unwrap().duration_since(self.world.now());
            self.world.advance(apart.as_secs().max(0) + 1);
        }
    }

    async fn connect_again(&self, todo: &Todo) {
        if let Some(calls) = todo.get("refresh") {
            self.call(calls).await;
        }
        for (call, name) in todo.get("reconnect").into_iter().flatten() {
            let account = match name.as_str() {
                "wrong_endpoint" => "agency".to_owned(),
                own => self.account(own).to_string(),
            };
            let (path, query) = call.split_once('?').expect("it says which connection");
            assert_eq!(path, "GET /api/auth/fanvue/login");
            self.consent(&account, query).await;
        }
    }

    /// Begins the jobs and ticks until they are done.
    async fn read_again(&self, todo: &Todo) {
        let mut jobs = vec![];
        for kind in ["force_sync", "rebuild_totals", "set_clock"] {
            if let Some(calls) = todo.get(kind) {
                jobs.extend(self.call(calls).await);
            }
        }
        for _ in 0..TICKS_MAX {
            self.world.advance(1);
            self.heartbeat().await;
            let mut is_done = true;
            for accepted in &jobs {
                let id = accepted["job"]["id"].as_str().unwrap();
                let (_, job) = self.world.get(&format!("/api/sync/jobs/{id}"), Some(SECRET)).await;
                is_done &= job["state"] == "done";
            }
            if is_done {
                return;
            }
            self.world.advance(60);
        }
        panic!("what was asked for is not read: {jobs:?}");
    }

    /// Makes the calls; what they answer.
    async fn call(&self, calls: &BTreeMap<String, String>) -> Vec<Value> {
        let mut answers = vec![];
        for call in calls.keys() {
            let (status, answer) = match call.split_once(' ').expect("a method and a path") {
                ("POST", uri) => self.world.post(uri).await,
                (_, uri) => self.world.get(uri, Some(SECRET)).await,
            };
            assert!([200, 202].contains(&status), "{call}: {answer}");
            answers.push(answer);
        }
        answers
    }

    async fn heartbeat(&self) {
        let (status, report) = self.world.get("/api/cron/revenue-heartbeat", Some(SECRET)).await;
        assert_eq!(status, 200, "{report}");
    }

    /// Who had but to be read and still lacks something. What is there too often leaves an hour later.
    async fn unread(&self, answer: &Value) -> BTreeSet<String> {
        let mut unread = BTreeSet::new();
        for case in self.cases.iter().filter(|case| case.cause != "duplicate_rows") {
            let said = self.said_of(answer, case.cause);
            let is_read = |part: &&Value| READS.iter().any(|kind| part["remedy"]["kind"] == *kind);
            let parts = parts(&said);
            let has_to_be = !parts.is_empty() && parts.iter().all(is_read);
            if has_to_be && self.held(case.cause).await != self.earned(case.cause) {
                unread.insert(case.cause.to_owned());
            }
        }
        unread
    }
}

fn todo(answer: &Value) -> Todo {
    let mut todo = Todo::new();
    for creator in answer["creators"].as_array().unwrap() {
        for part in parts(creator) {
            let remedy = &part["remedy"];
            let kind = remedy["kind"].as_str().unwrap();
            if !IDLE.contains(&kind) {
                let call = remedy["call"].as_str().unwrap_or_default().to_owned();
                let name = creator["name"].as_str().unwrap().to_owned();
                todo.entry(kind.to_owned()).or_default().insert(call, name);
            }
        }
    }
    todo
}
