//! The time at the platform: the header `Date` that every answer carries.

use http::{HeaderMap, header};
use jiff::{Timestamp, fmt::rfc2822::DateTimeParser};

/// The second in which the answer was made; `None` for one that does not say.
pub(crate) fn of_answer(headers: &HeaderMap) -> Option<Timestamp> {
    let text = headers.get(header::DATE)?.to_str().ok()?;
    DateTimeParser::new().parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Option<Timestamp> {
        of_answer(&[(header::DATE, text.parse().unwrap())].into_iter().collect())
    }

    #[test]
    fn the_second_is_told_as_http_tells_it() {
        let want = "2026-09-04T10:01:07Z".parse().ok();
        assert_eq!(told("Fri, 04 Sep 2026 10:01:07 GMT"), want);
        for text in ["", "now", "1788516067", "2026-09-04T10:01:07Z", "Fri, 04 Sep 2026 10:01 GM"] {
            assert_eq!(told(text), None, "{text}");
        }
        assert_eq!(of_answer(&HeaderMap::new()), None);
    }
}
