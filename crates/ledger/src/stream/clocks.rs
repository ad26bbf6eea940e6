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
        // A window of the proof reads known ground again, and tells nothing of where that ends.
        let read_on = |open: &&OpenWindow| {
            open.feed == Feed::Earnings && open.purpose != Purpose::Narrow && !open.is_proof()
        };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_of_the_proof_does_not_make_a_clock_that_is_ahead_right() {
        let at = |s: i64| Timestamp::from_second(1_780_000_000 + s).unwrap();
        let known = |with_proof: bool| {
            let mut stream = Stream::default();
            stream.open_pulse(at(0), None, None);
            stream.windows.clear();
            // Read to the middle of a second, by a clock that was right.
            stream.read_to = Some(at(600) + SignedDuration::from_millis(400));
            stream.open_pulse(at(9_000), None, None);
            if with_proof {
                stream.open_proof(Feed::Earnings, Window::new(at(-90_000), at(-80_000)).unwrap());
            }
            stream.note_time(at(600));
            (stream.read_to, stream.looked_back_at)
        };
        assert_eq!(known(true), known(false));
        assert!(known(true).1.iter().any(Option::is_some), "nothing was taken for read wrongly");
    }
}
