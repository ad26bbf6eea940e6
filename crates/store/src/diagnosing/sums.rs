//! Sums that are kept beside the days and are not what these add up to: those of the creators asked about, and
//! those of all creators of the agency together.

use ledger::{
    Cents, CreatorId,
    diagnosis::{DriftedSum, Sum},
};
use tokio_postgres::{Row, types::Type};

use super::{BooksAsked, sum};
use crate::{Error, Tx};

/// The most of them that are told one by one.
const LIMIT: i64 = 100_000;

/// Sums of the days asked for and of whole months of them; of all months where all days are meant. $SUMS says
/// of whom they are, $DAYS whose days they are of, $MODEL and $SETS which sums these make.
const DRIFTED: &str = "-- $NAME
with days as (
    select t.*, date_trunc('month', t.day::timestamp)::date as month
      from revenue_daily t
     where t.agency_id = $1 and $DAYS
       and t.day >= date_trunc('month', $3::date::timestamp)
       and t.day < date_trunc('month', $4::date::timestamp) + interval '1 month'
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
)
select span = 'month' as is_month, model_id, day, source, sum(kg)::bigint as kept_cents,
       sum(kc)::bigint as kept_rows, sum(rg)::bigint as days_cents, sum(rc)::bigint as days_rows,
       sum(kn)::bigint as kept_net, sum(rn)::bigint as days_net
  from both_of
 where day between $3 and $4
   and (span = 'day' or $5 or day + interval '1 month' <= $4 + interval '1 day')
 group by 1, 2, 3, 4
having (sum(kg), sum(kn), sum(kc)) <> (sum(rg), sum(rn), sum(rc))
 order by 2, 1, 3, 4 limit $6";

fn drifted((name, sums, days): (&str, &str, &str), (model, sets): (&str, &str)) -> String {
    let sums = format!("t.span in ('day', 'month') and {sums}");
    let parts =
        [("$NAME", name), ("$SUMS", &sums), ("$DAYS", days), ("$MODEL", model), ("$SETS", sets)];
    parts.into_iter().fold(DRIFTED.to_owned(), |sql, (part, words)| sql.replace(part, words))
}

fn drifted_sum(row: &Row) -> DriftedSum {
    let amount = |cents, rows| -> Sum { sum(row, cents, rows) };
    DriftedSum {
        on: row.get("day"),
        is_month: row.get("is_month"),
        source: row.get("source"),
        kept: amount("kept_cents", "kept_rows"),
        days: amount("days_cents", "days_rows"),
        net: (Cents(row.get("kept_net")), Cents(row.get("days_net"))),
    }
}

impl Tx {
    /// The creators' own sums that are not what their days add up to; where all days are meant, those of months
    /// that are not over, too.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_drifted_sums(
        &self,
        asked: &BooksAsked<'_>,
        is_whole: bool,
    ) -> Result<Vec<(CreatorId, DriftedSum)>, Error> {
        let theirs = "t.model_id = any($2::uuid[])";
        let sets = "(day, model_id), (month, model_id), (month, model_id, source)";
        let sql = drifted(("list_drifted_sums", theirs, theirs), ("model_id", sets));
        let rows = self.drifts("list_drifted_sums", &sql, asked, is_whole).await?;
        let drifted = |row: &Row| (CreatorId(row.get("model_id")), drifted_sum(row));
        Ok(rows.iter().map(drifted).collect())
    }

    /// The same of all creators together, whoever is asked about. It reads all days of the agency.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_drifted_sums_of_all(
        &self,
        asked: &BooksAsked<'_>,
        is_whole: bool,
    ) -> Result<Vec<DriftedSum>, Error> {
        let sets = "(day), (day, source), (month, source)";
        let name = "list_drifted_sums_of_all";
        let sql = drifted((name, "t.model_id is null", "true"), ("null::uuid", sets));
        let rows = self.drifts(name, &sql, asked, is_whole).await?;
        Ok(rows.iter().map(drifted_sum).collect())
    }

    async fn drifts(
        &self,
        statement: &'static str,
        sql: &str,
        asked: &BooksAsked<'_>,
        is_whole: bool,
    ) -> Result<Vec<Row>, Error> {
        self.rows(
            statement,
            sql,
            &[
                (&asked.agency.0, Type::UUID),
                (&asked.ids(), Type::UUID_ARRAY),
                (&asked.days.0, Type::DATE),
                (&asked.days.1, Type::DATE),
                (&is_whole, Type::BOOL),
                (&LIMIT, Type::INT8),
            ],
        )
        .await
    }
}
