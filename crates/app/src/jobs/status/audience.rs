//! How the reading of audiences stands: each thing that is read in numbers, and what keeps single streams.

use jiff::Timestamp;
use ledger::CreatorId;
use serde::Serialize;
use store::{AudienceStanding, AudienceTrouble};

use super::StreamState;

/// The most streams that are listed.
pub(super) const TROUBLES_MAX: i64 = 1_000;

/// One thing that is read of audiences, over all creators whose connection works.
#[derive(Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "AudienceStanding")
)]
#[serde(rename_all = "camelCase")]
pub(super) struct Audience {
    /// `subscribers`, `followers`, `unread`, `profile`, `changes`, `top_spenders` or `tracking_links`.
    kind: &'static str,
    /// Of how many creators it is read.
    streams: i64,
    /// Of them: not read to the end yet.
    unread: i64,
    /// Of them: the last attempt failed, and it is tried again.
    retrying: i64,
    /// Of them: set aside until somebody mends the cause.
    parked: i64,
    /// As of when the oldest is true that was read and is not set aside.
    oldest_as_of: Option<Timestamp>,
}

/// A creator's stream of that kind that failed.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "AudienceTrouble"))]
#[serde(rename_all = "camelCase")]
pub(super) struct Trouble<'a> {
    model_id: CreatorId,
    name: &'a str,
    kind: &'static str,
    /// `parked` or `retrying`.
    state: StreamState,
    /// As of when what is shown is true.
    as_of: Option<Timestamp>,
    /// Failed attempts in a row.
    attempts: i32,
    /// Why the last attempt failed, and what has to be mended.
    last_error: Option<&'a str>,
    last_error_at: Option<Timestamp>,
    /// When it is due again; null while it is set aside.
    next_at: Option<Timestamp>,
    /// Since when it is set aside. It is taken up again when the account is connected again.
    parked_at: Option<Timestamp>,
}

impl Audience {
    pub(super) fn of(one: &AudienceStanding) -> Self {
        Self {
            kind: one.kind.as_str(),
            streams: one.count,
            unread: one.unread,
            retrying: one.failing,
            parked: one.parked,
            oldest_as_of: one.oldest_as_of,
        }
    }
}

impl<'a> Trouble<'a> {
    pub(super) fn of(one: &'a AudienceTrouble) -> Self {
        let is_parked = one.parked_at.is_some();
        Self {
            model_id: one.creator,
            name: &one.name,
            kind: one.kind.as_str(),
            state: if is_parked { StreamState::Parked } else { StreamState::Retrying },
            as_of: one.as_of,
            attempts: one.attempts,
            last_error: one.last_error.as_deref(),
            last_error_at: one.last_error_at,
            next_at: (!is_parked).then_some(one.next_at),
            parked_at: one.parked_at,
        }
    }
}
