//! One UTC day: what its rows and the platform differ by, and why.

use jiff::civil::Date;

use super::{
    Cause, Clue, DayFacts, DriftedDay, Figure, HandEdit, Part, PlatformDay, RejectedRow, Remedy,
    RowDifference, Told, Value, Work,
    facts::{are_near, day_of, end_of},
    ruled::Evidence,
    why_unread,
};
use crate::Cents;

/// Rows show this late, and daily looks back reach as far: see `Stream`.
const LATE_SECONDS_MAX: i64 = 97 * 3600;

/// How far apart a webhook and its row may lie.
const NEAR_SECONDS: i64 = crate::SETTLE_SECONDS_MAX;

impl Work<'_> {
    /// Explains one day.
    pub(super) fn day(&mut self, day: &DayFacts) {
        match &day.platform {
            PlatformDay::Unheard => {}
            PlatformDay::Total { gross, currency } => {
                let figures = |ledger: Cents| {
                    vec![Figure::cents("ledgerCents", ledger), Figure::cents("fanvueCents", *gross)]
                };
                self.left_out(day, &figures(day.ledger().cents));
                let rest = self.rejected(day, day.rest());
                let rest = self.told(day, rest);
                self.rest(day, rest, currency.as_deref(), figures(day.ledger().cents));
            }
            PlatformDay::Rows { sum, differences } => {
                let explained: Cents = differences.iter().map(RowDifference::cents).sum();
                for difference in differences {
                    self.row(day, difference);
                }
                let left = day.rest() - explained;
                if left != Cents::ZERO {
                    let figures = vec![
                        Figure::cents("ledgerCents", day.ledger().cents),
                        Figure::cents("fanvueCents", sum.cents),
                    ];
                    self.unknown(day, left, figures, Evidence::Day);
                }
            }
        }
    }

    /// Reversals, and maybe rewards, which the platform's totals leave out.
    fn left_out(&mut self, day: &DayFacts, figures: &[Figure]) {
        for (name, cents) in
            [("reversalsCents", day.reversals.cents), ("rewardsCents", day.left_out_rewards())]
        {
            if cents != Cents::ZERO {
                let mut figures = figures.to_vec();
                figures.push(Figure::cents(name, cents));
                self.add(Cause::SummaryVersusRows, Some(day.on), cents, figures);
            }
        }
    }

    /// Rows of the day that were set aside and whose amount is missing.
    fn rejected(&mut self, day: &DayFacts, mut rest: Cents) -> Cents {
        let facts = self.facts;
        let is_of_day = |row: &&RejectedRow| row.at.is_some_and(|at| day_of(at) == day.on);
        for row in facts.rejects.iter().filter(is_of_day) {
            let (Some(gross), Some(at)) = (row.gross, row.at) else { continue };
            if Cents::ZERO < gross && rest <= -gross {
                self.row(day, &row.difference(at));
                rest += gross;
            }
        }
        rest
    }

    /// Sales that a webhook told of and that the platform has: they are shown, so nothing is missing.
    fn told(&mut self, day: &DayFacts, mut rest: Cents) -> Cents {
        let facts = self.facts;
        for (index, told) in facts.told.iter().enumerate() {
            let is_here = told.is_open && !self.taken[index] && day_of(told.at) == day.on;
            if is_here && Cents::ZERO < told.gross && rest <= -told.gross {
                self.taken[index] = true;
                rest += told.gross;
            }
        }
        rest
    }

    /// What is left of a day of which only the total is known.
    fn rest(
        &mut self,
        day: &DayFacts,
        rest: Cents,
        currency: Option<&str>,
        mut figures: Vec<Figure>,
    ) {
        let on = Some(day.on);
        if let Some(currency) = currency.filter(|name| *name != "USD" && rest != Cents::ZERO) {
            figures.push(Figure::new("currency", Value::Text(currency.to_owned())));
            self.add(Cause::Currency, on, rest, figures);
        } else if self.is_edited(day.on, rest) {
            self.add(Cause::ManualEdit, on, rest, figures);
        } else if let Some(more) = self.written_down(day.on, rest) {
            figures.extend(more);
            self.add(Cause::ManualEdit, on, rest, figures);
        } else {
            let rest = self.not_read(day.on, rest, &figures);
            self.not_known(day, rest, figures);
        }
    }

    /// What nothing kept from being read.
    fn not_known(&mut self, day: &DayFacts, rest: Cents, mut figures: Vec<Figure>) {
        let facts = self.facts;
        let unexplained = facts.reading.unexplained_until.filter(|until| facts.now < *until);
        if let Some(until) = unexplained.filter(|_| rest < Cents::ZERO) {
            figures.push(Figure::new("unexplainedUntil", Value::At(until)));
            self.add(Cause::LateRows, Some(day.on), rest, figures);
        } else if rest != Cents::ZERO {
            self.unknown(day, rest, figures, Evidence::Total);
        }
    }

    /// Takes away what was sold after everything was read. Of the day in which that moment lies, its total
    /// can't tell whether something is missing before it or after: of that as much as totals tell from there on.
    fn not_read(&mut self, on: Date, rest: Cents, figures: &[Figure]) -> Cents {
        let facts = self.facts;
        let lately = facts.lately.unwrap_or_default().clamp(Cents::ZERO, (-rest).max(Cents::ZERO));
        let unread = match facts.reading.watermark {
            _ if Cents::ZERO <= rest => Cents::ZERO,
            Some(watermark) if end_of(on) <= watermark => Cents::ZERO,
            Some(watermark) if on <= day_of(watermark) => lately,
            _ => -rest,
        };
        if unread != Cents::ZERO {
            let (cause, more) = why_unread(&facts.reading, facts.now);
            let figures = figures.iter().cloned().chain(more).collect();
            self.add(cause, Some(on), -unread, figures);
        }
        rest + unread
    }

    /// Explains one row; those of one cause and day are one part.
    fn row(&mut self, day: &DayFacts, row: &RowDifference) {
        if self.is_told(row) {
            return;
        }
        let (cause, figures) = self.cause_of(day, row);
        let (on, cents) = (Some(day.on), row.cents());
        let is_same = |part: &Part| part.cause == cause && part.on == on && !part.rows.is_empty();
        match self.parts.iter().position(is_same) {
            Some(index) => {
                let ruled_out = self.ruled_out(day, Evidence::Row(row));
                let part = &mut self.parts[index];
                part.cents += cents;
                part.rows.push(row.clone());
                part.ruled_out.retain(|cause| ruled_out.contains(cause));
            }
            None if cause == Cause::Unknown => {
                self.unknown(day, cents, figures, Evidence::Row(row));
                self.with_row(row);
            }
            None => {
                self.add(cause, on, cents, figures);
                self.with_row(row);
            }
        }
    }

    fn with_row(&mut self, row: &RowDifference) {
        if let Some(part) = self.parts.last_mut() {
            part.rows.push(row.clone());
        }
    }

    fn cause_of(&self, day: &DayFacts, row: &RowDifference) -> (Cause, Vec<Figure>) {
        if let Some(edit) = self.facts.edits.iter().find(|edit| edit.explains(row)) {
            return (Cause::ManualEdit, edit.figures());
        }
        let text = |name, text: &str| vec![Figure::new(name, Value::Text(text.to_owned()))];
        let cause = match &row.clue {
            Clue::Rejected { reason, is_future: true, .. } => {
                return (Cause::ClockSkew, text("reason", reason));
            }
            Clue::Rejected { reason, .. } => return (Cause::RejectedRow, text("reason", reason)),
            Clue::Paid { currency } => return (Cause::Currency, text("currency", currency)),
            Clue::Edited => Cause::ManualEdit,
            Clue::Foreign => Cause::WrongEndpoint,
            Clue::Repeated => Cause::DuplicateRows,
            _ if self.is_edited(day.on, row.cents()) || self.is_edited(day.on, day.rest()) => {
                Cause::ManualEdit
            }
            _ if row.ours.is_some() => Cause::Unknown,
            clue => return self.cause_of_missing(row, clue),
        };
        (cause, vec![])
    }

    /// Why the ledger lacks a row.
    fn cause_of_missing(&self, row: &RowDifference, clue: &Clue) -> (Cause, Vec<Figure>) {
        let facts = self.facts;
        let Some(watermark) = facts.reading.watermark.filter(|watermark| row.at < *watermark)
        else {
            return why_unread(&facts.reading, facts.now);
        };
        let as_of = vec![Figure::new("asOf", Value::At(watermark))];
        let lateness = watermark.duration_since(row.at).as_secs();
        let is_told = facts.told.iter().any(|told| !told.is_open && is_same_sale(told, row));
        let cause = match clue {
            Clue::Reversal => Cause::ReversalNotSeen,
            Clue::Twin => Cause::PageEdgeLoss,
            _ if is_told => Cause::UnmatchedWebhook,
            _ if lateness <= LATE_SECONDS_MAX => Cause::LateRows,
            _ => Cause::Unknown,
        };
        (cause, as_of)
    }

    /// Whether a webhook told of a row that the ledger lacks: then it is shown all the same.
    fn is_told(&mut self, row: &RowDifference) -> bool {
        if row.ours.is_some() {
            return false;
        }
        let facts = self.facts;
        let found = facts.told.iter().enumerate().position(|(index, told)| {
            told.is_open
                && !self.taken[index]
                && Some(told.gross) == row.theirs
                && is_same_sale(told, row)
        });
        if let Some(index) = found {
            self.taken[index] = true;
        }
        found.is_some()
    }

    /// Whether a day's sum still holds what its rows no longer do: sums and rows are written together, so
    /// somebody else changed the rows.
    fn is_edited(&self, on: Date, cents: Cents) -> bool {
        let is_it = |day: &DriftedDay| {
            are_near(day.on, on) && day.rollup.cents - day.ledger.cents == -cents
        };
        cents != Cents::ZERO && self.facts.drifted.iter().any(is_it)
    }

    /// What proves that somebody took this day's money away, or put it there, by hand: all that is written down
    /// of its sales comes to these cents.
    fn written_down(&self, on: Date, cents: Cents) -> Option<Vec<Figure>> {
        let is_here = |edit: &&HandEdit| !edit.is_reversal && day_of(edit.at) == on;
        let edits: Vec<_> = self.facts.edits.iter().filter(is_here).collect();
        let sum: Cents = edits.iter().map(|edit| edit.cents()).sum();
        let latest = edits.first().filter(|_| sum == cents)?;
        let count = i64::try_from(edits.len()).unwrap_or(i64::MAX);
        let mut figures = latest.figures();
        figures.truncate(2);
        figures.push(Figure::new("changedRows", Value::Count(count)));
        Some(figures)
    }

    fn unknown(
        &mut self,
        day: &DayFacts,
        cents: Cents,
        figures: Vec<Figure>,
        evidence: Evidence<'_>,
    ) {
        let ruled_out = self.ruled_out(day, evidence);
        self.add(Cause::Unknown, Some(day.on), cents, figures);
        if let Some(part) = self.parts.last_mut() {
            part.ruled_out = ruled_out;
            if matches!(evidence, Evidence::Total) {
                part.remedy = Remedy::AskRows;
            }
        }
    }
}

fn is_same_sale(told: &Told, row: &RowDifference) -> bool {
    let is_near = told.at.duration_since(row.at).as_secs().abs() <= NEAR_SECONDS;
    match &told.order {
        Some(order) if order.as_str() == row.key => true,
        _ => is_near && Some(told.gross) == row.theirs,
    }
}
