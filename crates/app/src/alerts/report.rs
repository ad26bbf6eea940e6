//! What a tick over shifts or tasks tells about itself. It names nobody: names stand in the messages.

use jiff::Timestamp;
use ledger::AgencyId;
use serde::Serialize;
use store::{Alert, WaitingAlerts};
use uuid::Uuid;

use super::sending::Told;
use crate::{Endpoint, finished::seconds};

/// What a tick found, and what it told of it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "AlertsReport"))]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// Late shifts or missed posts that this tick found.
    pub found: u64,
    /// Alerts that Telegram took.
    pub sent: u64,
    /// Alerts that were noted and that nobody is told of, because no chat is configured.
    pub not_configured: u64,
    /// Alerts that were no longer true before they could be sent.
    pub dropped: u64,
    /// Alerts that were given up after too many attempts.
    pub failed: u64,
    /// Alerts that another tick can send, and one more where this tick could not take up all.
    pub unfinished: u64,
    /// Seconds until another tick can do more, when something is unfinished.
    #[cfg_attr(feature = "openapi", schemars(with = "i64"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<i64>,
    /// Why something was not sent.
    #[cfg_attr(feature = "openapi", schemars(with = "String"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The alerts that this tick took up.
    pub alerts: Vec<AlertReport>,
}

/// What became of one alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AlertReport {
    /// The agency.
    pub agency_id: AgencyId,
    /// The shift or the content task.
    pub subject_id: Uuid,
    /// When it should have begun or been posted.
    pub due_at: Timestamp,
    /// What became of it.
    pub state: Outcome,
}

/// What became of an alert in a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "AlertOutcome"))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Telegram took it.
    Sent,
    /// It waits for another tick.
    Waiting,
    /// It was given up.
    Failed,
    /// There is no chat that it could be sent to; it will not be sent later either.
    NotConfigured,
}

impl AlertReport {
    pub(super) fn of(alert: &Alert, state: Outcome) -> Self {
        Self { agency_id: alert.agency, subject_id: alert.subject, due_at: alert.due_at, state }
    }
}

impl Report {
    pub(super) fn of(
        (started_at, finished_at): (Timestamp, Timestamp),
        (found, is_cut): (u64, bool),
        dropped: u64,
        told: Told,
        waiting: WaitingAlerts,
    ) -> Self {
        let count = |state: Outcome| -> u64 {
            let those = told.alerts.iter().filter(|alert| alert.state == state);
            those.map(|_| 1_u64).sum()
        };
        let next_at = if is_cut { Some(finished_at) } else { waiting.next_at };
        Self {
            started_at,
            finished_at,
            found,
            sent: count(Outcome::Sent),
            not_configured: count(Outcome::NotConfigured),
            dropped,
            failed: count(Outcome::Failed),
            unfinished: waiting.count + u64::from(is_cut),
            retry_after_seconds: next_at.map(|at| at.duration_since(finished_at).as_secs().max(0)),
            error: told.error,
            alerts: told.alerts,
        }
    }

    /// Tells the log, which knows how many and not who.
    pub(super) fn tell(&self, endpoint: Endpoint) {
        tracing::info!(
            endpoint = endpoint.path(),
            found = self.found,
            sent = self.sent,
            failed = self.failed,
            unfinished = self.unfinished,
            seconds = seconds(self.started_at, self.finished_at),
            "schedule finished"
        );
    }
}
