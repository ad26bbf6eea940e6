//! What is written down of a hand in the ledger.

use jiff::Timestamp;

use super::{Figure, RowDifference, Value};
use crate::Cents;

/// What somebody, and not the service, did to a row of the ledger, as it was written down; nothing was done to
/// it since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandEdit {
    /// The row's key.
    pub key: String,
    /// When it was paid, as it said before.
    pub at: Timestamp,
    /// Whether it took money back, which totals leave out.
    pub is_reversal: bool,
    /// Its gross before.
    pub before: Cents,
    /// Its gross since; `None` where it was taken away.
    pub after: Option<Cents>,
    /// When, by the database's clock.
    pub changed_at: Timestamp,
}

impl HandEdit {
    /// Whether that is why this row differs. One without an id is known by its instant and its amount.
    pub(super) fn explains(&self, row: &RowDifference) -> bool {
        let is_same = match row.key.as_str() {
            "" => self.key.starts_with('~') && self.at == row.at && row.theirs == Some(self.before),
            key => key == self.key,
        };
        is_same && row.ours == self.after
    }

    /// What it put into the ledger; negative for what it took.
    pub(super) fn cents(&self) -> Cents {
        self.after.unwrap_or_default() - self.before
    }

    /// What proves it. Not who: that may be the name of a person.
    pub(super) fn figures(&self) -> Vec<Figure> {
        let by = "a hand in the database, not the service".to_owned();
        let mut figures = vec![
            Figure::new("changedBy", Value::Text(by)),
            Figure::new("changedAt", Value::At(self.changed_at)),
            Figure::new("beforeCents", Value::Cents(self.before)),
        ];
        figures.extend(self.after.map(|after| Figure::new("afterCents", Value::Cents(after))));
        figures
    }
}
