mod circles;

use super::{narrow::WINDOWS_MAX, *};

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(1_780_000_000_000 + ms).unwrap()
}

fn facts(span: Option<(i64, i64)>, next: Option<&Cursor>) -> PageFacts<'_> {
    let span = span.map(|(first, last)| (at(first), at(last)));
    PageFacts { span, rows: 2, has_anonymous: true, next }
}

/// A stream that has read everything up to `now`.
fn at_rest(now: Timestamp) -> Stream {
    let mut stream = Stream::default();
    stream.open_pulse(now, None, None);
    stream.read_page(0, &facts(None, None));
    stream
}

fn cursor(n: u32) -> Cursor {
    Cursor::new(&format!("c{n}")).unwrap()
}

#[test]
fn nothing_is_complete_until_the_history_is_read() {
    let mut stream = Stream::default();
    stream.open_pulse(at(0), None, None);
    assert_eq!(stream.watermark(), None);
    assert_eq!(stream.read_page(0, &facts(Some((5, 9)), Some(&cursor(1)))), PageVerdict::More);
    assert_eq!(stream.cursor(), Some(&cursor(1)));
    assert_eq!(stream.watermark(), None);
    assert_eq!(stream.read_page(0, &facts(Some((1, 4)), None)), PageVerdict::Closed);
    assert_eq!(stream.watermark(), Some(at(0)));
}

#[test]
fn a_pulse_comes_before_an_unfinished_history_and_does_not_hide_it() {
    let mut stream = Stream::default();
    stream.open_pulse(at(0), None, None);
    stream.read_page(0, &facts(None, Some(&cursor(1))));
    stream.open_pulse(at(600_000), None, None);
    let next = stream.next().unwrap();
    assert_eq!(stream.windows[next].purpose, Purpose::Pulse);
    stream.read_page(next, &facts(None, None));
    assert_eq!(stream.watermark(), None);
    assert_eq!(stream.cursor(), Some(&cursor(1)));
}

#[test]
fn an_unfinished_pulse_holds_the_watermark_where_it_was() {
    let mut stream = at_rest(at(0));
    stream.open_pulse(at(600_000), None, None);
    assert_eq!(stream.watermark(), Some(at(0)));
    stream.read_page(0, &facts(None, Some(&cursor(1))));
    stream.open_pulse(at(1_200_000), None, None);
    assert_eq!(stream.windows.len(), 1);
    stream.read_page(0, &facts(None, None));
    assert_eq!(stream.watermark(), Some(at(600_000)));
}

#[test]
fn a_clock_that_went_back_opens_nothing_and_loses_nothing() {
    let mut stream = at_rest(at(3_600_000));
    stream.open_pulse(at(0), None, None);
    assert_eq!(stream.watermark(), Some(at(3_600_000)));
    assert!(stream.windows.is_empty());
}

#[test]
fn nothing_after_the_platforms_time_counts_as_read() {
    let mut stream = at_rest(at(0));
    stream.open_pulse(at(1_200_000), None, None);
    stream.note_time(at(600_000));
    stream.read_page(0, &facts(None, None));
    assert_eq!(stream.watermark(), Some(at(600_000)));
    // A clock that is right is between two of the platform's seconds.
    stream.open_pulse(at(700_400), None, None);
    stream.note_time(at(700_000));
    assert_eq!(stream.read_to, Some(at(700_400)));
    stream.read_page(0, &facts(None, None));
    // In the same second, by a wrong clock: nothing goes back.
    stream.open_pulse(at(9_000_000), None, None);
    stream.note_time(at(700_000));
    stream.read_page(0, &facts(None, None));
    assert_eq!(stream.watermark(), Some(at(700_400)));
}

#[test]
fn what_a_clock_ahead_took_for_read_is_asked_for_again() {
    let mut stream = at_rest(at(3_600_000));
    assert!(stream.is_ahead_of(at(600_000)) && !stream.is_ahead_of(at(3_600_000)));
    stream.open_end();
    assert_eq!(stream.windows[0].window.end(), at(3_600_000));
    stream.note_time(at(600_000));
    stream.read_page(0, &facts(None, None));
    assert_eq!(stream.watermark(), Some(at(601_000)), "its second is not over");
    stream.open_pulse(at(700_000), Some(at(600_000)), None);
    let depth = at(601_000).duration_since(stream.windows[0].window.start()).as_secs();
    assert_eq!(depth, LOOK_BACK_SECONDS_MAX);
}

