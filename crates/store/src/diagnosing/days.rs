//! Sums by day, of both kinds of days, and sales that only webhooks told of.

use jiff::civil::Date;
use ledger::{
    Category, Cents, CreatorId, OrderId, Source,
    diagnosis::{DriftedDay, Sum, Told},
};
use tokio_postgres::{Row, types::Type};

use super::{BooksAsked, sum};
use crate::{Error, Tx};

/// The most days, or sales that only webhooks told of, that are looked at one by one.
const LIMIT: i64 = 100_000;

/// The rows of one creator and UTC day, added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreatorDay {
    /// The creator.
    pub creator: CreatorId,
    /// The day.
    pub on: Date,
    /// Sales and whatever is neither of the others.
    pub sales: Sum,
    /// Referrals, commissions and giveaways.
    pub rewards: Sum,
    /// Refunds and chargebacks.
    pub reversals: Sum,
}

/// The stored names of sources of a category.
fn names(category: Category) -> Vec<&'static str> {
    let of = Source::ALL.into_iter().filter(|source| source.category() == category);
    of.map(Source::as_str).collect()
}

impl Tx {
    /// The ledger by UTC day, which is how the platform counts them.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_utc_days(&self, asked: &BooksAsked<'_>) -> Result<Vec<CreatorDay>, Error> {
        let rows = self
            .rows(
                "list_utc_days",
                "-- list_utc_days
                 select model_id, day,
                        coalesce(sum(cents) filter (where kind = 's'), 0)::bigint as sales_cents,
                        coalesce(sum(number) filter (where kind = 's'), 0)::bigint as sales_rows,
                        coalesce(sum(cents) filter (where kind = 'w'), 0)::bigint as reward_cents,
                        coalesce(sum(number) filter (where kind = 'w'), 0)::bigint as reward_rows,
                        coalesce(sum(cents) filter (where kind = 'r'), 0)::bigint as reversal_cents,
                        coalesce(sum(number) filter (where kind = 'r'), 0)::bigint as reversal_rows
                   from (
                       select t.model_id, (t.transaction_date at time zone 'UTC')::date as day,
                              case when t.transaction_type = any($5) then 'w'
                                   when t.transaction_type = any($6) then 'r' else 's' end as kind,
                              sum(t.amount_cents) as cents, count(*) as number
                         from fanvue_transactions t
                        where t.agency_id = $1 and t.model_id = any($2)
                          and t.transaction_date >= $3 and t.transaction_date < $4
                        group by 1, 2, 3) as kinds
                  group by 1, 2 order by 1, 2",
                &[
                    (&asked.agency.0, Type::UUID),
                    (&asked.ids(), Type::UUID_ARRAY),
                    (&asked.utc.0, Type::TIMESTAMPTZ),
                    (&asked.utc.1, Type::TIMESTAMPTZ),
                    (&names(Category::Referrals), Type::TEXT_ARRAY),
                    (&names(Category::Refunds), Type::TEXT_ARRAY),
                ],
            )
            .await?;
        let day = |row: &Row| CreatorDay {
            creator: CreatorId(row.get("model_id")),
            on: row.get("day"),
            sales: sum(row, "sales_cents", "sales_rows"),
            rewards: sum(row, "reward_cents", "reward_rows"),
            reversals: sum(row, "reversal_cents", "reversal_rows"),
        };
        Ok(rows.iter().map(day).collect())
    }

    /// Days of the agency whose sum is not that of their rows.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_drifted_days(
        &self,
        asked: &BooksAsked<'_>,
    ) -> Result<Vec<(CreatorId, DriftedDay)>, Error> {
        let rows = self
            .rows(
                "list_drifted_days",
                "-- list_drifted_days
                 with l as (
                     select t.model_id, (t.transaction_date at time zone a.timezone)::date as day,
                            sum(t.amount_cents)::bigint as cents, count(*) as number
                       from fanvue_transactions t join agencies a on a.id = t.agency_id
                      where t.agency_id = $1 and t.model_id = any($2)
                        and t.transaction_date >= $5 and t.transaction_date < $6
                      group by 1, 2
                 ), r as (
                     select d.model_id, d.day, sum(d.gross_cents)::bigint as cents,
                            sum(d.transaction_count)::bigint as number
                       from revenue_daily d
                      where d.agency_id = $1 and d.model_id = any($2) and d.day between $3 and $4
                      group by 1, 2
                 ), both_sums as (
                     select coalesce(l.model_id, r.model_id) as model_id,
                            coalesce(l.day, r.day) as day,
                            coalesce(r.cents, 0) as rollup_cents,
                            coalesce(r.number, 0) as rollup_rows,
                            coalesce(l.cents, 0) as ledger_cents,
                            coalesce(l.number, 0) as ledger_rows
                       from l full join r on r.model_id = l.model_id and r.day = l.day
                 )
                 select * from both_sums
                  where rollup_cents <> ledger_cents or rollup_rows <> ledger_rows
                  order by model_id, day limit $7",
                &[
                    (&asked.agency.0, Type::UUID),
                    (&asked.ids(), Type::UUID_ARRAY),
                    (&asked.days.0, Type::DATE),
                    (&asked.days.1, Type::DATE),
                    (&asked.instants.0, Type::TIMESTAMPTZ),
                    (&asked.instants.1, Type::TIMESTAMPTZ),
                    (&LIMIT, Type::INT8),
                ],
            )
            .await?;
        let drifted = |row: &Row| {
            let day = DriftedDay {
                on: row.get("day"),
                rollup: sum(row, "rollup_cents", "rollup_rows"),
                ledger: sum(row, "ledger_cents", "ledger_rows"),
            };
            (CreatorId(row.get("model_id")), day)
        };
        Ok(rows.iter().map(drifted).collect())
    }

    /// Sales that only webhooks told of: those that are shown at this moment, and those that no row came
    /// for in time.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_told(&self, asked: &BooksAsked<'_>) -> Result<Vec<(CreatorId, Told)>, Error> {
        let rows = self
            .rows(
                "list_told",
                "-- list_told
                 select p.model_id, p.at, p.gross_cents, p.order_id, p.expires_at,
                        p.state = 'open' and p.expires_at > $5 as is_open
                   from provisional_transactions p
                  where p.agency_id = $1 and p.model_id = any($2)
                    and p.state in ('open', 'unmatched') and p.at >= $3 and p.at < $4
                  order by p.model_id, p.at, p.event_key limit $6",
                &[
                    (&asked.agency.0, Type::UUID),
                    (&asked.ids(), Type::UUID_ARRAY),
                    (&asked.instants.0, Type::TIMESTAMPTZ),
                    (&asked.instants.1, Type::TIMESTAMPTZ),
                    (&asked.now, Type::TIMESTAMPTZ),
                    (&LIMIT, Type::INT8),
                ],
            )
            .await?;
        let told = |row: &Row| {
            let order: Option<String> = row.get("order_id");
            let told = Told {
                at: row.get("at"),
                gross: Cents(row.get("gross_cents")),
                order: order.as_deref().and_then(OrderId::new),
                is_open: row.get("is_open"),
                expires_at: row.get("expires_at"),
            };
            (CreatorId(row.get("model_id")), told)
        };
        Ok(rows.iter().map(told).collect())
    }
}
