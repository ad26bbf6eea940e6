//! What a heartbeat costs while nobody sells, for ever more creators: time, processor, requests, statements,
//! memory, and how each grows. A process of its own, whose histories are read and whose totals are known.
//! Beside it the same tick without totals, which asks for each creator by herself.

mod verdict;

use std::path::Path;

use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::Simulator;

use super::{
    counting,
    limits::Limits,
    report::Report,
    stage,
    timings::Timings,
    worker::{HEARTBEAT, Worker},
    writes::Writes,
};
use crate::{Failure, cli::TicksArgs, progress::grouped, wall};

const DATABASE: &str = "heartbeat_bench_ticks";
/// Rows of each creator: one page.
const ROWS: u64 = 10;
const DAYS: u32 = 365;
/// Creators that one question for totals is about, at most.
const CREATORS_PER_ASK: u64 = 50;
/// Ticks in which totals are learnt and whoever sold of late is read once more.
const TICKS_BEFORE: usize = 3;
/// From one tick to the next, so that there is time in between that a tick can ask about.
const PAUSE: SignedDuration = SignedDuration::from_secs(2);
/// What the platform lets whoever asks for totals have: without it there are none.
const TOTALS_SCOPE: &str = "read:agency";

/// What was measured with so many creators.
struct Measured {
    creators: u64,
    took: Timings,
    cpu: Timings,
    /// The most of any of the ticks.
    requests: u64,
    fewest: u64,
    statements: u64,
    peak_mib: Option<f64>,
    /// Of all ticks together.
    writes: Writes,
    ticks: u32,
    each: Each,
    limits: Limits,
}

/// A tick without totals.
struct Each {
    seconds: f64,
    requests: u64,
    /// Creators for whom there was no time.
    left: u64,
}

/// In a database of its own for each number of creators.
pub(super) async fn measure(data_dir: &Path, args: &TicksArgs) -> Result<Report, Failure> {
    let mut sizes = args.creators.clone();
    sizes.sort_unstable();
    sizes.dedup();
    let mut measured = vec![];
    for creators in sizes {
        eprintln!("  {} creators", grouped(creators));
        let one = stage::in_database(data_dir, DATABASE, async |url| {
            in_database(args.ticks, creators, url).await
        });
        measured.push(one.await?);
    }
    Ok(verdict::report(args, &measured))
}

async fn in_database(ticks: u32, creators: u64, url: &str) -> Result<Measured, Failure> {
    // One creator is there anyway.
    let simulator = stage::world_of(creators - 1, (creators - 1) * ROWS, DAYS)?;
    let environment = stage::environment(url, &stage::serve(&simulator).await?);
    stage::connect(&stage::surroundings(&environment)?, &simulator).await?;
    let worker = Worker::start(&environment).await?;
    worker.read_histories().await?;
    for _ in 0..TICKS_BEFORE {
        wall::pause_until(wall::now() + PAUSE).await;
        worker.call(HEARTBEAT).await?;
    }
    drop(worker);

    let written = Writes::of(url).await?;
    let worker = Worker::start(&environment).await?;
    let (mut took, mut cpu, mut requests) = (Timings::default(), Timings::default(), 0);
    for _ in 0..ticks {
        wall::pause_until(wall::now() + PAUSE).await;
        simulator.reset_requests();
        let cpu_before = worker.cpu();
        let began = wall::instant();
        let report = worker.call(HEARTBEAT).await?;
        took.push(began.elapsed());
        if let Some((after, before)) = worker.cpu().zip(cpu_before) {
            cpu.push(after.saturating_sub(before));
        }
        requests = requests.max(simulator.requests().total);
        check(&report)?;
    }
    let (peak_mib, limits) = (worker.peak_mib(), Limits::measure(url, &worker).await?);
    drop(worker);
    let writes = Writes::of(url).await?.since(written);
    wall::pause_until(wall::now() + PAUSE).await;
    let statements = counting::statements_of(&environment, counting::ticks).await?;
    wall::pause_until(wall::now() + PAUSE).await;
    Ok(Measured {
        creators,
        took,
        cpu,
        requests,
        fewest: creators.div_ceil(CREATORS_PER_ASK),
        statements,
        peak_mib,
        writes,
        ticks,
        each: without_totals(&simulator, &environment).await?,
        limits,
    })
}

/// Nobody sold, and everybody was read or confirmed.
fn check(report: &Value) -> Result<(), Failure> {
    if report["newRows"] == 0 && report["unfinished"] == 0 {
        return Ok(());
    }
    let (rows, unfinished) = (&report["newRows"], &report["unfinished"]);
    Err(Failure::new(format!("a quiet tick brought {rows} rows and left {unfinished} creators")))
}

/// The rival: every creator is asked for, because the platform refuses the totals.
async fn without_totals(
    simulator: &Simulator,
    environment: &[(&str, String)],
) -> Result<Each, Failure> {
    let failed = "the totals can't be taken away";
    let without = json!({"withheldScopes": [TOTALS_SCOPE]});
    simulator.change_settings(&without, wall::now()).map_err(Failure::while_doing(failed))?;
    let worker = Worker::start(environment).await?;
    simulator.reset_requests();
    let began = wall::instant();
    let report = worker.call(HEARTBEAT).await?;
    let seconds = began.elapsed().as_secs_f64();
    let left = report["unfinished"].as_u64().unwrap_or_default();
    Ok(Each { seconds, requests: simulator.requests().total, left })
}
