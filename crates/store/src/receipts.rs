//! Receipts for the rows of an older system: confirmed by a read, or taken out of the ledger where reads
//! lack them.

use jiff::Timestamp;
use ledger::{Booked, Unproven, Update, Window};
use tokio_postgres::types::Type;

use crate::{Error, Lease, Tx, books::booked};

impl Tx {
    /// Rows of the window that only an older system told of so far, with what decides about them. Under the
    /// creator's lock.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_unproven(&self, lease: &Lease, window: Window) -> Result<Unproven, Error> {
        let of_window = |sql: &'static str, statement: &'static str| async move {
            let (start, end) = (window.start(), window.end());
            self.rows(
                statement,
                sql,
                &[
                    (&lease.agency.0, Type::UUID),
                    (&lease.creator.0, Type::UUID),
                    (&start, Type::TIMESTAMPTZ),
                    (&end, Type::TIMESTAMPTZ),
                ],
            )
            .await
        };
        let rows = of_window(
            "-- list_unproven
             select t.*, a.absent_since, true as is_adopted
               from upgrade_receipts r
               join fanvue_transactions t
                 on t.agency_id = r.agency_id and t.model_id = r.model_id and t.id = r.ledger_row
               left join absent_transactions a
                 on a.agency_id = t.agency_id and a.model_id = t.model_id
                and a.fanvue_transaction_id = t.fanvue_transaction_id
              where r.agency_id = $1 and r.model_id = $2 and r.state = 'adopted'
                and t.transaction_date >= $3 and t.transaction_date < $4",
            "list_unproven",
        )
        .await?;
        if rows.is_empty() {
            return Ok(Unproven::default());
        }
        let beside = of_window(
            "-- count_beside_unproven
             select (select count(*) from fanvue_transactions t
                      where t.agency_id = $1 and t.model_id = $2
                        and t.transaction_date >= $3 and t.transaction_date < $4
                        and t.transaction_type not in ('refund', 'chargeback')) as all_sales,
                    exists (select from earning_rejects r
                             where r.agency_id = $1 and r.model_id = $2) as has_rejects",
            "count_beside_unproven",
        )
        .await?;
        let beside = beside.first().ok_or(Error::Lost { statement: "count_beside_unproven" })?;
        let all = usize::try_from(beside.get::<_, i64>("all_sales")).unwrap_or(0);
        Ok(Unproven {
            others: all.saturating_sub(rows.len()),
            has_rejects: beside.get("has_rejects"),
            read: 0,
            rows: rows.iter().map(booked).collect::<Result<_, _>>()?,
        })
    }

    pub(crate) async fn confirm_adopted(
        &self,
        lease: &Lease,
        updates: &[Update],
        now: Timestamp,
    ) -> Result<u64, Error> {
        let shown = updates.iter().filter(|update| update.before.is_adopted);
        let keys: Vec<_> = shown.map(|update| update.after.key.to_string()).collect();
        self.change(
            "confirm_adopted",
            "-- confirm_adopted
             update upgrade_receipts r
                set state = 'confirmed', settled_at = $4, told_cents = t.amount_cents
               from fanvue_transactions t
              where t.agency_id = $1 and t.model_id = $2 and t.fanvue_transaction_id = any($3)
                and r.agency_id = $1 and r.model_id = $2 and r.ledger_row = t.id
                and r.state = 'adopted'",
            &[
                (&lease.agency.0, Type::UUID),
                (&lease.creator.0, Type::UUID),
                (&keys, Type::TEXT_ARRAY),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await
    }

    /// Before its rows leave the ledger: with a receipt each, and as absent since now where they were not.
    pub(crate) async fn retire_adopted(
        &self,
        lease: &Lease,
        voids: &[Booked],
        (now, read_at): (Timestamp, Timestamp),
    ) -> Result<(), Error> {
        let keys: Vec<_> =
            voids.iter().filter(|row| row.is_adopted).map(|row| row.key.clone()).collect();
        let texts: Vec<_> = keys.iter().map(ToString::to_string).collect();
        self.note_absence(lease, &keys, &[], read_at).await?;
        self.change(
            "retire_adopted",
            "-- retire_adopted
             update upgrade_receipts r
                set state = 'retired', settled_at = $4,
                    reason = 'its time was read to the end, and Fanvue does not have it'
               from fanvue_transactions t
              where t.agency_id = $1 and t.model_id = $2 and t.fanvue_transaction_id = any($3)
                and r.agency_id = $1 and r.model_id = $2 and r.ledger_row = t.id
                and r.state = 'adopted'",
            &[
                (&lease.agency.0, Type::UUID),
                (&lease.creator.0, Type::UUID),
                (&texts, Type::TEXT_ARRAY),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await
        .map(|_| ())
    }
}
