//! Whether all that is shown follows from the ledger: what `heartbeat rollups` checks and mends, with
//! receipts. It comes first and has a third of the time, so that no amount of comparing leaves it out.
//!
//! A day that says more than its rows add up to is not lowered for that: sums and rows are written together, so
//! the rows may be what is wrong. All of that creator's history is read again first, as a job; its last commit
//! makes her days and her total follow from what was read.

use jiff::{SignedDuration, Timestamp};
use ledger::{AgencyId, CreatorId};
use store::DueHistory;

use super::{Night, deep};
use crate::{Error, http::chain};

/// Whoever calls because a sum is wrong has it mended, unless it was right so lately.
const CHECK_EVERY_SECONDS: i64 = 3_600;

/// Checks and mends agency by agency; returns how many are left.
pub(super) async fn check(night: &mut Night<'_>) -> Result<usize, Error> {
    let deadline = night.after_thirds(1);
    let before = SignedDuration::from_secs(CHECK_EVERY_SECONDS);
    let since = night.started_at.checked_sub(before).unwrap_or(night.started_at);
    let agencies = night.ctx.store.list_unchecked_agencies(night.night, since).await?;
    let mut left = agencies.len();
    for agency in agencies {
        if night.is_over(deadline) {
            break;
        }
        match check_agency(night, agency, deadline).await {
            Ok(fallen) => {
                left -= 1;
                night.found.agencies_checked += 1;
                read_first(night, agency, &fallen).await;
                night.say("agencies' sums", night.found.agencies_checked);
            }
            Err(error) => {
                tracing::warn!(agency.id = %agency, error = chain(&error), "sums not checked");
                let what = "its sums could not be compared with its ledger in time";
                night.found.problem(agency, None, format!("{what}; a later call tries again"));
            }
        }
    }
    Ok(left)
}

/// What is right takes no lock. What differs is compared again while nobody books, and then mended. No
/// statement takes longer than what is left of the share, and whoever fails is tried last the next time.
/// Returns who has days that say more than their rows.
async fn check_agency(
    night: &Night<'_>,
    agency: AgencyId,
    deadline: Timestamp,
) -> Result<Vec<CreatorId>, store::Error> {
    let (store, clock) = (&night.ctx.store, &night.ctx.clock);
    let now = clock.now();
    let left = || deadline.duration_since(clock.now());
    store.note_check_tried(agency, now).await?;
    let tx = store.begin_snapshot_within("check_sums", &left).await?;
    let drifts = tx.list_drifts(Some(agency), Some(&left)).await?;
    tx.commit().await?;
    let tx = store.begin_within("prove_sums", &left).await?;
    let mut fallen = vec![];
    if !drifts.is_empty() {
        let (rebuilt, who) = tx.rebuild_rising(agency, now).await?;
        fallen = who;
        for (table, mended) in rebuilt.tables() {
            if mended.rows != 0 {
                let (rows, cents) = (mended.rows, mended.cents.0);
                tracing::warn!(agency.id = %agency, table, rows, cents, "drifted sums were mended");
            }
        }
    }
    tx.note_checked(agency, night.night, now).await?;
    tx.commit().await?;
    Ok(fallen)
}

/// Begins to read their histories. Who can't be read now keeps what is shown.
async fn read_first(night: &mut Night<'_>, agency: AgencyId, fallen: &[CreatorId]) {
    for creator in fallen {
        let begun = deep::begin(night, DueHistory { agency, creator: *creator }).await;
        tracing::warn!(%creator, "days say more than their rows: all is read before they are lowered");
        let what = match begun {
            Ok(true) => {
                night.found.histories_begun += 1;
                continue;
            }
            Ok(false) => "her history can't be begun now, or is being read",
            Err(error) => {
                tracing::warn!(%creator, error = chain(&error), "not begun");
                "her history could not be begun"
            }
        };
        let detail = format!(
            "more is shown of creator {creator} than her rows add up to; nothing is lowered before they were \
             read again, and {what}: a later call tries again"
        );
        night.found.problem(agency, None, detail);
    }
}
