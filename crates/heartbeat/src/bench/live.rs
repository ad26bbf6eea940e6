//! How soon a commit is told to everybody who watches: a process of its own that serves, many open
//! streams of one agency over real connections, and one sale after the other.
//!
//! The streams of one agency hear of every change, so each change is told to all of them at once: the
//! worst case for whoever is told last.

mod events;

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use tokio::{sync::mpsc, task::JoinSet};

use self::events::Events;
use super::{
    books::{self, Plan},
    limits, pieces,
    report::{Report, figure, quantiles, short},
    stage::{self, number},
    timings::Timings,
    worker::Worker,
};
use crate::{Failure, cli::LiveArgs, progress::Count, wall};

const DATABASE: &str = "heartbeat_bench_live";
const PATH: &str = "/api/analytics/live";
const AGENCIES: u32 = 20;
const CREATORS: u32 = 20;
const ROWS: u64 = 20_000;
const DAYS: u32 = 365;
/// Streams that one user may have open.
const STREAMS_OF_ONE: u32 = 16;
/// From one change to the next: more than the half second in which a stream tells of one alone.
const PAUSE: SignedDuration = SignedDuration::from_millis(1_000);
/// How long a change is waited for. One that takes longer was lost.
const HEARD_SECONDS_MAX: i64 = 30;

/// What was measured.
#[derive(Default)]
struct Measured {
    /// From each commit to each stream.
    delays: Timings,
    /// From each commit to the last of the streams.
    slowest: Timings,
    /// Connections of the server that listen.
    listening: u64,
    round_trip: Timings,
    peak_mib: Option<f64>,
}

/// In a database of its own.
pub(super) async fn measure(data_dir: &Path, args: &LiveArgs) -> Result<Report, Failure> {
    stage::in_database(data_dir, DATABASE, async |url| in_database(args, url).await).await
}

async fn in_database(args: &LiveArgs, url: &str) -> Result<Report, Failure> {
    let plan = Plan {
        agencies: AGENCIES,
        creators: CREATORS,
        users: args.streams.div_ceil(STREAMS_OF_ONE),
        rows: ROWS,
        days: DAYS,
        lately: None,
        until: wall::now(),
    };
    books::fill(url, &plan).await?;
    let worker = Worker::start(&stage::users_environment(url)).await?;
    let revision = format!("select revision from agencies where id = '{}'", books::agency(0));
    let mut audience = Audience::open(&worker, args.streams);
    audience.hear(number(url, &revision).await?).await?;
    let mut measured = Measured::default();
    let mut count = Count::begin("changes", "changes");
    for change in 0..args.changes {
        wall::pause_until(wall::now() + PAUSE).await;
        let (committed, revision) = books::sell(url, (0, change % CREATORS), wall::now()).await?;
        let heard = audience.hear(revision).await?;
        let delay = |at: &Timestamp| at.duration_since(committed).unsigned_abs();
        heard.iter().map(delay).for_each(|delay| measured.delays.push(delay));
        if let Some(last) = heard.iter().map(delay).max() {
            measured.slowest.push(last);
        }
        count.reached(u64::from(change) + 1, args.changes.into());
    }
    let listening = "select count(*) from pg_stat_activity
                      where application_name = 'heartbeat-live' and datname = current_database()";
    measured.listening = number(url, listening).await?;
    measured.peak_mib = worker.peak_mib();
    measured.round_trip = limits::round_trips(url).await?;
    books::prove(url).await?;
    Ok(measured.report(args))
}

/// What one of the streams said, and when that was here.
struct Told {
    revision: u64,
    at: Timestamp,
}

/// All streams, each read by a task of its own.
struct Audience {
    streams: JoinSet<Result<(), Failure>>,
    told: mpsc::UnboundedReceiver<Told>,
    count: usize,
}

impl Audience {
    fn open(worker: &Worker, count: u32) -> Self {
        let (teller, told) = mpsc::unbounded_channel();
        let (mut streams, server, now) = (JoinSet::new(), worker.address, wall::now());
        for number in 0..count {
            let token = stage::token(books::user(0, number / STREAMS_OF_ONE), now);
            let (teller, mut events) = (teller.clone(), Events::default());
            streams.spawn(async move {
                pieces::get(server, (PATH, &token), |piece| {
                    let at = wall::now();
                    for revision in events.read(piece) {
                        // Nobody listens any more when all is measured.
                        let _ = teller.send(Told { revision, at });
                    }
                    Ok(())
                })
                .await
            });
        }
        Self { streams, told, count: count as usize }
    }

    /// Waits until every stream has told of that revision; when each did.
    async fn hear(&mut self, revision: u64) -> Result<Vec<Timestamp>, Failure> {
        let give_up_at = wall::now() + SignedDuration::from_secs(HEARD_SECONDS_MAX);
        let mut heard = Vec::with_capacity(self.count);
        while heard.len() < self.count {
            tokio::select! {
                Some(told) = self.told.recv() => {
                    if told.revision == revision {
                        heard.push(told.at);
                    }
                }
                Some(ended) = self.streams.join_next() => {
                    ended.map_err(Failure::while_doing("a stream broke off"))??;
                    return Err(Failure::new("a stream ended too soon"));
                }
                () = wall::pause_until(give_up_at) => {
                    let (some, all) = (heard.len(), self.count);
                    let said = format!("only {some} of {all} streams told of revision {revision}");
                    return Err(Failure::new(said));
                }
            }
        }
        Ok(heard)
    }
}

impl Measured {
    fn report(&self, args: &LiveArgs) -> Report {
        let title = format!(
            "`heartbeat bench live`: {} streams of one agency, one process, {} sales; from commit to \
             event",
            args.streams, args.changes
        );
        let mut report = Report::new([title, "goal".to_owned(), "result".to_owned()]);
        let mut line = |name: &str, goal: &str, result: String| {
            report.line([name.to_owned(), goal.to_owned(), result]);
        };
        line("each stream, p50 / p95 / p99", "p99 ≤ 250 ms", quantiles(&self.delays));
        line("the last stream of each sale, p50 / p95 / p99", "", quantiles(&self.slowest));
        line("the slowest of all", "", format!("{} ms", short(self.delays.ms(1000))));
        line(limits::ROUND_TRIP, "", quantiles(&self.round_trip));
        line("connections to the database that listen", "1", self.listening.to_string());
        if let Some(peak) = self.peak_mib {
            line("peak memory of the process", "", format!("{peak:.1} MiB"));
            report.figure("live_peak_mib", peak);
        }
        report.lengths("live_select_1", &self.round_trip);
        report.lengths("live_stream", &self.delays);
        report.lengths("live_last_stream", &self.slowest);
        report.figure("live_streams", args.streams.into());
        report.figure("live_events", figure(self.delays.count() as u64));
        report.figure("live_listening", figure(self.listening));
        report
    }
}
