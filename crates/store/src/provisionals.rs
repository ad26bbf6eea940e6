//! Sales that only a webhook told of, beside the ledger until their rows come.

use jiff::{SignedDuration, Timestamp};
use ledger::{
    AgencyId, Cents, CreatorId, Family, OrderId, Provisional, Source, TOGETHER_SECONDS_MAX,
};
use tokio_postgres::{Row, types::Type};

use crate::{Error, Store, Tx};

const TABLE: &str = "provisional_transactions";

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

/// The span in which hints and rows are looked at together with these.
pub(crate) fn around(first: Timestamp, last: Timestamp) -> (Timestamp, Timestamp) {
    let reach = SignedDuration::from_secs(TOGETHER_SECONDS_MAX);
    (first.checked_sub(reach).unwrap_or(first), last.checked_add(reach).unwrap_or(last))
}

impl Store {
    /// The creators of that account, in every agency whose connection still reads it.
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
                 select m.agency_id, m.id
                   from models m
                   join fanvue_connections c
                     on c.agency_id = m.agency_id and c.id = m.connection_id
                    and c.state = 'active'
                   left join sync_state s
                     on s.agency_id = m.agency_id and s.model_id = m.id
                    and s.sync_type = 'earnings'
                  where m.fanvue_user_uuid = $1 and s.parked_at is null
                  order by m.agency_id, m.id limit 100",
                &[(&account_uuid, Type::TEXT)],
            )
            .await?;
        Ok(rows.iter().map(|row| (AgencyId(row.get(0)), CreatorId(row.get(1)))).collect())
    }

    /// Takes sales out of the totals whose rows did not come in time. Returns how many. Whoever settles
    /// them holds them before the agency, and so does this; agencies are held in one order.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn expire_provisionals(&self, now: Timestamp) -> Result<usize, Error> {
        let gone = self
            .rows(
                "expire_provisionals",
                "-- expire_provisionals
                 with gone as (
                     update provisional_transactions set state = 'unmatched'
                      where state = 'open' and expires_at <= $1
                     returning agency_id
                 ), held as (
                     select id from agencies where id in (select agency_id from gone)
                      order by id for no key update
                 )
                 -- Triggers run when the statement ends.
                 select set_config('heartbeat.actor', 'tick', true)
                   from gone where (select count(*) from held) > 0",
                &[(&now, Type::TIMESTAMPTZ)],
            )
            .await?;
        Ok(gone.len())
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

    /// Writes a webhook's sale down, to be shown until then. One that is known already stays as it is.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn add_provisional(
        &self,
        agency: AgencyId,
        creator: CreatorId,
        told: &Provisional,
        (now, expires_at): (Timestamp, Timestamp),
    ) -> Result<(), Error> {
        self.change(
            "add_provisional",
            "-- add_provisional
             insert into provisional_transactions
                 (agency_id, model_id, event_key, family, at, source, gross_cents, net_cents,
                  fan_id, order_id, reverses, expires_at, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
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
                (&told.order.as_ref().map(OrderId::as_str), Type::TEXT),
                (&told.reverses.as_ref().map(OrderId::as_str), Type::TEXT),
                (&expires_at, Type::TIMESTAMPTZ),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await
        .map(|_| ())
    }

    /// Wakes the creator's stream: something happened at that instant that the feed has to show. It is
    /// looked for three days back at most, so that no event costs a whole history. Totals seen before
    /// are forgotten: they will change on its account.
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
                set next_sync_at = least(next_sync_at, $4), needs_read = true, woken_at = $4,
                    totals = 'null',
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
