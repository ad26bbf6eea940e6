//! Days of the proof: what the rows of a UTC day add up to, which of them differ from the platform's total,
//! and what became of those after they were read again.

use jiff::{Timestamp, civil::Date};
use ledger::{AgencyId, Category, Cents, CreatorId, DaySums, Source};
use tokio_postgres::{Row, types::Type};

use crate::{Error, Store};

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
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Again(_) => "again",
            Self::Settled => "settled",
        }
    }

    pub(super) fn not_before(self) -> Option<Timestamp> {
        match self {
            Self::Again(at) => Some(at),
            Self::Agrees | Self::Settled => None,
        }
    }
}

/// The stored names of sources of a category.
pub(super) fn names(category: Category) -> Vec<&'static str> {
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
const SUMS: &str =
    "coalesce(sum(t.amount_cents) filter (where not t.transaction_type = any($REWARDS)), 0)::bigint
        as sales_cents,
    coalesce(sum(t.net_cents) filter (where not t.transaction_type = any($REWARDS)), 0)::bigint
        as sales_net,
    coalesce(sum(t.amount_cents) filter (where t.transaction_type = any($REWARDS)), 0)::bigint
        as reward_cents,
    coalesce(sum(t.net_cents) filter (where t.transaction_type = any($REWARDS)), 0)::bigint
        as reward_net,
    count(t.id) as row_count";

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
                    coalesce(d.state = 'reading' and s.watermark >= (d.day + 1)::timestamp at time zone 'UTC'
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
