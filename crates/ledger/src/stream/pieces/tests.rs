use jiff::SignedDuration;

use super::*;
use crate::{
    Cursor, Feed, PROOF_WINDOWS_MAX, PageFacts, PageVerdict,
    stream::doubts::{DOUBTS_MAX, LOOKS_MAX},
};

const NIGHT: i64 = 1_780_000_000;

fn at(s: i64) -> Timestamp {
    Timestamp::from_second(NIGHT + s).unwrap()
}

/// A stream at rest of which the proof reads the whole history again.
fn proved() -> Stream {
    let mut stream = Stream::default();
    stream.open_pulse(at(0), None, None);
    stream.windows.clear();
    stream.open_proof(Feed::Earnings, Window::new(HISTORY_START, at(0)).unwrap());
    stream
}

/// A history with a row every minute, so many of them.
fn ahead(rows: i64, end: Timestamp) -> RowsAhead {
    let left = rows - (NIGHT - end.as_second()) / 60;
    let reach = (PIECE_ROWS <= left).then(|| end - SignedDuration::from_secs(60 * PIECE_ROWS));
    RowsAhead { rows: left.min(PIECE_ROWS + REST_ROWS), reach }
}

/// Reads the window at `index` in two pages of so many rows; returns it as it was before the last one.
fn read(stream: &mut Stream, index: usize, rows: usize) -> OpenWindow {
    let window = stream.windows[index].window;
    let start = window.start();
    let next = Cursor::new("next").unwrap();
    let mut page = PageFacts {
        span: Some((start + SignedDuration::from_secs(7), window.end())),
        rows: rows / 2,
        has_anonymous: false,
        next: Some(&next),
    };
    assert_eq!(stream.read_page(index, &page), PageVerdict::More);
    let open = stream.windows[index].clone();
    page.span = Some((start, start));
    (page.rows, page.next) = (rows - rows / 2, None);
    assert_eq!(stream.read_page(index, &page), PageVerdict::Closed);
    open
}

#[test]
fn a_history_is_read_in_pieces_that_lie_side_by_side_and_fit_into_a_commit() {
    for (rows, pieces) in [(0, 1), (1, 1), (589, 1), (590, 2), (2_000, 4), (100_000, 204)] {
        let mut stream = proved();
        let watermark = stream.watermark();
        let (mut end, mut read_rows, mut count) = (at(0), 0, 0);
        while let Some(index) = stream.next() {
            assert!(stream.windows[index].is_uncut());
            let found = ahead(rows, end);
            stream.cut_piece(index, found);
            let piece = stream.windows[index].clone();
            assert!(!piece.is_uncut() && piece.is_proof() && piece.is_of_history());
            assert_eq!(piece.window.end(), end, "{rows}");
            assert_eq!((stream.next(), stream.watermark()), (Some(index), watermark));
            let booked = piece.piece.unwrap().booked;
            assert!(booked <= PIECE_ROWS + REST_ROWS);
            read(&mut stream, index, usize::try_from(booked).unwrap());
            (end, read_rows, count) = (piece.window.start(), read_rows + booked, count + 1);
            if let Some(pass) = stream.history_pass() {
                assert_eq!(i64::try_from(pass.rows).unwrap(), read_rows, "progress goes on");
                assert_eq!(pass.seen, Some((end, at(0))));
            }
        }
        assert_eq!((end, read_rows, count), (HISTORY_START, rows, pieces));
    }
}

/// What an older system's rows are worth is decided by all of it: see `unproven`.
#[test]
fn a_history_is_read_when_its_last_piece_is() {
    for rows in [40, 2_000] {
        let mut stream = proved();
        let mut told = vec![];
        while let Some(index) = stream.next() {
            let end = stream.windows[index].window.end();
            stream.cut_piece(index, ahead(rows, end));
            let booked = usize::try_from(stream.windows[index].piece.unwrap().booked).unwrap();
            let open = read(&mut stream, index, booked);
            let (before, last) = (open.pass.rows, booked - booked / 2);
            let read = usize::try_from(before).unwrap() + last;
            told.push(stream.history_read(&open, read));
            stream = serde_json::from_str(&serde_json::to_string(&stream).unwrap()).unwrap();
        }
        let whole = Window::new(HISTORY_START, at(0)).unwrap();
        let rows = usize::try_from(rows).unwrap();
        assert_eq!(told.pop(), Some(Some((whole, rows))));
        assert!(told.iter().all(Option::is_none), "{told:?}");
    }
}

