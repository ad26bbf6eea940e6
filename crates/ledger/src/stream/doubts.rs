//! Spans whose read lacked rows that are booked, until they are looked at again.
//!
//! Only a window that one commit takes can prove that a row is gone, twice. A piece of a history that the proof reads
//! is one. A history that somebody asked for is read in one pass, which proves nothing: what its pages passed over
//! is cut into pieces, to be looked at by the ticks that come anyway.

use std::mem;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Feed, OpenWindow, PIECE_ROWS, Piece, Purpose, Stream};
use crate::{
    PROOF_WINDOWS_MAX, Window,
    books::{MISSING_ONE_IN, Passed, VOID_AFTER_SECONDS},
};

/// How often a piece that lacks rows is looked at again: some come and go, and a look may be broken off.
pub(super) const LOOKS_MAX: u32 = 3;

/// The most pieces of one stream that wait to be looked at again: thirty thousand rows. More tell of an outage, and the
/// next read of the history comes to them.
pub(super) const DOUBTS_MAX: usize = 64;

/// A piece that lacked rows, and when another read of it may prove something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Doubt {
    window: Window,
    piece: Piece,
    not_before: Timestamp,
    /// How many rows it lacked.
    #[serde(default)]
    lacking: u64,
}

impl Stream {
    /// Takes note that a read of `open` at `now` lacked so many rows. If it is a piece of a history, it is read again
    /// after the time that has to lie between two reads without a row.
    pub fn doubt(&mut self, open: &OpenWindow, lacking: usize, now: Timestamp) {
        if let Some(piece) = open.piece.filter(|piece| piece.looks < LOOKS_MAX) {
            self.put_off((open.window, piece), lacking, now);
        }
    }

    /// Takes note of a window that was read to its end, so many rows, by more than one commit, and proves nothing: what
    /// seems to lack rows is read again, and so is what was looked at again because it had lacked some.
    pub fn doubt_broken(&mut self, open: &OpenWindow, read: usize, now: Timestamp) {
        let was_doubted = open.piece.is_some_and(|piece| 0 < piece.looks);
        let lacking = open.lacking(read);
        if was_doubted || 0 < lacking {
            self.doubt(open, lacking, now);
        }
    }

    /// Takes note of the booked rows that pages of a history, read at `now`, passed over: the pieces in which those lie
    /// are read later. A piece that lacks many of its rows tells of an outage.
    pub fn doubt_rows(&mut self, rows: &[Passed], now: Timestamp) {
        let most = usize::try_from(PIECE_ROWS).unwrap_or(usize::MAX);
        // Of one size: a piece of a few rows could show nothing, and prove nothing.
        let size = rows.len().div_ceil(rows.len().div_ceil(most).max(1)).max(1);
        for rows in rows.chunks(size) {
            let lacking = rows.iter().filter(|row| !row.is_shown).count();
            if lacking == 0 || rows.len().div_ceil(MISSING_ONE_IN) < lacking {
                continue;
            }
            if let Some(window) = whole_seconds(rows) {
                let booked = i64::try_from(rows.len()).unwrap_or(i64::MAX);
                self.put_off((window, Piece { booked, looks: 0 }), lacking, now);
            }
        }
    }

    fn put_off(&mut self, (window, piece): (Window, Piece), lacking: usize, now: Timestamp) {
        let lacking = u64::try_from(lacking).unwrap_or(u64::MAX);
        let later = SignedDuration::from_secs(VOID_AFTER_SECONDS);
        if let Ok(not_before) = now.checked_add(later)
            && self.doubts.len() < DOUBTS_MAX
        {
            self.doubts.push(Doubt { window, piece, not_before, lacking });
        }
    }

    /// Opens what is to be looked at again by now, as far as a stream may have windows of the proof.
    pub fn open_doubts(&mut self, now: Timestamp) {
        let room = PROOF_WINDOWS_MAX.saturating_sub(self.proofs());
        let (due, later): (Vec<_>, Vec<_>) =
            mem::take(&mut self.doubts).into_iter().partition(|doubt| doubt.not_before <= now);
        let mut due = due.into_iter();
        for Doubt { window, piece, .. } in due.by_ref().take(room) {
            let piece = Some(Piece { looks: piece.looks + 1, ..piece });
            let (purpose, feed, fresh_from) = (Purpose::History, Feed::Earnings, Timestamp::MAX);
            let open = OpenWindow::new(purpose, feed, window, fresh_from);
            self.windows.push(OpenWindow { piece, ..open });
        }
        self.doubts = due.chain(later).collect();
    }
}

/// The span of those rows, from the oldest to the newest.
fn whole_seconds(rows: &[Passed]) -> Option<Window> {
    let (first, last) = (rows.first()?.at.as_second(), rows.last()?.at.as_second());
    let at = |second| Timestamp::from_second(second).ok();
    Window::new(at(first)?, at(last.checked_add(1)?)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_780_000_000 + second).unwrap()
    }

    /// So many booked rows, a minute apart, of which pages passed over those.
    fn rows(all: i64, missing: &[i64]) -> Vec<Passed> {
        let row = |n| Passed { at: at(60 * n), is_shown: !missing.contains(&n) };
        (0..all).map(row).collect()
    }

    fn doubted(all: i64, missing: &[i64]) -> Vec<Doubt> {
        let mut stream = Stream::default();
        stream.doubt_rows(&rows(all, missing), at(0));
        stream.doubts
    }

    #[test]
    fn rows_that_pages_passed_over_are_looked_for_in_pieces_an_hour_later() {
        assert_eq!(doubted(1_000, &[]), []);
        assert_eq!(doubted(0, &[]), []);
        let found = doubted(1_000, &[3, 999]);
        let spans: Vec<_> =
            found.iter().map(|one| (one.window.start(), one.window.end())).collect();
        assert_eq!(spans, [(at(0), at(333 * 60 + 1)), (at(668 * 60), at(999 * 60 + 1))]);
        assert!(found.iter().all(|one| (one.lacking, one.not_before) == (1, at(3_600))));
        assert_eq!(found.iter().map(|one| one.piece.booked).collect::<Vec<_>>(), [334, 332]);
    }

    #[test]
    fn a_piece_that_lacks_many_of_its_rows_tells_of_an_outage() {
        let of_a_hundred = |many: i64| doubted(100, &(0..many).collect::<Vec<_>>()).len();
        assert_eq!((of_a_hundred(10), of_a_hundred(11)), (1, 0));
    }

    #[test]
    fn what_pages_passed_over_is_read_by_windows_that_can_prove_it() {
        let mut stream = Stream::default();
        stream.doubt_rows(&rows(490, &[7]), at(0));
        stream.open_doubts(at(3_599));
        assert_eq!(stream.windows, []);
        stream.open_doubts(at(3_600));
        let [open] = &stream.windows[..] else { panic!("{:?}", stream.windows) };
        assert!(open.is_proof() && !open.is_of_history());
        stream.windows.clear();
        assert_eq!(stream.doubts, []);
    }
}
