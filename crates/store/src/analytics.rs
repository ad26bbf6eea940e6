//! What the dashboard reads: how each creator stands, and sums of the rollup with what only webhooks
//! told of. Never a scan of the ledger: its one read there is a part of a single day, creator by
//! creator, by index.

use jiff::{Timestamp, civil::Date};
use ledger::{AgencyId, Cents, CreatorId, Window};
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
    /// Subscribers when they were last counted.
    pub subscribers_count: Option<i32>,
    /// Followers when they were last counted.
    pub followers_count: Option<i32>,
    /// When they were counted.
    pub stats_at: Option<Timestamp>,
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
        subscribers_count: row.get("subscribers_count"),
        followers_count: row.get("followers_count"),
        stats_at: row.get("stats_updated_at"),
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
    }
}

/// Which sums of the rollup are wanted.
#[derive(Clone, Copy, Debug)]
pub struct SumsAsked<'a> {
    /// The agency.
    pub agency: AgencyId,
    /// The creators.
    pub creators: &'a [CreatorId],
    /// The first day of each bucket, ascending. A bucket ends where the next one begins.
    pub starts: &'a [Date],
    /// The days to sum, both ends included.
    pub days: (Date, Date),
    /// Days among them to leave out, both ends included.
    pub left_out: Option<(Date, Date)>,
    /// A part of one more day, summed from the ledger.
    pub part: Option<PartOfDay>,
    /// IANA name of the zone in which days are counted.
    pub timezone: &'a str,
    /// Sales that only webhooks told of are added while they are fresh at this instant.
    pub now: Timestamp,
}

/// A part of a day that is compared with the part of today that has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartOfDay {
    /// The index of its bucket in [`SumsAsked::starts`].
    pub bucket: usize,
    /// From the day's first instant to the cut.
    pub window: Window,
}

/// What a sum is for, within its bucket. Each set adds up to the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SumBy {
    /// All creators' rows of one source, by its stored name.
    Source(String),
    /// All sources' rows of one creator.
    Creator(CreatorId),
}

/// One sum of the rollup, in US cents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevenueSum {
    /// The index of the bucket in [`SumsAsked::starts`].
    pub bucket: usize,
    /// What it is for.
    pub by: SumBy,
    /// Sum of gross.
    pub gross: Cents,
    /// Sum of net.
    pub net: Cents,
    /// Rows, reversals included.
    pub count: i64,
    /// The part of `gross` that only webhooks told of.
    pub provisional_gross: Cents,
    /// The part of `count` that only webhooks told of.
    pub provisional_count: i64,
}

fn sum(row: &Row) -> Result<RevenueSum, Error> {
    let unknown = Error::Inconsistent { table: "revenue_daily", column: "day" };
    let bucket = usize::try_from(row.get::<_, i32>("bucket") - 1).map_err(|_| unknown)?;
    let by = match row.get::<_, Option<String>>("source") {
        Some(source) => SumBy::Source(source),
        None => SumBy::Creator(CreatorId(row.get("model_id"))),
    };
    let (gross, net) = (Cents(row.get("gross")), Cents(row.get("net")));
    Ok(RevenueSum {
        bucket,
        by,
        gross,
        net,
        count: row.get("row_count"),
        provisional_gross: Cents(row.get("provisional_gross")),
        provisional_count: row.get("provisional_count"),
    })
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
                        m.stats_updated_at, c.state = 'active' as is_connected,
                        s.lease_expires_at, s.tried_at, s.next_sync_at, s.paused_until,
                        s.parked_at, coalesce(s.last_error, case when c.state <> 'active'
                            then c.last_error end) as last_error,
                        (select count(*) from earning_rejects r
                          where r.agency_id = m.agency_id and r.model_id = m.id) as reject_count,
                        h.hints_ended_at, h.hints_end_at,
                        case when $3 then
                            least((select min(d.day) from revenue_daily d
                                    where d.agency_id = m.agency_id and d.model_id = m.id),
                                  (select (min(p.at) at time zone a.timezone)::date
                                     from provisional_transactions p
                                    where p.agency_id = m.agency_id and p.model_id = m.id
                                      and p.state = 'open'))
                        end as first_day
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

    /// Sums of the rollup, and of what only webhooks told of, by bucket and source and by bucket and
    /// creator.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn sum_revenue(&self, asked: &SumsAsked<'_>) -> Result<Vec<RevenueSum>, Error> {
        let creators: Vec<_> = asked.creators.iter().map(|creator| creator.0).collect();
        let part = asked.part.and_then(|p| Some((i32::try_from(p.bucket + 1).ok()?, p.window)));
        let rows = self
            .rows(
                "sum_revenue",
                "-- sum_revenue
                 with cells as (
                     select width_bucket(d.day, $3::date[]) as bucket, d.model_id, d.source,
                            d.gross_cents, d.net_cents, d.transaction_count,
                            0::bigint as provisional_gross, 0::bigint as provisional_count
                       from revenue_daily d
                      where d.agency_id = $1 and d.model_id = any($2)
                        and d.day between $4 and $5 and (d.day between $6 and $7) is not true
                     union all
                     select $8, creator.id, part.*, 0, 0
                       from unnest($2) as creator (id)
                      cross join lateral (
                            select t.transaction_type, sum(t.amount_cents)::bigint,
                                   sum(t.net_cents)::bigint, count(*)
                              from fanvue_transactions t
                             where t.agency_id = $1 and t.model_id = creator.id
                               and t.transaction_date >= $9 and t.transaction_date < $10
                             group by t.transaction_type) as part
                     union all
                     select case when whole then width_bucket(day, $3::date[]) else $8 end,
                            p.model_id, p.source, p.gross_cents, coalesce(p.net_cents, 0), 1,
                            p.gross_cents, 1
                       from provisional_transactions p
                      cross join lateral (select (p.at at time zone $11)::date as day) as d
                      cross join lateral (
                            select day between $4 and $5
                                   and (day between $6 and $7) is not true as whole) as w
                      where p.agency_id = $1 and p.model_id = any($2)
                        and p.state = 'open' and p.expires_at > $12
                        and (whole or p.at >= $9 and p.at < $10)
                 )
                 select bucket, source, model_id, sum(gross_cents)::bigint as gross,
                        sum(net_cents)::bigint as net,
                        sum(transaction_count)::bigint as row_count,
                        sum(provisional_gross)::bigint as provisional_gross,
                        sum(provisional_count)::bigint as provisional_count
                   from cells
                  group by grouping sets ((bucket, source), (bucket, model_id))",
                &[
                    (&asked.agency.0, Type::UUID),
                    (&creators, Type::UUID_ARRAY),
                    (&asked.starts, Type::DATE_ARRAY),
                    (&asked.days.0, Type::DATE),
                    (&asked.days.1, Type::DATE),
                    (&asked.left_out.map(|days| days.0), Type::DATE),
                    (&asked.left_out.map(|days| days.1), Type::DATE),
                    (&part.map(|(bucket, _)| bucket), Type::INT4),
                    (&part.map(|(_, window)| window.start()), Type::TIMESTAMPTZ),
                    (&part.map(|(_, window)| window.end()), Type::TIMESTAMPTZ),
                    (&asked.timezone, Type::TEXT),
                    (&asked.now, Type::TIMESTAMPTZ),
                ],
            )
            .await?;
        rows.iter().map(sum).collect()
    }
}
