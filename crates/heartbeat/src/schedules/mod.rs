//! The schedules of the deployment, and driving them locally.
//!
//! `vercel.json` is the one list; it is built into the binary. Locally each schedule is a plain
//! HTTP request with the secret, as the platform would send it: nothing is called behind the
//! server's back.

mod cron;
mod drive;
mod report;

use serde::Deserialize;

pub use cron::{Cron, CronError};
pub(crate) use drive::{Driver, drive};

const VERCEL_JSON: &str = include_str!("../../../../vercel.json");

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The path to request.
    pub path: String,
    /// The expression as written.
    pub expression: String,
    /// The expression, understood.
    pub cron: Cron,
}

/// Why the list can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// Not the JSON we expect.
    #[error("vercel.json can't be read")]
    Json(#[source] serde_json::Error),
    /// An expression that is none.
    #[error("the schedule of {path} is wrong")]
    Cron {
        /// Whose.
        path: String,
        /// Why.
        #[source]
        source: CronError,
    },
}

#[derive(Deserialize)]
struct VercelJson {
    #[serde(default)]
    crons: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    path: String,
    schedule: String,
}

/// The schedules of `vercel.json`.
pub fn list() -> Result<Vec<Schedule>, ListError> {
    parse(VERCEL_JSON)
}

/// The schedules of a file as `vercel.json` is.
pub(crate) fn parse(text: &str) -> Result<Vec<Schedule>, ListError> {
    let file: VercelJson = serde_json::from_str(text).map_err(ListError::Json)?;
    let schedule = |Entry { path, schedule }: Entry| match schedule.parse() {
        Ok(cron) => Ok(Schedule { path, expression: schedule, cron }),
        Err(source) => Err(ListError::Cron { path, source }),
    };
    file.crons.into_iter().map(schedule).collect()
}

#[cfg(test)]
mod tests;
