//! Sales that only a webhook told of, beside the ledger until their rows come.

use jiff::{SignedDuration, Timestamp};
use ledger::{
    AgencyId, Booked, Cents, CreatorId, Family, OrderId, Provisional, SETTLE_SECONDS_MAX, Source,
};
use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

use crate::{Error, Store, Tx, books::booked};

const TABLE: &str = "provisional_transactions";

/// A row of the ledger that a webhook's sale may be.
#[derive(Clone, Debug)]
pub struct NearRow {
    /// The row's own id, which stays when its key changes.
    pub id: Uuid,
    /// What is booked.
    pub booked: Booked,
    /// Whether another webhook's sale was settled by it.
    pub is_taken: bool,
}

/// How a webhook's sale stands when it is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is shown until its row comes, no longer than that instant.
    Open {
        /// When it leaves the totals.
        expires_at: Timestamp,
    },
    /// Its row is in the ledger; `None` when that row settled another webhook.
    Settled(Option<Uuid>),
    /// Another family told of it first, in that event.
    Repeated(String),
}

pub(crate) fn hint(row: &Row) -> Result<Provisional, Error> {
    let bad = |column| Error::Inconsistent { table: TABLE, column };
    let order = |column| row.get::<_, Option<&str>>(column).and_then(OrderId::new);
    Ok(Provisional {
        event_key: row.get("event_key"),
        family: Family::from_name(row.get("family")).ok_or(bad("family"))?,
        at: row.get("at"),
        source: Source::from_name(row.get("source")).ok_or(bad("source"))?,
        gross: Cents(row.get("gross_cents")),
        net: row.get::<_, Option<i64>>("net_cents").map(Cents),
        fan: row.get("fan_id"),
        order: order("order_id"),
        reverses: order("reverses"),
    })
}

/// The span in which a hint and its row may lie.
pub(crate) fn around(first: Timestamp, last: Timestamp) -> (Timestamp, Timestamp) {
    let reach = SignedDuration::from_secs(SETTLE_SECONDS_MAX);
    (first.checked_sub(reach).unwrap_or(first), last.checked_add(reach).unwrap_or(last))
}

impl Store {
    /// The creators of that account, in every agency that manages it.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_creators_of(
        &self,
        account_uuid: &str,
    ) -> Result<Vec<(AgencyId, CreatorId)>, Error> {
        let rows = self
            .rows(
                "list_creators_of",
                "-- list_creators_of
                 select agency_id, id from models where fanvue_user_uuid = $1
                  order by agency_id, id limit 100",
                &[(&account_uuid, Type::TEXT)],
            )
            .await?;
        Ok(rows.iter().map(|row| (AgencyId(row.get(0)), CreatorId(row.get(1)))).collect())
    }

    /// Takes sales out of the totals whose rows did not come in time. Returns how many.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn expire_provisionals(&self, now: Timestamp) -> Result<u64, Error> {
        self.change(
            "expire_provisionals",
            "-- expire_provisionals
             with gone as (
                 update provisional_transactions set state = 'unmatched'
                  where state = 'open' and expires_at <= $1
                 returning agency_id
             ), told as (
                 update agencies set revision = revision + 1, updated_at = $1
                  where id in (select agency_id from gone)
             )
             select 1 from gone",
            &[(&now, Type::TIMESTAMPTZ)],
        )
        .await
    }
}

