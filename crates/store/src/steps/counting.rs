//! What the jobs that are open for a creator count of a step, and what is left of the history after it.

/// Counters of what was read. Where everything is, the jobs end. What a 429 spoilt lasts until reading goes on
/// after it.
///
/// The ledger's rows ahead are all but those behind, and those behind are the ones of the step before, what
/// lies between the edges of what the pass had seen and has seen now, and what came (`$22`) or went (`$23`)
/// between the old ones. So a step reads as many entries as it brought, however long the history is. Where
/// nothing was counted before, or the pass began again, what it has seen is counted whole.
pub(super) const COUNTED: &str = "known as (
     select j.job_id, m.transactions_total as total,
            case when j.first_read_at is not null and $19 <= $24 and $25 <= $20
                 then j.rows_held - j.rows_ahead
                      + (select count(*) from fanvue_transactions t
                          where t.agency_id = $1 and t.model_id = $2
                            and t.transaction_date >= $19 and t.transaction_date < $24)
                      + (select count(*) from fanvue_transactions t
                          where t.agency_id = $1 and t.model_id = $2
                            and t.transaction_date > $25 and t.transaction_date <= $20)
                      + (select count(*) from unnest($22) as r (instant)
                          where r.instant between $24 and $25)
                      - (select count(*) from unnest($23) as r (instant)
                          where r.instant between $24 and $25)
                 else (select count(*) from fanvue_transactions t
                        where t.agency_id = $1 and t.model_id = $2
                          and t.transaction_date >= $19 and t.transaction_date <= $20)
             end as behind,
            j.rows_beyond
                + (select count(*) from unnest($22) as r (instant) where r.instant < j.known_from)
                - (select count(*) from unnest($23) as r (instant) where r.instant < j.known_from)
            as beyond
       from held h
       join sync_job_creators j
         on j.agency_id = h.agency_id and j.model_id = h.model_id and j.ended_at is null
       join models m on m.agency_id = h.agency_id and m.id = h.model_id
 ), counted as (
     update sync_job_creators j
        set first_read_at = coalesce(j.first_read_at, $11), last_read_at = $7,
            pages = j.pages + $12, requests = j.requests + $13, rows_read = j.rows_read + $14,
            gross_read_cents = j.gross_read_cents + $15, rows_added = j.rows_added + $16,
            cents_added = j.cents_added + $17, pass_rows = coalesce($18, j.pass_rows),
            rows_ahead = case when $18::bigint is null then 0
                              else greatest(k.total - k.behind, 0) end,
            rows_beyond = greatest(k.beyond, 0), rows_held = k.total,
            spoilt_seconds = j.spoilt_seconds
                + case when j.spoilt_until between coalesce(j.last_read_at, j.spoilt_until) and $11
                       then extract(epoch from $11 - j.spoilt_until)::int8 else 0 end,
            per_mille = case when $10 then 1000 else j.per_mille end,
            ended_at = case when $10 then $7 end, outcome = case when $10 then 'done' end
       from known k
      where j.agency_id = $1 and j.model_id = $2 and j.job_id = k.job_id and j.ended_at is null
     returning j.*
 )";
