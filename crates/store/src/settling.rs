//! Webhooks' sales and the rows that turn out to be them, in the transaction that books the rows.

use jiff::Timestamp;
use ledger::Provisional;
use tokio_postgres::types::Type;

use crate::{
    Error, Lease, Tx,
    provisionals::{around, hint},
};

impl Tx {
    pub(crate) async fn list_open_hints(
        &self,
        lease: &Lease,
        (first, last): (Timestamp, Timestamp),
        orders: &[&str],
    ) -> Result<Vec<Provisional>, Error> {
        let (first, last) = around(first, last);
        let rows = self
            .rows(
                "list_open_hints",
                "-- list_open_hints
                 select *
                   from provisional_transactions
                  where agency_id = $1 and model_id = $2 and state in ('open', 'unmatched')
                    and (at between $3 and $4 or order_id = any($5))
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

    /// Settles webhooks' sales, each by the row of that key, which has just been written. They count no
    /// more.
    ///
    /// # Errors
    /// As for any statement; [`Error::Lost`] when one of the rows isn't there.
    pub async fn settle_provisionals(
        &self,
        lease: &Lease,
        pairs: &[(&str, String)],
        now: Timestamp,
    ) -> Result<(), Error> {
        let statement = "settle_provisionals";
        let events: Vec<_> = pairs.iter().map(|(event, _)| *event).collect();
        let keys: Vec<_> = pairs.iter().map(|(_, key)| key.as_str()).collect();
        let changed = self
            .change(
                statement,
                "-- settle_provisionals
                 update provisional_transactions p
                    set state = 'settled', settled_at = $5,
                        settled_row = case when exists (
                            select 1 from provisional_transactions o
                             where o.agency_id = $1 and o.model_id = $2 and o.settled_row = t.id)
                            then null else t.id end
                   from unnest($3::text[], $4::text[]) as pair (event_key, row_key)
                   join fanvue_transactions t
                     on t.agency_id = $1 and t.model_id = $2
                    and t.fanvue_transaction_id = pair.row_key
                  where p.agency_id = $1 and p.model_id = $2 and p.event_key = pair.event_key",
                &[
                    (&lease.agency.0, Type::UUID),
                    (&lease.creator.0, Type::UUID),
                    (&events, Type::TEXT_ARRAY),
                    (&keys, Type::TEXT_ARRAY),
                    (&now, Type::TIMESTAMPTZ),
                ],
            )
            .await?;
        if changed == pairs.len() as u64 { Ok(()) } else { Err(Error::Lost { statement }) }
    }
}
