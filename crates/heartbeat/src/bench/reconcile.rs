//! What the nightly proof costs where every day agrees, for ever more creators: time, processor, requests,
//! statements, and what it writes. Beside it the requests that reading the rows of those days would take.

use std::path::Path;

use app::{
    Ctx,
    proving::{forget, prove},
    tick::Limits as Share,
};
use serde_json::Value;

use super::{
    counting,
    growth::{self, Growth},
    limits::Limits,
    report::{Report, figure, short},
    stage,
    timings::Timings,
    worker::{TICKS_MAX, Worker},
    writes::Writes,
};
use crate::{Failure, cli::ProofsArgs, progress::grouped, wall};

const DATABASE: &str = "heartbeat_bench_reconcile";
const PATH: &str = "/api/cron/reconcile";
/// Days that are compared, and over which each creator's rows are spread.
const DAYS: u32 = 35;
/// Rows of each creator: two a day.
const ROWS: u64 = 70;

/// What was measured with so many creators.
struct Measured {
    creators: u64,
    took: Timings,
    cpu: Timings,
    /// The most of any of the proofs.
    requests: u64,
    /// To be told all totals, and to read all rows of the days instead.
    fewest: u64,
    of_rows: u64,
    statements: u64,
    peak_mib: Option<f64>,
    /// Of one proof.
    writes: Writes,
    limits: Limits,
}

/// In a database of its own for each number of creators.
pub(super) async fn measure(data_dir: &Path, args: &ProofsArgs) -> Result<Report, Failure> {
    let mut sizes = args.creators.clone();
    sizes.sort_unstable();
    sizes.dedup();
    let mut measured = vec![];
    for creators in sizes {
        eprintln!("  {} creators", grouped(creators));
        let one = stage::in_database(data_dir, DATABASE, async |url| {
            in_database(args.proofs, creators, url).await
        });
        measured.push(one.await?);
    }
    Ok(report(args, &measured))
}

async fn in_database(proofs: u32, creators: u64, url: &str) -> Result<Measured, Failure> {
    // One creator is there anyway.
    let simulator = stage::world_of(creators - 1, (creators - 1) * ROWS, DAYS)?;
    let environment = stage::environment(url, &stage::serve(&simulator).await?);
    stage::connect(&stage::surroundings(&environment)?, &simulator).await?;
    let worker = Worker::start(&environment).await?;
    worker.read_histories().await?;
    prove_all(&worker).await?;
    drop(worker);

    forget_night(&environment).await?;
    let written = Writes::of(url).await?;
    let worker = Worker::start(&environment).await?;
    check(&worker.call(PATH).await?, creators)?;
    drop(worker);
    let writes = Writes::of(url).await?.since(written);

    let worker = Worker::start(&environment).await?;
    let (mut took, mut cpu, mut requests) = (Timings::default(), Timings::default(), 0);
    for _ in 0..proofs {
        forget_night(&environment).await?;
        simulator.reset_requests();
        let cpu_before = worker.cpu();
        let began = wall::instant();
        let report = worker.call(PATH).await?;
        took.push(began.elapsed());
        if let Some((after, before)) = worker.cpu().zip(cpu_before) {
            cpu.push(after.saturating_sub(before));
        }
        requests = requests.max(simulator.requests().total);
        check(&report, creators)?;
    }
    let (peak_mib, limits) = (worker.peak_mib(), Limits::measure(url, &worker).await?);
    drop(worker);
    forget_night(&environment).await?;
    let statements = counting::statements_of(&environment, one_proof).await?;
    let [fewest, of_rows] = stage::numbers(url, &requests_needed()).await?;
    Ok(Measured {
        creators,
        took,
        cpu,
        requests,
        fewest,
        of_rows,
        statements,
        peak_mib,
        writes,
        limits,
    })
}

/// The first night also reads again the histories whose turn it is, a thirtieth of all.
async fn prove_all(worker: &Worker) -> Result<(), Failure> {
    for _ in 0..TICKS_MAX {
        let report = worker.call(PATH).await?;
        if report["unfinished"] == 0 && report["historiesBegun"] == 0 {
            return Ok(());
        }
    }
    Err(Failure::new(format!("the proof does not end within {TICKS_MAX} calls")))
}

