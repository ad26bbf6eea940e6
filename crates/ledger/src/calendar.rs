//! The days of a report: which ones a range means, how a chart divides them, and which earlier ones
//! they are compared with. Days are civil days in a named zone, given by the caller; nothing here
//! reads a clock, and nothing here knows money.

use jiff::{
    Span, Timestamp, ToSpan,
    civil::{Date, DateTime, Time, Weekday},
    tz::TimeZone,
};

use crate::Window;

/// The first day that a report may begin with: the platform did not exist before it.
pub const FIRST_DAY: Date = jiff::civil::date(2015, 1, 1);

/// The most days that a report covers, from a first row with a nonsensical date on: fifty years.
const DAYS_MAX: i32 = 50 * 366;

/// A range of days that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NamedRange {
    /// Today and the 6 days before.
    Days7,
    /// Today and the 29 days before.
    Days30,
    /// Today and the 89 days before.
    Days90,
    /// Today and the 364 days before.
    Year,
    /// From the first day with revenue to today.
    All,
}

impl NamedRange {
    /// All named ranges, the shortest first.
    pub const ALL: [Self; 5] = [Self::Days7, Self::Days30, Self::Days90, Self::Year, Self::All];

    /// The name in a query: `7d`, `30d`, `90d`, `1y`, `all`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Days7 => "7d",
            Self::Days30 => "30d",
            Self::Days90 => "90d",
            Self::Year => "1y",
            Self::All => "all",
        }
    }

    /// The range of that name, if there is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|range| range.as_str() == name)
    }

    /// The days it means on the day `today`. `first_day` is the first day with revenue, if there is
    /// any: [`NamedRange::All`] begins there, and is today alone without one.
    #[must_use]
    pub fn days(self, today: Date, first_day: Option<Date>) -> Days {
        let back = match self {
            Self::Days7 => 6,
            Self::Days30 => 29,
            Self::Days90 => 89,
            Self::Year => 364,
            Self::All => {
                let oldest = add(today, -DAYS_MAX);
                return Days {
                    first: first_day.unwrap_or(today).clamp(oldest, today),
                    last: today,
                };
            }
        };
        Days { first: add(today, -back), last: today }
    }
}

/// A run of civil days, both ends included, never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Days {
    first: Date,
    last: Date,
}

impl Days {
    /// The days from `first` to `last`; `None` when `last` lies before `first`.
    #[must_use]
    pub fn new(first: Date, last: Date) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// The first day.
    #[must_use]
    pub fn first(self) -> Date {
        self.first
    }

    /// The last day.
    #[must_use]
    pub fn last(self) -> Date {
        self.last
    }

    /// How many days; at least 1.
    #[must_use]
    pub fn count(self) -> i32 {
        between(self.first, self.last) + 1
    }

    /// Whether `day` is one of them.
    #[must_use]
    pub fn contains(self, day: Date) -> bool {
        self.first <= day && day <= self.last
    }

    /// From the first instant of the first day to the first one after the last day, in `zone`. Where
    /// the calendar ends, so do they.
    #[must_use]
    pub fn instants(self, zone: &TimeZone) -> (Timestamp, Timestamp) {
        let start = |day: Date| Some(day.to_zoned(zone.clone()).ok()?.timestamp());
        let next = self.last.tomorrow().ok();
        let end = next.and_then(start).unwrap_or(Timestamp::MAX);
        (start(self.first).unwrap_or(Timestamp::MIN), end)
    }

    /// As many days right before; `None` where the calendar ends.
    #[must_use]
    pub fn before(self) -> Option<Self> {
        let shift = self.count().days();
        let shifted = |day: Date| day.checked_sub(shift).ok();
        Some(Self { first: shifted(self.first)?, last: shifted(self.last)? })
    }

