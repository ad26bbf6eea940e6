//! Whole histories that the proof reads again, one creator of an agency after the other.

use jiff::{SignedDuration, Timestamp};
use ledger::{AgencyId, CreatorId, Stream};
use tokio_postgres::{Row, types::Type};

use crate::{Error, Store, Tx};

/// Histories begun so lately, in seconds, are those of this night.
const NIGHT_SECONDS: i64 = 20 * 3600;

/// A history whose reading failed so often waits for its creator, and no other waits for it.
const FAILURES_MAX: i64 = 5;

/// A creator whose history is due to be read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueHistory {
    /// The agency.
    pub agency: AgencyId,
    /// The creator.
    pub creator: CreatorId,
}

/// A stream that is held to open its whole history.
#[derive(Clone, Debug)]
pub struct HeldStream {
    /// How far it was read.
    pub stream: Stream,
    /// Whether its reversals stand in a list of their own.
    pub has_reversals_apart: bool,
}

impl Store {
    /// Of each agency the creator whose history the proof read to its end the longest ago, if that is longer
    /// than `cycle_days`: unless one of the agency is being read again and does not fail, or as many were begun
    /// in this night as it takes to come round in that time. What somebody else asked for counts for nothing: a
    /// first history is not read in pieces, so it can't prove that a row of a long one is gone.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_due_histories(
        &self,
        now: Timestamp,
        cycle_days: i64,
    ) -> Result<Vec<DueHistory>, Error> {
        let night = SignedDuration::from_secs(NIGHT_SECONDS);
        let since = now.checked_sub(night).unwrap_or(now);
        let cycle = SignedDuration::from_hours(24 * cycle_days);
        let before = now.checked_sub(cycle).unwrap_or(now);
        let rows = self
            .rows(
                "list_due_histories",
                "-- list_due_histories
                 with readable as (
                     select m.agency_id, m.id, m.fanvue_user_uuid, s.lease_token, s.lease_expires_at,
                            greatest((select max(j.ended_at) from sync_job_creators j
                                        join sync_jobs o
                                          on o.agency_id = j.agency_id and o.id = j.job_id
                                       where j.agency_id = m.agency_id and j.model_id = m.id
                                         and j.outcome = 'done' and o.is_proof), '-infinity') as read_at
                       from models m
                       join fanvue_connections c
                         on c.agency_id = m.agency_id and c.id = m.connection_id
                       join sync_state s on s.agency_id = m.agency_id and s.model_id = m.id
                                        and s.sync_type = 'earnings'
                      where c.state = 'active' and m.fanvue_user_uuid is not null
                        and s.watermark is not null and s.parked_at is null
                 ), sizes as (
                     select agency_id, count(*) as number from readable group by 1
                 )
                 select distinct on (r.agency_id) r.agency_id, r.id
                   from readable r join sizes z on z.agency_id = r.agency_id
                  where r.read_at <= $1
                    and (r.lease_token is null or r.lease_expires_at <= $4)
                    and not exists (select from sync_job_creators j
                                     where j.agency_id = r.agency_id and j.model_id = r.id
                                       and j.ended_at is null)
                    and not exists (select from sync_jobs o
                                      join sync_job_creators j
                                        on j.agency_id = o.agency_id and j.job_id = o.id
                                     where o.agency_id = r.agency_id and o.is_proof
                                       and j.ended_at is null and j.failures < $5)
                    and (select count(*) from sync_jobs o
                          where o.agency_id = r.agency_id and o.is_proof and o.begun_at > $3)
                        < ceil(z.number::numeric / $2)
                  order by r.agency_id, r.read_at, r.fanvue_user_uuid, r.id",
                &[
                    (&before, Type::TIMESTAMPTZ),
                    (&cycle_days, Type::INT8),
                    (&since, Type::TIMESTAMPTZ),
                    (&now, Type::TIMESTAMPTZ),
                    (&FAILURES_MAX, Type::INT8),
                ],
            )
            .await?;
        let due = |row: &Row| DueHistory {
            agency: AgencyId(row.get("agency_id")),
            creator: CreatorId(row.get("id")),
        };
        Ok(rows.iter().map(due).collect())
    }
}

impl Tx {
    /// Holds a complete stream that nobody reads; `None` where somebody does.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn hold_stream(
        &self,
        due: DueHistory,
        now: Timestamp,
    ) -> Result<Option<HeldStream>, Error> {
        let rows = self
            .rows(
                "hold_stream",
                "-- hold_stream
                 select s.stream,
                        c.account_uuid = m.fanvue_user_uuid and c.routes = 'unprefixed' as is_apart
                   from models m
                   join fanvue_connections c on c.agency_id = m.agency_id and c.id = m.connection_id
                   join sync_state s on s.agency_id = m.agency_id and s.model_id = m.id
                                    and s.sync_type = 'earnings'
                  where m.agency_id = $1 and m.id = $2 and c.state = 'active'
                    and s.watermark is not null and s.parked_at is null
                    and (s.lease_token is null or s.lease_expires_at <= $3)
                    for no key update of m, s skip locked",
                &[
                    (&due.agency.0, Type::UUID),
                    (&due.creator.0, Type::UUID),
                    (&now, Type::TIMESTAMPTZ),
                ],
            )
            .await?;
        let held = |row: &Row| {
            let stream = serde_json::from_value(row.get("stream")).ok()?;
            Some(HeldStream { stream, has_reversals_apart: row.get("is_apart") })
        };
        Ok(rows.first().and_then(held))
    }

    /// Writes the stream with the windows that were opened on it, which the next tick reads.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn open_windows(
        &self,
        due: DueHistory,
        stream: &Stream,
        now: Timestamp,
    ) -> Result<(), Error> {
        let inconsistent = |_| Error::Inconsistent { table: "sync_state", column: "stream" };
        let stream = serde_json::to_value(stream).map_err(inconsistent)?;
        self.change(
            "open_windows",
            "-- open_windows
             update sync_state
                set stream = $3, next_sync_at = $4, lease_token = null, lease_expires_at = null
              where agency_id = $1 and model_id = $2 and sync_type = 'earnings'",
            &[
                (&due.agency.0, Type::UUID),
                (&due.creator.0, Type::UUID),
                (&stream, Type::JSONB),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await
        .map(|_| ())
    }
}
