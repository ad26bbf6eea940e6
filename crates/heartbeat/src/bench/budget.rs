//! One small bucket of requests, many worker processes: nothing overdrawn, nothing unused, and a
//! history that holds nobody up. Real processes, real HTTP and real time, so it takes minutes.
//!
//! The same sales are made twice, at the same distances from the heartbeats: first with nothing
//! else to do, then beside a history of many windows. The length of a window is the real platform's,
//! because the budget's reserve counts on it.

mod crew;
mod verdict;

use std::path::Path;

use app::Ctx;
use fanvue::Routes;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use simulator::{NewCreator, NewSale, Simulator};
use uuid::Uuid;

use self::crew::Crew;
pub(super) use self::crew::work;
use self::verdict::{Measured, Phase, WindowUse};
use super::stage::{self, number};
use crate::{Failure, cli::BudgetArgs, wall};

const DATABASE: &str = "heartbeat_bench_budget";
const WINDOW_SECONDS: i64 = 60;
const SELLERS: usize = 8;
const ROWS_OF_SELLER: u64 = 5;
/// How often the ledger is looked at: a delay is known no better than this.
const LOOK_EVERY_MS: i64 = 500;
/// Until creators with so little history are read.
const CATCH_UP_SECONDS: i64 = 300;
/// Windows after the last sale until sales that did not arrive end the measurement.
const ARRIVE_WINDOWS_MAX: i64 = 5;

/// Measures both phases in an empty database.
pub(super) async fn measure(data_dir: &Path, args: &BudgetArgs) -> Result<Measured, Failure> {
    stage::in_database(data_dir, DATABASE, async |url| in_database(args, url).await).await
}

async fn in_database(args: &BudgetArgs, url: &str) -> Result<Measured, Failure> {
    let environment_of = |platform: String| stage::environment(url, &platform);
    let (simulator, sellers) = world(args)?;
    let environment = environment_of(stage::serve(&simulator).await?);
    let ctx = stage::surroundings(&environment)?;
    let token = stage::connect(&ctx, &simulator).await?;
    let limits = ctx.platform.me(&token, Routes::V1).await.limits;
    let edge = limits.ok_or_else(|| Failure::new("the simulator told no limits"))?.resets_at;
    // A quarter between the window's edge and the heartbeat: an arbitrary place, but a known one.
    let first = next(after(edge, i64::from(args.heartbeat) * 250), i64::from(args.heartbeat));
    let mut crew = Crew::start(&environment, args, first)?;
    let mut bench = Bench { args, url, ctx, simulator, sellers, edge, first, sold: 0 };
    bench.catch_up().await?;
    let alone = bench.phase("alone").await?;
    crew.check()?;
    bench.creator("Whale", args.history)?;
    stage::connect(&bench.ctx, &bench.simulator).await?;
    let beside = bench.phase("beside the history").await?;
    crew.check()?;
    let unread =
        "select count(*) from models where name = 'Whale' and last_transaction_sync is null";
    if number(url, unread).await? != 1 {
        return Err(Failure::new("the history ended too soon; give it more rows with --history"));
    }
    Ok(Measured { alone, beside })
}

/// The agency with some creators that have little history.
fn world(args: &BudgetArgs) -> Result<(Simulator, Vec<Uuid>), Failure> {
    let now = wall::now();
    let simulator = stage::empty_world(now);
    let failed = "the simulated world can't be made";
    let bucket = json!({"rateLimit": args.limit, "rateWindowSeconds": WINDOW_SECONDS,
        "bucketPerCreator": false});
    simulator.change_settings(&bucket, now).map_err(Failure::while_doing(failed))?;
    let seller = |number| add(&simulator, &format!("Seller {number}"), ROWS_OF_SELLER);
    let sellers = (0..SELLERS).map(seller).collect::<Result<_, _>>()?;
    Ok((simulator, sellers))
}

fn add(simulator: &Simulator, name: &str, rows: u64) -> Result<Uuid, Failure> {
    let new = NewCreator {
        name: Some(name.to_owned()),
        rows: Some(rows),
        days: Some(400),
        twins_percent: Some(0),
    };
    simulator.add_creator(&new, wall::now()).map_err(Failure::while_doing("no creator was made"))
}

struct Bench<'a> {
    args: &'a BudgetArgs,
    url: &'a str,
    ctx: Ctx,
    simulator: Simulator,
    sellers: Vec<Uuid>,
    /// An edge between two windows of the platform.
    edge: Timestamp,
    /// When the first heartbeat began.
    first: Timestamp,
    /// Sales of each seller so far.
    sold: u64,
}

