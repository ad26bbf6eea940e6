//! Counts of the requests the platform was asked, for tests of how frugal a client is.
//!
//! Calls of `/sim` don't count. The counters are not kept over a restart.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What was asked since the start or the last reset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestLog {
    /// All requests of the API and the OAuth server, answered or not.
    pub total: u64,
    /// Those answered 429.
    pub throttled: u64,
    /// Those that never got an answer.
    pub unanswered: u64,
    /// By route, as `GET /creators/{uuid}/insights/earnings`; `/v1` is left out.
    pub by_route: BTreeMap<String, u64>,
    /// By the creator the request was about.
    pub by_creator: BTreeMap<Uuid, u64>,
    /// By status of the answer.
    pub by_status: BTreeMap<u16, u64>,
}

impl RequestLog {
    pub(crate) fn asked(&mut self, route: String, creator: Option<Uuid>) {
        self.total += 1;
        *self.by_route.entry(route).or_default() += 1;
        if let Some(creator) = creator {
            *self.by_creator.entry(creator).or_default() += 1;
        }
    }

    pub(crate) fn answered(&mut self, status: Option<u16>) {
        match status {
            Some(status) => *self.by_status.entry(status).or_default() += 1,
            None => self.unanswered += 1,
        }
        self.throttled += u64::from(status == Some(429));
    }
}
