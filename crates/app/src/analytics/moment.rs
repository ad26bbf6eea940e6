//! The instant that an answer is of: the last one at which time alone changed anything in it.
//!
//! Between two such instants everybody who asks gets the same answer, as long as nothing is written,
//! so an answer can be kept and known again. What time alone changes: the state of a creator, at
//! instants that its row tells; the day; and, every [`STEP_SECONDS`], how much of today has passed,
//! which the comparison with earlier days and the ages are counted by.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use ledger::Days;

/// How long time passes unnoticed at most. Also the longest that an answer is valid.
pub(super) const STEP_SECONDS: i64 = 300;

/// From when and until when an answer stays as it is, if nothing is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// What an answer takes for now.
    pub(super) at: Timestamp,
    /// The first instant at which it is another one.
    pub(super) until: Timestamp,
}

impl Moment {
    /// The moment of `now`: no earlier than its step, its day in `zone`, and each of the `turns` that
    /// is not to come; and over at the next of these.
    pub(super) fn of(
        now: Timestamp,
        zone: &TimeZone,
        turns: impl IntoIterator<Item = Timestamp>,
    ) -> Self {
        let start = now.as_second().div_euclid(STEP_SECONDS) * STEP_SECONDS;
        let step = |second| Timestamp::from_second(second).unwrap_or(now);
        let today = ledger::today(now, zone);
        let today = Days::new(today, today).map(|day| day.instants(zone));
        let days = today.into_iter().flat_map(|(first, next)| [first, next]);
        let steps = [step(start), step(start + STEP_SECONDS)];
        let mut moment = Self { at: Timestamp::MIN, until: Timestamp::MAX };
        for turn in steps.into_iter().chain(days).chain(turns) {
            if turn <= now {
                moment.at = moment.at.max(turn);
            } else {
                moment.until = moment.until.min(turn);
            }
        }
        moment
    }

    /// Whether `now` lies in it.
    pub(super) fn holds(self, now: Timestamp) -> bool {
        self.at <= now && now < self.until
    }
}

/// The instant so many seconds later, where the calendar has it.
pub(super) fn after(at: Timestamp, seconds: i64) -> Option<Timestamp> {
    at.checked_add(SignedDuration::from_secs(seconds)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-21T{text}Z").parse().unwrap()
    }

    fn moment(now: &str, turns: &[&str]) -> Moment {
        let zone = TimeZone::get("Asia/Kathmandu").unwrap();
        Moment::of(at(now), &zone, turns.iter().map(|turn| at(turn)))
    }

    #[test]
    fn it_is_the_last_turn_and_lasts_until_the_next_one() {
        let is = |from, until| Moment { at: at(from), until: at(until) };
        assert_eq!(moment("12:03:20.5", &[]), is("12:00:00", "12:05:00"));
        let turns = ["12:01:30.25", "12:04:10", "11:59:00", "13:00:00"];
        assert_eq!(moment("12:03:20.5", &turns), is("12:01:30.25", "12:04:10"));
        assert_eq!(moment("12:04:10", &turns), is("12:04:10", "12:05:00"), "a turn is in its own");
        assert_eq!(moment("12:05:00", &turns), is("12:05:00", "12:10:00"));
    }

    #[test]
    fn a_day_ends_where_the_agency_is() {
        let zone = TimeZone::fixed(jiff::tz::Offset::from_seconds(-20_701).unwrap());
        let moment = Moment::of(at("05:45:00.5"), &zone, []);
        assert_eq!((moment.at, moment.until), (at("05:45:00"), at("05:45:01")));
    }

    #[test]
    fn every_instant_in_it_has_the_same_moment() {
        let turns = ["12:01:30.25", "12:04:10"];
        let first = moment("12:01:30.25", &turns);
        for now in ["12:01:30.25", "12:01:31", "12:04:09.999999999"] {
            assert!(first.holds(at(now)));
            assert_eq!(moment(now, &turns), first);
        }
        assert!(!first.holds(at("12:04:10")) && !first.holds(at("12:01:30")));
    }
}
