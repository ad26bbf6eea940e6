//! What a tick over the audiences tells about itself: a line for every stream that it took up.

use jiff::Timestamp;
use ledger::{AgencyId, CreatorId};
use serde::Serialize;
use store::AudienceClaim;

use crate::{
    finished::Finished,
    reading::{Reading, Stop},
    report::{CreatorState, outcome},
};

/// What a tick over the audiences did.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "AudienceReport"))]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// Requests sent to the platform.
    pub requests: u32,
    /// Streams that another tick can go on with at once or after a pause.
    pub unfinished: usize,
    /// Seconds until then, when some are unfinished.
    #[cfg_attr(feature = "openapi", schemars(with = "i64"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<i64>,
    /// Every stream that was due and that no other tick held.
    pub streams: Vec<StreamReport>,
}

/// What a tick did for one stream of a creator's audience.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct StreamReport {
    /// The agency.
    pub agency_id: AgencyId,
    /// The creator.
    pub model_id: CreatorId,
    /// The creator's name.
    pub name: String,
    /// What was read.
    #[cfg_attr(feature = "openapi", schemars(extend("enum" = ["subscribers", "followers",
        "unread", "profile", "changes", "top_spenders", "tracking_links"])))]
    pub kind: &'static str,
    /// What became of it.
    pub state: CreatorState,
    /// Requests sent.
    pub requests: u32,
    /// As of when what is stored is true; null while nothing is.
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

impl Report {
    pub(super) fn new(
        started_at: Timestamp,
        finished_at: Timestamp,
        mut streams: Vec<StreamReport>,
    ) -> Self {
        streams.sort_by(|a, b| (&a.name, a.model_id, a.kind).cmp(&(&b.name, b.model_id, b.kind)));
        let goes_on_at = |stream: &StreamReport| match stream.state {
            CreatorState::Unfinished => Some(finished_at),
            _ => stream.retry_at,
        };
        let unfinished: Vec<_> = streams.iter().filter_map(goes_on_at).collect();
        let seconds = |at: &Timestamp| at.duration_since(finished_at).as_secs().max(0);
        Self {
            started_at,
            finished_at,
            requests: streams.iter().map(|stream| stream.requests).sum(),
            unfinished: unfinished.len(),
            retry_after_seconds: unfinished.iter().map(seconds).min(),
            streams,
        }
    }

    /// What the log says of it.
    pub(super) fn finished(&self) -> Finished {
        Finished {
            started_at: self.started_at,
            finished_at: self.finished_at,
            streams: self.streams.len(),
            rows: None,
            requests: self.requests,
            unfinished: self.unfinished,
        }
    }
}

impl StreamReport {
    pub(super) fn new(
        claim: &AudienceClaim,
        requests: u32,
        outcome_of: Result<Timestamp, Stop>,
    ) -> Self {
        let (as_of, stopped) = match outcome_of {
            Ok(as_of) => (Some(as_of), None),
            Err(stop) => (claim.as_of, Some(stop)),
        };
        let retry_at = match &stopped {
            Some(Stop::Paused(until)) => Some(*until),
            _ => None,
        };
        let (state, error) = outcome(&Reading { stopped, ..Reading::default() });
        Self {
            agency_id: claim.lease.agency,
            model_id: claim.lease.creator,
            name: claim.name.clone(),
            kind: claim.lease.kind.as_str(),
            state,
            requests,
            as_of,
            retry_at,
            error,
        }
    }
}
