//! Progress on standard error: what was done, and how long it took. For people; programs read the
//! ready line on standard output.

use std::fmt::Display;
use std::time::{Duration, Instant};

use crate::wall;

/// One step of a start, from now until it is [`Step::done`].
pub(crate) struct Step {
    name: &'static str,
    began_at: Instant,
}

impl Step {
    pub(crate) fn begin(name: &'static str) -> Step {
        Step { name, began_at: wall::instant() }
    }

    pub(crate) fn done(self, what: impl Display) {
        let took = seconds(wall::instant() - self.began_at);
        eprintln!("  {:<10} {took:>8}  {what}", self.name);
    }
}

/// A long step that counts: a line a second at most, with how long the rest will take.
pub(crate) struct Count {
    name: &'static str,
    unit: &'static str,
    began_at: Instant,
    said_at: Instant,
}

impl Count {
    pub(crate) fn begin(name: &'static str, unit: &'static str) -> Count {
        let now = wall::instant();
        Count { name, unit, began_at: now, said_at: now }
    }

    pub(crate) fn reached(&mut self, done: u64, of: u64) {
        let now = wall::instant();
        if now - self.said_at < Duration::from_secs(1) {
            return;
        }
        self.said_at = now;
        let took = now - self.began_at;
        let left = left(done, of, took).map_or("?".to_owned(), seconds);
        let (done, of, took) = (grouped(done), grouped(of), seconds(took));
        eprintln!("  {:<10} {took:>8}  {done} of {of} {}, {left} left", self.name, self.unit);
    }
}

/// How long the rest takes at the pace so far; `None` before anything was done.
fn left(done: u64, of: u64, took: Duration) -> Option<Duration> {
    let rest = u128::from(of.saturating_sub(done));
    let micros = (took.as_micros() * rest).checked_div(u128::from(done))?;
    u64::try_from(micros).ok().map(Duration::from_micros)
}

/// `0.04 s`, `12.3 s`.
pub(crate) fn seconds(length: Duration) -> String {
    let seconds = length.as_secs_f64();
    if seconds < 10.0 { format!("{seconds:.2} s") } else { format!("{seconds:.1} s") }
}

/// Cents as dollars with thousands separated: `-$1,234.05`. Integers only, as everywhere.
pub(crate) fn dollars(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}${}.{:02}", grouped(cents / 100), cents % 100)
}

/// `1,234,567`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index != 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_as_people_write_them() {
        for (cents, text) in [
            (0, "$0.00"),
            (5, "$0.05"),
            (99_999, "$999.99"),
            (-123_405, "-$1,234.05"),
            (12_345_678_900, "$123,456,789.00"),
            (i64::MIN, "-$92,233,720,368,547,758.08"),
        ] {
            assert_eq!(dollars(cents), text);
        }
        assert_eq!(grouped(1_000), "1,000");
    }

    #[test]
    fn the_rest_takes_as_long_as_the_pace_says() {
        let took = Duration::from_secs(3);
        assert_eq!(left(30, 100, took), Some(Duration::from_secs(7)));
        assert_eq!(left(120, 100, took), Some(Duration::ZERO));
        assert_eq!(left(0, 100, took), None);
    }

    #[test]
    fn short_times_are_shown_finer() {
        assert_eq!(seconds(Duration::from_millis(42)), "0.04 s");
        assert_eq!(seconds(Duration::from_millis(12_340)), "12.3 s");
    }
}
