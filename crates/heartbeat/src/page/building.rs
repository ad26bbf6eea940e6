//! Building the page when `heartbeat dev` starts: where Node is, and where the sources are newer than
//! what was built of them. The endpoints do not wait for it.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::SystemTime;

use tokio::process::Command;

use super::{Page, State};
use crate::Failure;
use crate::progress::Step;

/// What a build is made of.
const PARTS: [&str; 6] =
    ["src", "public", "index.html", "package.json", "package-lock.json", "vite.config.ts"];
/// How deep folders of sources are.
const DEPTH_MAX: u32 = 6;
/// Of a failed command, the last so many lines are shown.
const LINES_SHOWN: usize = 15;

impl Page {
    /// Builds it if that is due. What fails is told and costs only the page.
    pub(crate) async fn build(&self) {
        if !self.is_due() {
            return;
        }
        if let Err(failure) = self.npm(&["--version"]).await {
            // The page says how to build it.
            eprintln!("  page       not built: {}", failure.chain());
            return;
        }
        self.state.send_replace(State::Building);
        let state = match self.try_build().await {
            Ok(()) => State::Settled,
            Err(failure) => {
                eprintln!("  page       not built: {}", failure.chain());
                if self.dist().join("index.html").exists() { State::Settled } else { State::Failed }
            }
        };
        self.state.send_replace(state);
    }

    /// Whether there are sources that no build has seen.
    fn is_due(&self) -> bool {
        let sources = PARTS.iter().filter_map(|part| newest(&self.sources.join(part), DEPTH_MAX));
        let built = newest(&self.dist().join("index.html"), 0);
        match sources.max() {
            Some(changed) => built.is_none_or(|built| built < changed),
            None => false,
        }
    }

    async fn try_build(&self) -> Result<(), Failure> {
        // Two programs in one folder would build into each other.
        let turn = File::create(self.sources.join(".building"))
            .map_err(Failure::while_doing("can't write to its folder"))?;
        let turn = tokio::task::spawn_blocking(move || turn.lock().map(|()| turn)).await;
        let _turn = turn
            .map_err(Failure::while_doing("can't wait for another build"))?
            .map_err(Failure::while_doing("can't wait for another build"))?;
        if !self.is_due() {
            return Ok(());
        }
        let modules = newest(&self.sources.join("node_modules/.package-lock.json"), 0);
        let lock = newest(&self.sources.join("package-lock.json"), 0);
        if modules < lock {
            eprintln!("  page                 its packages are being fetched, once (npm ci)");
            let step = Step::begin("page");
            self.npm(&["ci", "--no-audit", "--no-fund"]).await?;
            step.done("packages fetched");
        }
        let step = Step::begin("page");
        self.npm(&["run", "build"]).await?;
        step.done("built; reload if it is open");
        Ok(())
    }

    async fn npm(&self, words: &[&str]) -> Result<(), Failure> {
        let running = Command::new("npm")
            .args(words)
            .current_dir(&self.sources)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let missing = "npm does not run; install Node 20.19 or newer, then start again";
        let done = running.await.map_err(Failure::while_doing(missing))?;
        if done.status.success() {
            return Ok(());
        }
        Err(Failure::new(format!("npm {} failed\n{}", words.join(" "), last_lines(&done))))
    }
}

fn last_lines(done: &Output) -> String {
    let text = [&done.stdout[..], &done.stderr[..]].concat();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(LINES_SHOWN)..].join("\n")
}

/// When the file, or the newest one in the folder, was changed; `None` if there is none.
fn newest(path: &Path, depth: u32) -> Option<SystemTime> {
    let about = fs::metadata(path).ok()?;
    if !about.is_dir() {
        return about.modified().ok();
    }
    let entries = fs::read_dir(path).ok().filter(|_| depth > 0)?;
    entries.flatten().filter_map(|entry| newest(&entry.path(), depth - 1)).max()
}
