//! A first history of many creators: rows a second, requests beside the fewest possible, memory.

use serde_json::Value;
use simulator::{Bulk, Simulator};

use super::{
    Figures,
    stage::{self, SECRET},
    worker::Worker,
};
use crate::{Failure, cli::BenchArgs, loopback, wall};

const DATABASE: &str = "heartbeat_bench";
const ROWS_PER_PAGE: u64 = 50;
/// Ticks until it must be done: each takes up to four minutes.
const TICKS_MAX: usize = 60;

/// Reads `--rows` rows of `--creators` creators into an empty database.
pub(super) async fn measure(args: &BenchArgs) -> Result<Figures, Failure> {
    stage::in_database(&args.data_dir, DATABASE, async |url| in_database(args, url).await).await
}

async fn in_database(args: &BenchArgs, url: &str) -> Result<Figures, Failure> {
    let simulator = world(args)?;
    let environment = stage::environment(url, &stage::serve(&simulator).await?);
    stage::connect(&stage::surroundings(&environment)?, &simulator).await?;
    simulator.reset_requests();

    let worker = Worker::start(&environment).await?;
    let bearer = format!("Bearer {SECRET}");
    let headers = [("authorization", bearer.as_str())];
    let began = wall::instant();
    for tick in 1.. {
        let answer = loopback::get(worker.address, "/api/cron/revenue-heartbeat", &headers).await;
        let (_, body) = answer.map_err(Failure::while_doing("a tick was not answered"))?;
        let report: Value = serde_json::from_slice(&body)
            .map_err(Failure::while_doing("a tick's report can't be read"))?;
        eprintln!("  tick {tick}: {} new rows", report["newRows"]);
        match report["unfinished"].as_u64() {
            Some(0) => break,
            Some(_) if tick < TICKS_MAX => {}
            left => return Err(Failure::new(format!("not finished after {tick} ticks: {left:?}"))),
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    check(url, &simulator).await?;
    Ok(figures(&simulator, seconds, worker.peak_mib()))
}

fn world(args: &BenchArgs) -> Result<Simulator, Failure> {
    let now = wall::now();
    let simulator = stage::empty_world(now);
    let failed = "the simulated world can't be made";
    let plenty = serde_json::json!({"rateLimit": 1_000_000});
    simulator.change_settings(&plenty, now).map_err(Failure::while_doing(failed))?;
    let bulk = Bulk { creators: args.creators, rows: args.rows, ..Bulk::default() };
    simulator.bulk(&bulk, now).map_err(Failure::while_doing(failed))?;
    Ok(simulator)
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

#[expect(clippy::cast_precision_loss, reason = "counts below 2^52, printed with two places")]
fn figures(simulator: &Simulator, seconds: f64, peak_mib: Option<f64>) -> Figures {
    let creators = simulator.truth(wall::now()).creators;
    let rows: u64 = creators.iter().map(|creator| creator.rows).sum();
    let fewest: u64 = creators.iter().map(|c| c.rows.div_ceil(ROWS_PER_PAGE).max(1)).sum();
    let requests = simulator.requests().total;
    let mut figures = Figures::from([
        ("backfill_rows", rows as f64),
        ("backfill_seconds", seconds),
        ("backfill_rows_per_second", rows as f64 / seconds),
        ("backfill_requests", requests as f64),
        ("backfill_requests_fewest", fewest as f64),
        ("backfill_requests_ratio", requests as f64 / fewest as f64),
    ]);
    if let Some(peak) = peak_mib {
        figures.insert("backfill_worker_peak_mib", peak);
    }
    figures
}
