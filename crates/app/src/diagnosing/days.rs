//! What the platform said, written into the days of a creator's facts.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use fanvue::AgencyDay;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use ledger::{
    Booked, Cents, Days, Earning, Window,
    diagnosis::{
        Clue, DayFacts, Facts, PlatformDay, RejectedRow, RowDifference, Sum, Unheard, day_of,
    },
};

use super::gathering::empty_day;

/// Rows were refused: what totals told still stands, unless they may not be this creator's at all. Where they
/// stand alone, rows were not compared.
pub(super) fn forget(facts: &mut Facts, unheard: Unheard) {
    if matches!(unheard, Unheard::NotManaged { .. }) {
        facts.days.iter_mut().for_each(|day| day.platform = PlatformDay::Unheard);
        facts.unheard = Some(unheard);
    } else if facts.unheard.is_some() {
        facts.unheard = Some(unheard);
    } else {
        facts.unread = Some(unheard);
    }
}

/// Writes totals into the days; of a day that they leave out the total is nothing.
pub(super) fn note_totals(days: &mut Vec<DayFacts>, told: &[&AgencyDay]) {
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
pub(super) fn differing(days: &[DayFacts], within: Window) -> Vec<Window> {
    let mut windows: Vec<Window> = vec![];
    for day in days.iter().filter(|day| day.rest() != Cents::ZERO) {
        let Some((start, end)) = instants(day.on) else { continue };
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
pub(super) fn unlisted(theirs: &[Earning], ours: &[Booked]) -> Vec<String> {
    let listed: HashSet<String> =
        theirs.iter().filter_map(|row| Some(row.order_id.as_ref()?.to_string())).collect();
    let keys = ours.iter().filter(|row| row.earning.order_id.is_some());
    keys.map(|row| row.key.to_string()).filter(|key| !listed.contains(key)).collect()
}

/// A row that makes sense now may have been set aside when it came.
pub(super) fn explain_rejects(differences: &mut [RowDifference], rejects: &[RejectedRow]) {
    for row in differences.iter_mut().filter(|row| row.ours.is_none()) {
        let found = rejects.iter().find(|reject| reject.key == row.key);
        if let (Some(reject), Clue::None) = (found, &row.clue) {
            let (reason, is_future) = (reject.reason.clone(), reject.is_future);
            row.clue = Clue::Rejected { reason, dated: reject.at, is_future };
        }
    }
}

/// Writes the rows of a window into its days.
pub(super) fn note_rows(
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
    instants(on).is_some_and(|(start, _)| window.contains(start))
}

fn instants(on: Date) -> Option<(Timestamp, Timestamp)> {
    Days::new(on, on).map(|day| day.instants(&TimeZone::UTC))
}
