//! What is read, and what waits for somebody.

use jiff::SignedDuration;
use store::StreamFacts;

use crate::{
    doctor::{
        Facts,
        check::{Check, Group, Outcome, fault_if, fault_of, from, warning_if},
    },
    schedules,
};

/// The schedule that takes up every stream.
const HEARTBEAT: &str = "/api/cron/revenue-heartbeat";
/// A night passed without a proof that is older: it runs each night, and takes hours.
const PROOF: SignedDuration = SignedDuration::from_hours(50);
/// A webhook that waits longer is late: ticks take it up.
const WAITING: SignedDuration = SignedDuration::from_mins(15);

const fn check(
    name: &'static str,
    means: &'static str,
    remedy: &'static str,
    decide: fn(&Facts) -> Outcome,
) -> Check {
    Check { name, group: Group::Work, means, remedy, decide }
}

pub(super) const CHECKS: &[Check] = &[
    check(
        "tick-late",
        "no tick runs: sales since then are not counted; the next tick catches up",
        "see whether the platform calls the schedules, and whether the log tells of a refusal",
        tick,
    ),
    check(
        "audience-late",
        "subscribers, followers and the like grow old; money is not touched",
        "see whether the platform calls daily-refresh, and what its report says",
        audience_late,
    ),
    check(
        "missed-posts-late",
        "nobody is told of missed posts",
        "see whether the platform calls check-missed-posts, and what its report says",
        missed_posts,
    ),
    check(
        "late-shifts-late",
        "nobody is told of shifts to which nobody came",
        "see whether the platform calls check-late-shifts, and what its report says",
        late_shifts,
    ),
    check(
        "stream-parked",
        "the creator's figures are frozen: sales since then are not counted",
        "the reason is in /api/sync/status: docs/operations.md, Parked",
        parked,
    ),
    check(
        "stream-failing",
        "the creator's figures grow old: sales since then are not counted",
        "the reason is in /api/sync/status and in the report of a tick; if it is Fanvue's, it ends by itself",
        failing,
    ),
    check(
        "proof-late",
        "nobody notices where figures differ from Fanvue's totals or from the ledger",
        "heartbeat reconcile runs it now and says what fails; see whether the platform calls it each night",
        proof_late,
    ),
    check(
        "proof-differences",
        "on those days the dashboard shows other money than Fanvue's totals, also after a second reading",
        "compare the figures that /api/sync/status shows: docs/operations.md, The nightly proof",
        proof_differences,
    ),
    check(
        "audience-parked",
        "a count of the audience stands still; money is not touched",
        "the reason is in /api/sync/status: docs/operations.md, Audiences",
        audience_parked,
    ),
    check(
        "budget-paused",
        "Fanvue asked for a long wait: its account's sales are counted after it",
        "wait; if it comes again, see who else uses the same app at Fanvue",
        paused,
    ),
    check(
        "jobs-stuck",
        "a history that was asked for is not at its end after a day: its figures are not exact",
        "look at /api/sync/jobs and at the report of a tick",
        jobs_stuck,
    ),
    check(
        "jobs-failed",
        "a history that was asked for was not read to its end: its figures are not exact",
        "mend the reason that /api/sync/jobs names, then ask again with force-sync",
        jobs_failed,
    ),
    check(
        "webhooks-waiting",
        "webhooks are stored and not understood: sales appear with their rows instead of at once",
        "see whether ticks run, and the log for why they can't take them in",
        waiting,
    ),
    check(
        "webhooks-quarantined",
        "webhooks could not be understood: their sales count when their rows are read",
        "heartbeat webhooks list says why; heartbeat webhooks replay tries again",
        quarantined,
    ),
    check(
        "alerts-failed",
        "alerts were given up: somebody was not told of a late shift or a missed post",
        "mend the reason, then take them up again: docs/operations.md, Alerts",
        alerts,
    ),
];

fn tick(facts: &Facts) -> Outcome {
    from(&facts.database.streams, |streams| {
        missed(facts, streams).map_or(Outcome::Well, |age| {
            Outcome::Fault(format!("none took up a creator for {} minutes", age.as_mins()))
        })
    })
}

/// For how long no tick ran, if it is too long. Whom none may take up shows nothing of ticks.
fn missed(facts: &Facts, streams: &StreamFacts) -> Option<SignedDuration> {
    let since = streams.tried_at.max(streams.free_at)?;
    let age = facts.now.duration_since(since);
    (streams.count > 0 && age > two_periods(facts)?).then_some(age)
}

