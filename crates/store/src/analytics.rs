//! What the dashboard reads of its creators: how each stands. Their sums are in `sums`.

use jiff::{Timestamp, civil::Date};
use ledger::{AgencyId, CreatorId};
use tokio_postgres::{Row, types::Type};

use crate::{Error, Reader};

/// How far a creator's earnings have been read, and what keeps them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatorFreshness {
    /// The creator.
    pub id: CreatorId,
    /// The creator's name.
    pub name: String,
    /// The handle at the platform, once it is known.
    pub handle: Option<String>,
    /// Everything before this instant is in the ledger; `None` while the history is incomplete.
    pub as_of: Option<Timestamp>,
    /// The same as the stream itself has it; `None` also when the creator has no stream.
    pub watermark: Option<Timestamp>,
    /// When the platform last told that nothing is new, by rows or by totals.
    pub confirmed_at: Option<Timestamp>,
    /// The platform's uuid of the account.
    pub account_uuid: Option<String>,
    /// Rows in the ledger.
    pub row_count: i64,
    /// Rows of the feed that could not be read and are counted nowhere.
    pub reject_count: i64,
    /// Rows of an older system that no read has shown yet; they are counted.
    pub adopted_count: i64,
    /// Days on which Fanvue's total is not that of the rows.
    pub difference_count: i64,
    /// Whether its reversals are not all read: no list shows those of managed creators without `/v1`,
    /// and after its return they are read from then on. A change of totals asks for less.
    pub lacks_reversals: bool,
    /// Subscribers when they were last counted.
    pub subscribers_count: Option<i32>,
    /// Followers when they were last counted.
    pub followers_count: Option<i32>,
    /// As of when the older of both counts is true, or when an older system took them.
    pub stats_at: Option<Timestamp>,
    /// As of when the count of subscribers is true.
    pub subscribers_as_of: Option<Timestamp>,
    /// As of when the count of followers is true.
    pub followers_as_of: Option<Timestamp>,
    /// Unread messages when they were last counted, and as of when that is true.
    pub unread: (Option<i32>, Option<Timestamp>),
    /// The same of posts.
    pub posts: (Option<i32>, Option<Timestamp>),
    /// The same of likes.
    pub likes: (Option<i32>, Option<Timestamp>),
    /// Whether the connection works; `None` when there is none.
    pub is_connected: Option<bool>,
    /// Until when a tick holds the stream.
    pub lease_expires_at: Option<Timestamp>,
    /// When a tick last took the stream up.
    pub tried_at: Option<Timestamp>,
    /// When it is due next.
    pub next_sync_at: Option<Timestamp>,
    /// The platform asked us to wait until then.
    pub paused_until: Option<Timestamp>,
    /// Since when it is set aside, because it failed in a way that no retry mends.
    pub parked_at: Option<Timestamp>,
    /// The last failure, if the last attempt failed.
    pub last_error: Option<String>,
    /// When the last of its sales that only webhooks told of ceased to count for its age, at the
    /// instant asked for, and when the next one will.
    pub hints_ended_at: Option<Timestamp>,
    /// See [`CreatorFreshness::hints_ended_at`].
    pub hints_end_at: Option<Timestamp>,
    /// The first day with revenue; only when it was asked for.
    pub first_day: Option<Date>,
    /// When all this was told, by the database's clock.
    pub told_at: Timestamp,
}

pub(crate) fn freshness(row: &Row) -> CreatorFreshness {
    CreatorFreshness {
        id: CreatorId(row.get("id")),
        name: row.get("name"),
        handle: row.get("fanvue_username"),
        as_of: row.get("last_transaction_sync"),
        watermark: row.get("watermark"),
        confirmed_at: row.get("confirmed_at"),
        account_uuid: row.get("fanvue_user_uuid"),
        row_count: row.get("transactions_total"),
        reject_count: row.get("reject_count"),
        adopted_count: row.get("adopted_count"),
        difference_count: row.get("difference_count"),
        lacks_reversals: row.get("lacks_reversals"),
        subscribers_count: row.get("subscribers_count"),
        followers_count: row.get("followers_count"),
        stats_at: row.get("stats_updated_at"),
        subscribers_as_of: row.get("subscribers_as_of"),
        followers_as_of: row.get("followers_as_of"),
        unread: (row.get("unread_messages"), row.get("unread_as_of")),
        posts: (row.get("posts_count"), row.get("posts_as_of")),
        likes: (row.get("likes_count"), row.get("likes_as_of")),
        is_connected: row.get("is_connected"),
        lease_expires_at: row.get("lease_expires_at"),
        tried_at: row.get("tried_at"),
        next_sync_at: row.get("next_sync_at"),
        paused_until: row.get("paused_until"),
        parked_at: row.get("parked_at"),
        last_error: row.get("last_error"),
        hints_ended_at: row.get("hints_ended_at"),
        hints_end_at: row.get("hints_end_at"),
        first_day: row.get("first_day"),
        told_at: row.get("told_at"),
    }
}

