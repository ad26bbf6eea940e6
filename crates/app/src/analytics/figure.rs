//! Figures as they stand in an answer: exact decimals, made from integers, never from a float.

use std::fmt;

use ledger::Cents;
use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::value::RawValue;

/// An amount in currency units: `12.34` as a JSON number with two decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(with = "f64", inline))]
pub(super) struct Units(pub(super) Cents);

impl Serialize for Units {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        number(self.0, serializer)
    }
}

/// A number of tenths, such as a percentage: `-3.4` as a JSON number with one decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(with = "f64", inline))]
pub(super) struct Tenths(pub(super) i64);

impl fmt::Display for Tenths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let value = self.0.unsigned_abs();
        write!(f, "{sign}{}.{}", value / 10, value % 10)
    }
}

impl Serialize for Tenths {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        number(self, serializer)
    }
}

/// A number of hundredths, such as a ratio: `3.50` as a JSON number with two decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(with = "f64", inline))]
pub(super) struct Hundredths(pub(super) i64);

impl fmt::Display for Hundredths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let value = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", value / 100, value % 100)
    }
}

impl Serialize for Hundredths {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        number(self, serializer)
    }
}

/// How often `whole` is in `part`; `None` unless the whole is positive.
pub(super) fn ratio(part: Cents, whole: Cents) -> Option<Hundredths> {
    let hundredths = || rounded(i128::from(part.0) * 100, i128::from(whole.0)).map(Hundredths);
    (whole > Cents::ZERO).then(hundredths).flatten()
}

/// `part` of `whole` in per cent; `None` unless the whole is positive.
pub(super) fn percent(part: Cents, whole: Cents) -> Option<Tenths> {
    let tenths = || rounded(i128::from(part.0) * 1000, i128::from(whole.0)).map(Tenths);
    (whole > Cents::ZERO).then(tenths).flatten()
}

/// `sum` over `count` rows, to the cent; `None` without rows.
pub(super) fn average(sum: Cents, count: i64) -> Option<Cents> {
    (count > 0).then(|| rounded(sum.0.into(), count.into()).map(Cents)).flatten()
}

/// The quotient by a positive number, rounded to the nearest integer, halves away from zero.
fn rounded(dividend: i128, divisor: i128) -> Option<i64> {
    let magnitude = (dividend.abs() * 2 + divisor) / (divisor * 2);
    i64::try_from(magnitude * dividend.signum()).ok()
}

/// Writes a number as its own text.
fn number<S: Serializer>(text: impl fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    RawValue::from_string(text.to_string()).map_err(S::Error::custom)?.serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_decimals_of_any_size() {
        for (cents, want) in [
            (0, "0.00"),
            (5, "0.05"),
            (-5, "-0.05"),
            (1_300_010, "13000.10"),
            (9_007_199_254_740_993, "90071992547409.93"), // past what a float can tell
            (i64::MIN, "-92233720368547758.08"),
        ] {
            assert_eq!(serde_json::to_string(&Units(Cents(cents))).unwrap(), want);
        }
    }

    #[test]
    fn percentages_have_one_decimal_and_no_float() {
        let shown =
            |part, whole| serde_json::to_string(&percent(Cents(part), Cents(whole))).unwrap();
        assert_eq!(shown(1, 3), "33.3");
        assert_eq!(shown(2, 3), "66.7");
        assert_eq!(shown(-1, 2000), "-0.1", "halves round away from zero");
        assert_eq!(shown(1, 2001), "0.0");
        assert_eq!(shown(5, 0), "null");
        assert_eq!(shown(5, -10), "null");
        assert_eq!(shown(i64::MAX, 1), "null", "past all meaning");
    }

    #[test]
    fn ratios_have_two_decimals() {
        let shown = |part, whole| serde_json::to_string(&ratio(Cents(part), Cents(whole))).unwrap();
        assert_eq!(shown(7000, 2000), "3.50");
        assert_eq!(shown(1, 3), "0.33");
        assert_eq!(shown(-1, 200), "-0.01", "halves round away from zero");
        assert_eq!(shown(5, 0), "null");
    }

    #[test]
    fn averages_round_to_the_cent() {
        assert_eq!(average(Cents(1001), 2), Some(Cents(501)));
        assert_eq!(average(Cents(-1001), 2), Some(Cents(-501)));
        assert_eq!(average(Cents(1000), 3), Some(Cents(333)));
        assert_eq!(average(Cents(1000), 0), None);
    }
}
