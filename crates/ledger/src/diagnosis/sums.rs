//! Sums of days and months that are shown and kept beside the days they are made of: where they say something
//! else than these.
//!
//! One amount stands in several of them, by source, by creator and in all. So a month's difference is told
//! once, by the first of these that is off, and all that are off are counted.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{Cause, Diagnosis, Figure, Part, Sum, Value, Work};
use crate::Cents;

/// A sum that is not what the days add up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriftedSum {
    /// The day, or the first one of the month, in the agency's zone.
    pub on: Date,
    /// Whether it is a month's.
    pub is_month: bool,
    /// Of which source; `None` for all of them.
    pub source: Option<String>,
    /// What it says.
    pub kept: Sum,
    /// What the days add up to.
    pub days: Sum,
    /// The same two of net.
    pub net: (Cents, Cents),
}

impl DriftedSum {
    /// What it says too much.
    fn gap(&self) -> Sum {
        let cents = self.kept.cents - self.days.cents;
        Sum { cents, rows: self.kept.rows - self.days.rows }
    }
}

/// The sums of a month that are off, and those of them by which it is told.
struct Month<'a> {
    first: Date,
    all: Vec<&'a DriftedSum>,
    told: Vec<&'a DriftedSum>,
}

impl Month<'_> {
    /// What is shown too much.
    fn gap(&self) -> Sum {
        gap(&self.told)
    }

    /// The only day that is off, or the month's first.
    fn on(&self) -> Date {
        let days = self.days();
        let only = days.first().filter(|_| days.len() == 1);
        only.copied().unwrap_or(self.first)
    }

    fn days(&self) -> BTreeSet<Date> {
        self.all.iter().filter(|sum| !sum.is_month).map(|sum| sum.on).collect()
    }

    fn figures(&self) -> Vec<Figure> {
        let count = |number: usize| Value::Count(i64::try_from(number).unwrap_or(i64::MAX));
        let kept: Sum = self.told.iter().map(|sum| sum.kept).sum();
        let days: Sum = self.told.iter().map(|sum| sum.days).sum();
        vec![
            Figure::new("month", Value::Text(self.first.strftime("%Y-%m").to_string())),
            Figure::new("sumsOff", count(self.all.len())),
            Figure::new("daysOff", count(self.days().len())),
            Figure::cents("sumCents", kept.cents),
            Figure::cents("daysCents", days.cents),
            Figure::new("sumRows", Value::Count(kept.rows)),
            Figure::new("daysRows", Value::Count(days.rows)),
            Figure::cents("sumNetCents", self.told.iter().map(|sum| sum.net.0).sum()),
            Figure::cents("daysNetCents", self.told.iter().map(|sum| sum.net.1).sum()),
        ]
    }
}

fn gap(sums: &[&DriftedSum]) -> Sum {
    sums.iter().map(|sum| sum.gap()).sum()
}

/// By month, in order: those of one kind add up to the month, so a month is told by the first kind whose gross
/// is off, or where none is by the first that is there. Months come before days, which fewer answers show.
fn months(sums: &[DriftedSum]) -> Vec<Month<'_>> {
    let mut months: BTreeMap<Date, Vec<&DriftedSum>> = BTreeMap::new();
    for sum in sums {
        months.entry(sum.on.first_of_month()).or_default().push(sum);
    }
    months.into_iter().map(|(first, all)| Month { first, told: told(&all), all }).collect()
}

fn told<'a>(all: &[&'a DriftedSum]) -> Vec<&'a DriftedSum> {
    let mut kinds: BTreeMap<(bool, bool), Vec<&'a DriftedSum>> = BTreeMap::new();
    for sum in all {
        kinds.entry((!sum.is_month, sum.source.is_none())).or_default().push(sum);
    }
    let is_off = |sums: &&Vec<&DriftedSum>| gap(sums).cents != Cents::ZERO;
    kinds.values().find(is_off).or(kinds.values().next()).cloned().unwrap_or_default()
}

/// What these sums show too much, month by month.
pub(super) fn shown_too_much(sums: &[DriftedSum]) -> Sum {
    months(sums).iter().map(Month::gap).sum()
}

impl Work<'_> {
    /// What is shown, and the total or the days of which it is said to be the sum.
    pub(super) fn sums(&mut self) {
        for month in months(&self.facts.sums) {
            self.add(Cause::DriftedRollup, Some(month.on()), month.gap().cents, month.figures());
        }
    }
}

impl Diagnosis {
    /// Adds what sums of all creators together have too much, which is no creator's money: so its cents are
    /// nothing here and stand among the figures.
    pub fn note_sums_of_all(&mut self, sums: &[DriftedSum]) {
        for month in months(sums) {
            let mut figures = month.figures();
            figures.push(Figure::new("creators", Value::Text("all".to_owned())));
            let cause = Cause::DriftedRollup;
            self.parts.push(Part {
                cause,
                on: Some(month.on()),
                cents: Cents::ZERO,
                rows: vec![],
                figures,
                ruled_out: vec![],
                remedy: cause.remedy(),
            });
            self.all_too_much = Some(self.all_too_much.unwrap_or_default() + month.gap().cents);
        }
    }
}
