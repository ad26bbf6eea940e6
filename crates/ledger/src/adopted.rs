//! Rows that only an older system says were earned: which row of the feed is one of them, and when one
//! that no read shows leaves the ledger.
//!
//! Nobody here ever read them, so they are worth less than a row that the platform once showed: where a
//! whole history lacks few of them, they were never there. Where it lacks many it may be the history that is
//! wrong, and a second one has to say the same.

use jiff::Timestamp;

use crate::{
    Booked, Changes, Earning,
    books::{MISSING_ONE_IN, VOID_AFTER_SECONDS},
};

/// An older system made cents of floats: its gross may be so many off.
const CENTS_OFF: u64 = 1;

/// Adopted rows of a window that was just read to its end.
#[derive(Clone, Debug, Default)]
pub struct Unproven {
    /// Those that no read has shown, those of the pages that close the window included.
    pub rows: Vec<Booked>,
    /// How many other sales the ledger holds there.
    pub others: usize,
    /// How many rows the read showed.
    pub read: usize,
    /// Whether rows of the feed could not be read: one of them may be what is missing.
    pub has_rejects: bool,
}

/// Takes out of the ledger what the whole window lacked, or notes that it was lacking: to be called with
/// what the last pages changed. Rows that these pages show stay.
pub fn unproven(found: Unproven, changes: &mut Changes, now: Timestamp) {
    let is_shown = |row: &Booked| changes.updates.iter().any(|update| update.before.key == row.key);
    let (shown, missing): (Vec<_>, Vec<_>) = found.rows.into_iter().partition(is_shown);
    let proven = found.others + shown.len() + changes.inserts.len();
    // A read that shows nothing else is no evidence, nor is one that lacks much of what others showed.
    let is_whole = proven - proven / MISSING_ONE_IN <= found.read;
    if proven == 0 || !is_whole || found.has_rejects {
        return;
    }
    let is_few = missing.len() <= (proven + missing.len()).div_ceil(MISSING_ONE_IN);
    for row in missing {
        let is_old = row
            .absent_since
            .is_some_and(|since| VOID_AFTER_SECONDS <= now.duration_since(since).as_secs());
        if is_few || is_old {
            changes.voids.push(row);
        } else if row.absent_since.is_none() {
            changes.absent.push(row.key);
        }
    }
}

/// Which of these rows is the sale that the platform tells of.
pub(crate) fn nearest<'a>(
    rows: impl Iterator<Item = (usize, &'a Booked)>,
    told: &Earning,
) -> Option<usize> {
    rows.filter_map(|(place, row)| Some((distance(row, told)?, place))).min().map(|found| found.1)
}

