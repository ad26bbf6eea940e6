//! What a response's headers say about the rate budget. Not the budget itself, which `store` keeps.

use std::time::Duration;

use http::HeaderMap;
use jiff::Timestamp;

/// The longest `Retry-After` that is believed; after that one may as well ask again.
pub const RETRY_AFTER_SECONDS_MAX: u64 = 3600;

/// The state of a rate budget, as of one response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests allowed in a span.
    pub limit: u32,
    /// Requests still allowed in this span.
    pub remaining: u32,
    /// When the budget is full again.
    pub resets_at: Timestamp,
}

impl Limits {
    /// Reads the three rate headers; `None` when one is missing or makes no sense. A limit of no
    /// requests makes none: whoever believed it would never ask again, nor learn better.
    pub(crate) fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let resets_at = integer(headers, "x-ratelimit-reset")?;
        let limit = integer(headers, "x-ratelimit-limit")?.try_into().ok()?;
        if limit == 0 {
            return None;
        }
        Some(Self {
            limit,
            remaining: integer(headers, "x-ratelimit-remaining")?.try_into().ok()?,
            resets_at: Timestamp::from_second(resets_at.try_into().ok()?).ok()?,
        })
    }
}

/// `Retry-After` in seconds, at most [`RETRY_AFTER_SECONDS_MAX`]; the form with a date counts as
/// absent.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = integer(headers, "retry-after")?;
    Some(Duration::from_secs(seconds.min(RETRY_AFTER_SECONDS_MAX)))
}

fn integer(headers: &HeaderMap, name: &str) -> Option<u64> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|&(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    fn limits(limit: &str, remaining: &str, reset: &str) -> Option<Limits> {
        Limits::from_headers(&headers(&[
            ("x-ratelimit-limit", limit),
            ("x-ratelimit-remaining", remaining),
            ("x-ratelimit-reset", reset),
        ]))
    }

    #[test]
    fn the_three_headers_are_one_fact() {
        let want =
            Limits { limit: 200, remaining: 0, resets_at: "2026-09-04T10:01:00Z".parse().unwrap() };
        assert_eq!(limits("200", "0", "1788516060"), Some(want));
        assert_eq!(limits(" 200 ", "0", "1788516060"), Some(want));
        assert_eq!(Limits::from_headers(&headers(&[("x-ratelimit-limit", "200")])), None);
    }

    #[test]
    fn numbers_that_make_no_sense_are_no_fact() {
        for (limit, remaining, reset) in [
            ("-1", "0", "1788516060"),
            ("200", "1.5", "1788516060"),
            ("200", "0", "1788516060000"),
            ("200", "0", "99999999999999999999"),
            ("4294967296", "0", "1788516060"),
            ("0", "0", "1788516060"),
            ("", "0", "1788516060"),
        ] {
            assert_eq!(limits(limit, remaining, reset), None, "{limit} {remaining} {reset}");
        }
    }

    #[test]
    fn retry_after_is_seconds_and_bounded() {
        let after = |text: &str| retry_after(&headers(&[("retry-after", text)]));
        assert_eq!(after("17"), Some(Duration::from_secs(17)));
        assert_eq!(after("0"), Some(Duration::ZERO));
        assert_eq!(after("99999999"), Some(Duration::from_secs(RETRY_AFTER_SECONDS_MAX)));
        assert_eq!(after("Wed, 21 Oct 2026 07:28:00 GMT"), None);
        assert_eq!(after("+5"), None);
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
