//! Driving the schedules in real time: once at the start, then by their expressions, and sooner
//! while a report says that work remains, so that a first history doesn't take a day.

use std::net::SocketAddr;
use std::time::Duration;

use http::StatusCode;
use tokio::task::JoinSet;

use super::Schedule;
use super::report::Report;
use crate::{loopback, wall};

/// A report can't ask for less or more than this between two runs.
const AGAIN_SECONDS_MIN: u64 = 1;
const AGAIN_SECONDS_MAX: u64 = 60;
/// When the report doesn't say, or there is none because the database or the server was away.
const AGAIN_SECONDS: u64 = 5;
/// Runs in a row for the sake of unfinished work; then the expression decides again.
const AGAIN_MAX: u32 = 2_000;

/// Whom to call, and with which secret.
#[derive(Debug, Clone)]
pub(crate) struct Driver {
    pub(crate) server: SocketAddr,
    pub(crate) secret: String,
}

/// Runs every schedule until dropped.
pub(crate) async fn drive(driver: Driver, schedules: Vec<Schedule>) {
    let mut running = JoinSet::new();
    for schedule in schedules {
        running.spawn(follow(driver.clone(), schedule));
    }
    while running.join_next().await.is_some() {}
}

/// One schedule, for ever. Its runs never overlap each other.
async fn follow(driver: Driver, schedule: Schedule) {
    loop {
        for _ in 0..AGAIN_MAX {
            match run_once(&driver, &schedule).await {
                Some(seconds) => {
                    wall::pause_until(wall::now() + Duration::from_secs(seconds)).await;
                }
                None => break,
            }
        }
        let Some(next) = schedule.cron.next_after(wall::now()) else { return };
        wall::pause_until(next).await;
    }
}

/// One run, one line of log. Gives the seconds after which to run again, if work remains.
async fn run_once(driver: &Driver, schedule: &Schedule) -> Option<u64> {
    let authorization = format!("Bearer {}", driver.secret);
    let headers = [
        ("authorization", authorization.as_str()),
        ("user-agent", "vercel-cron/1.0"),
        ("x-vercel-cron-schedule", schedule.expression.as_str()),
    ];
    let began_at = wall::instant();
    let answer = loopback::get(driver.server, &schedule.path, &headers).await;
    let took = wall::instant() - began_at;
    let name = schedule.path.rsplit('/').next().unwrap_or_default();
    let (line, again) = match answer {
        Ok((StatusCode::OK, body)) => {
            let report = Report::read(&body);
            let again = report.again(AGAIN_SECONDS).map(bounded);
            (report.line(took, again), again)
        }
        Ok((status, body)) => {
            let is_passing = status == StatusCode::SERVICE_UNAVAILABLE;
            (refusal(status, &body), is_passing.then_some(AGAIN_SECONDS))
        }
        Err(error) => {
            (crate::Failure::while_doing("no answer")(error).chain(), Some(AGAIN_SECONDS))
        }
    };
    eprintln!("  {} {name}: {line}", wall::now().strftime("%H:%M:%S"));
    again
}

fn bounded(seconds: u64) -> u64 {
    seconds.clamp(AGAIN_SECONDS_MIN, AGAIN_SECONDS_MAX)
}

/// The status and the beginning of what was said.
fn refusal(status: StatusCode, body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let short: String = text.chars().take(300).collect();
    format!("{status} {}", short.replace(['\n', '\r'], " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_can_neither_rush_nor_stall_us() {
        assert_eq!(bounded(0), 1);
        assert_eq!(bounded(7), 7);
        assert_eq!(bounded(u64::MAX), 60);
    }

    #[test]
    fn a_refusal_is_one_short_line() {
        let line = refusal(StatusCode::UNAUTHORIZED, "é\n".repeat(1_000).as_bytes());
        assert!(line.starts_with("401 Unauthorized é é"));
        assert!(!line.contains('\n') && line.chars().count() < 330);
    }
}
