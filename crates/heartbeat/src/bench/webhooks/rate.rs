//! How many webhooks a second are on disk and answered, beside what the same server takes from
//! `pgbench`. Rounds of both alternate, so that whatever else the machine does meets both.
//!
//! The events of these rounds are of a topic from which nothing follows, as most are. One more round
//! is of follows, each of which costs the same process a transaction of its own after the answer: it
//! stands in figures of its own, beside no yardstick.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use jiff::Timestamp;
use rand::RngExt;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{Bench, PATH, flush, pgbench::Pgbench, signature};
use crate::{
    Failure,
    bench::{line::Line, stage::number, timings::Timings},
    wall,
};

/// What most events are about.
pub(super) const TOPIC: &str = "creator.post.liked";
/// What those are about from which something follows.
const FOLLOW: &str = "creator.follow.created";
const ROUNDS: usize = 5;
/// Flushes before each round: enough in all to tell the slowest of a hundred.
const FLUSHES: usize = 100;

/// All rounds.
#[derive(Default)]
pub(super) struct Rates {
    /// Webhooks a second, by round.
    pub(super) webhooks: Vec<f64>,
    /// Commits of pgbench a second, by round.
    pub(super) pgbench: Vec<f64>,
    /// How long each webhook took.
    pub(super) answers: Timings,
    /// How long each commit of pgbench took.
    pub(super) commits: Timings,
    /// How long each flush of the disk took, with nothing else to do for us.
    pub(super) flushes: Timings,
    /// The round of follows.
    pub(super) follows: Flood,
    /// Follows a second that were understood after the round, until none was left.
    pub(super) follows_understood_per_second: f64,
}

/// What became of one round of webhooks.
#[derive(Default)]
pub(super) struct Flood {
    pub(super) per_second: f64,
    pub(super) answers: Timings,
    /// Events that nobody had made sense of yet at its end.
    pub(super) backlog: u64,
}

/// Runs all rounds.
pub(super) async fn measure(bench: &Bench<'_>, pgbench: &Pgbench) -> Result<Rates, Failure> {
    store::admin::run_sql(bench.url, super::pgbench::TABLE)
        .await
        .map_err(Failure::while_doing("the table for pgbench can't be made"))?;
    let args = bench.args;
    let mut rates = Rates::default();
    for round in 0..ROUNDS {
        rates.flushes.extend(flush::measure(bench.disk, FLUSHES).await?);
        // Whoever comes second may find the disk busier.
        for webhooks_turn in [round % 2 == 0, round % 2 != 0] {
            if webhooks_turn {
                let flood = flood(bench, None).await?;
                rates.webhooks.push(flood.per_second);
                rates.answers.extend(flood.answers);
            } else {
                let body = event(None).1.len();
                let said = pgbench.run(bench.url, (args.connections, args.seconds), body).await?;
                rates.pgbench.push(said.per_second);
                rates.commits.extend(said.timings);
            }
        }
        let last = |rates: &[f64]| rates.last().copied().unwrap_or_default();
        let (webhooks, commits) = (last(&rates.webhooks), last(&rates.pgbench));
        eprintln!("  round {}: {webhooks:.0} webhooks/s, {commits:.0} inserts/s", round + 1);
    }
    rates.follows = flood(bench, bench.creators.first().copied()).await?;
    let began = wall::instant();
    bench.understood().await?;
    rates.follows_understood_per_second =
        per_second(rates.follows.backlog, began.elapsed().as_secs_f64());
    Ok(rates)
}

/// Posts new events over all connections for the time of a round: follows of that creator, if one is
/// given. Every answer must be a row.
async fn flood(bench: &Bench<'_>, followed: Option<Uuid>) -> Result<Flood, Failure> {
    let stored = "select count(*) from webhook_events";
    let before = number(bench.url, stored).await?;
    let began = wall::instant();
    let until = began + Duration::from_secs(bench.args.seconds.into());
    let mut posting = JoinSet::new();
    for _ in 0..bench.args.connections {
        let line = Line::open(bench.worker.address).await?;
        posting.spawn(post_until(line, Arc::clone(&bench.ctx), until, followed));
    }
    let mut answers = Timings::default();
    while let Some(posted) = posting.join_next().await {
        answers.extend(posted.map_err(Failure::while_doing("a connection broke off"))??);
    }
    let seconds = began.elapsed().as_secs_f64();
    let backlog = bench.not_understood().await?;
    let answered = answers.count() as u64;
    let kept = number(bench.url, stored).await? - before;
    if kept != answered {
        return Err(Failure::new(format!("{answered} events were answered, {kept} are stored")));
    }
    Ok(Flood { per_second: per_second(answered, seconds), answers, backlog })
}

#[expect(clippy::cast_precision_loss, reason = "counts below 2^52")]
pub(super) fn per_second(count: u64, seconds: f64) -> f64 {
    count as f64 / seconds
}

async fn post_until(
    mut line: Line,
    ctx: Arc<app::Ctx>,
    until: Instant,
    followed: Option<Uuid>,
) -> Result<Timings, Failure> {
    let mut timings = Timings::default();
    while wall::instant() < until {
        let (topic, body) = event(followed);
        let signature = signature(&ctx, wall::now(), &body);
        let request = delivery(topic).header(fanvue::signature::HEADER, signature);
        let answer = line.send(request, body).await?;
        if answer.status != 200 {
            return Err(Failure::new(format!("an event was answered {}", answer.status)));
        }
        timings.push(answer.took);
    }
    Ok(timings)
}

/// A delivery still without a signature.
pub(super) fn delivery(topic: &str) -> http::request::Builder {
    http::Request::post(PATH)
        .header("content-type", "application/json")
        .header(fanvue::webhook::TOPIC_HEADER, topic)
}

/// A new event and its topic, about as long as those of the platform: a follow of that creator, or one
/// from which nothing follows. Those of a topic are equally long.
pub(super) fn event(followed: Option<Uuid>) -> (&'static str, Bytes) {
    let topic = if followed.is_some() { FOLLOW } else { TOPIC };
    let [id, stranger, fan, post] = [(); 4].map(|()| Uuid::from_u128(rand::rng().random()));
    let at = wall::now().as_millisecond() / 1000 * 1000;
    let at = Timestamp::from_millisecond(at).unwrap_or_default().to_string();
    let event = serde_json::json!({
        "id": id,
        "type": topic,
        "timestamp": at,
        "data": {
            "object": "event",
            "post_uuid": post,
            "created_at": at,
            "fan": {"uuid": fan, "handle": "a-fan-of-hers", "display_name": "A fan of hers"},
            "creator": {"uuid": followed.unwrap_or(stranger)},
        },
    });
    (topic, Bytes::from(event.to_string()))
}

#[cfg(test)]
mod tests {
    use fanvue::webhook::{Meaning, event_key, read_event};

    use super::*;

    #[test]
    fn events_differ_and_mean_what_they_are_for() {
        let ((topic, one), (_, other)) = (event(None), event(None));
        assert_eq!(one.len(), other.len());
        assert_ne!(event_key(&one), event_key(&other));
        let read = read_event(&one, None, wall::now()).unwrap();
        assert_eq!((read.meaning, read.topic.as_str()), (Meaning::Nothing, topic));
        let (_, follow) = event(Some(Uuid::from_u128(7)));
        assert_eq!(read_event(&follow, None, wall::now()).unwrap().meaning, Meaning::Follow);
    }
}
