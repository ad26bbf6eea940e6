//! The words of the command line. Their doc comments are the help a newcomer reads.

mod bench;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub use self::bench::{
    BenchArgs, BudgetArgs, BudgetWorkerArgs, CsvArgs, DashboardArgs, DeliveriesArgs, LiveArgs,
    Measurement, PollsArgs,
};

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
    Migrate,
    /// Seal every stored token with the first key of TOKEN_KEYS, while the service runs.
    ///
    /// To change the key: 1. put the new key in front of the old one in TOKEN_KEYS of all instances
    /// (`new:…,old:…`); 2. deploy, and let the instances of before end; 3. run this with the same
    /// TOKEN_KEYS and DATABASE_URL; 4. when it says that none is left under another key, remove the
    /// old key and deploy. It may be stopped, repeated and run twice at once. A token that does not
    /// open is named on standard error; then the others are resealed all the same, and it fails.
    RotateKeys,
    /// Where Fanvue sends webhooks, and events that wait for a person.
    Webhooks(WebhooksArgs),
    /// Start the local database, print its URL, and leave it running.
    Db(DbArgs),
    /// Measure the system on this machine, in a database of its own.
    Bench(BenchArgs),
    /// Print the description of the HTTP API, an OpenAPI 3.1 document.
    ///
    /// It is committed as dashboard/public/openapi.json, which is served at /openapi.json.
    #[command(name = "openapi")]
    OpenApi,
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
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn dev_needs_no_word() {
        let Command::Dev(args) = Cli::parse_from(["heartbeat", "dev"]).command else { panic!() };
        assert_eq!((args.port, args.sim_port, args.seed), (3000, 3001, 1));
        assert_eq!((args.creators, args.days, args.secret.as_str()), (12, 400, "dev-secret"));
    }

    #[test]
    fn bench_measures_a_history_unless_told_otherwise() {
        let bench = |words: &[&str]| {
            let words = ["heartbeat", "bench"].iter().chain(words);
            let Command::Bench(args) = Cli::parse_from(words).command else { panic!() };
            args
        };
        assert!(bench(&["--rows", "10"]).measurement.is_none());
        let args = bench(&["budget", "--windows", "5", "--json", "figures.json"]);
        assert_eq!(args.json, Some("figures.json".into()));
        let Some(Measurement::Budget(budget)) = args.measurement else { panic!() };
        assert_eq!((budget.workers, budget.limit, budget.windows), (50, 60, 5));
        let args = bench(&["webhooks", "--replays", "1000"]);
        let Some(Measurement::Webhooks(webhooks)) = args.measurement else { panic!() };
        assert_eq!((webhooks.sales, webhooks.replays), (1_000, 1_000));
        assert_eq!((webhooks.connections, webhooks.seconds), (32, 5));
        let args = bench(&["dashboard"]);
        let Some(Measurement::Dashboard(dashboard)) = args.measurement else { panic!() };
        assert_eq!(dashboard.rows, [100_000, 1_000_000, 10_000_000]);
        let args = bench(&["dashboard", "--rows", "5000,7000", "--statements", "typed"]);
        let Some(Measurement::Dashboard(dashboard)) = args.measurement else { panic!() };
        assert_eq!((dashboard.rows.as_slice(), dashboard.keep), (&[5_000, 7_000][..], false));
        let args = bench(&["csv", "--rows", "10"]);
        let Some(Measurement::Csv(csv)) = args.measurement else { panic!() };
        assert_eq!(csv.rows, 10);
    }

    #[test]
    fn rotating_keys_takes_no_word_and_tells_its_steps() {
        let command = Cli::parse_from(["heartbeat", "rotate-keys"]).command;
        assert!(matches!(command, Command::RotateKeys));
        let mut words = Cli::command();
        let rotate = words.find_subcommand_mut("rotate-keys").unwrap();
        let help = rotate.render_long_help().to_string();
        let steps: Vec<_> = ["in front of", "deploy", "run this", "remove the"]
            .iter()
            .map(|step| help.find(step).unwrap())
            .collect();
        assert!(steps.is_sorted(), "{help}");
    }

    #[test]
    fn the_api_is_described_without_a_word() {
        let command = Cli::parse_from(["heartbeat", "openapi"]).command;
        assert!(matches!(command, Command::OpenApi));
    }

    #[test]
    fn nonsense_is_refused() {
        for words in [
            &["heartbeat"][..],
            &["heartbeat", "dev", "--port", "70000"],
            &["heartbeat", "dev", "--creators", "0"],
            &["heartbeat", "dev", "--secret", "two words"],
            &["heartbeat", "dev", "--secret", ""],
            &["heartbeat", "bench", "budget", "--workers", "0"],
            &["heartbeat", "bench", "webhooks", "--connections", "1"],
            &["heartbeat", "bench", "--rows", "10", "budget"],
            &["heartbeat", "bench", "dashboard", "--statements", "kept"],
            &["heartbeat", "bench", "live", "--streams", "257"],
            &["heartbeat", "rotate-keys", "k2"],
            &["heartbeat", "webhooks"],
            &["heartbeat", "webhooks", "replay"],
            &["heartbeat", "webhooks", "replay", "--all", "a-key"],
            &["heartbeat", "fly"],
        ] {
            assert!(Cli::try_parse_from(words).is_err(), "{words:?}");
        }
    }
}
