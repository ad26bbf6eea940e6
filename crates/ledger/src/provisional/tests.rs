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
    Booked { key, earning, absent_since: None, is_adopted: false }
}

fn hints(told: &[Provisional]) -> Vec<Hint> {
    told.iter().map(|told| Hint { told: told.clone(), is_settled: false }).collect()
}

fn legacy(told: Provisional) -> Provisional {
    Provisional { family: Family::Legacy, ..told }
}

use Standing::{Open, Repeated, Settled};

#[test]
fn the_payment_id_decides_before_anything_else() {
    let told = hints(&[hint(0, 500, Some("to_1")), hint(0, 500, Some("to_2"))]);
    let rows = [row(0, 500, Some("to_2")), row(0, 500, Some("to_1"))];
    assert_eq!(stand(&told, &rows), [Settled(Some(1)), Settled(Some(0))]);
    assert_eq!(stand(&told, &[row(0, 500, Some("to_3"))]), [Open, Open], "another order");
    let mut guest = row(9 * 3_600_000, 700, Some("to_1"));
    guest.earning.fan = None;
    guest.earning.source = Source::Post;
    assert_eq!(stand(&told, &[guest]), [Settled(Some(0)), Open], "whatever else it says");
    assert_eq!(stand(&told, &[row(0, -500, Some("to_1"))]), [Open, Open], "a refund is no sale");
}

#[test]
fn ids_of_unknown_or_of_other_kinds_say_nothing() {
    for (told, row_id) in [("FV-12", "to_3"), ("12", "13"), ("12", "to_3")] {
        let standings = stand(&hints(&[hint(0, 500, Some(told))]), &[row(9, 500, Some(row_id))]);
        assert_eq!(standings, [Settled(Some(0))], "{told} {row_id}");
    }
    let other = stand(&hints(&[hint(0, 500, Some("FV-12"))]), &[row(9, 500, Some("FV-13"))]);
    assert_eq!(other, [Open]);
}

#[test]
fn without_ids_the_nearest_that_nothing_speaks_against_settles() {
    let told = hints(&[hint(0, 500, None), hint(60_000, 500, None)]);
    let rows = [row(61_000, 500, None), row(1_000, 500, None)];
    assert_eq!(stand(&told, &rows), [Settled(Some(1)), Settled(Some(0))]);
    let mut other_fan = row(0, 500, None);
    other_fan.earning.fan = Some(Fan { id: "another".into(), handle: None, display_name: None });
    let mut other_kind = row(0, 500, None);
    other_kind.earning.source = Source::Post;
    let late = row(SETTLE_SECONDS_MAX * 1000 + 60_001, 500, None);
    let none = [other_fan, other_kind, row(0, 501, None), late];
    assert_eq!(stand(&told[..1], &none), [Open]);
    let mut guest = row(0, 500, None);
    guest.earning.fan = None;
    assert_eq!(stand(&told[..1], &[guest]), [Settled(Some(0))], "it may be anybody's");
}

#[test]
fn two_families_tell_of_one_sale_once_and_the_newer_is_shown() {
    let one = [legacy(hint(900, 500, None)), hint(0, 500, Some("to_1"))];
    assert_eq!(stand(&hints(&one), &[]), [Repeated, Open]);
    let rows = [row(0, 500, Some("to_1"))];
    assert_eq!(stand(&hints(&one), &rows), [Settled(Some(0)), Settled(Some(0))]);
    let more = [legacy(hint(0, 500, None)), legacy(hint(1, 500, None)), hint(0, 500, None)];
    assert_eq!(stand(&hints(&more), &[]), [Open, Open, Repeated], "legacy tells of more");
}

#[test]
fn a_row_known_by_one_familys_id_is_the_others_too() {
    let mut guest = row(5 * 3_600_000, 500, Some("to_1"));
    guest.earning.source = Source::Post;
    let both = hints(&[legacy(hint(900, 500, None)), hint(0, 500, Some("to_1"))]);
    assert_eq!(stand(&both, &[guest]), [Settled(Some(0)), Settled(Some(0))]);
}

#[test]
fn equal_sales_an_hour_apart_each_move_over_for_one_that_comes_late() {
    let minute = 60_000;
    let told = [hint(0, 500, None), hint(50 * minute, 500, None), hint(100 * minute, 500, None)];
    let mut told = hints(&told);
    // The second and the third were settled by the rows before theirs; the first comes last.
    (told[1].is_settled, told[2].is_settled) = (true, true);
    let rows = [0, 50, 100].map(|at| row(at * minute, 500, None));
    assert_eq!(stand(&told, &rows), [0, 1, 2].map(|row| Settled(Some(row))));
}

#[test]
fn whoever_has_another_choice_makes_room() {
    let minute = 60_000;
    let mut told = hints(&[hint(30 * minute, 500, None), hint(-35 * minute, 500, None)]);
    told[0].is_settled = true;
    let rows = [20, 50].map(|at| row(at * minute, 500, None));
    assert_eq!(stand(&told, &rows), [Settled(Some(1)), Settled(Some(0))]);
}

#[test]
fn what_was_settled_is_not_shown_when_its_row_leaves() {
    let told = [Hint { told: hint(0, 500, None), is_settled: true }];
    assert_eq!(stand(&told, &[]), [Settled(None)]);
}

/// A sale, the minute it was made in, by how much its webhooks' minute differs, and what comes of it: the
/// row and each family's webhook.
type Sale = ((i64, i64), Option<u8>, [Option<u8>; 2]);

proptest! {
    /// Whatever comes in whatever order: what is shown is never more than there is.
    #[test]
    fn never_more_is_shown_than_was_sold(
        sales in prop::collection::vec(
            (
                (0_i64..300, -50_i64..=50),
                prop::option::of(any::<u8>()),
                [prop::option::of(any::<u8>()), prop::option::of(any::<u8>())],
            ),
            1..12,
        ),
        has_ids in any::<bool>(),
    ) {
        let sales: Vec<Sale> = sales;
        let mut arrivals = vec![];
        for (n, (_, row, webhooks)) in sales.iter().enumerate() {
            arrivals.extend(row.map(|when| (when, n, None)));
            arrivals.extend((0..2).filter_map(|f| webhooks[f].map(|when| (when, n, Some(f)))));
        }
        arrivals.sort_unstable();
        let (mut told, mut rows) = (Vec::<Hint>::new(), vec![]);
        for (_, n, what) in arrivals {
            let ((minute, differs), id) = (sales[n].0, format!("to_{n}"));
            let (minute, sold_at) = ((minute + differs) * 60_000, minute * 60_000);
            match what {
                None => rows.push(row(sold_at, 500, has_ids.then_some(&*id))),
                Some(0) => {
                    let event_key = format!("legacy {n}");
                    let new = Provisional { event_key, ..legacy(hint(minute, 500, None)) };
                    told.push(Hint { told: new, is_settled: false });
                }
                Some(_) => {
                    told.push(Hint { told: hint(minute, 500, Some(&id)), is_settled: false });
                }
            }
            let standings = stand(&told, &rows);
            let shown = standings.iter().filter(|standing| **standing == Open).count();
            prop_assert!(shown + rows.len() <= sales.len(), "{standings:?}");
            for (hint, standing) in told.iter_mut().zip(standings) {
                prop_assert!(!hint.is_settled || matches!(standing, Settled(_)));
                hint.is_settled = matches!(standing, Settled(_));
            }
        }
    }
}
