//! Comparing the rows of each creator's days with Fanvue's totals, fifty creators with one question.
//!
//! Totals only aim: a day that differs is noted and read again, and nothing else follows from it. So an
//! answer that is wrong, partial or empty costs requests, and never a row.

use std::collections::{BTreeMap, BTreeSet};

use fanvue::{CREATORS_PER_ASK_MAX, CreatorUuid};
use jiff::{SignedDuration, ToSpan, civil::Date, tz::TimeZone};
use ledger::{AgencyId, Cents, ConnectionId, CreatorId, DaySums, PROOF_DAYS, Window};
use store::{FoundDay, ProofSums, ToCompare, Watch};

use super::{
    Night,
    asking::{Account, Told, Totals},
};
use crate::{Error, http::chain, tokens::Tokens};

/// Nobody else asks about creators for so long after they were claimed.
const CLAIM_SECONDS: i64 = 300;

/// The days that are compared, as days and as instants.
#[derive(Clone, Copy)]
struct Span {
    first: Date,
    night: Date,
    window: Window,
}

impl Span {
    fn of(night: Date) -> Option<Self> {
        let first = night.checked_sub(PROOF_DAYS.days()).ok()?;
        let instant = |day: Date| Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp());
        let window = Window::new(instant(first)?, instant(night)?).ok()?;
        Some(Self { first, night, window })
    }
}

/// A creator of a question.
struct Asked {
    creator: CreatorId,
    account: CreatorUuid,
}

/// Compares connection by connection until two thirds of the time are over; returns how many connections
/// are left.
pub(super) async fn compare(night: &mut Night<'_>) -> Result<usize, Error> {
    let deadline = night.after_thirds(2);
    let Some(span) = Span::of(night.night) else { return Ok(0) };
    let tokens = Tokens::default();
    let connections =
        night.ctx.store.list_proved_connections(night.ctx.clock.now(), night.night).await?;
    let mut left = 0;
    for whose in connections {
        let mut account = Account { ctx: night.ctx, tokens: &tokens, whose, deadline, requests: 0 };
        let is_done = compare_connection(night, &mut account, span).await;
        night.found.requests += account.requests;
        match is_done {
            Ok(true) => {}
            Ok(false) => left += 1,
            Err(error) => {
                tracing::warn!(connection.id = %whose.1, error = chain(&error), "not compared");
                let what = match &error {
                    Error::Store(_) => "the database did not take what was compared".to_owned(),
                    other => chain(other),
                };
                night.found.problem(whose.0, Some(whose.1), what);
                left += 1;
            }
        }
    }
    Ok(left)
}

/// `true` when everybody of the connection was compared, or can't be in this night.
async fn compare_connection(
    night: &mut Night<'_>,
    account: &mut Account<'_>,
    span: Span,
) -> Result<bool, Error> {
    let limit = i64::try_from(CREATORS_PER_ASK_MAX).unwrap_or(i64::MAX);
    // Each turn compares creators, who are then done for this night, or ends.
    while !night.is_over(account.deadline) {
        let now = night.ctx.clock.now();
        let until = now.checked_add(SignedDuration::from_secs(CLAIM_SECONDS)).unwrap_or(now);
        let claim = (now, until, span.night);
        let claimed = night.ctx.store.claim_proofs(account.whose, claim, limit).await?;
        if claimed.is_empty() {
            return Ok(true);
        }
        let compared = compare_group(night, account, span, &claimed).await;
        if !matches!(compared, Ok(true)) {
            let ids: Vec<_> = claimed.iter().map(|one| one.creator).collect();
            night.ctx.store.release_proofs(account.whose.0, &ids).await?;
            return compared;
        }
        night.found.creators_compared += claimed.len() as u64;
        night.say("creators compared", night.found.creators_compared);
    }
    Ok(false)
}

