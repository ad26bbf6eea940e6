//! In which night an agency's sums were compared with its ledger last, and what was repaired since.

use jiff::{Timestamp, civil::Date};
use ledger::AgencyId;
use tokio_postgres::types::Type;

use crate::{Error, Store, Tx};

impl Store {
    /// The agencies whose sums were not compared in this night yet, nor since then; the one that was tried
    /// longest ago first.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_unchecked_agencies(
        &self,
        night: Date,
        since: Timestamp,
    ) -> Result<Vec<AgencyId>, Error> {
        let rows = self
            .rows(
                "list_unchecked_agencies",
                "-- list_unchecked_agencies
                 select a.id
                   from agencies a left join proof_sums p on p.agency_id = a.id
                  where p.checked_to is distinct from $1 or p.checked_at <= $2
                  order by p.tried_at nulls first, a.id",
                &[(&night, Type::DATE), (&since, Type::TIMESTAMPTZ)],
            )
            .await?;
        Ok(rows.iter().map(|row| AgencyId(row.get("id"))).collect())
    }

    /// Takes note that an agency's sums are about to be compared, whatever comes of it.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn note_check_tried(&self, agency: AgencyId, now: Timestamp) -> Result<(), Error> {
        self.change(
            "note_check_tried",
            "-- note_check_tried
             insert into proof_sums (agency_id, tried_at) values ($1, $2)
             on conflict (agency_id) do update set tried_at = excluded.tried_at",
            &[(&agency.0, Type::UUID), (&now, Type::TIMESTAMPTZ)],
        )
        .await
        .map(|_| ())
    }

    /// Receipts since an instant.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn count_repairs(&self, since: Timestamp) -> Result<i64, Error> {
        let sql = "-- count_repairs
             select count(*) as repair_count from repairs where repaired_at >= $1";
        let rows = self.rows("count_repairs", sql, &[(&since, Type::TIMESTAMPTZ)]).await?;
        Ok(rows.first().map_or(0, |row| row.get("repair_count")))
    }

    /// Lets everything be compared again, though it was in this night.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn forget_proofs(&self) -> Result<(), Error> {
        self.change(
            "forget_proofs",
            "-- forget_proofs
             with sums as (delete from proof_sums)
             update proofs set compared_to = null, claimed_until = null",
            &[],
        )
        .await
        .map(|_| ())
    }
}

impl Tx {
    /// Takes note that an agency's sums follow from its ledger.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn note_checked(
        &self,
        agency: AgencyId,
        night: Date,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.change(
            "note_checked",
            "-- note_checked
             insert into proof_sums (agency_id, checked_to, checked_at) values ($1, $2, $3)
             on conflict (agency_id) do update
                set checked_to = excluded.checked_to, checked_at = excluded.checked_at",
            &[(&agency.0, Type::UUID), (&night, Type::DATE), (&now, Type::TIMESTAMPTZ)],
        )
        .await
        .map(|_| ())
    }
}