#[test]
fn a_first_history_is_no_older_for_a_clock_that_is_ahead() {
    let mut stream = Stream::default();
    stream.open_pulse(at(600_000), None, None);
    stream.note_time(at(0));
    stream.read_page(0, &facts(None, None));
    assert_eq!(stream.watermark(), Some(at(0)));
}

#[test]
fn a_pulse_looks_back_as_far_as_is_free_and_deeper_when_it_is_time() {
    let minutes = |n: i64| n * 60_000;
    let mut stream = at_rest(at(0));
    let mut start_of_pulse = |now: i64, reach: Option<i64>| {
        stream.open_pulse(at(now), reach.map(at), None);
        let start = stream.windows[0].window.start();
        stream.read_page(0, &facts(None, None));
        at(0).duration_since(start).as_secs()
    };
    let hour = 3_600;
    assert_eq!(start_of_pulse(minutes(5), Some(-1_000)), 900, "a busy creator: the overlap");
    assert_eq!(start_of_pulse(minutes(10), Some(-minutes(120))), 2 * hour, "what fits a page");
    assert_eq!(start_of_pulse(minutes(15), None), 97 * hour - 600, "all fits: as far as it goes");
    assert_eq!(start_of_pulse(minutes(20), Some(-1_000)), 1, "the deep look was done on the way");
    assert_eq!(start_of_pulse(minutes(80), Some(-1_000)), 6 * hour - 1200, "hourly");
    assert_eq!(start_of_pulse(minutes(24 * 60 + 80), Some(-1_000)), 97 * hour - 4800, "daily");
}

#[test]
fn rows_that_were_seen_later_than_three_days_deepen_the_daily_look() {
    let day = 24 * 3_600;
    let mut stream = at_rest(at(0));
    stream.note_late(SignedDuration::from_secs(10 * day));
    let depth = |stream: &mut Stream, days: i64| {
        let read_to = stream.read_to.unwrap();
        stream.open_pulse(at(days * day * 1_000), Some(at(days * day * 1_000)), None);
        let start = stream.windows[0].window.start();
        stream.read_page(0, &facts(None, None));
        read_to.duration_since(start).as_secs() / day
    };
    assert_eq!(depth(&mut stream, 2), 15);
    let mut faded = 15;
    for days in 2..60 {
        faded = depth(&mut stream, days * 2);
    }
    assert_eq!(faded, 4, "an old lateness fades");
}

#[test]
fn a_pulse_reaches_to_where_something_is_known_to_have_changed() {
    let mut stream = at_rest(at(0));
    stream.open_pulse(at(600_000), Some(at(0)), Some(at(-86_400_000)));
    assert_eq!(stream.windows[0].window.start(), at(-86_400_000));
}

#[test]
fn reversals_listed_apart_hold_the_watermark_until_they_are_read_too() {
    let mut stream = at_rest(at(0));
    stream.open_reversals(at(0));
    assert_eq!(stream.watermark(), Some(at(0)), "what was complete stays so");
    stream.open_pulse(at(300_000), None, None);
    let pulse = stream.next().unwrap();
    stream.read_page(pulse, &facts(None, None));
    assert_eq!(stream.watermark(), Some(at(0)), "but goes no further before they are read");
    stream.read_page(0, &facts(None, None));
    assert_eq!(stream.watermark(), Some(at(300_000)));
    stream.open_reversals(at(600_000));
    assert_eq!(stream.windows[0].feed, Feed::Reversals);
    assert_eq!(stream.windows[0].purpose, Purpose::Pulse);
}

