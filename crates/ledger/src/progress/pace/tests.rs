//! Jobs as they stood after some of their time: what was foretold of the rest.

use super::*;
use crate::progress::PAGE_ROWS;

/// The error that a forecast may have after a tenth of the time, in per mille of all of it.
const ERROR_MAX: i64 = 100;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + seconds).unwrap()
}

#[test]
fn requests_in_bursts_are_paced_by_whole_pauses() {
    let part = |read, paced| Part {
        requests: read / PAGE_ROWS,
        read,
        pass: read,
        left: Some(10_000 - read),
        begun_at: Some(at(0)),
        paced,
        ..Part::default()
    };
    // A thousand rows a minute, all of them in its first second.
    let told = |read, paced, now| seconds_left(&[part(read, paced)], at(now));
    assert_eq!(told(2_000, Some((2_000, at(120))), 61), Some(600 - 61));
    assert_eq!(told(2_500, Some((2_000, at(120))), 121), Some(600 - 121));
    assert_eq!(told(0, None, 5), None, "nothing was read yet");
}

#[test]
fn what_is_allowed_bounds_a_pace_that_was_measured_in_a_burst() {
    let allowance = Allowance { limit: 20, remaining: 4, window_ends_at: at(60) };
    let part = Part {
        requests: 16,
        read: 800,
        pass: 800,
        left: Some(11_200),
        begun_at: Some(at(0)),
        allowance: Some(allowance),
        ..Part::default()
    };
    // 224 pages: 4 in this window, then 19 in each, for news take one.
    assert_eq!(seconds_left(&[part], at(1)), Some(59 + 220 * 60 / 19));
    let suffices_at = |left, now| {
        let part = Part { left: Some(left), ..part };
        Bucket::of(&[&part], at(now)).unwrap().suffices_at()
    };
    assert_eq!(suffices_at(200, 1), Some(at(1)));
    assert_eq!(suffices_at(250, 1), Some(at(60)));
    let unbegun = Part { requests: 0, begun_at: None, left: Some(1_000), ..part };
    let suffices_at = Bucket::of(&[&unbegun], at(100)).unwrap().suffices_at();
    assert_eq!(suffices_at, Some(at(100)), "a full one");
}

/// A history of 12,000 rows through a bucket of 20 a minute, while news of a busy hour are read beside it:
/// seconds since it began, requests sent, rows of the history read.
fn looks_foretell(looks: &[(i64, u64, u64)], total: i64, bucket: impl Fn(i64) -> (u32, i64, i64)) {
    for &(now, requests, pass) in looks {
        let (remaining, window_ends_at, paused_until) = bucket(now);
        let read = requests * PAGE_ROWS;
        let allowance = Allowance { limit: 20, remaining, window_ends_at: at(window_ends_at) };
        let part = Part {
            requests,
            read,
            pass,
            left: Some(12_000 - pass),
            begun_at: Some(at(0)),
            paced: Some((read, at(paused_until))),
            allowance: Some(allowance),
            ..Part::default()
        };
        let end = now + seconds_left(&[part], at(now)).unwrap();
        let error = (end - total).abs() * 1000 / total;
        assert!(now * 10 < total || error <= ERROR_MAX, "{end} of {total} after {now}");
    }
}

/// Measured: what is kept for news stays in the bucket, for no tick comes late in a window.
#[test]
fn ticks_once_a_minute_are_foretold_by_what_windows_brought_them() {
    let looks = [
        (0, 16, 800),
        (60, 32, 1_100),
        (120, 48, 1_500),
        (180, 64, 2_000),
        (240, 80, 2_600),
        (300, 96, 3_300),
        (360, 112, 4_050),
        (420, 128, 4_800),
        (480, 144, 5_550),
        (540, 160, 6_300),
        (600, 176, 7_050),
        (660, 192, 7_800),
        (720, 208, 8_550),
        (780, 224, 9_300),
        (840, 240, 10_050),
        (900, 256, 10_800),
        (960, 272, 11_550),
    ];
    looks_foretell(&looks, 1_020, |now| (4, now + 61, now + 10));
}

/// The same where a tick comes every ten seconds and takes the rest of each window too.
#[test]
fn ticks_that_use_whole_windows_are_foretold_by_them() {
    let looks = [
        (50, 20, 1_000),
        (110, 40, 1_500),
        (230, 73, 2_650),
        (290, 91, 3_450),
        (350, 110, 4_350),
        (410, 130, 5_300),
        (470, 150, 6_250),
        (530, 170, 7_200),
        (590, 190, 8_150),
        (650, 210, 9_100),
        (710, 230, 10_050),
        (770, 250, 11_000),
        (830, 270, 11_950),
    ];
    looks_foretell(&looks, 850, |now| (0, now / 60 * 60 + 61, now / 60 * 60 + 61));
}

