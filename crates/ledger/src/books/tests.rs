use proptest::prelude::*;

use super::*;
use crate::{Cents, Fan, OrderId, PayoutStatus, Source};

fn tip(ms: i64, gross: i64, id: Option<&str>) -> Earning {
    Earning {
        at: Timestamp::from_millisecond(1_780_000_000_000 + ms).unwrap(),
        source: Source::Tip,
        gross: Cents(gross),
        net: Cents(gross * 8 / 10),
        total: None,
        currency: None,
        order_id: id.map(|id| OrderId::new(id).unwrap()),
        status: None,
        message_id: None,
        post_id: None,
        reverses: None,
        fan: Some(Fan { id: "fan".into(), handle: None, display_name: None }),
    }
}

fn read(booked: &[Booked], pages: &[Vec<Earning>]) -> (Vec<Booked>, Changes) {
    let mut books = Books::open(booked.to_vec());
    for page in pages {
        books.read(page);
    }
    let changes = books.changes(None, tip(0, 1, None).at);
    let mut rows: BTreeMap<Key, Booked> =
        booked.iter().map(|row| (row.key.clone(), row.clone())).collect();
    for update in &changes.updates {
        rows.remove(&update.before.key).unwrap();
    }
    let after = changes.updates.iter().map(|u| &u.after).chain(&changes.inserts);
    for row in after {
        assert!(rows.insert(row.key.clone(), row.clone()).is_none(), "two rows with one key");
    }
    (rows.into_values().collect(), changes)
}

#[test]
fn equal_tips_in_one_millisecond_are_two_rows_and_stay_two() {
    let page = vec![tip(0, 500, None), tip(0, 500, None)];
    let (rows, changes) = read(&[], std::slice::from_ref(&page));
    assert_eq!((rows.len(), changes.inserts.len()), (2, 2));
    let (again, changes) = read(&rows, &[page]);
    assert_eq!(again, rows);
    assert!(changes.is_empty());
}

#[test]
fn a_row_that_drifts_onto_the_next_page_is_not_doubled() {
    let (rows, _) = read(
        &[],
        &[vec![tip(5, 100, None), tip(4, 100, None)], vec![tip(4, 100, None), tip(3, 100, None)]],
    );
    assert_eq!(rows.len(), 3);
}

#[test]
fn an_id_that_appears_rekeys_the_row_and_changes_no_total() {
    let (rows, _) = read(&[], &[vec![tip(0, 500, None), tip(0, 500, None)]]);
    let (rows, changes) = read(&rows, &[vec![tip(0, 500, Some("a")), tip(0, 500, Some("b"))]]);
    assert_eq!(rows.len(), 2);
    assert_eq!((changes.inserts.len(), changes.updates.len()), (0, 2));
    assert!(rows.iter().all(|row| matches!(row.key, Key::Order(_))));
    let (rows, changes) = read(&rows, &[vec![tip(0, 500, None), tip(0, 500, None)]]);
    assert_eq!(rows.len(), 2, "ids that disappear again are still the same rows");
    assert!(changes.is_empty());
}

#[test]
fn of_two_twins_one_gets_an_id_and_the_other_stays() {
    let (rows, _) = read(&[], &[vec![tip(0, 500, None), tip(0, 500, None)]]);
    let page = vec![tip(0, 500, Some("a")), tip(0, 500, None)];
    let (rows, _) = read(&rows, std::slice::from_ref(&page));
    assert_eq!(rows.len(), 2);
    let (rows, changes) = read(&rows, &[page]);
    assert_eq!(rows.len(), 2);
    assert!(changes.is_empty());
}

#[test]
fn status_moves_forward_and_never_back() {
    let with = |status| Earning { status: Some(status), ..tip(0, 500, Some("a")) };
    let (rows, _) = read(&[], &[vec![with(PayoutStatus::PendingBalance)]]);
    let (rows, changes) = read(&rows, &[vec![with(PayoutStatus::AvailableForPayout)]]);
    assert_eq!(changes.updates.len(), 1);
    let (_, changes) = read(&rows, &[vec![with(PayoutStatus::PendingBalance)]]);
    assert!(changes.is_empty());
}

#[test]
fn an_amended_amount_replaces_the_row_of_that_id() {
    let (rows, _) = read(&[], &[vec![tip(0, 500, Some("a"))]]);
    let (rows, changes) = read(&rows, &[vec![tip(0, 700, Some("a"))]]);
    assert_eq!(rows[0].earning.gross, Cents(700));
    assert_eq!(changes.updates[0].before.earning.gross, Cents(500));
}

#[test]
fn a_fan_who_changes_the_handle_causes_no_write() {
    let named = |handle: &str| Earning {
        fan: Some(Fan { id: "fan".into(), handle: Some(handle.into()), display_name: None }),
        ..tip(0, 500, Some("a"))
    };
    let (rows, _) = read(&[], &[vec![named("old")]]);
    assert!(read(&rows, &[vec![named("new")]]).1.is_empty());
}

