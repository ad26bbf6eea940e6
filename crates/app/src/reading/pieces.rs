//! Histories that the proof reads again, piece by piece: each is one commit's, so that it can prove that a
//! row is gone. What seems to be gone is looked at again.

use jiff::Timestamp;
use ledger::{Changes, Feed, OpenWindow, Stream};

use super::{CreatorReader, committing::Pending};
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
        } else if open.lacks_rows(read) {
            self.stream.doubt(open, self.ctx.platform_now());
        }
        self.pending.closed.extend(self.stream.history_read(open, read));
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
    let lacked_none = absent.is_empty() && early.is_empty() && voids.is_empty();
    if let Some(open) = whole.filter(|_| !lacked_none) {
        stream.doubt(open, now);
    }
}
