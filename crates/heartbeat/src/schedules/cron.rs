//! Five-field cron expressions as Vercel reads them: UTC, numbers only, and not both a day of the
//! month and a day of the week. Pure: it is told what time it is.

use std::str::FromStr;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// Long enough to meet a 29 February on any day of the month, across a skipped leap year.
const DAYS_MAX: usize = 366 * 9;

/// A cron expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    minutes: Field,
    hours: Field,
    days: Field,
    months: Field,
    weekdays: Field,
}

/// Why an expression is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// Not five fields.
    #[error("a schedule has 5 fields, this one has {0}")]
    Fields(usize),
    /// A field that is no list of numbers, ranges and steps within its bounds.
    #[error("{name} {text:?} is not within {low}-{high}")]
    Field {
        /// Which field.
        name: &'static str,
        /// What it says.
        text: String,
        /// Its smallest value.
        low: u8,
        /// Its largest value.
        high: u8,
    },
    /// Vercel refuses such expressions, since cron reads them as "or".
    #[error("a schedule may name days of the month or days of the week, not both")]
    BothDays,
    /// For instance 30 February.
    #[error("no such day ever comes")]
    Never,
}

/// The values of one field, as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Field(u64);

impl Field {
    fn has(self, value: i8) -> bool {
        u32::try_from(value).is_ok_and(|value| self.0 >> value & 1 == 1)
    }

    fn values(self) -> impl Iterator<Item = i8> {
        (0..60).filter(move |value| self.has(*value))
    }

    fn parse(name: &'static str, text: &str, low: u8, high: u8) -> Result<Field, CronError> {
        let mut bits = 0;
        for part in text.split(',') {
            bits |= part_bits(part, low, high).ok_or_else(|| CronError::Field {
                name,
                text: text.to_owned(),
                low,
                high,
            })?;
        }
        Ok(Field(bits))
    }
}

/// `*`, `7`, `7-9`, each with an optional `/step`; `7/5` means from 7 on.
fn part_bits(part: &str, low: u8, high: u8) -> Option<u64> {
    let (range, step) = match part.split_once('/') {
        Some((range, step)) => (range, Some(number(step).filter(|step| *step != 0)?)),
        None => (part, None),
    };
    let (first, last) = match range.split_once('-') {
        _ if range == "*" => (low, high),
        Some((first, last)) => (number(first)?, number(last)?),
        None if step.is_some() => (number(range)?, high),
        None => (number(range)?, number(range)?),
    };
    if first < low || high < last || last < first {
        return None;
    }
    Some((first..=last).step_by(usize::from(step.unwrap_or(1))).fold(0, |bits, v| bits | 1 << v))
}

/// Digits only: no sign, no space.
fn number(text: &str) -> Option<u8> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

impl FromStr for Cron {
    type Err = CronError;

    fn from_str(text: &str) -> Result<Cron, CronError> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let &[minutes, hours, days, months, weekdays] = fields.as_slice() else {
            return Err(CronError::Fields(fields.len()));
        };
        if days != "*" && weekdays != "*" {
            return Err(CronError::BothDays);
        }
        let cron = Cron {
            minutes: Field::parse("minute", minutes, 0, 59)?,
            hours: Field::parse("hour", hours, 0, 23)?,
            days: Field::parse("day of the month", days, 1, 31)?,
            months: Field::parse("month", months, 1, 12)?,
            weekdays: Field::parse("day of the week", weekdays, 0, 6)?,
        };
        match cron.next_after(Timestamp::UNIX_EPOCH) {
            Some(_) => Ok(cron),
            None => Err(CronError::Never),
        }
    }
}

impl Cron {
    /// Whether the expression names this minute.
    pub fn matches(&self, at: Timestamp) -> bool {
        let at = at.to_zoned(TimeZone::UTC).datetime();
        self.has_day(at.date()) && self.hours.has(at.hour()) && self.minutes.has(at.minute())
    }

    /// The first named minute that begins after `now`; `None` only near the end of time.
    pub fn next_after(&self, now: Timestamp) -> Option<Timestamp> {
        let now = now.to_zoned(TimeZone::UTC).datetime();
        let today = now.date();
        let mut day = today;
        for _ in 0..DAYS_MAX {
            if self.has_day(day) {
                let next = self.minutes_of(day).find(|at| now < *at);
                if let Some(next) = next {
                    return next.to_zoned(TimeZone::UTC).ok().map(|next| next.timestamp());
                }
            }
            day = day.checked_add(1.day()).ok()?;
        }
        None
    }

