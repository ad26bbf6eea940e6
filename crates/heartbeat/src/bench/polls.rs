//! What it spares the database that dashboards hold their last answer and that an instance keeps what
//! it answered: the same dashboards poll every minute through two hours of the same ticks, one time as
//! they do and one time as if nobody held anything, in which each poll reads the books.
//!
//! The hours are simulated and everything else is real: the handlers, the database and its policies.
//! The ticks are the statements that a heartbeat leaves behind, claims and confirmations included; what
//! they cost by themselves is measured in an hour without a poll and taken off.

mod work;

use std::{collections::VecDeque, path::Path, sync::Arc};

use app::Ctx;
use http::{
    HeaderValue, StatusCode,
    header::{CACHE_CONTROL, IF_NONE_MATCH},
};
use jiff::{SignedDuration, Timestamp};

use self::work::Work;
use super::{
    asking::ask,
    books::{self, Plan},
    clock::HandClock,
    meter::Meter,
    report::{Report, figure, short},
    stage::{self, settled},
};
use crate::{
    Failure,
    cli::PollsArgs,
    progress::{Count, grouped},
};

const DATABASE: &str = "heartbeat_bench_polls";
const AGENCIES: u32 = 20;
const CREATORS: u32 = 20;
const DAYS: u32 = 1_095;
/// When the first hour begins: at noon of 21 November 2026 in UTC.
const NOON: Timestamp = Timestamp::constant(1_795_262_400, 0);
const MINUTE: SignedDuration = SignedDuration::from_secs(60);
/// From one heartbeat to the next, how long after that a tick begins, and how long it takes.
const TICK_MINUTES: u32 = 10;
const TICK_BEGINS: SignedDuration = SignedDuration::from_secs(3);
const TICK_TAKES: SignedDuration = SignedDuration::from_secs(10);

/// How dashboards ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// Nobody does.
    Not,
    /// With the validator of the answer they hold, of an instance that keeps what it answered.
    Holding,
    /// As if nothing was ever answered before.
    Anew,
}

/// One that is open.
struct Dashboard {
    token: String,
    held: Option<HeaderValue>,
}

/// Two hours of polls, and one of nothing but ticks, in a database of their own.
pub(super) async fn measure(data_dir: &Path, args: &PollsArgs) -> Result<Report, Failure> {
    stage::in_database(data_dir, DATABASE, async |url| {
        let plan = Plan {
            agencies: AGENCIES,
            creators: CREATORS,
            users: args.dashboards.div_ceil(args.agencies),
            rows: args.rows,
            days: DAYS,
            lately: None,
            until: NOON,
        };
        books::fill(url, &plan).await?;
        let bench = Bench { url, args, plan };
        let ticks = bench.pass(How::Not, 0).await?;
        let holding = bench.pass(How::Holding, 1).await?;
        let anew = bench.pass(How::Anew, 2).await?;
        books::prove(url).await?;
        Ok(report(args, &holding.without(&ticks), &anew.without(&ticks)))
    })
    .await
}

struct Bench<'a> {
    url: &'a str,
    args: &'a PollsArgs,
    plan: Plan,
}

