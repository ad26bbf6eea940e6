//! Connections that the platform serves without `/v1`.

use jiff::Timestamp;
use ledger::{AgencyId, ConnectionId};
use tokio_postgres::types::Type;

use crate::{Error, Store};

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
