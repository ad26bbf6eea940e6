//! Rows one by one: those of the ledger beside the platform's, those that are somebody else's too, and those
//! that were set aside.

use jiff::Timestamp;
use ledger::{AgencyId, Booked, Cents, CreatorId, Source, diagnosis::HandEdit};
use tokio_postgres::{Row, types::Type};

use super::BooksAsked;
use crate::{Error, Tx, books::booked};

/// The most rows that were set aside that are looked at.
const REJECTS_MAX: i64 = 1_000;

/// The most rows changed by hand that are looked at, of all creators together.
const EDITS_MAX: i64 = 1_000;

/// A row that was set aside. It names a fan: never log or answer it.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredReject {
    /// Whose feed it stood in.
    pub creator: CreatorId,
    /// The digest of its text.
    pub digest: String,
    /// Why it is no earning.
    pub reason: String,
    /// Its text as it came.
    pub raw: String,
}

impl Tx {
    /// Rows of the creators' feeds that were set aside, the newest first.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_set_aside(&self, asked: &BooksAsked<'_>) -> Result<Vec<StoredReject>, Error> {
        let rows = self
            .rows(
                "list_set_aside",
                "-- list_set_aside
                 select model_id, digest, reason, raw
                   from earning_rejects
                  where agency_id = $1 and model_id = any($2)
                  order by first_seen_at desc, digest limit $3",
                &[
                    (&asked.agency.0, Type::UUID),
                    (&asked.ids(), Type::UUID_ARRAY),
                    (&REJECTS_MAX, Type::INT8),
                ],
            )
            .await?;
        let reject = |row: &Row| StoredReject {
            creator: CreatorId(row.get("model_id")),
            digest: row.get("digest"),
            reason: row.get("reason"),
            raw: row.get("raw"),
        };
        Ok(rows.iter().map(reject).collect())
    }

    /// Rows of the creators that somebody changed or took away by hand, and that stand as they were left, the
    /// latest first. The service names what it was doing; who does not is a user of the database.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_hand_edits(
        &self,
        asked: &BooksAsked<'_>,
    ) -> Result<Vec<(CreatorId, HandEdit)>, Error> {
        let rows = self
            .rows(
                "list_hand_edits",
                "-- list_hand_edits
                 with by_hand as (
                     select c.model_id, c.id, c.row_key, c.changed_at,
                            (c.before ->> 'date')::timestamptz as at, c.before ->> 'source' as source,
                            (c.before ->> 'amountCents')::bigint as before_cents,
                            (c.after ->> 'amountCents')::bigint as after_cents
                       from money_changes c
                      where c.agency_id = $1 and c.model_id = any($2)
                        and c.tbl = 'fanvue_transactions' and c.op in ('update', 'delete')
                        and exists (select from pg_catalog.pg_roles r where r.rolname = c.actor)
                      order by c.id desc limit $5
                 )
                 select h.*
                   from by_hand h
                   left join fanvue_transactions t
                     on t.agency_id = $1 and t.model_id = h.model_id
                    and t.fanvue_transaction_id = h.row_key
                  where h.at >= $3 and h.at < $4
                    and t.amount_cents is not distinct from h.after_cents
                    and not exists (select from by_hand l
                                     where l.model_id = h.model_id and l.row_key = h.row_key
                                       and l.id > h.id)
                  order by h.id desc",
                &[
                    (&asked.agency.0, Type::UUID),
                    (&asked.ids(), Type::UUID_ARRAY),
                    (&asked.utc.0, Type::TIMESTAMPTZ),
                    (&asked.utc.1, Type::TIMESTAMPTZ),
                    (&EDITS_MAX, Type::INT8),
                ],
            )
            .await?;
        let edit = |row: &Row| {
            let source: Option<&str> = row.get("source");
            let edit = HandEdit {
                key: row.get("row_key"),
                at: row.get("at"),
                is_reversal: source.and_then(Source::from_name).is_some_and(Source::is_reversal),
                before: Cents(row.get("before_cents")),
                after: row.get::<_, Option<i64>>("after_cents").map(Cents),
                changed_at: row.get("changed_at"),
            };
            (CreatorId(row.get("model_id")), edit)
        };
        Ok(rows.iter().map(edit).collect())
    }

    /// Keys of the creators' rows that were booked within the minute before the moment: a commit may be seen
    /// a little later than the instant that it writes down.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_fresh(
        &self,
        asked: &BooksAsked<'_>,
    ) -> Result<Vec<(CreatorId, String)>, Error> {
        let rows = self
            .rows(
                "list_fresh",
                "-- list_fresh
                 select model_id, fanvue_transaction_id
                   from fanvue_transactions
                  where agency_id = $1 and model_id = any($2)
                    and created_at > $3 - interval '1 minute' and created_at <= $3",
                &[
                    (&asked.agency.0, Type::UUID),
                    (&asked.ids(), Type::UUID_ARRAY),
                    (&asked.now, Type::TIMESTAMPTZ),
                ],
            )
            .await?;
        let fresh = |row: &Row| {
            (CreatorId(row.get("model_id")), row.get::<_, String>("fanvue_transaction_id"))
        };
        Ok(rows.iter().map(fresh).collect())
    }

    /// The creator's rows of a span that were booked by the instant `booked_by`; of those of the minute before
    /// it only the ones that are named in `fresh`, see [`Tx::list_fresh`].
    ///
    /// # Errors
    /// As for any statement; [`Error::Inconsistent`] for a key or a source that we never wrote.
    pub async fn list_rows_between(
        &self,
        agency: AgencyId,
        creator: CreatorId,
        (first, end): (Timestamp, Timestamp),
        (booked_by, fresh): (Timestamp, &[String]),
    ) -> Result<Vec<Booked>, Error> {
        let rows = self
            .rows(
                "list_rows_between",
                "-- list_rows_between
                 select t.fanvue_transaction_id, t.transaction_date, t.transaction_type,
                        t.amount_cents, t.net_cents, t.total_cents, t.currency, t.status,
                        t.message_uuid, t.post_uuid, t.reverses_transaction_id, t.fan_id,
                        t.fan_handle, t.fan_display_name, a.absent_since,
                        r.ledger_row is not null as is_adopted
                   from fanvue_transactions t
                   left join absent_transactions a
                     on a.agency_id = t.agency_id and a.model_id = t.model_id
                    and a.fanvue_transaction_id = t.fanvue_transaction_id
                   left join upgrade_receipts r
                     on r.agency_id = t.agency_id and r.model_id = t.model_id
                    and r.ledger_row = t.id and r.state = 'adopted'
                  where t.agency_id = $1 and t.model_id = $2
                    and t.transaction_date >= $3 and t.transaction_date < $4
                    and (t.created_at <= $5 - interval '1 minute'
                         or t.created_at <= $5 and t.fanvue_transaction_id = any($6))
                  order by t.transaction_date, t.fanvue_transaction_id",
                &[
                    (&agency.0, Type::UUID),
                    (&creator.0, Type::UUID),
                    (&first, Type::TIMESTAMPTZ),
                    (&end, Type::TIMESTAMPTZ),
                    (&booked_by, Type::TIMESTAMPTZ),
                    (&fresh, Type::TEXT_ARRAY),
                ],
            )
            .await?;
        rows.iter().map(booked).collect()
    }

    /// Which of these keys another creator of the agency has too.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_foreign(
        &self,
        agency: AgencyId,
        creator: CreatorId,
        keys: &[String],
    ) -> Result<Vec<String>, Error> {
        let rows = self
            .rows(
                "list_foreign",
                "-- list_foreign
                 select distinct t.fanvue_transaction_id
                   from models o
                   join fanvue_transactions t
                     on t.agency_id = o.agency_id and t.model_id = o.id
                    and t.fanvue_transaction_id = any($3)
                  where o.agency_id = $1 and o.id <> $2",
                &[(&agency.0, Type::UUID), (&creator.0, Type::UUID), (&keys, Type::TEXT_ARRAY)],
            )
            .await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }
}
