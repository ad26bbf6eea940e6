//! The key figures, each defined once. `docs/kpis.md` says the same in words, with the worked
//! example that the test here computes.

use ledger::{Cents, Source};

use super::{
    figure::{Tenths, average, percent},
    sums::Sum,
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
}

impl Kpis {
    /// Collects the sums of all sources, each by its stored name.
    pub(super) fn of<'a>(sources: impl IntoIterator<Item = (&'a str, Sum)>) -> Self {
        let mut kpis = Self::default();
        for (name, sum) in sources {
            kpis.all += sum;
            match Source::from_name(name) {
                Some(Source::Tip) => kpis.tips += sum,
                Some(source) if source.is_reversal() => kpis.reversals += sum,
                _ => {}
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
        let before = Kpis::of([("message", sum(6000, 4800, 4))]);
        assert_eq!(now.all, sum(7500, 6000, 8));
        assert_eq!(now.reversals, sum(-1500, -1200, 1));
        assert_eq!(now.tip_average(), Some(Cents(1250)));
        assert_eq!(now.average_transaction(), Some(Cents(1286)));
        assert_eq!(now.growth_over(&before), Some(Tenths(250)));
        assert_eq!(before.growth_over(&now), Some(Tenths(-200)));
        let earned = now.all.gross - now.reversals.gross;
        let shares = [4500, 2500, 2000, -1500].map(|gross| percent(Cents(gross), earned));
        assert_eq!(shares, [500, 278, 222, -167].map(|tenths| Some(Tenths(tenths))));
    }

    #[test]
    fn where_there_is_nothing_there_is_no_figure() {
        let nothing = Kpis::of([]);
        let refunded = Kpis::of([("chargeback", sum(-500, -400, 1))]);
        assert_eq!((nothing.tip_average(), nothing.average_transaction()), (None, None));
        assert_eq!(refunded.average_transaction(), None);
        assert_eq!(nothing.growth_over(&nothing), None);
        assert_eq!(nothing.growth_over(&refunded), None);
    }
}
