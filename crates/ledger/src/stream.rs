//! What of a creator's earnings has been read, and what is to be read next.
//!
//! A stream is a watermark and a few open windows. Everything before the watermark is in the
//! ledger; each open window is a span still to be read, with the platform's cursor in it. History,
//! pulse and narrow re-read are the same operation on different windows. The whole value is stored
//! in the transaction that stores the rows it speaks of, so a process may die anywhere.

mod clocks;
mod doubts;
mod narrow;
mod pieces;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use self::doubts::Doubt;
pub use self::pieces::{PIECE_ROWS, Piece, REST_ROWS, RowsAhead};
use crate::{Cursor, HistoryPass, PageFacts, PageVerdict, Pass, Window};

/// The platform did not exist before this instant (2015-01-01), so a history starts here.
pub const HISTORY_START: Timestamp = Timestamp::constant(1_420_070_400, 0);

/// How far behind the newest window a pulse starts at least. Rows show a little after their date.
pub const PULSE_OVERLAP_SECONDS: i64 = 15 * 60;

/// Deeper looks back for late rows: (at most this often, at least this deep), in seconds.
/// Rows show up to 72 hours late, and a look back can't see what shows after it: so the daily one
/// reaches four days back.
const LOOK_BACKS: [(i64, i64); 2] = [(3_600, 6 * 3_600), (24 * 3_600, 97 * 3_600)];

/// The daily look back reaches half as far again as any row was seen late, up to this.
const LATENESS_SECONDS_MAX: i64 = 30 * 24 * 3_600;

/// The deepest look back of a pulse, whatever fits on its page.
const LOOK_BACK_SECONDS_MAX: i64 = 97 * 3_600;

/// Why a window is read. The order is the order of work: what people wait for first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// What is new since the last look.
    Pulse,
    /// A span that two pages share, read again as a whole because its rows carry no id.
    Narrow,
    /// Everything there ever was.
    History,
}

/// Which list of the platform a window is read from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feed {
    /// The earnings. In the newest generation reversals are among them.
    #[default]
    Earnings,
    /// The reversals, where the platform lists them apart from the earnings.
    Reversals,
}

/// A span still to be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenWindow {
    /// The span.
    pub window: Window,
    /// Why.
    pub purpose: Purpose,
    /// From which list.
    #[serde(default)]
    pub feed: Feed,
    /// Where ground begins that was not read before: a pulse starts on ground that was.
    pub fresh_from: Timestamp,
    /// How far it has been read.
    #[serde(default)]
    pub pass: Pass,
    /// How often the pass had to begin again because its cursor was refused or went in circles.
    #[serde(default)]
    pub restarts: u32,
    /// Of a history that the proof reads again: which piece of it this is.
    #[serde(default)]
    pub piece: Option<Piece>,
    /// Of the rest of such a history: what the pieces before it showed.
    #[serde(default)]
    pub(crate) behind: HistoryPass,
    /// Of the same: where all of it ends.
    #[serde(default)]
    pub(crate) ends_at: Option<Timestamp>,
}

impl OpenWindow {
    /// One of which nothing has been read.
    pub(crate) fn new(purpose: Purpose, feed: Feed, window: Window, fresh_from: Timestamp) -> Self {
        let (pass, behind) = (Pass::default(), HistoryPass::default());
        let (restarts, piece, ends_at) = (0, None, None);
        Self { window, purpose, feed, fresh_from, pass, restarts, piece, behind, ends_at }
    }
}

/// The reading state of one creator's earnings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// End of the newest window opened: nothing after it has been asked for yet.
    pub read_to: Option<Timestamp>,
    /// The same for the reversals, where they are listed apart.
    #[serde(default)]
    reversals_read_to: Option<Timestamp>,
    /// How late a row was seen to show, at most; it fades by a tenth with each daily look back.
    #[serde(default)]
    late_seconds: i64,
    /// When a pulse last looked back as deep as each of [`LOOK_BACKS`].
    #[serde(default)]
    looked_back_at: [Option<Timestamp>; LOOK_BACKS.len()],
    /// Spans still to be read.
    #[serde(default)]
    pub windows: Vec<OpenWindow>,
    /// Spans whose read lacked rows, to be read again later.
    #[serde(default)]
    doubts: Vec<Doubt>,
}

impl Stream {
    /// Asks for what is new at `now`: everything on the first call, later what lies behind the
    /// newest window and some ground before it. A pulse that is still being read is finished first.
    ///
    /// `page_reach` is the instant of the oldest booked row that still fits on one page with all
    /// newer ones (`None` when all do). Looking back that far costs no further request, so a quiet
    /// creator's late rows are found at once and a busy one's within an hour or a day. `changed_from`
    /// is where something is known to have changed: the pulse reaches as far.
    pub fn open_pulse(
        &mut self,
        now: Timestamp,
        page_reach: Option<Timestamp>,
        changed_from: Option<Timestamp>,
    ) {
        let Some(read_to) = self.read_to else {
            if let Ok(window) = Window::new(HISTORY_START, now) {
                self.read_to = Some(now);
                self.looked_back_at = [Some(now); LOOK_BACKS.len()];
                self.open(Purpose::History, Feed::Earnings, window, HISTORY_START);
            }
            return;
        };
        let pulses = (Feed::Earnings, Purpose::Pulse);
        if now <= read_to || self.windows.iter().any(|open| (open.feed, open.purpose) == pulses) {
            return;
        }
        let start = self.pulse_start(read_to, now, page_reach);
        let start = start.min(changed_from.unwrap_or(start));
        if let Ok(window) = Window::new(start, now) {
            self.read_to = Some(now);
            self.open(Purpose::Pulse, Feed::Earnings, window, read_to);
        }
    }

