//! First histories of many creators, each larger than the one before: rows a second, requests beside the
//! fewest possible, memory, and how the time grows with the rows. Beside it a loop that writes row by row.

use simulator::Simulator;

use super::{
    growth::{self, Growth},
    limits::Limits,
    naive,
    report::{Report, figure, short},
    stage,
    worker::Worker,
};
use crate::{Failure, cli::BenchArgs, progress::grouped, wall};

const DATABASE: &str = "heartbeat_bench";
const ROWS_PER_PAGE: u64 = 50;
/// Days that the rows are spread over.
const DAYS: u32 = 365;
/// Rows that the loop writes, one by one.
const NAIVE_ROWS: u64 = 2_000;
/// What is promised.
const ROWS_PER_SECOND_GOAL: &str = "≥ 20,000";

/// What was measured of one history.
struct Measured {
    rows: u64,
    seconds: f64,
    cpu_seconds: Option<f64>,
    requests: u64,
    fewest: u64,
    peak_mib: Option<f64>,
    naive_rows_per_second: f64,
    limits: Limits,
}

/// Reads each of `--rows` of `--creators` creators into an empty database, the smallest first.
pub(super) async fn measure(args: &BenchArgs) -> Result<Report, Failure> {
    let mut sizes = args.rows.clone();
    sizes.sort_unstable();
    sizes.dedup();
    let mut measured = vec![];
    for rows in sizes {
        eprintln!("  {} rows", grouped(rows));
        let one = stage::in_database(&args.data_dir, DATABASE, async |url| {
            in_database(args.creators, rows, url).await
        });
        measured.push(one.await?);
    }
    Ok(report(args, &measured))
}

async fn in_database(creators: u64, rows: u64, url: &str) -> Result<Measured, Failure> {
    let simulator = stage::world_of(creators, rows, DAYS)?;
    let environment = stage::environment(url, &stage::serve(&simulator).await?);
    stage::connect(&stage::surroundings(&environment)?, &simulator).await?;
    simulator.reset_requests();

    let worker = Worker::start(&environment).await?;
    let cpu_before = worker.cpu();
    let began = wall::instant();
    worker.read_histories().await?;
    let seconds = began.elapsed().as_secs_f64();
    let cpu = worker.cpu().zip(cpu_before).map(|(after, before)| after.saturating_sub(before));
    check(url, &simulator).await?;
    let creators = simulator.truth(wall::now()).creators;
    Ok(Measured {
        rows: creators.iter().map(|creator| creator.rows).sum(),
        seconds,
        cpu_seconds: cpu.map(|cpu| cpu.as_secs_f64()),
        requests: simulator.requests().total,
        fewest: creators.iter().map(|one| one.rows.div_ceil(ROWS_PER_PAGE).max(1)).sum(),
        peak_mib: worker.peak_mib(),
        limits: Limits::measure(url, &worker).await?,
        naive_rows_per_second: naive::measure(url, NAIVE_ROWS).await?.rows_per_second(),
    })
}

/// A figure of a wrong result would be worth nothing.
async fn check(url: &str, simulator: &Simulator) -> Result<(), Failure> {
    let sum = "select coalesce(sum(amount_cents), 0) from fanvue_transactions";
    let rows = store::admin::run_sql(url, sum).await;
    let rows = rows.map_err(Failure::while_doing("the ledger can't be summed"))?;
    let ledger = rows.first().and_then(|row| row.first().cloned().flatten()).unwrap_or_default();
    let truth = simulator.truth(wall::now()).gross_cents.to_string();
    if ledger == truth {
        return Ok(());
    }
    Err(Failure::new(format!("the ledger holds {ledger} cents, Fanvue {truth}")))
}

impl Measured {
    fn rows_per_second(&self) -> f64 {
        figure(self.rows) / self.seconds
    }

    fn requests_ratio(&self) -> f64 {
        figure(self.requests) / figure(self.fewest.max(1))
    }

    /// Its figures, by the names that they have after `backfill_` and what it was of.
    fn figures(&self) -> Vec<(&'static str, f64)> {
        let mut figures = vec![
            ("rows", figure(self.rows)),
            ("seconds", self.seconds),
            ("rows_per_second", self.rows_per_second()),
            ("requests", figure(self.requests)),
            ("requests_fewest", figure(self.fewest)),
            ("requests_ratio", self.requests_ratio()),
            ("naive_rows_per_second", self.naive_rows_per_second),
        ];
        figures.extend(self.peak_mib.map(|mib| ("worker_peak_mib", mib)));
        figures.extend(self.cpu_seconds.map(|seconds| ("worker_cpu_seconds", seconds)));
        figures
    }
}

fn report(args: &BenchArgs, measured: &[Measured]) -> Report {
    let title = format!(
        "`heartbeat bench`: first histories of {} creators, over {DAYS} days, one process",
        args.creators
    );
    let columns = measured.iter().map(|one| format!("{} rows", grouped(one.rows)));
    let mut report = Report::new([title, "goal".to_owned()].into_iter().chain(columns));
    let mut line = |name: &str, goal: &str, cell: &dyn Fn(&Measured) -> String| {
        let cells = measured.iter().map(cell);
        report.line([name.to_owned(), goal.to_owned()].into_iter().chain(cells));
    };
    let rate = |per_second: f64| format!("{per_second:.0}");
    line("rows a second, with all sums", ROWS_PER_SECOND_GOAL, &|one| rate(one.rows_per_second()));
    line("rival: a loop, row by row, without sums", "", &|one| rate(one.naive_rows_per_second));
    line("requests, over the fewest possible", "", &|one| {
        format!("{}, {}", grouped(one.requests), short(one.requests_ratio()))
    });
    let or_unknown = |number: Option<f64>| number.map_or("?".to_owned(), short);
    line("seconds", "", &|one| short(one.seconds));
    line("seconds of processor in our process", "", &|one| or_unknown(one.cpu_seconds));
    line("its peak memory, MiB", "", &|one| or_unknown(one.peak_mib));
    Limits::lines(&mut report, &measured.iter().map(|one| &one.limits).collect::<Vec<_>>());
    let growth = Growth::of(measured.iter().map(|one| (figure(one.rows), one.seconds)));
    growth.line(&mut report, ("seconds over rows", growth::LINEAR_MAX), measured.len());
    growth.figures(&mut report, "backfill_seconds");
    figures(&mut report, measured);
    report
}

/// Each size by its rows, and the largest once more without.
fn figures(report: &mut Report, measured: &[Measured]) {
    for one in measured {
        for (name, value) in one.figures() {
            report.figure(format!("backfill_{}_{name}", one.rows), value);
        }
    }
    if let Some(largest) = measured.last() {
        for (name, value) in largest.figures() {
            report.figure(format!("backfill_{name}"), value);
        }
        largest.limits.figures(report, "backfill");
    }
}
