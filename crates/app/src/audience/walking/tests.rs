use fanvue::Person;
use ledger::{Reject, RejectReason};

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).unwrap()
}

fn page(keys: &[u64], next: Option<u32>) -> PeoplePage {
    let people = keys.iter().map(|key| Person { key: *key, counts: 1 }).collect();
    PeoplePage { people, rejects: vec![], next: next.map(AgencyMark::Page) }
}

#[test]
fn whoever_is_met_twice_counts_once() {
    let mut count = Count::begun(at(0));
    assert_eq!(count.take(&page(&[1, 2, 3], Some(2))), Taken::More);
    // Somebody came meanwhile, and the list shifted by one.
    assert_eq!(count.take(&page(&[3, 4, 4], Some(3))), Taken::More);
    assert_eq!(count.take(&page(&[], None)), Taken::All);
    assert_eq!(count.total().unwrap(), 4);
}

#[test]
fn a_count_goes_on_where_it_was_saved_and_an_old_one_begins_again() {
    let mut count = Count::begun(at(0));
    count.take(&page(&[1, u64::MAX], Some(2)));
    let mut walk = count.saved();
    assert_eq!(Count::resumed(Some(&walk), at(WALK_SECONDS_MAX - 1)), count);
    let new = |now| Count::begun(at(now));
    assert_eq!(Count::resumed(Some(&walk), at(WALK_SECONDS_MAX)), new(WALK_SECONDS_MAX));
    assert_eq!(Count::resumed(Some(&walk), at(-1)), new(-1), "begun in the future");
    assert_eq!(Count::resumed(None, at(7)), new(7));
    walk.seen.pop();
    assert_eq!(Count::resumed(Some(&walk), at(7)), new(7), "what can't be read is nothing");
    let cursor = AgencyMark::Cursor(Cursor::new("a b").unwrap());
    assert_eq!(read_mark(&written_mark(&cursor)), Some(cursor));
    for text in ["", "page", "page x", "cursor ", "leaf 3"] {
        assert_eq!(read_mark(text), None, "{text}");
    }
}

#[test]
fn a_circle_is_found_and_a_list_that_is_empty_is_none() {
    let mut count = Count::begun(at(0));
    count.take(&page(&[1, 2], Some(2)));
    assert!(matches!(count.take(&page(&[2, 1], Some(3))), Taken::Again(_)));
    assert!(matches!(count.take(&page(&[3], Some(2))), Taken::Again(_)), "the same place again");
    let mut nobody = Count::begun(at(0));
    assert_eq!(nobody.take(&page(&[], None)), Taken::All);
    assert_eq!(nobody.total().unwrap(), 0, "Fanvue says so");
}

#[test]
fn an_entry_that_makes_no_sense_is_never_left_out_of_a_count() {
    let mut count = Count::begun(at(0));
    let reject = Reject { reason: RejectReason::NotAnObject, raw: "7".to_owned() };
    let page = PeoplePage { rejects: vec![reject], ..page(&[1], None) };
    let Taken::Nonsense(reason) = count.take(&page) else { panic!() };
    assert_eq!(reason, "1 entries of the list make no sense: the row is not an object");
    assert_eq!(count, Count::begun(at(0)));
}
