//! The first invariant, asked of the database itself: total = Σ rollup = Σ ledger, each coarser sum is that
//! of its days, and fans are counted on the days of their purchases.

use jiff::civil::Date;
use ledger::{AgencyId, Cents, CreatorId};
use tokio_postgres::{Row, types::Type};

use crate::{Error, Store, Tx, tx::Patience};

/// Gross, net and count.
pub type Sums = (Cents, Cents, i64);

/// Sums that differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Drift {
    /// A creator's three.
    Creator {
        /// The creator.
        creator: CreatorId,
        /// As `models` shows them.
        shown: Sums,
        /// Those of the rollup.
        rollup: Sums,
        /// Those of the ledger.
        ledger: Sums,
    },
    /// A coarser sum and its days.
    Coarse {
        /// The agency.
        agency: AgencyId,
        /// Of all creators, where none is named.
        creator: Option<CreatorId>,
        /// Of all sources, where none is named.
        source: Option<String>,
        /// `day` or `month`.
        span: String,
        /// Its first day.
        day: Date,
        /// As it is kept.
        kept: Sums,
        /// Those of the rollup.
        rollup: Sums,
    },
    /// The days on which a creator's fans paid.
    FanDays {
        /// The creator.
        creator: CreatorId,
        /// How many the ledger has and the table lacks.
        missing: i64,
        /// How many the ledger lacks.
        extra: i64,
    },
    /// How many fans are counted.
    FanCount {
        /// The agency.
        agency: AgencyId,
        /// Of all creators, where none is named.
        creator: Option<CreatorId>,
        /// On that day.
        day: Date,
        /// Who had paid before on that day; on none, where none is named.
        before: Option<Date>,
        /// As it is kept.
        kept: i64,
        /// By the days on which they paid.
        counted: i64,
    },
}

fn sums(row: &Row, names: [&str; 3]) -> Sums {
    (Cents(row.get(names[0])), Cents(row.get(names[1])), row.get(names[2]))
}

impl Store {
    /// Every creator whose shown total, rollup and ledger differ, by day and source too, every coarser
    /// sum that is not the rollup's, and every fan who is not counted where they paid. Scans the ledger:
    /// for tests, the nightly proof and an operator, never for a request. Nothing found is the proof.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_drifts(&self) -> Result<Vec<Drift>, Error> {
        let tx = self.begin_snapshot("list_drifts").await?;
        let drifts = tx.list_drifts(None, None).await?;
        tx.commit().await?;
        Ok(drifts)
    }
}

