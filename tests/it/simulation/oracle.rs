//! The invariants of the design, asked after every op. Each answer is a sentence or silence.
//!
//! What completeness means while things still happen: let `w` be a creator's as-of time and `o` the
//! moment at which the window that ends at `w` was opened. Every row dated before `w` that showed
//! at `o` is in the ledger, if it showed when her history was first read, or no more than the
//! pulse's overlap after its date. Rows later than that, and reversals that an older generation
//! hid, are owed only at rest (see [`super::rest`]). A clock that is off eats into the overlap.

use std::collections::{BTreeMap, BTreeSet};

use app::report::{CreatorReport, CreatorState, Report};
use jiff::{Timestamp, tz::TimeZone};
use uuid::Uuid;

use super::{
    truth::{Fact, count},
    view::{CreatorView, RowView, View},
};

/// A row that shows no later than this after its date is in the ledger once as-of has passed it.
const OVERLAP_SECONDS: i64 = 15 * 60;

/// What happened since the oracle was last asked.
#[derive(Debug, Default)]
pub struct Happened {
    /// Counts the ops.
    pub step: u64,
    /// True time before it began.
    pub began_at: Timestamp,
    /// Creators whose history somebody asked for.
    pub asked_for_history: BTreeSet<Uuid>,
    /// The report, if it was exactly one tick that nobody disturbed.
    pub report: Option<Report>,
}

/// When a window was opened: in that op, and no earlier than this true time.
#[derive(Clone, Copy, Debug)]
struct Opening {
    step: u64,
    at: Timestamp,
    /// Whether totals may have taken the place of a read. They don't show reversals.
    by_totals: bool,
}

impl Opening {
    fn came_after(self, fact: &Fact) -> bool {
        fact.step < self.step && fact.visible_at <= self.at
    }
}

/// What the oracle remembers.
#[derive(Debug)]
pub struct Oracle {
    zone: TimeZone,
    before: View,
    /// By creator: end of each window opened, and when.
    openings: BTreeMap<Uuid, BTreeMap<Timestamp, Opening>>,
    /// How wrong our clock has been, in seconds: earliest and latest.
    off: (i64, i64),
    latest_ours: Timestamp,
    /// True time at which the platform last hid reversals.
    hid_at: Option<Timestamp>,
}

impl Oracle {
    pub fn new(zone: TimeZone, now: Timestamp) -> Self {
        Self {
            zone,
            before: View::default(),
            openings: BTreeMap::new(),
            off: (0, 0),
            latest_ours: now,
            hid_at: None,
        }
    }

    /// Takes note of both clocks, and of whether the platform hides reversals now.
    pub fn notice(&mut self, truth: Timestamp, ours: Timestamp, hides: bool) {
        let off = ours.duration_since(truth).as_secs();
        self.off = (self.off.0.min(off), self.off.1.max(off));
        self.latest_ours = self.latest_ours.max(ours);
        if hides {
            self.hid_at = Some(truth);
        }
    }

    /// The latest that our clock ever showed.
    pub fn latest_ours(&self) -> Timestamp {
        self.latest_ours
    }

    pub fn clock_was_off(&self) -> bool {
        self.off != (0, 0)
    }

    /// Whether an older generation of rows may have hidden it from us.
    pub fn may_be_hidden(&self, fact: &Fact) -> bool {
        fact.is_reversal() && self.hid_at.is_some_and(|at| fact.visible_at <= at)
    }

    /// Asks for every invariant.
    pub fn check(
        &mut self,
        view: View,
        facts: &BTreeMap<Uuid, Vec<Fact>>,
        now: Timestamp,
        happened: &Happened,
    ) -> Result<(), String> {
        for (account, creator) in &view.creators {
            let nothing = CreatorView::default();
            let before = self.before.creators.get(account).unwrap_or(&nothing);
            let asked = happened.asked_for_history.contains(account);
            let facts = facts.get(account).map_or(&[][..], Vec::as_slice);
            let openings = self.openings.entry(*account).or_default();
            if asked {
                openings.clear();
            }
            if let Some(read_to) = creator.stream.read_to
                && (asked || before.stream.read_to != Some(read_to))
            {
                let (step, at) = (happened.step, happened.began_at);
                let by_totals = happened.report.is_none()
                    || creator.stream.open_windows == 0
                        && creator.stream.read_at == before.stream.read_at;
                openings.insert(read_to, Opening { step, at, by_totals });
            }
            sums_agree(creator, &self.zone)
                .and_then(|()| no_row_too_many(creator, facts, now))
                .and_then(|()| nothing_goes_back(before, creator, asked))
                .and_then(|()| self.as_of_is_earned(*account, creator, facts))
                .map_err(|problem| format!("{account}: {problem}"))?;
            let told = |report: &&CreatorReport| report.model_id.0 == creator.id;
            let reports = happened.report.iter().flat_map(|report| &report.creators);
            for report in reports.filter(told) {
                report_is_true(report, before, creator, self.latest_ours)
                    .map_err(|problem| format!("{account}: {problem}"))?;
            }
        }
        self.before = view;
        Ok(())
    }

