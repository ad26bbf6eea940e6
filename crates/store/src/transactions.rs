//! The ledger's rows: write what changed, with the sums that follow from it.

use jiff::Timestamp;
use ledger::{Booked, Changes, DayDelta, OrderId, PayoutStatus};
use tokio_postgres::types::Type;

use crate::{Error, Lease, Tx};

impl Tx {
    /// Writes the ledger's changes with the creator's totals. The rollup is written with the commit:
    /// [`Tx::commit_with_rollup`]. `now` is ours, `read_at` the platform's time, since which absent rows are.
    ///
    /// # Errors
    /// As for any statement; [`Error::Lost`] when a row to amend is gone.
    pub async fn write_changes(
        &self,
        lease: &Lease,
        changes: &Changes,
        deltas: &[DayDelta],
        (now, read_at): (Timestamp, Timestamp),
    ) -> Result<(), Error> {
        if changes.voids.iter().any(|row| row.is_adopted) {
            self.retire_adopted(lease, &changes.voids, (now, read_at)).await?;
        }
        if !changes.voids.is_empty() {
            self.void_transactions(lease, &changes.voids, now).await?;
        }
        if !changes.absent.is_empty() || !changes.returned.is_empty() {
            self.note_absence(lease, &changes.absent, &changes.returned, read_at).await?;
        }
        if !changes.updates.is_empty() {
            self.amend_transactions(lease, changes, now).await?;
        }
        if changes.updates.iter().any(|update| update.before.is_adopted) {
            self.confirm_adopted(lease, &changes.updates, now).await?;
        }
        if !changes.inserts.is_empty() {
            self.append_transactions(lease, &changes.inserts, now).await?;
        }
        if !deltas.is_empty() {
            self.add_to_totals(lease, deltas, now).await?;
        }
        if deltas.iter().any(|delta| !delta.source.is_reversal()) {
            self.explain_totals(lease).await?;
        }
        Ok(())
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
