//! What the platform says of everybody asked about: totals fifty creators at a time, then, if they are
//! asked for, the rows of one creator after the other.

use std::collections::{BTreeMap, HashSet};

use fanvue::{CREATORS_PER_ASK_MAX, CreatorUuid, PAGE_SIZE, Reader, Routes};
use jiff::SignedDuration;
use ledger::{
    AgencyId, ConnectionId, Feed, HISTORY_START, Window,
    diagnosis::{Refusal, Unheard, compare_rows},
};
use store::BooksAsked;

use super::{
    asking::{Platform, REQUESTS_MAX, Rows, Stop},
    days::{differing, explain_rejects, forget, note_rows, note_totals, unlisted},
    gathering::{Subject, Way, rejected},
};
use crate::{Ctx, Error};

/// The most pages of one question about totals: longer ones name fewer creators.
const TOTAL_PAGES_MAX: i64 = 20;

/// What a row that is no earning is called where nothing names it.
const WITHOUT_ID: &str = "a row without an id";

/// Hears the platform about all of them and writes what it says into their facts.
///
/// # Errors
/// As for any statement. What the platform does is no error: it stands in the facts.
pub(super) async fn hear(
    ctx: &Ctx,
    asked: &BooksAsked<'_>,
    subjects: &mut [Subject],
    wants_rows: bool,
) -> Result<u32, Error> {
    let mut hearing = Hearing { ctx, asked, platform: Platform::new(ctx, asked.now) };
    let start = asked.utc.0.max(HISTORY_START);
    let Ok(window) = Window::new(start, asked.utc.1.min(asked.now)) else { return Ok(0) };
    hearing.totals(subjects, window).await?;
    if wants_rows {
        for subject in subjects {
            hearing.rows(subject, window).await?;
        }
    }
    Ok(hearing.platform.requests)
}

struct Hearing<'a> {
    ctx: &'a Ctx,
    asked: &'a BooksAsked<'a>,
    platform: Platform<'a>,
}

