//! What an invocation of the proof tells about itself.

use jiff::{Timestamp, civil::Date};
use ledger::{AgencyId, Cents, ConnectionId, CreatorId, PROOF_DAYS};
use serde::Serialize;
use store::NotCompared;

use crate::{
    finished::Finished,
    report::{CreatorReport, CreatorState},
};

/// Problems that a report lists; the others are in the log.
const PROBLEMS_MAX: usize = 100;

/// How long whatever failed is left alone, in seconds.
const PATIENCE_SECONDS: i64 = 60;

/// What was found on the way.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) agencies_checked: u64,
    pub(super) creators_compared: u64,
    pub(super) days_differing: u64,
    pub(super) histories_begun: u64,
    /// Requests for totals.
    pub(super) requests: u32,
    /// When Fanvue's request limit lets it go on.
    later: Option<Timestamp>,
    problems: Vec<Trouble>,
    pub(super) creators: Vec<CreatorReport>,
}

/// What is left when the time is over.
pub(super) struct Left {
    /// Agencies whose sums were not checked.
    pub(super) unchecked: usize,
    /// Connections whose creators were not all compared, also where somebody else is at it.
    pub(super) uncompared: usize,
    /// Days that are being read again, or can be now.
    pub(super) due: i64,
    /// All that are or will be.
    pub(super) open: i64,
    pub(super) settled: i64,
    pub(super) repaired: i64,
}

impl Found {
    /// Something failed, of which the rest knows nothing.
    pub(super) fn problem(
        &mut self,
        agency: AgencyId,
        connection: Option<ConnectionId>,
        detail: String,
    ) {
        let one = Trouble { agency_id: agency, connection_id: connection, detail };
        if self.problems.len() < PROBLEMS_MAX && !self.problems.contains(&one) {
            self.problems.push(one);
        }
    }

    pub(super) fn later(&mut self, until: Timestamp) {
        self.later = Some(self.later.map_or(until, |known| known.min(until)));
    }

    /// A creator was read: several times, where the days come in portions.
    pub(super) fn read(&mut self, report: CreatorReport) {
        match self.creators.iter_mut().find(|one| one.model_id == report.model_id) {
            None => self.creators.push(report),
            Some(one) => {
                one.state = report.state;
                one.new_rows += report.new_rows;
                one.amended_rows += report.amended_rows;
                one.cents += report.cents;
                one.net_cents += report.net_cents;
                one.pages += report.pages;
                one.requests += report.requests;
                one.rejects += report.rejects;
                one.as_of = report.as_of;
                one.retry_at = report.retry_at;
                one.error = report.error;
            }
        }
    }
}

/// What the proof did in one call.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "ProofReport"))]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// The first UTC day that is compared.
    pub from: Date,
    /// The day after the last one.
    pub to: Date,
    /// Agencies whose sums were compared with their ledgers.
    pub agencies_checked: u64,
    /// Creators whose days were compared with Fanvue's totals in this call.
    pub creators_compared: u64,
    /// Days among them that differ.
    pub days_differing: u64,
    /// Days that still wait to be read again, or are being read.
    pub days_open: i64,
    /// Days that differ though they were read again: `/api/sync/status` lists them.
    pub days_settled: i64,
    /// Receipts written since it began: `/api/sync/repairs` lists them.
    pub repaired: i64,
    /// Histories that it began to read again.
    pub histories_begun: u64,
    /// Rows that were not in the ledger before.
    pub new_rows: usize,
    /// Change of gross, in US cents.
    pub cents: Cents,
    /// Requests sent for totals.
    pub totals_requests: u32,
    /// Requests sent for rows.
    pub requests: u32,
    /// What another call can go on with: agencies, accounts and days.
    pub unfinished: usize,
    /// Seconds until then, when something is unfinished.
    #[cfg_attr(feature = "openapi", schemars(with = "i64"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<i64>,
    /// What failed. Nothing was concluded from it.
    pub problems: Vec<Trouble>,
    /// Creators whose days can't be compared with totals, and why.
    pub skipped: Vec<Skipped>,
    /// Creators that were read again.
    pub creators: Vec<CreatorReport>,
}

/// Something that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "ProofProblem"))]
#[serde(rename_all = "camelCase")]
pub struct Trouble {
    /// The agency.
    pub agency_id: AgencyId,
    /// The account, where it is about one.
    pub connection_id: Option<ConnectionId>,
    /// What it was.
    pub detail: String,
}

/// A creator that was passed over.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "ProofSkipped"))]
#[serde(rename_all = "camelCase")]
pub struct Skipped {
    /// The agency.
    pub agency_id: AgencyId,
    /// The creator.
    pub model_id: CreatorId,
    /// The creator's name.
    pub name: String,
    /// Why.
    pub reason: &'static str,
}

impl Report {
    pub(super) fn of(
        (started_at, finished_at): (Timestamp, Timestamp),
        night: Date,
        found: Found,
        left: Left,
        skipped: Vec<NotCompared>,
    ) -> Self {
        let days = usize::try_from(left.due).unwrap_or_default();
        let unfinished = left.unchecked + left.uncompared + days;
        let paused =
            |one: &CreatorReport| one.retry_at.filter(|_| one.state == CreatorState::Paused);
        let waits = found.creators.iter().filter_map(paused).chain(found.later);
        let retry_at = waits.min().unwrap_or(finished_at);
        // Where something failed, or somebody else is reading, a moment changes nothing.
        let least = if found.problems.is_empty() && days == 0 { 0 } else { PATIENCE_SECONDS };
        let retry = retry_at.duration_since(finished_at).as_secs().max(least);
        let passed = |one: NotCompared| Skipped {
            agency_id: one.agency,
            model_id: one.creator,
            name: one.name,
            reason: one.reason,
        };
        Self {
            started_at,
            finished_at,
            from: night.saturating_sub(jiff::Span::new().days(PROOF_DAYS)),
            to: night,
            agencies_checked: found.agencies_checked,
            creators_compared: found.creators_compared,
            days_differing: found.days_differing,
            days_open: left.open,
            days_settled: left.settled,
            repaired: left.repaired,
            histories_begun: found.histories_begun,
            new_rows: found.creators.iter().map(|one| one.new_rows).sum(),
            cents: found.creators.iter().map(|one| one.cents).sum(),
            totals_requests: found.requests,
            requests: found.creators.iter().map(|one| one.requests).sum(),
            unfinished,
            retry_after_seconds: (unfinished != 0).then_some(retry),
            problems: found.problems,
            skipped: skipped.into_iter().map(passed).collect(),
            creators: found.creators,
        }
    }

    /// What the log says of it.
    pub(super) fn finished(&self) -> Finished {
        Finished {
            started_at: self.started_at,
            finished_at: self.finished_at,
            streams: self.creators.len(),
            rows: Some(self.new_rows),
            requests: self.requests + self.totals_requests,
            unfinished: self.unfinished,
        }
    }
}
