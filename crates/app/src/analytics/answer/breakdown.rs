//! `categoryBreakdown`: what brought how much, by category and by the sources in it.

use ledger::{Category, Cents};
use serde::Serialize;

use crate::analytics::{
    figure::{Tenths, Units, percent},
    period::Period,
    sums::{Pair, Sums},
};

/// What a category brought.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "CategorySum"))]
#[serde(rename_all = "camelCase")]
pub(super) struct CategoryShown<'a> {
    #[cfg_attr(feature = "openapi", schemars(with = "crate::openapi::CategoryName"))]
    category: &'static str,
    #[serde(flatten)]
    sum: SumShown,
    /// Its part of the gross of all categories that brought money in, in per cent.
    percentage: Option<Tenths>,
    sources: Vec<SourceShown<'a>>,
}

/// What a source brought.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "SourceSum"))]
struct SourceShown<'a> {
    /// Fanvue's name for it; others than those of the parameter `source` may come.
    source: &'a str,
    #[serde(flatten)]
    sum: SumShown,
}

#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct SumShown {
    amount: Units,
    amount_cents: Cents,
    net_cents: Cents,
    transaction_count: i64,
    previous_amount_cents: Option<Cents>,
}

impl SumShown {
    fn new(pair: Pair, has_before: bool) -> Self {
        Self {
            amount: Units(pair.now.gross),
            amount_cents: pair.now.gross,
            net_cents: pair.now.net,
            transaction_count: pair.now.count,
            previous_amount_cents: has_before.then_some(pair.before.gross),
        }
    }
}

impl<'a> CategoryShown<'a> {
    /// The categories with rows in either period, the largest first.
    pub(super) fn all(period: &Period, sums: &'a Sums) -> Vec<Self> {
        let has_before = period.comparison.is_some();
        let mut shown: Vec<_> = Category::ALL
            .into_iter()
            .filter_map(|category| Self::new(category, sums, has_before))
            .collect();
        shown.sort_by_key(|category| std::cmp::Reverse(category.sum.amount_cents));
        let earned: Cents =
            shown.iter().map(|c| c.sum.amount_cents).filter(|gross| Cents::ZERO < *gross).sum();
        for category in &mut shown {
            category.percentage = percent(category.sum.amount_cents, earned);
        }
        shown
    }

    fn new(category: Category, sums: &'a Sums, has_before: bool) -> Option<Self> {
        let pairs: Vec<_> = sums.sources_of(category).collect();
        let now = pairs.iter().map(|(_, pair)| pair.now).sum();
        let before = pairs.iter().map(|(_, pair)| pair.before).sum();
        let source = |(source, pair)| SourceShown { source, sum: SumShown::new(pair, has_before) };
        (!pairs.is_empty()).then(|| Self {
            category: category.as_str(),
            sum: SumShown::new(Pair { now, before }, has_before),
            percentage: None,
            sources: pairs.into_iter().map(source).collect(),
        })
    }
}
