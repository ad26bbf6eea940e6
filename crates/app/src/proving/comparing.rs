//! Comparing the rows of each creator's days with Fanvue's totals, fifty creators with one question.
//!
//! Totals only aim: a day that differs is noted and read again, and nothing else follows from it. So an
//! answer that is wrong, partial or empty costs requests, and never a row.

use std::collections::{BTreeMap, BTreeSet};

use fanvue::CreatorUuid;
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use ledger::{AgencyId, Cents, ConnectionId, CreatorId, DaySums, PROOF_DAYS, Window};
use store::{FoundDay, ProofSums, ToCompare, Watch};

use super::{
    Night,
    asking::{Account, Question, Told, Totals},
};
use crate::Error;

/// The days that are compared, as days and as instants.
#[derive(Clone, Copy)]
pub(super) struct Span {
    first: Date,
    pub(super) night: Date,
    window: Window,
}

impl Span {
    pub(super) fn of(night: Date) -> Option<Self> {
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

/// Creators that are compared with one question: claimed, and then named or given back.
pub(super) struct Group {
    claimed: Vec<ToCompare>,
    asked: Vec<Asked>,
    question: Question,
}

impl Group {
    pub(super) fn of(claimed: Vec<ToCompare>) -> Self {
        let asked = |one: &ToCompare| {
            let account = CreatorUuid::new(&one.account_uuid)?;
            Some(Asked { creator: one.creator, account })
        };
        let asked: Vec<_> = claimed.iter().filter_map(asked).collect();
        let question = Question::about(asked.iter().map(|one| one.account.clone()).collect());
        Self { claimed, asked, question }
    }

    /// Whom it is about.
    pub(super) fn creators(&self) -> Vec<CreatorId> {
        self.claimed.iter().map(|one| one.creator).collect()
    }
}

/// What came of comparing a group.
pub(super) enum Compared {
    /// Who was asked about is done for this night; so many could be compared.
    Done(u64),
    /// The question goes on then.
    Later(Timestamp),
    /// Fanvue told nothing that can be used.
    Nothing,
}

/// Asks about a group and writes down what came of it.
pub(super) async fn compare_group(
    night: &mut Night<'_>,
    account: &mut Account<'_>,
    span: Span,
    group: &mut Group,
) -> Result<Compared, Error> {
    let (agency, connection) = account.whose;
    let told = account.totals(&mut group.question, (span.window, span.first, span.night)).await?;
    let totals = match told {
        Told::Totals(totals) => totals,
        Told::Later(until) => return Ok(Compared::Later(until)),
        Told::Refused(reason) => {
            refuse(night, (agency, connection)).await?;
            night.found.problem(agency, Some(connection), format!("no totals: {reason}"));
            return Ok(Compared::Nothing);
        }
        Told::Failed(reason) => {
            night.found.problem(agency, Some(connection), format!("no totals: {reason}"));
            return Ok(Compared::Nothing);
        }
    };
    let count = note(night, agency, span, (&group.claimed, &group.asked), &totals).await?;
    Ok(Compared::Done(count))
}

/// The detector does without this connection's totals for a day too.
async fn refuse(night: &Night<'_>, whose: (AgencyId, ConnectionId)) -> Result<(), Error> {
    let now = night.ctx.clock.now();
    let watch = Watch { agency: whose.0, connection: whose.1, since: now, creators: 0 };
    Ok(night.ctx.store.note_detector_refused(&watch, now).await?)
}

/// Writes down which days differ; of how many creators that could be said. The rows are read after the totals
/// were told.
async fn note(
    night: &mut Night<'_>,
    agency: AgencyId,
    span: Span,
    (claimed, asked): (&[ToCompare], &[Asked]),
    totals: &Totals,
) -> Result<u64, Error> {
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
    let untold = untold((claimed, asked), &doubted, totals);
    let unheard: Vec<_> = untold.iter().map(|(creator, _)| *creator).collect();
    let tx = store.begin_bounded("note_compared").await?;
    tx.note_compared(agency, &done, &found, (span.first, span.night, now)).await?;
    if !unheard.is_empty() {
        tx.note_uncompared(agency, &unheard, &doubts, (span.night, now)).await?;
    }
    tx.commit().await?;
    night.found.days_differing += (found.len() + doubts.len()) as u64;
    for (creator, why) in untold {
        night.found.problem(agency, None, format!("creator {creator} is not compared: {why}"));
    }
    Ok(done.len() as u64)
}

/// Of whom nothing was told that rows can be compared with, and why.
fn untold(
    (claimed, asked): (&[ToCompare], &[Asked]),
    doubted: &[CreatorId],
    totals: &Totals,
) -> Vec<(CreatorId, &'static str)> {
    let why = |creator: CreatorId| match asked.iter().find(|one| one.creator == creator) {
        None => Some("models.fanvue_user_uuid is no uuid; correct it"),
        Some(one) if totals.foreign.contains(&one.account) => {
            Some("her totals are in another currency")
        }
        Some(_) if doubted.contains(&creator) => {
            Some("Fanvue's totals leave her out, and there are sales")
        }
        Some(_) => None,
    };
    claimed.iter().filter_map(|one| Some((one.creator, why(one.creator)?))).collect()
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