    /// The days, cut where a chart's next bucket begins. Together they are exactly these days; the
    /// first and the last may be shorter than a whole week or month.
    #[must_use]
    pub fn buckets(self, bucket: Bucket) -> Vec<Self> {
        let mut buckets = Vec::new();
        let mut first = self.first;
        // Every turn takes at least one of a bounded number of days.
        while first <= self.last {
            let last = bucket.last_day(first).min(self.last);
            buckets.push(Self { first, last });
            match last.tomorrow() {
                Ok(next) => first = next,
                Err(_) => break,
            }
        }
        buckets
    }
}

/// How many days one point of a chart stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bucket {
    /// One day.
    Day,
    /// A week, from Monday on.
    Week,
    /// A month of the calendar.
    Month,
}

impl Bucket {
    /// The name in an answer.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// What suits a chart of those days: daily up to 31 days, weekly up to 180, monthly beyond.
    #[must_use]
    pub fn of(days: Days) -> Self {
        match days.count() {
            ..=31 => Self::Day,
            32..=180 => Self::Week,
            _ => Self::Month,
        }
    }

    /// The last day of the whole bucket that `day` is in.
    fn last_day(self, day: Date) -> Date {
        match self {
            Self::Day => day,
            Self::Week => add(day, i32::from(day.weekday().until(Weekday::Sunday))),
            Self::Month => day.last_of_month(),
        }
    }
}

/// The earlier days that some days are compared with, like for like: as many, right before, and of
/// the day that today is compared with only the part that has passed of today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The earlier days as a whole.
    pub days: Days,
    /// Those that are compared in full; `None` when there is none.
    pub full: Option<Days>,
    /// The one that is compared in part, and the part; `None` when all are compared in full, or
    /// when nothing has passed of today yet.
    pub part: Option<(Date, Window)>,
}

impl Comparison {
    /// What `days` are compared with at the instant `now` in `zone`; `None` where the calendar ends.
    ///
    /// The part of a day ends at the same time of day as `now`. Where the clocks skip that time, it
    /// ends when they have skipped it; where they show it twice, at the first time.
    #[must_use]
    pub fn of(days: Days, now: Timestamp, zone: &TimeZone) -> Option<Self> {
        let whole = days.before()?;
        let today = today(now, zone);
        if days.last < today {
            return Some(Self { days: whole, full: Some(whole), part: None });
        }
        if today < days.first {
            return Some(Self { days: whole, full: None, part: None });
        }
        let twin = add(today, -days.count());
        let full = twin.yesterday().ok().and_then(|last| Days::new(whole.first, last));
        let time = now.to_zoned(zone.clone()).time();
        let part = up_to(twin, time, zone).map(|window| (twin, window));
        Some(Self { days: whole, full, part })
    }

    /// Whether any of these days, or a part of one, is compared.
    #[must_use]
    pub fn touches(&self, days: Days) -> bool {
        let full = self.full.is_some_and(|full| full.first <= days.last && days.first <= full.last);
        full || self.part.is_some_and(|(day, _)| days.contains(day))
    }
}

/// The civil day it is in `zone` at the instant `now`.
#[must_use]
pub fn today(now: Timestamp, zone: &TimeZone) -> Date {
    now.to_zoned(zone.clone()).date()
}

/// The part of `day` before `time`; `None` when that is nothing.
fn up_to(day: Date, time: Time, zone: &TimeZone) -> Option<Window> {
    let instant = |at: DateTime| at.to_zoned(zone.clone()).ok().map(|at| at.timestamp());
    let start = instant(day.into())?;
    let end = instant(day.to_datetime(time))?.min(instant(day.tomorrow().ok()?.into())?);
    Window::new(start, end).ok()
}

/// `day` moved by a number of days, stopping where the calendar ends.
fn add(day: Date, days: i32) -> Date {
    day.saturating_add(Span::new().days(days))
}

/// How many days `last` lies after `first`.
fn between(first: Date, last: Date) -> i32 {
    first.until(last).map_or(0, |span| span.get_days())
}

#[cfg(test)]
mod tests;
