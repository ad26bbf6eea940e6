//! The sums read, arranged as the answer needs them: by bucket and category, by source, by
//! creator, each for the period and for what it is compared with.

use std::{collections::BTreeMap, ops::AddAssign};

use ledger::{Category, Cents, CreatorId, Source};
use store::{AudienceSum, FanCounts, Figures, SumBy};

use super::period::Period;

/// A sum of rows of the ledger and of what only webhooks told of, in US cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) gross: Cents,
    pub(super) net: Cents,
    pub(super) count: i64,
    /// The part of `gross` that only webhooks told of.
    pub(super) provisional_gross: Cents,
    /// The part of `count` that only webhooks told of.
    pub(super) provisional_count: i64,
}

impl AddAssign for Sum {
    fn add_assign(&mut self, other: Self) {
        self.gross += other.gross;
        self.net += other.net;
        self.count += other.count;
        self.provisional_gross += other.provisional_gross;
        self.provisional_count += other.provisional_count;
    }
}

impl std::iter::Sum for Sum {
    fn sum<I: Iterator<Item = Self>>(sums: I) -> Self {
        sums.fold(Self::default(), |mut all, sum| {
            all += sum;
            all
        })
    }
}

/// A sum, and the one it is compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) now: Sum,
    pub(super) before: Sum,
}

/// One bucket of the period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) categories: BTreeMap<Category, Sum>,
    pub(super) all: Pair,
}

/// One creator's part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) all: Pair,
    /// Gross of each bucket.
    pub(super) sparkline: Vec<Cents>,
}

/// Everything an answer sums.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    /// One for each bucket of the period, gaps included.
    pub(super) points: Vec<Point>,
    /// By the source's stored name. One that this build doesn't know is kept.
    pub(super) sources: BTreeMap<String, Pair>,
    /// Only creators with rows.
    pub(super) creators: BTreeMap<CreatorId, Part>,
    /// Who paid.
    pub(super) fans: FanCounts,
    /// By bucket of the period, `None` for the time before it, and creator.
    pub(super) audiences: BTreeMap<(Option<usize>, CreatorId), AudienceSum>,
}

impl Sums {
    pub(super) fn of(period: &Period, figures: Figures) -> Self {
        let mut sums = Self {
            points: vec![Point::default(); period.buckets.len()],
            fans: figures.fans,
            audiences: figures.audiences,
            ..Self::default()
        };
        for row in &figures.revenue {
            let sum = Sum {
                gross: row.gross,
                net: row.net,
                count: row.count,
                provisional_gross: row.provisional_gross,
                provisional_count: row.provisional_count,
            };
            let own = row.bucket.and_then(|bucket| bucket.checked_sub(period.buckets_before()));
            match own {
                Some(bucket) => sums.add(bucket, &row.by, sum),
                None => sums.add_before(row.bucket, &row.by, sum),
            }
        }
        sums
    }

    fn add(&mut self, bucket: usize, by: &SumBy, sum: Sum) {
        let bucket_count = self.points.len();
        match by {
            SumBy::Source(name) => {
                let point = &mut self.points[bucket];
                point.all.now += sum;
                *point.categories.entry(category(name)).or_default() += sum;
                self.sources.entry(name.clone()).or_default().now += sum;
            }
            SumBy::Creator(id) => {
                let part = self.creators.entry(*id).or_default();
                part.sparkline.resize(bucket_count, Cents::ZERO);
                part.sparkline[bucket] += sum.gross;
                part.all.now += sum;
            }
            // Only earlier days are summed in all.
            SumBy::All => {}
        }
    }

    fn add_before(&mut self, bucket: Option<usize>, by: &SumBy, sum: Sum) {
        if let (Some(bucket), SumBy::Source(_) | SumBy::All) = (bucket, by) {
            self.points[bucket].all.before += sum;
        }
        match by {
            SumBy::Source(name) => {
                self.sources.entry(name.clone()).or_default().before += sum;
            }
            SumBy::Creator(id) => self.creators.entry(*id).or_default().all.before += sum,
            SumBy::All => {}
        }
    }

    /// The sources of one category, by name.
    pub(super) fn sources_of(&self, wanted: Category) -> impl Iterator<Item = (&str, Pair)> {
        let sources = self.sources.iter().map(|(name, pair)| (name.as_str(), *pair));
        sources.filter(move |(name, _)| category(name) == wanted)
    }
}

/// Where a source is shown. One that this build doesn't know is shown as other, never dropped.
pub(super) fn category(source: &str) -> Category {
    Source::from_name(source).map_or(Category::Other, Source::category)
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use ledger::Days;
    use store::RevenueSum;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn every_row_is_counted_once_by_source_and_once_by_creator() {
        let days = Days::new("2026-11-19".parse().unwrap(), "2026-11-20".parse().unwrap()).unwrap();
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        let period = Period::new(days, true, now, &TimeZone::UTC);
        let ada = CreatorId(Uuid::from_u128(1));
        let row = |bucket, by, cents| RevenueSum {
            bucket,
            by,
            gross: Cents(cents),
            net: Cents(cents / 2),
            count: 1,
            provisional_gross: Cents::ZERO,
            provisional_count: 0,
        };
        let source = |name: &str| SumBy::Source(name.to_owned());
        let revenue = vec![
            row(Some(1), SumBy::All, 600),
            row(None, source("tip"), 600),
            row(None, SumBy::Creator(ada), 600),
            row(Some(1), source("tip"), 100),
            row(Some(1), SumBy::Creator(ada), 100),
            row(Some(3), source("tip"), 1000),
            row(Some(3), source("refund"), -400),
            row(Some(3), source("novelty"), 50),
            row(Some(3), SumBy::Creator(ada), 650),
        ];
        let sums = Sums::of(&period, Figures { revenue, ..Figures::default() });
        assert_eq!(sums.points[0], Point::default(), "a gap is a point with nothing in it");
        let point = &sums.points[1];
        assert_eq!((point.all.now.gross, point.all.before.gross), (Cents(650), Cents(700)));
        assert_eq!(point.categories.values().copied().sum::<Sum>(), point.all.now);
        assert_eq!(point.categories[&Category::Refunds].gross, Cents(-400));
        assert_eq!(point.categories[&Category::Other].gross, Cents(50));
        let part = &sums.creators[&ada];
        assert_eq!(part.sparkline, [Cents(0), Cents(650)]);
        assert_eq!((part.all.now.gross, part.all.before.gross), (Cents(650), Cents(700)));
        assert_eq!(sums.sources["tip"].before.count, 2);
        assert_eq!(sums.sources_of(Category::Other).count(), 1);
    }
}
