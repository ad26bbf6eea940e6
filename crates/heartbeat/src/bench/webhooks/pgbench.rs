//! The yardstick: PostgreSQL's own `pgbench`, inserting the same row with one commit each.

use std::{path::PathBuf, process::Stdio, time::Duration};

use tokio::{io::AsyncWriteExt, process::Command};

use crate::{Failure, bench::timings::Timings, devdb::DevDb};

/// A table like that of the events, with all its indexes and checks.
pub(super) const TABLE: &str = "create table pgbench_events (like webhook_events including all)";

/// The program, and where it may write.
pub(super) struct Pgbench {
    program: PathBuf,
    /// Made for each run and removed after it.
    folder: PathBuf,
}

/// What it said of itself.
pub(super) struct Said {
    /// Commits a second, without the time to connect.
    pub(super) per_second: f64,
    /// How long each took.
    pub(super) timings: Timings,
}

impl Pgbench {
    /// Finds the program beside those of the server.
    pub(super) fn find(server: &DevDb, folder: PathBuf) -> Result<Self, Failure> {
        let found = server.program("pgbench");
        let found = found.map_err(Failure::while_doing("PostgreSQL's programs are not found"))?;
        let program = found.ok_or_else(|| {
            Failure::new(
                "there is no pgbench beside the server's programs: install PostgreSQL from \
                 packages, which bring it, or name their folder in DEVDB_PG_BIN",
            )
        })?;
        Ok(Self { program, folder })
    }

    /// Inserts rows with bodies of that size for so long, over so many connections.
    pub(super) async fn run(
        &self,
        url: &str,
        (connections, seconds): (u32, u32),
        body_bytes: usize,
    ) -> Result<Said, Failure> {
        let failed = "pgbench can't be run";
        std::fs::create_dir_all(&self.folder).map_err(Failure::while_doing(failed))?;
        let log = self.folder.join("log");
        let mut child = Command::new(&self.program)
            .args(["--no-vacuum", "--jobs", "2", "--file", "-", "--log"])
            .args(["--client", &connections.to_string(), "--time", &seconds.to_string()])
            .arg("--log-prefix")
            .arg(std::path::absolute(&log).map_err(Failure::while_doing(failed))?)
            .arg(url)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(Failure::while_doing(failed))?;
        let mut stdin = child.stdin.take().ok_or_else(|| Failure::new(failed))?;
        let written = stdin.write_all(script(body_bytes).as_bytes()).await;
        written.map_err(Failure::while_doing(failed))?;
        drop(stdin);
        let output = child.wait_with_output().await.map_err(Failure::while_doing(failed))?;
        let said = String::from_utf8_lossy(&output.stdout);
        let per_second = rate(&said).filter(|_| output.status.success()).ok_or_else(|| {
            let complaint = String::from_utf8_lossy(&output.stderr);
            Failure::new(format!("pgbench did not do its work: {}", complaint.trim()))
        })?;
        let timings = self.logged().map_err(Failure::while_doing("pgbench's log can't be read"))?;
        Ok(Said { per_second, timings })
    }

    /// What its threads logged, which is then removed.
    fn logged(&self) -> std::io::Result<Timings> {
        let mut timings = Timings::default();
        for entry in std::fs::read_dir(&self.folder)? {
            let text = std::fs::read_to_string(entry?.path())?;
            text.lines().filter_map(length).for_each(|length| timings.push(length));
        }
        std::fs::remove_dir_all(&self.folder)?;
        Ok(timings)
    }
}

/// One insert. A new key each time, as long as those of the platform's ids.
fn script(body_bytes: usize) -> String {
    format!(
        "insert into pgbench_events \
         (event_key, topic, signed_at, received_at, body, state, settled_at) \
         values ('id:' || gen_random_uuid(), '{}', now(), now(), \
         decode(repeat('5a', {body_bytes}), 'hex'), 'done', now());\n",
        super::rate::TOPIC
    )
}

/// `tps = 5123.456789 (without initial connection time)` → the number.
fn rate(said: &str) -> Option<f64> {
    let line = said.lines().find_map(|line| line.strip_prefix("tps = "))?;
    line.split_whitespace().next()?.parse().ok()
}

/// `client transaction microseconds script second microsecond` → the third.
fn length(line: &str) -> Option<Duration> {
    line.split_whitespace().nth(2)?.parse().ok().map(Duration::from_micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_report_and_its_log_are_read() {
        let said = "latency average = 6.2 ms\ntps = 5123.5 (without initial connection time)\n";
        assert_eq!(rate(said), Some(5123.5));
        assert_eq!(rate("pgbench: error: connection failed"), None);
        assert_eq!(length("0 199 2241 0 1175850568 995598"), Some(Duration::from_micros(2241)));
        assert_eq!(length("0 199 failed 0 1175850568 995598"), None);
    }
}
