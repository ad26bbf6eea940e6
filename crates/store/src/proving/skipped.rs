//! Creators whose days can't be compared with totals, and why.

use jiff::{Timestamp, civil::Date};
use ledger::{AgencyId, CreatorId};
use tokio_postgres::{Row, types::Type};

use super::COMPARABLE;
use crate::{Error, Store};

/// How the proof of a creator stands whose days are not compared with totals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotCompared {
    /// The agency.
    pub agency: AgencyId,
    /// The creator.
    pub creator: CreatorId,
    /// The creator's name.
    pub name: String,
    /// Why not.
    pub reason: &'static str,
}

impl Store {
    /// Creators whose days no totals are compared with in this night, and why; at most `limit`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_not_compared(
        &self,
        now: Timestamp,
        night: Date,
        limit: i64,
    ) -> Result<Vec<NotCompared>, Error> {
        let sql = format!(
            "-- list_not_compared
             select m.agency_id, m.id, m.name,
                    c.id is null as is_free, c.state is distinct from 'active' as is_ended,
                    s.parked_at is not null as is_parked, s.watermark is null as is_unread,
                    coalesce(c.kind = 'agency' and m.fanvue_user_uuid <> c.account_uuid, false)
                        as is_managed,
                    coalesce(c.detector_refused_at > $1::timestamptz - interval '1 day', false)
                        as is_refused
               from models m
               left join fanvue_connections c
                 on c.agency_id = m.agency_id and c.id = m.connection_id
               left join sync_state s on s.agency_id = m.agency_id and s.model_id = m.id
                                     and s.sync_type = 'earnings'
              where coalesce(not ({COMPARABLE}), true)
              order by m.agency_id, m.name, m.id limit $3"
        );
        let rows = self
            .rows(
                "list_not_compared",
                &sql,
                &[(&now, Type::TIMESTAMPTZ), (&night, Type::DATE), (&limit, Type::INT8)],
            )
            .await?;
        Ok(rows.iter().map(not_compared).collect())
    }
}

fn not_compared(row: &Row) -> NotCompared {
    let is = |name: &str| row.get::<_, bool>(name);
    let reason = if is("is_free") {
        "no Fanvue account is connected that reads her"
    } else if is("is_ended") {
        "the Fanvue connection is gone: connect the account again"
    } else if is("is_parked") {
        "it is set aside until somebody mends the cause"
    } else if is("is_unread") {
        "its history has not been read to the end"
    } else if !is("is_managed") {
        "Fanvue tells totals only of creators whom an agency manages; her history is read again monthly"
    } else if is("is_refused") {
        "Fanvue refuses this account the totals"
    } else {
        "it has not been read since midnight UTC"
    };
    NotCompared {
        agency: AgencyId(row.get("agency_id")),
        creator: CreatorId(row.get("id")),
        name: row.get("name"),
        reason,
    }
}
