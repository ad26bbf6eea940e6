//! The invariants of the design, asked after every op. Each answer is a sentence or silence.
//!
//! What completeness means while things still happen: let `w` be a creator's as-of time and `o` the
//! moment at which the window that ends at `w` was opened. Every row dated before `w` that showed
//! at `o` is in the ledger, if it showed when her history was first read, or no more than the
//! pulse's overlap after its date. Rows later than that, and reversals that an older generation
//! hid, are owed only at rest (see [`super::rest`]). A clock that is off eats into the overlap.

use std::collections::{BTreeMap, BTreeSet};

use app::report::{CreatorReport, Report};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use uuid::Uuid;

use super::{
    invariants::{
        absence_is_true, coarse_sums_agree, no_row_too_many, nothing_goes_back,
        nothing_is_told_twice, report_is_true, sums_agree, what_totals_confirm_is_booked,
        who_is_being_read_is_not_confirmed,
    },
    paying::{fan_counts_agree, fan_days_agree},
    truth::{Content, Fact, VOID_AFTER_SECONDS, count},
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
        fact.step < self.step && fact.shows_since() <= self.at
    }
}

/// What the oracle remembers.
#[derive(Debug)]
pub struct Oracle {
    zone: TimeZone,
    /// Whether ticks may ask for totals in place of reading.
    totals_are_asked: bool,
    before: View,
    /// By creator: end of each window opened, and when.
    openings: BTreeMap<Uuid, BTreeMap<Timestamp, Opening>>,
    /// How wrong our clock has been, in seconds: earliest and latest.
    off: (i64, i64),
    latest_ours: Timestamp,
    /// True time at which the platform last hid reversals.
    hid_at: Option<Timestamp>,
    /// The same for those of the connected account, which older platforms list apart.
    hid_own_at: Option<Timestamp>,
    /// The connected account, if it earns itself.
    pub own: Option<Uuid>,
}

impl Oracle {
    pub fn new(zone: TimeZone, totals_are_asked: bool, now: Timestamp) -> Self {
        Self {
            zone,
            totals_are_asked,
            before: View::default(),
            openings: BTreeMap::new(),
            off: (0, 0),
            latest_ours: now,
            hid_at: None,
            hid_own_at: None,
            own: None,
        }
    }

    /// Takes note of both clocks, and of whether the platform hides reversals now.
    pub fn notice(&mut self, truth: Timestamp, ours: Timestamp, hides: bool, hides_own: bool) {
        let off = ours.duration_since(truth).as_secs();
        self.off = (self.off.0.min(off), self.off.1.max(off));
        self.latest_ours = self.latest_ours.max(ours);
        if hides {
            self.hid_at = Some(truth);
        }
        if hides_own {
            self.hid_own_at = Some(truth);
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
    pub fn may_be_hidden(&self, account: Uuid, fact: &Fact) -> bool {
        let hid_at = if self.own == Some(account) { self.hid_own_at } else { self.hid_at };
        fact.is_reversal() && hid_at.is_some_and(|at| fact.visible_at <= at)
    }

    /// What may leave the ledger in an op that began then: of each content, as many as two reads, an
    /// hour of our clock apart, may both have lacked.
    fn may_be_void(
        &self,
        facts: &[Fact],
        now: Timestamp,
        began_at: Timestamp,
    ) -> BTreeMap<Content, usize> {
        let needed = VOID_AFTER_SECONDS - (self.off.1 - self.off.0);
        let missed = facts.iter().filter(|fact| {
            let ends = fact.gone.first().zip(fact.gone.last());
            ends.is_some_and(|((from, _), (_, until))| {
                began_at < *until && needed <= now.duration_since(*from).as_secs()
            })
        });
        count(missed.flat_map(|fact| fact.contents().collect::<BTreeSet<_>>()))
    }

    /// Asks for every invariant.
    pub fn check(
        &mut self,
        view: View,
        facts: &BTreeMap<Uuid, Vec<Fact>>,
        now: Timestamp,
        happened: &Happened,
    ) -> Result<(), String> {
        coarse_sums_agree(&view)?;
        fan_counts_agree(&view)?;
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
                let by_totals = self.totals_are_asked
                    && (happened.report.is_none()
                        || creator.stream.open_windows == 0
                            && creator.stream.read_at == before.stream.read_at);
                openings.insert(read_to, Opening { step, at, by_totals });
            }
            sums_agree(creator, &self.zone)
                .and_then(|()| fan_days_agree(creator, &self.zone))
                .and_then(|()| no_row_too_many(creator, facts, now))
                .and_then(|()| {
                    let may_go = self.may_be_void(facts, now, happened.began_at);
                    nothing_goes_back(before, creator, asked, &may_go)
                })
                .and_then(|()| absence_is_true(creator, facts))
                .and_then(|()| nothing_is_told_twice(creator, facts))
                .and_then(|()| {
                    what_totals_confirm_is_booked(before, creator, facts, happened.began_at)
                })
                .and_then(|()| match happened.report {
                    Some(_) => who_is_being_read_is_not_confirmed(&before.stream, &creator.stream),
                    None => Ok(()),
                })
                .and_then(|()| self.as_of_is_earned(*account, creator, facts, now))
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
        now: Timestamp,
    ) -> Result<(), String> {
        if creator.as_of != creator.stream.watermark {
            return Err(format!(
                "as-of {:?} is not the watermark {:?}",
                creator.as_of, creator.stream.watermark
            ));
        }
        let Some(as_of) = creator.as_of else { return Ok(()) };
        // Whatever our clock shows: each answer tells the platform's second.
        if now + SignedDuration::from_secs(1) < as_of {
            return Err(format!("as-of {as_of} lies in the future: it is {now}"));
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
                && !self.may_be_hidden(account, fact)
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
