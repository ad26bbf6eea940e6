//! A worker: `heartbeat serve` as a process of its own, with what the system knows of its use.

use std::{fs, net::SocketAddr, process::Stdio, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use super::stage::SECRET;
use crate::{Failure, loopback};

/// The heartbeat's endpoint.
pub(super) const HEARTBEAT: &str = "/api/cron/revenue-heartbeat";
/// Ticks until all histories must be read: each takes up to four minutes.
pub(super) const TICKS_MAX: usize = 60;

/// A running worker. Dropped, it is killed.
pub(super) struct Worker {
    child: Child,
    /// Where it listens.
    pub(super) address: SocketAddr,
}

impl Worker {
    /// Starts one and waits until it listens.
    pub(super) async fn start(environment: &[(&str, String)]) -> Result<Self, Failure> {
        let program = std::env::current_exe()
            .map_err(Failure::while_doing("can't find the program itself"))?;
        let mut child = Command::new(program)
            .args(["serve", "--port", "0"])
            // Whoever starts a bench may have a database of their own there.
            .env_remove("DATABASE_DIRECT_URL")
            .env_remove("DATABASE_CA")
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(Failure::while_doing("can't start a worker"))?;
        let silent = || Failure::new("the worker did not say where it listens");
        let mut lines = BufReader::new(child.stderr.take().ok_or_else(silent)?).lines();
        let line =
            lines.next_line().await.map_err(Failure::while_doing("no word of the worker"))?;
        let address = line.as_deref().and_then(|line| line.strip_prefix("serving http://"));
        let address = address.and_then(|text| text.parse().ok()).ok_or_else(silent)?;
        // Its log goes nowhere, but a full pipe must not stop it.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self { child, address })
    }

    /// Calls the endpoint of a schedule, as the operator; its report.
    pub(super) async fn call(&self, path: &str) -> Result<Value, Failure> {
        let bearer = format!("Bearer {SECRET}");
        let headers = [("authorization", bearer.as_str())];
        let answer = loopback::get(self.address, path, &headers).await;
        let (status, body) =
            answer.map_err(Failure::while_doing(format!("{path} was not answered")))?;
        if status != 200 {
            return Err(Failure::new(format!("{path} was answered {status}")));
        }
        serde_json::from_slice(&body)
            .map_err(Failure::while_doing(format!("the report of {path} can't be read")))
    }

    /// Heartbeats, one after the other, until all histories are read.
    pub(super) async fn read_histories(&self) -> Result<(), Failure> {
        for tick in 1..=TICKS_MAX {
            let report = self.call(HEARTBEAT).await?;
            eprintln!("  tick {tick}: {} new rows", report["newRows"]);
            if report["unfinished"] == 0 {
                return Ok(());
            }
        }
        Err(Failure::new(format!("the histories are not read after {TICKS_MAX} ticks")))
    }

    /// How much of a processor its threads had so far, where the system tells.
    pub(super) fn cpu(&self) -> Option<Duration> {
        let threads = fs::read_dir(format!("/proc/{}/task", self.child.id()?)).ok()?;
        // One that ends while they are looked at is left out.
        let of_thread = |thread: fs::DirEntry| {
            let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
            text.split_whitespace().next()?.parse::<u64>().ok()
        };
        let nanoseconds = threads.flatten().filter_map(of_thread).sum();
        (0 < nanoseconds).then(|| Duration::from_nanos(nanoseconds))
    }

    /// Its largest resident size so far in MiB, where the system tells.
    pub(super) fn peak_mib(&self) -> Option<f64> {
        status_mib(self.child.id()?, "VmHWM:")
    }

    /// Its resident size in MiB, where the system tells.
    pub(super) fn resident_mib(&self) -> Option<f64> {
        resident_mib(self.child.id()?)
    }

    /// Has the system forget how large it was: whether it did.
    pub(super) fn forget_peak(&self) -> bool {
        // 5 is the system's word for it.
        let forget = |id: u32| fs::write(format!("/proc/{id}/clear_refs"), "5");
        self.child.id().is_some_and(|id| forget(id).is_ok())
    }
}

/// The resident size of a process in MiB, where the system tells.
pub(super) fn resident_mib(process: u32) -> Option<f64> {
    status_mib(process, "VmRSS:")
}

fn status_mib(process: u32, field: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(field))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024.0)
}
