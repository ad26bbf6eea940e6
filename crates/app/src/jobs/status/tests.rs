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
    assert_eq!(verdict(&shown, 0, 0), (false, "All is well · 2 of 2 live".to_owned()));
    let shown = [&live, &gone].map(|one| Stream::of(one, now));
    let said = "Needs attention · 1 of 2 disconnected".to_owned();
    assert_eq!(verdict(&shown, 0, 0), (true, said));
    let said = "Needs attention · 3 of audiences set aside".to_owned();
    assert_eq!(verdict(&[], 3, 0), (true, said));
    let said = "Needs attention · 2 days differ from Fanvue's totals".to_owned();
    assert_eq!(verdict(&[], 0, 2), (true, said));
}
