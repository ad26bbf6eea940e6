//! How far a history has been read, and how long the rest will take.
//!
//! The span of time that was read tells little of it: a creator may have sold half of everything in one
//! month of three years. Two things know better. The ledger, where a history is read again: its rows
//! outside of the span that was read are still to come, and those inside say how many the platform has
//! for each of ours. And what the platform says was sold in all: divided by what a row brought so far. Where
//! neither is there, nothing is foretold.

mod bucket;
mod pace;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::pace::{Allowance, Part, SpoiltWindows, seconds_left};
use crate::{Cents, OpenWindow, Stream};

/// Rows of a full page.
pub const PAGE_ROWS: u64 = 50;

/// What few rows say of many is taken together with so many that say that the ledger lacks none.
const PRIOR_ROWS: u64 = 3;

/// Nothing is called done before it is.
const PER_MILLE_MAX: u64 = 990;

/// By how much, in per cent, the ledger may miss what was sold, once what it lacks is counted, and still be
/// trusted. Sums of the platform leave reversals out, and few rows tell little.
const EVEN_PERCENT: u128 = 10;

/// The pass over a history that is being read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPass {
    /// Rows read in it.
    pub rows: u64,
    /// Earliest and latest instant of them; `None` before the first.
    pub seen: Option<(Timestamp, Timestamp)>,
}

impl Stream {
    /// The pass over the history, while one is open, however many windows it is read in.
    #[must_use]
    pub fn history_pass(&self) -> Option<HistoryPass> {
        self.windows.iter().filter_map(OpenWindow::history_pass).reduce(HistoryPass::and)
    }
}

/// What is known of a history that is being read for somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Rows of the ledger outside of the span that the pass has seen.
    pub ahead: u64,
    /// Rows of the ledger from before the first that it held when reading began.
    pub beyond: u64,
    /// All rows of the ledger.
    pub held: u64,
    /// Rows that were added to it since reading began.
    pub added: u64,
    /// What those that it held when reading began came to.
    pub known_gross: Cents,
    /// Rows read in this pass.
    pub pass: u64,
    /// Rows read since reading began, in all passes.
    pub read: u64,
    /// What they came to, without reversals.
    pub read_gross: Cents,
    /// The ledger is known to end before the platform does.
    pub ends_early: bool,
    /// What the platform says was sold in all, where it was asked.
    pub promised_gross: Option<Cents>,
}

impl Evidence {
    /// Rows that are still to come; `None` where nothing tells.
    #[must_use]
    pub fn rows_left(&self) -> Option<u64> {
        let (known, promised) = (self.known_rows(), self.promised_rows());
        if self.explains_promise() { known.or(promised) } else { promised.or(known) }
    }

    /// Rows that the platform had, and those of them that the ledger held, of the span that was read.
    fn behind(&self) -> (u128, u128) {
        let held = self.held.saturating_sub(self.added).saturating_sub(self.ahead);
        let had = self.pass.saturating_sub(self.beyond);
        (u128::from(had + PRIOR_ROWS), u128::from(held + PRIOR_ROWS))
    }

    /// Whether the ledger, times what the platform had for each row behind, comes to what the platform
    /// says was sold: then what it lacks is lacking evenly.
    fn explains_promise(&self) -> bool {
        let (Some(promised), Ok(known)) = (self.promised_gross, u128::try_from(self.known_gross.0))
        else {
            return self.promised_gross.is_none();
        };
        let (had, held) = self.behind();
        let explained = known * had / held;
        let promised = u128::try_from(promised.0).unwrap_or_default();
        (promised * (100 - EVEN_PERCENT)..=promised * (100 + EVEN_PERCENT))
            .contains(&(explained * 100))
    }

    /// The ledger's rows ahead, times what the platform had for each row behind.
    fn known_rows(&self) -> Option<u64> {
        let is_empty = self.held.saturating_sub(self.added) == 0;
        if is_empty || self.ends_early || 2 * PAGE_ROWS < self.beyond {
            // The platform goes on where the ledger ends, and nobody knows how far.
            return None;
        }
        let (had, held) = self.behind();
        u64::try_from(u128::from(self.ahead) * had / held).ok()
    }

    /// What was not read yet of the promised sum, in rows that bring what those before them did.
    fn promised_rows(&self) -> Option<u64> {
        let promised = u128::try_from(self.promised_gross?.0).ok()?;
        let gross = u128::try_from(self.read_gross.0).ok().filter(|gross| 0 < *gross)?;
        let rows = u64::try_from(promised * u128::from(self.read) / gross).ok()?;
        Some(rows.saturating_sub(self.pass))
    }

    /// How much of the history has been read. It may fall when more is learnt: whoever shows it keeps the
    /// highest.
    #[must_use]
    pub fn per_mille(&self) -> u16 {
        // Of what nobody foretells, never more than half is claimed.
        let left = self.rows_left().unwrap_or(self.pass + 10 * PAGE_ROWS);
        let all = self.pass.saturating_add(left).max(1);
        let share = u128::from(self.pass) * 1000 / u128::from(all);
        u16::try_from(share.min(u128::from(PER_MILLE_MAX))).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
