//! A row as the answer shows it: what was paid, and the evidence that is kept of it.

use jiff::{Timestamp, civil::Date};
use ledger::Cents;
use serde::Serialize;
use store::{OpenSale, Transaction};
use uuid::Uuid;

use crate::analytics::{figure::Units, rows::order_id, sums::category};

/// A row of the ledger.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "Transaction"))]
#[serde(rename_all = "camelCase")]
pub(super) struct RowShown<'a> {
    id: Uuid,
    fanvue_transaction_id: &'a str,
    /// Fanvue's own id, `null` for a row that came without one.
    order_id: Option<&'a str>,
    model_id: Uuid,
    model_name: &'a str,
    date: Timestamp,
    day: Date,
    source: &'a str,
    #[cfg_attr(feature = "openapi", schemars(with = "crate::openapi::CategoryName"))]
    category: &'static str,
    /// Fanvue's word for how the payment stands.
    status: Option<&'a str>,
    amount: Units,
    amount_cents: Cents,
    net: Units,
    net_cents: Cents,
    /// What the fan paid, in the smallest unit of `currency`; never summed.
    paid_cents: Option<Cents>,
    currency: Option<&'a str>,
    fan_id: Option<&'a str>,
    fan_handle: Option<&'a str>,
    fan_name: Option<&'a str>,
    message_id: Option<&'a str>,
    post_id: Option<&'a str>,
    /// Fanvue's id of the sale that it takes back, where that is known.
    reverses: Option<&'a str>,
    first_seen_at: Timestamp,
    updated_at: Timestamp,
    /// Whether it changed since it was first seen.
    amended: bool,
    /// Since when Fanvue's feed lacks it, if it does.
    absent_since: Option<Timestamp>,
}

impl<'a> RowShown<'a> {
    pub(super) fn new(row: &'a Transaction, day: Date) -> Self {
        Self {
            id: row.id,
            fanvue_transaction_id: &row.key,
            order_id: order_id(row),
            model_id: row.creator.0,
            model_name: &row.creator_name,
            date: row.at,
            day,
            source: &row.source,
            category: category(&row.source).as_str(),
            status: row.status.as_deref(),
            amount: Units(row.gross),
            amount_cents: row.gross,
            net: Units(row.net),
            net_cents: row.net,
            paid_cents: row.total,
            currency: row.currency.as_deref(),
            fan_id: row.fan_id.as_deref(),
            fan_handle: row.fan_handle.as_deref(),
            fan_name: row.fan_name.as_deref(),
            message_id: row.message_id.as_deref(),
            post_id: row.post_id.as_deref(),
            reverses: row.reverses.as_deref(),
            first_seen_at: row.created_at,
            updated_at: row.synced_at,
            amended: row.created_at < row.synced_at,
            absent_since: row.absent_since,
        }
    }
}

/// A sale that only a webhook told of.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "ProvisionalSale"))]
#[serde(rename_all = "camelCase")]
pub(super) struct SaleShown<'a> {
    event_key: &'a str,
    order_id: Option<&'a str>,
    model_id: Uuid,
    model_name: &'a str,
    date: Timestamp,
    day: Date,
    source: &'a str,
    #[cfg_attr(feature = "openapi", schemars(with = "crate::openapi::CategoryName"))]
    category: &'static str,
    amount: Units,
    amount_cents: Cents,
    net: Option<Units>,
    net_cents: Option<Cents>,
    fan_id: Option<&'a str>,
    reverses: Option<&'a str>,
    first_seen_at: Timestamp,
    /// When it stops to be shown, if no row replaces it.
    expires_at: Timestamp,
}

impl<'a> SaleShown<'a> {
    pub(super) fn new(sale: &'a OpenSale, day: Date) -> Self {
        Self {
            event_key: &sale.event_key,
            order_id: sale.order_id.as_deref(),
            model_id: sale.creator.0,
            model_name: &sale.creator_name,
            date: sale.at,
            day,
            source: &sale.source,
            category: category(&sale.source).as_str(),
            amount: Units(sale.gross),
            amount_cents: sale.gross,
            net: sale.net.map(Units),
            net_cents: sale.net,
            fan_id: sale.fan_id.as_deref(),
            reverses: sale.reverses.as_deref(),
            first_seen_at: sale.created_at,
            expires_at: sale.expires_at,
        }
    }
}
