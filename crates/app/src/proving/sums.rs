//! Whether all that is shown follows from the ledger: what `heartbeat rollups` checks and mends, with
//! receipts. It comes first and has a third of the time, so that no amount of comparing leaves it out.

use jiff::{SignedDuration, Timestamp};
use ledger::AgencyId;
use serde_json::json;
use store::{Drift, SumRepair};

use super::Night;
use crate::{Error, http::chain};

/// Whoever calls because a sum is wrong has it mended, unless it was right so lately.
const CHECK_EVERY_SECONDS: i64 = 3_600;
/// The most receipts of one agency in one night; the others are counted in the log.
const RECEIPTS_MAX: usize = 500;

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
            Ok(()) => {
                left -= 1;
                night.found.agencies_checked += 1;
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

/// What is right takes no lock. What differs is looked at again while nobody books, and then mended. No
/// statement takes longer than what is left of the share, and whoever fails is tried last the next time.
async fn check_agency(
    night: &Night<'_>,
    agency: AgencyId,
    deadline: Timestamp,
) -> Result<(), store::Error> {
    let (store, clock) = (&night.ctx.store, &night.ctx.clock);
    let now = clock.now();
    let left = || deadline.duration_since(clock.now());
    store.note_check_tried(agency, now).await?;
    let tx = store.begin_snapshot_within("check_sums", &left).await?;
    let drifts = tx.list_drifts(Some(agency), Some(&left)).await?;
    tx.commit().await?;
    let tx = store.begin_within("prove_sums", &left).await?;
    if !drifts.is_empty() {
        tx.hold_creators(agency).await?;
        let drifts = tx.list_drifts(Some(agency), Some(&left)).await?;
        if !drifts.is_empty() {
            tx.limit(&left).await?;
            tx.rebuild(agency).await?;
            let receipts: Vec<_> = drifts.iter().take(RECEIPTS_MAX).map(receipt).collect();
            tx.write_sum_repairs(agency, &receipts, now).await?;
            tracing::warn!(agency.id = %agency, sums = drifts.len(), "drifted sums were mended");
        }
    }
    tx.note_checked(agency, night.night, now).await?;
    tx.commit().await
}

/// What was wrong with a sum, and what it is now.
fn receipt(drift: &Drift) -> SumRepair {
    match drift {
        Drift::Creator { creator, shown, rollup, ledger } => {
            let is_total = shown != ledger;
            let (before, table) =
                if is_total { (shown, "models") } else { (rollup, "revenue_daily") };
            SumRepair {
                creator: Some(*creator),
                on: None,
                cause: if is_total { "drifted_total" } else { "drifted_rollup" },
                before: (before.0.0, before.2),
                after: (ledger.0.0, ledger.2),
                evidence: json!({
                    "asked": "ledger", "table": table, "rollupCents": rollup.0,
                    "netBeforeCents": before.1, "netAfterCents": ledger.1,
                }),
            }
        }
        Drift::Coarse { creator, source, span, day, kept, rollup, .. } => SumRepair {
            creator: *creator,
            on: Some(*day),
            cause: "drifted_sum",
            before: (kept.0.0, kept.2),
            after: (rollup.0.0, rollup.2),
            evidence: json!({
                "asked": "revenue_daily", "table": "revenue_sums", "span": span, "source": source,
            }),
        },
        Drift::FanDays { creator, missing, extra } => SumRepair {
            creator: Some(*creator),
            on: None,
            cause: "drifted_fans",
            before: (0, *extra),
            after: (0, *missing),
            evidence: json!({
                "asked": "ledger", "table": "fan_days", "missing": missing, "extra": extra,
            }),
        },
        Drift::FanCount { creator, day, before, kept, counted, .. } => SumRepair {
            creator: *creator,
            on: Some(*day),
            cause: "drifted_fans",
            before: (0, *kept),
            after: (0, *counted),
            evidence: json!({
                "asked": "fan_days", "table": "fan_counts",
                "paidBefore": before.map(|day| day.to_string()),
            }),
        },
    }
}
