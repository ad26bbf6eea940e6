//! What reading a page of fifty rows costs when all of them are new, and when all are booked already: our
//! processor, statements, and what is written. One creator whose history is read, then asked for again as an
//! operator asks for it. Beside it a loop that writes row by row.

use std::path::Path;

use simulator::Simulator;

use super::{
    counting,
    limits::Limits,
    naive::{self, Naive},
    report::{Report, figure, short},
    stage,
    worker::Worker,
    writes::Writes,
};
use crate::{Failure, cli::PagesArgs, wall};

const DATABASE: &str = "heartbeat_bench_pages";
const ROWS_PER_PAGE: u64 = 50;
const DAYS: u32 = 365;
/// Rows that the loop writes, one by one.
const NAIVE_ROWS: u64 = 2_000;
/// How an operator asks for the whole history again.
const AGAIN: &str = "update models set last_transaction_sync = null";

/// A pass over all pages.
struct Pass {
    /// Pages that were asked for.
    pages: u64,
    /// Those that cannot be done without.
    fewest: u64,
    seconds: f64,
    cpu_seconds: Option<f64>,
    statements: u64,
    writes: Writes,
}

/// In databases of its own.
pub(super) async fn measure(data_dir: &Path, args: &PagesArgs) -> Result<Report, Failure> {
    let timed = stage::in_database(data_dir, DATABASE, async |url| timed(args, url).await).await;
    let (mut passes, naive, limits) = timed?;
    // Apart from the others: who counts statements is this process, which also plays Fanvue.
    let counted = stage::in_database(data_dir, DATABASE, async |url| counted(args, url).await);
    for (pass, statements) in passes.iter_mut().zip(counted.await?) {
        pass.statements = statements;
    }
    Ok(report(args, &passes, (&naive, &limits)))
}

/// The two passes of a process of its own, each of another one.
async fn timed(args: &PagesArgs, url: &str) -> Result<([Pass; 2], Naive, Limits), Failure> {
    let simulator = world(args)?;
    let environment = stage::environment(url, &stage::serve(&simulator).await?);
    stage::connect(&stage::surroundings(&environment)?, &simulator).await?;
    let new = pass(args, (url, &environment), &simulator).await?;
    ask_again(url).await?;
    let again = pass(args, (url, &environment), &simulator).await?;
    let limits = Limits::measure(url, &Worker::start(&environment).await?).await?;
    Ok(([new, again], naive::measure(url, NAIVE_ROWS).await?, limits))
}

async fn pass(
    args: &PagesArgs,
    (url, environment): (&str, &[(&str, String)]),
    simulator: &Simulator,
) -> Result<Pass, Failure> {
    let written = Writes::of(url).await?;
    let worker = Worker::start(environment).await?;
    simulator.reset_requests();
    let cpu_before = worker.cpu();
    let began = wall::instant();
    worker.read_histories().await?;
    let seconds = began.elapsed().as_secs_f64();
    let cpu = worker.cpu().zip(cpu_before).map(|(after, before)| after.saturating_sub(before));
    drop(worker);
    Ok(Pass {
        pages: simulator.requests().total,
        // And one of the creator without a row.
        fewest: args.pages + 1,
        seconds,
        cpu_seconds: cpu.map(|cpu| cpu.as_secs_f64()),
        statements: 0,
        writes: Writes::of(url).await?.since(written),
    })
}

/// How many statements the two passes take.
async fn counted(args: &PagesArgs, url: &str) -> Result<[u64; 2], Failure> {
    let simulator = world(args)?;
    let environment = stage::environment(url, &stage::serve(&simulator).await?);
    stage::connect(&stage::surroundings(&environment)?, &simulator).await?;
    let new = counting::statements_of(&environment, counting::ticks).await?;
    ask_again(url).await?;
    let again = counting::statements_of(&environment, counting::ticks).await?;
    Ok([new, again])
}

fn world(args: &PagesArgs) -> Result<Simulator, Failure> {
    stage::world_of(1, args.pages * ROWS_PER_PAGE, DAYS)
}

async fn ask_again(url: &str) -> Result<(), Failure> {
    let asked = store::admin::run_sql(url, AGAIN).await;
    asked.map(drop).map_err(Failure::while_doing("the history can't be asked for again"))
}

impl Pass {
    fn a_page(&self, number: f64) -> f64 {
        number / figure(self.pages.max(1))
    }

    fn cpu_ms(&self) -> Option<f64> {
        self.cpu_seconds.map(|seconds| self.a_page(seconds * 1000.0))
    }

    /// Its figures a page, by the names that they have after those of the pass.
    fn figures(&self) -> Vec<(&'static str, f64)> {
        let mut figures = vec![
            ("ms", self.a_page(self.seconds * 1000.0)),
            ("statements", self.a_page(figure(self.statements))),
            ("money_rows_written", self.a_page(figure(self.writes.money))),
            ("other_rows_written", self.a_page(figure(self.writes.other))),
            ("log_bytes", self.a_page(figure(self.writes.log_bytes))),
            ("requests_ratio", figure(self.pages) / figure(self.fewest)),
        ];
        figures.extend(self.cpu_ms().map(|ms| ("cpu_ms", ms)));
        figures
    }
}

fn report(args: &PagesArgs, passes: &[Pass; 2], (naive, limits): (&Naive, &Limits)) -> Report {
    let title = format!(
        "`heartbeat bench pages`: {} pages of {ROWS_PER_PAGE} rows of one creator, one process; each page",
        args.pages
    );
    let heads = ["goal", "all rows new", "all rows booked already"].map(str::to_owned);
    let mut report = Report::new([title].into_iter().chain(heads));
    let mut line = |name: &str, goal: &str, cell: &dyn Fn(&Pass) -> String| {
        let cells = passes.iter().map(cell);
        report.line([name.to_owned(), goal.to_owned()].into_iter().chain(cells));
    };
    let a_page = |pass: &Pass, count: u64| short(pass.a_page(figure(count)));
    line("ms of processor, all of our process", "booked: ≤ 0.2", &|pass| {
        pass.cpu_ms().map_or("?".to_owned(), short)
    });
    line("rows of money written", "booked: 0", &|pass| a_page(pass, pass.writes.money));
    line("other rows written", "", &|pass| a_page(pass, pass.writes.other));
    line("bytes of the database's log", "", &|pass| a_page(pass, pass.writes.log_bytes));
    line("statements", "", &|pass| a_page(pass, pass.statements));
    line("requests over the fewest possible", "", &|pass| {
        short(figure(pass.pages) / figure(pass.fewest))
    });
    line("ms, one page after the other", "", &|pass| short(pass.a_page(pass.seconds * 1000.0)));
    let rival = naive.ms_of(ROWS_PER_PAGE);
    let name = "rival: ms of a loop, row by row, without sums";
    report.line([name.to_owned(), String::new()].into_iter().chain(rival.map(short)));
    Limits::lines(&mut report, &[limits, limits]);
    for (of, pass) in ["new", "booked"].into_iter().zip(passes) {
        for (name, value) in pass.figures() {
            report.figure(format!("page_{of}_{name}"), value);
        }
    }
    for (of, ms) in ["new", "booked"].into_iter().zip(rival) {
        report.figure(format!("page_{of}_naive_ms"), ms);
    }
    report.figure("page_pages", figure(args.pages));
    limits.figures(&mut report, "page");
    report
}
