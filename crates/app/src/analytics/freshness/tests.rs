use ledger::CreatorId;
use uuid::Uuid;

use super::*;
use crate::analytics::moment::Moment;

const NOW: &str = "2026-11-21T12:00:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn ago(seconds: i64) -> Option<Timestamp> {
    Some(Timestamp::from_second(now().as_second() - seconds).unwrap())
}

/// Connected, complete, confirmed that many seconds ago.
fn confirmed(seconds: i64) -> CreatorFreshness {
    CreatorFreshness {
        told_at: now(),
        confirmed_at: None,
        account_uuid: None,
        id: CreatorId(Uuid::nil()),
        name: "Ada".into(),
        handle: None,
        as_of: ago(seconds),
        watermark: ago(seconds),
        row_count: 10,
        reject_count: 0,
        adopted_count: 0,
        difference_count: 0,
        lacks_reversals: false,
        subscribers_count: None,
        followers_count: None,
        stats_at: None,
        subscribers_as_of: None,
        followers_as_of: None,
        unread: (None, None),
        posts: (None, None),
        likes: (None, None),
        is_connected: Some(true),
        lease_expires_at: None,
        tried_at: ago(seconds),
        next_sync_at: None,
        paused_until: None,
        parked_at: None,
        last_error: None,
        hints_ended_at: None,
        hints_end_at: None,
        first_day: None,
    }
}

fn unfinished(tried: Option<Timestamp>) -> CreatorFreshness {
    CreatorFreshness { as_of: None, watermark: None, tried_at: tried, ..confirmed(0) }
}

fn standing(creator: &CreatorFreshness) -> Standing {
    Standing::all(std::slice::from_ref(creator), now()).remove(0)
}

#[test]
fn live_ends_at_five_minutes() {
    let live = standing(&confirmed(299));
    assert_eq!((live.state, live.age_seconds, live.is_exact), (State::Live, Some(299), true));
    assert_eq!(live.reason, None);
    let stale = standing(&confirmed(300));
    assert_eq!((stale.state, stale.is_exact), (State::Stale, true));
    assert_eq!(stale.reason.as_deref(), Some("it was not confirmed in the last 5 minutes"));
    assert_eq!(standing(&confirmed(-5)).age_seconds, Some(0), "a clock ahead of ours");
}

#[test]
fn by_a_clock_that_is_behind_nobody_is_live_and_nobody_has_an_age() {
    let creators = [confirmed(-6), confirmed(10), unfinished(ago(60))];
    let standings = Standing::all(&creators, now());
    let shown: Vec<_> = standings.iter().map(|s| (s.state, s.age_seconds, s.is_exact)).collect();
    let unknown = (State::Stale, None, true);
    assert_eq!(shown, [unknown, unknown, (State::Syncing, None, false)]);
    for standing in &standings {
        assert!(standing.reason.as_ref().unwrap().contains("clocks differ"), "{standing:?}");
    }
    assert_eq!(Standing::all(&creators[1..2], now())[0].state, State::Live, "nothing shows it");
}

#[test]
fn only_a_lease_that_lives_is_a_read_in_progress() {
    let held = |seconds| CreatorFreshness { lease_expires_at: ago(seconds), ..confirmed(10) };
    assert_eq!(standing(&held(-30)).state, State::Syncing);
    assert_eq!(standing(&held(0)).state, State::Live);
}

#[test]
fn an_unfinished_history_is_never_exact_and_never_live() {
    let reading = standing(&unfinished(ago(600)));
    assert_eq!((reading.state, reading.is_exact, reading.as_of), (State::Syncing, false, None));
    assert_eq!(reading.reason.as_deref(), Some("its history is being read"));
    let abandoned = standing(&unfinished(ago(3600)));
    assert_eq!(abandoned.state, State::Stale);
    let parked = CreatorFreshness { parked_at: ago(60), ..unfinished(ago(60)) };
    assert_eq!(standing(&parked).state, State::Stale, "nobody reads it, however lately one did");
    let queued = standing(&unfinished(None));
    assert_eq!((queued.state, queued.is_exact), (State::Never, false));
    // What only one of the two tables says is not believed.
    let reset = CreatorFreshness { watermark: None, ..confirmed(10) };
    assert_eq!((standing(&reset).is_exact, standing(&reset).as_of), (false, None));
    let apart = CreatorFreshness { watermark: ago(400), ..confirmed(10) };
    assert_eq!(standing(&apart).state, State::Stale);
}

#[test]
fn rejects_and_failures_are_told() {
    let creator = CreatorFreshness {
        reject_count: 2,
        last_error: Some("status 500".into()),
        paused_until: ago(-60),
        ..confirmed(10)
    };
    let standing = standing(&creator);
    assert_eq!((standing.state, standing.is_exact), (State::Live, false));
    assert_eq!(
        standing.reason.unwrap(),
        "Fanvue asked us to wait until 2026-11-21T12:01:00Z; the last attempt failed; \
         2 rows could not be read and are not counted"
    );
}

