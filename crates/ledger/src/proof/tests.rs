use super::*;
use crate::{Booked, HISTORY_START, OrderId, Source, Update};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn row(id: &str, instant: &str, gross: i64) -> Booked {
    let id = OrderId::new(id).unwrap();
    Booked {
        key: Key::Order(id.clone()),
        earning: Earning {
            at: at(instant),
            source: Source::Tip,
            gross: Cents(gross),
            net: Cents(gross / 2),
            total: None,
            currency: None,
            order_id: Some(id),
            status: None,
            message_id: None,
            post_id: None,
            reverses: None,
            fan: None,
        },
        absent_since: None,
        is_adopted: false,
    }
}

#[test]
fn totals_hold_the_rewards_or_leave_them_out() {
    let pair = |gross, net| (Cents(gross), Cents(net));
    let day = DaySums { sales: pair(100, 80), rewards: pair(10, 10), rows: 3 };
    assert!(day.agrees(pair(100, 80)) && day.agrees(pair(110, 90)));
    assert!(!day.agrees(pair(100, 90)), "gross of one and net of the other");
    assert!(!day.agrees(pair(0, 0)) && DaySums::default().agrees(pair(0, 0)));
    assert_eq!(day.beside(pair(100, 79)), pair(100, 80));
    assert_eq!(day.beside(pair(115, 90)), pair(110, 90));
}

#[test]
fn a_day_is_read_whole_in_windows_that_fit_into_a_commit() {
    let on: Date = "2026-11-01".parse().unwrap();
    for rows in [0, 1, 499, 500, 5_000, 1_000_000] {
        let windows = proof_windows(on, rows, None);
        assert_eq!(windows.first().unwrap().start(), at("2026-11-01T00:00:00Z"), "{rows}");
        assert_eq!(windows.last().unwrap().end(), at("2026-11-02T00:00:00Z"), "{rows}");
        assert!(windows.windows(2).all(|two| two[0].end() == two[1].start()), "{rows}");
    }
    assert_eq!(proof_windows(on, 499, None).len(), 1);
    assert_eq!(proof_windows(on, 1_000_000, None).len(), 24);
    let reach = at("2026-10-20T07:00:00Z");
    assert_eq!(proof_windows(on, 1, Some(reach))[0].start(), reach);
}

#[test]
fn a_window_of_the_proof_holds_nothing_back_and_is_no_history() {
    let mut stream = Stream::default();
    stream.open_pulse(at("2026-11-20T10:00:00Z"), None, None);
    stream.windows.clear();
    let watermark = stream.watermark();
    assert_eq!(watermark, Some(at("2026-11-20T10:00:00Z")));
    let window = proof_windows("2026-11-01".parse().unwrap(), 1, None)[0];
    stream.open_proof(Feed::Earnings, window);
    stream.open_proof(Feed::Earnings, window);
    assert_eq!((stream.proofs(), stream.watermark()), (1, watermark));
    assert_eq!(stream.history_pass(), None);
    let whole = Window::new(HISTORY_START, at("2026-11-20T10:00:00Z")).unwrap();
    stream.open_proof(Feed::Earnings, whole);
    assert_eq!((stream.proofs(), stream.watermark()), (2, watermark));
    assert!(stream.history_pass().is_some(), "a whole history is one");
    // It is stored and found again, also by a build that knows no proof.
    let text = serde_json::to_string(&stream).unwrap();
    let again: Stream = serde_json::from_str(&text).unwrap();
    assert_eq!((again.proofs(), again), (2, stream));
}

#[test]
fn a_repair_is_told_by_its_day_and_its_rows() {
    let noon = "2026-11-20T12:00:00Z";
    let changes = Changes {
        inserts: vec![row("to_1", noon, 500), row("to_2", "2026-11-19T12:00:00Z", 70)],
        voids: vec![row("to_3", noon, 200)],
        ..Changes::default()
    };
    let days = repaired_days(&changes);
    let told: Vec<_> = days.iter().map(|day| (day.cause(), day.gross.0, day.rows)).collect();
    assert_eq!(told, [("missing_row", 70, 1), ("several", 300, 0)]);

    let mut paid = row("to_4", noon, 500);
    paid.earning.status = Some(crate::PayoutStatus::AvailableForPayout);
    let updates = vec![Update { before: row("to_4", noon, 500), after: paid }];
    assert!(repaired_days(&Changes { updates, ..Changes::default() }).is_empty());

    let moved = row("to_5", "2026-11-21T12:00:00Z", 900);
    let updates = vec![Update { before: row("to_5", noon, 500), after: moved }];
    let days = repaired_days(&Changes { updates, ..Changes::default() });
    let told: Vec<_> = days.iter().map(|day| (day.gross.0, day.rows, day.amended.len())).collect();
    assert_eq!(told, [(-500, -1, 1), (900, 1, 1)]);
}
