//! A world with its creators, what was done to whom, and what is said of them.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rand::rngs::StdRng;
use serde_json::Value;
use simulator::TrueRow;
use uuid::Uuid;

use crate::{
    diagnosing::{DIAGNOSE, cents, parts},
    world::{SECRET, World},
};

/// What can't be read again, or is so by definition, stays and is explained.
const REMAINING: [&str; 3] = ["summary_versus_rows", "time_zone_edge", "rejected_row"];

/// One world and what happened in it.
pub(super) struct Play {
    pub(super) seed: u64,
    pub(super) world: World,
    pub(super) dice: StdRng,
    /// When the accounts were connected, from which on a play counts its seconds.
    pub(super) begun: Timestamp,
    /// The creators' accounts by name.
    pub(super) cast: BTreeMap<String, Uuid>,
    pub(super) cases: Vec<Case>,
    /// Rows that something is done to, by the creators' names.
    pub(super) victims: BTreeMap<String, Vec<TrueRow>>,
}

/// What was done to the creator of that name, and so what has to be said.
pub(super) struct Case {
    pub(super) cause: &'static str,
    /// What is shown too much for it; negative for what is missing.
    pub(super) cents: i64,
    /// A part that has to be among those that add up to it.
    pub(super) part: Option<i64>,
    /// What else has to be asked for it to show.
    pub(super) question: Option<String>,
}

impl Case {
    /// Whether it is explained, for there is nothing to repair.
    pub(super) fn remains(&self) -> bool {
        REMAINING.contains(&self.cause)
    }

    pub(super) fn is_shown_by(&self, creator: &Value) -> bool {
        self.part.is_none_or(|wanted| parts(creator).iter().any(|part| cents(part) == wanted))
    }
}

impl Play {
    pub(super) fn case(&mut self, cause: &'static str, cents: i64) -> &mut Case {
        self.cases.push(Case { cause, cents, part: None, question: None });
        self.cases.last_mut().unwrap()
    }

    pub(super) fn account(&self, name: &str) -> Uuid {
        self.cast[name]
    }

    /// Our id of the creator.
    pub(super) async fn model(&self, name: &str) -> String {
        let account = self.account(name);
        let sql = format!("select id from models where fanvue_user_uuid = '{account}'");
        self.world.db.sql(&sql).await.remove(0).remove(0)
    }

    /// Lets time pass until so many seconds after the beginning, unless waiting for Fanvue took longer.
    pub(super) fn until(&self, seconds: i64) {
        let to = self.begun + SignedDuration::from_secs(seconds);
        let left = to.duration_since(self.world.now());
        self.world.clock.advance(left.max(SignedDuration::ZERO));
    }

    /// What the creator has really earned.
    pub(super) fn earned(&self, name: &str) -> i64 {
        let (account, truth) = (self.account(name), self.world.sim.truth(self.world.now()));
        truth.creators.iter().find(|one| one.uuid == account).unwrap().gross_cents
    }

    /// What the ledger holds of the creator.
    pub(super) async fn held(&self, name: &str) -> i64 {
        let account = self.account(name).to_string();
        let ledger = self.world.db.ledger().await;
        ledger.iter().find(|sums| sums.0 == account).map_or(0, |sums| sums.2)
    }

    pub(super) async fn ask(&self, query: &str) -> Value {
        let (status, answer) = self.world.get(&format!("{DIAGNOSE}?{query}"), Some(SECRET)).await;
        assert_eq!(status, 200, "{answer}");
        for creator in answer["creators"].as_array().unwrap() {
            let explained: i64 = parts(creator).iter().map(|part| cents(part)).sum();
            assert_eq!(creator["differenceCents"], explained, "{creator}");
        }
        answer
    }

    /// Everybody, row by row, with as many requests as there are.
    pub(super) async fn ask_all(&self) -> Value {
        let answer = self.ask("depth=rows").await;
        let text = answer["creators"].to_string();
        assert!(!text.contains("more requests than one diagnosis"), "it is cut off: {answer}");
        answer
    }

    /// What is asked of some creators besides, by cause.
    pub(super) async fn ask_own_questions(&self) -> BTreeMap<&'static str, Value> {
        let mut answers = BTreeMap::new();
        for case in &self.cases {
            if let Some(question) = &case.question {
                let mut answer = self.ask(question).await;
                answers.insert(case.cause, answer["creators"][0].take());
            }
        }
        answers
    }

    pub(super) fn said_of(&self, answer: &Value, name: &str) -> Value {
        let creators = answer["creators"].as_array().unwrap();
        let found = creators.iter().find(|creator| creator["name"] == name);
        found.unwrap_or_else(|| panic!("{name} is not in {answer}")).clone()
    }

    /// Nothing is found of whom nothing was done to, nor of those of whom only another question shows something.
    pub(super) fn assert_others_agree(&self, answer: &Value) {
        let is_meant = |creator: &&Value| {
            let case = self.cases.iter().find(|case| creator["name"] == case.cause);
            case.is_none_or(|case| case.question.is_some())
        };
        let others: Vec<_> =
            answer["creators"].as_array().unwrap().iter().filter(is_meant).collect();
        assert!(5 <= others.len(), "{answer}");
        for creator in others {
            assert_eq!(creator["result"], "match", "{creator}");
        }
    }
}