#[test]
fn what_only_an_older_system_says_is_not_exact() {
    for (adopted_count, said) in
        [(1, "1 row of the older system is counted"), (7, "7 rows of the older system are counted")]
    {
        let standing = standing(&CreatorFreshness { adopted_count, ..confirmed(10) });
        assert_eq!((standing.state, standing.is_exact), (State::Live, false));
        assert_eq!(standing.reason.unwrap(), format!("{said} and not confirmed yet"));
    }
}

#[test]
fn whose_reversals_no_list_shows_is_not_exact() {
    let standing = standing(&CreatorFreshness { lacks_reversals: true, ..confirmed(10) });
    assert_eq!((standing.state, standing.is_exact), (State::Live, false));
    let said = "refunds and chargebacks since Fanvue changed its lists are not read yet";
    assert_eq!(standing.reason.as_deref(), Some(said));
}

#[test]
fn a_day_that_differs_from_fanvues_total_takes_the_word_exact_away() {
    for (count, wanted) in [
        (1, "on 1 day Fanvue's total is not that of the rows"),
        (3, "on 3 days Fanvue's total is not that of the rows"),
    ] {
        let creator = CreatorFreshness { difference_count: count, ..confirmed(10) };
        let standing = standing(&creator);
        assert_eq!((standing.state, standing.is_exact), (State::Live, false));
        assert_eq!(standing.reason.as_deref(), Some(wanted));
    }
}

#[test]
fn without_a_connection_nothing_is_live() {
    let revoked = CreatorFreshness { is_connected: Some(false), ..confirmed(10) };
    let gone = standing(&revoked);
    assert_eq!((gone.state, gone.is_exact), (State::Disconnected, true), "exact up to its as-of");
    let unknown = CreatorFreshness { is_connected: None, row_count: 0, ..unfinished(None) };
    assert_eq!(standing(&unknown).state, State::Never);
    let lost = CreatorFreshness { is_connected: None, ..unfinished(None) };
    assert_eq!(standing(&lost).state, State::Disconnected);
}

#[test]
fn the_whole_is_as_old_as_its_oldest_and_exact_only_when_all_are() {
    let of = |creators: &[CreatorFreshness]| {
        let standings = Standing::all(creators, now());
        Freshness::of(creators, &standings, now())
    };
    let revoked = CreatorFreshness { is_connected: Some(false), ..confirmed(9000) };
    let released = CreatorFreshness { is_connected: None, ..revoked.clone() };
    let whole = of(&[confirmed(10), confirmed(500), released.clone()]);
    assert_eq!((whole.newest_as_of, whole.oldest_as_of), (ago(10), ago(500)));
    assert_eq!((whole.live_count, whole.syncing_count, whole.total), (1, 0, 3));
    assert_eq!((whole.exact, whole.disconnected_count), (true, 1), "a person released her");

    let whole = of(&[confirmed(10), confirmed(500), revoked.clone()]);
    assert_eq!((whole.newest_as_of, whole.oldest_as_of), (ago(10), ago(9000)));
    assert_eq!((whole.exact, whole.disconnected_count), (false, 1), "nobody wanted it to end");

    let whole = of(&[confirmed(10), unfinished(ago(60))]);
    assert_eq!((whole.newest_as_of, whole.oldest_as_of), (ago(10), None));
    assert_eq!((whole.exact, whole.syncing_count), (false, 1));

    let rejects = CreatorFreshness { reject_count: 3, ..confirmed(10) };
    let whole = of(&[confirmed(10), rejects]);
    assert_eq!((whole.exact, whole.rejects), (false, 3));
    assert_eq!(of(&[released]).oldest_as_of, ago(9000));
    assert!(!of(&[]).exact, "nothing is known of nobody");
}

#[test]
fn at_every_second_a_creator_stands_as_it_does_at_the_moment_of_that_second() {
    let in_seconds = |seconds: i64| ago(-seconds);
    for (confirmed, tried, is_complete) in
        [(17, 17, true), (283, 283, true), (-77, 17, true), (0, 3_507, false), (0, 41, false)]
    {
        for (lease, pause) in
            [(None, None), (Some(43), None), (None, Some(33)), (Some(9), Some(91))]
        {
            let known = if is_complete { self::confirmed(confirmed) } else { unfinished(None) };
            let creator = CreatorFreshness {
                tried_at: ago(tried),
                lease_expires_at: lease.and_then(in_seconds),
                paused_until: pause.and_then(in_seconds),
                ..known
            };
            for second in 0..700 {
                let now = in_seconds(second).unwrap();
                let moment = Moment::of(now, &jiff::tz::TimeZone::UTC, turns(&creator));
                let at = |now| Standing::all(std::slice::from_ref(&creator), now).remove(0);
                let (shown, is) = (at(moment.at), at(now));
                assert_eq!((shown.state, shown.reason), (is.state, is.reason), "{second}");
            }
        }
    }
}