/// A pulse of reversals that had to wait kept the next one away, while the sales were read on.
#[test]
fn new_ground_is_asked_for_reversals_while_older_is_still_being_read() {
    let ids = at_rest(at(0));
    for pages_of_the_older in [0, 1] {
        let mut stream = ids.clone();
        stream.open_reversals(at(0));
        stream.read_page(0, &facts(None, None));
        stream.open_reversals(at(300_000));
        if pages_of_the_older == 1 {
            stream.read_page(0, &facts(None, Some(&cursor(1))));
        }
        stream.open_pulse(at(600_000), None, None);
        stream.open_reversals(at(600_000));
        assert_eq!(stream.windows.len(), 2 + pages_of_the_older);
        let sales = stream.windows.iter().position(|open| open.feed == Feed::Earnings).unwrap();
        stream.read_page(sales, &facts(None, None));
        assert_eq!(stream.watermark(), Some(at(0)));
        while !stream.windows.is_empty() {
            stream.read_page(0, &facts(None, None));
        }
        assert_eq!(stream.watermark(), Some(at(600_000)));
        let before = stream.watermark();
        stream.open_reversals(at(900_000));
        assert_eq!(stream.watermark(), before, "as-of never goes back");
    }
}

/// Sales and reversals came in one feed for a while: what is known so far stays known.
#[test]
fn as_of_stays_where_it_is_when_reversals_are_listed_apart_again() {
    let mut stream = at_rest(at(0));
    stream.open_reversals(at(0));
    stream.read_page(0, &facts(None, None));
    stream.open_pulse(at(600_000), None, None);
    stream.read_page(0, &facts(None, None));
    stream.open_pulse(at(900_000), None, None);
    stream.open_reversals(at(900_000));
    assert_eq!(stream.watermark(), Some(at(600_000)));
}

#[test]
fn an_instant_on_two_pages_is_read_again_as_a_whole() {
    let mut stream = Stream::default();
    stream.open_pulse(at(100), None, None);
    stream.read_page(0, &facts(Some((50, 90)), Some(&cursor(1))));
    stream.read_page(0, &facts(Some((20, 50)), None));
    let narrow = &stream.windows[0];
    assert_eq!(narrow.purpose, Purpose::Narrow);
    assert_eq!((narrow.window.start(), narrow.window.end()), (at(50), at(51)));
    assert_eq!(stream.watermark(), Some(at(50)));
    assert_eq!(stream.read_page(0, &facts(Some((50, 50)), None)), PageVerdict::Closed);
    assert_eq!(stream.watermark(), Some(at(100)));
}

#[test]
fn rows_with_ids_need_no_second_look() {
    let mut stream = Stream::default();
    stream.open_pulse(at(100), None, None);
    let next = cursor(1);
    let named = |span, next| PageFacts { has_anonymous: false, ..facts(Some(span), next) };
    stream.read_page(0, &named((50, 90), Some(&next)));
    stream.read_page(0, &named((20, 60), None));
    assert!(stream.windows.is_empty());
}

#[test]
fn narrow_reads_that_touch_are_one_and_their_number_is_bounded() {
    let mut stream = Stream::default();
    stream.open_pulse(at(1_000_000), None, None);
    for page in 0..200_u32 {
        let i = stream.windows.iter().position(|w| w.purpose == Purpose::History).unwrap();
        let top = 1_000_000 - i64::from(page) * 1_000;
        let verdict =
            stream.read_page(i, &facts(Some((top - 1_000, top)), Some(&cursor(page + 1))));
        assert_eq!(verdict, PageVerdict::More);
        assert!(stream.windows.len() <= WINDOWS_MAX + 1);
    }
}

#[test]
fn a_dense_span_is_cut_in_half_down_to_one_instant() {
    let window = Window::new(at(0), at(4)).unwrap();
    let mut stream = Stream::default();
    stream.open(Purpose::Narrow, Feed::Earnings, window, at(0));
    assert!(stream.split(0));
    assert_eq!(stream.windows.len(), 2);
    assert!(stream.split(0));
    assert!(!stream.split(1), "one millisecond can't be cut");
}

#[test]
fn a_stream_survives_its_json() {
    let mut stream = Stream::default();
    stream.open_pulse(at(100), None, None);
    stream.read_page(0, &facts(Some((50, 90)), Some(&cursor(1))));
    let text = serde_json::to_string(&stream).unwrap();
    assert_eq!(serde_json::from_str::<Stream>(&text).unwrap(), stream);
}
