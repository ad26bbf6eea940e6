//! What time it is at the platform: our clock, corrected by what answers tell. Not stored: each instance
//! has a clock of its own, and learns from its first answer how wrong that is. See docs/adr/0029.
//!
//! Only for what is said about the platform's rows: up to when they were read, and since when some are
//! missing. Deadlines, leases and
//! waits are spans of this process's own time, which a correction in between would bend.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::Ctx;

/// Answers tell the second in which they were made.
const TOLD: SignedDuration = SignedDuration::from_secs(1);
/// A time further from ours than this is nobody's clock but nonsense.
const BELIEVED: SignedDuration = SignedDuration::from_hours(26);
/// Clocks that differ by less than this may be right, all of them.
pub(crate) const CLOCKS_APART: SignedDuration = SignedDuration::from_secs(5);

/// An offset that was heard so long ago, in seconds, may be another one by now: clocks are set.
const FRESH_SECONDS: i64 = 60;

/// How far the platform's clock is ahead of ours, once an answer told it.
#[derive(Debug, Default)]
pub(crate) struct PlatformTime(Mutex<Option<Heard>>);

#[derive(Clone, Copy, Debug)]
struct Heard {
    apart: SignedDuration,
    /// By our clock.
    at: Timestamp,
}

impl PlatformTime {
    /// Takes note of the second that an answer told, which was asked for and heard at those instants of
    /// our clock. Returns it if it is believed.
    pub(crate) fn hear(
        &self,
        told: Option<Timestamp>,
        (asked_at, heard_at): (Timestamp, Timestamp),
    ) -> Option<Timestamp> {
        let told = told?;
        let (least, most) = (told.duration_since(heard_at), told.duration_since(asked_at) + TOLD);
        if BELIEVED < least.abs() {
            return None;
        }
        let possible = least..=most;
        // Our clock was set back meanwhile: how far it is off is not known from this.
        if possible.is_empty() {
            return Some(told);
        }
        let apart = [SignedDuration::ZERO, self.apart()];
        // Of those that are possible the least claims nothing that has not been.
        let apart = apart.into_iter().find(|apart| possible.contains(apart)).unwrap_or(least);
        *self.heard() = Some(Heard { apart, at: heard_at });
        Some(told)
    }

    /// How far the platform's clock is ahead of ours, as far as it was heard.
    pub(crate) fn apart(&self) -> SignedDuration {
        self.heard().map(|heard| heard.apart).unwrap_or_default()
    }

    /// Whether an answer told it just before `now` of our clock.
    pub(crate) fn is_fresh(&self, now: Timestamp) -> bool {
        let age = self.heard().map(|heard| now.duration_since(heard.at).as_secs());
        age.is_some_and(|age| age.abs() < FRESH_SECONDS)
    }

    fn heard(&self) -> MutexGuard<'_, Option<Heard>> {
        // Nothing is left half-done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ctx {
    /// What time it is at the platform.
    pub(crate) fn platform_now(&self) -> Timestamp {
        self.platform_at(self.clock.now())
    }

    /// What time it was at the platform at an instant of our clock, by what was heard since.
    pub(crate) fn platform_at(&self, at: Timestamp) -> Timestamp {
        at.checked_add(self.platform_time.apart()).unwrap_or(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64, millis: i32) -> Timestamp {
        Timestamp::new(1_790_000_000 + second, millis * 1_000_000).unwrap()
    }

    /// What is known after an answer of that second, asked for and heard then: milliseconds.
    fn after(time: &PlatformTime, told: i64, asked: Timestamp, heard: Timestamp) -> i128 {
        time.hear(Some(at(told, 0)), (asked, heard));
        time.apart().as_millis()
    }

    #[test]
    fn a_clock_within_the_second_that_is_told_is_right() {
        let time = PlatformTime::default();
        assert_eq!(after(&time, 7, at(7, 0), at(7, 0)), 0);
        assert_eq!(after(&time, 7, at(7, 900), at(7, 990)), 0);
        assert_eq!(after(&time, 7, at(6, 990), at(7, 10)), 0, "made on its way");
        assert_eq!(after(&time, 7, at(7, 500), at(22, 500)), 0, "a slow answer");
    }

    #[test]
    fn a_wrong_clock_is_corrected_until_it_is_right_again() {
        let time = PlatformTime::default();
        assert_eq!(after(&time, 600, at(0, 200), at(0, 300)), 599_700, "behind, at least so much");
        assert_eq!(after(&time, 601, at(1, 0), at(1, 100)), 599_900);
        assert_eq!(after(&time, 602, at(2, 800), at(2, 900)), 599_900, "as well as is known");
        assert_eq!(after(&time, 0, at(600, 200), at(600, 300)), -600_300, "ahead, at most so much");
        assert_eq!(after(&time, 700, at(700, 200), at(700, 300)), 0);
        assert!(time.is_fresh(at(700, 300)) && time.is_fresh(at(759, 0)));
        assert!(!time.is_fresh(at(100, 0)) && !time.is_fresh(at(761, 0)));
    }

    #[test]
    fn nonsense_is_not_believed() {
        let time = PlatformTime::default();
        assert_eq!(time.hear(None, (at(0, 0), at(0, 0))), None);
        assert_eq!(time.hear(Some(Timestamp::UNIX_EPOCH), (at(0, 0), at(0, 0))), None);
        assert_eq!(time.hear(Some(at(27 * 3_600, 0)), (at(0, 0), at(0, 0))), None);
        assert!(!time.is_fresh(at(0, 0)));
    }

    #[test]
    fn a_clock_that_is_set_while_an_answer_is_on_its_way_is_not_judged_by_it() {
        let time = PlatformTime::default();
        assert_eq!(time.hear(Some(at(0, 0)), (at(90, 0), at(0, 0))), Some(at(0, 0)));
        assert!(!time.is_fresh(at(0, 0)));
    }
}
