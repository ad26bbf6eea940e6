//! Sums kept beside the ledger, always by what a change adds to them.

use jiff::{Timestamp, civil::Date};
use ledger::{AgencyId, Cents, DayDelta, FanDelta};
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::{
    Error, Lease, Reader, Tx,
    fan_days::{ADD_FAN_DAYS, FORGET_FAN_DAYS, FanColumns},
    rebuilding::Anew,
    statements::Params,
};

const ADD_TO_ROLLUP: &str = "-- add_to_rollup
insert into revenue_daily as r
    (agency_id, model_id, day, source, gross_cents, net_cents, transaction_count)
select $1, $2, t.*
  from unnest($3::date[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[]) as t
on conflict (agency_id, model_id, day, source) do update
   set gross_cents = r.gross_cents + excluded.gross_cents,
       net_cents = r.net_cents + excluded.net_cents,
       transaction_count = r.transaction_count + excluded.transaction_count";

impl Tx {
    /// Adds to the rollup and to the days on which fans paid, and commits. The sums and counts that
    /// follow from them are shared by all of an agency's creators, who take turns at them until they
    /// commit: whatever else is waited for comes before. Given jobs that end with it, days and total are then
    /// made to follow from the rows, and sums from the days, whatever they said: by whoever has just read all of
    /// these rows.
    ///
    /// # Errors
    /// As [`Tx::commit`].
    pub async fn commit_with_rollup(
        self,
        lease: &Lease,
        (deltas, fans): (&[DayDelta], &[FanDelta<'_>]),
        (ended, now): (&[Uuid], Timestamp),
    ) -> Result<(), Error> {
        let days: Vec<_> = deltas.iter().map(|d| d.day).collect();
        let sources: Vec<_> = deltas.iter().map(|d| d.source.as_str()).collect();
        let gross: Vec<_> = deltas.iter().map(|d| d.gross.0).collect();
        let net: Vec<_> = deltas.iter().map(|d| d.net.0).collect();
        let counts: Vec<_> = deltas.iter().map(|d| d.count).collect();
        let rollup: Params<'_> = &[
            (&lease.agency.0, Type::UUID),
            (&lease.creator.0, Type::UUID),
            (&days, Type::DATE_ARRAY),
            (&sources, Type::TEXT_ARRAY),
            (&gross, Type::INT8_ARRAY),
            (&net, Type::INT8_ARRAY),
            (&counts, Type::INT8_ARRAY),
        ];
        let (fewer, more) = (FanColumns::fewer(fans), FanColumns::more(fans));
        let (forgotten, added) = (fewer.params(lease), more.params(lease));
        let creators = [lease.creator];
        let anew = || Anew::of_creators(lease.agency, &creators, Some(ended), now);
        let anew = (!ended.is_empty()).then(anew);
        let anew = anew.as_ref().map(|anew| (anew.statements().collect::<Vec<_>>(), anew.params()));
        let mut last: Vec<(&'static str, &str, Params<'_>)> = vec![];
        if !deltas.is_empty() {
            last.push(("add_to_rollup", ADD_TO_ROLLUP, rollup));
        }
        if !fewer.is_empty() {
            last.push(("forget_fan_days", FORGET_FAN_DAYS, &forgotten));
        }
        if !more.is_empty() {
            last.push(("add_fan_days", ADD_FAN_DAYS, &added));
        }
        if let Some((statements, params)) = &anew {
            last.extend(statements.iter().map(|(name, sql)| (*name, *sql, &params[..])));
        }
        if last.is_empty() {
            return self.commit().await;
        }
        self.commit_after(&last).await
    }

    pub(crate) async fn add_to_totals(
        &self,
        lease: &Lease,
        deltas: &[DayDelta],
        now: Timestamp,
    ) -> Result<u64, Error> {
        let gross: Cents = deltas.iter().map(|d| d.gross).sum();
        let net: Cents = deltas.iter().map(|d| d.net).sum();
        let count: i64 = deltas.iter().map(|d| d.count).sum();
        self.change(
            "add_to_totals",
            "-- add_to_totals
             update models
                set revenue_total_cents = revenue_total_cents + $3,
                    net_total_cents = net_total_cents + $4,
                    transactions_total = transactions_total + $5, updated_at = $6
              where agency_id = $1 and id = $2",
            &[
                (&lease.agency.0, Type::UUID),
                (&lease.creator.0, Type::UUID),
                (&gross.0, Type::INT8),
                (&net.0, Type::INT8),
                (&count, Type::INT8),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await
    }

    /// Tells the creator's row how far its ledger is complete. While that is unknown the row keeps
    /// what it says: setting it to NULL is how an operator asks for the history again.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn set_as_of(&self, lease: &Lease, as_of: Option<Timestamp>) -> Result<(), Error> {
        self.change(
            "set_as_of",
            "-- set_as_of
             update models set last_transaction_sync = $3
              where agency_id = $1 and id = $2 and $3 is not null
                and last_transaction_sync is distinct from $3",
            &[
                (&lease.agency.0, Type::UUID),
                (&lease.creator.0, Type::UUID),
                (&as_of, Type::TIMESTAMPTZ),
            ],
        )
        .await
        .map(|_| ())
    }
}

impl Reader {
    /// The first day with revenue of any of the agency's creators.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn first_revenue_day(&self, agency: AgencyId) -> Result<Option<Date>, Error> {
        let rows = self
            .rows(
                "first_revenue_day",
                "-- first_revenue_day
                 select least(
                    (select min(day) from revenue_daily where agency_id = $1),
                    (select (min(p.at) at time zone a.timezone)::date
                       from provisional_transactions p
                       join agencies a on a.id = p.agency_id
                      where p.agency_id = $1 and p.state = 'open'
                      group by a.timezone)) as first_day",
                &[(&agency.0, Type::UUID)],
            )
            .await?;
        Ok(rows.first().and_then(|row| row.get("first_day")))
    }
}
