//! As whom the server runs: PostgreSQL refuses to be root.
//!
//! As a normal user that is ourselves. As root it is `postgres`, or `nobody` where there is none.
//! Not a sandbox: it only satisfies PostgreSQL.

use std::ffi::OsStr;
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::unistd::{Uid, User};

use super::Error;

/// Variables that would redirect PostgreSQL's programs to another server.
const CONFUSING: [&str; 6] = ["PGDATA", "PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGOPTIONS"];

/// The user the server runs as.
#[derive(Debug, Clone)]
pub(super) struct Runner {
    pub(super) uid: u32,
    pub(super) gid: u32,
    /// We are root and step down to that user.
    pub(super) steps_down: bool,
}

impl Runner {
    pub(super) fn choose() -> Result<Runner, Error> {
        let me = Uid::effective();
        if !me.is_root() {
            return match User::from_uid(me) {
                Ok(Some(user)) => Ok(Runner::from(&user, false)),
                _ => Err(Error::UnknownUser { who: format!("user number {me}") }),
            };
        }
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .map(|user| Runner::from(&user, true))
            .ok_or_else(|| Error::UnknownUser { who: "neither postgres nor nobody".to_owned() })
    }

    fn from(user: &User, steps_down: bool) -> Runner {
        Runner { uid: user.uid.as_raw(), gid: user.gid.as_raw(), steps_down }
    }

    /// A command run as that user, from a folder every user may enter. `std` also drops the
    /// supplementary groups when it changes the user.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/");
        for name in CONFUSING {
            command.env_remove(name);
        }
        if self.steps_down {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }
}
