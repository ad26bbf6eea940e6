//! All that follows from an agency's ledger, made anew where it does not: days, totals, the coarser sums,
//! and the fans. What is right is not written. The sums and counts that triggers keep follow the days that
//! are mended; then they are compared with them as a whole.

use ledger::{AgencyId, Cents};
use tokio_postgres::types::Type;

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
select 1 from models where agency_id = $1 order by id for no key update";

const REBUILD_DAYS: &str = "-- rebuild_days
with both_of as (
    select t.model_id, (t.transaction_date at time zone a.timezone)::date as day,
           t.transaction_type as source, 0::bigint as kg, 0::bigint as kn, 0::bigint as kc,
           t.amount_cents as lg, t.net_cents as ln, 1::bigint as lc
      from fanvue_transactions t join agencies a on a.id = t.agency_id
     where t.agency_id = $1
     union all
    select model_id, day, source, gross_cents, net_cents, transaction_count, 0, 0, 0
      from revenue_daily where agency_id = $1
), differing as (
    select model_id, day, source, sum(lg)::bigint as gross, sum(ln)::bigint as net,
           sum(lc)::bigint as n, abs(sum(kg) - sum(lg)) as cents
      from both_of group by 1, 2, 3
    having (sum(kg), sum(kn), sum(kc)) <> (sum(lg), sum(ln), sum(lc))
), mended as (
    insert into revenue_daily
        (agency_id, model_id, day, source, gross_cents, net_cents, transaction_count)
    select $1, model_id, day, source, gross, net, n from differing
        on conflict (agency_id, model_id, day, source) do update
       set gross_cents = excluded.gross_cents, net_cents = excluded.net_cents,
           transaction_count = excluded.transaction_count
)
select count(*) as rows, coalesce(sum(cents), 0)::bigint as cents from differing";

const REBUILD_TOTALS: &str = "-- rebuild_totals
with wanted as (
    select m.id, m.revenue_total_cents as shown, coalesce(sum(d.gross_cents), 0)::bigint as gross,
           coalesce(sum(d.net_cents), 0)::bigint as net,
           coalesce(sum(d.transaction_count), 0)::bigint as n
      from models m
      left join revenue_daily d on d.agency_id = m.agency_id and d.model_id = m.id
     where m.agency_id = $1
     group by m.agency_id, m.id
), mended as (
    update models m
       set revenue_total_cents = w.gross, net_total_cents = w.net, transactions_total = w.n
      from wanted w
     where m.agency_id = $1 and m.id = w.id
       and (m.revenue_total_cents, m.net_total_cents, m.transactions_total)
           is distinct from (w.gross, w.net, w.n)
    returning abs(w.shown - w.gross) as cents
)
select count(*) as rows, coalesce(sum(cents), 0)::bigint as cents from mended";

const REBUILD_FAN_DAYS: &str = "-- rebuild_fan_days
select recount_fan_days(a.id, a.timezone) as rows, 0::bigint as cents
  from agencies a where a.id = $1";

/// Whoever changes an agency's sums and counts holds them all: see the migrations that made them.
const HOLD_SUMS: &str = "-- hold_sums
select pg_advisory_xact_lock(hashtextextended($1::uuid::text, 0))";

const REBUILD_SUMS: &str = "-- rebuild_sums
with days as (
    select d.*, date_trunc('month', d.day::timestamp)::date as month
      from revenue_daily d where d.agency_id = $1
), both_of as (
    select span, model_id, day, source, gross_cents as kg, net_cents as kn,
           transaction_count as kc, 0 as rg, 0 as rn, 0 as rc
      from revenue_sums where agency_id = $1
     union all
    select case when grouping(day) = 0 then 'day' else 'month' end, model_id,
           coalesce(day, month), source, 0, 0, 0, sum(gross_cents), sum(net_cents),
           sum(transaction_count)
      from days
     group by grouping sets (
           (day), (day, source), (day, model_id), (month, source), (month, model_id),
           (month, model_id, source))
), differing as (
    select span, model_id, day, source, sum(rg)::bigint as gross, sum(rn)::bigint as net,
           sum(rc)::bigint as n, abs(sum(kg) - sum(rg)) as cents
      from both_of group by 1, 2, 3, 4
    having (sum(kg), sum(kn), sum(kc)) <> (sum(rg), sum(rn), sum(rc))
), mended as (
    insert into revenue_sums
        (agency_id, span, model_id, day, source, gross_cents, net_cents, transaction_count)
    select $1, span, model_id, day, source, gross, net, n from differing
        on conflict (agency_id, span, model_id, day, source) do update
       set gross_cents = excluded.gross_cents, net_cents = excluded.net_cents,
           transaction_count = excluded.transaction_count
)
select count(*) as rows, coalesce(sum(cents), 0)::bigint as cents from differing";

const REBUILD_FAN_COUNTS: &str = "-- rebuild_fan_counts
with both_of as (
    select model_id, day, before_day, fan_count as kept, 0 as counted
      from fan_counts where agency_id = $1
     union all
    select model_id, day, before_day, 0, fan_count from counted_fans($1)
), differing as (
    select model_id, day, before_day, sum(counted)::bigint as fan_count
      from both_of group by 1, 2, 3
    having sum(kept) <> sum(counted)
), mended as (
    insert into fan_counts (agency_id, model_id, day, before_day, fan_count)
    select $1, model_id, day, before_day, fan_count from differing
        on conflict (agency_id, model_id, day, before_day) do update
       set fan_count = excluded.fan_count
)
select count(*) as rows, 0::bigint as cents from differing";

impl Tx {
    /// Makes all that follows from an agency's ledger follow from it. Nobody books a row of the agency
    /// until the transaction ends.
    ///
    /// # Errors
    /// As for any statement; [`Error::Lost`] when there is no such agency.
    pub async fn rebuild(&self, agency: AgencyId) -> Result<Rebuilt, Error> {
        self.hold_creators(agency).await?;
        let days = self.mend("rebuild_days", REBUILD_DAYS, agency).await?;
        let totals = self.mend("rebuild_totals", REBUILD_TOTALS, agency).await?;
        let fan_days = self.mend("rebuild_fan_days", REBUILD_FAN_DAYS, agency).await?;
        self.rows("hold_sums", HOLD_SUMS, &[(&agency.0, Type::UUID)]).await?;
        let sums = self.mend("rebuild_sums", REBUILD_SUMS, agency).await?;
        let fan_counts = self.mend("rebuild_fan_counts", REBUILD_FAN_COUNTS, agency).await?;
        Ok(Rebuilt { days, totals, sums, fan_days, fan_counts })
    }

    /// Holds all creators of an agency, in the order in which everybody does: nobody books a row of it until
    /// the transaction ends.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn hold_creators(&self, agency: AgencyId) -> Result<(), Error> {
        let params: Params<'_> = &[(&agency.0, Type::UUID)];
        self.rows("hold_creators", HOLD_CREATORS, params).await.map(|_| ())
    }

    async fn mend(
        &self,
        statement: &'static str,
        sql: &str,
        agency: AgencyId,
    ) -> Result<Mended, Error> {
        let rows = self.rows(statement, sql, &[(&agency.0, Type::UUID)]).await?;
        let row = rows.first().ok_or(Error::Lost { statement })?;
        Ok(Mended { rows: row.get("rows"), cents: Cents(row.get("cents")) })
    }
}
