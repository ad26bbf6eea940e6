//! `GET /api/metrics`: numbers for a monitor, in Prometheus' text format.
//!
//! All of them come from the database, so every instance tells the same; this process counts nothing
//! by itself. No age is counted to an instant before the database's own, however far behind this process's
//! clock is. They are gauges: whatever is counted here can fall, at the latest when an agency goes.

mod families;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use jiff::Timestamp;
use store::{Backlog, Sample};

use self::families::FAMILIES;
use crate::{
    Ctx,
    accounts::overdue_before,
    analytics::count_states,
    auth::require_operator,
    clock::later,
    http::{Problem, Request, Response},
    query::Query,
};

/// The most creators whose states are counted: as many as a tick lists.
const CREATORS_MAX: i64 = 10_000;

/// Answers `GET /api/metrics`, to the operator alone.
///
/// # Errors
/// 401 without the operator's secret, 400 for any parameter, 503 without a database, 500 for one that
/// is not migrated. Never a part of the numbers.
pub async fn handle(ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
    require_operator(ctx, request)?;
    Query::parse(request, &[])?;
    let store = &ctx.store;
    let creators = store.list_all_freshness(CREATORS_MAX).await?;
    // The clocks are compared over a connection that is there already.
    let asked_at = ctx.clock.now();
    let told_at = store.read_database_time().await?;
    let now = later(ctx, told_at);
    let mut samples = store.list_samples(now, overdue_before(now)).await?;
    samples.extend(store.list_audience_samples(now).await?);
    samples.extend(store.list_work_samples(now, overdue_before(now)).await?);
    samples.extend(of_backlog(store.read_backlog(now).await?, now));
    samples.extend(count_states(&creators, now).map(|(state, count)| Sample {
        name: "creators".to_owned(),
        label: Some(state.to_owned()),
        value: count as f64,
    }));
    samples.iter_mut().for_each(not_to_come);
    samples.push(skew(asked_at, told_at));
    let mut response = Response::new(Bytes::from(written(&samples)).into());
    let format = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, format);
    Ok(response)
}

/// An instant that is ahead of both clocks was written by one that was: nothing is younger than new.
fn not_to_come(sample: &mut Sample) {
    if sample.name.ends_with("_seconds") {
        sample.value = sample.value.max(0.0);
    }
}

/// How far the database's clock is ahead of ours. It contains the way of the question.
fn skew(asked_at: Timestamp, told_at: Timestamp) -> Sample {
    let value = told_at.duration_since(asked_at).as_secs_f64();
    Sample { name: "database_clock_skew_seconds".to_owned(), label: None, value }
}

/// What health counts too.
fn of_backlog(backlog: Backlog, now: Timestamp) -> impl Iterator<Item = Sample> {
    let waits = |since: Timestamp| now.duration_since(since).as_secs_f64();
    let values = [
        ("webhooks_waiting", backlog.new_event_count as f64),
        ("webhooks_oldest_waiting_seconds", backlog.oldest_new_event.map_or(0.0, waits)),
        ("webhooks_quarantined", backlog.quarantined_count as f64),
        ("rejects", backlog.reject_count as f64),
        ("provisional_transactions", backlog.open_hint_count as f64),
        ("provisional_gross_cents", backlog.open_hint_cents as f64),
        ("provisional_unmatched", backlog.unmatched_hint_count as f64),
    ];
    values.into_iter().map(|(name, value)| Sample { name: name.to_owned(), label: None, value })
}

/// The text: each family once, with what it means, and then its samples.
fn written(samples: &[Sample]) -> String {
    let mut text = String::new();
    for family in FAMILIES {
        text.push_str(&format!("# HELP {} {}\n# TYPE {0} gauge\n", family.name, family.help));
        for sample in samples.iter().filter(|sample| family.counts(&sample.name)) {
            let label = family.label.zip(sample.label.as_deref());
            let label = label.map(|(name, value)| format!("{{{name}=\"{}\"}}", escaped(value)));
            let label = label.unwrap_or_default();
            text.push_str(&format!("{}{label} {}\n", family.name, sample.value));
        }
    }
    text
}

/// The value of a label as it stands between quotes.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(name: &str, label: Option<&str>, value: f64) -> Sample {
        Sample { name: name.to_owned(), label: label.map(str::to_owned), value }
    }

    #[test]
    fn a_family_has_its_lines_together_and_labels_are_escaped() {
        let text = written(&[
            sample("streams", Some("a\"b\\c\nd"), 2.0),
            sample("rejects", None, 3.0),
            sample("streams", Some("earnings"), 1234.5),
        ]);
        let lines: Vec<_> = text.lines().collect();
        let at =
            lines.iter().position(|line| line.starts_with("# TYPE heartbeat_streams ")).unwrap();
        assert_eq!(lines[at + 1], r#"heartbeat_streams{stream="a\"b\\c\nd"} 2"#);
        assert_eq!(lines[at + 2], r#"heartbeat_streams{stream="earnings"} 1234.5"#);
        assert!(lines.contains(&"heartbeat_rejects 3"), "{text}");
    }

    #[test]
    fn nothing_waits_no_time() {
        let now = Timestamp::UNIX_EPOCH;
        let lag = of_backlog(Backlog::default(), now).find(|s| s.name.ends_with("_seconds"));
        assert_eq!(lag.map(|sample| sample.value), Some(0.0));
    }

    #[test]
    fn no_age_is_below_nothing_and_other_numbers_may_be() {
        let kept = |name: &str| {
            let mut sample = sample(name, None, -2.0);
            not_to_come(&mut sample);
            sample.value
        };
        assert_eq!(kept("last_tick_age_seconds"), 0.0);
        assert_eq!(kept("provisional_gross_cents"), -2.0);
        let skew = skew(Timestamp::from_second(600).unwrap(), Timestamp::UNIX_EPOCH);
        assert_eq!(skew.value, -600.0);
    }
}
