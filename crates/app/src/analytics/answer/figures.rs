//! `kpiMetrics`: the key figures of the period and of the one before.

use ledger::Cents;
use serde::Serialize;

use crate::analytics::{
    figure::{Tenths, Units},
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
}

impl KpisShown {
    pub(super) fn new(period: &Period, sums: &Sums, exact: bool, has_history: bool) -> Self {
        let of = |side: fn(&Pair) -> Sum| {
            Kpis::of(sums.sources.iter().map(|(name, pair)| (name.as_str(), side(pair))))
        };
        let (now, before) = (of(|pair| pair.now), of(|pair| pair.before));
        let has_before = period.comparison.is_some();
        Self {
            now: Figures::new(&now),
            exact: exact && now.all.provisional_count == 0,
            // Against days that are not all read, any growth would be made up.
            revenue_growth: now.growth_over(&before).filter(|_| has_before && has_history),
            previous: has_before.then(|| Figures::new(&before)),
        }
    }
}

impl Figures {
    fn new(kpis: &Kpis) -> Self {
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
        }
    }
}
