//! The statements that make anew what follows from the ledger. Each writes only what differs, with a receipt of
//! every row that it writes, in the same statement: so none is mended without one.

/// Days, by source, of the creators that `$WHOSE` tells of by `$2`; `$4`: what was asked before.
pub(super) const DAYS: &str = "-- rebuild_days
with both_of as (
    select t.model_id, (t.transaction_date at time zone a.timezone)::date as day,
           t.transaction_type as source, 0::bigint as kg, 0::bigint as kn, 0::bigint as kc,
           t.amount_cents as lg, t.net_cents as ln, 1::bigint as lc
      from fanvue_transactions t join agencies a on a.id = t.agency_id
     where t.agency_id = $1 and $WHOSE
     union all
    select t.model_id, t.day, t.source, t.gross_cents, t.net_cents, t.transaction_count, 0, 0, 0
      from revenue_daily t where t.agency_id = $1 and $WHOSE
), cells as (
    select model_id, day, source, sum(kg)::bigint as kg, sum(kn)::bigint as kn,
           sum(kc)::bigint as kc, sum(lg)::bigint as lg, sum(ln)::bigint as ln,
           sum(lc)::bigint as lc
      from both_of group by 1, 2, 3
), differing as (
    select * from cells
     where (kg, kn, kc) <> (lg, ln, lc)
), mended as (
    insert into revenue_daily
        (agency_id, model_id, day, source, gross_cents, net_cents, transaction_count)
    select $1, model_id, day, source, lg, ln, lc from differing
        on conflict (agency_id, model_id, day, source) do update
       set gross_cents = excluded.gross_cents, net_cents = excluded.net_cents,
           transaction_count = excluded.transaction_count
), noted as (
    insert into repairs
        (agency_id, model_id, kind, day, cause, before_cents, after_cents, before_rows, after_rows,
         evidence, repaired_at)
    select $1, model_id, 'sums', day, 'drifted_rollup', kg, lg, kc, lc,
           jsonb_build_object('asked', $4::text, 'table', 'revenue_daily', 'source', source,
                              'netBeforeCents', kn, 'netAfterCents', ln), $3
      from differing
)
select count(*) as rows, coalesce(sum(abs(kg - lg)), 0)::bigint as cents from differing";

/// Creators' totals, by their days. Parameters as of [`DAYS`].
pub(super) const TOTALS: &str = "-- rebuild_totals
with wanted as (
    select t.id, t.revenue_total_cents as kg, t.net_total_cents as kn, t.transactions_total as kc,
           coalesce(sum(d.gross_cents), 0)::bigint as gross,
           coalesce(sum(d.net_cents), 0)::bigint as net,
           coalesce(sum(d.transaction_count), 0)::bigint as n
      from models t
      left join revenue_daily d on d.agency_id = t.agency_id and d.model_id = t.id
     where t.agency_id = $1 and $WHOSE
     group by t.agency_id, t.id
), mended as (
    update models m
       set revenue_total_cents = w.gross, net_total_cents = w.net, transactions_total = w.n
      from wanted w
     where m.agency_id = $1 and m.id = w.id
       and (m.revenue_total_cents, m.net_total_cents, m.transactions_total)
           is distinct from (w.gross, w.net, w.n)
    returning w.*
), noted as (
    insert into repairs
        (agency_id, model_id, kind, cause, before_cents, after_cents, before_rows, after_rows,
         evidence, repaired_at)
    select $1, id, 'sums', 'drifted_total', kg, gross, kc, n,
           jsonb_build_object('asked', $4::text, 'table', 'models', 'netBeforeCents', kn,
                              'netAfterCents', net), $3
      from mended
)
select count(*) as rows, coalesce(sum(abs(kg - gross)), 0)::bigint as cents from mended";

/// What is wrong with the days on which fans paid, before they are counted anew.
pub(super) const NOTE_FAN_DAYS: &str = "-- note_fan_days
with paid as (
    select p.model_id, p.fan_id, p.day
      from agencies a cross join lateral purchase_days(a.id, a.timezone) as p
     where a.id = $1
), f as (
    select * from fan_days where agency_id = $1
), wrong as (
    select coalesce(p.model_id, f.model_id) as model_id,
           count(*) filter (where f.fan_id is null) as missing,
           count(*) filter (where p.fan_id is null) as extra
      from paid p
      full join f on f.model_id = p.model_id and f.fan_id = p.fan_id and f.day = p.day
     where f.fan_id is null or p.fan_id is null
     group by 1
)
insert into repairs
    (agency_id, model_id, kind, cause, before_cents, after_cents, before_rows, after_rows, evidence,
     repaired_at)
select $1, model_id, 'sums', 'drifted_fans', 0, 0, extra, missing,
       jsonb_build_object('asked', 'ledger', 'table', 'fan_days', 'missing', missing,
                          'extra', extra), $2
  from wrong";

/// The days on which fans paid.
pub(super) const FAN_DAYS: &str = "-- rebuild_fan_days
select recount_fan_days(a.id, a.timezone) as rows, 0::bigint as cents
  from agencies a where a.id = $1";

/// Whoever changes an agency's sums and counts holds them all: see the migrations that made them.
pub(super) const HOLD_SUMS: &str = "-- hold_sums
select pg_advisory_xact_lock(hashtextextended($1::uuid::text, 0))";

