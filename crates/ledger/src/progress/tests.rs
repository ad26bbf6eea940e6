//! Histories of every shape, page by page: what was foretold after a tenth of them, and after each page.

use proptest::prelude::*;

use super::*;

/// The error that a forecast may have after a tenth of the time, in per mille of all of it.
const ERROR_MAX: i64 = 100;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + seconds).unwrap()
}

/// A history newest first: rows by month, the share of them that the ledger holds in that month (per
/// cent), and cents a row.
#[derive(Clone, Debug)]
struct History {
    months: Vec<(u64, u64, i64)>,
}

/// What is seen after each page: evidence, and the share of all pages that is behind, in per mille.
fn pages(history: &History, promises: bool) -> Vec<(Evidence, i64)> {
    let rows: u64 = history.months.iter().map(|month| month.0).sum();
    let held = |month: &(u64, u64, i64)| month.0 * month.1 / 100;
    let known: u64 = history.months.iter().map(held).sum();
    let last_known = history.months.iter().rposition(|month| 0 < held(month));
    let spanned = &history.months[..last_known.map_or(0, |last| last + 1)];
    let inside: u64 = spanned.iter().map(|month| month.0).sum();
    let gross: i64 = history.months.iter().map(|(rows, _, cents)| rows.cast_signed() * cents).sum();
    let known_gross: i64 =
        history.months.iter().map(|month| held(month).cast_signed() * month.2).sum();
    let mut seen = vec![];
    let mut read = 0;
    while read < rows {
        read = (read + PAGE_ROWS).min(rows);
        // Where the pass is: whole months behind, and a part of one.
        let (mut left, mut behind, mut read_gross) = (read, 0, 0);
        for (rows, percent, cents) in &history.months {
            let here = left.min(*rows);
            behind += here * percent / 100;
            read_gross += here.cast_signed() * cents;
            left -= here;
        }
        let added = read - behind;
        seen.push((
            Evidence {
                ahead: known - behind,
                beyond: if known == 0 { 0 } else { read.saturating_sub(inside) },
                held: known + added,
                added,
                ends_early: false,
                known_gross: Cents(known_gross),
                pass: read,
                read,
                read_gross: Cents(read_gross),
                promised_gross: promises.then_some(Cents(gross)),
            },
            (read * 1000 / rows).cast_signed(),
        ));
    }
    seen
}

/// The forecast of the end after each page, where every page takes `page_seconds`.
fn forecasts(history: &History, promises: bool, page_seconds: i64) -> Vec<(i64, Option<i64>)> {
    let step = |(n, (evidence, share)): (usize, (Evidence, i64))| {
        let passed = (n as i64 + 1) * page_seconds;
        let part = Part {
            requests: evidence.read.div_ceil(PAGE_ROWS),
            read: evidence.read,
            pass: evidence.pass,
            left: evidence.rows_left(),
            begun_at: Some(at(0)),
            ..Part::default()
        };
        (share, seconds_left(&[part], at(passed)).map(|left| passed + left))
    };
    pages(history, promises).into_iter().enumerate().map(step).collect()
}

fn assert_foretold(history: &History, promises: bool) {
    let told = forecasts(history, promises, 3);
    let truth = told.len() as i64 * 3;
    for (share, end) in told {
        let Some(end) = end else { panic!("nothing is foretold after {share} per mille") };
        let error = (end - truth).abs() * 1000 / truth;
        assert!(share < 100 || error <= ERROR_MAX, "{end} of {truth} after {share} per mille");
    }
}

/// Months of very different density: some a hundred times as busy as others.
fn skewed() -> impl Strategy<Value = Vec<u64>> {
    let month = prop_oneof![3 => 0_u64..40, 2 => 100_u64..600, 1 => 2_000_u64..6_000];
    prop::collection::vec(month, 6..36)
        .prop_filter("more than a few pages", |months| months.iter().sum::<u64>() > 2_500)
}

proptest! {
    #[test]
    fn a_history_that_the_ledger_knows_is_foretold(months in skewed(), percent in 90_u64..=100) {
        let months = months.into_iter().map(|rows| (rows, percent, 1_500)).collect();
        assert_foretold(&History { months }, false);
    }

    /// The founding story: much is missing, evenly.
    #[test]
    fn what_the_ledger_lacks_behind_is_expected_ahead(months in skewed(), percent in 40_u64..90) {
        let months = months.into_iter().map(|rows| (rows, percent, 1_500)).collect();
        assert_foretold(&History { months }, false);
    }

    #[test]
    fn a_first_history_is_foretold_by_what_was_sold_in_all(months in skewed(), cents in 500_i64..5_000) {
        let months = months.into_iter().map(|rows| (rows, 0, cents)).collect();
        assert_foretold(&History { months }, true);
    }

    /// What is kept of it never falls, and it is never done too early.
    #[test]
    fn no_part_of_a_history_is_called_the_whole(months in skewed(), percent in 0_u64..=100) {
        let months = months.into_iter().map(|rows| (rows, percent, 1_500)).collect();
        let history = History { months };
        for promises in [false, true] {
            for (evidence, share) in pages(&history, promises) {
                prop_assert!(i64::from(evidence.per_mille()) <= 990);
                prop_assert!(share < 1000 || evidence.rows_left().is_none_or(|left| left <= 60));
            }
        }
    }
}

/// Only the newest rows of the ledger were ever stored: behind them nothing foretells but the promise.
#[test]
fn a_ledger_that_ends_where_the_platform_goes_on_foretells_nothing() {
    let months = vec![(1_000, 100, 1_000), (2_000, 0, 1_000)];
    let history = History { months };
    let last = |promises| forecasts(&history, promises, 3)[40].1;
    assert_eq!(last(false), None);
    assert_eq!(last(true), Some(60 * 3));
    let seen = pages(&history, false)[40].0;
    assert!(seen.per_mille() < 500, "of what nobody knows no more than half is claimed");
}

#[test]
fn a_pass_is_that_of_the_history() {
    let mut stream = Stream::default();
    assert_eq!(stream.history_pass(), None);
    stream.open_pulse(at(0), None, None);
    assert_eq!(stream.history_pass(), Some(HistoryPass { rows: 0, seen: None }));
    stream.open_pulse(at(60), None, None);
    assert_eq!(stream.windows.len(), 2);
    assert_eq!(stream.history_pass(), Some(HistoryPass { rows: 0, seen: None }));
}

/// Of a thousand rows of a dollar the ledger lacks a quarter; those read first happen to bring half more.
#[test]
fn a_ledger_that_lacks_rows_evenly_is_trusted_and_one_that_lacks_the_newest_is_not() {
    let evenly = Evidence {
        ahead: 600,
        held: 800,
        added: 50,
        known_gross: Cents(75_000),
        pass: 200,
        read: 200,
        read_gross: Cents(30_000),
        promised_gross: Some(Cents(100_000)),
        ..Evidence::default()
    };
    assert_eq!(evenly.rows_left(), Some(600 * 203 / 153));
    let newest = Evidence { ahead: 750, held: 950, added: 200, ..evenly };
    assert_eq!(newest.rows_left(), Some(466));
}

/// Of 10,000 rows the ledger lacks every second one. What three pages tell is believed.
#[test]
fn three_pages_tell_how_much_is_lacking() {
    let seen = Evidence { ahead: 4_925, held: 5_075, added: 75, pass: 150, ..Evidence::default() };
    let left = seen.rows_left().unwrap();
    assert!((9_600..=9_850).contains(&left), "{left}");
}
