//! `heartbeat doctor`: what is wrong with a deployment, what it means for the money, and what to do.
//!
//! Facts are gathered first, in few questions that write nothing; then each check decides from them alone.
//! What one check can't see keeps no other from looking.

mod check;
mod checks;
mod database;
mod environment;
mod outside;
mod told;

use std::{fs, io::Write, path::Path, sync::Arc};

use app::{Clock, SystemClock};
use fanvue::Transport;
use jiff::Timestamp;

use crate::{
    Failure,
    cli::DoctorArgs,
    schedules::{self, Schedule},
    wall,
};

pub use check::{Check, Finding, Group, Outcome};
pub use checks::all;
pub use database::{Database, Told};
pub use environment::Environment;
pub use outside::{Fanvue, Outside, Site, Trouble};
pub use told::{documented, json, table};

/// Exit code where something is wrong.
pub const FAULTS: u8 = 1;
/// Exit code where nothing wrong was seen, and not all could be looked at.
pub const UNSEEN: u8 = 2;

/// All that checks decide by.
pub struct Facts {
    /// When they were gathered.
    pub now: Timestamp,
    /// The variables.
    pub environment: Environment,
    /// The database.
    pub database: Database,
    /// Whoever was asked over the network; `None` where nobody was to be.
    pub outside: Option<Outside>,
    /// The schedules of the deployment's own `vercel.json`, where its folder was given.
    pub listed: Option<Told<Vec<Schedule>>>,
}

/// Where to look.
pub struct Place<'a> {
    /// The variables of the deployment.
    pub environment: Environment,
    /// The way to others; `None`: nobody but the database is asked.
    pub transport: Option<Arc<dyn Transport>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The folder of the deployment.
    pub dir: Option<&'a Path>,
}

impl Facts {
    /// Looks at all of it. What can't be seen is a fact too.
    pub async fn gather(place: Place<'_>) -> Self {
        let Place { environment, transport, clock, dir } = place;
        let database = Database::gather(&environment, &*clock).await;
        let outside = match transport {
            None => None,
            Some(transport) => {
                let clock = Arc::clone(&clock);
                Some(Outside::gather(&environment, &database, transport, clock).await)
            }
        };
        Self { now: clock.now(), environment, database, outside, listed: dir.map(listed) }
    }

    /// What every check comes to, in their order.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        all().map(|check| check.finding(self)).collect()
    }
}

fn listed(dir: &Path) -> Told<Vec<Schedule>> {
    let text = fs::read_to_string(dir.join("vercel.json"));
    let text = text.map_err(|_| "there is no vercel.json that can be read".to_owned())?;
    schedules::parse(&text).map_err(|error| error.to_string())
}

pub(crate) async fn run(args: DoctorArgs) -> Result<(), Failure> {
    let failed = "nothing can be looked at";
    let environment = Environment::read(&|name| wall::variable(name), wall::variables())?;
    let transport = match args.offline {
        true => None,
        false => Some(
            fanvue::https_transport(fanvue::Timeouts::default())
                .map_err(Failure::while_doing(failed))?,
        ),
    };
    let clock = Arc::new(SystemClock);
    let place = Place { environment, transport, clock, dir: args.dir.as_deref() };
    let facts = Facts::gather(place).await;
    let findings = facts.findings();
    let text = match args.json {
        true => json(&facts, &findings),
        false => table(&findings, args.all),
    };
    writeln!(std::io::stdout(), "{text}")
        .map_err(Failure::while_doing("can't write to standard output"))?;
    verdict(&findings)
}

/// Warnings are no failure.
fn verdict(findings: &[Finding]) -> Result<(), Failure> {
    let count = |level| findings.iter().filter(|one| one.level == level).count();
    match (count("fault"), count("unseen")) {
        (0, 0) => Ok(()),
        (0, unseen) => {
            Err(Failure::new(format!("{unseen} checks could not be made")).with_code(UNSEEN))
        }
        (faults, _) => Err(Failure::new(format!("{faults} faults")).with_code(FAULTS)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_says_whether_all_is_well_something_is_wrong_or_was_not_seen() {
        let code = |levels: &[&'static str]| {
            let finding = |level: &&'static str| Finding {
                check: "a-check",
                group: Group::Work,
                level,
                found: None,
                means: "",
                remedy: "",
            };
            let findings: Vec<_> = levels.iter().map(finding).collect();
            verdict(&findings).err().map(|failure| failure.code())
        };
        assert_eq!(code(&["ok", "warn", "left out"]), None);
        assert_eq!(code(&["ok", "unseen", "fault"]), Some(FAULTS));
        assert_eq!(code(&["warn", "unseen"]), Some(UNSEEN));
    }
}
