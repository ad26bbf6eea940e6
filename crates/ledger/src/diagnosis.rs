//! Why what is shown is not what the platform says: one cause for each part of the difference, with the
//! figures that prove it.
//!
//! What is shown and what the platform says differ by a chain of differences: the sums that are kept beside
//! the days and the total, the total and its days, the days and their rows, the agency's days and the
//! platform's, the rows and the platform day by day. Each link is explained by itself, and what no figure
//! explains is said to be unknown: so the parts always add up to the whole. Not here: asking the platform, and doing anything about it.

mod cause;
mod days;
mod edits;
mod facts;
mod reading;
mod rows;
mod ruled;
mod sums;

use jiff::{Timestamp, civil::Date};

pub use self::{
    cause::{Cause, Remedy},
    edits::HandEdit,
    facts::{
        ConnectionFacts, DayFacts, DriftedDay, Facts, PlatformDay, Reading, Refusal, Sum, Told,
        Unheard, day_of,
    },
    rows::{Clue, RejectedRow, RowDifference, compare_rows, once},
    sums::DriftedSum,
};
use self::{
    facts::are_near,
    reading::{why_unheard, why_unread},
};
use crate::Cents;

/// A figure behind a cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// What it is called in answers.
    pub name: &'static str,
    /// What it is.
    pub value: Value,
}

/// What a figure is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// An amount.
    Cents(Cents),
    /// A number.
    Count(i64),
    /// An instant.
    At(Timestamp),
    /// Words.
    Text(String),
}

impl Figure {
    /// A figure of that name.
    #[must_use]
    pub fn new(name: &'static str, value: Value) -> Self {
        Self { name, value }
    }

    fn cents(name: &'static str, cents: Cents) -> Self {
        Self::new(name, Value::Cents(cents))
    }
}

/// A part of the difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Why.
    pub cause: Cause,
    /// The day, where it is one day's: UTC, but for sums of the agency's days.
    pub on: Option<Date>,
    /// What is shown too much; negative for what is missing.
    pub cents: Cents,
    /// Its rows, where they are known.
    pub rows: Vec<RowDifference>,
    /// What proves it.
    pub figures: Vec<Figure>,
    /// Of an unknown cause: those that the figures speak against.
    pub ruled_out: Vec<Cause>,
    /// What a person does about it.
    pub remedy: Remedy,
}

impl Part {
    /// Whether it tells only what was not heard, and claims nothing of the money.
    #[must_use]
    pub fn is_unheard(&self) -> bool {
        self.on.is_none() && self.rows.is_empty() && self.cents == Cents::ZERO
    }
}

/// What is shown, what the platform says, and why they differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// What people see: the total, or the days' sums, with what only webhooks told of, and what the sums that are
    /// kept beside these have too much.
    pub shown: Sum,
    /// What the platform says; `None` where it was not heard of every day.
    pub platform: Option<Cents>,
    /// Rows that the platform lists; `None` where they were not all read.
    pub platform_rows: Option<i64>,
    /// What is shown too much, as far as the platform was heard.
    pub difference: Cents,
    /// Why. They add up to the difference.
    pub parts: Vec<Part>,
    /// Whether rows were asked for, and of some days only totals compared.
    pub is_partly: bool,
    /// What is shown of all creators together too much, where that is told here: see
    /// [`Diagnosis::note_sums_of_all`].
    pub all_too_much: Option<Cents>,
}

/// Explains the difference.
#[must_use]
pub fn diagnose(facts: &Facts) -> Diagnosis {
    let open = facts.told.iter().filter(|told| told.is_open);
    let told: Sum = open.map(|told| Sum { cents: told.gross, rows: 1 }).sum();
    let shown = facts.total.unwrap_or(facts.rollup) + told + sums::shown_too_much(&facts.sums);
    let truth: Cents = facts.days.iter().map(DayFacts::truth).sum();
    let difference = shown.cents - truth;
    let mut work = Work { facts, taken: vec![false; facts.told.len()], parts: vec![] };
    work.sums();
    work.total();
    work.rollup();
    work.edge();
    for day in &facts.days {
        work.day(day);
    }
    work.untaken();
    work.unheard();
    work.unread();
    let is_heard = facts.unheard.is_none()
        && facts.days.iter().all(|day| day.platform != PlatformDay::Unheard);
    let rows: Option<Vec<i64>> = facts.days.iter().map(listed_rows).collect();
    Diagnosis {
        shown,
        platform: is_heard.then_some(truth),
        platform_rows: rows.filter(|_| is_heard).map(|rows| rows.iter().sum()),
        difference,
        parts: work.parts,
        is_partly: facts.unread.is_some(),
        all_too_much: None,
    }
}

fn listed_rows(day: &DayFacts) -> Option<i64> {
    match &day.platform {
        PlatformDay::Rows { sum, .. } => Some(sum.rows),
        PlatformDay::Total { .. } | PlatformDay::Unheard => None,
    }
}

/// The explaining: what was found so far.
struct Work<'a> {
    facts: &'a Facts,
    /// Which of the sales told of were found among what the platform has.
    taken: Vec<bool>,
    parts: Vec<Part>,
}

