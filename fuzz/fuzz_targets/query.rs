//! Any query of a request: what is understood is in its form and can be asked again, days are a bounded run that
//! charts divide without a gap, and a cursor comes back as it was given, for its own question only.

#![no_main]

use std::sync::LazyLock;

use app::{
    analytics::{Cursor, PageAsked},
    http::{Problem, Request},
    query::{QUERY_BYTES_MAX, Query},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use jiff::{
    Timestamp, ToSpan,
    civil::{Date, date},
    tz::TimeZone,
};
use ledger::{Bucket, Comparison, Days, today};
use libfuzzer_sys::fuzz_target;
use url::form_urlencoded::Serializer;

const KNOWN: [&str; 3] = ["agencyId", "startDate", "name"];
const QUESTION: &str = "q";
/// How a cursor of that question ends: the beginning of the question's SHA-256.
const QUESTION_DIGEST: &str = "8e35c2cd3bf6641b";
/// Fifty years and the day itself.
const DAYS_MAX: i32 = 50 * 366 + 1;

static NOW: LazyLock<Timestamp> = LazyLock::new(|| "2026-11-21T12:00:00Z".parse().unwrap());
/// Where days are counted, with the first one with revenue: a day that never was, midnights that are left out, and
/// revenue of tomorrow.
static PLACES: LazyLock<Vec<(TimeZone, Option<Date>)>> = LazyLock::new(|| {
    let places = [
        ("Europe/Rome", None),
        ("Pacific/Apia", Some(date(2016, 2, 29))),
        ("America/Sao_Paulo", Some(date(2026, 11, 22))),
    ];
    places.into_iter().map(|(name, day)| (TimeZone::get(name).unwrap(), day)).collect()
});

fuzz_target!(|query: &[u8]| {
    let whole = [&b"/api/analytics/transactions?"[..], query].concat();
    // What no server takes for an address is no request.
    if let Ok(request) = http::Request::get(whole).body(Bytes::new()) {
        check_query(&request);
        check_page(&request);
    }
    let inner = [query, b",", QUESTION_DIGEST.as_bytes()].concat();
    check_cursor(Cursor::of_text(&BASE64_URL_SAFE_NO_PAD.encode(inner), QUESTION));
});

fn check_query(request: &Request) {
    let query = match Query::parse(request, &KNOWN) {
        Ok(query) => query,
        Err(problem) => return check_refusal(&problem, request),
    };
    let mut again = Serializer::for_suffix("/?".to_owned(), 2);
    for name in KNOWN {
        let Some(value) = query.get(name) else { continue };
        assert!(!value.is_empty() && !value.contains(char::is_control));
        again.append_pair(name, value);
    }
    let again = again.finish();
    if again.len() <= QUERY_BYTES_MAX {
        let request = http::Request::get(again).body(Bytes::new()).unwrap();
        let again = Query::parse(&request, &KNOWN).unwrap();
        assert!(KNOWN.iter().all(|name| again.get(name) == query.get(name)));
    }
    if let Ok(Some(id)) = query.uuid("agencyId") {
        assert_eq!(Some(id.to_string()), query.get("agencyId").map(str::to_ascii_lowercase));
    }
    if let Ok(Some(day)) = query.date("startDate") {
        assert_eq!(Some(day.to_string().as_str()), query.get("startDate"));
    }
}

fn check_refusal(problem: &Problem, request: &Request) {
    let is_long = QUERY_BYTES_MAX < request.uri().query().unwrap_or_default().len();
    assert_eq!(problem.status.as_u16(), if is_long { 414 } else { 400 });
    assert!(problem.field.as_ref().is_none_or(|name| name.chars().count() <= 40));
    assert!(!problem.detail.contains(char::is_control));
}

fn check_page(request: &Request) {
    let asked = match PageAsked::parse(request) {
        Ok(asked) => asked,
        Err(problem) => return check_refusal(&problem, request),
    };
    assert!((1..=200).contains(&asked.limit()));
    if let Some(cursor) = asked.cursor(QUESTION).transpose() {
        check_cursor(cursor);
    }
    for (zone, first_day) in PLACES.iter() {
        let today = today(*NOW, zone);
        if let Ok(days) = asked.days(today, *first_day) {
            assert!(days.last() <= today.saturating_add(1.day()));
            check_days(days, zone);
        }
    }
}

fn check_days(days: Days, zone: &TimeZone) {
    assert!((1..=DAYS_MAX).contains(&days.count()));
    let buckets = days.buckets(Bucket::of(days));
    assert!(buckets.len() <= 1 + 12 * 51);
    check_division(days, &buckets);
    check_division(days, &days.runs().into_iter().map(|run| run.days).collect::<Vec<_>>());
    let (start, end) = days.instants(zone);
    assert!(start <= end);
    let comparison = Comparison::of(days, *NOW, zone).unwrap();
    assert_eq!(comparison.days.count(), days.count());
    assert_eq!(comparison.days.last().tomorrow().ok(), Some(days.first()));
    assert!(comparison.full.is_none_or(|full| full.last() <= comparison.days.last()));
    assert!(comparison.part.is_none_or(|(day, _)| comparison.days.contains(day)));
}

/// The parts are the days: in order, without a gap, none twice.
fn check_division(days: Days, parts: &[Days]) {
    assert_eq!(parts.first().map(|part| part.first()), Some(days.first()));
    assert_eq!(parts.last().map(|part| part.last()), Some(days.last()));
    assert_eq!(parts.iter().map(|part| part.count()).sum::<i32>(), days.count());
    for pair in parts.windows(2) {
        assert_eq!(pair[0].last().tomorrow().ok(), Some(pair[1].first()));
    }
}

fn check_cursor(cursor: Result<Cursor, Problem>) {
    let cursor = match cursor {
        Ok(cursor) => cursor,
        Err(problem) => {
            assert_eq!((problem.status.as_u16(), problem.field.as_deref()), (400, Some("cursor")));
            return;
        }
    };
    // The database knows no instants that lie much further back.
    assert!(0 < cursor.days.first().year() && -62_135_596_800 <= cursor.after.at.as_second());
    let text = cursor.to_text(QUESTION);
    assert_eq!(Cursor::of_text(&text, QUESTION), Ok(cursor));
    assert!(Cursor::of_text(&text, "another").is_err());
}