impl Hearing<'_> {
    /// Totals of everybody whom an agency's account manages.
    async fn totals(&mut self, subjects: &mut [Subject], window: Window) -> Result<(), Error> {
        let mut groups: BTreeMap<ConnectionId, Vec<usize>> = BTreeMap::new();
        for (index, subject) in subjects.iter_mut().enumerate() {
            match &subject.way {
                Way::Managed(connection, _) => groups.entry(*connection).or_default().push(index),
                Way::Own(_) => subject.facts.unheard = Some(Unheard::OnlyRows),
                Way::Closed => {}
            }
        }
        for (connection, members) in groups {
            let size = ask_size(subjects, &members);
            for members in members.chunks(size) {
                self.totals_of(subjects, members, (connection, window)).await?;
            }
        }
        Ok(())
    }

    async fn totals_of(
        &mut self,
        subjects: &mut [Subject],
        members: &[usize],
        (connection, window): (ConnectionId, Window),
    ) -> Result<(), Error> {
        let account = |index: &usize| match &subjects[*index].way {
            Way::Managed(_, account) => Some(account.clone()),
            Way::Own(_) | Way::Closed => None,
        };
        let accounts: Vec<CreatorUuid> = members.iter().filter_map(account).collect();
        let heard = self.platform.totals((self.asked.agency, connection), window, &accounts).await;
        let days = match heard {
            Ok(days) => days,
            Err(Stop::Broken(error)) => return Err(error),
            Err(Stop::Unheard(unheard)) => {
                for index in members {
                    subjects[*index].facts.unheard = Some(unheard.clone());
                }
                return Ok(());
            }
        };
        for (index, account) in members.iter().zip(&accounts) {
            let told: Vec<_> = days.iter().filter(|day| day.creator == *account).collect();
            let facts = &mut subjects[*index].facts;
            // Of one whom the account does not manage any more totals say nothing, which is not zero.
            if told.is_empty() && facts.reading.refusal == Some(Refusal::NotManaged) {
                let reason = facts.reading.last_error.clone().unwrap_or_default();
                facts.unheard = Some(Unheard::NotManaged { reason });
                continue;
            }
            note_totals(&mut facts.days, &told);
        }
        Ok(())
    }

    /// The rows of one creator: of all days where so many may be asked for, else of those that differ.
    async fn rows(&mut self, subject: &mut Subject, window: Window) -> Result<(), Error> {
        let (reader, connection) = match &subject.way {
            Way::Managed(connection, account) => (Reader::Creator(account.clone()), *connection),
            Way::Own(connection) => (Reader::Own, *connection),
            Way::Closed => return Ok(()),
        };
        let held: i64 = subject.facts.days.iter().map(|day| day.ledger().rows).sum();
        let left = i64::from(REQUESTS_MAX.saturating_sub(self.platform.requests));
        let is_affordable = held / i64::from(PAGE_SIZE) < left / 2;
        let differing = differing(&subject.facts.days, window);
        let windows = match subject.facts.unheard {
            None if !is_affordable => differing,
            _ => vec![window],
        };
        for window in windows {
            let whose = (self.asked.agency, connection);
            match self.read(whose, &reader, window).await {
                Ok(rows) => {
                    subject.facts.unheard = None;
                    self.compare(subject, rows, window).await?;
                }
                Err(Stop::Broken(error)) => return Err(error),
                Err(Stop::Unheard(unheard)) => {
                    forget(&mut subject.facts, unheard);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// All rows of a window. Before `/v1` an account's own reversals stand in a list of their own.
    async fn read(
        &mut self,
        whose: (AgencyId, ConnectionId),
        reader: &Reader,
        window: Window,
    ) -> Result<Rows, Stop> {
        let mut rows = self.platform.rows(whose, reader, (Feed::Earnings, window)).await?;
        if rows.routes == Routes::Unprefixed && *reader == Reader::Own {
            let reversals = self.platform.rows(whose, reader, (Feed::Reversals, window)).await?;
            rows.earnings.extend(reversals.earnings);
            rows.rejects.extend(reversals.rejects);
        }
        Ok(rows)
    }

    async fn compare(
        &self,
        subject: &mut Subject,
        mut rows: Rows,
        window: Window,
    ) -> Result<(), Error> {
        let (agency, creator) = (self.asked.agency, subject.creator);
        let span = (window.start(), window.end());
        let tx = self.ctx.store.begin_snapshot("diagnose_rows").await?;
        let ours = tx.list_rows_between(agency, creator, span, self.asked.now).await?;
        let foreign = tx.list_foreign(agency, creator, &unlisted(&rows.earnings, &ours)).await?;
        tx.commit().await?;
        if rows.routes == Routes::Unprefixed && matches!(subject.way, Way::Managed(..)) {
            // No list has them there, so nothing speaks against those that we hold.
            let held = ours.iter().map(|row| &row.earning).filter(|row| row.source.is_reversal());
            rows.earnings.extend(held.cloned());
        }
        let foreign: HashSet<String> = foreign.into_iter().collect();
        let mut differences = compare_rows(&rows.earnings, &ours, &foreign);
        explain_rejects(&mut differences, &subject.facts.rejects);
        let millisecond = SignedDuration::from_millis(1);
        let last = window.end().checked_sub(millisecond).unwrap_or(window.start());
        // Pages may repeat these too.
        let ids = rows.earnings.iter().filter_map(|row| row.order_id.as_ref());
        let mut listed: HashSet<String> = ids.map(ToString::to_string).collect();
        let rejects = rows.rejects.iter().filter_map(|reject| {
            let row = rejected(&reject.raw, &reject.reason.to_string(), WITHOUT_ID);
            let is_new = row.key == WITHOUT_ID || listed.insert(row.key.clone());
            let at = row.at.filter(|at| window.contains(*at)).unwrap_or(last);
            is_new.then(|| row.difference(at))
        });
        differences.extend(rejects);
        note_rows(&mut subject.facts.days, &rows.earnings, differences, window);
        Ok(())
    }
}

/// Creators of one question, so that its answer is no longer than it may be.
fn ask_size(subjects: &[Subject], members: &[usize]) -> usize {
    let longest = members.iter().map(|index| subjects[*index].facts.days.len()).max();
    let rows = TOTAL_PAGES_MAX * i64::from(PAGE_SIZE);
    let days = i64::try_from(longest.unwrap_or(0)).unwrap_or(rows).max(1);
    usize::try_from(rows / days).unwrap_or(1).clamp(1, CREATORS_PER_ASK_MAX)
}
