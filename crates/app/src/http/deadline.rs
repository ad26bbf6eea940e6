//! By when an invocation has to be over, where the platform says so.

use std::time::Duration;

use jiff::Timestamp;

/// The instant at which the platform ends the invocation: an extension of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline(Timestamp);

impl Deadline {
    /// From milliseconds since 1970; `None` for no instant of our calendar.
    #[must_use]
    pub fn from_millisecond(millisecond: u64) -> Option<Self> {
        let millisecond = i64::try_from(millisecond).ok()?;
        Timestamp::from_millisecond(millisecond).ok().map(Self)
    }

    /// What the platform said of this request.
    #[must_use]
    pub fn of<B>(request: &http::Request<B>) -> Option<Self> {
        request.extensions().get().copied()
    }

    /// How long that is from `now` on; nothing once it is past.
    #[must_use]
    pub fn left(self, now: Timestamp) -> Duration {
        let left = now.duration_until(self.0);
        if left.is_positive() { left.unsigned_abs() } else { Duration::ZERO }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_never_less_than_nothing() {
        let deadline = Deadline::from_millisecond(10_500).unwrap();
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(deadline.left(at(8)), Duration::from_millis(2_500));
        assert_eq!(deadline.left(at(11)), Duration::ZERO);
        assert_eq!(deadline.left(Timestamp::MAX), Duration::ZERO);
        assert_eq!(Deadline::from_millisecond(u64::MAX), None);
    }
}
