//! What a monitor draws: numbers about all agencies together, as the database knows them. No series
//! stands for one creator, so their number stays what it is however many creators there are.

mod work;

use jiff::Timestamp;
use tokio_postgres::{Row, types::Type};

use crate::{CreatorFreshness, Error, Store, analytics::freshness, claims::UNREADABLE};

const SAMPLES: &str = "-- list_samples
    with stream as (
        select s.sync_type, s.watermark, s.last_error,
               s.parked_at is not null as is_parked, s.paused_until > $1 as is_paused,
               case when s.parked_at is null
                    then extract(epoch from $1 - s.watermark)::float8 end as age
          from sync_state s
          join models m on m.agency_id = s.agency_id and m.id = s.model_id
          join fanvue_connections c
            on c.agency_id = m.agency_id and c.id = m.connection_id
         where c.state = 'active'
    ), connection as (
        select case when state = 'active' and expires_at < $2 then 'overdue'
                    else state end as state
          from fanvue_connections
    ), bucket as (
        -- A window that has ended gives all of it again.
        select case when b.bucket = 'account' then 'account'
                    else 'creator' end as kind, b.request_limit, b.requests_sent,
               c.state = 'active' as is_active,
               case when b.paused_until > $1 then 0
                    when b.window_ends_at > $1 then b.remaining
                    else b.request_limit end as remaining
          from rate_budgets b
          join fanvue_connections c
            on c.agency_id = b.agency_id and c.id = b.connection_id
    )
    select of_kind.name, k.sync_type as label, of_kind.value
      from (select sync_type, count(*) as count,
                   count(*) filter (where watermark is null) as unfinished,
                   count(*) filter (where is_paused and not is_parked) as paused,
                   count(*) filter (where last_error is not null
                                      and not is_parked) as failing,
                   max(age) as age_max,
                   percentile_disc(0.95) within group (order by age) as age_p95,
                   percentile_disc(0.5) within group (order by age) as age_median
              from stream group by sync_type) as k
     cross join lateral (values
           ('streams', k.count::float8),
           ('streams_unfinished', k.unfinished::float8),
           ('streams_paused', k.paused::float8),
           ('streams_failing', k.failing::float8),
           ('stream_age_max_seconds', k.age_max),
           ('stream_age_p95_seconds', k.age_p95),
           ('stream_age_median_seconds', k.age_median)) as of_kind (name, value)
    union all
    select 'streams_parked', w.reason, count(s.sync_type)::float8
      from (values ('refused'), ('unreadable')) as w (reason)
      left join stream s
        on s.is_parked
       and (w.reason = 'unreadable') = (s.last_error is not distinct from $3)
     group by w.reason
    union all
    select 'connections', w.state, count(c.state)::float8
      from (values ('active'), ('overdue'), ('revoked'), ('disconnected')) as w (state)
      left join connection c on c.state = w.state
     group by w.state
    union all
    select of_kind.name, k.kind, of_kind.value
      from (select w.kind, sum(b.request_limit) filter (where b.is_active) as request_limit,
                   sum(b.remaining) filter (where b.is_active) as remaining,
                   count(*) filter (where b.is_active and b.remaining <= 0) as empty,
                   -- What was sent stays sent.
                   sum(b.requests_sent) as sent
              from (values ('account'), ('creator')) as w (kind)
              left join bucket b on b.kind = w.kind
             group by w.kind) as k
     cross join lateral (values
           ('budget_requests_max', coalesce(k.request_limit, 0)::float8),
           ('budget_requests_left', coalesce(k.remaining, 0)::float8),
           ('requests_sent', coalesce(k.sent, 0)::float8),
           ('budgets_empty', k.empty::float8)) as of_kind (name, value)
    union all
    select 'transactions', null, coalesce(sum(transactions_total), 0)::float8
      from models
    union all
    select 'last_tick_age_seconds', null,
           -- Of whom `claim_streams` may take up: others say nothing of ticks. Before the first tick, since
           -- one could.
           extract(epoch from $1 - greatest(
               max(s.tried_at), min(greatest(c.created_at, s.paused_until))))::float8
      from models m
      join fanvue_connections c
        on c.agency_id = m.agency_id and c.id = m.connection_id
      left join sync_state s
        on s.agency_id = m.agency_id and s.model_id = m.id and s.sync_type = 'earnings'
     where c.state = 'active' and m.fanvue_user_uuid is not null and s.parked_at is null
       and coalesce(s.paused_until <= $1, true)";

/// One number.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// What was counted.
    pub name: String,
    /// Of which kind, where there are several.
    pub label: Option<String>,
    /// How many, how much or how long.
    pub value: f64,
}

pub(crate) fn sample(row: &Row) -> Option<Sample> {
    // The sum or the oldest of nothing is no number.
    let value = row.get::<_, Option<f64>>("value")?;
    Some(Sample { name: row.get("name"), label: row.get("label"), value })
}

impl Store {
    /// Everything that is counted by the database itself, at `now`. Ages are those of streams that are
    /// not parked. A connection that works is overdue when its token ended before `overdue_before`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_samples(
        &self,
        now: Timestamp,
        overdue_before: Timestamp,
    ) -> Result<Vec<Sample>, Error> {
        let rows = self
            .rows(
                "list_samples",
                SAMPLES,
                &[
                    (&now, Type::TIMESTAMPTZ),
                    (&overdue_before, Type::TIMESTAMPTZ),
                    (&UNREADABLE, Type::TEXT),
                ],
            )
            .await?;
        Ok(rows.iter().filter_map(sample).collect())
    }

    /// How all creators of all agencies stand, at most `limit`, always the same first ones: only what
    /// decides their state, the rest is left out.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_all_freshness(&self, limit: i64) -> Result<Vec<CreatorFreshness>, Error> {
        let rows = self
            .rows(
                "list_all_freshness",
                "-- list_all_freshness
                 select m.id, '' as name, null::text as fanvue_username,
                        null::text as fanvue_user_uuid, m.last_transaction_sync, s.watermark,
                        s.confirmed_at, m.transactions_total, null::int4 as subscribers_count,
                        null::int4 as followers_count, null::timestamptz as stats_updated_at,
                        null::timestamptz as subscribers_as_of,
                        null::timestamptz as followers_as_of, null::int4 as unread_messages,
                        null::timestamptz as unread_as_of, null::int4 as posts_count,
                        null::timestamptz as posts_as_of, null::int4 as likes_count,
                        null::timestamptz as likes_as_of,
                        c.state = 'active' as is_connected, s.lease_expires_at, s.tried_at,
                        s.next_sync_at, s.paused_until, s.parked_at, s.last_error,
                         0::int8 as reject_count, 0::int8 as adopted_count,
                         0::int8 as difference_count, false as lacks_reversals, null::timestamptz as hints_ended_at,
                         null::timestamptz as hints_end_at, null::date as first_day,
                         clock_timestamp() as told_at
                   from models m
                   left join fanvue_connections c
                     on c.agency_id = m.agency_id and c.id = m.connection_id
                   left join sync_state s
                     on s.agency_id = m.agency_id and s.model_id = m.id
                    and s.sync_type = 'earnings'
                  order by m.agency_id, m.id limit $1",
                &[(&limit, Type::INT8)],
            )
            .await?;
        Ok(rows.iter().map(freshness).collect())
    }
}
