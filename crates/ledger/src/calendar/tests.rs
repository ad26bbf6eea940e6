use jiff::civil::date;
use proptest::prelude::*;

use super::*;

const ZONES: [&str; 6] = [
    "UTC",
    "Europe/Rome",
    "America/New_York",
    "Asia/Kathmandu",
    "America/Santiago", // its clocks change at midnight
    "Pacific/Apia",     // it once left out a day
];

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn days(first: &str, last: &str) -> Days {
    Days::new(first.parse().unwrap(), last.parse().unwrap()).unwrap()
}

fn shown(days: Days) -> String {
    format!("{}..{}", days.first(), days.last())
}

#[test]
fn named_ranges_end_today_and_have_their_length() {
    let today = date(2026, 11, 21);
    for (name, first, count) in [
        ("7d", "2026-11-15", 7),
        ("30d", "2026-10-23", 30),
        ("90d", "2026-08-24", 90),
        ("1y", "2025-11-22", 365),
        ("all", "2026-11-21", 1),
    ] {
        let range = NamedRange::from_name(name).unwrap();
        assert_eq!(range.as_str(), name);
        let days = range.days(today, None);
        assert_eq!((days.first().to_string().as_str(), days.count()), (first, count), "{name}");
        assert_eq!(days.last(), today);
    }
    assert_eq!(NamedRange::from_name("31d"), None);
}

#[test]
fn all_begins_at_the_first_revenue_and_never_after_today() {
    let today = date(2026, 11, 21);
    let all = |first| NamedRange::All.days(today, Some(first));
    assert_eq!(shown(all(date(2025, 10, 18))), "2025-10-18..2026-11-21");
    assert_eq!(shown(all(date(2027, 1, 1))), "2026-11-21..2026-11-21");
    assert!(all(date(1, 1, 1)).buckets(Bucket::Month).len() < 700);
}

#[test]
fn today_is_the_zones() {
    let now = "2026-11-20T18:20:00Z".parse().unwrap();
    assert_eq!(today(now, &zone("Europe/Rome")), date(2026, 11, 20));
    assert_eq!(today(now, &zone("Asia/Kathmandu")), date(2026, 11, 21));
}

#[test]
fn weeks_begin_on_monday_and_months_on_the_first_except_where_the_range_does() {
    let list = |days: Days, bucket| days.buckets(bucket).into_iter().map(shown).collect::<Vec<_>>();
    assert_eq!(
        list(days("2026-11-05", "2026-11-17"), Bucket::Week),
        ["2026-11-05..2026-11-08", "2026-11-09..2026-11-15", "2026-11-16..2026-11-17"]
    );
    assert_eq!(
        list(days("2026-01-31", "2026-03-01"), Bucket::Month),
        ["2026-01-31..2026-01-31", "2026-02-01..2026-02-28", "2026-03-01..2026-03-01"]
    );
    assert_eq!(list(days("2026-11-05", "2026-11-05"), Bucket::Day), ["2026-11-05..2026-11-05"]);
    for (count, bucket) in [
        (1, Bucket::Day),
        (31, Bucket::Day),
        (32, Bucket::Week),
        (180, Bucket::Week),
        (181, Bucket::Month),
    ] {
        let first = date(2026, 1, 1);
        assert_eq!(Bucket::of(Days::new(first, add(first, count - 1)).unwrap()), bucket, "{count}");
    }
}

#[test]
fn a_running_day_is_compared_up_to_the_same_time_of_day() {
    let rome = zone("Europe/Rome");
    let now = "2026-11-21T14:30:00+01:00".parse().unwrap();
    let week = Comparison::of(days("2026-11-15", "2026-11-21"), now, &rome).unwrap();
    assert_eq!(shown(week.days), "2026-11-08..2026-11-14");
    assert_eq!(shown(week.full.unwrap()), "2026-11-08..2026-11-13");
    let (day, window) = week.part.unwrap();
    assert_eq!(day, date(2026, 11, 14));
    assert_eq!(window.start(), "2026-11-14T00:00:00+01:00".parse().unwrap());
    assert_eq!(window.end(), "2026-11-14T14:30:00+01:00".parse().unwrap());

    let one = Comparison::of(days("2026-11-21", "2026-11-21"), now, &rome).unwrap();
    assert_eq!((one.full, one.part.unwrap().0), (None, date(2026, 11, 20)));
    let past = Comparison::of(days("2026-11-14", "2026-11-20"), now, &rome).unwrap();
    assert_eq!((past.full, past.part), (Some(days("2026-11-07", "2026-11-13")), None));
    let tomorrow = Comparison::of(days("2026-11-21", "2026-11-22"), now, &rome).unwrap();
    assert_eq!((tomorrow.full, tomorrow.part.unwrap().0), (None, date(2026, 11, 19)));
    assert!(tomorrow.touches(days("2026-11-19", "2026-11-19")));
    assert!(!tomorrow.touches(days("2026-11-20", "2026-11-20")));
    let ahead = Comparison::of(days("2026-11-22", "2026-11-22"), now, &rome).unwrap();
    assert_eq!((ahead.full, ahead.part), (None, None));
}

#[test]
fn at_midnight_nothing_of_today_has_passed() {
    let now = "2026-11-21T00:00:00+01:00".parse().unwrap();
    let week = Comparison::of(days("2026-11-15", "2026-11-21"), now, &zone("Europe/Rome")).unwrap();
    assert_eq!((week.full, week.part), (Some(days("2026-11-08", "2026-11-13")), None));
}