/// As if this night had not been proved yet.
async fn forget_night(environment: &[(&'static str, String)]) -> Result<(), Failure> {
    let ctx = stage::surroundings(environment)?;
    forget(&ctx).await.map_err(Failure::while_doing("the proof can't be asked for again"))
}

async fn one_proof(ctx: &Ctx) -> Result<(), Failure> {
    let proved = prove(ctx, Share::default(), &mut |_| {}).await;
    proved.map(drop).map_err(Failure::while_doing("the proof failed"))
}

/// Everybody was compared, every day agrees, and nothing was read again for it.
fn check(report: &Value, creators: u64) -> Result<(), Failure> {
    let is_quiet = ["daysDiffering", "unfinished", "requests", "historiesBegun", "repaired"]
        .into_iter()
        .all(|name| report[name] == 0);
    if is_quiet && report["creatorsCompared"] == creators {
        return Ok(());
    }
    let (compared, days) = (&report["creatorsCompared"], &report["daysDiffering"]);
    Err(Failure::new(format!(
        "{compared} of {creators} creators were compared, {days} days differ, or something was read again"
    )))
}

/// Requests that tell all totals of the days, fifty a page, and those that tell all of their rows.
fn requests_needed() -> String {
    format!(
        "with days as (
             select model_id, (transaction_date at time zone 'UTC')::date as day, count(*) as number,
                    bool_or(amount_cents > 0) as has_sale
               from fanvue_transactions group by 1, 2
         ), compared as (
             select * from days
              where day < (now() at time zone 'UTC')::date
                and day >= (now() at time zone 'UTC')::date - {DAYS}
         ), by_model as (
             select m.id, coalesce(sum(c.number), 0) as number
               from models m left join compared c on c.model_id = m.id group by 1
         )
         select greatest(ceil((select count(*) from compared where has_sale) / 50.0),
                         ceil((select count(*) from models) / 50.0))::bigint,
                (select sum(greatest(ceil(number / 50.0), 1)) from by_model)::bigint"
    )
}

impl Measured {
    /// That of the middle one, where the system tells.
    fn cpu_ms(&self) -> Option<f64> {
        (0 < self.cpu.count()).then(|| self.cpu.ms(500))
    }

    fn figures(&self, report: &mut Report) {
        let name = |of: &str| format!("reconcile_{}_{of}", self.creators);
        report.lengths(&name("wall"), &self.took);
        report.lengths(&name("cpu"), &self.cpu);
        for (of, count) in [
            ("requests", self.requests),
            ("requests_fewest", self.fewest),
            ("requests_of_rows", self.of_rows),
            ("statements", self.statements),
            ("money_rows_written", self.writes.money),
            ("other_rows_written", self.writes.other),
            ("log_bytes", self.writes.log_bytes),
        ] {
            report.figure(name(of), figure(count));
        }
        if let Some(peak) = self.peak_mib {
            report.figure(name("peak_mib"), peak);
        }
        self.limits.figures(report, &format!("reconcile_{}", self.creators));
    }
}

fn report(args: &ProofsArgs, measured: &[Measured]) -> Report {
    let title = format!(
        "`heartbeat bench reconcile`: {DAYS} days of each creator, all of which agree; {} proofs, one process",
        args.proofs
    );
    let columns = measured.iter().map(|one| format!("{} creators", grouped(one.creators)));
    let mut report = Report::new([title, "goal".to_owned()].into_iter().chain(columns));
    let mut line = |name: &str, goal: &str, cell: &dyn Fn(&Measured) -> String| {
        let cells = measured.iter().map(cell);
        report.line([name.to_owned(), goal.to_owned()].into_iter().chain(cells));
    };
    let middle_and_worst =
        |timings: &Timings| format!("{} / {} ms", short(timings.ms(500)), short(timings.ms(1000)));
    line("time, p50 / worst", "", &|one| middle_and_worst(&one.took));
    line("processor, all of our process, p50 / worst", "", &|one| {
        one.cpu_ms().map_or("?".to_owned(), |_| middle_and_worst(&one.cpu))
    });
    line("requests at most, the fewest possible", "", &|one| {
        format!("{}, {}", grouped(one.requests), grouped(one.fewest))
    });
    line("rival: requests for the rows of these days", "", &|one| grouped(one.of_rows));
    line("statements", "", &|one| grouped(one.statements));
    line("rows of money written", "0", &|one| grouped(one.writes.money));
    line("other rows written", "", &|one| grouped(one.writes.other));
    line("peak memory, MiB", "", &|one| one.peak_mib.map_or("?".to_owned(), short));
    Limits::lines(&mut report, &measured.iter().map(|one| &one.limits).collect::<Vec<_>>());
    let growths = [
        (
            "wall_ms",
            "time over creators",
            Growth::of(points(measured, |one| Some(one.took.ms(500)))),
        ),
        ("cpu_ms", "processor over creators", Growth::of(points(measured, Measured::cpu_ms))),
    ];
    for (key, what, growth) in growths {
        growth.line(&mut report, (what, growth::LINEAR_MAX), measured.len());
        growth.figures(&mut report, &format!("reconcile_{key}"));
    }
    measured.iter().for_each(|one| one.figures(&mut report));
    report
}

fn points(measured: &[Measured], cost: fn(&Measured) -> Option<f64>) -> Vec<(f64, f64)> {
    measured.iter().filter_map(|one| Some((figure(one.creators), cost(one)?))).collect()
}