/// A complete read of the first second at `hours`, and the books after it.
fn read_all(booked: &[Booked], page: &[Earning], hours: i64) -> (Vec<Booked>, Changes) {
    let window = Window::new(tip(0, 1, None).at, tip(1000, 1, None).at).unwrap();
    let now = tip(hours * 3_600_000, 1, None).at;
    let mut books = Books::open(booked.to_vec());
    books.read(page);
    let changes = books.changes(Some(window), now);
    let mut rows = booked.to_vec();
    rows.retain(|row| !changes.voids.iter().any(|void| void.key == row.key));
    for row in &mut rows {
        if changes.absent.contains(&row.key) {
            row.absent_since = Some(now);
        }
        if changes.returned.contains(&row.key) {
            row.absent_since = None;
        }
    }
    (rows, changes)
}

#[test]
fn a_row_is_void_only_after_two_complete_reads_without_it() {
    let all = vec![tip(0, 100, Some("a")), tip(1, 200, Some("b")), tip(2, 300, None)];
    let (rows, _) = read(&[], std::slice::from_ref(&all));
    let (rows, changes) = read_all(&rows, &all[..2], 1);
    assert_eq!((changes.absent.len(), changes.voids.len()), (1, 0));
    let (rows, changes) = read_all(&rows, &all[..2], 1);
    assert!(changes.is_empty() && changes.absent.is_empty(), "the same hour proves no more");
    assert_eq!(changes.early, [key_of(&all[2])], "and says so");
    let (back, changes) = read_all(&rows, &all, 2);
    assert_eq!((changes.returned.len(), back[0].absent_since), (1, None));
    assert_eq!(changes.early, []);
    let (rows, changes) = read_all(&rows, &all[..2], 2);
    assert_eq!((rows.len(), changes.voids.len(), changes.early.len()), (2, 1, 0));
    assert_eq!(changes.voids[0].earning.gross, Cents(300));
}

#[test]
fn an_outage_that_empties_the_feed_is_no_evidence() {
    let all: Vec<_> = (0..30).map(|i| tip(i, 100, None)).collect();
    let (rows, _) = read(&[], std::slice::from_ref(&all));
    let (rows, changes) = read_all(&rows, &[], 1);
    assert!(changes.absent.is_empty());
    // One row is missing later, for the first time.
    let (rows, changes) = read_all(&rows, &all[1..], 3);
    assert_eq!((rows.len(), changes.absent.len(), changes.voids.len()), (30, 1, 0));
    assert!(read_all(&rows, &[], 9).1.voids.is_empty());
    let one = vec![tip(0, 100, None)];
    let (rows, _) = read(&[], std::slice::from_ref(&one));
    let (rows, _) = read_all(&rows, &[], 1);
    assert!(read_all(&rows, &[], 9).1.voids.is_empty(), "not even a single row");
}

#[test]
fn a_row_that_any_page_shows_again_is_missed_no_more() {
    let all: Vec<_> = (0..12).map(|i| tip(i, 100 + i, None)).collect();
    let (rows, _) = read(&[], std::slice::from_ref(&all));
    let (rows, changes) = read_all(&rows, &all[1..], 1);
    assert_eq!(changes.absent.len(), 1);
    let mut books = Books::open(rows);
    books.read(&all[..1]);
    let changes = books.changes(None, tip(0, 1, None).at);
    assert_eq!((changes.returned, changes.absent.len()), (vec![key_of(&all[0])], 0));
}

/// The absence is noted under the old key, and was looked for under the new one.
#[test]
fn a_row_that_comes_back_with_an_id_is_missed_no_more() {
    let all: Vec<_> = (0..12).map(|i| tip(i, 100 + i, None)).collect();
    let (rows, _) = read(&[], std::slice::from_ref(&all));
    let (rows, _) = read_all(&rows, &all[1..], 1);
    let mut books = Books::open(rows);
    books.read(&[tip(0, 100, Some("a"))]);
    let changes = books.changes(None, tip(0, 1, None).at);
    assert_eq!((changes.returned, changes.updates.len()), (vec![key_of(&all[0])], 1));
}

fn key_of(earning: &Earning) -> Key {
    Key::Content { content: Content::of(earning), occurrence: 1 }
}

#[test]
fn reversals_adopted_rows_and_rows_outside_the_read_are_never_absent() {
    let sales: Vec<_> = (10..40).map(|ms| tip(ms, 100, Some(&format!("to_{ms}")))).collect();
    let refund = Earning { source: Source::Refund, ..tip(5, -100, Some("r")) };
    let others = [refund, tip(6, 100, Some("old")), tip(5000, 100, Some("late"))];
    let (mut rows, _) = read(&[], &[[&sales[..], &others].concat()]);
    for row in &mut rows {
        row.is_adopted = row.earning == others[1];
    }
    let (rows, changes) = read_all(&rows, &sales, 1);
    assert_eq!(changes.absent, []);
    assert!(read_all(&rows, &sales, 9).1.voids.is_empty());
    // Nor are they passed over, nor is what is new: only the sale that no page shows.
    let mut books = Books::open(rows);
    books.read(&[&sales[1..], &[tip(7, 100, Some("new"))]].concat());
    let passed = books.passed((tip(0, 1, None).at, tip(1000, 1, None).at));
    assert_eq!(passed.len(), sales.len());
    assert_eq!(passed.iter().filter(|one| !one.is_shown).count(), 1);
}

