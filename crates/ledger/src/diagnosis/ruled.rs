//! What the facts speak against where no cause is proved: of each cause by what it would have left behind.

use super::{
    Cause, DayFacts, RowDifference, Work,
    facts::{are_near, day_of, end_of},
    reading::why_unread,
};

/// What is known of the part of a day that nothing explains.
#[derive(Clone, Copy, Debug)]
pub(super) enum Evidence<'a> {
    /// The day's total alone.
    Total,
    /// The day's rows, none of which is at fault.
    Day,
    /// This row of it.
    Row(&'a RowDifference),
}

/// What would keep a sale from being read.
const UNREAD: [Cause; 9] = [
    Cause::NeverSynced,
    Cause::BackfillUnfinished,
    Cause::StaleCheckpoint,
    Cause::MissedWebhook,
    Cause::InterruptedRun,
    Cause::RateLimited,
    Cause::TokenExpired,
    Cause::TokenRevoked,
    Cause::ScopeMissing,
];

impl Work<'_> {
    /// The causes that can not be why the ledger and the platform differ in this.
    pub(super) fn ruled_out(&self, day: &DayFacts, evidence: Evidence<'_>) -> Vec<Cause> {
        let is_it = |cause: &Cause| self.is_ruled_out(*cause, day, evidence);
        Cause::ALL.into_iter().filter(is_it).collect()
    }

    fn is_ruled_out(&self, cause: Cause, day: &DayFacts, evidence: Evidence<'_>) -> bool {
        let row = match evidence {
            Evidence::Row(row) => Some(row),
            Evidence::Total | Evidence::Day => None,
        };
        // A row that stands in the ledger was read, and is not set aside.
        let is_held = row.is_some_and(|row| row.ours.is_some());
        let is_missing = row.is_some_and(|row| row.ours.is_none());
        match cause {
            cause if UNREAD.contains(&cause) => {
                is_held || self.was_read(day, row) || !self.may_hinder(cause)
            }
            // These are differences of other figures than the ledger's and the platform's of one UTC day.
            Cause::TimeZoneEdge | Cause::DriftedTotal | Cause::DriftedRollup => true,
            // Totals leave out all rewards or none, as far as is known: a part of them would show like this.
            Cause::SummaryVersusRows => {
                !matches!(evidence, Evidence::Total) || day.rewards.rows == 0
            }
            Cause::RejectedRow => is_held || self.has_no_reject(day, false),
            Cause::ClockSkew => is_held || self.has_no_reject(day, true),
            Cause::UnmatchedWebhook => self.was_told_nothing(day),
            // A row shows each of these by itself: as it does not, they are not why.
            Cause::DuplicateRows | Cause::PageEdgeLoss | Cause::ReversalNotSeen => row.is_some(),
            // It is late up to a bound, beyond which a missing row is not; one that is held did come.
            Cause::LateRows => row.is_some(),
            Cause::WrongEndpoint => is_missing || is_held && has_id(row),
            // The ledger has no amount of it, or the platform lists no such row in any currency.
            Cause::Currency => {
                let is_alone = |row: &RowDifference| row.ours.is_none() || row.theirs.is_none();
                row.is_some_and(is_alone) && has_id(row)
            }
            _ => false,
        }
    }

    /// Whether all of the day, or this row, lies before the watermark: then it was read.
    fn was_read(&self, day: &DayFacts, row: Option<&RowDifference>) -> bool {
        self.facts.reading.watermark.is_some_and(|watermark| {
            end_of(day.on) <= watermark || row.is_some_and(|row| row.at < watermark)
        })
    }

    /// Whether it is what keeps rows from being read now, or nothing but time may.
    fn may_hinder(&self, cause: Cause) -> bool {
        let (found, _) = why_unread(&self.facts.reading, self.facts.now);
        let of_time = [Cause::StaleCheckpoint, Cause::MissedWebhook];
        found == cause || of_time.contains(&cause) || !of_time.contains(&found)
    }

    /// Whether none of the rows that were set aside may be of that day: of some neither is known nor the amount.
    fn has_no_reject(&self, day: &DayFacts, is_future: bool) -> bool {
        let may_be = |row: &super::RejectedRow| {
            row.is_future == is_future && row.at.is_none_or(|at| day_of(at) == day.on)
        };
        !self.facts.has_more_rejects && !self.facts.rejects.iter().any(may_be)
    }

    /// Whether no webhook told of a sale about that day, but for those that are found.
    fn was_told_nothing(&self, day: &DayFacts) -> bool {
        let mut told = self.facts.told.iter().zip(&self.taken);
        !told.any(|(told, is_taken)| !is_taken && are_near(day_of(told.at), day.on))
    }
}

/// Whether the row is known by an id of the platform, by which others would have been found.
fn has_id(row: Option<&RowDifference>) -> bool {
    row.is_some_and(|row| !row.key.is_empty() && !row.key.starts_with('~'))
}
