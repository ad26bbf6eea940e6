//! A history that the proof reads again is read in pieces, the newest first. Each has so few booked rows that
//! one commit takes all its pages, because only such a read can prove that a row is gone. A piece that lacks
//! rows is looked at again an hour later: so they leave in a night, and not in two months.
//!
//! The rest of the history is a window of its own behind the piece that is read. Nothing is foretold of it:
//! it is cut when its turn comes, by the rows that are booked then.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{HISTORY_START, OpenWindow, Stream};
use crate::{HistoryPass, Window};

/// Booked rows of a piece: nearly ten pages, so that one which is as it should be costs no page more than
/// its rows, and as many again that the ledger lacks still fit into its commit.
pub const PIECE_ROWS: i64 = 490;

/// Booked rows of the rest behind a piece, at least. A read that shows next to nothing proves nothing.
pub const REST_ROWS: i64 = 100;

/// A piece of a history that is read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Rows that were booked in it when it was cut, as far as that is known.
    pub(super) booked: i64,
    /// How often it was looked at before, because it lacked rows.
    pub(super) looks: u32,
}

/// Booked rows of a history that are still to be read again, as far as its next piece needs to know them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowsAhead {
    /// How many there are. Counted up to [`PIECE_ROWS`] and [`REST_ROWS`] together.
    pub rows: i64,
    /// Instant of the oldest of the newest [`PIECE_ROWS`].
    pub reach: Option<Timestamp>,
}

impl Piece {
    /// Whether it is one of a history that is being read, and not a later look at one.
    pub(crate) fn is_first_look(self) -> bool {
        self.looks == 0
    }
}

impl OpenWindow {
    /// Whether it is a history that the proof reads again, or the rest of one, whose next piece is to be cut.
    #[must_use]
    pub fn is_uncut(&self) -> bool {
        self.is_rest() && self.piece.is_none() && self.pass.pages == 0
    }

    /// The oldest instant that its pass has shown so far.
    #[must_use]
    pub fn oldest_seen(&self) -> Option<Timestamp> {
        self.pass.seen.map(|(oldest, _)| oldest)
    }

    /// How many of the rows that were booked in a piece it did not show. That is no evidence, but worth a look.
    pub(crate) fn lacking(&self, read: usize) -> usize {
        let booked = self.piece.and_then(|piece| usize::try_from(piece.booked).ok());
        booked.map_or(0, |booked| booked.saturating_sub(read))
    }

    fn is_rest(&self) -> bool {
        self.is_proof() && self.is_of_history() && self.window.start() == HISTORY_START
    }
}

impl Stream {
    /// Cuts the newest piece off the history at `index`, where it is then found; where few rows are ahead,
    /// all of it is the last piece. Pieces meet at whole seconds.
    pub fn cut_piece(&mut self, index: usize, ahead: RowsAhead) {
        let open = &mut self.windows[index];
        let is_long = PIECE_ROWS + REST_ROWS <= ahead.rows;
        let reach = ahead.reach.filter(|_| is_long).map(Timestamp::as_second);
        let cut = reach.and_then(|second| Timestamp::from_second(second).ok()).and_then(|at| {
            let rest = Window::new(open.window.start(), at).ok()?;
            Some((rest, Window::new(at, open.window.end()).ok()?))
        });
        let Some((rest, newest)) = cut else {
            open.piece = Some(Piece { booked: ahead.rows, looks: 0 });
            return;
        };
        open.ends_at = open.ends_at.or(Some(open.window.end()));
        open.window = rest;
        let piece = OpenWindow {
            piece: Some(Piece { booked: PIECE_ROWS, looks: 0 }),
            ..OpenWindow::new(open.purpose, open.feed, newest, open.fresh_from)
        };
        self.windows.insert(index, piece);
    }

    /// Takes note that a window was read to its end: the rest of its history knows what was behind.
    pub(super) fn leave_behind(&mut self, read: &OpenWindow) {
        if read.is_proof()
            && let Some(shown) = read.history_pass()
            && let Some(rest) = self.windows.iter_mut().find(|open| open.is_rest())
        {
            rest.behind = rest.behind.and(shown);
        }
    }

    /// The history of which `read` was the last part, as it stood before its last page, and how many rows
    /// it showed, `rows` of them in that part. `None` while other parts are to be read: one of them alone tells
    /// little of what a history lacks, and those that the platform has nothing of tell nothing at all.
    #[must_use]
    pub fn history_read(&self, read: &OpenWindow, rows: usize) -> Option<(Window, usize)> {
        if !read.is_of_history() {
            return None;
        }
        if read.piece.is_none() {
            return Some((read.window, rows));
        }
        let is_part = |open: &OpenWindow| open.is_proof() && open.is_of_history();
        if read.window.start() != HISTORY_START || self.windows.iter().any(is_part) {
            return None;
        }
        let end = read.ends_at.unwrap_or(read.window.end());
        let behind = usize::try_from(read.behind.rows).unwrap_or(usize::MAX);
        Some((Window::new(HISTORY_START, end).ok()?, behind.saturating_add(rows)))
    }
}

impl OpenWindow {
    /// What is known of the pass over a history that this is, or is a piece of.
    pub(crate) fn history_pass(&self) -> Option<HistoryPass> {
        let own = HistoryPass { rows: self.pass.rows, seen: self.pass.seen };
        self.is_of_history().then(|| self.behind.and(own))
    }
}

impl HistoryPass {
    /// Both together.
    pub(crate) fn and(self, other: Self) -> Self {
        let hull = |(a, b): (Timestamp, Timestamp), (c, d)| (a.min(c), b.max(d));
        let seen = match (self.seen, other.seen) {
            (Some(one), Some(two)) => Some(hull(one, two)),
            (one, two) => one.or(two),
        };
        Self { rows: self.rows + other.rows, seen }
    }
}

#[cfg(test)]
mod tests;
