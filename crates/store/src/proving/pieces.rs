//! Where the pieces begin of a history that is read again.

use ledger::{PIECE_ROWS, REST_ROWS, RowsAhead, Window};
use tokio_postgres::types::Type;

use crate::{Error, Lease, Store};

impl Store {
    /// The booked rows of a creator in a span, as far as its newest piece needs to know them.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn find_rows_ahead(&self, lease: &Lease, span: Window) -> Result<RowsAhead, Error> {
        let (start, end) = (span.start(), span.end());
        let rows = self
            .rows(
                "find_rows_ahead",
                "-- find_rows_ahead
                 with newest as (
                     -- A range of one: else the planner may walk the agency for who has few rows.
                     select transaction_date as instant from fanvue_transactions
                      where agency_id = $1 and model_id between $2 and $2
                        and transaction_date >= $3 and transaction_date < $4
                      order by model_id, transaction_date desc limit $6
                 )
                 select (select count(*) from newest) as row_count,
                        (select instant from newest order by instant desc offset $5 limit 1) as reach",
                &[
                    (&lease.agency.0, Type::UUID),
                    (&lease.creator.0, Type::UUID),
                    (&start, Type::TIMESTAMPTZ),
                    (&end, Type::TIMESTAMPTZ),
                    (&(PIECE_ROWS - 1), Type::INT8),
                    (&(PIECE_ROWS + REST_ROWS), Type::INT8),
                ],
            )
            .await?;
        let ahead = rows.first().map(|row| (row.get("row_count"), row.get("reach")));
        let (rows, reach) = ahead.unwrap_or_default();
        Ok(RowsAhead { rows, reach })
    }
}