/// `false` when Fanvue told nothing that can be used.
async fn compare_group(
    night: &mut Night<'_>,
    account: &mut Account<'_>,
    span: Span,
    claimed: &[ToCompare],
) -> Result<bool, Error> {
    let (agency, connection) = account.whose;
    let asked = |one: &ToCompare| {
        let account = CreatorUuid::new(&one.account_uuid)?;
        Some(Asked { creator: one.creator, account })
    };
    let asked: Vec<_> = claimed.iter().filter_map(asked).collect();
    let accounts: Vec<_> = asked.iter().map(|one| one.account.clone()).collect();
    let told = account.totals(&accounts, (span.window, span.first, span.night)).await?;
    let totals = match told {
        Told::Totals(totals) => totals,
        Told::Later(until) => {
            night.found.later(until);
            return Ok(false);
        }
        Told::Refused(reason) => {
            refuse(night, (agency, connection)).await?;
            night.found.problem(agency, Some(connection), format!("no totals: {reason}"));
            return Ok(false);
        }
        Told::Failed(reason) => {
            night.found.problem(agency, Some(connection), format!("no totals: {reason}"));
            return Ok(false);
        }
    };
    note(night, agency, span, (claimed, &asked), &totals).await?;
    Ok(true)
}

/// The detector does without this connection's totals for a day too.
async fn refuse(night: &Night<'_>, whose: (AgencyId, ConnectionId)) -> Result<(), Error> {
    let now = night.ctx.clock.now();
    let watch = Watch { agency: whose.0, connection: whose.1, since: now, creators: 0 };
    Ok(night.ctx.store.note_detector_refused(&watch, now).await?)
}

/// Writes down which days differ. The rows are read after the totals were told.
async fn note(
    night: &mut Night<'_>,
    agency: AgencyId,
    span: Span,
    (claimed, asked): (&[ToCompare], &[Asked]),
    totals: &Totals,
) -> Result<(), Error> {
    let store = &night.ctx.store;
    let ids: Vec<_> = asked.iter().map(|one| one.creator).collect();
    let sums = store.list_proof_sums(agency, &ids, (span.first, span.night)).await?;
    let comparable = |one: &&Asked| !totals.foreign.contains(&one.account);
    let compared: Vec<_> = asked.iter().filter(comparable).collect();
    let found: Vec<_> = compared.iter().flat_map(|one| differing(one, &sums, totals)).collect();
    let now = night.ctx.clock.now();
    let (doubted, done): (Vec<&Asked>, Vec<&Asked>) =
        compared.into_iter().partition(|one| is_doubted(one, &found, totals));
    let (doubted, done) = (creators_of(&doubted), creators_of(&done));
    let (doubts, found): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|day| doubted.contains(&day.creator));
    let rest: Vec<_> = claimed
        .iter()
        .map(|one| one.creator)
        .filter(|id| !done.contains(id) && !doubted.contains(id))
        .collect();
    let unclaimed: Vec<_> = rest.iter().chain(&doubted).copied().collect();
    let tx = store.begin_bounded("note_compared").await?;
    tx.note_compared(agency, &done, &found, (span.first, span.night, now)).await?;
    if !unclaimed.is_empty() {
        // Nothing is claimed of their other days: those that differed still do.
        tx.note_compared(agency, &unclaimed, &doubts, (span.night, span.night, now)).await?;
    }
    tx.commit().await?;
    night.found.days_differing += (found.len() + doubts.len()) as u64;
    for creator in rest {
        let what = format!("creator {creator}: totals in another currency can't be compared");
        night.found.problem(agency, None, what);
    }
    Ok(())
}

fn creators_of(some: &[&Asked]) -> Vec<CreatorId> {
    some.iter().map(|one| one.creator).collect()
}

/// Whether nothing at all was told of somebody who sold: then nothing of it says that her days agree.
fn is_doubted(one: &Asked, found: &[FoundDay], totals: &Totals) -> bool {
    !totals.told.contains(&one.account) && found.iter().any(|day| day.creator == one.creator)
}

