//! The command line of Heartbeat: the service on one's own machine, and the operator's tools.
//!
//! Commands arrange what the other crates do; no figure is computed here. `dev` and the tests also
//! find their database here: see [`devdb`].

mod bench;
pub mod cli;
mod database;
mod dev;
pub mod devdb;
mod diagnose;
pub mod doctor;
mod failure;
mod jobs;
mod keys;
mod loopback;
mod packing;
mod page;
mod progress;
mod ready;
mod reconcile;
mod rollups;
pub mod runtime_api;
pub mod schedules;
mod serve;
mod stop;
mod wall;
mod web;
mod webhooks;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};
pub use failure::Failure;

/// The whole program: reads the arguments, runs the command, says on standard error what failed.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&Failure::while_doing("can't start")(error)),
    };
    let outcome = runtime.block_on(run(cli));
    // Requests that outlived their connection are not waited for.
    runtime.shutdown_background();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => complain(&failure),
    }
}

/// Runs one command until it is done or a signal ends it.
pub async fn run(cli: Cli) -> Result<(), Failure> {
    app::init_logging();
    let outcome = obey(cli).await;
    app::traces::export().await;
    outcome
}

async fn obey(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        Command::Dev(args) => dev::run(args).await,
        Command::Serve(args) => serve::run(args).await,
        Command::Migrate => database::migrate().await,
        Command::RotateKeys => keys::rotate().await,
        Command::Rollups(args) => rollups::run(args.action).await,
        Command::ForceSync(args) => jobs::force_sync(args).await,
        Command::Jobs(args) => jobs::list(args).await,
        Command::Diagnose(args) => diagnose::run(args).await,
        Command::Doctor(args) => doctor::run(args).await,
        Command::Reconcile(args) => reconcile::run(args).await,
        Command::Repairs(args) => reconcile::repairs(args).await,
        Command::Webhooks(args) => webhooks::run(args.action).await,
        Command::Db(args) => database::db(args).await,
        Command::Bench(args) => bench::run(args).await,
    }
}

fn complain(failure: &Failure) -> ExitCode {
    eprintln!("heartbeat: {}", failure.chain());
    ExitCode::from(failure.code())
}
