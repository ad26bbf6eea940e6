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
    /// Booked sales between two instants, oldest first, beside all pages read so far. Those of an older system are none
    /// of them: see `unproven`.
    #[must_use]
    pub fn passed(&self, (from, to): (Timestamp, Timestamp)) -> Vec<Passed> {
        let counts = |slot: &&Slot| {
            let crate::Earning { at, source, .. } = &slot.now.earning;
            slot.before.is_some()
                && !slot.now.is_adopted
                && (from..to).contains(at)
                && !source.is_reversal()
        };
        let beside = |slot: &Slot| {
            let at = slot.now.earning.at;
            Passed { at, is_shown: slot.seen || self.unclear.contains(&at) }
        };
        let mut rows: Vec<_> = self.slots.iter().filter(counts).map(beside).collect();
        rows.sort_unstable_by_key(|row| row.at);
        rows
    }
}
