//! Days of the proof: what the rows of a UTC day add up to, which of them differ from the platform's total,
//! and what became of those after they were read again.

use jiff::{Timestamp, civil::Date};
use ledger::{AgencyId, Category, Cents, CreatorId, DaySums, Source};
use tokio_postgres::{Row, types::Type};

use crate::{Error, Store, Tx};

/// The most days that are looked at together.
const DAYS_MAX: i64 = 1_000;

/// The sums of one creator's UTC day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProofSums {
    /// The creator.
    pub creator: CreatorId,
    /// The day.
    pub on: Date,
    /// What its rows add up to.
    pub sums: DaySums,
}

/// A day whose rows are not what the platform's total says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundDay {
    /// The creator.
    pub creator: CreatorId,
    /// The UTC day.
    pub on: Date,
    /// The platform's gross and net.
    pub platform: (Cents, Cents),
    /// Those of the rows beside it.
    pub ledger: (Cents, Cents),
    /// The rows of the day.
    pub rows: i64,
}

/// A day that was found to differ, as it stands now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownDay {
    /// The creator.
    pub creator: CreatorId,
    /// The UTC day.
    pub on: Date,
    /// The platform's gross and net when it was asked last.
    pub platform: (Cents, Cents),
    /// What its rows add up to now.
    pub sums: DaySums,
    /// Whether it was to be read again, and its stream has come to rest since.
    pub is_read: bool,
    /// Times that it was read again.
    pub reads: i32,
    /// Rows of the day that the last complete read did not show.
    pub absent: i64,
}

/// What becomes of a day that was found to differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayVerdict {
    /// It agrees.
    Agrees,
    /// It is read again, at that instant or later.
    Again(Timestamp),
    /// It differs, though it was read again.
    Settled,
}

impl DayVerdict {
    fn name(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Again(_) => "again",
            Self::Settled => "settled",
        }
    }

    fn not_before(self) -> Option<Timestamp> {
        match self {
            Self::Again(at) => Some(at),
            Self::Agrees | Self::Settled => None,
        }
    }
}

/// The stored names of sources of a category.
fn names(category: Category) -> Vec<&'static str> {
    let of = Source::ALL.into_iter().filter(|source| source.category() == category);
    of.map(Source::as_str).collect()
}

fn sums(row: &Row) -> DaySums {
    let pair = |gross: &str, net: &str| (Cents(row.get(gross)), Cents(row.get(net)));
    DaySums {
        sales: pair("sales_cents", "sales_net"),
        rewards: pair("reward_cents", "reward_net"),
        rows: row.get("row_count"),
    }
}

/// Sums of the rows `t`; `$REWARDS` are the names of rewards.
const SUMS: &str = "coalesce(sum(t.amount_cents) filter (where not t.transaction_type = any($REWARDS)), 0)::bigint
        as sales_cents,
    coalesce(sum(t.net_cents) filter (where not t.transaction_type = any($REWARDS)), 0)::bigint
        as sales_net,
    coalesce(sum(t.amount_cents) filter (where t.transaction_type = any($REWARDS)), 0)::bigint
        as reward_cents,
    coalesce(sum(t.net_cents) filter (where t.transaction_type = any($REWARDS)), 0)::bigint
        as reward_net,
    count(t.id) as row_count";

/// Receipts of days that agree again because a tick has read them meanwhile: one that the proof read has its
/// receipt from the commit that stored the rows.
const RECEIPTS: &str = "insert into repairs
        (agency_id, model_id, kind, day, cause, before_cents, after_cents, before_rows, after_rows,
         evidence, repaired_at)
    select g.agency_id, g.model_id, 'rows', g.day, 'read_meanwhile',
           l.all_cents - l.cents + g.found_cents, l.all_cents, l.all_rows - l.number + g.found_rows,
           l.all_rows,
           jsonb_build_object('asked', 'totals', 'fanvueCents', g.platform_cents,
                              'fanvueNetCents', g.platform_net_cents, 'foundAt', g.found_at,
                              'missing', l.keys), $NOW
      from gone g
     cross join lateral (
           select coalesce(sum(t.amount_cents)
                               filter (where not t.transaction_type = any($REVERSALS)), 0)::bigint
                      as cents,
                  count(*) filter (where not t.transaction_type = any($REVERSALS)) as number,
                  coalesce(sum(t.amount_cents), 0)::bigint as all_cents, count(*) as all_rows,
                  coalesce((jsonb_agg(t.fanvue_transaction_id)
                            filter (where t.created_at >= g.found_at)), '[]') as keys
             from fanvue_transactions t
            where t.agency_id = g.agency_id and t.model_id = g.model_id
              and t.transaction_date >= g.day::timestamp at time zone 'UTC'
              and t.transaction_date < (g.day + 1)::timestamp at time zone 'UTC') as l
     where (l.cents, l.number) <> (g.found_cents, g.found_rows)
       and not exists (
           select from repairs r
            where r.agency_id = g.agency_id and r.model_id = g.model_id and r.kind = 'rows'
              and r.day = g.day and r.repaired_at >= g.found_at)";