impl Bench<'_> {
    /// The time of the pass of that number, and what it cost.
    async fn pass(&self, how: How, number: i32) -> Result<Work, Failure> {
        let begins = NOON + MINUTE * (self.minutes() * number);
        let clock = Arc::new(HandClock::at(begins));
        let meter = Arc::new(Meter::default());
        let (time, gate) = (Arc::<HandClock>::clone(&clock), Arc::<Meter>::clone(&meter));
        let mut environment = stage::users_environment(self.url);
        environment.push(("DATABASE_STATEMENTS", self.args.statements.clone()));
        settled(self.url).await?;
        let before = Work::of(self.url).await?;
        let ctx = stage::watched(&environment, time, gate)?;
        let mut work = self.polls(&ctx, &clock, (how, begins)).await?;
        // Its connections end, and tell the server what they did.
        drop(ctx);
        settled(self.url).await?;
        work.add_database(&before, &Work::of(self.url).await?);
        let trips = meter.take();
        work.statements = trips.values().map(|(count, _)| count).sum();
        work.waited = trips.values().map(|(_, took)| *took).sum();
        Ok(work)
    }

    fn minutes(&self) -> i32 {
        i32::try_from(self.args.minutes).unwrap_or(i32::MAX)
    }

    /// Every dashboard once a minute, each at its own second of it, and the ticks between them.
    async fn polls(
        &self,
        ctx: &Ctx,
        clock: &HandClock,
        (how, begins): (How, Timestamp),
    ) -> Result<Work, Failure> {
        let mut ticks = self.ticks(begins);
        let mut dashboards = self.dashboards(begins);
        let among = i32::try_from(dashboards.len()).unwrap_or(i32::MAX);
        let (mut work, mut count) = (Work::default(), Count::begin("polls", "minutes"));
        for minute in 0..self.minutes() {
            for (place, dashboard) in (0..among).zip(&mut dashboards) {
                let now = begins + MINUTE * minute + MINUTE * place / among;
                while let Some(&(at, is_end)) = ticks.front().filter(|(at, _)| *at <= now) {
                    ticks.pop_front();
                    self.tick(at, is_end).await?;
                }
                clock.set(now);
                if how != How::Not {
                    work.polls += 1;
                    work.unchanged += u64::from(dashboard.poll(ctx, how).await?);
                }
            }
            count.reached(u64::from(minute.unsigned_abs()) + 1, self.args.minutes.into());
        }
        Ok(work)
    }

    /// When ticks begin and end in this pass.
    fn ticks(&self, begins: Timestamp) -> VecDeque<(Timestamp, bool)> {
        let step = TICK_MINUTES as usize;
        let minutes = (0..self.minutes()).step_by(step).map(|minute| begins + MINUTE * minute);
        let begun = minutes.map(|at| at + TICK_BEGINS);
        begun.flat_map(|at| [(at, false), (at + TICK_TAKES, true)]).collect()
    }

    async fn tick(&self, at: Timestamp, is_end: bool) -> Result<(), Failure> {
        if is_end {
            books::end_tick(self.url, &self.plan, self.args.sellers, at).await
        } else {
            books::begin_tick(self.url, at).await
        }
    }

    /// Spread over the agencies; nobody holds an answer yet.
    fn dashboards(&self, now: Timestamp) -> Vec<Dashboard> {
        let of = |number: u32| {
            let among = self.args.agencies;
            let user = books::user(number % among, number / among);
            Dashboard { token: stage::token(user, now), held: None }
        };
        (0..self.args.dashboards).map(of).collect()
    }
}

impl Dashboard {
    /// Asks once; whether what it held is still the answer.
    async fn poll(&mut self, ctx: &Ctx, how: How) -> Result<bool, Failure> {
        let header = match how {
            How::Anew => Some((CACHE_CONTROL, HeaderValue::from_static("no-cache"))),
            _ => self.held.clone().map(|tag| (IF_NONE_MATCH, tag)),
        };
        let answered = ask(ctx, (&self.token, "timeRange=30d"), header).await?;
        self.held = answered.tag;
        Ok(answered.status == StatusCode::NOT_MODIFIED)
    }
}

fn report(args: &PollsArgs, holding: &Work, anew: &Work) -> Report {
    let title = format!(
        "`heartbeat bench polls`: {} dashboards of {} agencies, {} min of one poll a minute, a \
         tick every {TICK_MINUTES} min in which {} of {CREATORS} creators sell, {} rows",
        args.dashboards,
        args.agencies,
        args.minutes,
        args.sellers,
        grouped(args.rows)
    );
    let heads = ["each poll reads", "answers are held", "saved", "goal"];
    let mut report = Report::new([title].into_iter().chain(heads.map(str::to_owned)));
    for (name, goal, pick) in work::MEASURES {
        let (with, without) = (pick(holding), pick(anew));
        let saved = 100.0 * (1.0 - with / without);
        let cells = [name.to_owned(), short(without), short(with), format!("{saved:.1}%")];
        report.line(cells.into_iter().chain([goal.to_owned()]));
        let name = name.replace([' ', ','], "_");
        report.figure(format!("polls_{name}_anew"), without);
        report.figure(format!("polls_{name}_held"), with);
        report.figure(format!("polls_{name}_saved_percent"), saved);
    }
    let unchanged = format!("{} of {}", grouped(holding.unchanged), grouped(holding.polls));
    let cells = ["polls answered 304", "", &unchanged, "", ""];
    report.line(cells.map(str::to_owned));
    report.figure("polls_asked", figure(holding.polls));
    report.figure("polls_unchanged", figure(holding.unchanged));
    report
}
