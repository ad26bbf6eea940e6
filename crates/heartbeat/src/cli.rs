//! The words of the command line. Their doc comments are the help a newcomer reads.

mod bench;
mod diagnose;
mod doctor;
mod reconcile;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use uuid::Uuid;

pub use self::bench::{
    BenchArgs, BudgetArgs, BudgetWorkerArgs, CsvArgs, DashboardArgs, DeliveriesArgs, FunctionsArgs,
    LiveArgs, Measurement, PagesArgs, PollsArgs, ProofsArgs, TicksArgs,
};
pub use self::diagnose::DiagnoseArgs;
pub use self::doctor::DoctorArgs;
pub use self::reconcile::{ReconcileArgs, RepairsArgs};

/// Revenue of Fanvue creators, exact to the cent: the service on this machine.
///
/// Start with `heartbeat dev` (or `cargo dev`): it needs no account and no configuration.
#[derive(Debug, Parser)]
#[command(name = "heartbeat", version, disable_help_subcommand = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the command line can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start everything on this machine: database, simulated Fanvue, endpoints, schedules.
    ///
    /// Ctrl-C stops all of it; the data survive in the data folder. When all is up, one line
    /// appears on standard output: `ready <address> simulator <address> secret <secret>`.
    Dev(DevArgs),
    /// Serve the endpoints with the configuration of the environment, without a simulator.
    ///
    /// Needs DATABASE_URL and the other variables of docs/configuration.md.
    Serve(ServeArgs),
    /// Bring the database at DATABASE_URL to the newest version. Any number may run at once.
    ///
    /// It waits for no lock longer than a second at a time, so that traffic goes on. A database of OnyxOS
    /// is taken over, see docs/upgrade.md; with the other variables of the service its tokens are sealed too.
    Migrate,
    /// Seal every stored token with the first key of TOKEN_KEYS, while the service runs.
    ///
    /// To change the key: 1. put the new key in front of the old one in TOKEN_KEYS of all instances
    /// (`new:…,old:…`); 2. deploy, and let the instances of before end; 3. run this with the same
    /// TOKEN_KEYS and DATABASE_URL; 4. when it says that none is left under another key, remove the
    /// old key and deploy. It may be stopped, repeated and run twice at once. A token that does not
    /// open is named on standard error; then the others are resealed all the same, and it fails.
    RotateKeys,
    /// Ask for the whole history of all connected creators, or of one; ticks read it.
    ForceSync(ForceSyncArgs),
    /// Show the newest jobs, or one, as the endpoints do.
    Jobs(JobsArgs),
    /// Explain why what is shown is not what Fanvue says. Asks Fanvue; writes nothing.
    Diagnose(DiagnoseArgs),
    /// Look for what is wrong with a deployment, and say what to do. Writes nothing.
    ///
    /// Needs the variables of the service. Asks the database, Fanvue, PUBLIC_URL and whoever else is
    /// configured. It ends with 0 where no fault was found, with 1 where there is one, and with 2 where
    /// none was seen but not all could be looked at. Every check: docs/operations.md.
    Doctor(DoctorArgs),
    /// Prove the figures now, as the schedule does at night: compare, read again what differs, repair.
    Reconcile(ReconcileArgs),
    /// Show what the proof repaired, the newest first.
    Repairs(RepairsArgs),
    /// Compare what follows from the ledger with it: days, totals, sums, paying fans; or make it anew.
    ///
    /// Needs DATABASE_URL.
    Rollups(RollupsArgs),
    /// Where Fanvue sends webhooks, and events that wait for a person.
    Webhooks(WebhooksArgs),
    /// Start the local database, print its URL, and leave it running.
    Db(DbArgs),
    /// Measure the system on this machine, in a database of its own.
    Bench(BenchArgs),
}

/// Options of `heartbeat rollups`.
#[derive(Debug, Args)]
pub struct RollupsArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: RollupsAction,
}

/// What can be done about everything that follows from the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub enum RollupsAction {
    /// Name what does not follow from the ledger, and change nothing. It fails if there is anything.
    Check,
    /// Mend what does not follow from the ledger, an agency at a time, and say how much it was.
    ///
    /// What is right is not written. While an agency is rebuilt nobody books its rows; answers go on.
    Rebuild,
}

