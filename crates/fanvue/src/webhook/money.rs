//! Events that speak of money. What can't be booked exactly as told is only a reason to read the rows.

use ledger::{Cents, Source};

use super::{
    EventError, Family, Meaning, ReversalEvent, SaleEvent, SubscriptionChange, payload::Payload,
};
use crate::wire::Field;

/// What was bought, by the keys that a `purchase.new` has.
pub(super) fn purchased(payload: &Payload<'_>) -> Option<Source> {
    match (payload.has("route_uuid"), payload.has("post_uuid")) {
        (true, false) => Some(Source::Message),
        (false, true) => Some(Source::Post),
        (false, false) => {
            let is_media = payload.field("purchase_type").text().as_deref() == Some("media");
            is_media.then_some(Source::MediaLink)
        }
        (true, true) => None,
    }
}

/// A sale of the older generation. Its price is the gross in US cents, its net is not told.
pub(super) fn legacy_sale(
    payload: &Payload<'_>,
    source: Option<Source>,
) -> Result<Meaning, EventError> {
    let sale = Told { family: Family::Legacy, source, gross: "price", id: "transaction_order_id" };
    let meaning = sale.read(payload)?;
    if meaning == Meaning::Nothing && source == Some(Source::Subscription) {
        // Of a free subscription no other event tells.
        let change = SubscriptionChange::Activated;
        return Ok(Meaning::Subscription { family: Family::Legacy, change });
    }
    Ok(meaning)
}

/// A sale in an envelope.
pub(super) fn sale(payload: &Payload<'_>, family: Family) -> Result<Meaning, EventError> {
    let source = match family {
        Family::Checkout => Some(Source::CheckoutLink),
        Family::AppStore => Some(Source::AppStore),
        Family::Creator | Family::Legacy => {
            payload.field("source").text().and_then(|name| Source::from_name(&name))
        }
    };
    // An instalment's share of a price is nowhere documented.
    let is_whole = !payload.has("installment");
    if !is_whole || !has_succeeded(payload) {
        return Ok(Meaning::MoneyMoved { at: paid_at(payload) });
    }
    Told { family, source, gross: "gross", id: "id" }.read(payload)
}

/// Whether the status, if there is one, confirms the topic.
fn has_succeeded(payload: &Payload<'_>) -> bool {
    match payload.field("status") {
        Field::Absent => true,
        field => field.text().is_some_and(|status| status.eq_ignore_ascii_case("succeeded")),
    }
}

fn paid_at(payload: &Payload<'_>) -> jiff::Timestamp {
    payload.at(&["paid_at", "created_at"])
}

/// A sale before its amounts are read: who tells it, what for, and under which names.
struct Told {
    family: Family,
    source: Option<Source>,
    gross: &'static str,
    id: &'static str,
}

impl Told {
    fn read(self, payload: &Payload<'_>) -> Result<Meaning, EventError> {
        let at = paid_at(payload);
        let source = self.source.filter(|source| !source.is_reversal());
        let (Some(source), true) = (source, payload.is_in_dollars()) else {
            return Ok(Meaning::MoneyMoved { at });
        };
        let Some(gross) = not_negative(payload, self.gross)? else {
            return Ok(Meaning::MoneyMoved { at });
        };
        if gross == Cents::ZERO {
            return Ok(Meaning::Nothing);
        }
        let net = payload.amount("net")?.filter(|net| (Cents::ZERO..=gross).contains(net));
        Ok(Meaning::Sale(SaleEvent {
            family: self.family,
            payment_id: payload.order_id(self.id)?,
            source,
            gross,
            net,
            fan: payload.fan(),
            message_id: payload.uuid("route_uuid").or_else(|| payload.uuid("message_uuid")),
            post_id: payload.uuid("post_uuid"),
            at,
        }))
    }
}

/// A refund or a chargeback. Without an amount it still names the sale that it takes back.
pub(super) fn reversal(
    payload: &Payload<'_>,
    family: Family,
    source: Source,
) -> Result<Meaning, EventError> {
    let at = payload.at(&["created_at"]);
    if !payload.is_in_dollars() {
        return Ok(Meaning::MoneyMoved { at });
    }
    let amount = not_negative(payload, "amount")?;
    if amount == Some(Cents::ZERO) {
        return Ok(Meaning::Nothing);
    }
    Ok(Meaning::Reversal(ReversalEvent {
        family,
        id: payload.order_id("id")?,
        payment_id: payload.payment_id()?,
        source,
        amount,
        fan: payload.fan(),
        at,
    }))
}

fn not_negative(payload: &Payload<'_>, name: &'static str) -> Result<Option<Cents>, EventError> {
    match payload.amount(name)? {
        Some(amount) if amount < Cents::ZERO => {
            Err(EventError(format!("{name} is negative (sign)")))
        }
        amount => Ok(amount),
    }
}
