//! Courses of jobs, drawn from seeds and followed request by request (tests/it/jobs/backfills.rs draws the same):
//! what was foretold in the middle of them.

use super::*;
use crate::progress::{SpoiltWindows, seconds_left};

/// The error that a forecast may have after a tenth of the time, in per mille of all of it.
const ERROR_MAX: i64 = 100;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + seconds).unwrap()
}

/// The end that is foretold then to who comes once a minute: requests, rows and what is left; the bucket's limit,
/// what is left in it and until when; and what a 429 spoilt.
fn end_after_429(
    now: i64,
    (requests, pass, left): (u64, u64, u64),
    (limit, remaining, ends_at): (u32, u32, i64),
    spoilt: Option<SpoiltWindows>,
) -> i64 {
    let part = Part {
        requests,
        read: pass,
        pass,
        left: Some(left),
        begun_at: Some(at(0)),
        pauses: now.unsigned_abs() / 60 + 1,
        paced: Some((pass, at(now + 10))),
        spoilt,
        allowance: Some(Allowance { limit, remaining, window_ends_at: at(ends_at) }),
        ..Part::default()
    };
    now + seconds_left(&[part], at(now)).unwrap()
}

/// A tick a minute reads 98 pages through a bucket of 7: five and news in each window. The fifth is cut short
/// by a 429, and the tick after it comes a second too early for the sixth: seconds since the job began,
/// requests, rows, what is left in the bucket, and how much of the time was spoilt.
#[test]
fn a_429_is_an_accident_to_who_comes_once_a_minute_too() {
    let looks: [(i64, u64, u64, u32, i64); 9] = [
        (180, 24, 1_050, 1, 0),
        (240, 26, 1_050, 0, 60),
        (300, 26, 1_050, 0, 60),
        (360, 32, 1_300, 1, 119),
        (420, 37, 1_500, 2, 119),
        (480, 43, 1_750, 1, 119),
        (600, 55, 2_250, 1, 119),
        (840, 79, 3_250, 1, 119),
        (1_200, 115, 4_750, 1, 119),
    ];
    for (now, requests, pass, remaining, seconds) in looks {
        let ends_at = if now == 300 { 301 } else { now + 61 };
        let spoilt = SpoiltWindows { seconds, requests: 2, until: at(301) };
        let course = (requests, pass, 4_900 - pass);
        let end =
            end_after_429(now, course, (7, remaining, ends_at), (0 < seconds).then_some(spoilt));
        assert!((end - 1_260).abs() * 1000 / 1_260 <= ERROR_MAX, "{end} of 1260 after {now}");
    }
}

/// The same through a bucket of 9, of which two ticks had next to nothing: requests, rows, what is left, and what
/// is left in the bucket. It took 1140 s.
#[test]
fn two_windows_that_a_429_took_are_not_expected_again() {
    let looks: [(i64, u64, u64, u64, u32); 4] = [
        (300, 34, 1_450, 4_841, 1),
        (360, 41, 1_750, 4_525, 2),
        (420, 49, 2_100, 4_187, 1),
        (600, 73, 3_150, 3_151, 1),
    ];
    for (now, requests, pass, left, remaining) in looks {
        let spoilt = SpoiltWindows { seconds: 119, requests: 2, until: at(241) };
        let end =
            end_after_429(now, (requests, pass, left), (9, remaining, now + 61), Some(spoilt));
        assert!((end - 1_140).abs() * 1000 / 1_140 <= ERROR_MAX, "{end} of 1140 after {now}");
    }
}

/// Histories of one bucket: requests and rows of each, what is left, pauses, and when it ended.
type Crowd<'a> = &'a [(u64, u64, u64, u64, Option<i64>)];

/// The end that is foretold of them then.
fn end_of(crowd: Crowd<'_>, now: i64, (limit, remaining): (u32, u32)) -> i64 {
    let part = |&(requests, pass, left, pauses, ended): &(u64, u64, u64, u64, Option<i64>)| Part {
        requests,
        read: pass,
        pass,
        left: Some(left),
        begun_at: Some(at(0)),
        ended_at: ended.map(at),
        pauses,
        paced: Some((pass, at(now + 10))).filter(|_| ended.is_none()),
        allowance: Some(Allowance { limit, remaining, window_ends_at: at(now + 61) }),
        ..Part::default()
    };
    let parts: Vec<_> = crowd.iter().map(part).collect();
    now + seconds_left(&parts, at(now)).unwrap()
}

/// Twelve keep requests of each other: three windows brought 11 of 18. Who is left alone, and has a tick a
/// minute, reads with all but the fifth that is left to news. It took 1620 s.
#[test]
fn who_is_left_alone_reads_with_what_was_kept_for_others() {
    let short = (1, 50, 0, 0, Some(0));
    let crowd = [
        (4, 100, 12_500, 4, None),
        (4, 100, 136, 3, None),
        (5, 150, 68, 4, None),
        (4, 100, 467, 4, None),
        (9, 350, 397, 4, None),
        (10, 400, 400, 3, None),
        (8, 350, 286, 4, None),
        (2, 100, 0, 1, Some(60)),
        (1, 50, 0, 3, Some(180)),
        short,
        short,
        short,
    ];
    let end = end_of(&crowd, 180, (18, 5));
    assert!((end - 1_620).abs() * 1000 / 1_620 <= ERROR_MAX, "{end}");
}

/// A request that failed left a tick a minute without the window after 420 s, and two more took requests. It
/// took 1560 s.
#[test]
fn a_window_that_a_failure_took_is_not_expected_again() {
    for (now, course, remaining) in [
        (420, (43, 1_750, 4_542, 8, None), 0),
        (480, (49, 1_900, 4_390, 9, None), 1),
        (540, (54, 2_100, 4_188, 10, None), 2),
        (600, (60, 2_350, 3_947, 11, None), 1),
        (840, (84, 3_350, 2_940, 15, None), 1),
    ] {
        let end = end_of(&[course], now, (7, remaining));
        assert!((end - 1_560).abs() * 1000 / 1_560 <= ERROR_MAX, "{end} of 1560 after {now}");
    }
}

/// The first of six takes most of each window, so that the others ask for news and have no page: they will be
/// there till the end. It took 1440 s.
#[test]
fn who_has_no_turn_is_not_taken_to_have_one() {
    let none = |left| (5, 100, left, 9, None);
    let done = (2, 100, 0, 0, Some(0));
    let crowd = [(43, 1_800, 7_956, 9, None), none(745), none(487), none(82), done, done];
    let end = end_of(&crowd, 240, (14, 4));
    assert!((end - 1_440).abs() * 1000 / 1_440 <= ERROR_MAX, "{end}");
}

/// Schedules come every five, ten or fifteen minutes, and each time a history is read until a fifth of its bucket
/// is left: five pages and news of seven requests. So 98 pages take twenty ticks.
#[test]
fn ticks_of_a_schedule_are_foretold_as_well_as_those_of_a_minute() {
    for every in [300, 600, 900] {
        let total = 19 * every;
        for n in 2..19_u64 {
            let now = i64::try_from(n).unwrap() * every;
            let pass = 250 * (n + 1);
            let end = end_of(&[(6 * (n + 1), pass, 4_900 - pass, n + 1, None)], now, (7, 1));
            assert!(
                (end - total).abs() * 1000 / total <= ERROR_MAX,
                "{end} of {total} after {now}"
            );
        }
    }
}
