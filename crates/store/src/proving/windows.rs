//! Windows of the proof on the queue's streams: opened here, read by ticks.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use ledger::{AgencyId, CreatorId, Stream};
use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

use crate::{Error, Store, Tx};

/// Booked rows before a day that its first window reads too: see `ledger::proof_windows`.
const ROWS_BEFORE: i64 = 10;

/// Streams with something of the proof to read.
pub(crate) const OF_PROOF: &str = "coalesce(jsonb_array_length(s.stream -> 'windows'), 0) > 0
    and (exists (select from proof_days d
                  where d.agency_id = s.agency_id and d.model_id = s.model_id
                    and d.state = 'reading')
         or exists (select from sync_job_creators j
                      join sync_jobs o on o.agency_id = j.agency_id and o.id = j.job_id
                     where j.agency_id = s.agency_id and j.model_id = s.model_id
                       and j.ended_at is null and o.is_proof))";

/// Streams that the tick has not tried.
pub(crate) const UNTRIED: &str = "(s.tried_at is null or s.tried_at < $1)";

/// A creator with days to read again, whose stream nobody reads at present. Held until the transaction ends.
#[derive(Clone, Debug)]
pub struct ToRead {
    /// The creator.
    pub creator: CreatorId,
    /// How far it was read.
    pub stream: Stream,
    /// The days, the newest first: each with its rows, and where some rows before it begin.
    pub days: Vec<(Date, i64, Option<Timestamp>)>,
}

impl Store {
    /// The agencies in which something of the proof is under way: days that differ, or a history that is read
    /// again.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_differing_agencies(&self) -> Result<Vec<AgencyId>, Error> {
        let sql = "-- list_differing_agencies
             select distinct agency_id from proof_days order by 1";
        let rows = self.rows("list_differing_agencies", sql, &[]).await?;
        Ok(rows.iter().map(|row| AgencyId(row.get("agency_id"))).collect())
    }

    /// Days of the proof that are to be read again, or are being read: those that can be at `now`, and all of
    /// them; and those that differ though they were.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn count_proof_days(&self, now: Timestamp) -> Result<(i64, i64, i64), Error> {
        let sql = "-- count_proof_days
             select count(*) filter (where (d.state = 'reading'
                                            or d.state = 'open' and coalesce(d.not_before <= $1, true))
                                       and s.parked_at is null and c.state = 'active') as due_count,
                    count(*) filter (where d.state <> 'settled') as open_count,
                    count(*) filter (where d.state = 'settled') as settled_count
               from proof_days d
               join models m on m.agency_id = d.agency_id and m.id = d.model_id
               left join fanvue_connections c
                 on c.agency_id = m.agency_id and c.id = m.connection_id
               left join sync_state s on s.agency_id = d.agency_id and s.model_id = d.model_id
                                     and s.sync_type = 'earnings'";
        let rows = self.rows("count_proof_days", sql, &[(&now, Type::TIMESTAMPTZ)]).await?;
        let counts =
            |row: &Row| (row.get("due_count"), row.get("open_count"), row.get("settled_count"));
        Ok(rows.first().map(counts).unwrap_or_default())
    }
}

