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
    asking::{Platform, Rows, Stop},
    days::{differing, explain_rejects, forget, note_rows, note_totals, unlisted},
    gathering::{Subject, Way, rejected},
};
use crate::{Ctx, Error};

/// The most totals that are asked for with one question, twenty pages: longer ones name fewer creators.
const TOTALS_MAX: usize = 1_000;

const DAY_SECONDS: i64 = 24 * 3600;

/// What a row that is no earning is called where nothing names it.
const WITHOUT_ID: &str = "a row without an id";

/// Hears the platform about some of them and writes what it says into their facts. So many groups come after
/// these, and their totals before these creators' rows.
///
/// # Errors
/// As for any statement. What the platform does is no error: it stands in the facts.
pub(super) async fn hear(
    ctx: &Ctx,
    platform: &mut Platform<'_>,
    asked: &BooksAsked<'_>,
    subjects: &mut [Subject],
    (wants_rows, groups_left): (bool, usize),
) -> Result<(), Error> {
    let start = asked.utc.0.max(HISTORY_START);
    // What was read is as of Fanvue's time: where that is ahead of our clock, ours is behind.
    let read_until = subjects.iter().filter_map(|one| one.facts.reading.watermark).max();
    let end = read_until.map_or(asked.now, |at| at.max(asked.now)).min(asked.utc.1);
    let Ok(window) = Window::new(start, end) else { return Ok(()) };
    let before = platform.requests;
    let mut hearing = Hearing { ctx, asked, platform };
    hearing.totals(subjects, window).await?;
    if wants_rows {
        let taken = hearing.platform.requests.saturating_sub(before).max(1);
        let groups_left = u32::try_from(groups_left).unwrap_or(u32::MAX);
        hearing.platform.kept = taken.saturating_mul(groups_left);
        for subject in &mut *subjects {
            hearing.rows(subject, window).await?;
        }
        hearing.platform.kept = 0;
    }
    // By rows too: of whom they could not be read there are totals only.
    hearing.lately(subjects, window).await
}

/// The hearing of some of them.
pub(super) struct Hearing<'a, 'p> {
    ctx: &'a Ctx,
    pub(super) asked: &'a BooksAsked<'a>,
    pub(super) platform: &'a mut Platform<'p>,
}

impl Hearing<'_, '_> {
    /// Totals of everybody whom an agency's account manages, those first whose days the ledger knows. Of the
    /// others more are asked about with each question, as far as those before them allow.
    async fn totals(&mut self, subjects: &mut [Subject], window: Window) -> Result<(), Error> {
        let mut groups: BTreeMap<(bool, ConnectionId), Vec<usize>> = BTreeMap::new();
        for (index, subject) in subjects.iter_mut().enumerate() {
            match &subject.way {
                Way::Managed(connection, _) => {
                    let is_unread = subject.facts.reading.watermark.is_none();
                    groups.entry((is_unread, *connection)).or_default().push(index);
                }
                Way::Own(_) => subject.facts.unheard = Some(Unheard::OnlyRows),
                Way::Closed => {}
            }
        }
        for ((is_unread, connection), members) in groups {
            let mut longest = most_days(subjects, &members);
            let mut size = ask_size(if is_unread { days_in(window) } else { longest });
            let mut rest = &members[..];
            while !rest.is_empty() {
                let (named, later) = rest.split_at(size.min(rest.len()));
                self.totals_of(subjects, named, (connection, window)).await?;
                rest = later;
                if is_unread {
                    // What was told of them stands among their days.
                    longest = longest.max(most_days(subjects, named));
                    size = ask_size(longest).min(2 * size);
                }
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
            // Nor of one of whom nobody has asked since.
            if told.is_empty() && facts.days.iter().any(|day| day.sales.rows != 0) {
                facts.unheard = Some(Unheard::LeftOut);
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
        let left = i64::from(self.platform.left());
        let is_affordable = held / i64::from(PAGE_SIZE) < left / 2;
        let differing = differing(&subject.facts.days, window);
        let windows = match subject.facts.unheard {
            None if !is_affordable => {
                subject.facts.unread = Some(Unheard::TooMany);
                differing
            }
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
        let left = || self.platform.left_to_read();
        let tx = self.ctx.store.begin_snapshot_within("diagnose_rows", &left).await?;
        let ours = tx.list_rows_between(agency, creator, span, &subject.moment).await?;
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

/// Days on which something is known of one of them, at most.
fn most_days(subjects: &[Subject], members: &[usize]) -> usize {
    members.iter().map(|index| subjects[*index].facts.days.len()).max().unwrap_or(0)
}

/// Days of a window.
fn days_in(window: Window) -> usize {
    let seconds = window.end().duration_since(window.start()).as_secs();
    usize::try_from(seconds / DAY_SECONDS).unwrap_or(0) + 1
}

/// Creators of one question, each with so many days, so that its answer is no longer than it may be.
fn ask_size(days: usize) -> usize {
    (TOTALS_MAX / days.max(1)).clamp(1, CREATORS_PER_ASK_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_names_as_many_creators_as_its_answer_has_room_for() {
        for (days, creators) in [(0, 50), (20, 50), (30, 33), (1_000, 1), (4_300, 1)] {
            assert_eq!(ask_size(days), creators, "{days} days");
        }
        let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
        let month = Window::new(at("2026-11-01T00:00:00Z"), at("2026-11-30T10:00:00Z")).unwrap();
        assert_eq!(days_in(month), 30);
    }
}