fn world() -> impl Strategy<Value = Vec<Earning>> {
    prop::collection::vec((0..4_i64, 1..3_i64), 0..14)
        .prop_map(|rows| rows.iter().map(|(ms, gross)| tip(*ms, *gross, None)).collect())
}

fn with_ids(rows: &[Earning], named: &[bool]) -> Vec<Earning> {
    let id = |i: usize| named[i % named.len()].then(|| OrderId::new(&format!("to_{i}")).unwrap());
    rows.iter().enumerate().map(|(i, row)| Earning { order_id: id(i), ..row.clone() }).collect()
}

fn refund(net: i64, fan: bool, id: Option<&str>) -> Earning {
    let one = Earning { source: Source::Refund, gross: Cents(-1000), ..tip(0, 1, id) };
    Earning { net: Cents(net), fan: one.fan.clone().filter(|_| fan), ..one }
}

#[test]
fn a_reversal_that_two_lists_tell_differently_is_one() {
    let (booked, _) = read(&[], &[vec![refund(-800, true, None)]]);
    for (net, fan) in [(-1000, true), (-1000, false), (-800, false)] {
        let (rows, _) = read(&booked, &[vec![refund(net, fan, Some("to_9"))]]);
        let [row] = &rows[..] else { panic!("{rows:?}") };
        assert_eq!(row.key, Key::Order(OrderId::new("to_9").unwrap()));
        assert_eq!((row.earning.net, row.earning.fan.is_some()), (Cents(net), true));
        // The list without ids, again, changes nothing.
        for page in [refund(-800, true, None), refund(-800, false, None)] {
            let (_, changes) = read(&rows, &[vec![page]]);
            assert!(changes.is_empty(), "{changes:?}");
        }
    }
    let two = [refund(-1000, true, Some("a")), refund(-1000, false, Some("b"))];
    assert_eq!(read(&booked, &[two.to_vec()]).0.len(), 2);
    let later = Earning { at: tip(1, 1, None).at, ..refund(-800, true, None) };
    let other = Earning { gross: Cents(-1001), ..refund(-800, true, None) };
    for one in [later, other, Earning { source: Source::Chargeback, ..refund(-800, true, None) }] {
        assert_eq!(read(&booked, &[vec![one]]).0.len(), 2);
    }
}

#[test]
fn rows_of_one_list_that_differ_are_two() {
    let anonymous = Earning { fan: None, ..tip(0, 500, None) };
    let (booked, _) = read(&[], &[vec![tip(0, 500, None)]]);
    let (rows, changes) = read(&booked, &[vec![anonymous.clone()]]);
    assert_eq!((rows.len(), changes.inserts.len(), changes.updates.len()), (2, 1, 0));
    let (booked, _) = read(&[], &[vec![refund(-800, false, None)]]);
    assert_eq!(read(&booked, &[vec![refund(-800, true, None)]]).0.len(), 2);
    assert_eq!(read(&booked, &[vec![refund(-900, false, None)]]).0.len(), 2);
}

proptest! {
    /// Whatever generations the same rows are served in, one after the other, the books hold
    /// exactly those rows.
    #[test]
    fn the_books_equal_the_feed_in_every_order_of_generations(
        rows in world(),
        generations in prop::collection::vec(prop::collection::vec(any::<bool>(), 1..5), 1..5),
        rotate in 0..14_usize,
    ) {
        let mut booked = vec![];
        for named in &generations {
            let mut page = with_ids(&rows, named);
            let middle = if page.is_empty() { 0 } else { rotate % page.len() };
            page.rotate_left(middle);
            booked = read(&booked, &[page]).0;
        }
        let earnings: Vec<_> = booked.iter().map(|row| row.earning.clone()).collect();
        prop_assert_eq!(multiset(&earnings), multiset(&rows));
    }

    /// Pages only prove that at least their rows exist: cut anywhere, with any overlap, they never
    /// book more than the feed has, and a complete read afterwards books the rest.
    #[test]
    fn pages_never_book_too_much_and_a_complete_read_books_the_rest(
        rows in world(), cut in 0..14_usize, overlap in 0..3_usize,
    ) {
        let cut = cut.min(rows.len());
        let pages = [rows[..cut].to_vec(), rows[cut.saturating_sub(overlap)..].to_vec()];
        let (booked, _) = read(&[], &pages);
        let truth = multiset(&rows);
        let earnings: Vec<_> = booked.iter().map(|row| row.earning.clone()).collect();
        for (content, count) in multiset(&earnings) {
            prop_assert!(count <= truth[&content]);
        }
        let (booked, _) = read(&booked, std::slice::from_ref(&rows));
        let earnings: Vec<_> = booked.iter().map(|row| row.earning.clone()).collect();
        prop_assert_eq!(multiset(&earnings), truth);
    }
}
