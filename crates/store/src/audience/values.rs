//! What was read of an audience, counts here and lists in `lists`. Each is written in one statement with
//! the end of its turn, under its lease, and the creator's row first, as everybody takes them who holds
//! both.

use jiff::{Timestamp, civil::Date};
use tokio_postgres::types::Type;

use super::AudienceLease;
use crate::{Error, Store, statements::Params};

/// The beginning of each of these statements: `held` is the stream's row if the lease is ours, and
/// its turn is over. A count that is the same as before keeps its as-of time while that is later than
/// `kept_after`: whoever moves it changes what dashboards show, and all of them ask anew. One that lies ahead
/// of this turn was written by a wrong clock and does not stay.
const HELD: &str = "with creator as (
                     select 1 from models where agency_id = $1 and id = $2 for no key update
                 ), held as (
                     update audience_streams
                        set as_of = $5, next_at = $6, attempts = 0, refusals = 0, last_error = null,
                            paused_until = null, lease_token = null, lease_expires_at = null,
                            emptied_at = null, walk_begun_at = null, walk_mark = null,
                            walk_pages = 0, walk_total = 0, walk_seen = ''
                      where agency_id = $1 and model_id = $2 and kind = $3 and lease_token = $4
                        and exists (select 1 from creator)
                     returning agency_id, model_id, kind,
                               $5 - interval '50 minutes' as kept_after
                 )";

/// A count of people or messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// How many.
    pub count: i32,
    /// The agency's day that it is the count of.
    pub day: Date,
}

/// What the platform says of its own creator. What it leaves out stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profiled {
    /// Posts.
    pub posts: Option<i32>,
    /// Likes.
    pub likes: Option<i32>,
}

/// How many subscribed and cancelled on one of the agency's days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayOfChanges {
    /// The day.
    pub on: Date,
    /// Who subscribed.
    pub new: i32,
    /// Whose subscription ended.
    pub cancelled: i32,
}

/// As of when something was read, and when it is due again.
pub(super) type Turn = (Timestamp, Timestamp);

