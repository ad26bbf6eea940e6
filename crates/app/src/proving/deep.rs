//! Whole histories, read again one creator of an agency after the other, so that each comes round in about
//! thirty days: what totals don't show, or no longer tell, is found by nothing else. Each is a job, whose
//! progress anybody may watch. Nothing is forgotten for it, so figures stay exact meanwhile.

use ledger::{Feed, HISTORY_START, Window};
use store::{DueHistory, NewJob};

use super::Night;
use crate::{Error, http::chain, tick};

/// Every creator's history is read again once in so many days.
const CYCLE_DAYS: i64 = 30;
/// Histories that one invocation begins in an agency, at most.
const ROUNDS_MAX: usize = 50;
/// What is written of a creator whom nobody can read.
const UNREADABLE: &str = "needs reconnecting";

/// Begins and reads histories until none is due or the time is over. A long one is gone on with by ticks.
pub(super) async fn read(night: &mut Night<'_>) -> Result<(), Error> {
    let deadline = night.after_thirds(3);
    for _ in 0..ROUNDS_MAX {
        if night.is_over(deadline) {
            return Ok(());
        }
        let now = night.ctx.clock.now();
        let mut begun = 0;
        for due in night.ctx.store.list_due_histories(now, CYCLE_DAYS).await? {
            match begin(night, due).await {
                Ok(true) => begun += 1,
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(creator.id = %due.creator, error = chain(&error), "not begun");
                    let what = "no history could be begun to be read again; a later call does";
                    night.found.problem(due.agency, None, what.to_owned());
                }
            }
        }
        night.found.histories_begun += begun;
        let reports = tick::read_proof(night.ctx, deadline, night.limits).await?;
        let is_idle = begun == 0 && reports.is_empty();
        for report in reports {
            night.found.read(report);
        }
        if is_idle {
            return Ok(());
        }
        night.say("histories read again", night.found.histories_begun);
    }
    Ok(())
}

/// `false` when somebody reads the creator, or asked for it, at this moment.
pub(super) async fn begin(night: &Night<'_>, due: DueHistory) -> Result<bool, Error> {
    let ctx = night.ctx;
    let now = ctx.clock.now();
    let tx = ctx.store.begin_bounded("begin_proof_job").await?;
    tx.lock_jobs(due.agency).await?;
    if tx.is_read(due.agency, due.creator).await? {
        tx.rollback().await?;
        return Ok(false);
    }
    let Some(mut held) = tx.hold_stream(due, now).await? else {
        tx.rollback().await?;
        return Ok(false);
    };
    let Ok(window) = Window::new(HISTORY_START, now) else { return Ok(false) };
    let creators = [due.creator];
    let job = NewJob {
        id: ctx.entropy.uuid(),
        agency: due.agency,
        creator: Some(due.creator),
        asked_by: None,
        creators: &creators,
        unreadable: UNREADABLE,
        is_proof: true,
        now,
    };
    tx.write_job(job).await?;
    held.stream.open_proof(Feed::Earnings, window);
    if held.has_reversals_apart {
        held.stream.open_proof(Feed::Reversals, window);
    }
    tx.open_windows(due, &held.stream, now).await?;
    tx.commit().await?;
    tracing::info!(job.id = %job.id, creator.id = %due.creator, "a history is read again");
    Ok(true)
}
