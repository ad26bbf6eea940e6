//! What has to be written.

use super::Booked;
use crate::Key;

/// A booked earning that a page changed: re-keyed, its status moved forward, or amended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// As it stood before.
    pub before: Booked,
    /// As it stands now.
    pub after: Booked,
}

/// What has to be written. Empty when the pages told nothing new.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Earnings that were not booked.
    pub inserts: Vec<Booked>,
    /// Earnings that were booked differently.
    pub updates: Vec<Update>,
    /// Earnings that two complete reads of their time did not contain: they leave the ledger.
    pub voids: Vec<Booked>,
    /// Earnings that a complete read of their time did not contain for the first time.
    pub absent: Vec<Key>,
    /// Earnings that were noted as absent so lately that this read without them is no second one.
    pub early: Vec<Key>,
    /// Earnings that were absent and are seen again, by the keys under which they were booked.
    pub returned: Vec<Key>,
}

impl Changes {
    /// Whether the money is as it was.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.inserts.is_empty() && self.updates.is_empty() && self.voids.is_empty()
    }
}
