//! Narrow windows, and what becomes of a window that can't be read as a whole.

use jiff::Timestamp;

use super::{Feed, OpenWindow, Piece, Purpose, Stream};
use crate::Window;

/// The most windows one stream keeps open; narrow reads that would go beyond are joined.
pub(super) const WINDOWS_MAX: usize = 16;

impl Stream {
    /// Replaces a narrow window that is too dense for one unbroken read by its two halves.
    /// `false` when it is a single instant and can't be cut.
    pub fn split(&mut self, index: usize) -> bool {
        let window = self.windows[index].window;
        let (start, end) = (window.start().as_millisecond(), window.end().as_millisecond());
        let Ok(middle) = Timestamp::from_millisecond(start + (end - start) / 2) else {
            return false;
        };
        let (Ok(early), Ok(late)) =
            (Window::new(window.start(), middle), Window::new(middle, window.end()))
        else {
            return false;
        };
        let open = self.windows.remove(index);
        // How the rows of a piece are spread over its halves is unknown.
        let piece = open.piece.map(|piece| Piece { booked: 0, ..piece });
        let half = |window, fresh_from| OpenWindow {
            piece,
            ..OpenWindow::new(open.purpose, open.feed, window, fresh_from)
        };
        self.windows.push(half(late, open.fresh_from.max(middle)));
        let (behind, ends_at) = (open.behind, open.ends_at);
        self.windows.push(OpenWindow { behind, ends_at, ..half(early, open.fresh_from) });
        true
    }

    /// Opens a narrow read, joined with the ones it touches; with the nearest one at the limit.
    /// It holds the watermark back no further than its parent did: what was read before stays read.
    pub(super) fn open_narrow(
        &mut self,
        feed: Feed,
        mut window: Window,
        mut fresh_from: Timestamp,
    ) {
        let narrow = |open: &OpenWindow| open.purpose == Purpose::Narrow && open.feed == feed;
        let crowded = self.windows.len() >= WINDOWS_MAX;
        self.windows.retain(|open| {
            let joins = narrow(open) && (crowded || open.window.meets(window));
            if joins {
                window = window.hull(open.window);
                fresh_from = fresh_from.min(open.fresh_from);
            }
            !joins
        });
        self.open(Purpose::Narrow, feed, window, fresh_from);
    }
}
