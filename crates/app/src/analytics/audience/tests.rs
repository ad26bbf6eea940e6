use jiff::tz::TimeZone;
use ledger::CreatorId;
use store::Figures;
use uuid::Uuid;

use super::*;

const ADA: u128 = 1;
const BEA: u128 = 2;

fn period(first: &str, last: &str) -> Period {
    let days = Days::new(first.parse().unwrap(), last.parse().unwrap()).unwrap();
    let now = "2026-11-21T12:00:00Z".parse().unwrap();
    Period::new(days, false, now, &TimeZone::get("Europe/Rome").unwrap())
}

type Row = ((Option<usize>, CreatorId), AudienceSum);

/// How many there were before the period.
fn before(creator: u128, subscribers: i32) -> Row {
    let ((_, creator), sum) = row(0, creator, Some(subscribers), (0, 0));
    ((None, creator), sum)
}

fn row(bucket: usize, creator: u128, subscribers: Option<i32>, changes: (i64, i64)) -> Row {
    let sum = AudienceSum {
        subscribers,
        followers: None,
        new_subscribers: changes.1,
        cancelled_subscribers: 1,
        days_of_changes: changes.0,
    };
    ((Some(bucket), CreatorId(Uuid::from_u128(creator))), sum)
}

fn sums(period: &Period, rows: &[Row]) -> Sums {
    let audiences = rows.iter().copied().collect();
    Sums::of(period, Figures { audiences, ..Figures::default() })
}

fn creator(id: u128, is_connected: Option<bool>, as_of: Option<&str>) -> CreatorFreshness {
    CreatorFreshness {
        told_at: jiff::Timestamp::UNIX_EPOCH,
        id: CreatorId(Uuid::from_u128(id)),
        name: String::new(),
        handle: None,
        as_of: None,
        watermark: None,
        confirmed_at: None,
        account_uuid: None,
        row_count: 0,
        reject_count: 0,
        adopted_count: 0,
        difference_count: 0,
        lacks_reversals: false,
        subscribers_count: None,
        followers_count: None,
        stats_at: None,
        subscribers_as_of: as_of.map(|at| at.parse().unwrap()),
        followers_as_of: None,
        unread: (None, None),
        posts: (None, None),
        likes: (None, None),
        is_connected,
        lease_expires_at: None,
        tried_at: None,
        next_sync_at: None,
        paused_until: None,
        parked_at: None,
        last_error: None,
        hints_ended_at: None,
        hints_end_at: None,
        first_day: None,
    }
}

fn subscribers(creators: &[CreatorFreshness], rows: &[Row]) -> Vec<Option<i64>> {
    let period = period("2026-11-18", "2026-11-22");
    let all = Audience::all(&period, creators, &sums(&period, rows));
    all.iter().map(|audience| audience.subscribers).collect()
}

#[test]
fn a_sum_of_some_creators_is_never_shown_as_that_of_all() {
    let now = Some("2026-11-21T11:00:00Z");
    let both = [creator(ADA, Some(true), now), creator(BEA, Some(true), now)];
    let ada = |bucket, count| row(bucket, ADA, Some(count), (0, 0));
    let bea = |bucket, count| row(bucket, BEA, Some(count), (0, 0));
    let rows = [ada(0, 10), ada(1, 11), bea(1, 5), ada(2, 12), ada(3, 0), bea(3, 6)];
    assert_eq!(
        subscribers(&both, &rows),
        [Some(10), Some(16), None, Some(6), None],
        "Bea joined on the second day, was not counted on the third, and tomorrow is not yet"
    );
}

#[test]
fn whoever_was_counted_before_is_missed_and_who_left_is_not() {
    let earlier = Some("2026-11-01T00:00:00Z");
    let rows = [row(0, ADA, Some(10), (0, 0)), row(1, ADA, Some(11), (0, 0))];
    let with_bea = [rows[0], rows[1], before(BEA, 5)];
    let ada = creator(ADA, Some(true), earlier);
    let missed = [ada.clone(), creator(BEA, Some(false), earlier)];
    assert_eq!(subscribers(&missed, &with_bea), [None; 5], "her connection ended by itself");
    let left = [ada.clone(), creator(BEA, None, earlier)];
    assert_eq!(subscribers(&left, &with_bea)[..3], [Some(10), Some(11), None]);
    let never = [ada, creator(BEA, Some(true), None)];
    assert_eq!(subscribers(&never, &rows)[..3], [Some(10), Some(11), None]);
}

#[test]
fn whoever_was_counted_before_and_again_later_is_missed_in_between() {
    let now = Some("2026-11-21T11:00:00Z");
    let both = [creator(ADA, Some(true), now), creator(BEA, Some(true), now)];
    let ada = |bucket, count| row(bucket, ADA, Some(count), (0, 0));
    let rows = [ada(0, 10), ada(1, 11), ada(2, 12), row(2, BEA, Some(6), (0, 0)), before(BEA, 5)];
    assert_eq!(subscribers(&both, &rows)[..3], [None, None, Some(18)]);
}

#[test]
fn changes_of_a_bucket_are_those_of_all_its_days() {
    let period = period("2026-10-13", "2026-11-22"); // 41 days: weeks
    let creators = [creator(ADA, Some(true), None)];
    let rows = [row(0, ADA, None, (6, 3)), row(1, ADA, None, (6, 9)), row(5, ADA, None, (6, 4))];
    let all = Audience::all(&period, &creators, &sums(&period, &rows));
    let new: Vec<_> = all.iter().map(|audience| audience.new_subscribers).collect();
    assert_eq!(new, [Some(3), None, None, None, None, Some(4)], "six of this week have begun");
    assert_eq!(all[0].cancelled_subscribers, Some(1));
    assert_eq!(all[0].subscribers, None, "a day of changes is no count");
}
