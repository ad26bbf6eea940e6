//! The days of one answer: its buckets, and the earlier days that each of them is compared with.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use ledger::{AgencyId, Bucket, Comparison, CreatorId, Days, Run, today};
use store::{FansAsked, PartOfDay};

/// The days of an answer, divided.
#[derive(Clone, Debug)]
pub(super) struct Period {
    pub(super) days: Days,
    pub(super) bucket: Bucket,
    pub(super) buckets: Vec<Days>,
    /// What they are compared with; `None` when nothing can lie before them.
    pub(super) comparison: Option<Comparison>,
    today: Date,
}

impl Period {
    pub(super) fn new(days: Days, has_before: bool, now: Timestamp, zone: &TimeZone) -> Self {
        let bucket = Bucket::of(days);
        Self {
            days,
            bucket,
            buckets: days.buckets(bucket),
            comparison: has_before.then(|| Comparison::of(days, now, zone)).flatten(),
            today: today(now, zone),
        }
    }

    /// How many days of that bucket have begun.
    pub(super) fn days_begun(&self, bucket: Days) -> i32 {
        Days::new(bucket.first(), bucket.last().min(self.today)).map_or(0, Days::count)
    }

    /// How many earlier buckets precede this period's own in [`Period::starts`].
    pub(super) fn buckets_before(&self) -> usize {
        if self.comparison.is_some() { self.buckets.len() } else { 0 }
    }

    /// The first days of this period's own buckets.
    pub(super) fn own_starts(&self) -> Vec<Date> {
        self.buckets.iter().map(|bucket| bucket.first()).collect()
    }

    /// The first days of the earlier buckets, if any, then of this period's own.
    pub(super) fn starts(&self) -> Vec<Date> {
        let before = self.buckets.iter().take(self.buckets_before());
        before.map(|bucket| self.twin(*bucket).0).chain(self.own_starts()).collect()
    }

    /// This period's days and the earlier ones, which are one run; both ends included.
    pub(super) fn days_read(&self) -> (Date, Date) {
        let first = self.comparison.map_or(self.days, |comparison| comparison.days).first();
        (first, self.days.last())
    }

    /// This period's days as their sums by bucket are read: by month where buckets are months.
    pub(super) fn own_runs(&self) -> Vec<Run> {
        match self.bucket {
            Bucket::Day | Bucket::Week => vec![Run::by_day(self.days)],
            Bucket::Month => self.days.runs(),
        }
    }

    /// The earlier days that are compared in full, as their sums of no bucket are read.
    pub(super) fn earlier_runs(&self) -> Vec<Run> {
        let full = self.comparison.and_then(|comparison| comparison.full);
        full.map(Days::runs).unwrap_or_default()
    }

    /// Those of them that are not compared in full; both ends included.
    pub(super) fn days_left_out(&self) -> Option<(Date, Date)> {
        let comparison = self.comparison?;
        let first = match comparison.full {
            Some(full) => full.last().tomorrow().ok()?,
            None => comparison.days.first(),
        };
        Days::new(first, comparison.days.last()).map(|days| (days.first(), days.last()))
    }

    /// The earlier day that is compared in part, with the bucket it belongs to.
    pub(super) fn part(&self) -> Option<PartOfDay> {
        let (day, window) = self.comparison?.part?;
        let bucket = self.buckets.iter().position(|bucket| day <= self.twin(*bucket).1)?;
        Some(PartOfDay { bucket, window })
    }

    /// The days as fans are counted in them.
    pub(super) fn fans_asked(&self, agency: AgencyId, creator: Option<CreatorId>) -> FansAsked {
        let ends = |days: Days| (days.first(), days.last());
        FansAsked {
            agency,
            creator,
            own: ends(self.days),
            earlier: self.comparison.and_then(|comparison| comparison.full).map(ends),
            part: self.comparison.and_then(|comparison| comparison.part),
        }
    }

    /// Whether anything before is compared with that bucket.
    pub(super) fn is_compared(&self, bucket: Days) -> bool {
        let (first, last) = self.twin(bucket);
        let twin = Days::new(first, last);
        self.comparison.zip(twin).is_some_and(|(comparison, twin)| comparison.touches(twin))
    }

    /// Whether that bucket's last day is not over.
    pub(super) fn is_partial(&self, bucket: Days) -> bool {
        self.today <= bucket.last()
    }

