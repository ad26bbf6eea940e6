//! What differs is read again: windows are opened on the creators' streams, a few of each at a time, and read
//! as a tick reads them. Then the rows of those days are compared with the total that was told.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, civil::Date};
use ledger::{AgencyId, CreatorId, Feed, PROOF_WINDOWS_MAX, Stream, proof_windows};
use store::{DayVerdict, FoundDay, KnownDay, ToRead};

use super::Night;
use crate::{Error, http::chain, tick};

/// Rounds of one invocation, each with a portion of every creator's days.
const ROUNDS_MAX: usize = 50;
/// Creators whose windows are opened with one statement.
const CREATORS_AT_ONCE: i64 = 100;
/// A row is void only this long after it was missing first.
const VOID_AFTER_SECONDS: i64 = 3600;
/// Reads after which a day is settled though a row of it is missing: it comes and goes.
const READS_MAX: i32 = 4;

/// Opens, reads and settles until nothing is left or the time is over.
pub(super) async fn read(night: &mut Night<'_>) -> Result<(), Error> {
    let deadline = night.after_thirds(3);
    for _ in 0..ROUNDS_MAX {
        settle_all(night).await?;
        if night.is_over(deadline) {
            return Ok(());
        }
        let opened = open_all(night).await?;
        let reports = tick::read_proof(night.ctx, deadline, night.limits).await?;
        let is_idle = opened == 0 && reports.is_empty();
        for report in reports {
            night.found.read(report);
        }
        night.say("creators read again", night.found.creators.len() as u64);
        if is_idle {
            break;
        }
    }
    settle_all(night).await
}

/// Settles what was read, agency by agency. One that the database does not let us settle is left.
async fn settle_all(night: &mut Night<'_>) -> Result<(), Error> {
    for agency in night.ctx.store.list_differing_agencies().await? {
        if let Err(error) = settle(night, agency).await {
            tracing::warn!(agency.id = %agency, error = chain(&error), "days not settled");
            let what = "what was read again could not be written down; a later call does";
            night.found.problem(agency, None, what.to_owned());
        }
    }
    Ok(())
}

async fn settle(night: &Night<'_>, agency: AgencyId) -> Result<(), store::Error> {
    let store = &night.ctx.store;
    let known = store.list_known_days(agency).await?;
    let now = night.ctx.clock.now();
    let judged = |day: &KnownDay| Some((found(day), verdict(day, now)?));
    let settled: Vec<_> = known.iter().filter_map(judged).collect();
    if settled.is_empty() {
        return Ok(());
    }
    let tx = store.begin_bounded("settle_days").await?;
    tx.settle_days(agency, &settled, now).await?;
    tx.commit().await
}

fn found(day: &KnownDay) -> FoundDay {
    let ledger = day.sums.beside(day.platform);
    let (creator, on, rows) = (day.creator, day.on, day.sums.rows);
    FoundDay { creator, on, platform: day.platform, ledger, rows }
}

/// What becomes of a day; `None` while it is still to be read.
fn verdict(day: &KnownDay, now: Timestamp) -> Option<DayVerdict> {
    if day.sums.agrees(day.platform) {
        Some(DayVerdict::Agrees)
    } else if !day.is_read {
        None
    } else if 0 < day.absent && day.reads < READS_MAX {
        let later = SignedDuration::from_secs(VOID_AFTER_SECONDS);
        Some(DayVerdict::Again(now.checked_add(later).unwrap_or(now)))
    } else {
        Some(DayVerdict::Settled)
    }
}

/// Opens a portion of every creator's days; returns how many days.
async fn open_all(night: &mut Night<'_>) -> Result<usize, Error> {
    let mut opened = 0;
    for agency in night.ctx.store.list_differing_agencies().await? {
        match open(night, agency).await {
            Ok(days) => opened += days,
            Err(error) => {
                tracing::warn!(agency.id = %agency, error = chain(&error), "no windows opened");
                let what = "what differs could not be opened to be read again; a later call does";
                night.found.problem(agency, None, what.to_owned());
            }
        }
    }
    Ok(opened)
}

