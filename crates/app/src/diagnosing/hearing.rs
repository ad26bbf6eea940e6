//! What the platform says of everybody asked about: totals fifty creators at a time, then, if they are
//! asked for, the rows of one creator after the other.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use fanvue::{AgencyDay, CREATORS_PER_ASK_MAX, CreatorUuid, PAGE_SIZE, Reader, Routes};
use jiff::{Timestamp, civil::Date};
use ledger::{
    AgencyId, Booked, Cents, ConnectionId, Earning, Feed, HISTORY_START, Window,
    diagnosis::{
        Clue, DayFacts, PlatformDay, RejectedRow, RowDifference, Sum, Unheard, compare_rows, day_of,
    },
};
use store::BooksAsked;

use super::{
    asking::{Platform, REQUESTS_MAX, Rows, Stop},
    gathering::{Subject, Way, empty_day, rejected},
};
use crate::{Ctx, Error};

/// The most pages of one question about totals: longer ones name fewer creators.
const TOTAL_PAGES_MAX: i64 = 20;

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
            let told = days.iter().filter(|day| day.creator == *account);
            note_totals(&mut subjects[*index].facts.days, told);
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
                    // What totals told still stands; it only was not looked at row by row.
                    if subject.facts.unheard.is_some() {
                        subject.facts.unheard = Some(unheard);
                    }
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
        let rejects = rows.rejects.iter().map(|reject| {
            let row = rejected(&reject.raw, &reject.reason.to_string(), "a row without an id");
            let at = row.at.filter(|at| window.contains(*at)).unwrap_or(window.start());
            row.difference(at)
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

/// Writes totals into the days; of a day that they leave out the total is nothing.
fn note_totals<'a>(days: &mut Vec<DayFacts>, told: impl Iterator<Item = &'a AgencyDay>) {
    for day in days.iter_mut() {
        day.platform = PlatformDay::Total { gross: Cents::ZERO, currency: None };
    }
    for total in told {
        let currency = total.currency.clone();
        let platform = PlatformDay::Total { gross: total.gross, currency };
        match days.iter_mut().find(|day| day.on == total.on) {
            Some(day) => day.platform = platform,
            None => days.push(empty_day(total.on, platform)),
        }
    }
    days.sort_by_key(|day| day.on);
}

/// Days on which totals and the ledger differ, those beside each other as one window.
fn differing(days: &[DayFacts], within: Window) -> Vec<Window> {
    let mut windows: Vec<Window> = vec![];
    for day in days.iter().filter(|day| day.rest() != Cents::ZERO) {
        let instants =
            ledger::Days::new(day.on, day.on).map(|day| day.instants(&jiff::tz::TimeZone::UTC));
        let Some((start, end)) = instants else { continue };
        let bounded = Window::new(start.max(within.start()), end.min(within.end()));
        let Ok(window) = bounded else { continue };
        match windows.last_mut() {
            Some(last) if last.end() == window.start() => *last = last.hull(window),
            _ => windows.push(window),
        }
    }
    windows
}

/// Keys of ours that the platform does not list.
fn unlisted(theirs: &[Earning], ours: &[Booked]) -> Vec<String> {
    let listed: HashSet<String> =
        theirs.iter().filter_map(|row| Some(row.order_id.as_ref()?.to_string())).collect();
    let keys = ours.iter().filter(|row| row.earning.order_id.is_some());
    keys.map(|row| row.key.to_string()).filter(|key| !listed.contains(key)).collect()
}

/// A row that makes sense now may have been set aside when it came.
fn explain_rejects(differences: &mut [RowDifference], rejects: &[RejectedRow]) {
    for row in differences.iter_mut().filter(|row| row.ours.is_none()) {
        let found = rejects.iter().find(|reject| reject.key == row.key);
        if let (Some(reject), Clue::None) = (found, &row.clue) {
            let (reason, is_future) = (reject.reason.clone(), reject.is_future);
            row.clue = Clue::Rejected { reason, is_future };
        }
    }
}

/// Writes the rows of a window into its days.
fn note_rows(
    days: &mut Vec<DayFacts>,
    theirs: &[Earning],
    differences: Vec<RowDifference>,
    window: Window,
) {
    let mut sums: BTreeMap<Date, Sum> = BTreeMap::new();
    let mut add = |at: Timestamp, gross: Cents| {
        let sum = sums.entry(day_of(at)).or_default();
        *sum = *sum + Sum { cents: gross, rows: 1 };
    };
    theirs.iter().for_each(|row| add(row.at, row.gross));
    let is_reject = |row: &&RowDifference| matches!(row.clue, Clue::Rejected { .. });
    let listed: HashSet<&str> =
        theirs.iter().filter_map(|row| row.order_id.as_ref()).map(|id| id.as_str()).collect();
    for row in differences.iter().filter(is_reject) {
        // One that makes sense now is among theirs.
        if !listed.contains(row.key.as_str()) {
            add(row.at, row.theirs.unwrap_or_default());
        }
    }
    let mut by_day: BTreeMap<Date, Vec<RowDifference>> = BTreeMap::new();
    for row in differences {
        by_day.entry(day_of(row.at)).or_default().push(row);
    }
    let ours = days.iter().map(|day| day.on).filter(|on| is_within(*on, window));
    let touched: BTreeSet<Date> =
        ours.chain(sums.keys().copied()).chain(by_day.keys().copied()).collect();
    for on in touched {
        let platform = PlatformDay::Rows {
            sum: sums.get(&on).copied().unwrap_or_default(),
            differences: by_day.remove(&on).unwrap_or_default(),
        };
        match days.iter_mut().find(|day| day.on == on) {
            Some(day) => day.platform = platform,
            None => days.push(empty_day(on, platform)),
        }
    }
    days.sort_by_key(|day| day.on);
}

/// Whether a day begins in a window, which begins and ends with days or now.
fn is_within(on: Date, window: Window) -> bool {
    let instants = ledger::Days::new(on, on).map(|day| day.instants(&jiff::tz::TimeZone::UTC));
    instants.is_some_and(|(start, _)| window.contains(start))
}
