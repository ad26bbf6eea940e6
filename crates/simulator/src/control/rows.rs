//! A row as the control API shows it: every field there is, whatever generation is switched on.
//!
//! Not a wire form of the platform; that is `wire.rs`.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::sales::RawCounts;
use crate::{
    names::Fan,
    params::format_instant,
    row::{Millis, RAW, Row, order_id},
    world::{Creator, World},
};

/// One row of a creator, with nothing hidden.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TrueRow {
    /// Its order id.
    pub transaction_order_id: String,
    /// When it was paid.
    pub date: String,
    /// From when on the API shows it.
    pub visible_at: String,
    /// US cents before the fee; negative on reversals.
    pub gross: i64,
    /// US cents after the fee; negative on reversals.
    pub net: i64,
    /// US cents the fan paid.
    pub total: Option<i64>,
    /// What the fan paid in.
    pub currency: Option<String>,
    /// Why it was paid.
    pub source: String,
    /// Its status now.
    pub transaction_order_status: String,
    /// The message bought.
    pub message_uuid: Option<Uuid>,
    /// The post bought.
    pub post_uuid: Option<Uuid>,
    /// The sale it takes back.
    pub reversed_transaction_order_id: Option<String>,
    /// Who paid.
    pub user: Option<TrueFan>,
    /// The value injected in its place; all money above is then 0.
    pub raw: Option<Value>,
    /// What an injected row counts for.
    pub counts: Option<RawCounts>,
}

/// The fan of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrueFan {
    /// The fan's account.
    pub uuid: Uuid,
    /// Its handle.
    pub handle: String,
    /// Its display name.
    pub display_name: String,
}

impl From<Fan> for TrueFan {
    fn from(fan: Fan) -> TrueFan {
        TrueFan { uuid: fan.uuid, handle: fan.handle, display_name: fan.display_name }
    }
}

/// Shows a row.
pub(crate) fn describe(world: &World, creator: &Creator, row: &Row, now: Millis) -> TrueRow {
    let basic = TrueRow {
        transaction_order_id: order_id(row.id),
        date: format_instant(row.at),
        visible_at: format_instant(row.visible_at),
        ..TrueRow::default()
    };
    if row.flags & RAW != 0 {
        let raw = creator.books.raw(row.id);
        let counts = raw.and_then(|raw| raw.counts);
        return TrueRow {
            raw: raw.map(|raw| raw.value.clone()),
            counts: counts.map(|(gross_cents, net_cents)| RawCounts { gross_cents, net_cents }),
            ..basic
        };
    }
    TrueRow {
        gross: row.gross,
        net: row.net,
        total: row.total(),
        currency: row.currency().map(str::to_owned),
        source: row.source.name().to_owned(),
        transaction_order_status: row.status(now).to_owned(),
        message_uuid: row.message(),
        post_uuid: row.post(),
        reversed_transaction_order_id: (row.reverses != 0).then(|| order_id(row.reverses)),
        user: world.fan(creator.profile.number, row.fan).map(TrueFan::from),
        ..basic
    }
}