/// Twice the time between two ticks.
fn two_periods(facts: &Facts) -> Option<SignedDuration> {
    let list = schedules::list().ok()?;
    let cron = list.into_iter().find(|one| one.path == HEARTBEAT)?.cron;
    let first = cron.next_after(facts.now)?;
    Some(cron.next_after(first)?.duration_since(first) * 2)
}

fn audience_late(facts: &Facts) -> Outcome {
    from(&facts.database.audiences, |audiences| {
        let age = audiences.tried_at.map(|at| facts.now.duration_since(at));
        let is_idle = age.is_none_or(|age| age > SignedDuration::from_hours(2));
        if audiences.late > 0 && is_idle {
            let late = audiences.late;
            return Outcome::Fault(format!("{late} were due two hours ago, and none was taken up"));
        }
        // Ticks that are called may get nowhere.
        fault_if(!audiences.old.is_empty(), || {
            format!("{} of somebody were not read for half a day", audiences.old.join(", "))
        })
    })
}

fn missed_posts(facts: &Facts) -> Outcome {
    from(&facts.database.alerts, |alerts| {
        fault_if(alerts.unnoticed > 0, || {
            format!("{} posts should have been called missed two runs ago", alerts.unnoticed)
        })
    })
}

fn late_shifts(facts: &Facts) -> Outcome {
    from(&facts.database.alerts, |alerts| {
        fault_if(alerts.unnoticed_shifts > 0, || {
            format!("{} shifts should have been told of two runs ago", alerts.unnoticed_shifts)
        })
    })
}

fn parked(facts: &Facts) -> Outcome {
    from(&facts.database.streams, |streams| fault_of(&streams.parked))
}

fn failing(facts: &Facts) -> Outcome {
    from(&facts.database.streams, |streams| {
        // Without ticks everybody is stale, and another check says why.
        let is_tick_late = missed(facts, streams).is_some();
        let stale = streams.stale.iter().filter(|_| !is_tick_late);
        fault_of(&streams.failing.iter().chain(stale).collect::<Vec<_>>())
    })
}

fn proof_late(facts: &Facts) -> Outcome {
    from(&facts.database.proof, |proof| {
        let age = proof.ran_at.map(|at| facts.now.duration_since(at));
        match age {
            _ if !proof.is_due => Outcome::Well,
            None => Outcome::Fault("it never ran".to_owned()),
            Some(age) if age > PROOF => {
                Outcome::Fault(format!("it last ran {} hours ago", age.as_hours()))
            }
            Some(_) => {
                let (agencies, creators) = (proof.agencies_late, proof.creators_late);
                warning_if(agencies + creators > 0, || {
                    format!(
                        "for two nights it left out {agencies} agencies and {creators} creators"
                    )
                })
            }
        }
    })
}

fn proof_differences(facts: &Facts) -> Outcome {
    from(&facts.database.proof, |proof| {
        fault_if(proof.settled > 0, || format!("{} days", proof.settled))
    })
}

fn audience_parked(facts: &Facts) -> Outcome {
    from(&facts.database.audiences, |audiences| {
        warning_if(audiences.parked > 0, || format!("{} counts", audiences.parked))
    })
}

fn paused(facts: &Facts) -> Outcome {
    from(&facts.database.money, |money| {
        warning_if(money.budgets_paused > 0, || match money.paused_until {
            Some(until) => format!("{} budgets, until {until}", money.budgets_paused),
            None => format!("{} budgets", money.budgets_paused),
        })
    })
}

fn jobs_stuck(facts: &Facts) -> Outcome {
    from(&facts.database.jobs, |jobs| {
        fault_if(jobs.stuck > 0, || format!("{} jobs run for more than a day", jobs.stuck))
    })
}

fn jobs_failed(facts: &Facts) -> Outcome {
    from(&facts.database.jobs, |jobs| {
        warning_if(jobs.failed > 0, || format!("{} histories of the last week", jobs.failed))
    })
}

fn waiting(facts: &Facts) -> Outcome {
    from(&facts.database.events, |events| {
        let age = events.oldest_waiting.map(|at| facts.now.duration_since(at));
        fault_if(age.is_some_and(|age| age > WAITING), || {
            let minutes = age.unwrap_or_default().as_mins();
            format!("{} wait, the oldest for {minutes} minutes", events.waiting)
        })
    })
}

fn quarantined(facts: &Facts) -> Outcome {
    from(&facts.database.events, |events| {
        fault_if(events.quarantined > 0, || format!("{} wait for a person", events.quarantined))
    })
}

fn alerts(facts: &Facts) -> Outcome {
    from(&facts.database.alerts, |alerts| {
        fault_if(alerts.failed > 0, || format!("{} alerts", alerts.failed))
    })
}