    fn as_of_is_earned(
        &self,
        account: Uuid,
        creator: &CreatorView,
        facts: &[Fact],
    ) -> Result<(), String> {
        if creator.as_of != creator.stream.watermark {
            return Err(format!(
                "as-of {:?} is not the watermark {:?}",
                creator.as_of, creator.stream.watermark
            ));
        }
        let Some(as_of) = creator.as_of else { return Ok(()) };
        if self.latest_ours < as_of {
            return Err(format!("as-of {as_of} lies in the future"));
        }
        let openings = &self.openings[&account];
        let Some(first) = openings.first_key_value() else {
            return Err(format!("as-of {as_of} without a window ever opened"));
        };
        let opened = openings.range(..=as_of).next_back().unwrap_or(first);
        let mut reads = openings.range(..=as_of).rev().filter(|(_, opened)| !opened.by_totals);
        let read = reads.next().unwrap_or(first);
        let grace = OVERLAP_SECONDS - (self.off.1 - self.off.0);
        let owed = facts.iter().filter(|fact| {
            let (read_to, opened) = if fact.is_reversal() { read } else { opened };
            fact.is_earning()
                && fact.before.is_empty()
                && fact.at < as_of.min(*read_to)
                && opened.came_after(fact)
                && (first.1.came_after(fact) || fact.late_seconds() <= grace)
                && !self.may_be_hidden(fact)
        });
        let held = count(creator.rows.values().map(RowView::content));
        for (content, owed) in count(owed.map(Fact::content)) {
            let held = held.get(&content).copied().unwrap_or(0);
            if held < owed {
                return Err(format!(
                    "as-of {as_of} claims {owed} of {content:?}, the ledger holds {held}"
                ));
            }
        }
        Ok(())
    }
}

/// Invariant 1: shown total = Σ rollup = Σ ledger, day by day.
fn sums_agree(creator: &CreatorView, zone: &TimeZone) -> Result<(), String> {
    let mut ledger = (0, 0, 0);
    let mut days = BTreeMap::<_, (i64, i64, i64)>::new();
    for row in creator.rows.values() {
        ledger = (ledger.0 + row.gross, ledger.1 + row.net, ledger.2 + 1);
        let key = (row.at.to_zoned(zone.clone()).date(), row.source.clone());
        let day = days.entry(key).or_default();
        *day = (day.0 + row.gross, day.1 + row.net, day.2 + 1);
    }
    if creator.shown != ledger {
        return Err(format!("{:?} is shown, the ledger holds {ledger:?}", creator.shown));
    }
    if creator.days != days {
        return Err(format!("the rollup says {:?}, the ledger {days:?}", creator.days));
    }
    Ok(())
}

/// Invariants 2 and 4: never more of anything than the platform shows or has shown.
fn no_row_too_many(creator: &CreatorView, facts: &[Fact], now: Timestamp) -> Result<(), String> {
    let shown = facts.iter().filter(|fact| fact.is_earning() && fact.visible_at <= now);
    let mut shown: BTreeMap<_, _> = shown.map(|fact| (fact.id.as_str(), fact)).collect();
    let mut anonymous = vec![];
    for row in creator.rows.values() {
        let Some(order) = row.order() else {
            anonymous.push(row);
            continue;
        };
        match shown.remove(order) {
            Some(fact) if fact.contents().any(|content| content == row.content()) => {}
            Some(fact) => return Err(format!("{row:?} was never what {fact:?} said")),
            None => return Err(format!("nothing that shows has the id of {row:?}")),
        }
    }
    let known = count(shown.values().flat_map(|fact| fact.contents().collect::<BTreeSet<_>>()));
    for (content, held) in count(anonymous.iter().map(|row| row.content())) {
        let known = known.get(&content).copied().unwrap_or(0);
        if known < held {
            return Err(format!("the ledger holds {held} more of {content:?}, Fanvue {known}"));
        }
    }
    Ok(())
}

/// Invariants 3 and 5, and status: rows stay, as-of and status only move on.
fn nothing_goes_back(
    before: &CreatorView,
    after: &CreatorView,
    asked_for_history: bool,
) -> Result<(), String> {
    if after.as_of < before.as_of && !asked_for_history {
        return Err(format!("as-of went back from {:?} to {:?}", before.as_of, after.as_of));
    }
    for (id, row) in &before.rows {
        let Some(now) = after.rows.get(id) else { return Err(format!("{row:?} is gone")) };
        let available = |row: &RowView| row.status.as_deref() == Some("availableForPayout");
        if available(row) && !available(now) {
            return Err(format!("the status of {now:?} went back"));
        }
        if row.order().is_some() && row.order() != now.order() {
            return Err(format!("{row:?} changed its id to {}", now.key));
        }
    }
    Ok(())
}

/// Invariants 4 and 6, from the report of a single undisturbed tick.
fn report_is_true(
    report: &CreatorReport,
    before: &CreatorView,
    after: &CreatorView,
    latest_ours: Timestamp,
) -> Result<(), String> {
    let failed = matches!(report.state, CreatorState::Failed | CreatorState::Disconnected);
    if failed && report.pages == 0 {
        if (before.as_of, before.rows.len()) != (after.as_of, after.rows.len()) {
            return Err(format!("an attempt that read nothing changed something: {report:?}"));
        }
        if report.state == CreatorState::Failed
            && after.stream.attempts != before.stream.attempts + 1
        {
            return Err(format!(
                "{} failed attempts became {} by another one",
                before.stream.attempts, after.stream.attempts
            ));
        }
        if after.stream.last_error.is_none() && report.state == CreatorState::Failed {
            return Err(format!("a failure was not written down: {report:?}"));
        }
    }
    if report.error.as_ref().is_some_and(|error| error.contains("the database did not take")) {
        return Err(format!("our own rows were refused: {report:?}"));
    }
    if report.state == CreatorState::Complete && after.stream.last_error.is_some() {
        return Err(format!("complete, but {:?}", after.stream.last_error));
    }
    if after.stream.lease_token.is_some()
        && after.stream.lease_token != before.stream.lease_token
        && after.stream.lease_expires_at.is_some_and(|at| latest_ours < at)
    {
        return Err(format!("the tick is over and holds its lease: {report:?}"));
    }
    Ok(())
}
