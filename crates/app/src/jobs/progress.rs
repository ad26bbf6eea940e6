//! How far a job is as a whole, from what is known of each creator in it.

use jiff::Timestamp;
use ledger::{Allowance, Part, seconds_left};
use store::{BudgetStanding, Job, JobCreator};
use uuid::Uuid;

use super::shown::{PartState, State};

/// How much of the job is done, in per cent. It never falls: what the whole weighs stays, also when a creator
/// is deleted, and so does what was shown of each. Who can't be read any more is read no further.
pub(super) fn percent(job: &Job) -> i64 {
    let left = |one: &JobCreator| one.weight() * i64::from(1000 - one.per_mille);
    let all = job.creators.iter().map(JobCreator::weight).sum::<i64>().max(job.rows_weighed);
    let left: i64 = job.creators.iter().map(left).sum();
    if all == 0 { 100 } else { (1000 * all - left) / all / 10 }
}

/// What is left of a history that was promised and not begun, in rows that bring what those of the job did.
fn promised_rows(job: &Job, one: &JobCreator) -> Option<u64> {
    let promised = u128::try_from(one.evidence.promised_gross?.0).ok()?;
    let evidence = || job.creators.iter().map(|each| &each.evidence);
    let read: u128 = evidence().map(|each| u128::from(each.read)).sum();
    let gross: i64 = evidence().map(|each| each.read_gross.0).sum();
    let gross = u128::try_from(gross).ok().filter(|gross| 0 < *gross)?;
    u64::try_from(promised * read / gross).ok().filter(|_| one.evidence.read == 0)
}

/// Seconds until all of it is read that can be; `None` while nothing tells.
pub(super) fn eta_seconds(job: &Job, budgets: &[BudgetStanding], now: Timestamp) -> Option<i64> {
    let mut buckets: Vec<Uuid> = vec![];
    let mut number = |bucket: Uuid| {
        buckets.iter().position(|known| *known == bucket).unwrap_or_else(|| {
            buckets.push(bucket);
            buckets.len() - 1
        })
    };
    let meant = job.creators.iter().filter(|one| {
        !matches!(PartState::of(one, now), PartState::Parked | PartState::Disconnected)
    });
    let part = |one: &JobCreator| {
        let shared = one.connection.filter(|_| one.shares_bucket);
        let is_open = one.ended_at.is_none();
        let paced = one.paced.filter(|_| is_open);
        Part {
            bucket: number(shared.map_or(one.creator.0, |connection| connection.0)),
            requests: u64::try_from(one.requests).unwrap_or_default(),
            read: u64::try_from(one.rows).unwrap_or_default(),
            pass: one.evidence.pass,
            left: match one.evidence.rows_left() {
                _ if !is_open => Some(0),
                None => promised_rows(job, one),
                left => left,
            },
            begun_at: one.first_read_at,
            ended_at: one.ended_at,
            pauses: u64::try_from(one.pauses).unwrap_or_default(),
            paced: paced.map(|(rows, until)| (u64::try_from(rows).unwrap_or_default(), until)),
            spoilt: one.spoilt,
            allowance: budgets.iter().find(|budget| draws_from(one, budget)).map(allowance),
        }
    };
    let parts: Vec<_> = meant.map(part).collect();
    seconds_left(&parts, now)
}

fn draws_from(one: &JobCreator, budget: &BudgetStanding) -> bool {
    let creator = (!one.shares_bucket).then_some(one.creator);
    Some(budget.connection) == one.connection && budget.creator == creator
}

fn allowance(budget: &BudgetStanding) -> Allowance {
    Allowance {
        limit: u32::try_from(budget.limit).unwrap_or_default(),
        remaining: u32::try_from(budget.remaining).unwrap_or_default(),
        window_ends_at: budget.resets_at,
    }
}

/// How the job stands, by how its creators do.
pub(super) fn state(states: &[PartState], has_read: bool) -> State {
    let count = |wanted: fn(&PartState) -> bool| states.iter().filter(|one| wanted(one)).count();
    let done = count(|one| *one == PartState::Done);
    let stuck = count(|one| matches!(one, PartState::Parked | PartState::Disconnected));
    let reading = count(|one| *one == PartState::Reading);
    let paused = count(|one| *one == PartState::Paused);
    match states.len() - done - stuck {
        0 if stuck == 0 => State::Done,
        0 if done == 0 => State::Failed,
        0 => State::Partly,
        open if reading == 0 && paused == open => State::Paused,
        _ if 0 < reading || has_read => State::Running,
        _ => State::Queued,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_stands_as_its_creators_do() {
        use PartState::{Disconnected, Done, Parked, Paused, Queued, Reading, Retrying};
        for (states, has_read, wanted) in [
            (&[Queued, Queued][..], false, State::Queued),
            (&[Done, Queued], true, State::Running),
            (&[Reading, Paused], true, State::Running),
            (&[Done, Paused], true, State::Paused),
            (&[Retrying, Paused], true, State::Running),
            (&[Done, Done], true, State::Done),
            (&[Done, Disconnected], true, State::Partly),
            (&[Parked, Disconnected], true, State::Failed),
            (&[Reading, Disconnected], true, State::Running),
        ] {
            assert_eq!(state(states, has_read), wanted, "{states:?}");
        }
    }
}
