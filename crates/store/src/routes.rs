//! Connections that the platform serves without `/v1`, and what is not read meanwhile.

use jiff::Timestamp;
use ledger::{AgencyId, ConnectionId, CreatorId};
use tokio_postgres::types::Type;

use crate::{Error, Reader, Store};

impl Store {
    /// Connections without `/v1` for which it was not asked after `asked_before`. From now on it
    /// counts as asked, so that of many ticks one asks.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn claim_v1_asks(
        &self,
        now: Timestamp,
        asked_before: Timestamp,
    ) -> Result<Vec<(AgencyId, ConnectionId)>, Error> {
        let rows = self
            .rows(
                "claim_v1_asks",
                "-- claim_v1_asks
                 update fanvue_connections set v1_asked_at = $1
                  where state = 'active' and is_identified and routes = 'unprefixed'
                    and coalesce(v1_asked_at <= $2, true)
                 returning agency_id, id",
                &[(&now, Type::TIMESTAMPTZ), (&asked_before, Type::TIMESTAMPTZ)],
            )
            .await?;
        let mut asks: Vec<_> =
            rows.iter().map(|row| (AgencyId(row.get(0)), ConnectionId(row.get(1)))).collect();
        // `returning` keeps no order.
        asks.sort();
        Ok(asks)
    }
}

impl Reader {
    /// Creators whose reversals are not all read: no list shows those of managed creators without
    /// `/v1`, and after its return they are read from then on. A change of totals asks for less.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_without_reversals(&self, agency: AgencyId) -> Result<Vec<CreatorId>, Error> {
        let rows = self
            .rows(
                "list_without_reversals",
                "-- list_without_reversals
                 select m.id
                   from models m
                   join fanvue_connections c
                     on c.agency_id = m.agency_id and c.id = m.connection_id
                   join sync_state s
                     on s.agency_id = m.agency_id and s.model_id = m.id
                    and s.sync_type = 'earnings'
                  where m.agency_id = $1 and m.fanvue_user_uuid <> c.account_uuid
                    and (c.routes = 'unprefixed'
                         or s.needs_read and s.read_from <= s.watermark - interval '90 hours')",
                &[(&agency.0, Type::UUID)],
            )
            .await?;
        Ok(rows.iter().map(|row| CreatorId(row.get(0))).collect())
    }
}
