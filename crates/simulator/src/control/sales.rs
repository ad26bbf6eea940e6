//! `POST /sim/sales`, `/sim/refunds` and `/sim/raw-rows`: money made by hand.
//!
//! What is not said is drawn by the world's dice. Nothing follows from such a sale by itself.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Control, ControlError,
    rows::{TrueRow, describe},
};
use crate::{
    params::{format_instant, parse_instant},
    row::{CURRENCIES, Millis, NO_FAN, Row, Source, order_id, parse_order_id},
    world::{
        World,
        books::Raw,
        draw::{self, Wish},
    },
};

/// The most rows one call may make.
const ROWS_MAX: u32 = 100_000;
/// The largest amount of one row: ten million dollars.
const CENTS_MAX: i64 = 1_000_000_000;

/// Sales to make.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewSale {
    /// Who earns.
    pub creator: Uuid,
    /// How many different sales; 1 if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// Price in US cents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gross_cents: Option<i64>,
    /// What is left after the fee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub net_cents: Option<i64>,
    /// Why it is paid, in the platform's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Who pays: a UUID, any word for a stable person, or `none`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fan: Option<String>,
    /// What currency the row names; `none` is `null`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// When it is paid, with an offset; now if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// How long after now, or after `at` if that is later, the rows show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visible_after_seconds: Option<u32>,
    /// How many identical rows each sale is, in one millisecond; 1 if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twins: Option<u32>,
}

impl NewSale {
    /// One sale of that creator, all else drawn.
    pub fn of(creator: Uuid) -> NewSale {
        NewSale { creator, ..NewSale::default() }
    }
}

pub(crate) fn sell(world: &mut World, call: &Control<'_>) -> Result<Value, ControlError> {
    let sale: NewSale = call.read()?;
    let (count, twins) = (sale.count.unwrap_or(1), sale.twins.unwrap_or(1));
    if count == 0 || twins == 0 || u64::from(count) * u64::from(twins) > u64::from(ROWS_MAX) {
        return Err(ControlError::bad(format!("count times twins is 1 to {ROWS_MAX}")));
    }
    for cents in [sale.gross_cents, sale.net_cents].into_iter().flatten() {
        check_cents(cents)?;
    }
    let source = match sale.source.as_deref().map(Source::parse) {
        Some(None) => return Err(ControlError::bad("unknown source")),
        Some(Some(source)) if source.is_reversal() => {
            return Err(ControlError::bad("reversals are made by /sim/refunds"));
        }
        source => source.flatten(),
    };
    let currency = sale.currency.as_deref().map(parse_currency).transpose()?;
    let at = instant(sale.at.as_deref(), call.now)?;
    let delay = i64::from(sale.visible_after_seconds.unwrap_or(0)) * 1000;
    let mut dice = world.dice("sales by hand");
    let fan = sale.fan.as_deref().map(|label| world.named_fan(label));
    let wish = Wish { source, gross: sale.gross_cents, content: None };
    let creator = world.creator_mut(sale.creator).ok_or_else(unknown_creator)?;
    let mut made = Vec::new();
    for _ in 0..count {
        let mut row = draw::sale(&creator.profile, &mut dice, at, wish);
        row.visible_at = at.max(call.now) + delay;
        row.net = sale.net_cents.unwrap_or(row.net);
        row.fan = fan.unwrap_or(row.fan);
        row.currency = currency.unwrap_or(row.currency);
        made.push(row);
        made.extend((1..twins).map(|_| Row { id: dice.roll() | 1, ..row }));
    }
    creator.books.extend(made.clone());
    world.tell_made(sale.creator, &made, call.now);
    described(world, sale.creator, &made, call.now)
}

/// The rows a call made, also those that don't show yet.
pub(super) fn described(
    world: &World,
    creator: Uuid,
    made: &[Row],
    now: Millis,
) -> Result<Value, ControlError> {
    let creator = world.creator(creator).ok_or_else(unknown_creator)?;
    let rows: Vec<TrueRow> = made.iter().map(|row| describe(world, creator, row, now)).collect();
    Ok(json!({"rows": rows}))
}

/// A sale to take back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewRefund {
    /// Which sale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// Or whose latest sale that was not taken back yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creator: Option<Uuid>,
    /// `refund`, the default, or `chargeback`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// When; now if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// How long after that the row shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visible_after_seconds: Option<u32>,
}

