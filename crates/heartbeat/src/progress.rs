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
    fn short_times_are_shown_finer() {
        assert_eq!(seconds(Duration::from_millis(42)), "0.04 s");
        assert_eq!(seconds(Duration::from_millis(12_340)), "12.3 s");
    }
}