    /// Asks for new reversals where the platform lists them apart: all of them on the first call,
    /// later those of the last days, for a reversal may take its time to show. What is new is asked for
    /// though older ground is still being read: the sales' read would move the watermark past it.
    pub fn open_reversals(&mut self, now: Timestamp) {
        let deepest = SignedDuration::from_secs(LOOK_BACK_SECONDS_MAX);
        let known_to = self.watermark();
        let (purpose, start, fresh_from) = match self.reversals_read_to {
            None => (Purpose::History, HISTORY_START, known_to.unwrap_or(HISTORY_START)),
            Some(read_to) if now <= read_to => return,
            Some(read_to) => {
                let start = read_to.checked_sub(deepest).unwrap_or(HISTORY_START);
                // While rows came in a generation whose feed has them, none were asked for apart.
                (Purpose::Pulse, start, known_to.map_or(read_to, |at| at.max(read_to)))
            }
        };
        let is_unbegun = |open: &OpenWindow| {
            (open.feed, open.purpose, open.restarts) == (Feed::Reversals, Purpose::Pulse, 0)
                && open.pass == Pass::default()
        };
        let unbegun = self.windows.iter().position(is_unbegun).map(|i| self.windows.remove(i));
        let (start, fresh_from) =
            unbegun.map_or((start, fresh_from), |open| (open.window.start(), open.fresh_from));
        if let Ok(window) = Window::new(start, now) {
            self.reversals_read_to = Some(now);
            self.open(purpose, Feed::Reversals, window, fresh_from);
        }
    }

    /// Takes note that a row showed so long after its date, on ground that had been read.
    pub fn note_late(&mut self, lateness: SignedDuration) {
        let seconds = lateness.as_secs().clamp(0, LATENESS_SECONDS_MAX);
        self.late_seconds = self.late_seconds.max(seconds);
    }

    fn pulse_start(
        &mut self,
        read_to: Timestamp,
        now: Timestamp,
        reach: Option<Timestamp>,
    ) -> Timestamp {
        let before = |seconds| {
            read_to.checked_sub(SignedDuration::from_secs(seconds)).unwrap_or(HISTORY_START)
        };
        let mut start = before(PULSE_OVERLAP_SECONDS)
            .min(reach.unwrap_or(HISTORY_START).max(before(LOOK_BACK_SECONDS_MAX)));
        let late = self.late_seconds + self.late_seconds / 2;
        for (looked_back_at, (every, depth)) in self.looked_back_at.iter_mut().zip(LOOK_BACKS) {
            let is_deepest = depth == LOOK_BACK_SECONDS_MAX;
            let depth = if is_deepest { depth.max(late) } else { depth };
            let due = looked_back_at.is_none_or(|at| now.duration_since(at).as_secs() >= every);
            if due {
                start = start.min(before(depth));
            }
            if start <= before(depth) {
                *looked_back_at = Some(now);
                if is_deepest {
                    self.late_seconds -= self.late_seconds / 10;
                }
            }
        }
        start
    }

    /// The window to read next.
    #[must_use]
    pub fn next(&self) -> Option<usize> {
        (0..self.windows.len()).min_by_key(|i| self.windows[*i].purpose)
    }

    /// Takes note of a page of the window at `index`.
    pub fn read_page(&mut self, index: usize, facts: &PageFacts<'_>) -> PageVerdict {
        let open = &mut self.windows[index];
        let (feed, fresh_from) = (open.feed, open.fresh_from);
        let pass = &mut open.pass;
        let shared = facts.span.and_then(|span| pass.shares(span));
        let ambiguous = open.purpose != Purpose::Narrow
            && (facts.has_anonymous || pass.saw_anonymous)
            && shared.is_some();
        pass.note(facts);
        let verdict = match facts.next {
            None => PageVerdict::Closed,
            Some(next) if pass.repeats(next) => PageVerdict::Loop,
            Some(next) => {
                pass.go_on(next);
                PageVerdict::More
            }
        };
        match verdict {
            PageVerdict::Closed => {
                let read = self.windows.remove(index);
                self.leave_behind(&read);
            }
            PageVerdict::Loop => self.restart(index),
            PageVerdict::More => {}
        }
        // A pass that begins again meets its edges again.
        if let Some(window) = shared.filter(|_| ambiguous && verdict != PageVerdict::Loop) {
            self.open_narrow(feed, window, fresh_from.max(window.start()));
        }
        verdict
    }

    /// Begins the pass over the window at `index` again, because its cursor is worth nothing.
    pub fn restart(&mut self, index: usize) {
        let open = &mut self.windows[index];
        open.pass = Pass::default();
        open.restarts += 1;
    }

    /// Everything before this instant is in the ledger; `None` while the history is being read.
    #[must_use]
    pub fn watermark(&self) -> Option<Timestamp> {
        let unread = |open: &OpenWindow| {
            open.purpose == Purpose::History && open.fresh_from == HISTORY_START
        };
        if self.windows.iter().any(unread) {
            return None;
        }
        self.windows.iter().map(|open| open.fresh_from).chain(self.read_to).min()
    }

    /// The cursor of the window that is read next, for readers of `sync_state.last_cursor`.
    #[must_use]
    pub fn cursor(&self) -> Option<&Cursor> {
        self.windows[self.next()?].pass.cursor.as_ref()
    }

    fn open(&mut self, purpose: Purpose, feed: Feed, window: Window, fresh_from: Timestamp) {
        self.windows.push(OpenWindow::new(purpose, feed, window, fresh_from));
    }
}

#[cfg(test)]
mod tests;
