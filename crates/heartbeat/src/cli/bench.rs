//! The words of `heartbeat bench`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Options of `heartbeat bench`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct BenchArgs {
    /// What to measure; without a word, how fast first histories are read.
    #[command(subcommand)]
    pub measurement: Option<Measurement>,
    /// Rows of the histories to read, separated by commas: how the time grows is told of several.
    #[arg(
        long,
        value_delimiter = ',',
        default_values_t = [62_500_u64, 250_000, 1_000_000],
        value_parser = clap::value_parser!(u64).range(1..=5_000_000)
    )]
    pub rows: Vec<u64>,
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

/// What can be measured besides first histories.
#[derive(Debug, Subcommand)]
pub enum Measurement {
    /// A page of fifty rows, all new or all booked already: our processor, statements, what is written.
    ///
    /// Shows each goal beside its result: a page without news takes 0.2 ms of our processor and writes no
    /// row of money. Beside it a loop that writes row by row.
    Pages(PagesArgs),
    /// Heartbeats while nobody sells, for ever more creators, and how their cost grows.
    ///
    /// Shows each goal beside its result: for 10,000 creators at most 200 requests, 64 MB and half a second
    /// of processor, and costs that grow no faster than the creators. Beside it a tick without totals.
    Ticks(TicksArgs),
    /// The nightly proof where every day agrees, for ever more creators, and how its cost grows.
    Reconcile(ProofsArgs),
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
    /// The dashboard's answers beside ledgers of several sizes, with row-level security and without.
    ///
    /// Shows each goal beside its result: 30 days within 5 ms at the server for 99 of 100 and at most
    /// 1.3 of the time of the smallest ledger, a year within 15 ms, 304 within 0.3 ms for half, and
    /// row-level security for a fifth of a query at most.
    Dashboard(DashboardArgs),
    /// Dashboards that poll every minute, with the answers they hold and without: what is spared.
    Polls(PollsArgs),
    /// Open event streams: how long after a commit each of them tells of it.
    Live(LiveArgs),
    /// A file of many rows: the memory of the process that writes it, and whether it adds up.
    Csv(CsvArgs),
    /// The functions as they deploy, built before: their size, and how long from the start of the process to
    /// its first answer, and to the first that read Postgres over TLS. Beside a function for Node.
    ///
    /// Needs `openssl`, and Node 20 for the last. Starts a database server of its own, and erases it.
    Functions(FunctionsArgs),
    /// One of those processes. Started by `budget`, ended with it.
    #[command(hide = true)]
    BudgetWorker(BudgetWorkerArgs),
}

/// Options of `heartbeat bench pages`.
#[derive(Debug, Args)]
pub struct PagesArgs {
    /// Pages of fifty rows.
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub pages: u64,
}

/// Options of `heartbeat bench ticks`.
#[derive(Debug, Args)]
pub struct TicksArgs {
    /// Numbers of creators, separated by commas, each in a database of its own.
    #[arg(
        long,
        value_delimiter = ',',
        default_values_t = [10_u64, 100, 1_000, 10_000],
        value_parser = clap::value_parser!(u64).range(2..=10_000)
    )]
    pub creators: Vec<u64>,
    /// Ticks that are measured with each.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub ticks: u32,
}

/// Options of `heartbeat bench reconcile`.
#[derive(Debug, Args)]
pub struct ProofsArgs {
    /// Numbers of creators, separated by commas, each in a database of its own.
    #[arg(
        long,
        value_delimiter = ',',
        default_values_t = [10_u64, 100, 1_000],
        value_parser = clap::value_parser!(u64).range(2..=10_000)
    )]
    pub creators: Vec<u64>,
    /// Proofs that are measured with each.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub proofs: u32,
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

/// Options of `heartbeat bench dashboard`.
#[derive(Debug, Args)]
pub struct DashboardArgs {
    /// Rows of each ledger, separated by commas; the first one is what the others are compared with.
    #[arg(
        long,
        value_delimiter = ',',
        default_values_t = [100_000_u64, 1_000_000, 10_000_000],
        value_parser = clap::value_parser!(u64).range(1..=1_000_000_000)
    )]
    pub rows: Vec<u64>,
    /// Days of history that the rows are spread over.
    #[arg(long, default_value_t = 1_095, value_parser = clap::value_parser!(u32).range(61..=3_650))]
    pub days: u32,
    /// Rows that each creator has in the newest 60 days, whatever the size: then only the ledger behind
    /// them grows, and not the business. By default rows are spread evenly.
    #[arg(long)]
    pub lately: Option<u64>,
    /// How often each question is asked of each database.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub rounds: u32,
    /// How statements are sent, as DATABASE_STATEMENTS says it.
    #[arg(long, default_value = "prepared", value_parser = ["typed", "prepared"])]
    pub statements: String,
    /// Leave the filled databases for the next run, which then need not fill them.
    #[arg(long)]
    pub keep: bool,
}

/// Options of `heartbeat bench polls`.
#[derive(Debug, Args)]
pub struct PollsArgs {
    /// Dashboards that are open.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub dashboards: u32,
    /// Agencies whose dashboards they are, in equal shares.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=20))]
    pub agencies: u32,
    /// Minutes to poll, in simulated time: twice, and as long without a poll.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=180))]
    pub minutes: u32,
    /// Creators of each agency who sell something before each tick.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(0..=20))]
    pub sellers: u32,
    /// Rows of the ledger.
    #[arg(long, default_value_t = 1_000_000)]
    pub rows: u64,
    /// How statements are sent, as DATABASE_STATEMENTS says it.
    #[arg(long, default_value = "prepared", value_parser = ["typed", "prepared"])]
    pub statements: String,
}

/// Options of `heartbeat bench live`.
#[derive(Debug, Args)]
pub struct LiveArgs {
    /// Streams that are open, of one agency; one process takes 256.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=256))]
    pub streams: u32,
    /// Changes to commit, one a second: a stream lasts four and a half minutes.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub changes: u32,
}

/// Options of `heartbeat bench csv`.
#[derive(Debug, Args)]
pub struct CsvArgs {
    /// Rows of the file.
    #[arg(long, default_value_t = 1_000_000)]
    pub rows: u64,
}

/// Options of `heartbeat bench functions`.
#[derive(Debug, Args)]
pub struct FunctionsArgs {
    /// How often each function is started for each of its two answers.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub starts: u32,
    /// Folder of the functions for Vercel, as `cargo build --release` makes it.
    #[arg(long, default_value = "target/release")]
    pub vercel: PathBuf,
    /// Folder of the functions for Lambda, as `deploy/aws/build` makes it.
    #[arg(long, default_value = "target/lambda")]
    pub lambda: PathBuf,
    /// Folder of the function for Node; its packages are fetched there.
    #[arg(long, default_value = "bench/node")]
    pub node: PathBuf,
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
