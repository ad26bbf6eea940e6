//! How processes behave towards the platform and the database, judged at each request: invariants 7 and
//! 8, the pause that a 429 asks for, and how often the platform refused a creator.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};

use http::{StatusCode, header::RETRY_AFTER};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// When its time is over, a tick may have had a page and an exchange of tokens under way.
const LATE_REQUESTS_MAX: u32 = 2;
/// Refusals after which a creator is set aside.
pub const REFUSALS_MAX: i32 = 5;

/// What was seen of all processes of a world.
#[derive(Debug, Default)]
pub struct Conduct(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    /// By bucket: until when the platform asked not to be asked, and which process heard it.
    pauses: BTreeMap<String, (&'static str, Timestamp)>,
    /// By feed: answers that refused for good.
    refusals: BTreeMap<String, i32>,
    wrong: Option<String>,
}

/// What a process is about when it reaches a request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Conditions {
    /// Transactions it holds open.
    pub transactions: u32,
    /// When its tick should stop, by our clock.
    pub ends_at: Option<Timestamp>,
    /// Requests it made after that.
    pub late_requests: u32,
}

impl Conduct {
    /// Judges a request that a process is about to make at that instant of our clock.
    pub fn reaches(&self, path: &str, conditions: Conditions, ours: Timestamp) {
        let mut seen = self.seen();
        let is_refresh = path == "/oauth2/token";
        if 0 < conditions.transactions && !is_refresh {
            seen.blame(format!("{path} is asked for within a transaction"));
        }
        let until = bucket(path).and_then(|name| seen.pauses.get(name)).map(|(_, until)| *until);
        if let Some(until) = until.filter(|until| ours < *until) {
            seen.blame(format!("{path} is asked for at {ours}, not before {until} was asked"));
        }
        if let Some(at) = conditions.ends_at.filter(|at| *at <= ours)
            && LATE_REQUESTS_MAX < conditions.late_requests
        {
            seen.blame(format!("{path} is asked for at {ours} by a tick that ends at {at}"));
        }
    }

    /// Takes note of an answer that a living process heard.
    pub fn hears(
        &self,
        name: &'static str,
        path: &str,
        answer: &http::Response<bytes::Bytes>,
        ours: Timestamp,
    ) {
        let Some(bucket) = bucket(path) else { return };
        let mut seen = self.seen();
        match answer.status() {
            StatusCode::TOO_MANY_REQUESTS => {
                let seconds = answer.headers().get(RETRY_AFTER).and_then(|v| v.to_str().ok());
                if let Some(seconds) = seconds.and_then(|text| text.parse().ok()) {
                    let until = ours + SignedDuration::from_secs(seconds);
                    seen.pauses.insert(bucket.to_owned(), (name, until));
                }
            }
            // In other words than its own, the platform refused nobody.
            StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND
                if is_envelope(answer.body()) =>
            {
                if let Some(feed) = feed(path) {
                    *seen.refusals.entry(feed.to_owned()).or_default() += 1;
                }
            }
            _ => {}
        }
    }

    /// What a process that died had heard, the others may never learn.
    pub fn forget(&self, name: &str) {
        self.seen().pauses.retain(|_, (who, _)| *who != name);
    }

    /// How often the platform refused that creator, or the account's own feed.
    pub fn refusals(&self, feed: &str) -> i32 {
        self.seen().refusals.get(feed).copied().unwrap_or_default()
    }

    /// The first thing that was wrong.
    pub fn verdict(&self) -> Result<(), String> {
        self.seen().wrong.take().map_or(Ok(()), Err)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap()
    }
}

impl Seen {
    fn blame(&mut self, wrong: String) {
        self.wrong.get_or_insert(wrong);
    }
}

/// Whether a refusal is in one of the platform's shapes.
fn is_envelope(body: &[u8]) -> bool {
    let body = serde_json::from_slice::<Value>(body).unwrap_or_default();
    ["message", "error", "errors"].iter().any(|field| body.get(field).is_some())
}

/// The account's own feed.
pub const OWN: &str = "";

/// Where a request for it is counted at the finest: the totals beside the account's own rows.
fn bucket(path: &str) -> Option<&str> {
    let is_totals = path.strip_prefix("/v1").unwrap_or(path) == "/agencies/earnings";
    if is_totals { Some(OWN) } else { feed(path) }
}

/// Whose rows that path lists: a creator's by uuid, or the account's own.
fn feed(path: &str) -> Option<&str> {
    let path = path.strip_prefix("/v1").unwrap_or(path);
    match path.split('/').collect::<Vec<_>>()[..] {
        ["", "creators", uuid, "insights", "earnings"] => Some(uuid),
        ["", "insights", "earnings" | "spending"] => Some(OWN),
        _ => None,
    }
}
