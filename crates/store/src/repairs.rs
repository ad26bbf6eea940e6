//! Receipts of what was repaired: written in the transaction that repairs, listed for people. Those of sums are
//! written by the statements that make them anew: see `rebuilding`.

use jiff::{Timestamp, civil::Date};
use ledger::{AgencyId, CreatorId, Key, RepairedDay, Window};
use serde_json::{Value, json};
use tokio_postgres::{Row, types::Type};
use uuid::Uuid;

use crate::{Error, Lease, Reader, Tx};

/// Keys of rows that a receipt names, of each kind; the others are counted.
pub(crate) const KEYS_MAX: usize = 100;

/// A receipt.
#[derive(Clone, Debug, PartialEq)]
pub struct Repair {
    /// Its id.
    pub id: Uuid,
    /// The creator; `None` for a sum over all.
    pub creator: Option<CreatorId>,
    /// The creator's name.
    pub name: Option<String>,
    /// `rows` or `sums`.
    pub kind: String,
    /// The UTC day of the rows, or the agency's day of a sum.
    pub on: Option<Date>,
    /// Why it was wrong.
    pub cause: String,
    /// Gross in cents and rows before.
    pub before: (i64, i64),
    /// The same after.
    pub after: (i64, i64),
    /// What was asked, what was told, and which rows it was.
    pub evidence: Value,
    /// When it was repaired.
    pub repaired_at: Timestamp,
}

impl Tx {
    /// Receipts of the days that a commit of the proof repairs, after their rows were written: so what the
    /// day adds up to now is read, and what it did before is that without the change.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn write_row_repairs(
        &self,
        lease: &Lease,
        days: &[RepairedDay],
        window: Window,
        now: Timestamp,
    ) -> Result<(), Error> {
        let on: Vec<_> = days.iter().map(|day| day.on).collect();
        let causes: Vec<_> = days.iter().map(RepairedDay::cause).collect();
        let gross: Vec<_> = days.iter().map(|day| day.gross.0).collect();
        let rows: Vec<_> = days.iter().map(|day| day.rows).collect();
        let evidence: Vec<_> = days.iter().map(|day| evidence(day, window)).collect();
        self.change(
            "write_row_repairs",
            "-- write_row_repairs
             insert into repairs
                 (agency_id, model_id, kind, day, cause, before_cents, after_cents, before_rows,
                  after_rows, evidence, repaired_at)
             select $1, $2, 'rows', n.day, n.cause, l.cents - n.gross, l.cents, l.number - n.n, l.number,
                    n.evidence || jsonb_build_object(
                        'fanvueCents', d.platform_cents, 'fanvueNetCents', d.platform_net_cents), $8
               from unnest($3::date[], $4::text[], $5::bigint[], $6::bigint[], $7::jsonb[])
                        as n (day, cause, gross, n, evidence)
               left join proof_days d on d.agency_id = $1 and d.model_id = $2 and d.day = n.day
              cross join lateral (
                    select coalesce(sum(t.amount_cents), 0)::bigint as cents, count(*) as number
                      from fanvue_transactions t
                     where t.agency_id = $1 and t.model_id = $2
                       and t.transaction_date >= n.day::timestamp at time zone 'UTC'
                       and t.transaction_date < (n.day + 1)::timestamp at time zone 'UTC') as l",
            &[
                (&lease.agency.0, Type::UUID),
                (&lease.creator.0, Type::UUID),
                (&on, Type::DATE_ARRAY),
                (&causes, Type::TEXT_ARRAY),
                (&gross, Type::INT8_ARRAY),
                (&rows, Type::INT8_ARRAY),
                (&evidence, Type::JSONB_ARRAY),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await
        .map(|_| ())
    }
}

/// What was asked, and the rows that it showed.
fn evidence(day: &RepairedDay, window: Window) -> Value {
    let named =
        |keys: &[Key]| -> Vec<_> { keys.iter().take(KEYS_MAX).map(ToString::to_string).collect() };
    json!({
        "asked": "rows",
        "from": window.start().to_string(),
        "to": window.end().to_string(),
        "missing": named(&day.missing),
        "amended": named(&day.amended),
        "vanished": named(&day.vanished),
        "rowCount": day.missing.len() + day.amended.len() + day.vanished.len(),
    })
}

impl Reader {
    /// Receipts of an agency, or of one creator, the newest first: those before `after`, at most `limit`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_repairs(
        &self,
        agency: AgencyId,
        creator: Option<CreatorId>,
        after: Option<(Timestamp, Uuid)>,
        limit: i64,
    ) -> Result<Vec<Repair>, Error> {
        let (at, id) = after.unzip();
        let rows = self
            .rows(
                "list_repairs",
                "-- list_repairs
                 select r.*, m.name
                   from repairs r
                   left join models m on m.agency_id = r.agency_id and m.id = r.model_id
                  where r.agency_id = $1 and ($2::uuid is null or r.model_id = $2)
                    and ($3::timestamptz is null or (r.repaired_at, r.id) < ($3, $4))
                  order by r.repaired_at desc, r.id desc limit $5",
                &[
                    (&agency.0, Type::UUID),
                    (&creator.map(|creator| creator.0), Type::UUID),
                    (&at, Type::TIMESTAMPTZ),
                    (&id, Type::UUID),
                    (&limit, Type::INT8),
                ],
            )
            .await?;
        Ok(rows.iter().map(repair).collect())
    }

    /// Whether the creator is one of the agency's, as far as the reader may see.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn has_creator(&self, agency: AgencyId, creator: CreatorId) -> Result<bool, Error> {
        let sql = "-- has_creator
             select 1 as one from models where agency_id = $1 and id = $2";
        let rows = self
            .rows("has_creator", sql, &[(&agency.0, Type::UUID), (&creator.0, Type::UUID)])
            .await?;
        Ok(!rows.is_empty())
    }
}

fn repair(row: &Row) -> Repair {
    Repair {
        id: row.get("id"),
        creator: row.get::<_, Option<Uuid>>("model_id").map(CreatorId),
        name: row.get("name"),
        kind: row.get("kind"),
        on: row.get("day"),
        cause: row.get("cause"),
        before: (row.get("before_cents"), row.get("before_rows")),
        after: (row.get("after_cents"), row.get("after_rows")),
        evidence: row.get("evidence"),
        repaired_at: row.get("repaired_at"),
    }
}
