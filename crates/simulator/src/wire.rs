//! How rows look in each generation of the API: which keys exist, which may be absent, which null.
//!
//! Field order and spelling are the platform's. Nothing is selected or sorted here.

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    names::Fan,
    params::format_instant,
    row::{Millis, RAW, Row, order_id},
    settings::{Rows, Settings},
    world::{Creator, World},
};

/// An element of `data`.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum WireRow<'a> {
    /// A row injected verbatim.
    Raw(&'a Value),
    Row(Box<Earning>),
}

/// A row of the earnings or spending feed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Earning {
    date: String,
    gross: Amount,
    net: Amount,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<Amount>,
    currency: Option<&'static str>,
    source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_order_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_order_status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_uuid: Option<Option<Uuid>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    post_uuid: Option<Option<Uuid>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reversed_transaction_order_id: Option<String>,
    user: Option<WireFan>,
}

/// Cents, as an integer or, like some answers of the platform, as `1000.0`.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Amount {
    Whole(i64),
    Double(f64),
}

impl Amount {
    fn new(cents: i64, settings: &Settings) -> Amount {
        // The one float of the crate, and only on its way out: exact up to 2^53 cents.
        if settings.float_amounts { Amount::Double(cents as f64) } else { Amount::Whole(cents) }
    }
}

/// The fan of a row.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WireFan {
    uuid: Uuid,
    handle: String,
    display_name: String,
    nickname: Option<String>,
    is_top_spender: bool,
}

impl From<Fan> for WireFan {
    fn from(fan: Fan) -> WireFan {
        WireFan {
            uuid: fan.uuid,
            handle: fan.handle,
            display_name: fan.display_name,
            nickname: fan.nickname,
            is_top_spender: fan.is_top_spender,
        }
    }
}

/// A row of the earnings feed in one generation.
pub(crate) fn earning<'a>(
    world: &World,
    creator: &'a Creator,
    row: &Row,
    rows: Rows,
    now: Millis,
) -> WireRow<'a> {
    if row.flags & RAW != 0
        && let Some(raw) = creator.books.raw(row.id)
    {
        return WireRow::Raw(&raw.value);
    }
    let settings = &world.settings;
    let (g1, v1) = (rows == Rows::G1, rows == Rows::V1);
    let has_order = !matches!(rows, Rows::G1 | Rows::G1b);
    let reversal = row.source.is_reversal();
    let idless = (row.source.is_reward() && settings.idless_rewards)
        || (reversal && settings.idless_reversals);
    let (message, post) = contents(row, settings.explicit_nulls);
    WireRow::Row(Box::new(Earning {
        date: format_instant(row.at),
        gross: Amount::new(row.gross, settings),
        net: Amount::new(row.net, settings),
        total: row.total().filter(|_| v1).map(|total| Amount::new(total, settings)),
        currency: row.currency(),
        source: row.source.name(),
        transaction_order_id: (has_order && !idless).then(|| order_id(row.id)),
        transaction_order_status: has_order.then(|| row.status(now)),
        message_uuid: message.filter(|_| !g1),
        post_uuid: post.filter(|_| !g1),
        reversed_transaction_order_id: (v1 && reversal).then(|| order_id(row.reverses)),
        user: world.fan(creator.profile.number, row.fan).map(WireFan::from),
    }))
}

/// A row of the spending feed: a reversal as a magnitude, with no id and no link.
pub(crate) fn spending(world: &World, creator: &Creator, row: &Row) -> WireRow<'static> {
    let settings = &world.settings;
    let net = if settings.spending_net_is_gross { row.gross } else { row.net };
    WireRow::Row(Box::new(Earning {
        date: format_instant(row.at),
        gross: Amount::new(row.gross.abs(), settings),
        net: Amount::new(net.abs(), settings),
        total: None,
        currency: row.currency(),
        source: row.source.name(),
        transaction_order_id: None,
        transaction_order_status: None,
        message_uuid: None,
        post_uuid: None,
        reversed_transaction_order_id: None,
        user: world.fan(creator.profile.number, row.fan).map(WireFan::from),
    }))
}

type Content = Option<Option<Uuid>>;

/// Message and post: absent unless the row has one, or the other one is to be an explicit null.
fn contents(row: &Row, explicit_nulls: bool) -> (Content, Content) {
    let (message, post) = (row.message(), row.post());
    if message.is_none() && post.is_none() {
        return (None, None);
    }
    let shown = |content: Option<Uuid>| match content {
        None if !explicit_nulls => None,
        content => Some(content),
    };
    (shown(message), shown(post))
}