    /// The same days one period earlier.
    fn twin(&self, bucket: Days) -> (Date, Date) {
        let shift = self.days.count().days();
        (bucket.first().saturating_sub(shift), bucket.last().saturating_sub(shift))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(first: &str, last: &str, has_before: bool) -> Period {
        let days = Days::new(first.parse().unwrap(), last.parse().unwrap()).unwrap();
        let zone = TimeZone::get("Europe/Rome").unwrap();
        Period::new(days, has_before, "2026-11-21T12:00:00Z".parse().unwrap(), &zone)
    }

    #[test]
    fn earlier_buckets_are_the_own_ones_moved_back_by_the_whole_period() {
        let period = period("2026-10-13", "2026-11-21", true); // 40 days: weeks
        let starts: Vec<_> = period.starts().iter().map(Date::to_string).collect();
        assert_eq!(
            starts,
            [
                "2026-09-03",
                "2026-09-09",
                "2026-09-16",
                "2026-09-23",
                "2026-09-30",
                "2026-10-07",
                "2026-10-13",
                "2026-10-19",
                "2026-10-26",
                "2026-11-02",
                "2026-11-09",
                "2026-11-16",
            ]
        );
        let shown = |(first, last): (Date, Date)| format!("{first}..{last}");
        assert_eq!(shown(period.days_read()), "2026-09-03..2026-11-21");
        assert_eq!(shown(period.days_left_out().unwrap()), "2026-10-12..2026-10-12");
        let part = period.part().unwrap();
        assert_eq!(part.bucket, 5);
        assert_eq!(part.window.end(), "2026-10-12T13:00:00+02:00".parse().unwrap());
        assert!(period.buckets.iter().all(|bucket| period.is_compared(*bucket)));
        let partial: Vec<_> = period.buckets.iter().map(|b| period.is_partial(*b)).collect();
        assert_eq!(partial, [false, false, false, false, false, true]);
    }

    #[test]
    fn months_are_read_whole_where_no_bucket_cuts_them() {
        let shown = |runs: Vec<Run>| {
            let span = |run: &Run| if run.is_months { "months" } else { "days" };
            let line =
                |run: &Run| format!("{} {}..{}", span(run), run.days.first(), run.days.last());
            runs.iter().map(line).collect::<Vec<_>>()
        };
        let weeks = period("2026-08-24", "2026-11-21", true);
        assert_eq!(shown(weeks.own_runs()), ["days 2026-08-24..2026-11-21"]);
        assert_eq!(
            shown(weeks.earlier_runs()),
            [
                "days 2026-05-26..2026-05-31",
                "months 2026-06-01..2026-07-31",
                "days 2026-08-01..2026-08-22",
            ]
        );
        let months = period("2026-01-15", "2026-10-31", false);
        assert_eq!(
            shown(months.own_runs()),
            ["days 2026-01-15..2026-01-31", "months 2026-02-01..2026-10-31"]
        );
        assert_eq!(months.earlier_runs(), []);
    }

    #[test]
    fn what_has_not_begun_is_compared_with_nothing() {
        let period = period("2026-11-20", "2026-11-22", true);
        let compared: Vec<_> = period.buckets.iter().map(|b| period.is_compared(*b)).collect();
        assert_eq!(compared, [true, true, false]);
        let partial: Vec<_> = period.buckets.iter().map(|b| period.is_partial(*b)).collect();
        assert_eq!(partial, [false, true, true]);
        let (first, last) = period.days_left_out().unwrap();
        assert_eq!(
            (first.to_string().as_str(), last.to_string().as_str()),
            ("2026-11-18", "2026-11-19")
        );
    }

    #[test]
    fn the_days_of_a_bucket_that_have_begun_are_counted() {
        let weeks = period("2026-10-13", "2026-11-25", false);
        let begun: Vec<_> = weeks.buckets.iter().map(|b| weeks.days_begun(*b)).collect();
        assert_eq!(begun, [6, 7, 7, 7, 7, 6, 0], "today is a Saturday");
    }

    #[test]
    fn days_that_are_over_leave_nothing_out() {
        let period = period("2026-11-14", "2026-11-20", true);
        assert_eq!((period.days_left_out(), period.part()), (None, None));
        assert_eq!(period.days_read().0.to_string(), "2026-11-07");
    }

    #[test]
    fn without_a_before_there_are_only_own_buckets() {
        let period = period("2026-11-20", "2026-11-21", false);
        assert_eq!((period.starts().len(), period.buckets_before()), (2, 0));
        assert_eq!((period.days_left_out(), period.part()), (None, None));
        assert_eq!(period.days_read(), (period.days.first(), period.days.last()));
        assert!(!period.is_compared(period.buckets[0]));
    }
}
