//! What a commit repairs: receipts of rows, and sums made anew where all rows were read.

use jiff::{SignedDuration, Timestamp};
use ledger::{Changes, Window, repaired_days};
use store::{JobStep, Tx};
use uuid::Uuid;

use super::{CreatorReader, committing::Pending};
use crate::{Error, http::chain};

impl CreatorReader<'_> {
    /// What the proof changes has a receipt, in the commit that changes it; of whatever else is read, what
    /// becomes of rows that were booked. Rows that are new are no repair there, also where they come late, and
    /// those of an older system have receipts of their own.
    pub(super) async fn write_receipts(
        &self,
        tx: &Tx,
        (pending, changes): (&Pending, &Changes),
        (first, last): (Timestamp, Timestamp),
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut days = repaired_days(changes);
        if pending.proof.is_none() {
            let mut before =
                changes.updates.iter().map(|update| &update.before).chain(&changes.voids);
            let is_upgrade = before.any(|row| row.is_adopted);
            days.retain(|day| !(is_upgrade || day.amended.is_empty() && day.vanished.is_empty()));
        }
        let end = last.checked_add(SignedDuration::from_millis(1)).unwrap_or(last);
        let read = pending.proof.or(pending.complete).or(Window::new(first, end).ok());
        if let Some(window) = read.filter(|_| !days.is_empty()) {
            tx.write_row_repairs(&self.claim.lease, &days, window, now).await?;
        }
        Ok(())
    }

    /// Makes days and total follow from the rows, and sums from the days, where the last page of a history brought
    /// nothing, and so was written without a transaction. Where it fails, the nightly proof does it.
    pub(super) async fn sum_anew(&self, steps: &[JobStep], now: Timestamp) {
        let ended = ended(steps);
        if ended.is_empty() {
            return;
        }
        let lease = &self.claim.lease;
        let summed = async {
            let tx = self.ctx.store.begin("sum_anew").await?;
            tx.sum_anew(lease.agency, &[lease.creator], &ended, now).await?;
            tx.commit().await
        };
        if let Err(error) = summed.await {
            tracing::warn!(creator.id = %lease.creator, error = chain(&error), "not summed anew");
        }
    }
}

/// The jobs that it was the last step of.
pub(super) fn ended(steps: &[JobStep]) -> Vec<Uuid> {
    steps.iter().filter(|step| step.has_ended).map(|step| step.job).collect()
}
