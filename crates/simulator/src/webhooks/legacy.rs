//! The bodies of the flat family for rows: US cents before the fee, no net, no currency, no id.
//!
//! Renewals, reversals and sales outside chats and posts have no topic in this family.

use serde_json::{Value, json};

use super::{Event, creator::Told, sender};
use crate::{
    params::format_instant,
    row::{Source, content_uuid, order_id},
};

/// What the flat family tells of a row.
pub(super) fn event(told: &Told<'_>) -> Option<Event> {
    let row = told.row;
    let (topic, what) = match row.source {
        Source::Message => ("purchase.new", json!({"routeUuid": row.message()})),
        Source::Post => ("purchase.new", json!({"postUuid": row.post()})),
        // The form of mid-2026, which names the order.
        Source::MediaLink => (
            "purchase.new",
            json!({
                "purchaseType": "media",
                "transactionOrderId": order_id(row.id),
                "transactionOrderStatus": row.status(told.at),
                "eventId": told.event_id("purchase.new"),
            }),
        ),
        Source::Tip => ("tip.new", tip(told)),
        Source::Subscription => ("subscription.new", json!({})),
        _ => return None,
    };
    let mut body = what;
    body["price"] = row.gross.into();
    body["recipientUuid"] = json!(told.creator.profile.uuid);
    body["sender"] = sender(told.fan);
    // There is no other time in it: that of the payment, whenever it is told.
    body["timestamp"] = format_instant(told.row.at).into();
    Some(told.event(topic, body))
}

/// A tip was given for a post or in a chat; rows don't say which, so the content decides.
fn tip(told: &Told<'_>) -> Value {
    let content = content_uuid(told.row.content);
    let mut tip = match told.row.content % 2 {
        0 => json!({"context": "post", "postUuid": content}),
        _ => json!({"context": "message", "messageUuid": content}),
    };
    tip["senderUuid"] = json!(told.fan.map(|fan| fan.uuid));
    tip
}
