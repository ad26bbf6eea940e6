//! How the reading of audiences stands, for monitors and for people. Streams of connections that ended are
//! left out: the connection says so.

use jiff::Timestamp;
use ledger::{AgencyId, CreatorId};
use tokio_postgres::{Row, types::Type};

use super::AudienceKind;
use crate::{Error, Reader, Sample, Store, metrics::sample};

const SAMPLES: &str = "-- list_audience_samples
    with stream as (
        select s.kind, s.as_of, s.last_error is not null as is_failing,
               s.parked_at is not null as is_parked,
               coalesce(s.paused_until > $1, false) as is_paused
          from audience_streams s
          join models m on m.agency_id = s.agency_id and m.id = s.model_id
          join fanvue_connections c
            on c.agency_id = m.agency_id and c.id = m.connection_id
         where c.state = 'active'
           and (s.kind <> 'profile' or c.account_uuid = m.fanvue_user_uuid)
    )
    select of_kind.name, k.kind as label, of_kind.value
      from (select w.kind, count(s.kind) as count,
                   count(s.kind) filter (where s.as_of is null) as unread,
                   count(s.kind) filter (where s.is_paused and not s.is_parked) as paused,
                   count(s.kind) filter (where s.is_failing and not s.is_parked) as failing,
                   count(s.kind) filter (where s.is_parked) as parked,
                   max(extract(epoch from $1 - s.as_of)::float8)
                       filter (where not s.is_parked) as age_max
              from unnest($2::text[]) as w (kind)
              left join stream s on s.kind = w.kind
             group by w.kind) as k
     cross join lateral (values
           ('audience_streams', k.count::float8),
           ('audience_streams_unread', k.unread::float8),
           ('audience_streams_paused', k.paused::float8),
           ('audience_streams_failing', k.failing::float8),
           ('audience_streams_parked', k.parked::float8),
           ('audience_stream_age_max_seconds', k.age_max)) as of_kind (name, value)
    union all
    select 'audience_last_tick_age_seconds', null,
           -- Of what `claim_audience` may take up. Before the first tick, since one could.
           extract(epoch from $1 - greatest(
               max(s.tried_at), min(greatest(c.created_at, s.paused_until))))::float8
      from models m
      join fanvue_connections c
        on c.agency_id = m.agency_id and c.id = m.connection_id
      left join audience_streams s
        on s.agency_id = m.agency_id and s.model_id = m.id
       and (s.kind <> 'profile' or c.account_uuid = m.fanvue_user_uuid)
     where c.state = 'active' and m.fanvue_user_uuid is not null and s.parked_at is null
       and coalesce(s.paused_until <= $1, true)";

/// How one thing stands that is read of all audiences of an agency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AudienceStanding {
    /// What is read.
    pub kind: AudienceKind,
    /// Of how many creators.
    pub count: i64,
    /// Of them: not read to the end yet.
    pub unread: i64,
    /// Of them: the last attempt failed, and it is tried again.
    pub failing: i64,
    /// Of them: set aside.
    pub parked: i64,
    /// As of when the oldest is true that was read and is not set aside.
    pub oldest_as_of: Option<Timestamp>,
}

/// A stream whose last attempt failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AudienceTrouble {
    /// The creator.
    pub creator: CreatorId,
    /// The creator's name.
    pub name: String,
    /// What is read.
    pub kind: AudienceKind,
    /// As of when what is stored is true.
    pub as_of: Option<Timestamp>,
    /// Failed attempts in a row.
    pub attempts: i32,
    /// Why the last one failed.
    pub last_error: Option<String>,
    /// When that was.
    pub last_error_at: Option<Timestamp>,
    /// When it is due again.
    pub next_at: Timestamp,
    /// Since when it is set aside.
    pub parked_at: Option<Timestamp>,
}

fn kind(row: &Row) -> Result<AudienceKind, Error> {
    let unknown = Error::Inconsistent { table: "audience_streams", column: "kind" };
    AudienceKind::of(row.get("kind")).ok_or(unknown)
}

