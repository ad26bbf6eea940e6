//! Why a figure differs, by a word that programs may rely on, and what a person does about it.

use serde::Serialize;

/// Why what is shown is not what the platform says. Each but [`Cause::Unknown`] is named only with the
/// figures that prove it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Cause"))]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Nothing of the creator was ever read.
    NeverSynced,
    /// The history is still being read.
    BackfillUnfinished,
    /// What was sold after the checkpoint has not been read, and nothing but time stands in the way.
    StaleCheckpoint,
    /// The last run died or failed before its end.
    InterruptedRun,
    /// The platform asked us to wait.
    RateLimited,
    /// The access token has ended and could not be renewed yet.
    TokenExpired,
    /// The connection has ended, or there is none.
    TokenRevoked,
    /// The account does not allow what reading takes.
    ScopeMissing,
    /// Rows of another account were read, or the account that is connected does not manage the creator.
    WrongEndpoint,
    /// Rows that showed after their time had been read.
    LateRows,
    /// A sale that no webhook told of and that the next run reads.
    MissedWebhook,
    /// A sale that a webhook told of and that has no row.
    UnmatchedWebhook,
    /// One row of the platform stands in the ledger more than once.
    DuplicateRows,
    /// Equal rows without ids, of which fewer stand in the ledger than the platform lists.
    PageEdgeLoss,
    /// A refund or chargeback that is not in the ledger yet.
    ReversalNotSeen,
    /// Totals count otherwise than rows do: without reversals, and maybe without rewards.
    SummaryVersusRows,
    /// An amount in another currency than US cents.
    Currency,
    /// The agency's days are not the platform's, which are UTC.
    TimeZoneEdge,
    /// A row or a sum that somebody changed by hand.
    ManualEdit,
    /// The running total is not the sum of the days.
    DriftedTotal,
    /// A day's sum is not the sum of its rows.
    DriftedRollup,
    /// A row that could not be read as money.
    RejectedRow,
    /// A row that lay in the future by our clock.
    ClockSkew,
    /// No figure proves any cause.
    Unknown,
}

impl Cause {
    /// All causes.
    pub const ALL: [Self; 24] = [
        Self::NeverSynced,
        Self::BackfillUnfinished,
        Self::StaleCheckpoint,
        Self::InterruptedRun,
        Self::RateLimited,
        Self::TokenExpired,
        Self::TokenRevoked,
        Self::ScopeMissing,
        Self::WrongEndpoint,
        Self::LateRows,
        Self::MissedWebhook,
        Self::UnmatchedWebhook,
        Self::DuplicateRows,
        Self::PageEdgeLoss,
        Self::ReversalNotSeen,
        Self::SummaryVersusRows,
        Self::Currency,
        Self::TimeZoneEdge,
        Self::ManualEdit,
        Self::DriftedTotal,
        Self::DriftedRollup,
        Self::RejectedRow,
        Self::ClockSkew,
        Self::Unknown,
    ];