#[test]
fn a_history_with_a_part_that_is_still_to_be_read_is_not_read() {
    let mut stream = proved();
    stream.cut_piece(0, ahead(2_000, at(0)));
    assert!(stream.split(0));
    while let Some(index) = stream.windows.iter().position(|open| open.is_rest()) {
        if stream.windows[index].is_uncut() {
            let end = stream.windows[index].window.end();
            stream.cut_piece(index, ahead(2_000, end));
        }
        let open = read(&mut stream, index, 100);
        assert_eq!(stream.history_read(&open, 100), None, "two halves are left");
    }
    assert_eq!(stream.windows.len(), 2);
    for _ in 0..2 {
        let open = read(&mut stream, 0, 100);
        assert_eq!(stream.history_read(&open, 100), None);
    }
}

/// A first history, and one that an earlier build began to read again.
#[test]
fn a_history_that_was_not_cut_is_read_with_its_window() {
    let mut stream = Stream::default();
    stream.open_pulse(at(0), None, None);
    let open = read(&mut stream, 0, 90);
    assert_eq!(stream.history_read(&open, 90), Some((open.window, 90)));
    let mut stream = proved();
    let open = read(&mut stream, 0, 90);
    assert_eq!(stream.history_read(&open, 90), Some((open.window, 90)));
    let again = Some(Piece { booked: 90, looks: 1 });
    assert_eq!(stream.history_read(&OpenWindow { piece: again, ..open }, 90), None);
}

#[test]
fn a_piece_is_cut_at_a_whole_second_and_parts_no_instant() {
    let mut stream = proved();
    let reach = at(-5_000) + SignedDuration::from_millis(617);
    stream.cut_piece(0, RowsAhead { rows: PIECE_ROWS + REST_ROWS, reach: Some(reach) });
    let (piece, rest) = (&stream.windows[0], &stream.windows[1]);
    assert_eq!((piece.window.start(), rest.window.end()), (at(-5_000), at(-5_000)));
    assert!(piece.window.contains(reach));
    assert_eq!(rest.window.start(), HISTORY_START);
}

#[test]
fn a_pass_that_was_begun_before_and_other_windows_are_not_cut() {
    let mut stream = proved();
    stream.open_proof(Feed::Earnings, Window::new(at(-90_000), at(-3_600)).unwrap());
    stream.open_proof(Feed::Reversals, Window::new(HISTORY_START, at(0)).unwrap());
    stream.open_pulse(at(600), None, None);
    let cut = |stream: &Stream| stream.windows.iter().map(OpenWindow::is_uncut).collect::<Vec<_>>();
    assert_eq!(cut(&stream), [true, false, false, false]);
    stream.windows[0].pass.pages = 1;
    assert_eq!(cut(&stream), [false; 4]);
    stream.restart(0);
    assert_eq!(cut(&stream), [true, false, false, false]);
}

#[test]
fn a_piece_that_lacks_rows_is_looked_at_again_after_an_hour_and_not_for_ever() {
    let mut stream = proved();
    stream.cut_piece(0, ahead(2_000, at(0)));
    let window = stream.windows[0].window;
    let mut open = read(&mut stream, 0, 489);
    assert_eq!((open.lacking(489), open.lacking(490)), (1, 0));
    stream.windows.clear();
    let mut now = 0;
    for look in 1..=LOOKS_MAX {
        stream.doubt(&open, 1, at(now));
        stream.open_doubts(at(now + 3_599));
        assert_eq!((stream.windows.len(), stream.history_pass()), (0, None));
        stream = serde_json::from_str(&serde_json::to_string(&stream).unwrap()).unwrap();
        now += 3_600;
        stream.open_doubts(at(now));
        assert_eq!(stream.windows.len(), 1, "look {look}");
        assert_eq!((stream.windows[0].window, stream.windows[0].is_proof()), (window, true));
        assert_eq!(stream.history_pass(), None, "it is no history that anybody waits for");
        assert_eq!(stream.watermark(), Some(at(0)));
        open = read(&mut stream, 0, 489);
    }
    stream.doubt(&open, 1, at(now));
    stream.open_doubts(at(now + 1_000_000));
    assert!(stream.windows.is_empty());
}

