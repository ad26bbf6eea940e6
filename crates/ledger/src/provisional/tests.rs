use proptest::prelude::*;

use super::*;
use crate::{Content, Earning, Fan};

const START_MS: i64 = 1_780_000_000_000;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(START_MS + ms).unwrap()
}

fn hint(ms: i64, gross: i64, id: Option<&str>) -> Provisional {
    Provisional {
        event_key: format!("id:{ms}-{gross}-{id:?}"),
        family: Family::Creator,
        at: at(ms),
        source: Source::Tip,
        gross: Cents(gross),
        net: None,
        fan: Some("fan".into()),
        order: id.map(|id| OrderId::new(id).unwrap()),
        reverses: None,
    }
}

fn row(ms: i64, gross: i64, id: Option<&str>) -> Booked {
    let order_id = id.map(|id| OrderId::new(id).unwrap());
    let earning = Earning {
        at: at(ms),
        source: Source::Tip,
        gross: Cents(gross),
        net: Cents(gross * 8 / 10),
        total: None,
        currency: None,
        order_id: order_id.clone(),
        status: None,
        message_id: None,
        post_id: None,
        reverses: None,
        fan: Some(Fan { id: "fan".into(), handle: None, display_name: None }),
    };
    let key = order_id
        .map_or_else(|| Key::Content { content: Content::of(&earning), occurrence: 1 }, Key::Order);
    Booked { key, earning, absent_since: None }
}

fn fresh(rows: &[Booked]) -> Vec<Row<'_>> {
    rows.iter().map(|booked| Row { booked, by_id_only: false }).collect()
}

#[test]
fn the_payment_id_decides_before_anything_else() {
    let hints = [hint(0, 500, Some("to_1")), hint(0, 500, Some("to_2"))];
    let rows = [row(0, 500, Some("to_2")), row(0, 500, Some("to_1"))];
    assert_eq!(settle(&hints, &fresh(&rows)), [(0, 1), (1, 0)]);
    let other = [row(0, 500, Some("to_3"))];
    assert!(settle(&hints, &fresh(&other)).is_empty(), "another order is another sale");
}

#[test]
fn an_invoice_number_says_nothing_about_order_ids() {
    let hints = [hint(0, 500, Some("FV-12"))];
    assert_eq!(settle(&hints, &fresh(&[row(9, 500, Some("to_3"))])), [(0, 0)]);
    assert!(settle(&hints, &fresh(&[row(9, 500, Some("FV-13"))])).is_empty());
}

#[test]
fn without_ids_the_nearest_of_the_same_fan_kind_and_gross_settles() {
    let hints = [hint(0, 500, None), hint(60_000, 500, None)];
    let rows = [row(61_000, 500, None), row(1_000, 500, None)];
    let mut pairs = settle(&hints, &fresh(&rows));
    pairs.sort_unstable();
    assert_eq!(pairs, [(0, 1), (1, 0)]);
    let mut other_fan = row(0, 500, None);
    other_fan.earning.fan = None;
    let mut other_kind = row(0, 500, None);
    other_kind.earning.source = Source::Post;
    let late = row(SETTLE_SECONDS_MAX * 1000 + 60_001, 500, None);
    let none = [other_fan, other_kind, row(0, 501, None), late];
    assert!(settle(&hints[..1], &fresh(&none)).is_empty());
}

#[test]
fn a_row_that_was_there_before_settles_by_its_id_alone() {
    let rows = [row(0, 500, Some("to_1"))];
    let old = [Row { booked: &rows[0], by_id_only: true }];
    assert!(settle(&[hint(0, 500, None)], &old).is_empty());
    assert_eq!(settle(&[hint(0, 500, Some("to_1"))], &old), [(0, 0)]);
}

#[test]
fn two_families_tell_of_one_sale_once() {
    let told = [hint(0, 500, Some("to_1"))];
    let legacy = Provisional { family: Family::Legacy, ..hint(900, 500, None) };
    assert_eq!(told_before(&legacy, &told), Some(0));
    assert_eq!(told_before(&hint(0, 500, None), &told), None, "one family tells of each sale once");
    let same = Provisional { family: Family::Checkout, ..hint(90, 700, Some("to_1")) };
    assert_eq!(told_before(&same, &told), Some(0), "one payment id is one payment");
    let other = Provisional { family: Family::Checkout, ..hint(90, 500, Some("to_2")) };
    assert_eq!(told_before(&other, &told), None);
}

proptest! {
    #[test]
    fn pairs_are_one_to_one(
        hints in prop::collection::vec((0_i64..5, 1_i64..3, prop::option::of(0_u8..4)), 0..8),
        rows in prop::collection::vec((0_i64..5, 1_i64..3, prop::option::of(0_u8..4)), 0..8),
    ) {
        let id = |number: Option<u8>| number.map(|number| format!("to_{number}"));
        let hints: Vec<_> =
            hints.iter().map(|(ms, gross, n)| hint(*ms, *gross, id(*n).as_deref())).collect();
        let rows: Vec<_> =
            rows.iter().map(|(ms, gross, n)| row(*ms, *gross, id(*n).as_deref())).collect();
        let pairs = settle(&hints, &fresh(&rows));
        let mut left: Vec<_> = pairs.iter().map(|(h, _)| h).collect();
        let mut right: Vec<_> = pairs.iter().map(|(_, r)| r).collect();
        left.sort_unstable();
        right.sort_unstable();
        left.dedup();
        right.dedup();
        prop_assert_eq!((left.len(), right.len()), (pairs.len(), pairs.len()));
        for (h, r) in &pairs {
            let same_id = hints[*h].order.is_some()
                && hints[*h].order == rows[*r].earning.order_id;
            prop_assert!(same_id || hints[*h].gross == rows[*r].earning.gross);
        }
        // Nothing that fits is left on both sides.
        for (h, hint) in hints.iter().enumerate() {
            for (r, row) in rows.iter().enumerate() {
                let free = !pairs.iter().any(|(a, b)| *a == h || *b == r);
                prop_assert!(!(free && likeness(hint, row) != Likeness::None));
            }
        }
    }
}