impl Store {
    /// Writes a count down: of subscribers, followers or unread messages, by the lease's kind. Those of
    /// people are also their day's. One that did not change is not shown as of later at once: see `HELD`.
    ///
    /// # Errors
    /// [`Error::Lost`] when the lease is no longer ours.
    pub async fn finish_count(
        &self,
        lease: &AudienceLease,
        counted: Counted,
        turn: Turn,
    ) -> Result<(), Error> {
        let rest = "shown as (
                     update models m
                        set subscribers_count = case kind when 'subscribers' then $7
                                                else m.subscribers_count end,
                            subscribers_as_of = case kind when 'subscribers' then $5
                                                else m.subscribers_as_of end,
                            followers_count = case kind when 'followers' then $7
                                              else m.followers_count end,
                            followers_as_of = case kind when 'followers' then $5
                                              else m.followers_as_of end,
                            unread_messages = case kind when 'unread' then $7
                                              else m.unread_messages end,
                            unread_as_of = case kind when 'unread' then $5
                                           else m.unread_as_of end,
                            -- Of both: the older one.
                            stats_updated_at = coalesce(least(
                                case kind when 'subscribers' then $5 else m.subscribers_as_of end,
                                case kind when 'followers' then $5 else m.followers_as_of end),
                                m.stats_updated_at)
                       from held
                      where m.agency_id = held.agency_id and m.id = held.model_id
                        and (case kind when 'subscribers'
                                       then ($7 = m.subscribers_count
                                             and m.subscribers_as_of > kept_after
                                             and m.subscribers_as_of <= $5)
                                       when 'followers'
                                       then ($7 = m.followers_count
                                             and m.followers_as_of > kept_after
                                             and m.followers_as_of <= $5)
                                       else ($7 = m.unread_messages
                                             and m.unread_as_of > kept_after
                                             and m.unread_as_of <= $5) end) is not true
                 ), by_day as (
                     insert into subscriber_history as h
                         (agency_id, model_id, date, subscribers_count, followers_count)
                     select agency_id, model_id, $8::date,
                            case kind when 'subscribers' then $7 end,
                            case kind when 'followers' then $7 end
                       from held where kind in ('subscribers', 'followers')
                     on conflict (agency_id, model_id, date) do update
                        set subscribers_count =
                                coalesce(excluded.subscribers_count, h.subscribers_count),
                            followers_count = coalesce(excluded.followers_count, h.followers_count)
                      where excluded.subscribers_count <> coalesce(h.subscribers_count, -1)
                         or excluded.followers_count <> coalesce(h.followers_count, -1)
                 )";
        let params: Params<'_> = &[(&counted.count, Type::INT4), (&counted.day, Type::DATE)];
        self.finish("finish_count", lease, turn, rest, params).await
    }

    /// Writes down what the platform says of its own creator.
    ///
    /// # Errors
    /// [`Error::Lost`] when the lease is no longer ours.
    pub async fn finish_profile(
        &self,
        lease: &AudienceLease,
        told: Profiled,
        turn: Turn,
    ) -> Result<(), Error> {
        let rest = "shown as (
                     update models m
                        set posts_count = coalesce($7, m.posts_count),
                            posts_as_of =
                                case when $7 is null
                                       or ($7 = m.posts_count and m.posts_as_of > kept_after
                                           and m.posts_as_of <= $5)
                                     then m.posts_as_of else $5 end,
                            likes_count = coalesce($8, m.likes_count),
                            likes_as_of =
                                case when $8 is null
                                       or ($8 = m.likes_count and m.likes_as_of > kept_after
                                           and m.likes_as_of <= $5)
                                     then m.likes_as_of else $5 end
                       from held
                      where m.agency_id = held.agency_id and m.id = held.model_id
                 )";
        let params: Params<'_> = &[(&told.posts, Type::INT4), (&told.likes, Type::INT4)];
        self.finish("finish_profile", lease, turn, rest, params).await
    }

    /// Writes down who subscribed and cancelled on those days, each named once.
    ///
    /// # Errors
    /// [`Error::Lost`] when the lease is no longer ours.
    pub async fn finish_changes(
        &self,
        lease: &AudienceLease,
        days: &[DayOfChanges],
        turn: Turn,
    ) -> Result<(), Error> {
        let rest = "by_day as (
                     insert into subscriber_history as h
                         (agency_id, model_id, date, new_subscribers, cancelled_subscribers)
                     select held.agency_id, held.model_id, d.day, d.begun, d.ended
                       from held
                      cross join unnest($7::date[], $8::int[], $9::int[]) as d (day, begun, ended)
                     on conflict (agency_id, model_id, date) do update
                        set new_subscribers = excluded.new_subscribers,
                            cancelled_subscribers = excluded.cancelled_subscribers
                      where (h.new_subscribers, h.cancelled_subscribers) is distinct from
                            (excluded.new_subscribers, excluded.cancelled_subscribers)
                 )";
        let dates: Vec<_> = days.iter().map(|day| day.on).collect();
        let new: Vec<_> = days.iter().map(|day| day.new).collect();
        let cancelled: Vec<_> = days.iter().map(|day| day.cancelled).collect();
        let params: Params<'_> =
            &[(&dates, Type::DATE_ARRAY), (&new, Type::INT4_ARRAY), (&cancelled, Type::INT4_ARRAY)];
        self.finish("finish_changes", lease, turn, rest, params).await
    }

    /// Ends a turn: `rest` is what follows from its row, with parameters from `$7` on.
    pub(super) async fn finish(
        &self,
        statement: &'static str,
        lease: &AudienceLease,
        (as_of, next_at): Turn,
        rest: &'static str,
        params: Params<'_>,
    ) -> Result<(), Error> {
        let sql = format!("-- {statement}\n{HELD}, {rest} select count(*) as held_count from held");
        let kind = lease.kind.as_str();
        let own: Params<'_> = &[
            (&lease.agency.0, Type::UUID),
            (&lease.creator.0, Type::UUID),
            (&kind, Type::TEXT),
            (&lease.token, Type::UUID),
            (&as_of, Type::TIMESTAMPTZ),
            (&next_at, Type::TIMESTAMPTZ),
        ];
        let all: Vec<_> = own.iter().chain(params).cloned().collect();
        let rows = self.rows(statement, &sql, &all).await?;
        let held: i64 = rows.first().map_or(0, |row| row.get("held_count"));
        if held == 1 { Ok(()) } else { Err(Error::Lost { statement }) }
    }
}
