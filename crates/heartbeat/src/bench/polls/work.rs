//! What polls cost the database.

use std::time::Duration;

use crate::{
    Failure,
    bench::{report::figure, stage::numbers},
};

/// Work done, by the instance's own count and by the server's.
#[derive(Clone, Debug, Default)]
pub(super) struct Work {
    pub(super) polls: u64,
    /// Of those, answered 304.
    pub(super) unchanged: u64,
    pub(super) statements: u64,
    /// For the answers of all statements.
    pub(super) waited: Duration,
    /// Pages that were looked at.
    blocks: u64,
    /// Rows and index entries that were read.
    entries: u64,
}

/// A name, a goal, and the number itself.
pub(super) type Measure = (&'static str, &'static str, fn(&Work) -> f64);

/// What is compared.
pub(super) const MEASURES: [Measure; 4] = [
    ("pages of the database", "≥ 90%", |work| figure(work.blocks)),
    ("rows and index entries read", "≥ 90%", |work| figure(work.entries)),
    ("ms of waiting for the database", "≥ 90%", |work| work.waited.as_secs_f64() * 1000.0),
    ("statements", "", |work| figure(work.statements)),
];

impl Work {
    /// What the server did in this database so far.
    pub(super) async fn of(url: &str) -> Result<Self, Failure> {
        let sql = "select blks_hit + blks_read, tup_returned + tup_fetched
                     from pg_stat_database where datname = current_database()";
        let [blocks, entries] = numbers(url, sql).await?;
        Ok(Self { blocks, entries, ..Self::default() })
    }

    /// Adds what the server did between two looks at it.
    pub(super) fn add_database(&mut self, before: &Self, after: &Self) {
        self.blocks += after.blocks.saturating_sub(before.blocks);
        self.entries += after.entries.saturating_sub(before.entries);
    }

    /// Takes off what the server would have done anyway.
    pub(super) fn without(mut self, anyway: &Self) -> Self {
        self.blocks = self.blocks.saturating_sub(anyway.blocks);
        self.entries = self.entries.saturating_sub(anyway.entries);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_done_anyway_is_no_work_of_polls() {
        let work = |blocks, entries| Work { blocks, entries, ..Work::default() };
        let mut polls = Work { statements: 7, ..Work::default() };
        polls.add_database(&work(100, 10), &work(400, 25));
        let left = polls.without(&work(50, 20));
        assert_eq!((left.blocks, left.entries, left.statements), (250, 0, 7));
    }
}