/// The days of one creator on which rows and totals differ. Where nothing at all is told of somebody who
/// sold, it is rather the answer that is wrong: then only the newest day is read again.
fn differing(one: &Asked, sums: &[ProofSums], totals: &Totals) -> Vec<FoundDay> {
    let ours: BTreeMap<Date, DaySums> = sums
        .iter()
        .filter(|day| day.creator == one.creator)
        .map(|day| (day.on, day.sums))
        .collect();
    let theirs = totals.by_day.keys().filter(|(account, _)| *account == one.account);
    let days: BTreeSet<Date> = ours.keys().copied().chain(theirs.map(|(_, on)| *on)).collect();
    let mut found: Vec<_> = days
        .into_iter()
        .filter_map(|on| {
            let sums = ours.get(&on).copied().unwrap_or_default();
            let told = totals.by_day.get(&(one.account.clone(), on)).copied();
            let platform = told.unwrap_or((Cents::ZERO, Cents::ZERO));
            let (creator, rows) = (one.creator, sums.rows);
            let day = FoundDay { creator, on, platform, ledger: sums.beside(platform), rows };
            (!sums.agrees(platform)).then_some(day)
        })
        .collect();
    if !totals.told.contains(&one.account) {
        found = found.pop().into_iter().collect();
    }
    found
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ACCOUNT: &str = "3f2c8a1e-5b7d-4c60-9e1f-0a2b4c6d8e90";

    fn sums(on: &str, gross: i64) -> ProofSums {
        let sales = (Cents(gross), Cents(gross / 2));
        let sums = DaySums { sales, rows: 1, ..DaySums::default() };
        ProofSums { creator: CreatorId(Uuid::nil()), on: on.parse().unwrap(), sums }
    }

    fn found(ours: &[ProofSums], theirs: &[(&str, i64)]) -> Vec<(String, i64, i64)> {
        let account = CreatorUuid::new(ACCOUNT).unwrap();
        let mut totals = Totals::default();
        for (on, gross) in theirs {
            let key = (account.clone(), on.parse().unwrap());
            totals.by_day.insert(key, (Cents(*gross), Cents(gross / 2)));
            totals.told.insert(account.clone());
        }
        let asked = Asked { creator: CreatorId(Uuid::nil()), account };
        let told = |day: FoundDay| (day.on.to_string(), day.ledger.0.0, day.platform.0.0);
        let found = differing(&asked, ours, &totals);
        // Whoever is told nothing of, and sold nothing, agrees.
        assert_eq!(is_doubted(&asked, &found, &totals), theirs.is_empty() && !found.is_empty());
        found.into_iter().map(told).collect()
    }

    #[test]
    fn days_differ_that_either_side_lacks_or_has_otherwise() {
        let ours = [sums("2026-11-01", 100), sums("2026-11-02", 200), sums("2026-11-03", 300)];
        let theirs = [("2026-11-01", 100), ("2026-11-02", 250), ("2026-11-04", 70)];
        let wanted = [("2026-11-02", 200, 250), ("2026-11-03", 300, 0), ("2026-11-04", 0, 70)];
        let wanted = wanted.map(|(on, ours, theirs)| (on.to_owned(), ours, theirs));
        assert_eq!(found(&ours, &theirs), wanted);
        assert!(found(&ours[..1], &theirs[..1]).is_empty());
        assert!(found(&[], &[]).is_empty());
    }

    #[test]
    fn an_empty_answer_about_somebody_who_sold_is_doubted() {
        let ours = [sums("2026-11-01", 100), sums("2026-11-02", 200)];
        assert_eq!(found(&ours, &[]), [("2026-11-02".to_owned(), 200, 0)]);
    }

    #[test]
    fn thirty_five_whole_days_end_with_the_night() {
        let span = Span::of("2026-11-21".parse().unwrap()).unwrap();
        assert_eq!(span.first.to_string(), "2026-10-17");
        let days = span.window.end().duration_since(span.window.start()).as_hours() / 24;
        assert_eq!(days, PROOF_DAYS);
    }
}
