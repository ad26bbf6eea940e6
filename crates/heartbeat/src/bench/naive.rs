//! The rival: a loop that writes one row after the other, each with a statement and a commit of its own.
//! Into a table like the ledger's without triggers, so without the sums that ours keeps.

use std::time::Duration;

use store::admin::Session;

use super::report::figure;
use crate::{Failure, wall};

const TABLE: &str = "create table naive_transactions (like fanvue_transactions including all)";

/// What the loop took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Naive {
    rows: u64,
    new: Duration,
    again: Duration,
}

/// Writes so many rows, and then the same again, as whoever reads a page twice.
pub(super) async fn measure(url: &str, rows: u64) -> Result<Naive, Failure> {
    let failed = "the rows can't be written one by one";
    let session = Session::open(url).await.map_err(Failure::while_doing(failed))?;
    session.run(TABLE).await.map_err(Failure::while_doing(failed))?;
    let mut passes = [Duration::ZERO; 2];
    for pass in &mut passes {
        let began = wall::instant();
        for number in 0..rows {
            session.run(&upsert(number)).await.map_err(Failure::while_doing(failed))?;
        }
        *pass = began.elapsed();
    }
    session.run("drop table naive_transactions").await.map_err(Failure::while_doing(failed))?;
    let [new, again] = passes;
    Ok(Naive { rows, new, again })
}

fn upsert(number: u64) -> String {
    format!(
        "insert into naive_transactions
             (agency_id, model_id, fanvue_transaction_id, transaction_date, transaction_type,
              amount_cents, net_cents, currency, status, fan_id, created_at, synced_at)
         values ('00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002',
                 'order-{number}', timestamptz '2026-01-01' + {number} * interval '1 minute',
                 'message', 1000, 800, 'USD', 'pendingBalance', 'fan-{number}', now(), now())
             on conflict (agency_id, model_id, fanvue_transaction_id) do update
                set transaction_date = excluded.transaction_date,
                    amount_cents = excluded.amount_cents, net_cents = excluded.net_cents,
                    status = excluded.status, synced_at = excluded.synced_at"
    )
}

impl Naive {
    /// New rows a second.
    pub(super) fn rows_per_second(&self) -> f64 {
        figure(self.rows) / self.new.as_secs_f64()
    }

    /// Milliseconds that so many rows took, new ones and known ones.
    pub(super) fn ms_of(&self, rows: u64) -> [f64; 2] {
        let share = figure(rows) / figure(self.rows.max(1));
        [self.new, self.again].map(|pass| pass.as_secs_f64() * 1000.0 * share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pages_share_is_as_many_rows_of_the_loop() {
        let (new, again) = (Duration::from_secs(2), Duration::from_secs(1));
        let naive = Naive { rows: 1_000, new, again };
        let [new, again] = naive.ms_of(50);
        assert!((new - 100.0).abs() < 1e-9 && (again - 50.0).abs() < 1e-9);
        assert!((naive.rows_per_second() - 500.0).abs() < 1e-9);
    }
}