    fn has_day(&self, day: Date) -> bool {
        self.months.has(day.month())
            && self.days.has(day.day())
            && self.weekdays.has(day.weekday().to_sunday_zero_offset())
    }

    fn minutes_of(&self, day: Date) -> impl Iterator<Item = DateTime> {
        let (hours, minutes) = (self.hours, self.minutes);
        hours.values().flat_map(move |h| minutes.values().map(move |m| day.at(h, m, 0, 0)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn next(expression: &str, now: &str) -> String {
        let cron: Cron = expression.parse().unwrap();
        cron.next_after(now.parse().unwrap()).unwrap().to_string()
    }

    #[test]
    fn the_next_minute_is_the_one_a_calendar_shows() {
        for (expression, now, expected) in [
            ("*/10 * * * *", "2026-11-21T07:00:00Z", "2026-11-21T07:10:00Z"),
            ("*/10 * * * *", "2026-11-21T06:59:59.999Z", "2026-11-21T07:00:00Z"),
            ("0 0 * * *", "2026-12-31T23:59:00Z", "2027-01-01T00:00:00Z"),
            ("30 4 * * 1", "2026-11-21T07:00:00Z", "2026-11-23T04:30:00Z"),
            ("0 12 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T12:00:00Z"),
            ("0 12 29 2 *", "2096-03-01T00:00:00Z", "2104-02-29T12:00:00Z"),
            ("5,50-52 9-17/4 * * *", "2026-11-21T09:51:00Z", "2026-11-21T09:52:00Z"),
            ("5,50-52 9-17/4 * * *", "2026-11-21T09:52:00Z", "2026-11-21T13:05:00Z"),
            ("7/20 * * * *", "2026-11-21T09:07:00Z", "2026-11-21T09:27:00Z"),
            ("0 0 31 * *", "2026-11-01T00:00:00Z", "2026-12-31T00:00:00Z"),
        ] {
            assert_eq!(next(expression, now), expected, "{expression} after {now}");
        }
    }

    #[test]
    fn what_vercel_refuses_is_refused() {
        let error = |text: &str| text.parse::<Cron>().unwrap_err();
        assert_eq!(error(""), CronError::Fields(0));
        assert_eq!(error("* * * *"), CronError::Fields(4));
        assert_eq!(error("* * * * * *"), CronError::Fields(6));
        assert_eq!(error("0 0 1 * 1"), CronError::BothDays);
        assert_eq!(error("0 0 30 2 *"), CronError::Never);
        for text in [
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * 32 * *",
            "* * * 13 *",
            "* * * * 7",
            "* * * * MON",
            "*/0 * * * *",
            "-1 * * * *",
            "+1 * * * *",
            "5-1 * * * *",
            "1- * * * *",
            ", * * * *",
            "1,, * * * *",
            "*/ * * * *",
            "1/2/3 * * * *",
            "999 * * * *",
            "é * * * *",
        ] {
            assert!(matches!(error(text), CronError::Field { .. }), "{text}");
        }
    }

    prop_compose! {
        fn field(low: u8, high: u8)(
            first in low..=high, second in low..=high, step in 1u8..15, shape in 0..5
        ) -> String {
            let (first, last) = (first.min(second), first.max(second));
            match shape {
                0 => "*".to_owned(),
                1 => format!("*/{step}"),
                2 => first.to_string(),
                3 => format!("{first}-{last}/{step}"),
                _ => format!("{first},{last}"),
            }
        }
    }

    proptest! {
        #[test]
        fn the_next_minute_is_later_named_and_the_first(
            minutes in field(0, 59), hours in field(0, 23), days in field(1, 28),
            months in field(1, 12), weekdays in field(0, 6), by_weekday: bool,
            now in 0i64..4_000_000_000,
        ) {
            let (days, weekdays) = if by_weekday { ("*".into(), weekdays) } else { (days, "*".into()) };
            let expression = format!("{minutes} {hours} {days} {months} {weekdays}");
            let cron: Cron = expression.parse().unwrap();
            let now = Timestamp::from_second(now).unwrap();
            let next = cron.next_after(now).unwrap();
            prop_assert!(now < next);
            prop_assert!(cron.matches(next));
            prop_assert_eq!(next.as_second() % 60, 0);
            let minutes_between = (next.as_second() - now.as_second() - 1) / 60;
            for back in 1..=minutes_between.min(3_000) {
                let earlier = Timestamp::from_second(next.as_second() - 60 * back).unwrap();
                prop_assert!(!cron.matches(earlier), "{} is earlier than {}", earlier, next);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "[0-9*/, -]{0,24}|.{0,24}") {
            let _ = text.parse::<Cron>();
        }
    }
}
