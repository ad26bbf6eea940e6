//! What the rows say of work: what is read, what waits for somebody, and what was given up. Of fans nothing.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tokio_postgres::types::Type;

use super::Examiner;
use crate::Error;

/// Streams of earnings whose connection works.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct StreamFacts {
    /// How many a tick would take up: neither set aside nor paused.
    pub count: i64,
    /// When a tick last took one of those up.
    pub tried_at: Option<Timestamp>,
    /// Since when the first of those could be: its account is connected, and no pause holds it.
    pub free_at: Option<Timestamp>,
    /// Creators whose stream is set aside, the first twenty.
    pub parked: Vec<String>,
    /// Creators of whom five readings in a row failed, the first twenty.
    pub failing: Vec<String>,
    /// Other creators whose figures are two hours old, or a day where Fanvue asked for a wait or the
    /// history is being read; the first twenty.
    pub stale: Vec<String>,
}

/// Streams of audiences whose connection works.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct AudienceFacts {
    /// How many are set aside.
    pub parked: i64,
    /// How many were due two hours ago, and creators connected for so long of whom nothing was asked for yet.
    pub late: i64,
    /// Kinds of which somebody's count is half a day old, or is unknown a day after she was connected, and is
    /// not set aside.
    pub old: Vec<String>,
    /// When a tick last took one up.
    pub tried_at: Option<Timestamp>,
}

/// Webhooks, and the sales that they should have told of.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct EventFacts {
    /// When one that told of something last came, of the last month.
    pub newest: Option<Timestamp>,
    /// How many wait to be understood by a tick.
    pub waiting: i64,
    /// When the oldest of them came.
    pub oldest_waiting: Option<Timestamp>,
    /// How many wait for a person.
    pub quarantined: i64,
    /// Sales of the last day, an hour old or more, that came by rows after the newest webhook.
    pub sales_untold: i64,
    /// When the newest of these sales was.
    pub untold_at: Option<Timestamp>,
    /// Sales that a webhook told of in the last week and no row came for.
    pub unmatched: i64,
}

/// What is not counted, or not asked for.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct MoneyFacts {
    /// Rows of the feed that could not be read.
    pub rejects: i64,
    /// Buckets of requests in which nobody asks for ten minutes or longer.
    pub budgets_paused: i64,
    /// Until when at the latest.
    pub paused_until: Option<Timestamp>,
}

/// Jobs that do not end, or ended without all of it.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct JobFacts {
    /// Begun a day ago or earlier, and not at their end.
    pub stuck: i64,
    /// Histories of the last week that ended unread.
    pub failed: i64,
}

/// Alerts and what they are made of.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct AlertFacts {
    /// Alerts that were given up.
    pub failed: i64,
    /// Posts of whom two runs of the schedule should have said that they were missed.
    pub unnoticed: i64,
    /// Shifts of whom two runs should have said that nobody came.
    pub unnoticed_shifts: i64,
}

