//! `postmaster.pid`, the file in which a PostgreSQL server says who and where it is. Parsing only,
//! and the question whether that process lives.

use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;

/// What a server wrote about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PidFile {
    pub(super) pid: i32,
    pub(super) data_dir: PathBuf,
    /// Absent for an instant while the server starts.
    pub(super) port: Option<u16>,
    pub(super) is_ready: bool,
}

impl PidFile {
    /// Reads the file's text: line 1 the process, 2 the data directory, 4 the port, 8 the status.
    pub(super) fn parse(text: &str) -> Option<PidFile> {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let line = |number: usize| lines.get(number - 1).copied();
        let pid = line(1)?.parse().ok().filter(|pid| 1 < *pid)?;
        Some(PidFile {
            pid,
            data_dir: PathBuf::from(line(2)?),
            port: line(4).and_then(|port| port.parse().ok()).filter(|port| *port != 0),
            is_ready: line(8) == Some("ready"),
        })
    }

    /// Reads the pid file of a data directory; absent or unreadable is `None`.
    pub(super) fn read(data_dir: &Path) -> Option<PidFile> {
        PidFile::parse(&std::fs::read_to_string(data_dir.join("postmaster.pid")).ok()?)
    }

    /// Whether the process is alive and a server of this very directory, not of the original a
    /// copied folder came from.
    pub(super) fn is_live_in(&self, data_dir: &Path) -> bool {
        self.data_dir == data_dir && is_live_server(self.pid)
    }
}

/// A live process, no zombie, whose name is that of the server where the system tells.
pub(super) fn is_live_server(pid: i32) -> bool {
    let answers = match kill(Pid::from_raw(pid), None) {
        Ok(()) | Err(Errno::EPERM) => true,
        Err(_) => false,
    };
    answers && std::fs::read_to_string(format!("/proc/{pid}/stat")).map_or(true, |s| is_server(&s))
}

/// `/proc/<pid>/stat`: number, (name), one letter of state.
fn is_server(stat: &str) -> bool {
    let Some((name, rest)) = stat.rsplit_once(')') else { return false };
    let is_zombie = matches!(rest.trim_start().chars().next(), Some('Z' | 'X'));
    name.contains("(postgres") && !is_zombie
}

#[cfg(test)]
mod tests {
    use super::*;

    const READY: &str =
        "4242\n/var/db/data-15\n1700000000\n54321\n\n127.0.0.1\n  123  456\nready   \n";

    #[test]
    fn a_ready_server_is_read() {
        let read = PidFile::parse(READY).unwrap();
        assert_eq!(
            read,
            PidFile {
                pid: 4242,
                data_dir: PathBuf::from("/var/db/data-15"),
                port: Some(54321),
                is_ready: true,
            }
        );
    }

    #[test]
    fn a_half_written_file_is_not_ready() {
        let text: String = READY.lines().take(5).map(|line| format!("{line}\n")).collect();
        assert!(!PidFile::parse(&text).unwrap().is_ready);
        assert_eq!(PidFile::parse("4242\n/var/db\n").unwrap().port, None);
        assert!(!PidFile::parse(&READY.replace("ready", "starting")).unwrap().is_ready);
    }

    #[test]
    fn nonsense_is_no_server() {
        for text in ["", "\n", "x\n/d\n", "0\n/d\n", "1\n/d\n", "-5\n/d\n", "77\n"] {
            assert_eq!(PidFile::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_zombie_or_a_reused_number_is_no_server() {
        assert!(is_server("42 (postgres) S 1 42"));
        assert!(!is_server("42 (postgres) Z 1 42"));
        assert!(!is_server("42 (bash) S 1 42"));
        assert!(!is_server(""));
        assert!(!is_live_server(i32::MAX));
    }

    #[test]
    fn a_copied_folder_does_not_claim_the_originals_server() {
        let file = PidFile::parse(READY).unwrap();
        assert!(!file.is_live_in(Path::new("/copy/data-15")));
    }
}
