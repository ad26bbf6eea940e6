//! Webhooks' sales that are like each other, and the rows that they may be.

use jiff::Timestamp;
use ledger::{AgencyId, Booked, CreatorId, Hint, Provisional};
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::{
    Error, Lease, Tx,
    books::booked,
    provisionals::{around, hint},
};

/// The most hints, and the most rows, that are looked at together.
const TOGETHER_MAX: i64 = 1000;

/// A webhook's sale as it is written down.
#[derive(Clone, Debug)]
pub struct StoredHint {
    /// What was told, and whether a row settled it.
    pub hint: Hint,
    /// Whether its time was over before a row came.
    pub is_unmatched: bool,
    /// Whether it is shown while its time lasts.
    pub is_open: bool,
}

/// Where a webhook's sale goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<'a> {
    /// Its event.
    pub event_key: &'a str,
    /// `open`, `settled` or `repeated`.
    pub state: &'static str,
    /// The row that settled it.
    pub row: Option<Uuid>,
}

impl Tx {
    pub(crate) async fn list_open_hints(
        &self,
        lease: &Lease,
        (first, last): (Timestamp, Timestamp),
        orders: &[&str],
    ) -> Result<Vec<Provisional>, Error> {
        let (first, _) = around(first, first);
        let (_, last) = around(last, last);
        let rows = self
            .rows(
                "list_open_hints",
                "-- list_open_hints
                 select * from provisional_transactions
                  where agency_id = $1 and model_id = $2 and state in ('open', 'unmatched')
                    and at between $3 and $4
                 union
                 select * from provisional_transactions
                  where agency_id = $1 and model_id = $2 and state in ('open', 'unmatched')
                    and order_id is not null and order_id = any($5)
                  order by at, event_key",
                &[
                    (&lease.agency.0, Type::UUID),
                    (&lease.creator.0, Type::UUID),
                    (&first, Type::TIMESTAMPTZ),
                    (&last, Type::TIMESTAMPTZ),
                    (&orders, Type::TEXT_ARRAY),
                ],
            )
            .await?;
        rows.iter().map(hint).collect()
    }

    /// Webhooks' sales like this one about its time, itself among them, however they stand.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_hints_like(
        &self,
        (agency, creator): (AgencyId, CreatorId),
        told: &Provisional,
    ) -> Result<Vec<StoredHint>, Error> {
        let (first, last) = around(told.at, told.at);
        let rows = self
            .rows(
                "list_hints_like",
                "-- list_hints_like
                 select * from provisional_transactions
                  where agency_id = $1 and model_id = $2 and at between $3 and $4
                    and gross_cents = $5 and fan_id is not distinct from $6
                  order by at, event_key limit $7",
                &[
                    (&agency.0, Type::UUID),
                    (&creator.0, Type::UUID),
                    (&first, Type::TIMESTAMPTZ),
                    (&last, Type::TIMESTAMPTZ),
                    (&told.gross.0, Type::INT8),
                    (&told.fan, Type::TEXT),
                    (&TOGETHER_MAX, Type::INT8),
                ],
            )
            .await?;
        let mut hints = vec![];
        for row in &rows {
            let state: &str = row.get("state");
            let hint = Hint { told: hint(row)?, is_settled: state == "settled" };
            let (is_unmatched, is_open) = (state == "unmatched", state == "open");
            hints.push(StoredHint { hint, is_unmatched, is_open });
        }
        hints.retain(|stored| stored.hint.told.is_like(told));
        Ok(hints)
    }

    /// Rows of the ledger that such a sale may be: of its gross about its time, or of one of these ids.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_rows_like(
        &self,
        (agency, creator): (AgencyId, CreatorId),
        told: &Provisional,
        orders: &[&str],
    ) -> Result<Vec<(Uuid, Booked)>, Error> {
        let (first, last) = around(told.at, told.at);
        let rows = self
            .rows(
                "list_rows_like",
                "-- list_rows_like
                 with near as (
                     (select * from fanvue_transactions
                       where agency_id = $1 and model_id = $2 and amount_cents = $3
                         and transaction_date between $4 and $5
                         and (fan_id is null or fan_id = $6)
                       order by transaction_date limit $8)
                     union
                     select * from fanvue_transactions
                      where agency_id = $1 and model_id = $2 and fanvue_transaction_id = any($7)
                 )
                 select n.*, null::timestamptz as absent_since, false as is_adopted
                   from near n order by n.transaction_date, n.fanvue_transaction_id",
                &[
                    (&agency.0, Type::UUID),
                    (&creator.0, Type::UUID),
                    (&told.gross.0, Type::INT8),
                    (&first, Type::TIMESTAMPTZ),
                    (&last, Type::TIMESTAMPTZ),
                    (&told.fan, Type::TEXT),
                    (&orders, Type::TEXT_ARRAY),
                    (&TOGETHER_MAX, Type::INT8),
                ],
            )
            .await?;
        rows.iter().map(|row| Ok((row.get("id"), booked(row)?))).collect()
    }

    /// Writes down how webhooks' sales stand.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn place_hints(
        &self,
        (agency, creator): (AgencyId, CreatorId),
        placed: &[Placed<'_>],
        now: Timestamp,
    ) -> Result<(), Error> {
        let events: Vec<_> = placed.iter().map(|placed| placed.event_key).collect();
        let states: Vec<_> = placed.iter().map(|placed| placed.state).collect();
        let rows: Vec<_> = placed.iter().map(|placed| placed.row).collect();
        self.change(
            "place_hints",
            "-- place_hints
             update provisional_transactions p
                set state = n.state, settled_row = n.settled_row,
                    settled_at = case when n.state = 'settled' then $6 end
               from unnest($3::text[], $4::text[], $5::uuid[])
                    as n (event_key, state, settled_row)
              where p.agency_id = $1 and p.model_id = $2 and p.event_key = n.event_key",
            &[
                (&agency.0, Type::UUID),
                (&creator.0, Type::UUID),
                (&events, Type::TEXT_ARRAY),
                (&states, Type::TEXT_ARRAY),
                (&rows, Type::UUID_ARRAY),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await
        .map(|_| ())
    }
}
