//! What a stream does about clocks that differ: ours decides what is asked for, and may be wrong; the
//! platform's, which its answers tell, decides what can have been read.

use jiff::{SignedDuration, Timestamp};

use super::{
    Feed, HISTORY_START, LOOK_BACKS, OpenWindow, PULSE_OVERLAP_SECONDS, Purpose, Stream, Window,
};

/// The platform tells its time in whole seconds.
const TOLD_SECONDS: i64 = 1;

impl Stream {
    /// Whether more was asked for than there is at `now`: the clock that it was asked by, or this one, is
    /// wrong. [`Stream::open_pulse`] then finds nothing new.
    #[must_use]
    pub fn is_ahead_of(&self, now: Timestamp) -> bool {
        self.read_to.is_some_and(|read_to| TOLD_SECONDS < read_to.duration_since(now).as_secs())
    }

    /// Asks once more for the end of what was asked for, whatever a clock shows: the answer tells the
    /// platform's time.
    pub fn open_end(&mut self) {
        let Some(read_to) = self.read_to else { return };
        let overlap = SignedDuration::from_secs(PULSE_OVERLAP_SECONDS);
        let start = read_to.checked_sub(overlap).unwrap_or(HISTORY_START);
        if let Ok(window) = Window::new(start, read_to) {
            self.open(Purpose::Pulse, Feed::Earnings, window, read_to);
        }
    }

    /// Takes note of the platform's time, as an answer told it: nothing after that second has been read,
    /// though more was asked for by a clock that is ahead. What was taken for read before is looked for
    /// again as deep as ever.
    pub fn note_time(&mut self, told: Timestamp) {
        let latest = told.checked_add(SignedDuration::from_secs(TOLD_SECONDS)).unwrap_or(told);
        let read_on =
            |open: &&OpenWindow| open.feed == Feed::Earnings && open.purpose != Purpose::Narrow;
        if let Some(read_to) = self.read_to.filter(|read_to| latest < *read_to) {
            let known = self.windows.iter().filter(read_on).map(|open| open.fresh_from).max();
            let known = known.unwrap_or(read_to);
            if latest < known {
                self.looked_back_at = [None; LOOK_BACKS.len()];
            }
            self.read_to = Some(known.clamp(told, latest));
        }
        for at in self.looked_back_at.iter_mut().chain([&mut self.reversals_read_to]) {
            *at = at.map(|at| at.min(latest));
        }
    }
}