impl Tx {
    /// The same, of one agency where one is given, and in what is left of the time where that is.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_drifts(
        &self,
        agency: Option<AgencyId>,
        left: Option<Patience<'_>>,
    ) -> Result<Vec<Drift>, Error> {
        let limit = async || match left {
            Some(left) => self.limit(left).await,
            None => Ok(()),
        };
        let mut drifts = self.list_creator_drifts(agency).await?;
        limit().await?;
        drifts.extend(self.list_coarse_drifts(agency).await?);
        limit().await?;
        drifts.extend(self.list_fan_day_drifts(agency).await?);
        limit().await?;
        drifts.extend(self.list_fan_count_drifts(agency).await?);
        Ok(drifts)
    }

    async fn list_creator_drifts(&self, agency: Option<AgencyId>) -> Result<Vec<Drift>, Error> {
        let rows = self
            .rows(
                "list_drifts",
                "-- list_drifts
                 with l as (
                     select t.agency_id, t.model_id, t.transaction_type as source,
                            (t.transaction_date at time zone a.timezone)::date as day,
                            sum(amount_cents)::bigint as gross, sum(net_cents)::bigint as net,
                            count(*) as n
                       from fanvue_transactions t join agencies a on a.id = t.agency_id
                      where $1::uuid is null or t.agency_id = $1
                      group by 1, 2, 3, 4
                 ), r as (
                     select * from revenue_daily where $1::uuid is null or agency_id = $1
                 ), cells as (
                     select coalesce(l.agency_id, r.agency_id) as agency_id,
                            coalesce(l.model_id, r.model_id) as model_id,
                            coalesce(l.gross, 0) as lg, coalesce(l.net, 0) as ln,
                            coalesce(l.n, 0) as lc, coalesce(r.gross_cents, 0) as rg,
                            coalesce(r.net_cents, 0) as rn, coalesce(r.transaction_count, 0) as rc
                       from l
                       full join r
                         on r.agency_id = l.agency_id and r.model_id = l.model_id
                        and r.day = l.day and r.source = l.source
                 ), sums as (
                     select agency_id, model_id, sum(lg)::bigint as lg, sum(ln)::bigint as ln,
                            sum(lc)::bigint as lc, sum(rg)::bigint as rg, sum(rn)::bigint as rn,
                            sum(rc)::bigint as rc,
                            bool_or((lg, ln, lc) is distinct from (rg, rn, rc)) as differs
                       from cells group by 1, 2
                 )
                 select m.id, m.revenue_total_cents, m.net_total_cents, m.transactions_total,
                        coalesce(lg, 0) as lg, coalesce(ln, 0) as ln, coalesce(lc, 0) as lc,
                        coalesce(rg, 0) as rg, coalesce(rn, 0) as rn, coalesce(rc, 0) as rc
                   from models m
                   left join sums s on s.agency_id = m.agency_id and s.model_id = m.id
                  where ($1::uuid is null or m.agency_id = $1)
                    and (coalesce(s.differs, false)
                         or (m.revenue_total_cents, m.net_total_cents, m.transactions_total)
                            is distinct from (coalesce(lg, 0), coalesce(ln, 0), coalesce(lc, 0)))",
                &[(&agency.map(|agency| agency.0), Type::UUID)],
            )
            .await?;
        let drift = |row: &Row| Drift::Creator {
            creator: CreatorId(row.get("id")),
            shown: sums(row, ["revenue_total_cents", "net_total_cents", "transactions_total"]),
            rollup: sums(row, ["rg", "rn", "rc"]),
            ledger: sums(row, ["lg", "ln", "lc"]),
        };
        Ok(rows.iter().map(drift).collect())
    }

    async fn list_coarse_drifts(&self, agency: Option<AgencyId>) -> Result<Vec<Drift>, Error> {
        let rows = self
            .rows(
                "list_coarse_drifts",
                "-- list_coarse_drifts
                 with days as (
                     select d.*, date_trunc('month', d.day::timestamp)::date as month
                       from revenue_daily d
                      where $1::uuid is null or d.agency_id = $1
                 ), both_of as (
                     select agency_id, span, model_id, day, source, gross_cents as kg,
                            net_cents as kn, transaction_count as kc, 0 as rg, 0 as rn, 0 as rc
                       from revenue_sums
                      where $1::uuid is null or agency_id = $1
                      union all
                     select agency_id, case when grouping(day) = 0 then 'day' else 'month' end,
                            model_id, coalesce(day, month), source, 0, 0, 0, sum(gross_cents),
                            sum(net_cents), sum(transaction_count)
                       from days
                      group by grouping sets (
                            (agency_id, day), (agency_id, day, source), (agency_id, day, model_id),
                            (agency_id, month, source), (agency_id, month, model_id),
                            (agency_id, month, model_id, source))
                 )
                 select agency_id, span, model_id, day, source, sum(kg)::bigint as kg,
                        sum(kn)::bigint as kn, sum(kc)::bigint as kc, sum(rg)::bigint as rg,
                        sum(rn)::bigint as rn, sum(rc)::bigint as rc
                   from both_of group by 1, 2, 3, 4, 5
                 having (sum(kg), sum(kn), sum(kc)) <> (sum(rg), sum(rn), sum(rc))",
                &[(&agency.map(|agency| agency.0), Type::UUID)],
            )
            .await?;
        let drift = |row: &Row| Drift::Coarse {
            agency: AgencyId(row.get("agency_id")),
            creator: row.get::<_, Option<_>>("model_id").map(CreatorId),
            source: row.get("source"),
            span: row.get("span"),
            day: row.get("day"),
            kept: sums(row, ["kg", "kn", "kc"]),
            rollup: sums(row, ["rg", "rn", "rc"]),
        };
        Ok(rows.iter().map(drift).collect())
    }

    async fn list_fan_day_drifts(&self, agency: Option<AgencyId>) -> Result<Vec<Drift>, Error> {
        let rows = self
            .rows(
                "list_fan_day_drifts",
                "-- list_fan_day_drifts
                 with paid as (
                     select a.id as agency_id, p.model_id, p.fan_id, p.day
                       from agencies a cross join lateral purchase_days(a.id, a.timezone) as p
                      where $1::uuid is null or a.id = $1
                 ), f as (
                     select * from fan_days where $1::uuid is null or agency_id = $1
                 )
                 select coalesce(p.model_id, f.model_id) as model_id,
                        count(*) filter (where f.fan_id is null) as missing,
                        count(*) filter (where p.fan_id is null) as extra
                   from paid p
                   full join f
                     on f.agency_id = p.agency_id and f.model_id = p.model_id
                    and f.fan_id = p.fan_id and f.day = p.day
                  where f.fan_id is null or p.fan_id is null
                  group by 1",
                &[(&agency.map(|agency| agency.0), Type::UUID)],
            )
            .await?;
        let drift = |row: &Row| Drift::FanDays {
            creator: CreatorId(row.get("model_id")),
            missing: row.get("missing"),
            extra: row.get("extra"),
        };
        Ok(rows.iter().map(drift).collect())
    }

    async fn list_fan_count_drifts(&self, agency: Option<AgencyId>) -> Result<Vec<Drift>, Error> {
        let rows = self
            .rows(
                "list_fan_count_drifts",
                "-- list_fan_count_drifts
                 with both_of as (
                     select agency_id, model_id, day, before_day, fan_count as kept, 0 as counted
                       from fan_counts
                      where $1::uuid is null or agency_id = $1
                      union all
                     select a.id, c.model_id, c.day, c.before_day, 0, c.fan_count
                       from agencies a cross join lateral counted_fans(a.id) as c
                      where $1::uuid is null or a.id = $1
                 )
                 select agency_id, model_id, day,
                        case when isfinite(before_day) then before_day end as paid_before,
                        sum(kept)::bigint as kept, sum(counted)::bigint as counted
                   from both_of group by agency_id, model_id, day, before_day
                 having sum(kept) <> sum(counted)",
                &[(&agency.map(|agency| agency.0), Type::UUID)],
            )
            .await?;
        let drift = |row: &Row| Drift::FanCount {
            agency: AgencyId(row.get("agency_id")),
            creator: row.get::<_, Option<_>>("model_id").map(CreatorId),
            day: row.get("day"),
            before: row.get("paid_before"),
            kept: row.get("kept"),
            counted: row.get("counted"),
        };
        Ok(rows.iter().map(drift).collect())
    }
}
