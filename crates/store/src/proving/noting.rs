//! Writing down which days differ and what became of them, with receipts of what was repaired meanwhile.

use jiff::{Timestamp, civil::Date};
use ledger::{AgencyId, Category, CreatorId};
use tokio_postgres::types::Type;

use super::{DayVerdict, FoundDay, days::names};
use crate::{Error, Tx, repairs::KEYS_MAX};

/// Receipts of days that agree again because a tick has read them meanwhile: one that the proof read has its
/// receipt from the commit that stored the rows. They name as many rows as those, and count the others.
const RECEIPTS: &str = "insert into repairs
        (agency_id, model_id, kind, day, cause, before_cents, after_cents, before_rows, after_rows,
         evidence, repaired_at)
    select g.agency_id, g.model_id, 'rows', g.day, 'read_meanwhile',
           l.all_cents - l.cents + g.found_cents, l.all_cents, l.all_rows - l.number + g.found_rows,
           l.all_rows,
           jsonb_build_object('asked', 'totals', 'fanvueCents', g.platform_cents,
                              'fanvueNetCents', g.platform_net_cents, 'foundAt', g.found_at,
                              'missing', k.keys, 'rowCount', l.new_rows), $NOW
      from gone g
     cross join lateral (
           select coalesce(sum(t.amount_cents)
                               filter (where not t.transaction_type = any($REVERSALS)), 0)::bigint
                      as cents,
                  count(*) filter (where not t.transaction_type = any($REVERSALS)) as number,
                  coalesce(sum(t.amount_cents), 0)::bigint as all_cents, count(*) as all_rows,
                  count(*) filter (where t.created_at >= g.found_at) as new_rows
             from fanvue_transactions t
            where t.agency_id = g.agency_id and t.model_id = g.model_id
              and t.transaction_date >= g.day::timestamp at time zone 'UTC'
              and t.transaction_date < (g.day + 1)::timestamp at time zone 'UTC') as l
     cross join lateral (
           select coalesce(jsonb_agg(named.fanvue_transaction_id), '[]') as keys
             from (select t.fanvue_transaction_id
                     from fanvue_transactions t
                    where t.agency_id = g.agency_id and t.model_id = g.model_id
                      and t.transaction_date >= g.day::timestamp at time zone 'UTC'
                      and t.transaction_date < (g.day + 1)::timestamp at time zone 'UTC'
                      and t.created_at >= g.found_at
                    order by t.transaction_date, t.fanvue_transaction_id limit $KEYS) as named) as k
     where (l.cents, l.number) <> (g.found_cents, g.found_rows)
       and not exists (
           select from repairs r
            where r.agency_id = g.agency_id and r.model_id = g.model_id and r.kind = 'rows'
              and r.day = g.day and r.repaired_at >= g.found_at)";

/// [`RECEIPTS`] with these parameters.
fn receipts(now: &str, reversals: &str) -> String {
    let named = KEYS_MAX.to_string();
    RECEIPTS.replace("$NOW", now).replace("$REVERSALS", reversals).replace("$KEYS", &named)
}

