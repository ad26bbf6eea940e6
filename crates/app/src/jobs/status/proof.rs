//! What the nightly proof found: when creators were compared with Fanvue's totals, and which days differ.

use jiff::{Timestamp, civil::Date};
use ledger::CreatorId;
use serde::Serialize;
use store::{Difference, ProofStanding};

/// The most days that are listed.
pub(super) const DIFFERENCES_MAX: i64 = 1_000;

/// How the nightly proof stands.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "ProofStanding"))]
#[serde(rename_all = "camelCase")]
pub(super) struct Proof<'a> {
    /// Creators of working connections that were compared with Fanvue's totals.
    creators_compared: i64,
    /// When the one was compared whose comparison is the oldest.
    oldest_compared_at: Option<Timestamp>,
    /// Days on which Fanvue's total is not that of the rows, settled ones first.
    differences: Vec<Differing<'a>>,
}

/// How a day stands that differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "DifferenceState"))]
#[serde(rename_all = "camelCase")]
enum DayState {
    /// It is to be read again.
    Open,
    /// It is being read again.
    Reading,
    /// It was read again, and differs all the same.
    Settled,
}

/// A day on which Fanvue's total is not that of the rows.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "ProofDifference"))]
#[serde(rename_all = "camelCase")]
struct Differing<'a> {
    model_id: CreatorId,
    name: &'a str,
    /// The UTC day.
    day: Date,
    state: DayState,
    /// Fanvue's gross, in US cents.
    fanvue_cents: i64,
    /// That of the rows, without what totals leave out.
    ledger_cents: i64,
    fanvue_net_cents: i64,
    ledger_net_cents: i64,
    found_at: Timestamp,
    settled_at: Option<Timestamp>,
}

impl<'a> Proof<'a> {
    pub(super) fn of(standing: ProofStanding, differences: &'a [Difference]) -> Self {
        Self {
            creators_compared: standing.compared,
            oldest_compared_at: standing.oldest_compared_at,
            differences: differences.iter().map(Differing::of).collect(),
        }
    }
}

impl<'a> Differing<'a> {
    fn of(one: &'a Difference) -> Self {
        let state = match one.state.as_str() {
            "settled" => DayState::Settled,
            "reading" => DayState::Reading,
            _ => DayState::Open,
        };
        Self {
            model_id: one.creator,
            name: &one.name,
            day: one.on,
            state,
            fanvue_cents: one.platform.0,
            ledger_cents: one.ledger.0,
            fanvue_net_cents: one.platform.1,
            ledger_net_cents: one.ledger.1,
            found_at: one.found_at,
            settled_at: one.settled_at,
        }
    }
}
