//! Any body in place of an earnings page: every row is an earning or is kept as a reject, earnings make sense, and
//! where the page says that there is more, it can be asked for.

#![no_main]

use std::sync::LazyLock;

use fanvue::{AccessToken, EarningsAsk, EarningsPage, Error, PAGE_SIZE, Reader, Routes};
use heartbeat_fuzz::{Platform, elements, is_name, members, now};
use http::Uri;
use jiff::{SignedDuration, Timestamp};
use ledger::{Cents, Cursor, Earning, Feed, Reject, Window};
use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;
use url::form_urlencoded;

/// 2015, before which the platform was not there.
const EARLIEST_SECOND: i64 = 1_420_070_400;

static TOKEN: LazyLock<AccessToken> = LazyLock::new(|| AccessToken::new("at_1"));
static READ_AT: LazyLock<Timestamp> =
    LazyLock::new(|| Timestamp::from_second(1_790_164_803).unwrap());

fuzz_target!(|body: &[u8]| {
    let (sales, _) = page(body, Feed::Earnings, None);
    let (reversals, _) = page(body, Feed::Reversals, None);
    // Whether it is a page has nothing to do with whose list it is.
    assert_eq!(sales.is_ok(), reversals.is_ok());
    let (Ok(sales), Ok(reversals)) = (sales, reversals) else { return };

    let text = String::from_utf8_lossy(body);
    let members = members(&text);
    let rows = elements(&members);
    for page in [&sales, &reversals] {
        assert_eq!(page.earnings.len() + page.rejects.len(), rows.len());
        page.earnings.iter().for_each(check);
        check_rejects(&page.rejects, &rows);
        assert_eq!(page.next, sales.next);
    }
    check_reversals(&sales, &reversals);
    match &sales.next {
        // A full page that names no cursor at all may have more behind it.
        None => assert!(rows.len() < PAGE_SIZE.into() || members.contains_key("nextCursor")),
        Some(next) => {
            let (_, asked) = page(body, Feed::Earnings, Some(next));
            assert_eq!(cursor_of(&asked.unwrap()).as_deref(), Some(next.as_str()));
        }
    }
});

fn page(
    body: &[u8],
    feed: Feed,
    cursor: Option<&Cursor>,
) -> (Result<EarningsPage, Error>, Option<Uri>) {
    let (client, platform) = Platform::says(200, body).client();
    let end = *READ_AT;
    let window = Window::new(end - SignedDuration::from_hours(24), end).unwrap();
    let ask = EarningsAsk {
        reader: &Reader::Own,
        feed,
        routes: Routes::V1,
        window,
        cursor,
        size: PAGE_SIZE,
    };
    let answer = now(client.earnings_page(&TOKEN, &ask, end));
    (answer.result, platform.asked())
}

fn check(earning: &Earning) {
    let (gross, net) = (earning.gross.0, earning.net.0);
    if earning.source.is_reversal() {
        assert!(gross <= 0 && net <= 0);
    } else {
        assert!((0..=gross).contains(&net));
    }
    assert!([gross, net].iter().all(|cents| cents.abs() <= Cents::MAX.0));
    assert!(EARLIEST_SECOND <= earning.at.as_second());
    assert!(earning.at <= *READ_AT + SignedDuration::from_mins(5));
    assert_eq!(earning.at.subsec_nanosecond() % 1_000_000, 0);
    let names = earning.fan.iter().flat_map(|fan| [&fan.handle, &fan.display_name]);
    assert!(names.flatten().all(|name| is_name(name)));
}

/// What is kept of rejects is their own text, in the order of the page.
fn check_rejects(rejects: &[Reject], rows: &[&RawValue]) {
    let mut rows = rows.iter().map(|row| row.get());
    for Reject { raw, .. } in rejects {
        assert!(raw.len() <= Reject::RAW_BYTES_MAX);
        let is_it =
            |row: &str| row == raw || row.starts_with(raw) && Reject::RAW_BYTES_MAX - 4 < raw.len();
        assert!(rows.any(is_it));
    }
}

/// A reversal is the same in both lists, and the one of reversals holds nothing else.
fn check_reversals(sales: &EarningsPage, reversals: &EarningsPage) {
    assert!(reversals.earnings.iter().all(|earning| earning.source.is_reversal()));
    let mut listed = reversals.earnings.iter();
    for earning in sales.earnings.iter().filter(|earning| earning.source.is_reversal()) {
        assert!(listed.any(|other| other == earning));
    }
}

fn cursor_of(uri: &Uri) -> Option<String> {
    let mut pairs = form_urlencoded::parse(uri.query()?.as_bytes());
    pairs.find(|(name, _)| name == "cursor").map(|(_, value)| value.into_owned())
}
