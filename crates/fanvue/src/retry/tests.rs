//! The retry policy as a table and as a property. Not the waiting.

use proptest::prelude::*;

use super::*;
use crate::{TransportErrorKind, testkit::at};

const NOW: &str = "2026-09-04T10:00:00Z";

fn throttled(seconds: Option<u64>) -> Error {
    Error::Throttled { retry_after: seconds.map(Duration::from_secs) }
}

fn accidents() -> [Error; 4] {
    [
        Error::Transport { source: TransportErrorKind::Timeout.into() },
        Error::Server { status: 503 },
        Error::Foreign { status: 403 },
        Error::Decode { problem: "HTML".into() },
    ]
}

fn answers() -> [Error; 7] {
    let detail = String::new;
    [
        Error::Unauthorized,
        Error::Forbidden { detail: detail() },
        Error::NotFound { detail: detail() },
        Error::VersionRefused { detail: detail() },
        Error::CursorRefused,
        Error::RegistrationRefused { detail: detail() },
        Error::Refused { status: 422, detail: detail() },
    ]
}

fn moved(error: &Error, attempt: u32, deadline: &str, jitter: u32) -> Move {
    next_move(error, attempt, at(NOW), at(deadline), jitter)
}

fn retry_at(text: &str) -> Move {
    Move::RetryAt(at(text))
}

#[test]
fn accidents_are_asked_again_after_a_growing_pause() {
    for error in accidents() {
        for (attempt, jitter, want) in [
            (1, 0, retry_at("2026-09-04T10:00:00.100Z")),
            (1, 500, retry_at("2026-09-04T10:00:00.150Z")),
            (1, 1000, retry_at("2026-09-04T10:00:00.200Z")),
            (1, u32::MAX, retry_at("2026-09-04T10:00:00.200Z")),
            (2, 0, retry_at("2026-09-04T10:00:00.200Z")),
            (2, 1000, retry_at("2026-09-04T10:00:00.400Z")),
            (3, 0, Move::GiveUp),
            (u32::MAX, 0, Move::GiveUp),
        ] {
            let got = moved(&error, attempt, "2026-09-04T10:01:00Z", jitter);
            assert_eq!(got, want, "{error} {attempt} {jitter}");
        }
    }
}

#[test]
fn answers_are_not_asked_again() {
    for error in answers() {
        assert_eq!(moved(&error, 1, "2026-09-04T11:00:00Z", 0), Move::GiveUp, "{error}");
    }
}

#[test]
fn a_throttled_question_waits_as_told_or_for_the_next_refill_if_there_is_time() {
    for (seconds, jitter, deadline, want) in [
        (Some(17), 0, "2026-09-04T10:01:00Z", retry_at("2026-09-04T10:00:17Z")),
        (Some(17), 1000, "2026-09-04T10:01:00Z", retry_at("2026-09-04T10:00:18Z")),
        (Some(0), 250, "2026-09-04T10:01:00Z", retry_at("2026-09-04T10:00:00.250Z")),
        (Some(17), 0, "2026-09-04T10:00:17Z", Move::GiveUp),
        (Some(17), 1000, "2026-09-04T10:00:18Z", Move::GiveUp),
        (None, 0, "2026-09-04T10:02:00Z", retry_at("2026-09-04T10:01:00Z")),
        (None, 0, "2026-09-04T10:00:30Z", Move::GiveUp),
        (Some(u64::MAX), 0, "9999-12-30T00:00:00Z", Move::GiveUp),
    ] {
        let got = moved(&throttled(seconds), 1, deadline, jitter);
        assert_eq!(got, want, "{seconds:?} {jitter} {deadline}");
    }
}

proptest! {
    #[test]
    fn no_retry_lies_past_the_deadline_or_the_last_attempt_or_in_the_past(
        kind in 0..12_usize,
        seconds in proptest::option::of(0..10_000_u64),
        attempt in 0..6_u32,
        now_ms in 0..4_000_000_000_000_i64,
        time_left_ms in -10_000..10_000_000_i64,
        jitter: u32,
    ) {
        let error = accidents().into_iter().chain(answers()).nth(kind)
            .unwrap_or_else(|| throttled(seconds));
        let now = Timestamp::from_millisecond(now_ms).unwrap();
        let deadline = Timestamp::from_millisecond(now_ms + time_left_ms).unwrap();
        if let Move::RetryAt(instant) = next_move(&error, attempt, now, deadline, jitter) {
            prop_assert!(attempt < ATTEMPTS_MAX);
            prop_assert!(now <= instant && instant < deadline);
            prop_assert!(!(4..10).contains(&kind), "an answer was asked again");
        }
    }
}
