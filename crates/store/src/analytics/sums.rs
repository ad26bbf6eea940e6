//! Sums of a period: of the rollup, of what only webhooks told of, and of audiences.

use jiff::{Timestamp, civil::Date};
use ledger::{AgencyId, Cents, CreatorId, Window};
use tokio_postgres::{Row, types::Type};

use crate::{Error, Reader};

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
    /// Of one creator: their audience in that bucket, where anything is known of it.
    pub audience: Option<AudienceSum>,
}

/// A creator's audience in a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AudienceSum {
    /// Subscribers at the bucket's last snapshot of them.
    pub subscribers: Option<i32>,
    /// Followers at the bucket's last snapshot of them.
    pub followers: Option<i32>,
    /// Who subscribed on the days that are known.
    pub new_subscribers: i64,
    /// Whose subscription ended on them.
    pub cancelled_subscribers: i64,
    /// How many days of the bucket that is.
    pub days_of_changes: i64,
}

fn audience(row: &Row) -> Option<AudienceSum> {
    Some(AudienceSum {
        days_of_changes: row.get::<_, Option<i64>>("days_of_changes")?,
        subscribers: row.get("subscribers"),
        followers: row.get("followers"),
        new_subscribers: row.get("new_subscribers"),
        cancelled_subscribers: row.get("cancelled_subscribers"),
    })
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
        audience: audience(row),
    })
}

/// The statement of [`Reader::sum_revenue`].
const SUM_REVENUE: &str = "-- sum_revenue
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
     ), sums as (
         select bucket, source, model_id, sum(gross_cents)::bigint as gross,
                sum(net_cents)::bigint as net,
                sum(transaction_count)::bigint as row_count,
                sum(provisional_gross)::bigint as provisional_gross,
                sum(provisional_count)::bigint as provisional_count
           from cells
          group by grouping sets ((bucket, source), (bucket, model_id))
     ), audiences as (
         select width_bucket(h.date, $3::date[]) as bucket, h.model_id,
                (array_agg(h.subscribers_count order by h.date desc)
                    filter (where h.subscribers_count is not null))[1] as subscribers,
                (array_agg(h.followers_count order by h.date desc)
                    filter (where h.followers_count is not null))[1] as followers,
                coalesce(sum(h.new_subscribers), 0)::bigint as new_subscribers,
                coalesce(sum(h.cancelled_subscribers), 0)::bigint
                    as cancelled_subscribers,
                count(h.new_subscribers) as days_of_changes
           from subscriber_history h
          where h.agency_id = $1 and h.model_id = any($2)
            and h.date between $4 and $5
          group by 1, 2
     )
     select coalesce(s.bucket, a.bucket) as bucket, s.source,
            coalesce(s.model_id, a.model_id) as model_id, coalesce(s.gross, 0) as gross,
            coalesce(s.net, 0) as net, coalesce(s.row_count, 0) as row_count,
            coalesce(s.provisional_gross, 0) as provisional_gross,
            coalesce(s.provisional_count, 0) as provisional_count, a.subscribers,
            a.followers, a.new_subscribers, a.cancelled_subscribers, a.days_of_changes
       from sums s
       full join audiences a on a.bucket = s.bucket and a.model_id = s.model_id";

impl Reader {
    /// Sums of the rollup, and of what only webhooks told of, by bucket and source and by bucket and
    /// creator; the latter with the creator's audience, also where nothing was earned.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn sum_revenue(&self, asked: &SumsAsked<'_>) -> Result<Vec<RevenueSum>, Error> {
        let creators: Vec<_> = asked.creators.iter().map(|creator| creator.0).collect();
        let part = asked.part.and_then(|p| Some((i32::try_from(p.bucket + 1).ok()?, p.window)));
        let rows = self
            .rows(
                "sum_revenue",
                SUM_REVENUE,
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