#[test]
fn who_comes_seldom_has_no_more_than_that_of_a_bucket() {
    let part = |requests, left| Part {
        requests,
        read: requests * PAGE_ROWS,
        pass: requests * PAGE_ROWS,
        left: Some(left),
        begun_at: Some(at(0)),
        ..Part::default()
    };
    let bucket = |part: &Part, remaining, window_ends_at, now| {
        let allowance = Allowance { limit: 20, remaining, window_ends_at: at(window_ends_at) };
        let part = Part { allowance: Some(allowance), ..*part };
        let parts = [&part];
        let bucket = Bucket::of(&parts, at(now)).unwrap();
        (bucket.granted().unwrap(), bucket.suffices_at().unwrap())
    };
    // Every five minutes 16: ten windows brought 32.
    assert_eq!(bucket(&part(48, 50), 4, 661, 600), (3_200, at(661)));
    let slow = bucket(&part(48, 5_000), 4, 661, 600).1;
    assert!((at(661 + 1_800)..at(661 + 2_200)).contains(&slow), "{slow}");
    assert_eq!(bucket(&part(16, 50), 4, 61, 10).0, 20_000, "no window is over");
    assert_eq!(bucket(&part(90, 50), 10, 185, 130).0, 20_000, "never more than is allowed");
    assert_eq!(bucket(&part(16, 50), 20, 121, 62).0, 16_800, "one window tells most");
    assert_eq!(bucket(&part(16, 50), 4, 661, 610).0, 1, "never none");
}

/// One history alone, at so many requests and rows of the pass through a bucket of 9, when a window is empty.
fn of_nine(requests: u64, pass: u64, left: u64, spoilt: SpoiltWindows) -> Part {
    let allowance = Allowance { limit: 9, remaining: 0, window_ends_at: spoilt.until };
    Part {
        requests,
        read: pass,
        pass,
        left: Some(left),
        begun_at: Some(at(0)),
        paced: Some((pass, spoilt.until)),
        spoilt: Some(spoilt),
        allowance: Some(allowance),
        ..Part::default()
    }
}

/// Measured: the second window brought a page, and then a 429; the job took 860 s.
#[test]
fn a_window_that_a_429_cut_short_says_little_of_those_to_come() {
    let spoilt = SpoiltWindows { seconds: 60, requests: 3, until: at(121) };
    for now in [80, 100, 120] {
        let left = seconds_left(&[of_nine(12, 500, 5_100, spoilt)], at(now)).unwrap();
        assert!((now + left - 860).abs() * 1000 / 860 <= ERROR_MAX, "{left} s after {now}");
    }
}

#[test]
fn who_is_told_429_in_most_windows_reads_no_faster_in_those_to_come() {
    let spoilt = SpoiltWindows { seconds: 480, requests: 24, until: at(541) };
    let left = seconds_left(&[of_nine(33, 1_500, 3_000, spoilt)], at(500)).unwrap();
    // 60 pages, hardly three in a window.
    assert!((1_100..1_500).contains(&left), "{left} s");
}

#[test]
fn who_is_done_asks_for_news_no_more() {
    let part = |requests, pass, left| Part {
        requests,
        read: pass,
        pass,
        left: Some(left),
        begun_at: Some(at(0)),
        paced: Some((pass, at(181))),
        allowance: Some(Allowance { limit: 12, remaining: 0, window_ends_at: at(181) }),
        ..Part::default()
    };
    // Six took a request each of each window for news, and now one is left with 11 of 12 for itself.
    let mut parts = vec![part(6, 150, 0); 5];
    parts.push(part(6, 150, 11 * 20 * PAGE_ROWS));
    let left = seconds_left(&parts, at(180)).unwrap();
    assert!((1_180..1_260).contains(&left), "{left} s");
}

#[test]
fn those_that_share_a_bucket_take_turns_and_others_go_on_side_by_side() {
    let part = |bucket, left| Part {
        bucket,
        requests: 10,
        read: 500,
        pass: 500,
        left: Some(left),
        begun_at: Some(at(0)),
        ..Part::default()
    };
    let shared = [part(0, 500), part(0, 3_500)];
    let own = [part(0, 500), part(1, 3_500)];
    assert_eq!(seconds_left(&shared, at(100)), Some(400));
    assert_eq!(seconds_left(&own, at(100)), Some(700), "the larger one goes on alone");
    assert_eq!(seconds_left(&[part(0, 0), part(1, 0)], at(100)), Some(0));
    let unknown = Part { left: None, ..part(0, 0) };
    assert_eq!(seconds_left(&[part(1, 5), unknown], at(100)), None);
}
