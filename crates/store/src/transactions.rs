//! The ledger's rows: read the books of a span under the creator's lock, write what changed.

use futures_util::future::try_join;
use jiff::Timestamp;
use ledger::{
    Booked, Cents, Changes, DayDelta, Earning, Fan, Key, OrderId, PayoutStatus, Reject, Source,
};
use tokio_postgres::{Row, types::Type};

use crate::{Error, Lease, Tx};

const TABLE: &str = "fanvue_transactions";

fn booked(row: &Row) -> Result<Booked, Error> {
    let bad = |column| Error::Inconsistent { table: TABLE, column };
    let key = Key::parse(row.get("fanvue_transaction_id"));
    let key = key.map_err(|_| bad("fanvue_transaction_id"))?;
    let order_id = match &key {
        Key::Order(id) => Some(id.clone()),
        Key::Content { .. } => None,
    };
    let status: Option<String> = row.get("status");
    let reverses: Option<String> = row.get("reverses_transaction_id");
    let fan_id: Option<String> = row.get("fan_id");
    let earning = Earning {
        at: row.get("transaction_date"),
        source: Source::from_name(row.get("transaction_type")).ok_or(bad("transaction_type"))?,
        gross: Cents(row.get("amount_cents")),
        net: Cents(row.get("net_cents")),
        total: row.get::<_, Option<i64>>("total_cents").map(Cents),
        currency: row.get("currency"),
        order_id,
        status: status.as_deref().and_then(PayoutStatus::from_name),
        message_id: row.get("message_uuid"),
        post_id: row.get("post_uuid"),
        reverses: reverses.as_deref().and_then(OrderId::new),
        fan: fan_id.map(|id| Fan {
            id,
            handle: row.get("fan_handle"),
            display_name: row.get("fan_display_name"),
        }),
    };
    Ok(Booked { key, earning, absent_since: row.get("absent_since") })
}

impl Tx {
    /// Takes the creator's lock, checks the lease, and opens the books of a span: every row between
    /// `first` and `last`, both included, and every row of the `orders` named. Returns the
    /// agency's time zone with them. The lock is held until the transaction ends, so that deltas
    /// computed from these rows are exact.
    ///
    /// # Errors
    /// [`Error::Lost`] when the lease is no longer ours.
    pub async fn lock_books(
        &self,
        lease: &Lease,
        (first, last): (Timestamp, Timestamp),
        orders: &[&str],
    ) -> Result<(String, Vec<Booked>), Error> {
        // Both are sent before either is answered. The second sees what was committed while the
        // first waited for the lock, because each statement takes its own snapshot.
        let (zone, rows) =
            try_join(self.lock_creator(lease), self.list_booked(lease, first, last, orders))
                .await?;
        Ok((zone, rows))
    }

    async fn lock_creator(&self, lease: &Lease) -> Result<String, Error> {
        let statement = "lock_creator";
        let rows = self
            .rows(
                statement,
                "-- lock_creator
                 select a.timezone
                   from models m
                   join agencies a on a.id = m.agency_id
                   join sync_state s on s.agency_id = m.agency_id and s.model_id = m.id
                  where m.agency_id = $1 and m.id = $2
                    and s.sync_type = 'earnings' and s.lease_token = $3
                    for no key update of m, s",
                &[
                    (&lease.agency.0, Type::UUID),
                    (&lease.creator.0, Type::UUID),
                    (&lease.token, Type::UUID),
                ],
            )
            .await?;
        rows.first().map(|row| row.get("timezone")).ok_or(Error::Lost { statement })
    }

    async fn list_booked(
        &self,
        lease: &Lease,
        first: Timestamp,
        last: Timestamp,
        orders: &[&str],
    ) -> Result<Vec<Booked>, Error> {
        let rows = self
            .rows(
                "list_booked",
                "-- list_booked
                 with near as (
                     select * from fanvue_transactions
                      where agency_id = $1 and model_id = $2
                        and transaction_date between $3 and $4
                     union all
                     select * from fanvue_transactions
                      where agency_id = $1 and model_id = $2 and fanvue_transaction_id = any($5)
                        and transaction_date not between $3 and $4
                 )
                 select n.fanvue_transaction_id, n.transaction_date, n.transaction_type,
                        n.amount_cents, n.net_cents, n.total_cents, n.currency, n.status,
                        n.message_uuid, n.post_uuid, n.reverses_transaction_id, n.fan_id,
                        n.fan_handle, n.fan_display_name, a.absent_since
                   from near n
                   left join absent_transactions a
                     on a.agency_id = n.agency_id and a.model_id = n.model_id
                    and a.fanvue_transaction_id = n.fanvue_transaction_id",
                &[
                    (&lease.agency.0, Type::UUID),
                    (&lease.creator.0, Type::UUID),
                    (&first, Type::TIMESTAMPTZ),
                    (&last, Type::TIMESTAMPTZ),
                    (&orders, Type::TEXT_ARRAY),
                ],
            )
            .await?;
        rows.iter().map(booked).collect()
    }

