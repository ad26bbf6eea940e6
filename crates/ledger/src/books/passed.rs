//! Booked rows that pages passed: whether those showed them.

use jiff::Timestamp;

use super::{Books, Slot};

/// A booked sale whose time pages passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passed {
    /// Its instant.
    pub at: Timestamp,
    /// Whether a page showed it.
    pub is_shown: bool,
}

impl Books {
    /// Booked sales between two instants, oldest first, beside all pages read so far.
    #[must_use]
    pub fn passed(&self, (from, to): (Timestamp, Timestamp)) -> Vec<Passed> {
        let within =
            |slot: &&Slot| slot.may_be_missed() && (from..to).contains(&slot.now.earning.at);
        let beside = |slot: &Slot| {
            let at = slot.now.earning.at;
            Passed { at, is_shown: slot.seen || self.unclear.contains(&at) }
        };
        let mut rows: Vec<_> = self.slots.iter().filter(within).map(beside).collect();
        rows.sort_unstable_by_key(|row| row.at);
        rows
    }
}
