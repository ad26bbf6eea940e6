//! `chartData`: one point a bucket, gaps included, each a stack of all categories.

use jiff::civil::Date;
use ledger::{Category, Cents};
use serde::{Serialize, Serializer, ser::SerializeMap as _};

use crate::analytics::{
    audience::Audience,
    figure::Units,
    period::Period,
    sums::{Point, Sums},
};

/// A point of the chart: the days from `date` to `endDate`, both included.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "ChartPoint"))]
#[serde(rename_all = "camelCase")]
pub(super) struct PointShown<'a> {
    date: Date,
    end_date: Date,
    #[serde(flatten)]
    stack: Stack<'a>,
    total: Units,
    total_cents: Cents,
    net: Units,
    net_cents: Cents,
    transaction_count: i64,
    previous_total_cents: Option<Cents>,
    /// Whether it is not over yet.
    partial: bool,
    /// At the last count of these days; `null` where somebody was not counted.
    subscribers: Option<i64>,
    /// The same of those who follow without subscribing.
    followers: Option<i64>,
    /// Who subscribed on these days; `null` while one of them is not told.
    new_subscribers: Option<i64>,
    /// Whose subscription ended on these days.
    cancelled_subscribers: Option<i64>,
}

impl<'a> PointShown<'a> {
    pub(super) fn all(period: &Period, sums: &'a Sums, audiences: &[Audience]) -> Vec<Self> {
        let points = period.buckets.iter().zip(&sums.points).zip(audiences);
        points
            .map(|((days, point), audience)| Self {
                date: days.first(),
                end_date: days.last(),
                stack: Stack(point),
                total: Units(point.all.now.gross),
                total_cents: point.all.now.gross,
                net: Units(point.all.now.net),
                net_cents: point.all.now.net,
                transaction_count: point.all.now.count,
                previous_total_cents: period.is_compared(*days).then_some(point.all.before.gross),
                partial: period.is_partial(*days),
                subscribers: audience.subscribers,
                followers: audience.followers,
                new_subscribers: audience.new_subscribers,
                cancelled_subscribers: audience.cancelled_subscribers,
            })
            .collect()
    }
}

/// The gross of each category: `tips` and `tipsCents` and so on. All of them, so that a chart's
/// stack adds up to its total.
struct Stack<'a>(&'a Point);

impl Serialize for Stack<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for category in Category::ALL {
            let gross = self.0.categories.get(&category).map_or(Cents::ZERO, |sum| sum.gross);
            map.serialize_entry(category.as_str(), &Units(gross))?;
            map.serialize_entry(&format!("{}Cents", category.as_str()), &gross)?;
        }
        map.end()
    }
}

/// The same two members for each category.
#[cfg(feature = "openapi")]
impl schemars::JsonSchema for Stack<'_> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Stack".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let (units, cents) =
            (generator.subschema_for::<Units>(), generator.subschema_for::<Cents>());
        let members = Category::ALL.into_iter().flat_map(|category| {
            let name = category.as_str();
            [(name.to_owned(), &units), (format!("{name}Cents"), &cents)]
        });
        let members: std::collections::BTreeMap<_, _> = members.collect();
        let names: Vec<_> = members.keys().collect();
        schemars::json_schema!({"type": "object", "properties": members, "required": names})
    }
}
