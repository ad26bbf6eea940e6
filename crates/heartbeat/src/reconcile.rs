//! `heartbeat reconcile`: the nightly proof, now and to its end; `heartbeat repairs`: its receipts.

use std::{io::Write, time::Duration};

use app::{
    Ctx,
    proving::{Report, forget, prove},
    repairs::newest,
    tick::Limits,
};
use store::Repair;

use crate::{
    Failure,
    cli::{ReconcileArgs, RepairsArgs},
    jobs,
    progress::{Step, dollars},
    wall,
};

/// Rounds after which what is left is left to the schedule.
const ROUNDS_MAX: usize = 100;
/// The longest wait for Fanvue's request limit between two rounds, in seconds.
const WAIT_SECONDS_MAX: u64 = 120;

pub(crate) async fn run(args: ReconcileArgs) -> Result<(), Failure> {
    let ctx = jobs::ctx()?;
    let failed = "the proof did not come to its end; what it did stays";
    if args.again {
        forget(&ctx).await.map_err(Failure::while_doing(failed))?;
    }
    for _ in 0..ROUNDS_MAX {
        let report = round(&ctx).await.map_err(Failure::while_doing(failed))?;
        let wait = report.retry_after_seconds.and_then(|seconds| u64::try_from(seconds).ok());
        let done = report.agencies_checked + report.creators_compared;
        let is_stuck = done == 0 && report.creators.is_empty();
        match wait {
            Some(seconds) if !is_stuck => {
                let seconds = seconds.min(WAIT_SECONDS_MAX);
                wall::pause_until(wall::now() + Duration::from_secs(seconds)).await;
            }
            _ => return told(&report),
        }
    }
    Err(Failure::new("much is left: the schedule goes on with it"))
}

/// One round, with what it does as it does it.
async fn round(ctx: &Ctx) -> Result<Report, app::Error> {
    let step = Step::begin("reconcile");
    let report = prove(ctx, Limits::default(), &mut |reached| {
        eprintln!("  {:<10} {} {}", "", reached.done, reached.step);
    })
    .await?;
    step.done(format!(
        "{} creators compared, {} days differ, {} repaired",
        report.creators_compared, report.days_differing, report.repaired
    ));
    Ok(report)
}

fn told(report: &Report) -> Result<(), Failure> {
    for one in &report.skipped {
        say(&format!("{} was not compared: {}", one.name, one.reason))?;
    }
    for one in &report.problems {
        say(&format!("agency {}: {}", one.agency_id, one.detail))?;
    }
    if report.days_settled != 0 {
        let count = report.days_settled;
        return Err(Failure::new(format!("{count} days differ from Fanvue's totals: sync/status")));
    }
    if !report.problems.is_empty() {
        return Err(Failure::new("not everything could be proved"));
    }
    if report.unfinished != 0 {
        // Claims of one that died are nobody's after five minutes.
        let seconds = report.retry_after_seconds.unwrap_or_default();
        let text = format!(
            "not everything is proved yet: another proof is at it, or was; begin again in {seconds} s"
        );
        return Err(Failure::new(text));
    }
    if report.days_open != 0 {
        let count = report.days_open;
        let text = format!(
            "{count} days differ and are read again later: what Fanvue took back takes two reads an hour apart, \
             and whom nobody can read waits for a connection"
        );
        return Err(Failure::new(text));
    }
    say("every day that could be compared is what Fanvue's totals say")
}

pub(crate) async fn repairs(args: RepairsArgs) -> Result<(), Failure> {
    let ctx = jobs::ctx()?;
    let agency = jobs::agency(&ctx, args.agency).await?;
    let mut words = vec![("limit", args.limit.as_str())];
    words.extend(args.cursor.as_deref().map(|cursor| ("cursor", cursor)));
    let (found, next) = newest(&ctx, agency.id, args.model, &words)
        .await
        .map_err(|problem| Failure::new(problem.detail))?;
    for one in &found {
        say(&line(one))?;
    }
    if let Some(next) = next {
        return say(&format!("there are more: --cursor {next}"));
    }
    if found.is_empty() { say("nothing was repaired yet") } else { Ok(()) }
}

/// A receipt in words.
fn line(one: &Repair) -> String {
    let whose = one.name.as_deref().unwrap_or("all creators");
    let day = one.on.map_or_else(|| "in all".to_owned(), |day| day.to_string());
    format!(
        "{} {whose}, {} of {day}: {} -> {} ({} -> {} rows), {}",
        one.repaired_at,
        one.kind,
        dollars(one.before.0),
        dollars(one.after.0),
        one.before.1,
        one.after.1,
        one.cause
    )
}

fn say(line: &str) -> Result<(), Failure> {
    writeln!(std::io::stdout(), "{line}")
        .map_err(Failure::while_doing("can't write to standard output"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_receipt_is_a_line() {
        let one = Repair {
            id: Uuid::nil(),
            creator: None,
            name: Some("Ada".into()),
            kind: "rows".into(),
            on: Some("2026-11-01".parse().unwrap()),
            cause: "missing_row".into(),
            before: (1_000, 2),
            after: (123_456, 3),
            evidence: json!({}),
            repaired_at: "2026-11-21T02:00:00Z".parse().unwrap(),
        };
        assert_eq!(
            line(&one),
            "2026-11-21T02:00:00Z Ada, rows of 2026-11-01: $10.00 -> $1,234.56 (2 -> 3 rows), missing_row"
        );
    }
}
