//! The proof: whether a day is what the platform says it is, which windows read it again, and what that
//! changed.
//!
//! A window of the proof lies on ground that was read before: it holds no watermark back, and nothing is
//! called less complete while it is open. It is read as a history is, and leaves as much of the budget.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

use crate::{
    Cents, Changes, Earning, Feed, HISTORY_START, Key, OpenWindow, Purpose, Stream, Window,
};

/// UTC days that are compared each night, up to the one before.
pub const PROOF_DAYS: i64 = 35;

/// The most windows that a stream has open for single days; more days wait for the next portion.
pub const PROOF_WINDOWS_MAX: usize = 8;

/// Booked rows of one window, at most, as far as they are spread evenly: one commit's worth of them can
/// prove that a row is gone.
const WINDOW_ROWS: i64 = 500;

/// The most windows of one day: an hour each.
const PIECES_MAX: i64 = 24;

/// The gross and net of a UTC day, as the rows have it. Reversals are left out, as in totals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DaySums {
    /// Of sales.
    pub sales: (Cents, Cents),
    /// Of referrals, commissions and giveaways, which totals hold or leave out.
    pub rewards: (Cents, Cents),
    /// Rows of both.
    pub rows: i64,
}

impl DaySums {
    /// Whether the platform's gross and net are those of the rows, with the rewards or without them.
    #[must_use]
    pub fn agrees(&self, told: (Cents, Cents)) -> bool {
        told == self.sales || told == self.all()
    }

    /// What stands beside the platform's figure: with the rewards, unless it is as if it left them out.
    #[must_use]
    pub fn beside(&self, told: (Cents, Cents)) -> (Cents, Cents) {
        if told.0 == self.sales.0 { self.sales } else { self.all() }
    }

    fn all(&self) -> (Cents, Cents) {
        (self.sales.0 + self.rewards.0, self.sales.1 + self.rewards.1)
    }
}

/// The windows that read a UTC day again, each with so few of its `rows` that it fits into one commit. The
/// first begins at `reach`, where an earlier row is: a day whose only row is gone would else be read empty,
/// which proves nothing.
#[must_use]
pub fn proof_windows(on: Date, rows: i64, reach: Option<Timestamp>) -> Vec<Window> {
    let Some((start, end)) = bounds(on) else { return vec![] };
    let pieces = (rows / WINDOW_ROWS + 1).clamp(1, PIECES_MAX);
    let seconds = end.duration_since(start).as_secs() / pieces;
    let edge = |piece: i64| {
        let after = SignedDuration::from_secs(seconds * piece);
        if piece == pieces { end } else { start.checked_add(after).unwrap_or(end) }
    };
    let from = |piece: i64| match piece {
        0 => reach.map_or(start, |at| at.min(start)),
        _ => edge(piece),
    };
    (0..pieces).filter_map(|piece| Window::new(from(piece), edge(piece + 1)).ok()).collect()
}

fn bounds(on: Date) -> Option<(Timestamp, Timestamp)> {
    let instant = |day: Date| Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp());
    Some((instant(on)?, instant(on.tomorrow().ok()?)?))
}

impl OpenWindow {
    /// Whether it reads ground again that was read before.
    #[must_use]
    pub fn is_proof(&self) -> bool {
        self.fresh_from == Timestamp::MAX
    }

    /// Whether it is a part of a read of all there is, and not of a day that differs or a second look.
    #[must_use]
    pub fn is_of_history(&self) -> bool {
        let is_part = match self.piece {
            Some(piece) => piece.is_first_look(),
            None => !self.is_proof() || self.window.start() == HISTORY_START,
        };
        is_part && (self.purpose, self.feed) == (Purpose::History, Feed::Earnings)
    }
}

impl Stream {
    /// Windows of the proof that are open.
    #[must_use]
    pub fn proofs(&self) -> usize {
        self.windows.iter().filter(|open| open.is_proof()).count()
    }

    /// Opens a window of the proof, unless it is open already.
    pub fn open_proof(&mut self, feed: Feed, window: Window) {
        let is_it =
            |open: &OpenWindow| open.is_proof() && (open.feed, open.window) == (feed, window);
        if self.windows.iter().any(is_it) {
            return;
        }
        self.windows.push(OpenWindow::new(Purpose::History, feed, window, Timestamp::MAX));
    }
}

/// What a read changed in a UTC day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepairedDay {
    /// The day.
    pub on: Date,
    /// Change of gross.
    pub gross: Cents,
    /// Change of the number of rows.
    pub rows: i64,
    /// Rows that the ledger lacked.
    pub missing: Vec<Key>,
    /// Rows that it had with other figures, of another day or for another reason.
    pub amended: Vec<Key>,
    /// Rows that two complete reads did not show.
    pub vanished: Vec<Key>,
}

impl RepairedDay {
    /// Why it was wrong, in one word.
    #[must_use]
    pub fn cause(&self) -> &'static str {
        match (self.missing.is_empty(), self.amended.is_empty(), self.vanished.is_empty()) {
            (false, true, true) => "missing_row",
            (true, false, true) => "amended_row",
            (true, true, false) => "vanished_row",
            _ => "several",
        }
    }
}

/// What a change of the ledger repairs, day by day. Rows of which only status, id or names moved on are no
/// repair.
#[must_use]
pub fn repaired_days(changes: &Changes) -> Vec<RepairedDay> {
    let mut days = BTreeMap::new();
    for row in &changes.inserts {
        booked(&mut days, &row.earning, 1).missing.push(row.key.clone());
    }
    for row in &changes.voids {
        booked(&mut days, &row.earning, -1).vanished.push(row.key.clone());
    }
    let money = |earning: &Earning| (earning.at, earning.source, earning.gross, earning.net);
    for update in &changes.updates {
        let (before, after) = (&update.before.earning, &update.after.earning);
        if money(before) == money(after) {
            continue;
        }
        let left = booked(&mut days, before, -1);
        left.amended.push(update.after.key.clone());
        let arrived = booked(&mut days, after, 1);
        if arrived.amended.last() != Some(&update.after.key) {
            arrived.amended.push(update.after.key.clone());
        }
    }
    days.into_values().collect()
}

/// The day of an earning that came or went, with its sums.
fn booked<'a>(
    days: &'a mut BTreeMap<Date, RepairedDay>,
    earning: &Earning,
    sign: i64,
) -> &'a mut RepairedDay {
    let on = earning.at.to_zoned(TimeZone::UTC).date();
    let day = days.entry(on).or_insert_with(|| RepairedDay {
        on,
        gross: Cents::ZERO,
        rows: 0,
        missing: vec![],
        amended: vec![],
        vanished: vec![],
    });
    day.gross += Cents(sign * earning.gross.0);
    day.rows += sign;
    day
}

#[cfg(test)]
mod tests;