impl Store {
    /// What the rows of these creators add up to, by UTC day from `first` to the one before `night`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_proof_sums(
        &self,
        agency: AgencyId,
        creators: &[CreatorId],
        (first, night): (Date, Date),
    ) -> Result<Vec<ProofSums>, Error> {
        let ids: Vec<_> = creators.iter().map(|creator| creator.0).collect();
        let sql = format!(
            "-- list_proof_sums
             select t.model_id, (t.transaction_date at time zone 'UTC')::date as day, {}
               from fanvue_transactions t
              where t.agency_id = $1 and t.model_id = any($2)
                and t.transaction_date >= $3::date::timestamp at time zone 'UTC'
                and t.transaction_date < $4::date::timestamp at time zone 'UTC'
                and not t.transaction_type = any($6)
              group by 1, 2 order by 1, 2",
            SUMS.replace("$REWARDS", "$5")
        );
        let rows = self
            .rows(
                "list_proof_sums",
                &sql,
                &[
                    (&agency.0, Type::UUID),
                    (&ids, Type::UUID_ARRAY),
                    (&first, Type::DATE),
                    (&night, Type::DATE),
                    (&names(Category::Referrals), Type::TEXT_ARRAY),
                    (&names(Category::Refunds), Type::TEXT_ARRAY),
                ],
            )
            .await?;
        let day = |row: &Row| ProofSums {
            creator: CreatorId(row.get("model_id")),
            on: row.get("day"),
            sums: sums(row),
        };
        Ok(rows.iter().map(day).collect())
    }

    /// Days of an agency that were found to differ, the longest known first, as they stand now.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_known_days(&self, agency: AgencyId) -> Result<Vec<KnownDay>, Error> {
        let sql = format!(
            "-- list_known_days
             select d.model_id, d.day, d.platform_cents, d.platform_net_cents, d.reads, l.*,
                    coalesce(d.state = 'reading' and s.lease_token is null
                        and s.watermark >= (d.day + 1)::timestamp at time zone 'UTC'
                        and coalesce(jsonb_array_length(s.stream -> 'windows'), 0) = 0, false)
                        as is_read,
                    (select count(*)
                       from absent_transactions a
                       join fanvue_transactions t
                         on t.agency_id = a.agency_id and t.model_id = a.model_id
                        and t.fanvue_transaction_id = a.fanvue_transaction_id
                      where a.agency_id = d.agency_id and a.model_id = d.model_id
                        and t.transaction_date >= d.day::timestamp at time zone 'UTC'
                        and t.transaction_date < (d.day + 1)::timestamp at time zone 'UTC') as absent
               from proof_days d
               left join sync_state s on s.agency_id = d.agency_id and s.model_id = d.model_id
                                     and s.sync_type = 'earnings'
              cross join lateral (
                    select {}
                      from fanvue_transactions t
                     where t.agency_id = d.agency_id and t.model_id = d.model_id
                       and t.transaction_date >= d.day::timestamp at time zone 'UTC'
                       and t.transaction_date < (d.day + 1)::timestamp at time zone 'UTC'
                       and not t.transaction_type = any($3)) as l
              where d.agency_id = $1
              order by d.state <> 'reading', d.found_at, d.model_id, d.day limit $4",
            SUMS.replace("$REWARDS", "$2")
        );
        let rows = self
            .rows(
                "list_known_days",
                &sql,
                &[
                    (&agency.0, Type::UUID),
                    (&names(Category::Referrals), Type::TEXT_ARRAY),
                    (&names(Category::Refunds), Type::TEXT_ARRAY),
                    (&DAYS_MAX, Type::INT8),
                ],
            )
            .await?;
        let day = |row: &Row| KnownDay {
            creator: CreatorId(row.get("model_id")),
            on: row.get("day"),
            platform: (Cents(row.get("platform_cents")), Cents(row.get("platform_net_cents"))),
            sums: sums(row),
            is_read: row.get("is_read"),
            reads: row.get("reads"),
            absent: row.get("absent"),
        };
        Ok(rows.iter().map(day).collect())
    }
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
                 update proofs set compared_to = $6, compared_at = $7, claimed_until = null
                  where agency_id = $1 and model_id = any($4)
             )
             {}",
            RECEIPTS.replace("$NOW", "$7").replace("$REVERSALS", "$8")
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
            RECEIPTS.replace("$NOW", "$9").replace("$REVERSALS", "$10")
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
