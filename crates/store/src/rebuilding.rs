//! All that follows from an agency's ledger, made anew where it does not: days, totals, the coarser sums,
//! and the fans. What is right is not written. The sums and counts that triggers keep follow the days that
//! are mended; then they are compared with them as a whole, or at a job's end those sums that it was about.
//! Whatever is written has a receipt.

mod anew;
mod sql;

use jiff::Timestamp;
use ledger::{AgencyId, Cents, CreatorId};
use tokio_postgres::types::Type;
use uuid::Uuid;

pub(crate) use self::anew::Anew;
use self::{
    anew::Whose,
    sql::{FALLEN, FAN_COUNTS, FAN_DAYS, HOLD_SUMS, NOTE_FAN_DAYS, sums},
};
use crate::{Error, Tx, statements::Params};

/// What did not follow from the ledger, and does now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mended {
    /// How many rows of the table.
    pub rows: i64,
    /// By how much their gross was off, all of them together; nothing where they hold no money.
    pub cents: Cents,
}

/// What was mended, table by table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// Of `revenue_daily`.
    pub days: Mended,
    /// Totals of creators, in `models`.
    pub totals: Mended,
    /// Of `revenue_sums`, beyond those that followed the days.
    pub sums: Mended,
    /// Of `fan_days`.
    pub fan_days: Mended,
    /// Of `fan_counts`, beyond those that followed the fans' days.
    pub fan_counts: Mended,
}

impl Rebuilt {
    /// Each table with what was mended in it.
    #[must_use]
    pub fn tables(&self) -> [(&'static str, Mended); 5] {
        [
            ("revenue_daily", self.days),
            ("models", self.totals),
            ("revenue_sums", self.sums),
            ("fan_days", self.fan_days),
            ("fan_counts", self.fan_counts),
        ]
    }
}

/// Who books rows or counts days in another zone holds them too.
const HOLD_CREATORS: &str = "-- hold_creators
select 1 from models t where t.agency_id = $1 and $WHOSE order by t.id for no key update";

impl Tx {
    /// Makes all that follows from an agency's ledger follow from it, with receipts. Nobody books a row of the
    /// agency until the transaction ends.
    ///
    /// # Errors
    /// As for any statement; [`Error::Lost`] when there is no such agency.
    pub async fn rebuild(&self, agency: AgencyId, now: Timestamp) -> Result<Rebuilt, Error> {
        self.hold_creators(agency, &Whose::but(&[])).await?;
        self.rebuild_but(agency, &[], now).await
    }

    /// The same, but for the days and the totals of creators who have days that say more than their rows add up
    /// to. Sums and rows are written together, so somebody took rows from these, or put something into a sum:
    /// Fanvue knows which. Returns who they are.
    ///
    /// # Errors
    /// As [`Tx::rebuild`].
    pub async fn rebuild_rising(
        &self,
        agency: AgencyId,
        now: Timestamp,
    ) -> Result<(Rebuilt, Vec<CreatorId>), Error> {
        self.hold_creators(agency, &Whose::but(&[])).await?;
        let fallen = self.list_fallen(agency, &Whose::but(&[])).await?;
        let rebuilt = self.rebuild_but(agency, &fallen, now).await?;
        Ok((rebuilt, fallen))
    }

    /// Makes the days and the totals of creators follow from their rows, and their sums from the days, with
    /// receipts, where all of these rows were read again just now. The sums of all creators together follow with
    /// the last part of one of the jobs that ended with it.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn sum_anew(
        &self,
        agency: AgencyId,
        creators: &[CreatorId],
        jobs: &[Uuid],
        now: Timestamp,
    ) -> Result<(), Error> {
        self.hold_creators(agency, &Whose::only(creators)).await?;
        let anew = Anew::of_creators(agency, creators, Some(jobs), now);
        self.mend_money(&anew).await?;
        self.mend_sums(&anew).await
    }

    /// The same where they were read a moment ago, whatever job it was for; but for the days and the totals of
    /// those from whom somebody took rows since, as [`Tx::rebuild_rising`] says.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn sum_rising(
        &self,
        agency: AgencyId,
        creators: &[CreatorId],
        now: Timestamp,
    ) -> Result<(), Error> {
        let whose = Whose::only(creators);
        self.hold_creators(agency, &whose).await?;
        let fallen = self.list_fallen(agency, &whose).await?;
        let rising: Vec<_> =
            creators.iter().filter(|creator| !fallen.contains(creator)).copied().collect();
        self.mend_money(&Anew::of_creators(agency, &rising, None, now)).await?;
        self.mend_sums(&Anew::of_creators(agency, creators, None, now)).await
    }

    async fn rebuild_but(
        &self,
        agency: AgencyId,
        left_out: &[CreatorId],
        now: Timestamp,
    ) -> Result<Rebuilt, Error> {
        let anew = Anew::of(agency, Whose::but(left_out), "ledger", now);
        let (days, totals) = self.mend_money(&anew).await?;
        let one: Params<'_> = &[(&agency.0, Type::UUID)];
        let dated: Params<'_> = &[(&agency.0, Type::UUID), (&now, Type::TIMESTAMPTZ)];
        self.change("note_fan_days", NOTE_FAN_DAYS, dated).await?;
        let fan_days = self.mend("rebuild_fan_days", FAN_DAYS, one).await?;
        self.rows("hold_sums", HOLD_SUMS, one).await?;
        let sums = self.mend("rebuild_sums", &sums(), &anew.params()).await?;
        let fan_counts = self.mend("rebuild_fan_counts", FAN_COUNTS, dated).await?;
        Ok(Rebuilt { days, totals, sums, fan_days, fan_counts })
    }

    async fn list_fallen(&self, agency: AgencyId, whose: &Whose) -> Result<Vec<CreatorId>, Error> {
        let params: Params<'_> = &[(&agency.0, Type::UUID), (whose.ids(), Type::UUID_ARRAY)];
        let rows = self.rows("list_fallen", &whose.of(FALLEN, "t.model_id"), params).await?;
        Ok(rows.iter().map(|row| CreatorId(row.get("model_id"))).collect())
    }

    /// Holds them in the order in which everybody does: nobody books a row of theirs until the transaction ends.
    async fn hold_creators(&self, agency: AgencyId, whose: &Whose) -> Result<(), Error> {
        let params: Params<'_> = &[(&agency.0, Type::UUID), (whose.ids(), Type::UUID_ARRAY)];
        let sql = whose.of(HOLD_CREATORS, "t.id");
        self.rows("hold_creators", &sql, params).await.map(|_| ())
    }

    async fn mend_money(&self, anew: &Anew) -> Result<(Mended, Mended), Error> {
        let ([days, totals], params) = (anew.money(), anew.params());
        Ok((
            self.mend(days.0, days.1, &params).await?,
            self.mend(totals.0, totals.1, &params).await?,
        ))
    }

    async fn mend_sums(&self, anew: &Anew) -> Result<(), Error> {
        for (statement, sql) in anew.sums() {
            self.rows(statement, sql, &anew.params()).await?;
        }
        Ok(())
    }

    async fn mend(
        &self,
        statement: &'static str,
        sql: &str,
        params: Params<'_>,
    ) -> Result<Mended, Error> {
        let rows = self.rows(statement, sql, params).await?;
        let row = rows.first().ok_or(Error::Lost { statement })?;
        Ok(Mended { rows: row.get("rows"), cents: Cents(row.get("cents")) })
    }
}