/// How far an adopted row is from what the platform tells; `None` if it is another sale.
fn distance(adopted: &Booked, told: &Earning) -> Option<(u64, u64, bool)> {
    let kept = &adopted.earning;
    let gross = kept.gross.0.abs_diff(told.gross.0);
    let is_other_fan = matches!((&kept.fan, &told.fan), (Some(a), Some(b)) if a.id != b.id);
    if !adopted.is_adopted || told.source.is_reversal() || is_other_fan || CENTS_OFF < gross {
        return None;
    }
    Some((gross, kept.net.0.abs_diff(told.net.0), kept.source != told.source))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Books, Cents, Content, Fan, Key, OrderId, Source};

    fn sale(ms: i64, gross: i64, fan: Option<&str>, id: Option<&str>) -> Earning {
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
            fan: fan.map(|id| Fan { id: id.into(), handle: None, display_name: None }),
        }
    }

    fn adopted(ms: i64, gross: i64, fan: Option<&str>) -> Booked {
        let earning = sale(ms, gross, fan, None);
        let key = Key::Content { content: Content::of(&earning), occurrence: 1 };
        Booked { key, earning, absent_since: None, is_adopted: true }
    }

    fn changes(booked: &[Booked], page: &[Earning]) -> Changes {
        let mut books = Books::open(booked.to_vec());
        books.read(page);
        books.changes(None, sale(0, 1, None, None).at)
    }

    #[test]
    fn what_an_older_system_got_nearly_right_is_the_same_sale() {
        let told = sale(5, 1999, Some("fan"), Some("a"));
        let near = [(2000, Some("fan")), (1998, Some("fan")), (1999, None)];
        for (gross, fan) in near {
            let mut row = adopted(5, gross, fan);
            row.earning.net = Cents(1);
            row.earning.source = Source::Referral;
            let changes = changes(&[row], std::slice::from_ref(&told));
            let [update] = &changes.updates[..] else { panic!("{gross} {fan:?}") };
            assert_eq!(
                (update.after.earning.clone(), update.after.is_adopted),
                (told.clone(), false)
            );
            assert_eq!(changes.inserts, []);
        }
        for row in [adopted(5, 2001, None), adopted(5, 1999, Some("other")), adopted(6, 1999, None)]
        {
            let changes = changes(&[row], std::slice::from_ref(&told));
            assert_eq!((changes.updates.len(), changes.inserts.len()), (0, 1));
        }
        let read_here = Booked { is_adopted: false, ..adopted(5, 2000, None) };
        assert_eq!(changes(&[read_here], &[told]).inserts.len(), 1);
    }

    #[test]
    fn the_nearest_one_is_taken_and_each_but_once() {
        let rows = [adopted(5, 1998, None), adopted(5, 1999, None)];
        let page = [sale(5, 1999, Some("a"), Some("1")), sale(5, 1999, Some("b"), Some("2"))];
        let changes = changes(&rows, &page);
        assert_eq!((changes.updates.len(), changes.inserts.len()), (2, 0));
        let first =
            changes.updates.iter().find(|u| u.after.key == Key::Order(OrderId::new("1").unwrap()));
        assert_eq!(first.unwrap().before.earning.gross, Cents(1999));
    }

    fn verdict(found: Unproven, seconds: i64) -> (usize, usize) {
        let mut changes = Changes::default();
        let now = Timestamp::from_millisecond(1_790_000_000_000 + seconds * 1000).unwrap();
        unproven(found, &mut changes, now);
        (changes.voids.len(), changes.absent.len())
    }

    #[test]
    fn few_leave_at_once_many_the_second_time_and_none_without_evidence() {
        let rows = |count: i64| (0..count).map(|i| adopted(i, 100 + i, None)).collect::<Vec<_>>();
        let found = |count, others| Unproven {
            rows: rows(count),
            others,
            read: others,
            has_rejects: false,
        };
        assert_eq!(verdict(found(2, 18), 0), (2, 0));
        assert_eq!(verdict(found(3, 17), 0), (0, 3));
        assert_eq!(verdict(found(3, 0), 0), (0, 0), "a feed that shows nothing proves nothing");
        assert_eq!(verdict(Unproven { has_rejects: true, ..found(2, 18) }, 0), (0, 0));
        for (read, voids) in [(0, 0), (16, 0), (17, 2)] {
            let lacks = Unproven { read, ..found(2, 18) };
            assert_eq!(verdict(lacks, 0), (voids, 0), "{read} of 18 that others showed");
        }
        let noted = |seconds| {
            let mut found = found(3, 17);
            for row in &mut found.rows {
                row.absent_since = Some(Timestamp::from_millisecond(1_790_000_000_000).unwrap());
            }
            verdict(found, seconds)
        };
        assert_eq!(noted(3599), (0, 0));
        assert_eq!(noted(3600), (3, 0));
    }

    #[test]
    fn what_the_last_pages_show_stays() {
        let row = adopted(5, 1999, None);
        let told = sale(5, 1999, Some("fan"), Some("a"));
        let mut changes = changes(std::slice::from_ref(&row), &[told]);
        let now = Timestamp::from_millisecond(1_790_000_000_000).unwrap();
        unproven(Unproven { rows: vec![row], ..Unproven::default() }, &mut changes, now);
        assert_eq!((changes.voids, changes.absent), (vec![], vec![]));
    }
}