    /// Its name in answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NeverSynced => "never_synced",
            Self::BackfillUnfinished => "backfill_unfinished",
            Self::StaleCheckpoint => "stale_checkpoint",
            Self::InterruptedRun => "interrupted_run",
            Self::RateLimited => "rate_limited",
            Self::TokenExpired => "token_expired",
            Self::TokenRevoked => "token_revoked",
            Self::ScopeMissing => "scope_missing",
            Self::WrongEndpoint => "wrong_endpoint",
            Self::LateRows => "late_rows",
            Self::MissedWebhook => "missed_webhook",
            Self::UnmatchedWebhook => "unmatched_webhook",
            Self::DuplicateRows => "duplicate_rows",
            Self::PageEdgeLoss => "page_edge_loss",
            Self::ReversalNotSeen => "reversal_not_seen",
            Self::SummaryVersusRows => "summary_versus_rows",
            Self::Currency => "currency",
            Self::TimeZoneEdge => "time_zone_edge",
            Self::ManualEdit => "manual_edit",
            Self::DriftedTotal => "drifted_total",
            Self::DriftedRollup => "drifted_rollup",
            Self::RejectedRow => "rejected_row",
            Self::ClockSkew => "clock_skew",
            Self::Unknown => "unknown",
        }
    }

    /// What it means for the money, for people.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::NeverSynced => "Nothing has been read from Fanvue yet.",
            Self::BackfillUnfinished => "The history is still being read.",
            Self::StaleCheckpoint => "Sales after the last read are not in the ledger yet.",
            Self::InterruptedRun => "The last sync broke off before these sales.",
            Self::RateLimited => "Fanvue asked us to slow down before these sales were read.",
            Self::TokenExpired => "The access token has ended. Totals stop where it did.",
            Self::TokenRevoked => "The account is disconnected. Totals stop where it was.",
            Self::ScopeMissing => "The account does not allow reading these sales.",
            Self::WrongEndpoint => "These are not the rows of this creator's own account.",
            Self::LateRows => "Fanvue showed these rows after their time had been read.",
            Self::MissedWebhook => "No webhook told of these sales; the next sync reads them.",
            Self::UnmatchedWebhook => "A webhook told of these sales and Fanvue lists no row.",
            Self::DuplicateRows => "The ledger holds rows twice that Fanvue lists once.",
            Self::PageEdgeLoss => "Equal rows at the edge of a page were counted as one.",
            Self::ReversalNotSeen => "Fanvue took money back that is still shown.",
            Self::SummaryVersusRows => "Fanvue's totals leave out what its rows hold.",
            Self::Currency => "An amount is not in US cents.",
            Self::TimeZoneEdge => "Fanvue's days are UTC, the dashboard's are the agency's.",
            Self::ManualEdit => "Somebody changed a figure by hand.",
            Self::DriftedTotal => "The total is not the sum of its days.",
            Self::DriftedRollup => "A day's sum is not the sum of its rows.",
            Self::RejectedRow => "A row could not be read and is counted nowhere.",
            Self::ClockSkew => "A row lay in the future by our clock and is counted nowhere.",
            Self::Unknown => "No figure that we have proves a cause.",
        }
    }

    /// What ends it.
    #[must_use]
    pub fn remedy(self) -> Remedy {
        match self {
            Self::NeverSynced
            | Self::LateRows
            | Self::PageEdgeLoss
            | Self::ReversalNotSeen
            | Self::DuplicateRows
            | Self::Currency
            | Self::ManualEdit
            | Self::Unknown => Remedy::ForceSync,
            Self::BackfillUnfinished
            | Self::StaleCheckpoint
            | Self::InterruptedRun
            | Self::MissedWebhook => Remedy::RunNow,
            Self::RateLimited | Self::UnmatchedWebhook => Remedy::Wait,
            Self::TokenExpired => Remedy::Refresh,
            Self::TokenRevoked | Self::ScopeMissing | Self::WrongEndpoint => Remedy::Reconnect,
            Self::SummaryVersusRows | Self::TimeZoneEdge => Remedy::Nothing,
            Self::DriftedTotal | Self::DriftedRollup => Remedy::RebuildTotals,
            Self::RejectedRow => Remedy::ReviewRejects,
            Self::ClockSkew => Remedy::SetClock,
        }
    }
}

/// The one thing that a person does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "RemedyKind"))]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// Read the creator's history again.
    ForceSync,
    /// Let the next run begin now.
    RunNow,
    /// It passes by itself.
    Wait,
    /// Renew the token now.
    Refresh,
    /// Connect the account again.
    Reconnect,
    /// Sum the days and the total anew.
    RebuildTotals,
    /// Look at the rows that were set aside.
    ReviewRejects,
    /// Set this server's clock, then read again.
    SetClock,
    /// Ask again with the rows themselves.
    AskRows,
    /// Ask again for one creator, or for fewer days.
    AskFewer,
    /// It is so by definition.
    Nothing,
}
