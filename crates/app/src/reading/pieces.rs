//! Histories that the proof reads again, piece by piece: each is one commit's, so that it can prove that a
//! row is gone. What seems to be gone is looked at again. A history that somebody asked for is read in one pass, and
//! what that passed over is looked at again, too.

use jiff::{SignedDuration, Timestamp};
use ledger::{Changes, Feed, OpenWindow, Purpose, Stream};

use super::{
    CreatorReader,
    committing::{Pending, span},
};
use crate::Error;

impl CreatorReader<'_> {
    /// Cuts the newest piece off the history at `index`, by what is booked of it now.
    pub(super) async fn cut_piece(&mut self, index: usize) -> Result<(), Error> {
        let window = self.stream.windows[index].window;
        let ahead = self.ctx.store.find_rows_ahead(&self.claim.lease, window).await?;
        self.stream.cut_piece(index, ahead);
        Ok(())
    }

    /// Takes note of the end of that window, as it stood before its last page: how many rows it showed, and
    /// whether all of its pages are pending and show everything.
    pub(super) fn close(&mut self, open: &OpenWindow, read: usize, whole: bool) {
        if open.feed == Feed::Earnings && whole {
            self.pending.complete = Some(open.window);
        } else {
            self.stream.doubt_broken(open, read, self.ctx.platform_now());
        }
        self.pending.closed.extend(self.stream.history_read(open, read));
    }
}

impl Pending {
    /// From which instant on, and before which, pages of a history that is read in one pass should show all that is
    /// booked: from where the pages before them ended. That is no proof, for the platform promises no order.
    pub(super) fn passed(&self) -> Option<(Timestamp, Timestamp)> {
        let begun = self.begun.as_ref().filter(|open| {
            (open.purpose, open.feed) == (Purpose::History, Feed::Earnings) && !open.is_proof()
        });
        let begun = begun.filter(|_| self.rejects.is_empty())?;
        let (first, last) = span(self.pages.iter().flatten())?;
        let is_closed = self.closed.iter().any(|(window, _)| *window == begun.window);
        let after_first = first.checked_add(SignedDuration::from_micros(1)).ok()?;
        let from = if is_closed { begun.window.start() } else { after_first };
        let to = begun.oldest_seen().map_or(begun.window.end(), |oldest| oldest.max(last));
        (from < to).then_some((from, to))
    }
}

/// What a complete read of a piece lacked is looked for again: for the first time, or within the hour, because
/// the clock that opened it was ahead or another read had noted it meanwhile. What has just left is looked for
/// once more: an outage may have hidden it from both reads, and nothing else reads its time for a month.
pub(super) fn doubt_absent(
    stream: &mut Stream,
    pending: &Pending,
    changes: &Changes,
    now: Timestamp,
) {
    let whole = pending.begun.as_ref().filter(|_| pending.complete.is_some());
    let Changes { absent, early, voids, .. } = changes;
    let lacking = absent.len() + early.len();
    if let Some(open) = whole.filter(|_| 0 < lacking + voids.len()) {
        stream.doubt(open, lacking, now);
    }
}