impl Tx {
    /// Writes down what came of comparing these creators: which days differ, that the others agree, and that
    /// it was done for this night. A difference that is settled stays so while nothing of it changes.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn note_compared(
        &self,
        agency: AgencyId,
        creators: &[CreatorId],
        found: &[FoundDay],
        span: (Date, Date, Timestamp),
    ) -> Result<(), Error> {
        self.close_compared(agency, (creators, true), found, span).await
    }

    /// Writes down that nothing usable was told of these creators: they are not asked about again in this night,
    /// and are as long uncompared as they were. `found` are days to read all the same.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn note_uncompared(
        &self,
        agency: AgencyId,
        creators: &[CreatorId],
        found: &[FoundDay],
        (night, now): (Date, Timestamp),
    ) -> Result<(), Error> {
        // Nothing is claimed of their other days: those that differed still do.
        self.close_compared(agency, (creators, false), found, (night, night, now)).await
    }

    async fn close_compared(
        &self,
        agency: AgencyId,
        (creators, are_compared): (&[CreatorId], bool),
        found: &[FoundDay],
        (first, night, now): (Date, Date, Timestamp),
    ) -> Result<(), Error> {
        let ids: Vec<_> = creators.iter().map(|creator| creator.0).collect();
        let columns = Columns::of(found);
        let sql = format!(
            "-- close_compared
             with found as (
                 select * from unnest($2::uuid[], $3::date[]) as f (model_id, day)
             ), gone as (
                 delete from proof_days d
                  where d.agency_id = $1 and d.model_id = any($4) and d.day >= $5 and d.day < $6
                    and not exists (select from found f
                                     where f.model_id = d.model_id and f.day = d.day)
                 returning d.*
             ), done as (
                 update proofs
                    set compared_to = $6, claimed_until = null,
                        compared_at = case when $9 then $7 else compared_at end
                  where agency_id = $1 and model_id = any($4)
             )
             {}",
            receipts("$7", "$8")
        );
        self.change(
            "close_compared",
            &sql,
            &[
                (&agency.0, Type::UUID),
                (&columns.creators, Type::UUID_ARRAY),
                (&columns.days, Type::DATE_ARRAY),
                (&ids, Type::UUID_ARRAY),
                (&first, Type::DATE),
                (&night, Type::DATE),
                (&now, Type::TIMESTAMPTZ),
                (&names(Category::Refunds), Type::TEXT_ARRAY),
                (&are_compared, Type::BOOL),
            ],
        )
        .await?;
        if found.is_empty() { Ok(()) } else { self.add_found_days(agency, &columns, now).await }
    }

    async fn add_found_days(
        &self,
        agency: AgencyId,
        columns: &Columns,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.change(
            "add_found_days",
            "-- add_found_days
             insert into proof_days as d
                 (agency_id, model_id, day, state, platform_cents, platform_net_cents, found_cents,
                  found_net_cents, found_rows, ledger_cents, ledger_net_cents, ledger_rows, found_at)
             select $1, f.model_id, f.day, 'open', f.pg, f.pn, f.lg, f.ln, f.n, f.lg, f.ln, f.n, $9
               from unnest($2::uuid[], $3::date[], $4::bigint[], $5::bigint[], $6::bigint[],
                           $7::bigint[], $8::bigint[]) as f (model_id, day, pg, pn, lg, ln, n)
              order by f.model_id, f.day
             on conflict (agency_id, model_id, day) do update
                set state = case when d.state = 'settled'
                                  and (d.platform_cents, d.platform_net_cents, d.ledger_cents,
                                       d.ledger_net_cents, d.ledger_rows)
                                    is distinct from
                                      (excluded.platform_cents, excluded.platform_net_cents,
                                       excluded.ledger_cents, excluded.ledger_net_cents,
                                       excluded.ledger_rows)
                                 then 'open' else d.state end,
                    settled_at = case when d.state = 'settled'
                                       and (d.platform_cents, d.platform_net_cents, d.ledger_cents,
                                            d.ledger_net_cents, d.ledger_rows)
                                         is not distinct from
                                           (excluded.platform_cents, excluded.platform_net_cents,
                                            excluded.ledger_cents, excluded.ledger_net_cents,
                                            excluded.ledger_rows)
                                      then d.settled_at end,
                    reads = case when d.state = 'settled' then 0 else d.reads end,
                    platform_cents = excluded.platform_cents,
                    platform_net_cents = excluded.platform_net_cents,
                    ledger_cents = excluded.ledger_cents,
                    ledger_net_cents = excluded.ledger_net_cents,
                    ledger_rows = excluded.ledger_rows",
            &[
                (&agency.0, Type::UUID),
                (&columns.creators, Type::UUID_ARRAY),
                (&columns.days, Type::DATE_ARRAY),
                (&columns.platform.0, Type::INT8_ARRAY),
                (&columns.platform.1, Type::INT8_ARRAY),
                (&columns.ledger.0, Type::INT8_ARRAY),
                (&columns.ledger.1, Type::INT8_ARRAY),
                (&columns.rows, Type::INT8_ARRAY),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await
        .map(|_| ())
    }

    /// Writes down what became of days that were found to differ, each with what its rows add up to now.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn settle_days(
        &self,
        agency: AgencyId,
        settled: &[(FoundDay, DayVerdict)],
        now: Timestamp,
    ) -> Result<(), Error> {
        let days: Vec<_> = settled.iter().map(|(day, _)| *day).collect();
        let columns = Columns::of(&days);
        let verdicts: Vec<_> = settled.iter().map(|(_, verdict)| verdict.name()).collect();
        let later: Vec<_> = settled.iter().map(|(_, verdict)| verdict.not_before()).collect();
        let sql = format!(
            "-- settle_days
             with known as (
                 select * from unnest($2::uuid[], $3::date[], $4::text[], $5::timestamptz[],
                                      $6::bigint[], $7::bigint[], $8::bigint[])
                     as k (model_id, day, verdict, not_before, gross, net, n)
             ), kept as (
                 update proof_days d
                    set state = case k.verdict when 'again' then 'open' else 'settled' end,
                        settled_at = case k.verdict when 'again' then null else $9 end,
                        not_before = k.not_before, ledger_cents = k.gross,
                        ledger_net_cents = k.net, ledger_rows = k.n
                   from known k
                  where d.agency_id = $1 and d.model_id = k.model_id and d.day = k.day
                    and d.state = 'reading' and k.verdict <> 'agrees'
             ), gone as (
                 delete from proof_days d using known k
                  where d.agency_id = $1 and d.model_id = k.model_id and d.day = k.day
                    and k.verdict = 'agrees'
                 returning d.*
             )
             {}",
            receipts("$9", "$10")
        );
        self.change(
            "settle_days",
            &sql,
            &[
                (&agency.0, Type::UUID),
                (&columns.creators, Type::UUID_ARRAY),
                (&columns.days, Type::DATE_ARRAY),
                (&verdicts, Type::TEXT_ARRAY),
                (&later, Type::TIMESTAMPTZ_ARRAY),
                (&columns.ledger.0, Type::INT8_ARRAY),
                (&columns.ledger.1, Type::INT8_ARRAY),
                (&columns.rows, Type::INT8_ARRAY),
                (&now, Type::TIMESTAMPTZ),
                (&names(Category::Refunds), Type::TEXT_ARRAY),
            ],
        )
        .await
        .map(|_| ())
    }
}

/// Days by column, as `unnest` takes them.
struct Columns {
    creators: Vec<uuid::Uuid>,
    days: Vec<Date>,
    platform: (Vec<i64>, Vec<i64>),
    ledger: (Vec<i64>, Vec<i64>),
    rows: Vec<i64>,
}

impl Columns {
    fn of(found: &[FoundDay]) -> Self {
        Self {
            creators: found.iter().map(|day| day.creator.0).collect(),
            days: found.iter().map(|day| day.on).collect(),
            platform: found.iter().map(|day| (day.platform.0.0, day.platform.1.0)).unzip(),
            ledger: found.iter().map(|day| (day.ledger.0.0, day.ledger.1.0)).unzip(),
            rows: found.iter().map(|day| day.rows).collect(),
        }
    }
}