/// Options of `heartbeat force-sync`.
#[derive(Debug, Args)]
pub struct ForceSyncArgs {
    /// The agency's id; not needed where there is only one.
    #[arg(long)]
    pub agency: Option<Uuid>,
    /// One creator, by name or id.
    #[arg(long)]
    pub creator: Option<String>,
    /// Show what would be read and what it takes; write nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// Options of `heartbeat jobs`.
#[derive(Debug, Args)]
pub struct JobsArgs {
    /// One job, by id; left out, the newest.
    #[arg(conflicts_with = "agency")]
    pub id: Option<Uuid>,
    /// The agency's id; left out, the jobs of all.
    #[arg(long)]
    pub agency: Option<Uuid>,
}

/// Options of `heartbeat webhooks`.
#[derive(Debug, Args)]
pub struct WebhooksArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: WebhooksAction,
}

/// What can be done about webhooks, with the variables of the service.
#[derive(Debug, Subcommand)]
pub enum WebhooksAction {
    /// Show where Fanvue sends them for each connected account, and the events that wait for a person.
    List,
    /// Ask Fanvue to send them to PUBLIC_URL, for each connected account where it doesn't yet.
    ///
    /// A new signing secret is a line of its own on standard output and is never shown again: add it to
    /// FANVUE_WEBHOOK_SECRETS of all instances (separated by commas) and deploy. For some apps Fanvue
    /// refuses this call; then a person enters the address in its developer portal.
    Register {
        /// End what leads here already and begin anew: for a secret that was lost.
        #[arg(long)]
        again: bool,
    },
    /// Try to understand events again that wait for a person. No money is counted twice by it.
    Replay {
        /// Their keys, as `list` shows them.
        #[arg(required_unless_present = "all")]
        keys: Vec<String>,
        /// All of them.
        #[arg(long, conflicts_with = "keys")]
        all: bool,
    },
}

/// Options of `heartbeat dev`.
#[derive(Debug, Args)]
pub struct DevArgs {
    /// Port of the endpoints; 0 picks a free one.
    #[arg(long, default_value_t = 3000)]
    pub port: u16,
    /// Port of the simulated Fanvue; 0 picks a free one.
    #[arg(long, default_value_t = 3001)]
    pub sim_port: u16,
    /// Folder for the database, the simulated world and its keys.
    #[arg(long, default_value = ".dev")]
    pub data_dir: PathBuf,
    /// Creators in a new simulated world.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub creators: u32,
    /// Days of history in a new simulated world.
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u32).range(1..=3_650))]
    pub days: u32,
    /// Number from which a new simulated world grows.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// The secret (CRON_SECRET) that opens the endpoints.
    #[arg(long, default_value = "dev-secret", value_parser = secret)]
    pub secret: String,
    /// Do not build the dashboard's page; one that was built before is served all the same.
    #[arg(long)]
    pub no_page: bool,
}

/// Options of `heartbeat serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Port to listen on, on the loopback address; 0 picks a free one.
    #[arg(long, default_value_t = 3000)]
    pub port: u16,
    /// Also run the schedules of vercel.json, with CRON_SECRET.
    #[arg(long)]
    pub schedules: bool,
}

/// Options of `heartbeat db`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct DbArgs {
    /// Folder of the data, as given to `heartbeat dev`.
    #[arg(long, default_value = ".dev", global = true)]
    pub data_dir: PathBuf,
    /// What to do with it; without a word it is started.
    #[command(subcommand)]
    pub action: Option<DbAction>,
}

/// What can be done with the local database besides starting it.
#[derive(Debug, Subcommand)]
pub enum DbAction {
    /// Stop it. The data stay.
    Stop {
        /// Stop it even while another process uses it.
        #[arg(long)]
        force: bool,
        /// Delete the data as well.
        #[arg(long)]
        erase: bool,
    },
}

/// The secret stands alone in the ready line and in a header: visible letters, no space.
fn secret(text: &str) -> Result<String, String> {
    let is_usable = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    is_usable.then(|| text.to_owned()).ok_or("visible ASCII letters without a space".to_owned())
}

#[cfg(test)]
mod tests;
