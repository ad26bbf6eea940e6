//! The worker processes: this program again, each with its own memory and connections.

use std::{io::Read, process::Stdio};

use app::{
    Config, Ctx,
    tick::{Limits, Scope, tick},
};
use jiff::{SignedDuration, Timestamp};
use tokio::process::{Child, Command};

use crate::{
    Failure,
    cli::{BudgetArgs, BudgetWorkerArgs},
    wall,
};

/// How often a worker looks for what is due.
const DUE_EVERY_MS: i64 = 5_000;

/// Running workers. Dropped, they are killed.
pub(super) struct Crew(Vec<Child>);

impl Crew {
    /// Starts them: one is the heartbeat, with its first tick at `start`; the others work off what
    /// is due, spread evenly.
    pub(super) fn start(
        environment: &[(&'static str, String)],
        args: &BudgetArgs,
        start: Timestamp,
    ) -> Result<Self, Failure> {
        let start = start.as_millisecond();
        let others = i64::from(args.workers) - 1;
        let mut crew = vec![spawn(environment, start, i64::from(args.heartbeat) * 1000, true)?];
        for number in 0..others {
            let first = start + DUE_EVERY_MS * number / others;
            crew.push(spawn(environment, first, DUE_EVERY_MS, false)?);
        }
        Ok(Self(crew))
    }

    /// A measurement without all of them would show less than it says.
    pub(super) fn check(&mut self) -> Result<(), Failure> {
        for child in &mut self.0 {
            let ended =
                child.try_wait().map_err(Failure::while_doing("a worker is out of sight"))?;
            if let Some(status) = ended {
                return Err(Failure::new(format!("a worker ended before its time: {status}")));
            }
        }
        Ok(())
    }
}

fn spawn(
    environment: &[(&'static str, String)],
    start: i64,
    every: i64,
    everyone: bool,
) -> Result<Child, Failure> {
    let program =
        std::env::current_exe().map_err(Failure::while_doing("can't find the program itself"))?;
    let (start, every) = (start.to_string(), every.to_string());
    Command::new(program)
        .args(["bench", "budget-worker", "--start", &start, "--every", &every])
        .args(everyone.then_some("--everyone"))
        .envs(environment.iter().map(|(name, value)| (name, value)))
        // It ends when this pipe does, even if we are killed.
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(Failure::while_doing("can't start a worker"))
}

/// One worker: a tick each time it is due, until whoever started it is gone.
pub(crate) async fn work(args: &BudgetWorkerArgs) -> Result<(), Failure> {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let unusable = "the configuration is unusable";
    let config = Config::from_env().map_err(Failure::while_doing(unusable))?;
    let ctx = Ctx::new(config).map_err(Failure::while_doing(unusable))?;
    let scope = if args.everyone { Scope::Everyone } else { Scope::Due };
    // Few connections each: all workers together must fit on one small server.
    let limits = Limits { concurrency: 2, claims: 2, ..Limits::default() };
    let start = Timestamp::from_millisecond(args.start);
    let mut at = start.map_err(Failure::while_doing("--start is no instant"))?;
    let every = SignedDuration::from_millis(args.every.max(1));
    loop {
        wall::pause_until(at).await;
        tick(&ctx, scope, limits).await.map_err(Failure::while_doing("a tick failed"))?;
        // A tick that took longer than its turn skips the next ones instead of catching up.
        while at <= wall::now() {
            at = at.checked_add(every).map_err(Failure::while_doing("time ends here"))?;
        }
    }
}