impl Examiner {
    /// Streams of earnings whose connection works.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn streams(&self, now: Timestamp) -> Result<StreamFacts, Error> {
        let sql = "-- examine_streams
             with known as (
                 select m.name, s.tried_at, s.parked_at is not null as is_parked,
                        coalesce(s.paused_until > $1, false) as is_paused,
                        greatest(c.created_at, s.paused_until) as free_at,
                        s.last_error is not null and s.attempts >= 5 as is_failing,
                        s.watermark is null as is_unread,
                        -- A history has no age: what counts is whether anybody goes on with it.
                        greatest(s.watermark, s.confirmed_at,
                                 case when s.watermark is null
                                      then greatest(s.tried_at, c.created_at) end) as as_of
                   from sync_state s
                   join models m on m.agency_id = s.agency_id and m.id = s.model_id
                   join fanvue_connections c
                     on c.agency_id = m.agency_id and c.id = m.connection_id
                  where s.sync_type = 'earnings' and c.state = 'active'
                    and m.fanvue_user_uuid is not null
             ), stream as (
                 select known.*, not is_parked and not is_failing
                        and as_of < $1 - case when is_paused or is_unread then interval '1 day'
                                              else interval '2 hours' end as is_stale
                   from known
             ), free as (
                 select * from stream where not is_parked and not is_paused
             )
             select json_build_object(
                'count', (select count(*) from free),
                'tried_at', (select max(tried_at) from free),
                'free_at', (select min(free_at) from free),
                'parked', (
                    select coalesce(json_agg(p.name), '[]')
                      from (select name from stream where is_parked order by name limit 20) as p),
                'failing', (
                    select coalesce(json_agg(f.name), '[]')
                      from (select name from stream where is_failing and not is_parked
                             order by name limit 20) as f),
                'stale', (
                    select coalesce(json_agg(o.name), '[]')
                      from (select name from stream where is_stale order by name limit 20) as o))";
        self.told("examine_streams", sql, &[(&now, Type::TIMESTAMPTZ)]).await
    }

    /// Streams of audiences whose connection works.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn audiences(&self, now: Timestamp) -> Result<AudienceFacts, Error> {
        let sql = "-- examine_audiences
             with stream as (
                 select s.kind, s.parked_at, s.paused_until, s.next_at, s.tried_at, s.as_of,
                        greatest(c.created_at, m.created_at) as known_at
                   from models m
                   join fanvue_connections c on c.agency_id = m.agency_id and c.id = m.connection_id
                   left join audience_streams s on s.agency_id = m.agency_id and s.model_id = m.id
                  where c.state = 'active' and m.fanvue_user_uuid is not null
                    and (s.kind is distinct from 'profile' or c.account_uuid = m.fanvue_user_uuid)
             )
             select json_build_object(
                'parked', count(*) filter (where parked_at is not null),
                'late', count(*) filter (
                    where parked_at is null
                      and greatest(coalesce(next_at, known_at), paused_until)
                          < $1 - interval '2 hours'),
                -- What is read least often is due every six hours; money goes first.
                'old', coalesce(json_agg(distinct kind) filter (
                    where kind is not null and parked_at is null
                      and (as_of < $1 - interval '12 hours'
                           or as_of is null and known_at < $1 - interval '1 day')), '[]'),
                'tried_at', max(tried_at))
               from stream";
        self.told("examine_audiences", sql, &[(&now, Type::TIMESTAMPTZ)]).await
    }

    /// Webhooks, and the sales that they should have told of.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn events(&self, now: Timestamp) -> Result<EventFacts, Error> {
        let sql = "-- examine_events
             with newest as (
                 select greatest(
                     (select max(settled_at) from webhook_events
                       where state = 'done' and body is not null),
                     (select max(received_at) from webhook_events where state = 'new'),
                     (select max(received_at) from webhook_events where state = 'quarantined')) as at
             ), untold as (
                 select sale.transaction_date as at
                   from newest, agencies a
                  cross join lateral (
                      select max(c.created_at) as at from fanvue_connections c
                       where c.agency_id = a.id and c.state = 'active') as connected
                  cross join lateral (
                      select t.transaction_date from fanvue_transactions t
                       where t.agency_id = a.id and t.amount_cents > 0
                         and t.transaction_type not in ('affiliate', 'giveaway', 'referral')
                         and t.transaction_date > greatest($1::timestamptz - interval '1 day',
                                                           newest.at, connected.at)
                         and t.transaction_date < $1::timestamptz - interval '1 hour'
                       order by t.transaction_date desc limit 100) as sale
                  where connected.at is not null
             )
             select json_build_object(
                'newest', (select at from newest),
                'waiting', (select count(*) from webhook_events where state = 'new'),
                'oldest_waiting', (
                    select min(received_at) from webhook_events where state = 'new'),
                'quarantined', (select count(*) from webhook_events where state = 'quarantined'),
                'sales_untold', (select count(*) from untold),
                'untold_at', (select max(at) from untold),
                'unmatched', (
                    select count(*) from provisional_transactions
                     where state = 'unmatched' and at > $1::timestamptz - interval '7 days'))";
        self.told("examine_events", sql, &[(&now, Type::TIMESTAMPTZ)]).await
    }

    /// What is not counted, or not asked for.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn money(&self, now: Timestamp) -> Result<MoneyFacts, Error> {
        let sql = "-- examine_money
             select json_build_object(
                'rejects', (select count(*) from earning_rejects),
                'budgets_paused', count(*), 'paused_until', max(b.paused_until))
               from rate_budgets b
               join fanvue_connections c on c.agency_id = b.agency_id and c.id = b.connection_id
              where c.state = 'active' and b.paused_until > $1";
        let long = now + SignedDuration::from_mins(10);
        self.told("examine_money", sql, &[(&long, Type::TIMESTAMPTZ)]).await
    }

    /// Jobs that do not end, or ended without all of it.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn jobs(&self, now: Timestamp) -> Result<JobFacts, Error> {
        let sql = "-- examine_jobs
             select json_build_object(
                'stuck', (
                    select count(*) from sync_jobs j
                     where j.begun_at < $1::timestamptz - interval '1 day'
                       and exists (select from sync_job_creators c
                                    where c.agency_id = j.agency_id and c.job_id = j.id
                                      and c.ended_at is null)),
                'failed', (
                    select count(*) from sync_job_creators
                     where outcome <> 'done' and ended_at > $1::timestamptz - interval '7 days'))";
        self.told("examine_jobs", sql, &[(&now, Type::TIMESTAMPTZ)]).await
    }

    /// Alerts and what they are made of.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn alerts(&self, now: Timestamp) -> Result<AlertFacts, Error> {
        // A post is missed after two hours, a shift is late at once, and the schedules run every six. What is
        // late is that which `note_late_shifts` notes.
        let sql = "-- examine_alerts
             select json_build_object(
                'failed', (select count(*) from alerts where state = 'failed'),
                'unnoticed', (
                    select count(*) from content_tasks
                     where status::text = 'scheduled' and posted_at is null
                       and scheduled_at < $1::timestamptz - interval '15 hours'
                       and scheduled_at > $1::timestamptz - interval '2 days'),
                'unnoticed_shifts', (
                    select count(*) from shifts s join agencies g on g.id = s.agency_id
                     where s.status::text = 'scheduled' and s.employee_id is not null
                       and s.start_time < $1::timestamptz - interval '15 hours'
                       and s.start_time > $1::timestamptz - interval '2 days'
                       and not is_clocked_in(s.agency_id, s.id, s.employee_id,
                                             s.start_time + interval '10 minutes', s.end_time)
                       and not exists (
                           select 1 from alerts a
                            where a.agency_id = s.agency_id and a.kind = 'late_shift'
                              and a.subject_id = s.id and a.due_at = s.start_time
                              and a.state <> 'dropped')))";
        self.told("examine_alerts", sql, &[(&now, Type::TIMESTAMPTZ)]).await
    }
}
