//! Exact money: whole cents in an `i64`. No float touches an amount, parsing and printing included.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An amount in the smallest unit of its currency (US cents unless said otherwise).
///
/// On the wire it is a JSON integer. Negative amounts are reversals.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(inline))]
#[serde(transparent)]
pub struct Cents(pub i64);

/// Why a number is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CentsError {
    /// Not a JSON number at all.
    #[error("not a number")]
    NotANumber,
    /// A fraction of a cent, such as `10.5`.
    #[error("has a fraction of a cent")]
    Fraction,
    /// Beyond any plausible amount (more than [`Cents::MAX`] either way).
    #[error("is out of range")]
    OutOfRange,
}

impl Cents {
    /// No money.
    pub const ZERO: Self = Self(0);
    /// The largest amount a single row may carry: ten billion dollars. Larger is nonsense, and the
    /// bound keeps a sum over nine hundred thousand rows inside an `i64`.
    pub const MAX: Self = Self(1_000_000_000_000);

    /// Reads the text of a JSON number exactly: `1000`, `1000.0` and `1e3` are 1000; `10.5` is not.
    ///
    /// # Errors
    /// [`CentsError`] says why the text is not an amount.
    pub fn parse(text: &str) -> Result<Self, CentsError> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => {
                (mantissa, exponent.parse::<i32>().map_err(|_| CentsError::NotANumber)?)
            }
            None => (digits, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return Err(CentsError::NotANumber);
        }
        let value = scale(whole, fraction, exponent)?;
        let cents = if negative { -value } else { value };
        if cents.abs() > Self::MAX.0 { Err(CentsError::OutOfRange) } else { Ok(Self(cents)) }
    }

    /// The sum, or `None` past the range of an `i64`.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }
}

/// `whole.fraction × 10^exponent` as an integer; the bounds keep hostile digits from costing time.
fn scale(whole: &str, fraction: &str, exponent: i32) -> Result<i64, CentsError> {
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Ok(0);
    }
    let places = i32::try_from(fraction.len()).map_err(|_| CentsError::OutOfRange)?;
    let point = exponent.checked_sub(places).ok_or(CentsError::Fraction)?;
    let (kept, dropped, zeros) = if point >= 0 {
        (digits, "", point)
    } else {
        let cut = digits.len().saturating_sub(point.unsigned_abs() as usize);
        (&digits[..cut], &digits[cut..], 0)
    };
    if dropped.bytes().any(|b| b != b'0') {
        return Err(CentsError::Fraction);
    }
    if kept.is_empty() {
        return Ok(0);
    }
    if kept.len() + zeros.unsigned_abs() as usize > 18 {
        return Err(CentsError::OutOfRange);
    }
    let value: i64 = kept.parse().map_err(|_| CentsError::OutOfRange)?;
    value.checked_mul(10_i64.pow(zeros.unsigned_abs())).ok_or(CentsError::OutOfRange)
}

/// Prints units and cents: `-12.34`.
impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let value = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", value / 100, value % 100)
    }
}

impl std::ops::Add for Cents {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl std::ops::Sub for Cents {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl std::ops::Neg for Cents {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl std::ops::AddAssign for Cents {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl std::iter::Sum for Cents {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, |a, b| a + b)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn whole_cents_in_any_spelling_are_read_and_fractions_refused() {
        for (text, want) in [
            ("1000", Ok(1000)),
            ("1000.0", Ok(1000)),
            ("1e3", Ok(1000)),
            ("1.5E1", Ok(15)),
            ("-1000.000", Ok(-1000)),
            ("100e-2", Ok(1)),
            ("0", Ok(0)),
            ("-0.0", Ok(0)),
            ("0e99", Ok(0)),
            ("10.5", Err(CentsError::Fraction)),
            ("1.5e-2147483648", Err(CentsError::Fraction)),
            ("1e-1", Err(CentsError::Fraction)),
            ("0.1", Err(CentsError::Fraction)),
            ("1e13", Err(CentsError::OutOfRange)),
            ("1e999999999", Err(CentsError::OutOfRange)),
            ("99999999999999999999", Err(CentsError::OutOfRange)),
            ("", Err(CentsError::NotANumber)),
            ("NaN", Err(CentsError::NotANumber)),
            ("0x10", Err(CentsError::NotANumber)),
            ("--1", Err(CentsError::NotANumber)),
            ("1e", Err(CentsError::NotANumber)),
        ] {
            assert_eq!(Cents::parse(text).map(|c| c.0), want, "{text}");
        }
    }

    #[test]
    fn amounts_print_as_units_and_cents() {
        let shown: Vec<_> = [0, 5, -5, 509_300, -1234].map(|c| Cents(c).to_string()).into();
        assert_eq!(shown, ["0.00", "0.05", "-0.05", "5093.00", "-12.34"]);
    }

    proptest! {
        #[test]
        fn every_amount_survives_its_own_text(cents in -Cents::MAX.0..=Cents::MAX.0) {
            prop_assert_eq!(Cents::parse(&cents.to_string()), Ok(Cents(cents)));
            prop_assert_eq!(Cents::parse(&format!("{cents}.00")), Ok(Cents(cents)));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,40}") {
            let _ = Cents::parse(&text);
        }
    }
}
