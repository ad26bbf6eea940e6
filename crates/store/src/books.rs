//! A creator's books over a span, read under the creator's lock.

use futures_util::future::{try_join, try_join3};
use jiff::Timestamp;
use ledger::{Booked, Cents, Earning, Fan, Key, OrderId, PayoutStatus, Provisional, Source};
use tokio_postgres::{Row, types::Type};

use crate::{Error, Lease, Statements, Tx};

const TABLE: &str = "fanvue_transactions";

/// A creator's books over a span, locked.
pub struct LockedBooks {
    /// The agency's time zone.
    pub zone: String,
    /// The rows of the span.
    pub rows: Vec<Booked>,
    /// Sales of about that span that only webhooks told of.
    pub hints: Vec<Provisional>,
}

pub(crate) fn booked(row: &Row) -> Result<Booked, Error> {
    let bad = |column| Error::Inconsistent { table: TABLE, column };
    let key = Key::parse(row.get("fanvue_transaction_id"));
    let key = key.map_err(|_| bad("fanvue_transaction_id"))?;
    let order_id = match &key {
        Key::Order(id) => Some(id.clone()),
        Key::Content { .. } => None,
    };
    let status: Option<String> = row.get("status");
    let reverses: Option<String> = row.get("reverses_transaction_id");
    let fan_id: Option<String> = row.get("fan_id");
    let earning = Earning {
        at: row.get("transaction_date"),
        source: Source::from_name(row.get("transaction_type")).ok_or(bad("transaction_type"))?,
        gross: Cents(row.get("amount_cents")),
        net: Cents(row.get("net_cents")),
        total: row.get::<_, Option<i64>>("total_cents").map(Cents),
        currency: row.get("currency"),
        order_id,
        status: status.as_deref().and_then(PayoutStatus::from_name),
        message_id: row.get("message_uuid"),
        post_id: row.get("post_uuid"),
        reverses: reverses.as_deref().and_then(OrderId::new),
        fan: fan_id.map(|id| Fan {
            id,
            handle: row.get("fan_handle"),
            display_name: row.get("fan_display_name"),
        }),
    };
    let (absent_since, is_adopted) = (row.get("absent_since"), row.get("is_adopted"));
    Ok(Booked { key, earning, absent_since, is_adopted })
}

impl Tx {
    /// Takes the creator's lock, checks the lease, and opens the books of a span: every row between
    /// `first` and `last`, both included, and every row of the `orders` named. The lock is held until the
    /// transaction ends, so that deltas computed from these rows are exact.
    ///
    /// # Errors
    /// [`Error::Lost`] when the lease is no longer ours.
    pub async fn lock_books(
        &self,
        lease: &Lease,
        (first, last): (Timestamp, Timestamp),
        orders: &[&str],
    ) -> Result<LockedBooks, Error> {
        let lock = self.lock_creator(lease);
        let read = try_join3(
            self.zone(lease),
            self.list_booked(lease, first, last, orders),
            self.list_open_hints(lease, (first, last), orders),
        );
        // Typed, all are sent before one is answered. The later ones see what was committed while the
        // first waited for the lock, because each statement takes its own snapshot. One that has to be
        // prepared may be sent after those behind it, so the lock is waited for.
        let (zone, rows, hints) = match self.statements() {
            Statements::Typed => try_join(lock, read).await?.1,
            Statements::Prepared => {
                lock.await?;
                read.await?
            }
        };
        Ok(LockedBooks { zone, rows, hints })
    }

    async fn lock_creator(&self, lease: &Lease) -> Result<(), Error> {
        let statement = "lock_creator";
        let rows = self
            .rows(
                statement,
                "-- lock_creator
                 select 1
                   from models m
                   join sync_state s on s.agency_id = m.agency_id and s.model_id = m.id
                  where m.agency_id = $1 and m.id = $2
                    and s.sync_type = 'earnings' and s.lease_token = $3
                    for no key update of m, s",
                &[
                    (&lease.agency.0, Type::UUID),
                    (&lease.creator.0, Type::UUID),
                    (&lease.token, Type::UUID),
                ],
            )
            .await?;
        if rows.is_empty() { Err(Error::Lost { statement }) } else { Ok(()) }
    }

    async fn zone(&self, lease: &Lease) -> Result<String, Error> {
        let statement = "agency_zone";
        let rows = self
            .rows(
                statement,
                "-- agency_zone
                 select timezone from agencies where id = $1",
                &[(&lease.agency.0, Type::UUID)],
            )
            .await?;
        rows.first().map(|row| row.get("timezone")).ok_or(Error::Lost { statement })
    }

    async fn list_booked(
        &self,
        lease: &Lease,
        first: Timestamp,
        last: Timestamp,
        orders: &[&str],
    ) -> Result<Vec<Booked>, Error> {
        let rows = self
            .rows(
                "list_booked",
                "-- list_booked
                 with near as (
                     select * from fanvue_transactions
                      where agency_id = $1 and model_id = $2
                        and transaction_date between $3 and $4
                     union all
                     select * from fanvue_transactions
                      where agency_id = $1 and model_id = $2 and fanvue_transaction_id = any($5)
                        and transaction_date not between $3 and $4
                 )
                 select n.fanvue_transaction_id, n.transaction_date, n.transaction_type,
                        n.amount_cents, n.net_cents, n.total_cents, n.currency, n.status,
                        n.message_uuid, n.post_uuid, n.reverses_transaction_id, n.fan_id,
                        n.fan_handle, n.fan_display_name, a.absent_since,
                        r.ledger_row is not null as is_adopted
                   from near n
                   left join absent_transactions a
                     on a.agency_id = n.agency_id and a.model_id = n.model_id
                    and a.fanvue_transaction_id = n.fanvue_transaction_id
                   left join upgrade_receipts r
                     on r.agency_id = n.agency_id and r.model_id = n.model_id
                    and r.ledger_row = n.id and r.state = 'adopted'",
                &[
                    (&lease.agency.0, Type::UUID),
                    (&lease.creator.0, Type::UUID),
                    (&first, Type::TIMESTAMPTZ),
                    (&last, Type::TIMESTAMPTZ),
                    (&orders, Type::TEXT_ARRAY),
                ],
            )
            .await?;
        rows.iter().map(booked).collect()
    }
}
