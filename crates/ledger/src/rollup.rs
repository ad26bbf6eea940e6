//! Sums by civil day and source, and the days on which fans paid: what a change to the ledger changes in
//! them.

use std::collections::BTreeMap;

use jiff::{civil::Date, tz::TimeZone};

use crate::{Cents, Changes, Earning, Source};

/// What a change adds to one day and source of a creator's rollup. Fields may be negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayDelta {
    /// The day in the agency's zone.
    pub day: Date,
    /// Why it was paid.
    pub source: Source,
    /// Change of gross.
    pub gross: Cents,
    /// Change of net.
    pub net: Cents,
    /// Change of the number of rows.
    pub count: i64,
}

/// What a change adds to the purchases of a fan on a day. Personal: it never prints.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FanDelta<'a> {
    /// The platform's id of the fan.
    pub fan: &'a str,
    /// The day in the agency's zone.
    pub day: Date,
    /// Change of the number of purchases; never zero.
    pub count: i64,
}

/// The rollup change of a ledger change, one entry a day and source, without the ones that cancel.
#[must_use]
pub fn day_deltas(changes: &Changes, zone: &TimeZone) -> Vec<DayDelta> {
    let mut sums: BTreeMap<(Date, Source), (Cents, Cents, i64)> = BTreeMap::new();
    let mut book = |earning: &Earning, sign: i64| {
        let day = earning.at.to_zoned(zone.clone()).date();
        let sum = sums.entry((day, earning.source)).or_default();
        sum.0 += Cents(sign * earning.gross.0);
        sum.1 += Cents(sign * earning.net.0);
        sum.2 += sign;
    };
    for row in &changes.inserts {
        book(&row.earning, 1);
    }
    for row in &changes.voids {
        book(&row.earning, -1);
    }
    for update in &changes.updates {
        book(&update.before.earning, -1);
        book(&update.after.earning, 1);
    }
    sums.into_iter()
        .filter(|(_, sum)| *sum != (Cents::ZERO, Cents::ZERO, 0))
        .map(|((day, source), (gross, net, count))| DayDelta { day, source, gross, net, count })
        .collect()
}

/// What a ledger change does to the days on which fans paid, one entry a fan and day, without the ones
/// that cancel. A row that names no fan is nobody's.
#[must_use]
pub fn fan_deltas<'a>(changes: &'a Changes, zone: &TimeZone) -> Vec<FanDelta<'a>> {
    let mut counts: BTreeMap<(&str, Date), i64> = BTreeMap::new();
    let mut book = |earning: &'a Earning, sign: i64| {
        let Some(fan) = earning.fan.as_ref().filter(|_| earning.is_purchase()) else { return };
        let day = earning.at.to_zoned(zone.clone()).date();
        *counts.entry((fan.id.as_str(), day)).or_default() += sign;
    };
    for row in &changes.inserts {
        book(&row.earning, 1);
    }
    for row in &changes.voids {
        book(&row.earning, -1);
    }
    for update in &changes.updates {
        book(&update.before.earning, -1);
        book(&update.after.earning, 1);
    }
    counts
        .into_iter()
        .filter(|(_, count)| *count != 0)
        .map(|((fan, day), count)| FanDelta { fan, day, count })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Booked, Fan, Key, OrderId, Update};

    fn sale(at: &str, gross: i64) -> Booked {
        let id = OrderId::new("to_1").unwrap();
        Booked {
            key: Key::Order(id.clone()),
            earning: Earning {
                at: at.parse().unwrap(),
                source: Source::Message,
                gross: Cents(gross),
                net: Cents(gross / 2),
                total: None,
                currency: None,
                order_id: Some(id),
                status: None,
                message_id: None,
                post_id: None,
                reverses: None,
                fan: None,
            },
            absent_since: None,
            is_adopted: false,
        }
    }

    #[test]
    fn days_are_the_agencys_and_an_amended_row_moves_between_them() {
        let rome = TimeZone::get("Europe/Rome").unwrap();
        let late = "2026-11-20T23:30:00Z";
        let changes = Changes { inserts: vec![sale(late, 100)], ..Changes::default() };
        let deltas = day_deltas(&changes, &rome);
        assert_eq!(deltas[0].day.to_string(), "2026-11-21");

        let changes = Changes {
            updates: vec![Update { before: sale(late, 100), after: sale(late, 100) }],
            ..Changes::default()
        };
        assert!(day_deltas(&changes, &rome).is_empty());

        let changes = Changes { voids: vec![sale(late, 100)], ..Changes::default() };
        assert_eq!(day_deltas(&changes, &rome)[0].gross, Cents(-100));

        let moved = sale("2026-11-20T12:00:00Z", 300);
        let changes = Changes {
            updates: vec![Update { before: sale(late, 100), after: moved }],
            ..Changes::default()
        };
        let told: Vec<_> = day_deltas(&changes, &rome)
            .iter()
            .map(|d| (d.day.to_string(), d.gross.0, d.net.0, d.count))
            .collect();
        assert_eq!(
            told,
            [("2026-11-20".into(), 300, 150, 1), ("2026-11-21".into(), -100, -50, -1)]
        );
    }

    #[test]
    fn a_fan_pays_on_days_of_the_agency_and_only_with_purchases() {
        let rome = TimeZone::get("Europe/Rome").unwrap();
        let of = |fan: Option<&str>, at: &str, source: Source, gross: i64| {
            let mut row = sale(at, gross);
            row.earning.source = source;
            row.earning.fan = fan.map(|id| Fan { id: id.into(), handle: None, display_name: None });
            row
        };
        let told = |changes: &Changes| -> Vec<_> {
            let deltas = fan_deltas(changes, &rome).into_iter();
            deltas.map(|d| (d.fan.to_owned(), d.day.to_string(), d.count)).collect()
        };
        let (noon, late) = ("2026-11-20T12:00:00Z", "2026-11-20T23:30:00Z");
        let changes = Changes {
            inserts: vec![
                of(Some("ada"), noon, Source::Tip, 100),
                of(Some("ada"), noon, Source::Message, 100),
                of(Some("ada"), late, Source::Tip, 100),
                of(Some("bob"), noon, Source::Referral, 100),
                of(Some("bob"), noon, Source::Refund, -100),
                of(Some("bob"), noon, Source::Subscription, 0),
                of(None, noon, Source::Tip, 100),
            ],
            ..Changes::default()
        };
        let day = |fan: &str, day: &str, count| (fan.to_owned(), day.to_owned(), count);
        let wanted = [day("ada", "2026-11-20", 2), day("ada", "2026-11-21", 1)];
        assert_eq!(told(&changes), wanted);

        let tip = |fan: Option<&str>, at| of(fan, at, Source::Tip, 100);
        let update = |before, after| Changes {
            updates: vec![Update { before, after }],
            ..Changes::default()
        };
        let named = update(tip(None, noon), tip(Some("ada"), noon));
        assert_eq!(told(&named), [day("ada", "2026-11-20", 1)], "it appears later");
        let moved = update(tip(Some("ada"), noon), tip(Some("ada"), late));
        assert_eq!(told(&moved), [day("ada", "2026-11-20", -1), day("ada", "2026-11-21", 1)]);
        let same = update(tip(Some("ada"), noon), of(Some("ada"), noon, Source::Post, 900));
        assert!(told(&same).is_empty(), "another amount of the same day");
        let changes = Changes { voids: vec![tip(Some("ada"), noon)], ..Changes::default() };
        assert_eq!(told(&changes), [day("ada", "2026-11-20", -1)]);
    }
}