impl Tx {
    /// Takes the creator's lock as [`Tx::lock_books`] does, but without a lease: whoever commits pages
    /// waits, and sees what is written here.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn lock_hints(&self, agency: AgencyId, creator: CreatorId) -> Result<(), Error> {
        self.rows(
            "lock_hints",
            "-- lock_hints
             select 1
               from models m
               left join sync_state s on s.agency_id = m.agency_id and s.model_id = m.id
                                     and s.sync_type = 'earnings'
              where m.agency_id = $1 and m.id = $2
                for no key update of m",
            &[(&agency.0, Type::UUID), (&creator.0, Type::UUID)],
        )
        .await
        .map(|_| ())
    }

    /// Rows of the ledger that this sale may be: of its payment id, or of its gross at about its time.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_near_rows(
        &self,
        agency: AgencyId,
        creator: CreatorId,
        hint: &Provisional,
    ) -> Result<Vec<NearRow>, Error> {
        let (first, last) = around(hint.at, hint.at);
        let rows = self
            .rows(
                "list_near_rows",
                "-- list_near_rows
                 with near as (
                     select * from fanvue_transactions
                      where agency_id = $1 and model_id = $2 and amount_cents = $3
                        and transaction_date between $4 and $5
                     union
                     select * from fanvue_transactions
                      where agency_id = $1 and model_id = $2 and fanvue_transaction_id = $6
                 )
                 select n.*, null::timestamptz as absent_since,
                        exists (select 1 from provisional_transactions p
                                 where p.agency_id = $1 and p.model_id = $2
                                   and p.settled_row = n.id) as is_taken
                   from near n order by n.transaction_date, n.fanvue_transaction_id",
                &[
                    (&agency.0, Type::UUID),
                    (&creator.0, Type::UUID),
                    (&hint.gross.0, Type::INT8),
                    (&first, Type::TIMESTAMPTZ),
                    (&last, Type::TIMESTAMPTZ),
                    (&hint.order.as_ref().map(OrderId::as_str), Type::TEXT),
                ],
            )
            .await?;
        let near = |row: &Row| {
            Ok(NearRow { id: row.get("id"), booked: booked(row)?, is_taken: row.get("is_taken") })
        };
        rows.iter().map(near).collect()
    }

    /// Sales that webhooks told of before, that no webhook of this family repeated, and that this one
    /// may be.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_told_before(
        &self,
        agency: AgencyId,
        creator: CreatorId,
        told: &Provisional,
    ) -> Result<Vec<Provisional>, Error> {
        let (first, last) = around(told.at, told.at);
        let rows = self
            .rows(
                "list_told_before",
                "-- list_told_before
                 select p.*
                   from provisional_transactions p
                  where p.agency_id = $1 and p.model_id = $2 and p.state <> 'repeated'
                    and p.event_key <> $3
                    and (p.order_id = $6 or p.gross_cents = $7 and p.at between $4 and $5)
                    and not exists (
                        select 1 from provisional_transactions r
                         where r.agency_id = $1 and r.model_id = $2 and r.same_as = p.event_key
                           and r.family = $8 and (r.order_id = $6) is not true)
                  order by p.at, p.event_key",
                &[
                    (&agency.0, Type::UUID),
                    (&creator.0, Type::UUID),
                    (&told.event_key, Type::TEXT),
                    (&first, Type::TIMESTAMPTZ),
                    (&last, Type::TIMESTAMPTZ),
                    (&told.order.as_ref().map(OrderId::as_str), Type::TEXT),
                    (&told.gross.0, Type::INT8),
                    (&told.family.as_str(), Type::TEXT),
                ],
            )
            .await?;
        rows.iter().map(hint).collect()
    }

    /// Writes a webhook's sale down as it stands. One that is known already stays as it is.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn add_provisional(
        &self,
        agency: AgencyId,
        creator: CreatorId,
        told: &Provisional,
        standing: &Standing,
        now: Timestamp,
    ) -> Result<(), Error> {
        let (state, expires_at, row, same_as) = match standing {
            Standing::Open { expires_at } => ("open", *expires_at, None, None),
            Standing::Settled(row) => ("settled", now, *row, None),
            Standing::Repeated(first) => ("repeated", now, None, Some(first.as_str())),
        };
        self.change(
            "add_provisional",
            "-- add_provisional
             with known as (
                 -- The first told of it without an id: the row will come under this one.
                 update provisional_transactions
                    set order_id = coalesce(order_id, $11)
                  where agency_id = $1 and model_id = $2 and event_key = $14
             )
             insert into provisional_transactions
                 (agency_id, model_id, event_key, family, at, source, gross_cents, net_cents,
                  fan_id, order_id, reverses, state, expires_at, same_as, settled_row, settled_at,
                  created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $11, $12, $10, $13, $14, $15,
                     case when $10 = 'settled' then $16 end, $16)
             on conflict (agency_id, model_id, event_key) do nothing",
            &[
                (&agency.0, Type::UUID),
                (&creator.0, Type::UUID),
                (&told.event_key, Type::TEXT),
                (&told.family.as_str(), Type::TEXT),
                (&told.at, Type::TIMESTAMPTZ),
                (&told.source.as_str(), Type::TEXT),
                (&told.gross.0, Type::INT8),
                (&told.net.map(|net| net.0), Type::INT8),
                (&told.fan, Type::TEXT),
                (&state, Type::TEXT),
                (&told.order.as_ref().map(OrderId::as_str), Type::TEXT),
                (&told.reverses.as_ref().map(OrderId::as_str), Type::TEXT),
                (&expires_at, Type::TIMESTAMPTZ),
                (&same_as, Type::TEXT),
                (&row, Type::UUID),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await
        .map(|_| ())
    }

    /// Wakes the creator's stream: something happened at that instant that the feed has to show. It is
    /// looked for three days back at most, so that no event costs a whole history.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn wake_stream(
        &self,
        agency: AgencyId,
        creator: CreatorId,
        happened_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.change(
            "wake_stream",
            "-- wake_stream
             update sync_state
                set next_sync_at = least(next_sync_at, $4), needs_read = true,
                    read_from = least(read_from, greatest($3, $4 - interval '72 hours'))
              where agency_id = $1 and model_id = $2 and sync_type = 'earnings'",
            &[
                (&agency.0, Type::UUID),
                (&creator.0, Type::UUID),
                (&happened_at, Type::TIMESTAMPTZ),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await
        .map(|_| ())
    }
}