async fn open(night: &Night<'_>, agency: AgencyId) -> Result<usize, store::Error> {
    let now = night.ctx.clock.now();
    let tx = night.ctx.store.begin_bounded("open_days").await?;
    let held = tx.hold_to_read(agency, now, CREATORS_AT_ONCE).await?;
    let mut streams: BTreeMap<CreatorId, (Stream, Vec<Date>)> = BTreeMap::new();
    for one in held {
        let creator = one.creator;
        let (stream, days) = portion(one);
        if !days.is_empty() {
            streams.insert(creator, (stream, days));
        }
    }
    let opened: Vec<_> =
        streams.iter().map(|(id, (stream, days))| (*id, stream, days.clone())).collect();
    let count = opened.iter().map(|(.., days)| days.len()).sum();
    if opened.is_empty() {
        tx.rollback().await?;
        return Ok(0);
    }
    tx.open_day_windows(agency, &opened, now).await?;
    tx.commit().await?;
    Ok(count)
}

/// The stream with as many days as it may have open, the newest first, and which those are: the others wait.
fn portion(one: ToRead) -> (Stream, Vec<Date>) {
    let (mut stream, mut days) = (one.stream, vec![]);
    for (on, rows, reach) in one.days {
        if PROOF_WINDOWS_MAX <= stream.proofs() {
            break;
        }
        for window in proof_windows(on, rows, reach) {
            stream.open_proof(Feed::Earnings, window);
        }
        days.push(on);
    }
    (stream, days)
}

#[cfg(test)]
mod tests {
    use ledger::{Cents, DaySums};
    use uuid::Uuid;

    use super::*;

    fn day(gross: i64, told: i64) -> KnownDay {
        KnownDay {
            creator: CreatorId(Uuid::nil()),
            on: "2026-11-01".parse().unwrap(),
            platform: (Cents(told), Cents(told)),
            sums: DaySums { sales: (Cents(gross), Cents(gross)), rows: 2, ..DaySums::default() },
            is_read: true,
            reads: 1,
            absent: 0,
        }
    }

    #[test]
    fn a_day_is_settled_only_after_it_was_read_and_nothing_more_can_come_of_it() {
        let now = Timestamp::UNIX_EPOCH;
        let later = now.checked_add(SignedDuration::from_hours(1)).unwrap();
        let unread = KnownDay { is_read: false, ..day(5, 7) };
        let gone = KnownDay { absent: 1, ..day(7, 5) };
        for (day, wanted) in [
            (day(5, 5), Some(DayVerdict::Agrees)),
            (KnownDay { is_read: false, ..day(5, 5) }, Some(DayVerdict::Agrees)),
            (unread, None),
            (day(5, 7), Some(DayVerdict::Settled)),
            (gone, Some(DayVerdict::Again(later))),
            (KnownDay { reads: 4, ..gone }, Some(DayVerdict::Settled)),
        ] {
            assert_eq!(verdict(&day, now), wanted, "{day:?}");
        }
    }

    #[test]
    fn more_days_than_a_stream_may_have_open_wait_for_the_next_portion() {
        let on = |n: i8| jiff::civil::date(2026, 10, n);
        let days = (1..=20).map(|n| (on(n), 3, None)).collect();
        let one = ToRead { creator: CreatorId(Uuid::nil()), stream: Stream::default(), days };
        let (stream, days) = portion(one);
        assert_eq!((stream.proofs(), days.len()), (PROOF_WINDOWS_MAX, PROOF_WINDOWS_MAX));
        let days = vec![(on(1), 5_000, None), (on(2), 3, None)];
        let one = ToRead { creator: CreatorId(Uuid::nil()), stream: Stream::default(), days };
        assert_eq!(portion(one).1, [on(1)], "a day is never cut in two");
    }
}
