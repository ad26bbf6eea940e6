use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

/// The pieces of those days: first and last day, length in hours, offset in seconds.
fn cut(name: &str, first: &str, last: &str, now: &str) -> Vec<(String, String, i64, i32)> {
    let asked = (first.parse().unwrap(), last.parse().unwrap());
    let spans = spans(asked, at(now), &zone(name));
    let hours = |span: &Span| span.end.duration_since(span.start).as_secs() / 3600;
    let shown = |span: &Span| {
        (span.first.to_string(), span.last.to_string(), hours(span), span.offset.seconds())
    };
    spans.iter().map(shown).collect()
}

fn piece(first: &str, last: &str, hours: i64, offset: i32) -> (String, String, i64, i32) {
    (first.to_owned(), last.to_owned(), hours, offset)
}

#[test]
fn a_day_on_which_the_clocks_change_is_asked_for_by_itself() {
    let far = "2027-01-01T00:00:00Z";
    assert_eq!(
        cut("Europe/Rome", "2026-10-23", "2026-10-27", far),
        [
            piece("2026-10-23", "2026-10-24", 48, 7200),
            piece("2026-10-25", "2026-10-25", 25, 7200),
            piece("2026-10-26", "2026-10-27", 48, 3600),
        ]
    );
    assert_eq!(
        cut("Europe/Rome", "2026-03-28", "2026-03-30", far),
        [
            piece("2026-03-28", "2026-03-28", 24, 3600),
            piece("2026-03-29", "2026-03-29", 23, 3600),
            piece("2026-03-30", "2026-03-30", 24, 7200),
        ]
    );
    let year = cut("Asia/Kathmandu", "2026-01-01", "2026-04-11", far);
    let days: Vec<_> = year.iter().map(|piece| piece.2 / 24).collect();
    assert_eq!(days, [50, 50, 1], "a page holds fifty");
    assert!(year.iter().all(|piece| piece.3 == 20_700));
}

#[test]
fn nothing_after_now_is_asked_for() {
    assert_eq!(
        cut("UTC", "2026-11-20", "2026-11-21", "2026-11-21T07:30:00Z"),
        [piece("2026-11-20", "2026-11-21", 31, 0)]
    );
    assert!(cut("UTC", "2026-11-21", "2026-11-22", "2026-11-21T00:00:00Z").is_empty());
}

#[test]
fn the_last_days_are_read_again_and_at_first_a_year() {
    let now = at("2026-11-21T10:00:00Z");
    let read = |as_of: Option<&str>| {
        let (first, last) = days_to_read(as_of.map(at), now, &zone("Europe/Rome"));
        format!("{first}..{last}")
    };
    assert_eq!(read(None), "2025-11-22..2026-11-21");
    assert_eq!(read(Some("2026-11-20T23:30:00Z")), "2026-11-18..2026-11-21");
    assert_eq!(read(Some("2020-01-01T00:00:00Z")), "2025-11-22..2026-11-21");
    assert_eq!(read(Some("2027-01-01T00:00:00Z")), "2026-11-21..2026-11-21", "a clock was ahead");
}

#[test]
fn every_stretch_belongs_to_one_day_that_was_asked_for() {
    let rome = zone("Europe/Rome");
    let day = (jiff::civil::date(2026, 10, 25), jiff::civil::date(2026, 10, 25));
    let spans = spans(day, at("2026-11-21T10:00:00Z"), &rome);
    let told = |text: &str| Changes { at: at(text), new: 2, cancelled: 1 };
    let mut changes: ByDay = days(day).map(|day| (day, None)).collect();
    assert_eq!(ToldDays::of(&changes).untold, [day.0]);
    for good in ["2026-10-24T22:00:00Z", "2026-10-25T22:00:00Z"] {
        add(&mut changes, &spans[0], &told(good), &rome).unwrap();
    }
    assert_eq!(changes, BTreeMap::from([(day.0, Some((4, 2)))]), "25 hours are two stretches");
    assert!(ToldDays::of(&changes).untold.is_empty());
    for bad in [
        "2026-10-23T22:00:00Z",
        "2026-10-25T00:00:00Z",
        "2026-10-25T22:00:00.001Z",
        "2026-10-26T22:00:00Z",
    ] {
        assert!(add(&mut changes, &spans[0], &told(bad), &rome).is_err(), "{bad}");
    }
}
