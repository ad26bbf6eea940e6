//! The statement that reads the sums, for all of an agency's creators and for one.
//!
//! `offset 0` has each run looked up by index: joined otherwise, the planner, who cannot know how short
//! a run is, reads all that the agency has.

/// $13 to $16 are the runs.
const RUNS: &str = "-- sum_revenue
with runs as (
    select * from unnest($13::bool[], $14::text[], $15::date[], $16::date[])
        as r (is_earlier, span, first, last)
), cells as (";

/// All creators by source; of the earlier buckets in all.
const OF_ALL: &str = "
    select r.is_earlier, s.*
      from runs r
     cross join lateral (
           select s.source, null::uuid as model_id, s.day, s.gross_cents, s.net_cents,
                  s.transaction_count
             from revenue_sums s
            where s.agency_id = $1 and s.span = r.span and s.model_id is null
              and s.source is not null and s.day between r.first and r.last
           offset 0) as s
     union all
    select false, null, null, s.day, s.gross_cents, s.net_cents, s.transaction_count
      from revenue_sums s
     where s.agency_id = $1 and s.span = 'day' and s.model_id is null and s.source is null
       and s.day between $17 and $18";

/// The same of one creator, whose days are in the rollup itself.
const OF_ONE: &str = "
    select r.is_earlier, d.*
      from runs r
     cross join lateral (
           select d.source, null::uuid as model_id, d.day, d.gross_cents, d.net_cents,
                  d.transaction_count
             from revenue_daily d
            where r.span = 'day' and d.agency_id = $1 and d.model_id = any($2)
              and d.day between r.first and r.last
           offset 0) as d
     union all
    select r.is_earlier, s.*
      from runs r
     cross join lateral (
           select s.source, null::uuid as model_id, s.day, s.gross_cents, s.net_cents,
                  s.transaction_count
             from revenue_sums s
            where r.span = 'month' and s.agency_id = $1 and s.span = 'month'
              and s.model_id = any($2) and s.source is not null
              and s.day between r.first and r.last
           offset 0) as s
     union all
    select false, null, null, s.day, s.gross_cents, s.net_cents, s.transaction_count
      from revenue_sums s
     where s.agency_id = $1 and s.span = 'day' and s.model_id = any($2) and s.source is null
       and s.day between $17 and $18";

/// All sources by creator; then, cell by cell, what is read from the rows themselves: the part of a day,
/// and what only webhooks told of.
const REST: &str = "
     union all
    select r.is_earlier, s.*
      from runs r
     cross join lateral (
           select null::text as source, s.model_id, s.day, s.gross_cents, s.net_cents,
                  s.transaction_count
             from revenue_sums s
            where s.agency_id = $1 and s.span = r.span and s.model_id = any($2)
              and s.source is null and s.day between r.first and r.last
           offset 0) as s
), told as (
    select $8 as bucket, creator.id as model_id, part.*, 0::bigint as provisional_gross,
           0::bigint as provisional_count
      from unnest($2) as creator (id)
     cross join lateral (
           select t.transaction_type as source, sum(t.amount_cents)::bigint as gross_cents,
                  sum(t.net_cents)::bigint as net_cents, count(*) as transaction_count
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
select is_earlier, source, model_id, array_agg(width_bucket(day, $3::date[])) as buckets,
       array_agg(gross_cents) as gross, array_agg(net_cents) as net,
       array_agg(transaction_count) as counts, null::bigint[] as provisional_gross,
       null::bigint[] as provisional_counts
  from cells group by is_earlier, source, model_id
 union all
select false, source, model_id, array_agg(bucket), array_agg(gross_cents), array_agg(net_cents),
       array_agg(transaction_count), array_agg(provisional_gross), array_agg(provisional_count)
  from told group by grouping sets ((source), (model_id))";

/// Of all creators.
pub(super) fn of_all() -> String {
    [RUNS, OF_ALL, REST].concat()
}

/// Of one.
pub(super) fn of_one() -> String {
    [RUNS, OF_ONE, REST].concat()
}