impl Bench<'_> {
    fn creator(&self, name: &str, rows: u64) -> Result<Uuid, Failure> {
        add(&self.simulator, name, rows)
    }

    async fn catch_up(&self) -> Result<(), Failure> {
        let give_up_at = after(wall::now(), CATCH_UP_SECONDS * 1000);
        let unread = "select count(*) from models where last_transaction_sync is null";
        while number(self.url, unread).await? != 0 {
            if give_up_at < wall::now() {
                return Err(Failure::new("the sellers' first histories were not read in time"));
            }
            wall::pause_until(after(wall::now(), LOOK_EVERY_MS)).await;
        }
        Ok(())
    }

    /// From the next edge on: a sale of each seller in each window, and what became of it.
    async fn phase(&mut self, name: &str) -> Result<Phase, Failure> {
        let begin = next(self.edge, WINDOW_SECONDS);
        let sales = self.sale_times(begin);
        let (windows, sold, arrived) = tokio::join!(
            self.count_requests(name, begin),
            self.sell(&sales),
            self.watch_arrivals(&sales)
        );
        sold?;
        let arrived = arrived?;
        self.sold += sales.len() as u64;
        let seconds = |(from, to): (&Timestamp, &Timestamp)| to.duration_since(*from).as_secs_f64();
        let delays: Vec<f64> = sales.iter().zip(&arrived).map(seconds).collect();
        eprintln!("  {name}: sales in the ledger after {delays:.1?} s");
        Ok(Phase { windows, delays })
    }

    /// One instant a window: after another of its heartbeats each time, another part of the way to
    /// the next one. Both phases have the same.
    fn sale_times(&self, begin: Timestamp) -> Vec<Timestamp> {
        let every = i64::from(self.args.heartbeat);
        let in_window = (WINDOW_SECONDS / every).max(1);
        let sale = |number: i64| {
            let begin = after(begin, number * WINDOW_SECONDS * 1000);
            let heartbeat = next_after(self.first, every, begin);
            let twentieths = number * 14 % 20 + 1;
            after(heartbeat, (number % in_window * 20 + twentieths) * every * 50)
        };
        (0..i64::from(self.args.windows)).map(sale).collect()
    }

    async fn sell(&self, sales: &[Timestamp]) -> Result<(), Failure> {
        for at in sales {
            wall::pause_until(*at).await;
            for seller in &self.sellers {
                let sold = self.simulator.sell(&NewSale::of(*seller), wall::now());
                sold.map_err(Failure::while_doing("no sale was made"))?;
            }
        }
        Ok(())
    }

    /// When each sale had arrived for every seller.
    async fn watch_arrivals(&self, sales: &[Timestamp]) -> Result<Vec<Timestamp>, Failure> {
        let fewest = "select min(transactions_total) from models where name like 'Seller%'";
        let last = sales.last().copied().unwrap_or_else(wall::now);
        let give_up_at = after(last, ARRIVE_WINDOWS_MAX * WINDOW_SECONDS * 1000);
        let before = ROWS_OF_SELLER + self.sold;
        let mut arrived = vec![];
        while arrived.len() < sales.len() {
            wall::pause_until(after(wall::now(), LOOK_EVERY_MS)).await;
            let rows = number(self.url, fewest).await?;
            let now = wall::now();
            while arrived.len() < sales.len() && before + (arrived.len() as u64) < rows {
                arrived.push(now);
            }
            if give_up_at < now {
                return Err(Failure::new(format!("sale {} did not arrive", arrived.len() + 1)));
            }
        }
        Ok(arrived)
    }

    async fn count_requests(&self, name: &str, begin: Timestamp) -> Vec<WindowUse> {
        wall::pause_until(begin).await;
        let mut before = self.simulator.requests();
        let mut windows = vec![];
        for number in 1..=i64::from(self.args.windows) {
            wall::pause_until(after(begin, number * WINDOW_SECONDS * 1000)).await;
            let log = self.simulator.requests();
            let throttled = log.throttled - before.throttled;
            let answered = log.total - before.total - throttled;
            eprintln!("  {name}, window {number}: {answered} answered, {throttled} times 429");
            windows.push(WindowUse { answered, throttled });
            before = log;
        }
        windows
    }
}

fn after(instant: Timestamp, milliseconds: i64) -> Timestamp {
    instant.checked_add(SignedDuration::from_millis(milliseconds)).unwrap_or(instant)
}

/// The next instant from now on that lies whole steps of so many seconds from `anchor`.
fn next(anchor: Timestamp, seconds: i64) -> Timestamp {
    next_after(anchor, seconds, wall::now())
}

fn next_after(anchor: Timestamp, seconds: i64, from: Timestamp) -> Timestamp {
    let step = seconds * 1000;
    let past = from.as_millisecond() - anchor.as_millisecond();
    after(anchor, (past.div_euclid(step) + 1) * step)
}
