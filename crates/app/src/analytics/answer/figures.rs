//! `kpiMetrics`: the key figures of the period and of the one before.

use ledger::Cents;
use serde::Serialize;

use crate::analytics::{
    figure::{Hundredths, Tenths, Units},
    kpis::Kpis,
    period::Period,
    sums::{Pair, Sum, Sums},
};

/// The key figures of the period, and of the one before. docs/kpis.md defines each.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "KpiMetrics"))]
#[serde(rename_all = "camelCase")]
pub(super) struct KpisShown {
    #[serde(flatten)]
    now: Figures,
    /// Whether every figure stands in Fanvue's rows, and none is missing up to the creators' as-of
    /// times.
    exact: bool,
    /// In per cent; `null` where there is nothing fair to compare with.
    revenue_growth: Option<Tenths>,
    /// What a fan has brought on average since the first payment: `arpu` of all time. `null` for other
    /// ranges, and while a history is being read.
    ltv: Option<Units>,
    ltv_cents: Option<Cents>,
    previous: Option<Figures>,
}

/// The key figures of a period.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct Figures {
    total_revenue: Units,
    total_revenue_cents: Cents,
    net_revenue: Units,
    net_revenue_cents: Cents,
    transaction_count: i64,
    refunds: Units,
    refunds_cents: Cents,
    refund_count: i64,
    tip_average: Option<Units>,
    tip_average_cents: Option<Cents>,
    average_transaction: Option<Units>,
    average_transaction_cents: Option<Cents>,
    provisional_revenue: Units,
    provisional_revenue_cents: Cents,
    provisional_count: i64,
    /// Fans who paid, each once, by Fanvue's rows.
    paying_fans: i64,
    /// Those among them who had never paid before; `null` while a history is being read.
    new_fans: Option<i64>,
    /// What a paying fan brought on average; `null` without paying fans.
    arpu: Option<Units>,
    arpu_cents: Option<Cents>,
    /// Messages, posts and tips over subscriptions and renewals; `null` without those.
    golden_ratio: Option<Hundredths>,
}

impl KpisShown {
    pub(super) fn new(period: &Period, sums: &Sums, exact: bool, has_history: bool) -> Self {
        let of = |side: fn(&Pair) -> Sum| {
            Kpis::of(sums.sources.iter().map(|(name, pair)| (name.as_str(), side(pair))))
        };
        let now = Kpis { fans: sums.fans.own, ..of(|pair| pair.now) };
        let before = Kpis { fans: sums.fans.earlier, ..of(|pair| pair.before) };
        let has_before = period.comparison.is_some();
        // Only of all time a fan's payments are all there.
        let ltv = now.per_fan().filter(|_| !has_before && has_history);
        Self {
            now: Figures::new(&now, has_history),
            exact: exact && now.all.provisional_count == 0,
            // Against days that are not all read, any growth would be made up.
            revenue_growth: now.growth_over(&before).filter(|_| has_before && has_history),
            ltv: ltv.map(Units),
            ltv_cents: ltv,
            previous: has_before.then(|| Figures::new(&before, has_history)),
        }
    }
}

impl Figures {
    fn new(kpis: &Kpis, has_history: bool) -> Self {
        Self {
            total_revenue: Units(kpis.all.gross),
            total_revenue_cents: kpis.all.gross,
            net_revenue: Units(kpis.all.net),
            net_revenue_cents: kpis.all.net,
            transaction_count: kpis.all.count,
            refunds: Units(kpis.reversals.gross),
            refunds_cents: kpis.reversals.gross,
            refund_count: kpis.reversals.count,
            tip_average: kpis.tip_average().map(Units),
            tip_average_cents: kpis.tip_average(),
            average_transaction: kpis.average_transaction().map(Units),
            average_transaction_cents: kpis.average_transaction(),
            provisional_revenue: Units(kpis.all.provisional_gross),
            provisional_revenue_cents: kpis.all.provisional_gross,
            provisional_count: kpis.all.provisional_count,
            paying_fans: kpis.fans.paying,
            // What is not read yet may be older payments of the same fans.
            new_fans: has_history.then_some(kpis.fans.new),
            arpu: kpis.per_fan().map(Units),
            arpu_cents: kpis.per_fan(),
            golden_ratio: kpis.golden_ratio(),
        }
    }
}