impl Tx {
    /// Takes creators of an agency with days to read again, at most `limit`: complete, readable, and not under
    /// anybody's lease. Others are left for later.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn hold_to_read(
        &self,
        agency: AgencyId,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<ToRead>, Error> {
        let rows = self
            .rows(
                "hold_to_read",
                "-- hold_to_read
                 select s.model_id, s.stream
                   from sync_state s
                   join models m on m.agency_id = s.agency_id and m.id = s.model_id
                   join fanvue_connections c on c.agency_id = m.agency_id and c.id = m.connection_id
                  where s.agency_id = $1 and s.sync_type = 'earnings' and c.state = 'active'
                    and m.fanvue_user_uuid is not null and s.watermark is not null
                    and s.parked_at is null
                    and (s.lease_token is null or s.lease_expires_at <= $2)
                    and exists (select from proof_days d
                                 where d.agency_id = s.agency_id and d.model_id = s.model_id
                                   and d.state = 'open' and coalesce(d.not_before <= $2, true))
                  order by s.agency_id, s.model_id limit $3
                    for update of s skip locked",
                &[(&agency.0, Type::UUID), (&now, Type::TIMESTAMPTZ), (&limit, Type::INT8)],
            )
            .await?;
        let mut held = BTreeMap::new();
        for row in &rows {
            // One that this build can't read is parked by whoever claims it.
            if let Ok(stream) = serde_json::from_value(row.get("stream")) {
                let creator = CreatorId(row.get("model_id"));
                held.insert(creator, ToRead { creator, stream, days: vec![] });
            }
        }
        let ids: Vec<_> = held.keys().map(|creator| creator.0).collect();
        for row in self.open_days(agency, &ids, now).await? {
            if let Some(one) = held.get_mut(&CreatorId(row.get("model_id"))) {
                one.days.push((row.get("day"), row.get("row_count"), row.get("reach")));
            }
        }
        Ok(held.into_values().collect())
    }

    async fn open_days(
        &self,
        agency: AgencyId,
        creators: &[Uuid],
        now: Timestamp,
    ) -> Result<Vec<Row>, Error> {
        self.rows(
            "list_open_days",
            "-- list_open_days
             select d.model_id, d.day, d.ledger_rows as row_count,
                    (select t.transaction_date from fanvue_transactions t
                      where t.agency_id = d.agency_id and t.model_id = d.model_id
                        and t.transaction_date < d.day::timestamp at time zone 'UTC'
                      order by t.transaction_date desc offset $4 limit 1) as reach
               from proof_days d
              where d.agency_id = $1 and d.model_id = any($2) and d.state = 'open'
                and coalesce(d.not_before <= $3, true)
              order by d.model_id, d.day desc",
            &[
                (&agency.0, Type::UUID),
                (&creators, Type::UUID_ARRAY),
                (&now, Type::TIMESTAMPTZ),
                (&(ROWS_BEFORE - 1), Type::INT8),
            ],
        )
        .await
    }

    /// Writes streams with the windows of their days, which the next tick reads. Whoever's lease had run out
    /// loses it.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn open_day_windows(
        &self,
        agency: AgencyId,
        opened: &[(CreatorId, &Stream, Vec<Date>)],
        now: Timestamp,
    ) -> Result<(), Error> {
        let inconsistent = |_| Error::Inconsistent { table: "sync_state", column: "stream" };
        let streams: Result<Vec<_>, _> =
            opened.iter().map(|(_, stream, _)| serde_json::to_value(stream)).collect();
        let streams = streams.map_err(inconsistent)?;
        let ids: Vec<_> = opened.iter().map(|(creator, ..)| creator.0).collect();
        let pairs = opened
            .iter()
            .flat_map(|(creator, _, days)| days.iter().map(move |day| (creator.0, *day)));
        let (creators, days): (Vec<_>, Vec<_>) = pairs.unzip();
        self.change(
            "open_day_windows",
            "-- open_day_windows
             with opened as (
                 update sync_state s
                    set stream = n.stream, next_sync_at = $6, lease_token = null,
                        lease_expires_at = null
                   from unnest($2::uuid[], $3::jsonb[]) as n (model_id, stream)
                  where s.agency_id = $1 and s.model_id = n.model_id and s.sync_type = 'earnings'
             )
             update proof_days d
                set state = 'reading', reads = d.reads + 1, not_before = null
               from unnest($4::uuid[], $5::date[]) as n (model_id, day)
              where d.agency_id = $1 and d.model_id = n.model_id and d.day = n.day
                and d.state = 'open'",
            &[
                (&agency.0, Type::UUID),
                (&ids, Type::UUID_ARRAY),
                (&streams, Type::JSONB_ARRAY),
                (&creators, Type::UUID_ARRAY),
                (&days, Type::DATE_ARRAY),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await
        .map(|_| ())
    }
}