/// Rows that are no sales, or lie at its edges, may be as many as those that it lacks.
#[test]
fn a_look_that_was_broken_off_is_repeated_whatever_it_showed() {
    let mut stream = proved();
    stream.cut_piece(0, ahead(2_000, at(0)));
    let mut open = read(&mut stream, 0, 490);
    stream.windows.clear();
    stream.doubt_broken(&open, 490, at(0));
    stream.open_doubts(at(1_000_000));
    assert!(stream.windows.is_empty(), "nothing was lacking");
    stream.doubt_broken(&open, 489, at(0));
    for look in 1..=LOOKS_MAX {
        stream.open_doubts(at(i64::from(look) * 3_600));
        assert_eq!(stream.windows.len(), 1, "look {look}");
        open = read(&mut stream, 0, 490);
        stream.doubt_broken(&open, 490, at(i64::from(look) * 3_600));
    }
    stream.open_doubts(at(1_000_000));
    assert!(stream.windows.is_empty());
}

/// The oldest piece begins where histories do.
#[test]
fn a_second_look_at_the_oldest_piece_is_no_history_and_is_not_cut() {
    let mut stream = proved();
    stream.cut_piece(0, ahead(40, at(0)));
    let open = read(&mut stream, 0, 39);
    assert_eq!(open.lacking(39), 1);
    stream.doubt(&open, 1, at(0));
    stream.open_doubts(at(3_600));
    let again = &stream.windows[0];
    assert_eq!(again.window.start(), HISTORY_START);
    assert!(!again.is_of_history() && !again.is_uncut());
}

#[test]
fn a_window_that_is_no_piece_is_not_looked_at_again() {
    let mut stream = proved();
    let (day, pulse) = (Window::new(at(-90_000), at(-3_600)).unwrap(), at(600));
    stream.open_proof(Feed::Earnings, day);
    stream.open_pulse(pulse, None, None);
    for open in stream.windows.clone() {
        assert_eq!(open.lacking(0), 0);
        stream.doubt(&open, 1, at(0));
    }
    stream.windows.clear();
    stream.open_doubts(at(1_000_000));
    assert!(stream.windows.is_empty());
}

#[test]
fn doubts_are_bounded_and_wait_for_room() {
    let mut stream = proved();
    stream.cut_piece(0, ahead(2_000, at(0)));
    let open = stream.windows[0].clone();
    stream.windows.clear();
    for n in 0..100 {
        stream.doubt(&open, 1, at(n));
    }
    assert_eq!(stream.doubts.len(), DOUBTS_MAX);
    let mut looks = 0;
    for _ in 0..10 {
        stream.open_doubts(at(1_000_000));
        assert!(stream.windows.len() <= PROOF_WINDOWS_MAX);
        looks += stream.windows.len();
        stream.windows.clear();
    }
    assert_eq!(looks, DOUBTS_MAX);
}

#[test]
fn a_piece_that_can_not_be_read_whole_is_still_one_in_halves() {
    let mut stream = proved();
    stream.cut_piece(0, ahead(2_000, at(0)));
    let window = stream.windows[0].window;
    assert!(stream.split(0));
    let halves: Vec<_> = stream.windows.iter().filter(|open| open.piece.is_some()).collect();
    assert_eq!(halves.len(), 2);
    assert_eq!((halves[1].window.start(), halves[0].window.end()), (window.start(), window.end()));
    assert!(halves.iter().all(|half| half.is_of_history() && half.lacking(0) == 0));
}

#[test]
fn a_stream_that_an_earlier_build_wrote_is_read() {
    let text = r#"{"read_to": "2026-11-20T10:00:00Z", "windows": [{
        "window": {"start": "2015-01-01T00:00:00Z", "end": "2026-11-20T10:00:00Z"},
        "purpose": "history", "fresh_from": "MAX",
        "pass": {"cursor": "c", "pages": 3, "rows": 150}
    }]}"#;
    let text = text.replace("MAX", &Timestamp::MAX.to_string());
    let stream: Stream = serde_json::from_str(&text).unwrap();
    assert!(stream.windows[0].is_proof() && !stream.windows[0].is_uncut());
    assert_eq!(stream.history_pass().unwrap().rows, 150);
}
