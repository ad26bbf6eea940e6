//! What a tick tells about itself: a line for every connected creator, in words for people.

use jiff::Timestamp;
use ledger::{AgencyId, Cents, CreatorId};
use serde::Serialize;
use store::{Left, StreamState};

use crate::{
    finished::Finished,
    reading::{Reading, Stop},
};

/// What a tick did.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "TickReport"))]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// Rows that were not in the ledger before.
    pub new_rows: usize,
    /// Change of gross, in US cents.
    pub cents: Cents,
    /// Change of net, in US cents.
    pub net_cents: Cents,
    /// Requests sent to the platform for earnings.
    pub requests: u32,
    /// Requests sent for agency totals, which tell who has to be read at all.
    pub detector_requests: u32,
    /// Rows kept as rejects that were not kept before.
    pub rejects: u64,
    /// Creators that are not complete yet, for whatever reason.
    pub unfinished: usize,
    /// Seconds until another tick can do more, when some creators are unfinished.
    #[cfg_attr(feature = "openapi", schemars(with = "i64"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<i64>,
    /// Every connected creator.
    pub creators: Vec<CreatorReport>,
}

/// What a tick did for one creator.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreatorReport {
    /// The agency.
    pub agency_id: AgencyId,
    /// The creator.
    pub model_id: CreatorId,
    /// The creator's name.
    pub name: String,
    /// What became of it.
    pub state: CreatorState,
    /// Rows that were not in the ledger before.
    pub new_rows: usize,
    /// Rows whose status, id or amount changed.
    pub amended_rows: usize,
    /// Change of gross, in US cents.
    pub cents: Cents,
    /// Change of net, in US cents.
    pub net_cents: Cents,
    /// Pages read.
    pub pages: u32,
    /// Requests sent.
    pub requests: u32,
    /// Rows newly kept as rejects.
    pub rejects: u64,
    /// Everything before this instant is in the ledger; null while the history is being read.
    pub as_of: Option<Timestamp>,
    /// When reading may go on, where that is known.
    #[cfg_attr(feature = "openapi", schemars(with = "Timestamp"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<Timestamp>,
    /// Why it is not complete, and what happens next.
    #[cfg_attr(feature = "openapi", schemars(with = "String"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What became of a creator in a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "CreatorOutcome"))]
#[serde(rename_all = "lowercase")]
pub enum CreatorState {
    /// Read to the moment of the tick.
    Complete,
    /// Read as far as time allowed; the next tick goes on.
    Unfinished,
    /// The platform asked us to wait.
    Paused,
    /// Another tick is reading it.
    Busy,
    /// It failed; the next tick tries again.
    Failed,
    /// The platform refused; somebody has to mend the cause.
    Refused,
    /// It was refused so often that it waits for somebody to ask for another attempt.
    Parked,
    /// The account must be reconnected by a person.
    Disconnected,
}

impl CreatorState {
    /// Whether the reading itself went wrong, rather than being held up.
    pub(crate) fn is_failure(self) -> bool {
        matches!(self, Self::Failed | Self::Refused | Self::Disconnected)
    }
}

/// What became of a reading, and what to tell about it.
pub(crate) fn outcome(reading: &Reading) -> (CreatorState, Option<String>) {
    match &reading.stopped {
        None => (CreatorState::Complete, None),
        Some(Stop::Deadline) => (
            CreatorState::Unfinished,
            Some("this tick's time was over; the next one goes on where it stopped".into()),
        ),
        Some(Stop::Paused(until)) => (
            CreatorState::Paused,
            Some(format!("Fanvue's request limit is reached; reading goes on after {until}")),
        ),
        Some(Stop::Lost) => (
            CreatorState::Busy,
            Some("another tick took this creator over; nothing was counted twice".into()),
        ),
        Some(Stop::Reconnect(reason)) => (
            CreatorState::Disconnected,
            Some(format!("{reason}; reconnect the account to catch up")),
        ),
        Some(Stop::Failed(reason)) => {
            (CreatorState::Failed, Some(format!("{reason}; the next tick tries again")))
        }
        Some(Stop::Refused(reason)) => (
            CreatorState::Refused,
            Some(format!("{reason}; after some attempts it waits until somebody mends it")),
        ),
    }
}

impl From<Left> for CreatorReport {
    fn from(left: Left) -> Self {
        let (state, error) = match left.state {
            StreamState::Complete => (CreatorState::Complete, None),
            StreamState::Busy => {
                (CreatorState::Busy, Some("another tick is reading this creator".to_owned()))
            }
            StreamState::Paused(until) => (
                CreatorState::Paused,
                Some(format!("Fanvue's request limit is reached; reading goes on after {until}")),
            ),
            StreamState::Disconnected => (
                CreatorState::Disconnected,
                Some("Fanvue ended the connection; reconnect the account to catch up".to_owned()),
            ),
            StreamState::Parked => (
                CreatorState::Parked,
                Some(format!(
                    "{}; it is set aside until then",
                    left.last_error.as_deref().unwrap_or("Fanvue refused")
                )),
            ),
            StreamState::Waiting => (
                CreatorState::Unfinished,
                Some("this tick had no time left; the next one begins here".to_owned()),
            ),
        };
        Self {
            agency_id: left.agency,
            model_id: left.creator,
            name: left.name,
            state,
            new_rows: 0,
            amended_rows: 0,
            cents: Cents::ZERO,
            net_cents: Cents::ZERO,
            pages: 0,
            requests: 0,
            rejects: 0,
            as_of: left.as_of,
            retry_at: match left.state {
                StreamState::Paused(until) => Some(until),
                _ => None,
            },
            error,
        }
    }
}

impl Report {
    /// What the log says of it.
    pub(crate) fn finished(&self) -> Finished {
        Finished {
            started_at: self.started_at,
            finished_at: self.finished_at,
            streams: self.creators.len(),
            rows: Some(self.new_rows),
            requests: self.requests + self.detector_requests,
            unfinished: self.unfinished,
        }
    }
}

/// The report of a tick.
pub(crate) fn summary(
    started_at: Timestamp,
    finished_at: Timestamp,
    detector_requests: u32,
    creators: Vec<CreatorReport>,
) -> Report {
    let helped_by_time = |c: &&CreatorReport| {
        use CreatorState::{Complete, Disconnected, Parked};
        !matches!(c.state, Complete | Disconnected | Parked)
    };
    let unfinished = creators.iter().filter(helped_by_time).count();
    let goes_on_at = |c: &CreatorReport| match c.state {
        CreatorState::Unfinished => Some(finished_at),
        _ => c.retry_at,
    };
    let retry_at = creators.iter().filter_map(goes_on_at).min();
    Report {
        started_at,
        finished_at,
        new_rows: creators.iter().map(|c| c.new_rows).sum(),
        cents: creators.iter().map(|c| c.cents).sum(),
        net_cents: creators.iter().map(|c| c.net_cents).sum(),
        requests: creators.iter().map(|c| c.requests).sum(),
        detector_requests,
        rejects: creators.iter().map(|c| c.rejects).sum(),
        unfinished,
        retry_after_seconds: retry_at.map(|at| at.duration_since(finished_at).as_secs().max(0)),
        creators,
    }
}
