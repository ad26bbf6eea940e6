//! The audience on the chart: for each bucket the sum of all creators' last counts in it, and of their
//! changes.
//!
//! A sum of some of them would look as if the others had lost everybody. So a bucket is unknown as soon
//! as somebody is missing who was counted before; a creator who joined later is not missed before, and
//! one whom nobody reads any more not after.

use ledger::Days;
use store::{AudienceSum, CreatorFreshness};

use super::{period::Period, sums::Sums};

/// The audience in a bucket, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Audience {
    pub(super) subscribers: Option<i64>,
    pub(super) followers: Option<i64>,
    pub(super) new_subscribers: Option<i64>,
    pub(super) cancelled_subscribers: Option<i64>,
}

impl Audience {
    /// One for each bucket of the period.
    pub(super) fn all(period: &Period, creators: &[CreatorFreshness], sums: &Sums) -> Vec<Self> {
        let chart = Chart { period, creators, sums };
        let subscribers = chart.line(|sum, _| sum.subscribers.map(i64::from));
        let followers = chart.line(|sum, _| sum.followers.map(i64::from));
        // No day of changes is told of the time before the period.
        let whole = |sum: &AudienceSum, days: i64| 0 < days && sum.days_of_changes == days;
        let new = chart.line(|sum, days| whole(sum, days).then_some(sum.new_subscribers));
        let cancelled =
            chart.line(|sum, days| whole(sum, days).then_some(sum.cancelled_subscribers));
        (0..period.buckets.len())
            .map(|bucket| Self {
                subscribers: subscribers[bucket],
                followers: followers[bucket],
                new_subscribers: new[bucket],
                cancelled_subscribers: cancelled[bucket],
            })
            .collect()
    }
}

struct Chart<'a> {
    period: &'a Period,
    creators: &'a [CreatorFreshness],
    sums: &'a Sums,
}

impl Chart<'_> {
    /// One value for each bucket. `value` says what a creator's part of a bucket of so many days adds;
    /// asked of the time before the period, of no days, whether the creator was known then.
    fn line(&self, value: impl Fn(&AudienceSum, i64) -> Option<i64>) -> Vec<Option<i64>> {
        let part = |bucket: Option<usize>, creator: &CreatorFreshness, days: i64| {
            let sum = self.sums.audiences.get(&(bucket, creator.id));
            sum.and_then(|sum| value(sum, days))
        };
        let was_known = |creator: &CreatorFreshness| part(None, creator, 0).is_some();
        let mut known: Vec<bool> = self.creators.iter().map(was_known).collect();
        let point = |(bucket, days): (usize, &Days)| {
            let days = i64::from(self.period.days_begun(*days));
            let (mut total, mut is_missed): (Option<i64>, bool) = (None, days == 0);
            for (creator, known) in self.creators.iter().zip(&mut known) {
                match part(Some(bucket), creator, days) {
                    Some(count) => {
                        *known = true;
                        total = Some(total.unwrap_or(0) + count);
                    }
                    None => is_missed |= *known && creator.is_connected.is_some(),
                }
            }
            total.filter(|_| !is_missed)
        };
        self.period.buckets.iter().enumerate().map(point).collect()
    }
}

#[cfg(test)]
mod tests;
