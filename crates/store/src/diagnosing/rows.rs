//! Rows one by one: those of the ledger beside the platform's, those that are somebody else's too, and those
//! that were set aside.

use std::collections::HashSet;

use jiff::Timestamp;
use ledger::{AgencyId, Booked, Cents, CreatorId, Source, diagnosis::HandEdit};
use tokio_postgres::{Row, types::Type};

use super::BooksAsked;
use crate::{Error, Tx, books::booked};

/// The most rows that were set aside that are looked at, of all creators together.
const REJECTS_MAX: i64 = 10_000;

/// The fewest and the most of each creator: one who has many hides no other's.
const REJECTS_OF_ONE: (i64, i64) = (200, 1_000);

/// Which transactions a snapshot saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moment(String);

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
    /// Rows of the creators' feeds that were set aside, the newest of each first, and of whom there are more.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_set_aside(
        &self,
        asked: &BooksAsked<'_>,
    ) -> Result<(Vec<StoredReject>, HashSet<CreatorId>), Error> {
        let creators = i64::try_from(asked.creators.len()).unwrap_or(i64::MAX);
        let (least, most) = REJECTS_OF_ONE;
        let limit = (REJECTS_MAX / creators.max(1)).clamp(least, most);
        let rows = self
            .rows(
                "list_set_aside",
                "-- list_set_aside
                 select r.model_id, r.digest, r.reason, r.raw,
                        row_number() over (partition by r.model_id
                                           order by r.first_seen_at desc, r.digest) as place
                   from unnest($2::uuid[]) as c (id)
                  cross join lateral (
                      select e.model_id, e.digest, e.reason, e.raw, e.first_seen_at
                        from earning_rejects e
                       where e.agency_id = $1 and e.model_id = c.id
                       order by e.first_seen_at desc, e.digest limit $3 + 1) r
                  order by r.model_id, place",
                &[
                    (&asked.agency.0, Type::UUID),
                    (&asked.ids(), Type::UUID_ARRAY),
                    (&limit, Type::INT8),
                ],
            )
            .await?;
        let creator = |row: &Row| CreatorId(row.get("model_id"));
        let is_beyond = |row: &&Row| limit < row.get::<_, i64>("place");
        let cut = rows.iter().filter(is_beyond).map(creator).collect();
        let reject = |row: &Row| StoredReject {
            creator: creator(row),
            digest: row.get("digest"),
            reason: row.get("reason"),
            raw: row.get("raw"),
        };
        Ok((rows.iter().filter(|row| !is_beyond(row)).map(reject).collect(), cut))
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

    /// Which transactions the snapshot sees, for [`Tx::list_rows_between`] of a later one. Instants do not
    /// tell: each row's is by the clock of whoever booked it.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn read_moment(&self) -> Result<Moment, Error> {
        let sql = "-- read_moment\n select pg_current_snapshot()::text";
        let rows = self.rows("read_moment", sql, &[]).await?;
        Ok(Moment(rows.first().map(|row| row.get(0)).unwrap_or_default()))
    }

    /// The creator's rows of a span that stood in the ledger at the moment. One that was amended since then,
    /// which is synced later than it was created, is as it is now. Its 32 bits are told from those of
    /// transactions four thousand millions ago by being the last ones.
    ///
    /// # Errors
    /// As for any statement; [`Error::Inconsistent`] for a key or a source that we never wrote.
    pub async fn list_rows_between(
        &self,
        agency: AgencyId,
        creator: CreatorId,
        (first, end): (Timestamp, Timestamp),
        moment: &Moment,
    ) -> Result<Vec<Booked>, Error> {
        let rows = self
            .rows(
                "list_rows_between",
                "-- list_rows_between
                 with upto as (
                     select pg_snapshot_xmax(pg_current_snapshot())::text::bigint as id
                 )
                 select t.fanvue_transaction_id, t.transaction_date, t.transaction_type,
                        t.amount_cents, t.net_cents, t.total_cents, t.currency, t.status,
                        t.message_uuid, t.post_uuid, t.reverses_transaction_id, t.fan_id,
                        t.fan_handle, t.fan_display_name, a.absent_since,
                        r.ledger_row is not null as is_adopted
                   from upto
                  cross join fanvue_transactions t
                   left join absent_transactions a
                     on a.agency_id = t.agency_id and a.model_id = t.model_id
                    and a.fanvue_transaction_id = t.fanvue_transaction_id
                   left join upgrade_receipts r
                     on r.agency_id = t.agency_id and r.model_id = t.model_id
                    and r.ledger_row = t.id and r.state = 'adopted'
                  where t.agency_id = $1 and t.model_id = $2
                    and t.transaction_date >= $3 and t.transaction_date < $4
                    and (t.created_at <> t.synced_at
                         or pg_visible_in_snapshot(
                             (upto.id - (upto.id - t.xmin::text::bigint) % 4294967296)::text::xid8,
                             $5::text::pg_snapshot))
                  order by t.transaction_date, t.fanvue_transaction_id",
                &[
                    (&agency.0, Type::UUID),
                    (&creator.0, Type::UUID),
                    (&first, Type::TIMESTAMPTZ),
                    (&end, Type::TIMESTAMPTZ),
                    (&moment.0, Type::TEXT),
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