impl Work<'_> {
    fn add(&mut self, cause: Cause, on: Option<Date>, cents: Cents, figures: Vec<Figure>) {
        let remedy = cause.remedy();
        let (rows, ruled_out) = (vec![], vec![]);
        self.parts.push(Part { cause, on, cents, rows, figures, ruled_out, remedy });
    }

    /// The running total and the days' sums.
    fn total(&mut self) {
        let Some(total) = self.facts.total else { return };
        let (gap, rollup) = (total.cents - self.facts.rollup.cents, self.facts.rollup);
        if gap != Cents::ZERO {
            let figures = vec![
                Figure::cents("totalCents", total.cents),
                Figure::cents("rollupCents", rollup.cents),
                Figure::cents("ledgerCents", self.facts.ledger.cents),
            ];
            self.add(Cause::DriftedTotal, None, gap, figures);
        }
    }

    /// The days' sums and the rows: where a day's sum is what the platform says, its rows were changed.
    fn rollup(&mut self) {
        let facts = self.facts;
        let mut left = facts.rollup.cents - facts.ledger.cents;
        for day in &facts.drifted {
            let gap = day.rollup.cents - day.ledger.cents;
            left = left - gap;
            let says_so = |other: &DayFacts| are_near(other.on, day.on) && other.rest() == -gap;
            let is_edit = gap != Cents::ZERO && facts.days.iter().any(says_so);
            let cause = if is_edit { Cause::ManualEdit } else { Cause::DriftedRollup };
            let figures = vec![
                Figure::cents("rollupCents", day.rollup.cents),
                Figure::cents("ledgerCents", day.ledger.cents),
                Figure::new("rollupRows", Value::Count(day.rollup.rows)),
                Figure::new("ledgerRows", Value::Count(day.ledger.rows)),
            ];
            self.add(cause, Some(day.on), gap, figures);
        }
        if left != Cents::ZERO {
            let figures = vec![
                Figure::cents("rollupCents", facts.rollup.cents),
                Figure::cents("ledgerCents", facts.ledger.cents),
            ];
            self.add(Cause::Unknown, None, left, figures);
        }
    }

    /// The agency's days and the platform's.
    fn edge(&mut self) {
        let utc: Sum = self.facts.days.iter().map(DayFacts::ledger).sum();
        let gap = self.facts.ledger.cents - utc.cents;
        if gap != Cents::ZERO {
            let figures = vec![
                Figure::cents("agencyDaysCents", self.facts.ledger.cents),
                Figure::cents("utcDaysCents", utc.cents),
            ];
            self.add(Cause::TimeZoneEdge, None, gap, figures);
        }
    }

    /// Sales that only webhooks told of, and that the platform has not.
    fn untaken(&mut self) {
        let facts = self.facts;
        for (told, is_taken) in facts.told.iter().zip(self.taken.clone()) {
            if told.is_open && !is_taken {
                let figures = vec![
                    Figure::new("toldAt", Value::At(told.at)),
                    Figure::new("shownUntil", Value::At(told.expires_at)),
                ];
                self.add(Cause::UnmatchedWebhook, Some(day_of(told.at)), told.gross, figures);
            }
        }
    }

    /// What stands in the way where the platform was not heard: no cents are known of it.
    fn unheard(&mut self) {
        let Some(unheard) = &self.facts.unheard else { return };
        let (cause, figures) = self.why(unheard);
        let is_found = self.parts.iter().any(|part| part.cause == cause);
        if cause == Cause::Unknown || !is_found {
            self.unheard_part(unheard, cause, figures);
        }
    }

    /// The same where totals were heard, and not all the rows that were asked for: of what totals leave out
    /// nothing is known.
    fn unread(&mut self) {
        let Some(unread) = &self.facts.unread else { return };
        let (cause, mut figures) = self.why(unread);
        let is_total = |day: &&DayFacts| matches!(day.platform, PlatformDay::Total { .. });
        let days = self.facts.days.iter().filter(is_total).count();
        let days = i64::try_from(days).unwrap_or(i64::MAX);
        figures.push(Figure::new("daysByTotal", Value::Count(days)));
        self.unheard_part(unread, cause, figures);
    }

    /// The stream may tell why, where the platform's answer does not.
    fn why(&self, unheard: &Unheard) -> (Cause, Vec<Figure>) {
        let (cause, mut figures) = why_unheard(unheard);
        if matches!(unheard, Unheard::Failed { .. }) {
            let (other, more) = why_unread(&self.facts.reading, self.facts.now);
            let is_healthy = matches!(other, Cause::StaleCheckpoint | Cause::MissedWebhook);
            if !is_healthy {
                figures.extend(more);
                return (other, figures);
            }
        }
        (cause, figures)
    }

    fn unheard_part(&mut self, unheard: &Unheard, cause: Cause, figures: Vec<Figure>) {
        self.add(cause, None, Cents::ZERO, figures);
        let remedy = match unheard {
            Unheard::OnlyRows | Unheard::LeftOut => Remedy::AskRows,
            Unheard::TooMany => Remedy::AskFewer,
            Unheard::Failed { .. } if cause == Cause::Unknown => Remedy::Wait,
            _ => return,
        };
        if let Some(part) = self.parts.last_mut() {
            part.remedy = remedy;
        }
    }
}

#[cfg(test)]
mod tests;
