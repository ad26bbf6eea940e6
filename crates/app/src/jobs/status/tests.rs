use uuid::Uuid;

use super::*;

fn standing() -> StreamStanding {
    StreamStanding {
        creator: CreatorId(Uuid::nil()),
        name: "Iris".into(),
        connection: None,
        is_connected: true,
        as_of: Some(Timestamp::UNIX_EPOCH),
        confirmed_at: None,
        tried_at: None,
        attempts: 0,
        last_error: None,
        last_error_at: None,
        next_sync_at: None,
        paused_until: None,
        parked_at: None,
        lease_expires_at: None,
    }
}

#[test]
fn what_a_person_has_to_mend_is_said_first() {
    let at = |seconds| Timestamp::from_second(seconds).unwrap();
    let now = at(1_000);
    let later = Some(at(2_000));
    let stale = standing();
    let live = StreamStanding { confirmed_at: Some(at(900)), ..standing() };
    let retrying = StreamStanding { last_error: Some("x".into()), ..live.clone() };
    let paused = StreamStanding { paused_until: later, ..retrying.clone() };
    let syncing = StreamStanding { lease_expires_at: later, ..paused.clone() };
    let parked = StreamStanding { parked_at: Some(at(1)), ..syncing.clone() };
    let gone = StreamStanding { is_connected: false, ..parked.clone() };
    let unread = StreamStanding { as_of: None, ..standing() };
    for (one, wanted) in [
        (&stale, StreamState::Stale),
        (&live, StreamState::Live),
        (&retrying, StreamState::Retrying),
        (&paused, StreamState::Paused),
        (&syncing, StreamState::Syncing),
        (&parked, StreamState::Parked),
        (&gone, StreamState::Disconnected),
        (&unread, StreamState::Incomplete),
    ] {
        assert_eq!(state(one, now), wanted);
    }
    let shown = [&live, &syncing].map(|one| Stream::of(one, now));
    assert_eq!(said(&shown, now), (false, "All is well · 2 of 2 live".to_owned()));
    let shown = [&live, &gone].map(|one| Stream::of(one, now));
    assert_eq!(said(&shown, now), (true, "Needs attention · 1 of 2 disconnected".to_owned()));
    for (others, wanted) in [
        (Others { parked_audience: 3, ..Others::default() }, "3 of audiences set aside"),
        (Others { settled: 2, ..Others::default() }, "2 days differ from Fanvue's totals"),
        (Others { overdue: 1, ..Others::default() }, "1 of accounts' tokens ended and not renewed"),
    ] {
        let wanted = format!("Needs attention · {wanted}");
        assert_eq!(verdict(&[], &others, now), (true, wanted));
    }
}

fn said(streams: &[Stream<'_>], now: Timestamp) -> (bool, String) {
    verdict(streams, &Others::default(), now)
}

#[test]
fn whom_no_schedule_reads_any_more_needs_a_person() {
    let at = |seconds| Timestamp::from_second(seconds).unwrap();
    let read = StreamStanding { confirmed_at: Some(at(1_000)), ..standing() };
    let unread = StreamStanding { as_of: None, tried_at: Some(at(1_000)), ..standing() };
    let due = StreamStanding { tried_at: None, next_sync_at: Some(at(1_000)), ..unread.clone() };
    let abandoned = "Needs attention · 1 of 1 not read for half an hour: look at the schedules";
    for one in [&read, &unread, &due] {
        for (passed, wanted) in [(900, "All is well · 0 of 1 live"), (1_800, abandoned)] {
            let now = at(1_000 + passed);
            let is_trouble = wanted == abandoned;
            assert_eq!(said(&[Stream::of(one, now)], now), (is_trouble, wanted.to_owned()));
        }
    }
    let now = at(400);
    let ahead = "Needs attention · 1 of 1 confirmed later than now: clocks differ";
    assert_eq!(said(&[Stream::of(&read, now)], now), (true, ahead.to_owned()));
}