pub(crate) fn refund(world: &mut World, call: &Control<'_>) -> Result<Value, ControlError> {
    let wanted: NewRefund = call.read()?;
    let source = match wanted.kind.as_deref() {
        None | Some("refund") => Source::Refund,
        Some("chargeback") => Source::Chargeback,
        Some(_) => return Err(ControlError::bad("kind must be `refund` or `chargeback`")),
    };
    let at = instant(wanted.at.as_deref(), call.now)?;
    let (creator, sale) = match (&wanted.order_id, wanted.creator) {
        (Some(text), creator) => order(world, text, creator)?,
        (None, Some(uuid)) => {
            let books = &world.creator(uuid).ok_or_else(unknown_creator)?.books;
            let latest = books.latest_sale(call.now).copied();
            (uuid, latest.ok_or_else(|| ControlError::missing("no sale to take back"))?)
        }
        (None, None) => return Err(ControlError::bad("orderId or creator is needed")),
    };
    if sale.source.is_reversal() {
        return Err(ControlError::bad("a reversal can't be reversed"));
    }
    let net = if world.settings.reversal_net_is_gross { -sale.gross } else { -sale.net };
    let id = world.dice("refunds by hand").roll() | 1;
    let mut row = draw::reversal(&sale, source, id, at, net);
    let delay = i64::from(wanted.visible_after_seconds.unwrap_or(0)) * 1000;
    row.visible_at = at.max(call.now) + delay;
    let books = &mut world.creator_mut(creator).ok_or_else(unknown_creator)?.books;
    if books.is_reversed(sale.id) {
        return Err(ControlError { status: http::StatusCode::CONFLICT, ..taken_back() });
    }
    books.insert(row);
    world.tell_made(creator, &[row], call.now);
    described(world, creator, &[row], call.now)
}

fn taken_back() -> ControlError {
    ControlError::bad("this sale was taken back already")
}

/// A value to put into a creator's feed as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RawRow {
    /// Whose feed.
    pub creator: Uuid,
    /// Any JSON, sensible or not.
    pub row: Value,
    /// Where it sorts; now if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// What it counts for in the truth; nothing if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<RawCounts>,
}

/// What an injected row counts for, in the truth and in totals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RawCounts {
    /// US cents before the fee.
    pub gross_cents: i64,
    /// US cents after the fee.
    pub net_cents: i64,
}

pub(crate) fn raw_row(world: &mut World, call: &Control<'_>) -> Result<Value, ControlError> {
    let wanted: RawRow = call.read()?;
    let at = instant(wanted.at.as_deref(), call.now)?;
    let id = world.dice("raw rows").roll() | 1;
    let row = Row {
        at,
        visible_at: at.max(call.now),
        id,
        reverses: 0,
        gross: 0,
        net: 0,
        content: 0,
        fan: NO_FAN,
        source: Source::Tip,
        currency: 0,
        flags: 0,
    };
    let counts = wanted.counts.map(|counts| (counts.gross_cents, counts.net_cents));
    let creator = world.creator_mut(wanted.creator).ok_or_else(unknown_creator)?;
    creator.books.insert_raw(row, Raw { value: wanted.row, counts });
    Ok(json!({"id": order_id(id), "at": format_instant(at)}))
}

/// The row of an order id, and whose it is.
pub(super) fn order(
    world: &World,
    text: &str,
    creator: Option<Uuid>,
) -> Result<(Uuid, Row), ControlError> {
    let missing = || ControlError::missing("no such order");
    let id = parse_order_id(text).ok_or_else(missing)?;
    let mut creators =
        world.creators.iter().filter(|one| creator.is_none_or(|uuid| one.profile.uuid == uuid));
    creators
        .find_map(|one| one.books.find(id).map(|row| (one.profile.uuid, *row)))
        .ok_or_else(missing)
}

pub(super) fn unknown_creator() -> ControlError {
    ControlError::missing("no such creator")
}

pub(super) fn check_cents(cents: i64) -> Result<(), ControlError> {
    match cents.unsigned_abs() <= CENTS_MAX.unsigned_abs() {
        true => Ok(()),
        false => Err(ControlError::bad(format!("an amount is at most {CENTS_MAX} cents"))),
    }
}

fn instant(text: Option<&str>, now: Millis) -> Result<Millis, ControlError> {
    let bad = || ControlError::bad("at must be an ISO 8601 date-time with an offset");
    text.map_or(Ok(now), |text| parse_instant(text).ok_or_else(bad))
}

fn parse_currency(text: &str) -> Result<u8, ControlError> {
    let wanted = (text != "none").then_some(text);
    let known = CURRENCIES.iter().position(|known| *known == wanted);
    known.map(|index| index as u8).ok_or_else(|| ControlError::bad("unknown currency"))
}
