//! The key figures, each defined once. `docs/kpis.md` says the same in words, with the worked
//! example that the test here computes.

use ledger::{Category, Cents};
use store::Fans;

use super::{
    figure::{Hundredths, Tenths, average, percent, ratio},
    sums::{Sum, category},
};

/// The sums that the key figures are made of, over one period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Kpis {
    /// All rows, reversals included.
    pub(super) all: Sum,
    /// Refunds and chargebacks; negative amounts.
    pub(super) reversals: Sum,
    /// Tips.
    pub(super) tips: Sum,
    /// First and later payments of subscriptions.
    pub(super) subscriptions: Sum,
    /// What fans pay beyond them: messages, posts, tips.
    pub(super) extras: Sum,
    /// Rewards, which no fan pays.
    pub(super) rewards: Sum,
    /// Who paid, by the ledger's rows alone.
    pub(super) fans: Fans,
}

impl Kpis {
    /// Collects the sums of all sources, each by its stored name.
    pub(super) fn of<'a>(sources: impl IntoIterator<Item = (&'a str, Sum)>) -> Self {
        let mut kpis = Self::default();
        for (name, sum) in sources {
            kpis.all += sum;
            match category(name) {
                Category::Subscriptions | Category::Renewals => kpis.subscriptions += sum,
                Category::Messages | Category::Posts => kpis.extras += sum,
                Category::Tips => {
                    kpis.tips += sum;
                    kpis.extras += sum;
                }
                Category::Referrals => kpis.rewards += sum,
                Category::Refunds => kpis.reversals += sum,
                Category::Other => {}
            }
        }
        kpis
    }

    /// What a tip brings before the platform's cut; `None` without tips.
    pub(super) fn tip_average(&self) -> Option<Cents> {
        average(self.tips.gross, self.tips.count)
    }

    /// What a sale brings before the platform's cut; reversals are no sales. `None` without any.
    pub(super) fn average_transaction(&self) -> Option<Cents> {
        let gross = self.all.gross - self.reversals.gross;
        average(gross, self.all.count - self.reversals.count)
    }

    /// What a paying fan brings before the platform's cut: of the rows alone, because fans are counted by
    /// rows, and without rewards. `None` without paying fans.
    pub(super) fn per_fan(&self) -> Option<Cents> {
        let booked = |sum: Sum| sum.gross - sum.provisional_gross;
        average(booked(self.all) - booked(self.rewards), self.fans.paying)
    }

    /// How often the money of subscriptions is in what fans pay beyond them; `None` without
    /// subscriptions.
    pub(super) fn golden_ratio(&self) -> Option<Hundredths> {
        ratio(self.extras.gross, self.subscriptions.gross)
    }

    /// By how much gross grew over that of `before`, in per cent; `None` when there is nothing to
    /// grow from.
    pub(super) fn growth_over(&self, before: &Self) -> Option<Tenths> {
        percent(self.all.gross - before.all.gross, before.all.gross)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(gross: i64, net: i64, count: i64) -> Sum {
        Sum { gross: Cents(gross), net: Cents(net), count, ..Sum::default() }
    }

    /// The worked example of `docs/kpis.md`.
    #[test]
    fn the_worked_example_comes_out() {
        let now = Kpis::of([
            ("subscription", sum(2000, 1600, 2)),
            ("message", sum(4500, 3600, 3)),
            ("tip", sum(2500, 2000, 2)),
            ("refund", sum(-1500, -1200, 1)),
        ]);
        let now = Kpis { fans: Fans { paying: 3, new: 1 }, ..now };
        let before = Kpis::of([("message", sum(6000, 4800, 4))]);
        let before = Kpis { fans: Fans { paying: 2, new: 2 }, ..before };
        assert_eq!(now.all, sum(7500, 6000, 8));
        assert_eq!(now.reversals, sum(-1500, -1200, 1));
        assert_eq!(now.tip_average(), Some(Cents(1250)));
        assert_eq!(now.average_transaction(), Some(Cents(1286)));
        assert_eq!((now.per_fan(), before.per_fan()), (Some(Cents(2500)), Some(Cents(3000))));
        assert_eq!((now.golden_ratio(), before.golden_ratio()), (Some(Hundredths(350)), None));
        assert_eq!(now.growth_over(&before), Some(Tenths(250)));
        assert_eq!(before.growth_over(&now), Some(Tenths(-200)));
        let earned = now.all.gross - now.reversals.gross;
        let shares = [4500, 2500, 2000, -1500].map(|gross| percent(Cents(gross), earned));
        assert_eq!(shares, [500, 278, 222, -167].map(|tenths| Some(Tenths(tenths))));
    }

    #[test]
    fn a_fan_brings_neither_rewards_nor_what_only_webhooks_told_of() {
        let hinted = Sum { provisional_gross: Cents(500), provisional_count: 1, ..sum(1500, 0, 3) };
        let (reward, post) = (sum(700, 0, 1), sum(4000, 0, 1));
        let kpis = Kpis::of([("tip", hinted), ("referral", reward), ("post", post)]);
        let kpis = Kpis { fans: Fans { paying: 2, new: 0 }, ..kpis };
        assert_eq!(kpis.per_fan(), Some(Cents(2500)));
        assert_eq!((kpis.extras.gross, kpis.tips.gross), (Cents(5500), Cents(1500)));
    }

    #[test]
    fn where_there_is_nothing_there_is_no_figure() {
        let nothing = Kpis::of([]);
        let refunded = Kpis::of([("chargeback", sum(-500, -400, 1))]);
        assert_eq!((nothing.tip_average(), nothing.average_transaction()), (None, None));
        assert_eq!(refunded.average_transaction(), None);
        assert_eq!((nothing.per_fan(), nothing.golden_ratio()), (None, None));
        assert_eq!(nothing.growth_over(&nothing), None);
        assert_eq!(nothing.growth_over(&refunded), None);
    }
}
