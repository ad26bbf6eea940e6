//! Runs of days as their sums are kept: day by day, or by whole months.

use crate::Days;

/// A run of days whose sums are read one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The days. Where they are months, whole ones.
    pub days: Days,
    /// Whether their sums are read month by month, and not day by day.
    pub is_months: bool,
}

impl Run {
    /// Read day by day.
    #[must_use]
    pub fn by_day(days: Days) -> Self {
        Self { days, is_months: false }
    }
}

impl Days {
    /// The same days in their order: whole months, and the days before and after them.
    #[must_use]
    pub fn runs(self) -> Vec<Run> {
        let Some(months) = self.whole_months() else { return vec![Run::by_day(self)] };
        let before = months.first().yesterday().ok();
        let before = before.and_then(|last| Self::new(self.first(), last));
        let after = months.last().tomorrow().ok();
        let after = after.and_then(|first| Self::new(first, self.last()));
        let months = Run { days: months, is_months: true };
        let (before, after) = (before.map(Run::by_day), after.map(Run::by_day));
        before.into_iter().chain([months]).chain(after).collect()
    }

    /// From the first day that begins a month to the last one that ends one.
    fn whole_months(self) -> Option<Self> {
        let (first, last) = (self.first(), self.last());
        let begins = first == first.first_of_month();
        let first = if begins { first } else { first.last_of_month().tomorrow().ok()? };
        let ends = last == last.last_of_month();
        let last = if ends { last } else { last.first_of_month().yesterday().ok()? };
        Self::new(first, last)
    }
}

#[cfg(test)]
mod tests {
    use jiff::{ToSpan, civil::date};

    use super::*;

    fn shown(first: &str, last: &str) -> Vec<String> {
        let days = Days::new(first.parse().unwrap(), last.parse().unwrap()).unwrap();
        let word = |run: &Run| if run.is_months { "months" } else { "days" };
        let runs = days.runs();
        let line = |run: &Run| format!("{} {}..{}", word(run), run.days.first(), run.days.last());
        runs.iter().map(line).collect()
    }

    #[test]
    fn whole_months_are_told_from_the_days_around_them() {
        assert_eq!(
            shown("2025-11-22", "2026-11-21"),
            [
                "days 2025-11-22..2025-11-30",
                "months 2025-12-01..2026-10-31",
                "days 2026-11-01..2026-11-21",
            ]
        );
        assert_eq!(shown("2026-02-01", "2026-02-28"), ["months 2026-02-01..2026-02-28"]);
        assert_eq!(shown("2024-02-01", "2024-02-28"), ["days 2024-02-01..2024-02-28"]);
        assert_eq!(shown("2026-01-31", "2026-02-28")[1..], ["months 2026-02-01..2026-02-28"]);
        assert_eq!(shown("2026-01-02", "2026-02-27"), ["days 2026-01-02..2026-02-27"]);
        assert_eq!(shown("2026-05-05", "2026-05-05"), ["days 2026-05-05..2026-05-05"]);
    }

    #[test]
    fn runs_are_all_the_days_once_and_their_months_are_whole() {
        for start in 0..70 {
            for length in 0..140 {
                let first = date(2023, 12, 1).checked_add(start.days()).unwrap();
                let last = first.checked_add(length.days()).unwrap();
                let mut next = first;
                for run in Days::new(first, last).unwrap().runs() {
                    assert_eq!(run.days.first(), next);
                    if run.is_months {
                        assert_eq!(run.days.first(), run.days.first().first_of_month());
                        assert_eq!(run.days.last(), run.days.last().last_of_month());
                    }
                    next = run.days.last().tomorrow().unwrap();
                }
                assert_eq!(next, last.tomorrow().unwrap(), "{first}..{last}");
            }
        }
    }
}