/// The sums that follow from the days, of a day and of a month each: which of them, the functions below say.
const SUMS: &str = "-- $NAME
with days as (
    select t.*, date_trunc('month', t.day::timestamp)::date as month
      from revenue_daily t where t.agency_id = $1 and $DAYS
), both_of as (
    select t.span, t.model_id, t.day, t.source, t.gross_cents as kg, t.net_cents as kn,
           t.transaction_count as kc, 0 as rg, 0 as rn, 0 as rc
      from revenue_sums t where t.agency_id = $1 and $SUMS
     union all
    select case when grouping(day) = 0 then 'day' else 'month' end, $MODEL,
           coalesce(day, month), source, 0, 0, 0, sum(gross_cents), sum(net_cents),
           sum(transaction_count)
      from days
     group by grouping sets ($SETS)
), differing as (
    select span, model_id, day, source, sum(kg)::bigint as kg, sum(kc)::bigint as kc,
           sum(rg)::bigint as gross, sum(rn)::bigint as net, sum(rc)::bigint as n
      from both_of group by 1, 2, 3, 4
    having (sum(kg), sum(kn), sum(kc)) <> (sum(rg), sum(rn), sum(rc))
), mended as (
    insert into revenue_sums
        (agency_id, span, model_id, day, source, gross_cents, net_cents, transaction_count)
    select $1, span, model_id, day, source, gross, net, n from differing
        on conflict (agency_id, span, model_id, day, source) do update
       set gross_cents = excluded.gross_cents, net_cents = excluded.net_cents,
           transaction_count = excluded.transaction_count
), noted as (
    insert into repairs
        (agency_id, model_id, kind, day, cause, before_cents, after_cents, before_rows, after_rows,
         evidence, repaired_at)
    select $1, model_id, 'sums', day, 'drifted_sum', kg, gross, kc, n,
           jsonb_build_object('asked', 'revenue_daily', 'table', 'revenue_sums', 'span', span,
                              'source', source), $3
      from differing
)
select count(*) as rows, coalesce(sum(abs(kg - gross)), 0)::bigint as cents from differing";

/// Sums of all creators together take the whole agency's days: whoever ends jobs (`$5`) compares them where
/// one of these is at its end, once for all of its creators. The nightly proof's jobs are of one creator each,
/// and it compares all sums itself.
const IS_DUE: &str = "($5::uuid[] is null or exists (
    select from sync_jobs o
     where o.agency_id = $1 and o.id = any($5) and not o.is_proof
       and not exists (select from sync_job_creators j
                        where j.agency_id = $1 and j.job_id = o.id and j.ended_at is null)))";

/// How many fans are counted, by the days on which they paid.
pub(super) const FAN_COUNTS: &str = "-- rebuild_fan_counts
with both_of as (
    select model_id, day, before_day, fan_count as kept, 0 as counted
      from fan_counts where agency_id = $1
     union all
    select model_id, day, before_day, 0, fan_count from counted_fans($1)
), differing as (
    select model_id, day, before_day, sum(kept)::bigint as kept, sum(counted)::bigint as fan_count
      from both_of group by 1, 2, 3
    having sum(kept) <> sum(counted)
), mended as (
    insert into fan_counts (agency_id, model_id, day, before_day, fan_count)
    select $1, model_id, day, before_day, fan_count from differing
        on conflict (agency_id, model_id, day, before_day) do update
       set fan_count = excluded.fan_count
), noted as (
    insert into repairs
        (agency_id, model_id, kind, day, cause, before_cents, after_cents, before_rows, after_rows,
         evidence, repaired_at)
    select $1, model_id, 'sums', day, 'drifted_fans', 0, 0, kept, fan_count,
           jsonb_build_object('asked', 'fan_days', 'table', 'fan_counts', 'paidBefore',
                              case when isfinite(before_day) then before_day end), $2
      from differing
)
select count(*) as rows, 0::bigint as cents from differing";

/// Which of these creators have days that say more than their rows add up to.
pub(super) const FALLEN: &str = "-- list_fallen
with cells as (
    select model_id, day, source, sum(gross) as gross, sum(net) as net, sum(n) as n
      from (select t.model_id, t.day, t.source, t.gross_cents as gross, t.net_cents as net,
                   t.transaction_count as n
              from revenue_daily t where t.agency_id = $1 and $WHOSE
             union all
            select t.model_id, (t.transaction_date at time zone a.timezone)::date,
                   t.transaction_type, -t.amount_cents, -t.net_cents, -1
              from fanvue_transactions t join agencies a on a.id = t.agency_id
             where t.agency_id = $1 and $WHOSE) as both_of
     group by 1, 2, 3
)
select model_id from cells where gross > 0 or net > 0 or n > 0 group by 1 order by 1";

/// All sums of an agency. Parameters as of [`DAYS`].
pub(super) fn sums() -> String {
    let sets = "(day), (day, source), (day, model_id), (month, source), (month, model_id),
                (month, model_id, source)";
    of_sums("rebuild_sums", ("true", "true"), ("model_id", sets))
}

/// Those of the creators of `$2`.
pub(super) fn sums_of_creators() -> String {
    let theirs = "t.model_id = any($2::uuid[])";
    let sums = format!("t.span in ('day', 'month') and {theirs}");
    let sets = "(day, model_id), (month, model_id), (month, model_id, source)";
    of_sums("rebuild_sums_of_creators", (&sums, theirs), ("model_id", sets))
}

/// Those of all creators together, where they are due: `$5` are the jobs that end, nothing where they are in
/// any case.
pub(super) fn sums_of_all() -> String {
    let sums = format!("t.span in ('day', 'month') and t.model_id is null and {IS_DUE}");
    let sets = "(day), (day, source), (month, source)";
    of_sums("rebuild_sums_of_all", (&sums, IS_DUE), ("null::uuid", sets))
}

fn of_sums(name: &str, (sums, days): (&str, &str), (model, sets): (&str, &str)) -> String {
    let parts =
        [("$NAME", name), ("$SUMS", sums), ("$DAYS", days), ("$MODEL", model), ("$SETS", sets)];
    parts.into_iter().fold(SUMS.to_owned(), |sql, (part, words)| sql.replace(part, words))
}