    /// Writes the ledger's changes with the rollup, the creator's totals and the agency's revision.
    ///
    /// # Errors
    /// As for any statement; [`Error::Lost`] when a row to amend is gone.
    pub async fn write_changes(
        &self,
        lease: &Lease,
        changes: &Changes,
        deltas: &[DayDelta],
        now: Timestamp,
    ) -> Result<(), Error> {
        if !changes.voids.is_empty() {
            self.void_transactions(lease, &changes.voids, now).await?;
        }
        if !changes.absent.is_empty() || !changes.returned.is_empty() {
            self.note_absence(lease, &changes.absent, &changes.returned, now).await?;
        }
        if !changes.updates.is_empty() {
            self.amend_transactions(lease, changes, now).await?;
        }
        if !changes.inserts.is_empty() {
            self.append_transactions(lease, &changes.inserts, now).await?;
        }
        if !deltas.is_empty() {
            try_join(self.add_to_rollup(lease, deltas), self.add_to_totals(lease, deltas, now))
                .await?;
        }
        if !changes.is_empty() {
            self.advance_revision(lease.agency, now).await?;
        }
        Ok(())
    }

    async fn void_transactions(
        &self,
        lease: &Lease,
        voids: &[Booked],
        now: Timestamp,
    ) -> Result<(), Error> {
        let statement = "void_transactions";
        let keys: Vec<_> = voids.iter().map(|void| void.key.to_string()).collect();
        let changed = self
            .change(
                statement,
                "-- void_transactions
                 with evidence as (
                     select fanvue_transaction_id, absent_since from absent_transactions
                      where agency_id = $1 and model_id = $2 and fanvue_transaction_id = any($3)
                 ), gone as (
                     delete from fanvue_transactions t
                      where t.agency_id = $1 and t.model_id = $2
                        and t.fanvue_transaction_id = any($3)
                     returning t.*
                 )
                 insert into voided_transactions
                     (agency_id, model_id, fanvue_transaction_id, voided_at, absent_since,
                      transaction)
                 select g.agency_id, g.model_id, g.fanvue_transaction_id, $4, e.absent_since,
                        to_jsonb(g)
                   from gone g join evidence e using (fanvue_transaction_id)",
                &[
                    (&lease.agency.0, Type::UUID),
                    (&lease.creator.0, Type::UUID),
                    (&keys, Type::TEXT_ARRAY),
                    (&now, Type::TIMESTAMPTZ),
                ],
            )
            .await?;
        if changed == keys.len() as u64 { Ok(()) } else { Err(Error::Lost { statement }) }
    }

