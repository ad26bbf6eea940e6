//! The answer itself, field by field. The names of `chartData`, `kpiMetrics` and
//! `categoryBreakdown` are those that existing front ends read. Amounts stand in currency units and,
//! under a name that ends in `Cents`, as integers.

mod breakdown;
mod chart;
mod creators;
mod figures;

use jiff::{Timestamp, civil::Date};
use ledger::AgencyId;
use serde::Serialize;
use store::{Agency, CreatorFreshness};

use super::{
    audience::Audience,
    freshness::{Freshness, Standing},
    period::Period,
    sums::Sums,
};

use self::{
    breakdown::CategoryShown, chart::PointShown, creators::CreatorShown, figures::KpisShown,
};

/// What every amount is in. The platform reports US cents, whatever currency a fan paid in and
/// whatever an agency prefers; showing another sign beside them would be false.
pub(super) const CURRENCY: &str = "USD";

/// The figures of an agency or of one creator in a period.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Dashboard<'a> {
    agency: AgencyShown<'a>,
    /// What every amount is in.
    #[cfg_attr(feature = "openapi", schemars(extend("const" = CURRENCY)))]
    currency: &'static str,
    /// The IANA name of the zone that days are counted in.
    timezone: &'a str,
    period: PeriodShown<'a>,
    kpi_metrics: KpisShown,
    chart_data: Vec<PointShown<'a>>,
    category_breakdown: Vec<CategoryShown<'a>>,
    models: Vec<CreatorShown<'a>>,
    freshness: Freshness,
    /// Rises with every change; the events of `/api/analytics/live` tell it.
    revision: i64,
}

impl<'a> Dashboard<'a> {
    pub(super) fn new(
        agency: &'a Agency,
        (creators, standings): (&'a [CreatorFreshness], Vec<Standing>),
        period: &'a Period,
        sums: &'a Sums,
        moment: Timestamp,
    ) -> Self {
        let audiences = Audience::all(period, creators, sums);
        let freshness = Freshness::of(creators, &standings, moment);
        let has_history = standings.iter().all(|standing| standing.as_of.is_some());
        let mut models: Vec<_> = creators
            .iter()
            .zip(standings)
            .map(|(creator, standing)| CreatorShown::new(creator, standing, period, sums))
            .collect();
        models.sort_by(|a, b| b.total_cents.cmp(&a.total_cents).then(a.name.cmp(b.name)));
        Self {
            agency: AgencyShown::of(agency),
            currency: CURRENCY,
            timezone: &agency.timezone,
            period: PeriodShown::new(period, &agency.timezone),
            kpi_metrics: KpisShown::new(period, sums, freshness.exact, has_history),
            chart_data: PointShown::all(period, sums, &audiences),
            category_breakdown: CategoryShown::all(period, sums),
            models,
            freshness,
            revision: agency.revision,
        }
    }
}

/// Whose figures they are.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Agency"))]
pub(super) struct AgencyShown<'a> {
    id: AgencyId,
    name: &'a str,
}

impl<'a> AgencyShown<'a> {
    pub(super) fn of(agency: &'a Agency) -> Self {
        Self { id: agency.id, name: &agency.name }
    }
}

/// The days of the figures, both ends included.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Period"))]
#[serde(rename_all = "camelCase")]
struct PeriodShown<'a> {
    from: Date,
    to: Date,
    /// What a point of the chart covers.
    #[cfg_attr(feature = "openapi", schemars(extend("enum" = ["day", "week", "month"])))]
    bucket: &'static str,
    /// Whether the last point is not over yet.
    partial_last: bool,
    timezone: &'a str,
    /// The earlier days it is compared with; the last of them only before `until`, if that is set.
    previous: Option<PreviousShown>,
}

/// Earlier days, both ends included.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "PreviousPeriod"))]
struct PreviousShown {
    from: Date,
    to: Date,
    until: Option<Timestamp>,
}

impl<'a> PeriodShown<'a> {
    fn new(period: &Period, timezone: &'a str) -> Self {
        let previous = period.comparison.and_then(|comparison| {
            let full = comparison.full.map(|days| days.last());
            let part = comparison.part.map(|(day, _)| day);
            Some(PreviousShown {
                from: comparison.days.first(),
                to: part.or(full)?,
                until: comparison.part.map(|(_, window)| window.end()),
            })
        });
        Self {
            from: period.days.first(),
            to: period.days.last(),
            bucket: period.bucket.as_str(),
            partial_last: period.buckets.last().is_some_and(|last| period.is_partial(*last)),
            timezone,
            previous,
        }
    }
}

#[cfg(test)]
mod tests;
