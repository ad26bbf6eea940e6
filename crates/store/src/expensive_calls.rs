//! Calls that cost much, counted by agency and caller for all instances together.

use jiff::Timestamp;
use ledger::AgencyId;
use tokio_postgres::types::Type;

use crate::{Error, Store, UserId};

/// What stands for the holder of the operator's secret, who is no user.
const OPERATOR: &str = "operator";

/// How many calls are granted in any span of so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Calls.
    pub calls_max: i32,
    /// Seconds.
    pub seconds: i32,
}

impl Store {
    /// Counts a call of this user, or of the operator, about the agency. `None` when it is granted; else
    /// when the next one will be. A call that is refused puts nothing off.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn count_expensive_call(
        &self,
        agency: AgencyId,
        user: Option<UserId>,
        allowance: Allowance,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Error> {
        // Whoever conflicts waits for the row and sees it as it then is. What lies ahead of every clock (one
        // was put back) counts no more.
        let caller = user.map_or_else(|| OPERATOR.to_owned(), |UserId(id)| id.to_string());
        let rows = self
            .rows(
                "count_expensive_call",
                "-- count_expensive_call
                 insert into expensive_calls as e (agency_id, caller, granted_at, refused)
                 values ($1, $2, array[$3], 0)
                 on conflict (agency_id, caller) do update
                    set (granted_at, refused) = (
                        select case when cardinality(recent) < $4
                                    then recent || $3 else recent end,
                               case when cardinality(recent) < $4 then 0 else e.refused + 1 end
                          from (select array(
                                    select at from unnest(e.granted_at) as at
                                     where at > $3 - make_interval(secs => $5)
                                       and at < $3 + make_interval(secs => $5)
                                     order by at) as recent) as r)
                 returning case when e.refused > 0
                                then e.granted_at[1] + make_interval(secs => $5) end as until",
                &[
                    (&agency.0, Type::UUID),
                    (&caller, Type::TEXT),
                    (&now, Type::TIMESTAMPTZ),
                    (&allowance.calls_max, Type::INT4),
                    (&allowance.seconds, Type::INT4),
                ],
            )
            .await?;
        Ok(rows.first().and_then(|row| row.get("until")))
    }
}
