//! The words of `heartbeat bench`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Options of `heartbeat bench`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct BenchArgs {
    /// What to measure; without a word, how fast a first history is read.
    #[command(subcommand)]
    pub measurement: Option<Measurement>,
    /// Rows of history to read.
    #[arg(long, default_value_t = 1_000_000)]
    pub rows: u64,
    /// Creators that have them, in equal shares.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub creators: u64,
    /// Write the figures to this file as one flat JSON object.
    #[arg(long, global = true)]
    pub json: Option<PathBuf>,
    /// Folder of the local database, as given to `heartbeat dev`.
    #[arg(long, default_value = ".dev", global = true)]
    pub data_dir: PathBuf,
}

/// What can be measured besides a first history.
#[derive(Debug, Subcommand)]
pub enum Measurement {
    /// Many worker processes that share one small bucket of requests, with a history beside them.
    ///
    /// Fails when a promise is broken: one answer 429 a window at most, 95% of the bucket used, new
    /// sales hardly later than without the history. Takes twice as many windows as are measured.
    Budget(BudgetArgs),
    /// Webhooks: how soon a sale is on the dashboard, how many a second are on disk beside `pgbench`,
    /// what a repeated one leaves behind, how long a false one takes.
    ///
    /// Fails when a promise is broken: 99 of 100 sales shown within 2 s, 0.8 of the rate of `pgbench`,
    /// 99 of 100 webhooks answered within 3 flushes of the disk, one row for one delivery however
    /// often it comes. Starts a database server of its own, which loses nothing, and erases it.
    Webhooks(DeliveriesArgs),
    /// One of those processes. Started by `budget`, ended with it.
    #[command(hide = true)]
    BudgetWorker(BudgetWorkerArgs),
}

/// Options of `heartbeat bench budget`.
#[derive(Debug, Args)]
pub struct BudgetArgs {
    /// Worker processes.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(2..=80))]
    pub workers: u32,
    /// Requests that the bucket holds a window, which is 60 seconds as on the real platform.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(20..=10_000))]
    pub limit: u32,
    /// Windows to measure, first without a history and then beside one.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=60))]
    pub windows: u32,
    /// Rows of the history: more than can be read in the windows measured.
    #[arg(long, default_value_t = 30_000)]
    pub history: u64,
    /// Seconds from one heartbeat to the next.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(5..=60))]
    pub heartbeat: u32,
}

/// Options of `heartbeat bench webhooks`.
#[derive(Debug, Args)]
pub struct DeliveriesArgs {
    /// Sales to follow to the dashboard.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub sales: u32,
    /// How often one delivery is repeated.
    #[arg(long, default_value_t = 1_000_000)]
    pub replays: u64,
    /// Connections over which webhooks come, and those of `pgbench`.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u32).range(2..=150))]
    pub connections: u32,
    /// Seconds of each of five rounds, and as many of `pgbench` beside each.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=60))]
    pub seconds: u32,
}

/// Options of one worker process.
#[derive(Debug, Args)]
pub struct BudgetWorkerArgs {
    /// When its first tick begins, in milliseconds since 1970.
    #[arg(long)]
    pub start: i64,
    /// Milliseconds from one tick to the next.
    #[arg(long)]
    pub every: i64,
    /// Read every creator, as the heartbeat does; otherwise those that are due.
    #[arg(long)]
    pub everyone: bool,
}