#[test]
fn the_same_time_of_day_exists_on_days_when_clocks_change() {
    let cut = |name: &str, today: &str, now: &str| {
        let days = days(today, today);
        let comparison = Comparison::of(days, now.parse().unwrap(), &zone(name)).unwrap();
        comparison.part.unwrap().1.end().to_string()
    };
    // 02:30 did not exist in Rome on 29 March 2026, and came twice in New York on 1 November.
    assert_eq!(
        cut("Europe/Rome", "2026-03-30", "2026-03-30T02:30:00+02:00"),
        "2026-03-29T01:30:00Z"
    );
    assert_eq!(
        cut("America/New_York", "2026-11-02", "2026-11-02T01:30:00-05:00"),
        "2026-11-01T05:30:00Z"
    );
    assert_eq!(
        cut("Asia/Kathmandu", "2026-11-21", "2026-11-21T00:45:00+05:45"),
        "2026-11-19T19:00:00Z"
    );
}

fn any_days() -> impl Strategy<Value = Days> {
    (0..5000_i32, 1..1200_i32).prop_map(|(first, count)| {
        let first = add(FIRST_DAY, first);
        Days::new(first, add(first, count - 1)).unwrap()
    })
}

fn any_bucket() -> impl Strategy<Value = Bucket> {
    prop_oneof![Just(Bucket::Day), Just(Bucket::Week), Just(Bucket::Month)]
}

proptest! {
    #[test]
    fn buckets_are_the_days_without_gap_or_overlap(days in any_days(), bucket in any_bucket()) {
        let buckets = days.buckets(bucket);
        prop_assert_eq!(buckets[0].first(), days.first());
        prop_assert_eq!(buckets[buckets.len() - 1].last(), days.last());
        prop_assert_eq!(buckets.iter().map(|b| b.count()).sum::<i32>(), days.count());
        for pair in buckets.windows(2) {
            prop_assert_eq!(pair[0].last().tomorrow().unwrap(), pair[1].first());
            match bucket {
                Bucket::Day => prop_assert_eq!(pair[0].count(), 1),
                Bucket::Week => prop_assert_eq!(pair[1].first().weekday(), Weekday::Monday),
                Bucket::Month => prop_assert_eq!(pair[1].first().day(), 1),
            }
        }
    }

    #[test]
    fn a_chart_has_few_points(days in any_days()) {
        prop_assert!(days.buckets(Bucket::of(days)).len() <= 41);
    }

    #[test]
    fn the_days_before_are_as_many_and_adjacent(days in any_days()) {
        let before = days.before().unwrap();
        prop_assert_eq!(before.count(), days.count());
        prop_assert_eq!(before.last().tomorrow().unwrap(), days.first());
    }

    /// As much is compared as has passed: whole days in full, the running one in part, no more.
    #[test]
    fn like_is_compared_with_like(
        second in 1_500_000_000_i64..1_900_000_000,
        back in -2..400_i32,
        count in 1..400_i32,
        zone in prop::sample::select(&ZONES[..]),
    ) {
        let zone = TimeZone::get(zone).unwrap();
        let now = Timestamp::from_second(second).unwrap();
        let today = today(now, &zone);
        let first = add(today, -back);
        let days = Days::new(first, add(first, count - 1)).unwrap();
        let comparison = Comparison::of(days, now, &zone).unwrap();
        prop_assert_eq!(comparison.days, days.before().unwrap());

        let passed = between(first, today).clamp(0, count);
        prop_assert_eq!(comparison.full.map_or(0, Days::count), passed);
        if let Some((day, window)) = comparison.part {
            prop_assert!(days.contains(today));
            prop_assert_eq!(between(comparison.days.first(), day), passed);
            prop_assert_eq!(super::today(window.start(), &zone), day);
            let before_start = Timestamp::from_second(window.start().as_second() - 1).unwrap();
            prop_assert!(super::today(before_start, &zone) < day, "it starts with the day");
            let last = Timestamp::from_nanosecond(window.end().as_nanosecond() - 1).unwrap();
            prop_assert_eq!(super::today(last, &zone), day);
            let length = window.end().duration_since(window.start()).as_secs();
            let elapsed = now.duration_since(today.to_zoned(zone.clone()).unwrap().timestamp());
            // One change of the clocks on either day at most: an hour each.
            prop_assert!((length - elapsed.as_secs()).abs() <= 7200, "{} {}", length, elapsed);
        } else if days.contains(today) {
            let start = today.to_zoned(zone.clone()).unwrap().timestamp();
            prop_assert!(now.duration_since(start).as_secs() <= 3600, "only at the day's start");
        }
    }
}

/// Zones whose clocks change at midnight, by half an hour, or skip a whole day.
#[test]
fn an_instant_lies_within_its_own_day_and_no_other() {
    for (name, from) in [
        ("Europe/Rome", "2026-03-01T00:00:00Z"),
        ("Asia/Kathmandu", "2026-03-01T00:00:00Z"),
        ("America/Sao_Paulo", "2017-10-01T00:00:00Z"),
        ("America/Havana", "2025-10-25T00:00:00Z"),
        ("Africa/Cairo", "2026-04-01T00:00:00Z"),
        ("Australia/Lord_Howe", "2026-04-01T00:00:00Z"),
        ("Pacific/Apia", "2011-12-01T00:00:00Z"),
    ] {
        let zone = TimeZone::get(name).unwrap();
        let mut at: Timestamp = from.parse().unwrap();
        for _ in 0..(365 * 96) {
            let day = today(at, &zone);
            let (start, end) = Days::new(day, day).unwrap().instants(&zone);
            assert!(start <= at && at < end, "{at} is on {day} in {name}: {start} to {end}");
            let (before, _) = Days::new(day.yesterday().unwrap(), day).unwrap().instants(&zone);
            assert!(before <= start, "{name} {day}");
            at += 15.minutes();
        }
    }
}