impl Reader {
    /// How the agency's creators stand, by name, at most `limit`; only `creator` where one is given.
    /// Their first day with revenue costs one more index probe each, so it has to be asked for.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_creator_freshness(
        &self,
        agency: AgencyId,
        creator: Option<CreatorId>,
        with_first_day: bool,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<CreatorFreshness>, Error> {
        let rows = self
            .rows(
                "list_creator_freshness",
                "-- list_creator_freshness
                 select m.id, m.name, m.fanvue_username, m.fanvue_user_uuid,
                        m.last_transaction_sync, s.watermark, s.confirmed_at,
                        m.transactions_total, m.subscribers_count, m.followers_count,
                        m.stats_updated_at, m.subscribers_as_of, m.followers_as_of,
                        m.unread_messages, m.unread_as_of, m.posts_count, m.posts_as_of,
                        m.likes_count, m.likes_as_of, c.state = 'active' as is_connected,
                        s.lease_expires_at, s.tried_at, s.next_sync_at, s.paused_until,
                        s.parked_at, coalesce(s.last_error, case when c.state <> 'active'
                            then c.last_error end) as last_error,
                        (select count(*) from earning_rejects r
                          where r.agency_id = m.agency_id and r.model_id = m.id) as reject_count,
                        (select count(*) from upgrade_receipts u
                          where u.agency_id = m.agency_id and u.model_id = m.id
                            and u.state = 'adopted') as adopted_count,
                        (select count(*) from proof_days d
                          where d.agency_id = m.agency_id and d.model_id = m.id)
                        as difference_count,
                        coalesce(m.fanvue_user_uuid <> c.account_uuid and s.model_id is not null
                                 and (c.routes = 'unprefixed'
                                      or s.needs_read
                                     and s.read_from <= s.watermark - interval '90 hours'),
                                 false) as lacks_reversals,
                        h.hints_ended_at, h.hints_end_at,
                        case when $3 then
                            least((select min(d.day) from revenue_daily d
                                    where d.agency_id = m.agency_id and d.model_id = m.id),
                                  (select (min(p.at) at time zone a.timezone)::date
                                     from provisional_transactions p
                                    where p.agency_id = m.agency_id and p.model_id = m.id
                                      and p.state = 'open'))
                        end as first_day, clock_timestamp() as told_at
                   from models m
                   join agencies a on a.id = m.agency_id
                   left join fanvue_connections c
                     on c.agency_id = m.agency_id and c.id = m.connection_id
                   left join sync_state s
                     on s.agency_id = m.agency_id and s.model_id = m.id
                    and s.sync_type = 'earnings'
                  cross join lateral (
                        select max(p.expires_at) filter (where p.expires_at <= $5)
                                   as hints_ended_at,
                               min(p.expires_at) filter (where p.expires_at > $5)
                                   as hints_end_at
                          from provisional_transactions p
                         where p.agency_id = m.agency_id and p.model_id = m.id
                           and p.state = 'open') as h
                  where m.agency_id = $1 and ($2::uuid is null or m.id = $2)
                  order by m.name, m.id limit $4",
                &[
                    (&agency.0, Type::UUID),
                    (&creator.map(|creator| creator.0), Type::UUID),
                    (&with_first_day, Type::BOOL),
                    (&limit, Type::INT8),
                    (&now, Type::TIMESTAMPTZ),
                ],
            )
            .await?;
        Ok(rows.iter().map(freshness).collect())
    }
}
