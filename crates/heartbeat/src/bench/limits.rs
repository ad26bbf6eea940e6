//! What nothing that is measured can be faster than, in the same run: a round trip to the database that
//! asks for nothing, and an answer of the same process that needs nothing but the process.

use bytes::Bytes;
use store::admin::Session;

use super::{
    line::Line,
    report::{Report, quantiles},
    timings::Timings,
    worker::{HEARTBEAT, Worker},
};
use crate::{Failure, wall};

/// How often each is asked, after some that are not counted.
const ASKED: usize = 300;
const ASKED_BEFORE: usize = 30;

/// How long `select 1` takes over a connection that is there.
pub(super) async fn round_trips(url: &str) -> Result<Timings, Failure> {
    let failed = "the database can't be asked for nothing";
    let session = Session::open(url).await.map_err(Failure::while_doing(failed))?;
    let mut timings = Timings::default();
    for number in 0..ASKED_BEFORE + ASKED {
        let began = wall::instant();
        session.run("select 1").await.map_err(Failure::while_doing(failed))?;
        if ASKED_BEFORE <= number {
            timings.push(began.elapsed());
        }
    }
    Ok(timings)
}

/// How long that process takes to refuse whoever shows no secret, over a connection that is there.
pub(super) async fn answers(worker: &Worker) -> Result<Timings, Failure> {
    let mut line = Line::open(worker.address).await?;
    let mut timings = Timings::default();
    for number in 0..ASKED_BEFORE + ASKED {
        let answer = line.send(http::Request::get(HEARTBEAT), Bytes::new()).await?;
        if answer.status != 401 {
            return Err(Failure::new(format!("a stranger was answered {}", answer.status)));
        }
        if ASKED_BEFORE <= number {
            timings.push(answer.took);
        }
    }
    Ok(timings)
}

/// Both.
#[derive(Clone, Debug, Default)]
pub(super) struct Limits {
    /// Of a round trip to the database.
    pub(super) round_trip: Timings,
    /// Of an answer.
    pub(super) answer: Timings,
}

/// What they are called in a table.
pub(super) const ROUND_TRIP: &str = "limit: a bare `select 1`, p50 / p95 / p99";
const ANSWER: &str = "limit: a bare HTTP answer of the same process, p50 / p95 / p99";

impl Limits {
    /// Measures both.
    pub(super) async fn measure(url: &str, worker: &Worker) -> Result<Self, Failure> {
        Ok(Self { round_trip: round_trips(url).await?, answer: answers(worker).await? })
    }

    /// Adds the lines of the table, where each of these stands in a column of its own after the goal.
    pub(super) fn lines(report: &mut Report, columns: &[&Self]) {
        let mut line = |name: &str, of: fn(&Self) -> &Timings| {
            let cells = columns.iter().map(|limits| quantiles(of(limits)));
            report.line([name.to_owned(), String::new()].into_iter().chain(cells));
        };
        line(ROUND_TRIP, |limits| &limits.round_trip);
        line(ANSWER, |limits| &limits.answer);
    }

    /// Adds the figures, their names beginning so.
    pub(super) fn figures(&self, report: &mut Report, name: &str) {
        report.lengths(&format!("{name}_select_1"), &self.round_trip);
        report.lengths(&format!("{name}_bare_answer"), &self.answer);
    }
}