fn standing(row: &Row) -> Result<AudienceStanding, Error> {
    Ok(AudienceStanding {
        kind: kind(row)?,
        count: row.get("stream_count"),
        unread: row.get("unread"),
        failing: row.get("failing"),
        parked: row.get("parked"),
        oldest_as_of: row.get("oldest_as_of"),
    })
}

fn trouble(row: &Row) -> Result<AudienceTrouble, Error> {
    Ok(AudienceTrouble {
        creator: CreatorId(row.get("model_id")),
        name: row.get("name"),
        kind: kind(row)?,
        as_of: row.get("as_of"),
        attempts: row.get("attempts"),
        last_error: row.get("last_error"),
        last_error_at: row.get("last_error_at"),
        next_at: row.get("next_at"),
        parked_at: row.get("parked_at"),
    })
}

impl Store {
    /// What is counted of the streams of all audiences, by kind, at `now`. Ages are those of streams that
    /// are not parked.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_audience_samples(&self, now: Timestamp) -> Result<Vec<Sample>, Error> {
        let kinds = AudienceKind::ALL.map(AudienceKind::as_str).to_vec();
        let rows = self
            .rows(
                "list_audience_samples",
                SAMPLES,
                &[(&now, Type::TIMESTAMPTZ), (&kinds, Type::TEXT_ARRAY)],
            )
            .await?;
        Ok(rows.iter().filter_map(sample).collect())
    }
}

impl Reader {
    /// How each thing stands that is read of the agency's audiences; what nothing is read of is left out.
    ///
    /// # Errors
    /// As for any statement; [`Error::Inconsistent`] for a kind that we never wrote.
    pub async fn sum_audience_streams(
        &self,
        agency: AgencyId,
    ) -> Result<Vec<AudienceStanding>, Error> {
        let rows = self
            .rows(
                "sum_audience_streams",
                "-- sum_audience_streams
                 select s.kind, count(*) as stream_count,
                        count(*) filter (where s.as_of is null) as unread,
                        count(*) filter (where s.last_error is not null
                                           and s.parked_at is null) as failing,
                        count(*) filter (where s.parked_at is not null) as parked,
                        min(s.as_of) filter (where s.parked_at is null) as oldest_as_of
                   from audience_streams s
                   join models m on m.agency_id = s.agency_id and m.id = s.model_id
                   join fanvue_connections c
                     on c.agency_id = m.agency_id and c.id = m.connection_id
                  where s.agency_id = $1 and c.state = 'active'
                    and (s.kind <> 'profile' or c.account_uuid = m.fanvue_user_uuid)
                  group by s.kind order by s.kind",
                &[(&agency.0, Type::UUID)],
            )
            .await?;
        rows.iter().map(standing).collect()
    }

    /// The agency's streams that are set aside, then those whose last attempt failed, by the creator's
    /// name; at most `limit`.
    ///
    /// # Errors
    /// As for any statement; [`Error::Inconsistent`] for a kind that we never wrote.
    pub async fn list_audience_troubles(
        &self,
        agency: AgencyId,
        limit: i64,
    ) -> Result<Vec<AudienceTrouble>, Error> {
        let rows = self
            .rows(
                "list_audience_troubles",
                "-- list_audience_troubles
                 select s.model_id, m.name, s.kind, s.as_of, s.attempts, s.last_error,
                        s.last_error_at, s.next_at, s.parked_at
                   from audience_streams s
                   join models m on m.agency_id = s.agency_id and m.id = s.model_id
                   join fanvue_connections c
                     on c.agency_id = m.agency_id and c.id = m.connection_id
                  where s.agency_id = $1 and c.state = 'active'
                    and (s.kind <> 'profile' or c.account_uuid = m.fanvue_user_uuid)
                    and (s.parked_at is not null or s.last_error is not null)
                  order by s.parked_at is null, m.name, m.id, s.kind limit $2",
                &[(&agency.0, Type::UUID), (&limit, Type::INT8)],
            )
            .await?;
        rows.iter().map(trouble).collect()
    }
}
