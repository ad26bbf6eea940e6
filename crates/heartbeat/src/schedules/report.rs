//! A schedule's JSON report, as far as the local log needs it: what came in, and whether work
//! remains. Fields we don't know are none of our business; fields that are absent count as nothing.

use std::time::Duration;

use serde::Deserialize;

use crate::progress::{dollars, grouped, seconds};

/// The parts of a report that `cargo dev` understands.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Report {
    new_rows: u64,
    cents: i64,
    unfinished: u64,
    retry_after_seconds: Option<i64>,
    creators: Vec<serde::de::IgnoredAny>,
    /// Of late shifts or missed posts alone.
    found: Option<u64>,
    sent: u64,
    streams: Option<Vec<serde::de::IgnoredAny>>,
    /// Of the nightly proof alone.
    creators_compared: Option<u64>,
    repaired: u64,
}

impl Report {
    /// Reads a report; one that isn't JSON counts as empty.
    pub(super) fn read(body: &[u8]) -> Report {
        serde_json::from_slice(body).unwrap_or_default()
    }

    /// Seconds after which to run again for the sake of unfinished work, if there is any; `default`
    /// where the report doesn't say.
    pub(super) fn again(&self, default: u64) -> Option<u64> {
        let said = self.retry_after_seconds.map(|seconds| seconds.try_into().unwrap_or(0));
        (self.unfinished != 0).then_some(said.unwrap_or(default))
    }

    /// One line for people.
    pub(super) fn line(&self, took: Duration, again: Option<u64>) -> String {
        let what = match (self.found, &self.streams) {
            _ if self.creators_compared.is_some() => format!(
                "{} creators compared, {} repaired",
                grouped(self.creators_compared.unwrap_or_default()),
                self.repaired
            ),
            (Some(found), _) => format!("{found} found, {} sent", self.sent),
            (None, Some(streams)) => format!("{} streams of audiences", streams.len()),
            (None, None) => format!(
                "{} new rows, {}, {} creators",
                grouped(self.new_rows),
                dollars(self.cents),
                self.creators.len()
            ),
        };
        let mut line = format!("{what}, {}", seconds(took));
        if let Some(again) = again {
            line.push_str(&format!("; {} unfinished, again in {again} s", self.unfinished));
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_one_line() {
        let report = Report::read(
            br#"{"newRows":1234,"cents":99,"unfinished":0,"creators":[{},{}],"other":[1]}"#,
        );
        assert_eq!(report.again(5), None);
        assert_eq!(
            report.line(Duration::from_millis(120), None),
            "1,234 new rows, $0.99, 2 creators, 0.12 s"
        );
    }

    #[test]
    fn a_report_of_audiences_says_how_much_was_read_of_them() {
        let report = Report::read(br#"{"requests":7,"unfinished":0,"streams":[{},{},{}]}"#);
        assert_eq!(report.line(Duration::ZERO, None), "3 streams of audiences, 0.00 s");
    }

    #[test]
    fn unfinished_work_is_named_with_its_time() {
        let report = Report::read(br#"{"unfinished":3,"retryAfterSeconds":7}"#);
        assert_eq!(report.again(5), Some(7));
        assert_eq!(Report::read(br#"{"unfinished":3}"#).again(5), Some(5));
        assert!(report.line(Duration::ZERO, Some(7)).ends_with("; 3 unfinished, again in 7 s"));
    }

    #[test]
    fn alerts_are_counted_instead_of_money() {
        let report = Report::read(br#"{"found":3,"sent":2,"unfinished":1,"retryAfterSeconds":60}"#);
        let line = report.line(Duration::from_millis(120), report.again(5));
        assert_eq!(line, "3 found, 2 sent, 0.12 s; 1 unfinished, again in 60 s");
    }

    #[test]
    fn what_is_no_report_is_read_as_an_empty_one() {
        for text in ["", "<html>", "[]", r#"{"newRows":-1}"#, r#"{"unfinished":"x"}"#] {
            assert_eq!(Report::read(text.as_bytes()), Report::default(), "{text}");
        }
    }
}