    async fn note_absence(
        &self,
        lease: &Lease,
        absent: &[Key],
        returned: &[Key],
        now: Timestamp,
    ) -> Result<u64, Error> {
        let texts = |keys: &[Key]| keys.iter().map(Key::to_string).collect::<Vec<_>>();
        self.change(
            "note_absence",
            "-- note_absence
             with returned as (
                 delete from absent_transactions
                  where agency_id = $1 and model_id = $2 and fanvue_transaction_id = any($4)
             )
             insert into absent_transactions
                 (agency_id, model_id, fanvue_transaction_id, absent_since)
             select $1, $2, t.key, $5 from unnest($3::text[]) as t (key)
             on conflict (agency_id, model_id, fanvue_transaction_id) do nothing",
            &[
                (&lease.agency.0, Type::UUID),
                (&lease.creator.0, Type::UUID),
                (&texts(absent), Type::TEXT_ARRAY),
                (&texts(returned), Type::TEXT_ARRAY),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await
    }

    async fn append_transactions(
        &self,
        lease: &Lease,
        rows: &[Booked],
        now: Timestamp,
    ) -> Result<u64, Error> {
        let columns = Columns::of(rows.iter());
        self.change(
            "append_transactions",
            "-- append_transactions
             insert into fanvue_transactions
                 (agency_id, model_id, fanvue_transaction_id, transaction_date, transaction_type,
                  amount_cents, net_cents, total_cents, currency, status, fan_id, fan_handle,
                  fan_display_name, message_uuid, post_uuid, reverses_transaction_id,
                  created_at, synced_at)
             select $1, $2, t.*, $17, $17
               from unnest($3::text[], $4::timestamptz[], $5::text[], $6::bigint[], $7::bigint[],
                           $8::bigint[], $9::text[], $10::text[], $11::text[], $12::text[],
                           $13::text[], $14::text[], $15::text[], $16::text[]) as t",
            &[
                (&lease.agency.0, Type::UUID),
                (&lease.creator.0, Type::UUID),
                (&columns.keys, Type::TEXT_ARRAY),
                (&columns.at, Type::TIMESTAMPTZ_ARRAY),
                (&columns.sources, Type::TEXT_ARRAY),
                (&columns.gross, Type::INT8_ARRAY),
                (&columns.net, Type::INT8_ARRAY),
                (&columns.totals, Type::INT8_ARRAY),
                (&columns.currencies, Type::TEXT_ARRAY),
                (&columns.statuses, Type::TEXT_ARRAY),
                (&columns.fans, Type::TEXT_ARRAY),
                (&columns.handles, Type::TEXT_ARRAY),
                (&columns.names, Type::TEXT_ARRAY),
                (&columns.messages, Type::TEXT_ARRAY),
                (&columns.posts, Type::TEXT_ARRAY),
                (&columns.reverses, Type::TEXT_ARRAY),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await
    }

    async fn amend_transactions(
        &self,
        lease: &Lease,
        changes: &Changes,
        now: Timestamp,
    ) -> Result<(), Error> {
        let statement = "amend_transactions";
        let before: Vec<_> = changes.updates.iter().map(|u| u.before.key.to_string()).collect();
        let columns = Columns::of(changes.updates.iter().map(|u| &u.after));
        let changed = self
            .change(
                statement,
                "-- amend_transactions
                 update fanvue_transactions as l
                    set fanvue_transaction_id = t.key, transaction_date = t.at,
                        transaction_type = t.source, amount_cents = t.gross, net_cents = t.net,
                        total_cents = t.total, currency = t.currency, status = t.status,
                        fan_id = t.fan, message_uuid = t.message, post_uuid = t.post,
                        reverses_transaction_id = t.reverses, synced_at = $15
                   from unnest($3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::bigint[],
                               $8::bigint[], $9::bigint[], $10::text[], $11::text[], $12::text[],
                               $13::text[], $14::text[], $16::text[])
                     as t (before, key, at, source, gross, net, total, currency, status, fan,
                           message, post, reverses)
                  where l.agency_id = $1 and l.model_id = $2
                    and l.fanvue_transaction_id = t.before",
                &[
                    (&lease.agency.0, Type::UUID),
                    (&lease.creator.0, Type::UUID),
                    (&before, Type::TEXT_ARRAY),
                    (&columns.keys, Type::TEXT_ARRAY),
                    (&columns.at, Type::TIMESTAMPTZ_ARRAY),
                    (&columns.sources, Type::TEXT_ARRAY),
                    (&columns.gross, Type::INT8_ARRAY),
                    (&columns.net, Type::INT8_ARRAY),
                    (&columns.totals, Type::INT8_ARRAY),
                    (&columns.currencies, Type::TEXT_ARRAY),
                    (&columns.statuses, Type::TEXT_ARRAY),
                    (&columns.fans, Type::TEXT_ARRAY),
                    (&columns.messages, Type::TEXT_ARRAY),
                    (&columns.posts, Type::TEXT_ARRAY),
                    (&now, Type::TIMESTAMPTZ),
                    (&columns.reverses, Type::TEXT_ARRAY),
                ],
            )
            .await?;
        if changed == before.len() as u64 { Ok(()) } else { Err(Error::Lost { statement }) }
    }

    async fn add_to_rollup(&self, lease: &Lease, deltas: &[DayDelta]) -> Result<u64, Error> {
        let days: Vec<_> = deltas.iter().map(|d| d.day).collect();
        let sources: Vec<_> = deltas.iter().map(|d| d.source.as_str()).collect();
        let gross: Vec<_> = deltas.iter().map(|d| d.gross.0).collect();
        let net: Vec<_> = deltas.iter().map(|d| d.net.0).collect();
        let counts: Vec<_> = deltas.iter().map(|d| d.count).collect();
        self.change(
            "add_to_rollup",
            "-- add_to_rollup
             insert into revenue_daily as r
                 (agency_id, model_id, day, source, gross_cents, net_cents, transaction_count)
             select $1, $2, t.*
               from unnest($3::date[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[]) as t
             on conflict (agency_id, model_id, day, source) do update
                set gross_cents = r.gross_cents + excluded.gross_cents,
                    net_cents = r.net_cents + excluded.net_cents,
                    transaction_count = r.transaction_count + excluded.transaction_count",
            &[
                (&lease.agency.0, Type::UUID),
                (&lease.creator.0, Type::UUID),
                (&days, Type::DATE_ARRAY),
                (&sources, Type::TEXT_ARRAY),
                (&gross, Type::INT8_ARRAY),
                (&net, Type::INT8_ARRAY),
                (&counts, Type::INT8_ARRAY),
            ],
        )
        .await
    }

    async fn add_to_totals(
        &self,
        lease: &Lease,
        deltas: &[DayDelta],
        now: Timestamp,
    ) -> Result<u64, Error> {
        let gross: Cents = deltas.iter().map(|d| d.gross).sum();
        let net: Cents = deltas.iter().map(|d| d.net).sum();
        let count: i64 = deltas.iter().map(|d| d.count).sum();
        self.change(
            "add_to_totals",
            "-- add_to_totals
             update models
                set revenue_total_cents = revenue_total_cents + $3,
                    net_total_cents = net_total_cents + $4,
                    transactions_total = transactions_total + $5, updated_at = $6
              where agency_id = $1 and id = $2",
            &[
                (&lease.agency.0, Type::UUID),
                (&lease.creator.0, Type::UUID),
                (&gross.0, Type::INT8),
                (&net.0, Type::INT8),
                (&count, Type::INT8),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await
    }

    /// Tells the creator's row how far its ledger is complete.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn set_as_of(&self, lease: &Lease, as_of: Option<Timestamp>) -> Result<(), Error> {
        self.change(
            "set_as_of",
            "-- set_as_of
             update models set last_transaction_sync = $3
              where agency_id = $1 and id = $2 and last_transaction_sync is distinct from $3",
            &[
                (&lease.agency.0, Type::UUID),
                (&lease.creator.0, Type::UUID),
                (&as_of, Type::TIMESTAMPTZ),
            ],
        )
        .await
        .map(|_| ())
    }

    /// Keeps rows that are no earning. `digests` identify them, so that reading one again adds
    /// nothing. Returns how many were new.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn keep_rejects(
        &self,
        lease: &Lease,
        rejects: &[(String, &Reject)],
        now: Timestamp,
    ) -> Result<u64, Error> {
        let digests: Vec<_> = rejects.iter().map(|(digest, _)| digest.as_str()).collect();
        let reasons: Vec<_> = rejects.iter().map(|(_, r)| r.reason.to_string()).collect();
        let raws: Vec<_> = rejects.iter().map(|(_, r)| r.raw.as_str()).collect();
        self.change(
            "keep_rejects",
            "-- keep_rejects
             insert into earning_rejects
                 (agency_id, model_id, digest, reason, raw, first_seen_at)
             select $1, $2, t.*, $6 from unnest($3::text[], $4::text[], $5::text[]) as t
             on conflict (agency_id, model_id, digest) do nothing",
            &[
                (&lease.agency.0, Type::UUID),
                (&lease.creator.0, Type::UUID),
                (&digests, Type::TEXT_ARRAY),
                (&reasons, Type::TEXT_ARRAY),
                (&raws, Type::TEXT_ARRAY),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await
    }
}

/// Booked rows by column, as `unnest` takes them.
#[derive(Default)]
struct Columns<'a> {
    keys: Vec<String>,
    at: Vec<Timestamp>,
    sources: Vec<&'static str>,
    gross: Vec<i64>,
    net: Vec<i64>,
    totals: Vec<Option<i64>>,
    currencies: Vec<Option<&'a str>>,
    statuses: Vec<Option<&'static str>>,
    fans: Vec<Option<&'a str>>,
    handles: Vec<Option<&'a str>>,
    names: Vec<Option<&'a str>>,
    messages: Vec<Option<&'a str>>,
    posts: Vec<Option<&'a str>>,
    reverses: Vec<Option<&'a str>>,
}

impl<'a> Columns<'a> {
    fn of(rows: impl Iterator<Item = &'a Booked>) -> Self {
        let mut columns = Self::default();
        for Booked { key, earning, .. } in rows {
            let fan = earning.fan.as_ref();
            columns.keys.push(key.to_string());
            columns.at.push(earning.at);
            columns.sources.push(earning.source.as_str());
            columns.gross.push(earning.gross.0);
            columns.net.push(earning.net.0);
            columns.totals.push(earning.total.map(|total| total.0));
            columns.currencies.push(earning.currency.as_deref());
            columns.statuses.push(earning.status.map(PayoutStatus::as_str));
            columns.fans.push(fan.map(|fan| fan.id.as_str()));
            columns.handles.push(fan.and_then(|fan| fan.handle.as_deref()));
            columns.names.push(fan.and_then(|fan| fan.display_name.as_deref()));
            columns.messages.push(earning.message_id.as_deref());
            columns.posts.push(earning.post_id.as_deref());
            columns.reverses.push(earning.reverses.as_ref().map(OrderId::as_str));
        }
        columns
    }
}
