//! The first invariant, asked of the database itself: total = Σ rollup = Σ ledger.

use ledger::{Cents, CreatorId};

use crate::{Error, Store};

/// A creator whose three sums differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// The creator.
    pub creator: CreatorId,
    /// Gross, net and count as `models` shows them.
    pub shown: (Cents, Cents, i64),
    /// Gross, net and count of the rollup.
    pub rollup: (Cents, Cents, i64),
    /// Gross, net and count of the ledger.
    pub ledger: (Cents, Cents, i64),
}

impl Store {
    /// Every creator whose shown total, rollup and ledger differ, by day and source too. Scans the
    /// ledger: for tests and the nightly proof, never for a request. Nothing found is the proof.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_drifts(&self) -> Result<Vec<Drift>, Error> {
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
                      group by 1, 2, 3, 4
                 ), cells as (
                     select coalesce(l.agency_id, r.agency_id) as agency_id,
                            coalesce(l.model_id, r.model_id) as model_id,
                            coalesce(l.gross, 0) as lg, coalesce(l.net, 0) as ln,
                            coalesce(l.n, 0) as lc, coalesce(r.gross_cents, 0) as rg,
                            coalesce(r.net_cents, 0) as rn, coalesce(r.transaction_count, 0) as rc
                       from l
                       full join revenue_daily r
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
                  where coalesce(s.differs, false)
                     or (m.revenue_total_cents, m.net_total_cents, m.transactions_total)
                        is distinct from (coalesce(lg, 0), coalesce(ln, 0), coalesce(lc, 0))",
                &[],
            )
            .await?;
        let sums = |row: &tokio_postgres::Row, names: [&str; 3]| {
            (Cents(row.get(names[0])), Cents(row.get(names[1])), row.get(names[2]))
        };
        Ok(rows
            .iter()
            .map(|row| Drift {
                creator: CreatorId(row.get("id")),
                shown: sums(row, ["revenue_total_cents", "net_total_cents", "transactions_total"]),
                rollup: sums(row, ["rg", "rn", "rc"]),
                ledger: sums(row, ["lg", "ln", "lc"]),
            })
            .collect())
    }
}
