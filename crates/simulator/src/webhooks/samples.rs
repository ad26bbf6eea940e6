//! What events sent by hand usually carry, topic by topic. No row is behind any of it.
//!
//! Fields are those integrators and documents name; a topic that nobody has shown carries nothing.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{person, sender};
use crate::{
    dice::Dice,
    names::Fan,
    params::format_instant,
    row::{DAY, Millis, order_id},
};

/// What all events of one moment have in common.
struct Scene<'a> {
    creator: Uuid,
    fan: &'a Fan,
    /// Names of things made up for this event.
    thing: Uuid,
    number: u64,
    at: Millis,
}

/// The usual `data` of a topic; of the flat family, the usual body.
pub(crate) fn data(topic: &str, creator: Uuid, fan: &Fan, dice: &mut Dice, at: Millis) -> Value {
    let scene = Scene { creator, fan, thing: dice.uuid(), number: dice.roll(), at };
    match topic.split_once('.').unwrap_or((topic, "")) {
        ("follow" | "subscription" | "purchase" | "tip" | "message", what) => {
            scene.flat(topic, what)
        }
        ("creator", what) => scene.of_creator(what),
        ("checkout_link", what) => scene.of_checkout(what),
        ("payout", "paid") => scene.payout(),
        ("app", "payment.succeeded") => scene.app_payment("payment"),
        ("app", "payment.refunded") => scene.app_payment("refund"),
        _ => json!({}),
    }
}

impl Scene<'_> {
    fn now(&self) -> String {
        format_instant(self.at)
    }

    fn order(&self) -> String {
        order_id(self.number | 1)
    }

    /// An id as invoices and withdrawals have.
    fn invoice(&self, prefix: &str) -> String {
        format!("{prefix}-{:05}", self.number % 100_000)
    }

    fn flat(&self, topic: &str, what: &str) -> Value {
        let mut body = match (topic, what) {
            (_, "read") => {
                return json!({
                    "counterpartUuid": self.fan.uuid,
                    "readMessagesCount": 1,
                    "recipientUuid": self.creator,
                    "timestamp": self.now(),
                });
            }
            (_, "received") => json!({
                "message": {
                    "uuid": self.thing, "text": "hi", "hasMedia": false, "mediaUuids": [],
                    "price": null, "createdAt": self.now(),
                },
                "messageUuid": self.thing,
                "isMuted": false,
            }),
            ("subscription.new", _) => json!({"price": 999}),
            ("purchase.new", _) => json!({"routeUuid": self.thing, "price": 999}),
            ("tip.new", _) => json!({
                "context": "message", "messageUuid": self.thing,
                "senderUuid": self.fan.uuid, "price": 500,
            }),
            ("follow.new", _) => json!({}),
            _ => return json!({}),
        };
        body["sender"] = sender(Some(self.fan));
        body["recipientUuid"] = json!(self.creator);
        body["timestamp"] = self.now().into();
        body
    }

    fn of_creator(&self, what: &str) -> Value {
        let (mut data, role) = match what {
            "payment.succeeded" => (self.payment(), "purchaser"),
            "refund.created" => (self.reversal("refund"), "purchaser"),
            "dispute.created" | "dispute.flagged" => (self.reversal("dispute"), "purchaser"),
            "subscription.activated" | "subscription.renewed" => {
                (self.subscription("active", None), "purchaser")
            }
            "subscription.deactivated" => {
                (self.subscription("expired", Some("not_renewed")), "purchaser")
            }
            "subscription.cancel_at_period_end_changed" => {
                let mut data = self.subscription("active", None);
                data["cancel_at_period_end"] = true.into();
                (data, "purchaser")
            }
            "follow.created" => (json!({"created_at": self.now()}), "follower"),
            "message.received" => (self.message("fan"), "fan"),
            "message.sent" => (self.message("creator"), "fan"),
            "message.deleted" => {
                let mut data = self.message("fan");
                data["deleted_at"] = self.now().into();
                (data, "fan")
            }
            "message.read" => {
                (json!({"object": "fan_message_read", "unread_messages_count": 0}), "fan")
            }
            "fan.presence_changed" => (self.fan_status("presence", "online"), "fan"),
            "fan.status_changed" => (self.fan_status("mute", "muted"), "fan"),
            // Nobody has shown what these carry.
            _ => return json!({}),
        };
        data[role] = person(Some(self.fan));
        data["creator"] = json!({"uuid": self.creator});
        data
    }

    fn payment(&self) -> Value {
        json!({
            "object": "payment", "id": self.order(), "status": "succeeded", "source": "tip",
            "gross": 1000, "net": 800, "currency": "USD", "message_uuid": null,
            "post_uuid": null, "subscription": null, "created_at": self.now(),
            "paid_at": self.now(),
        })
    }

    fn reversal(&self, object: &str) -> Value {
        json!({
            "object": object, "id": self.order(), "payment_id": order_id(self.number | 3),
            "amount": 1000, "currency": "USD", "created_at": self.now(),
        })
    }

    fn subscription(&self, status: &str, reason: Option<&str>) -> Value {
        json!({
            "object": "subscription", "id": self.thing, "status": status,
            "cancel_at_period_end": false, "current_period_start": self.now(),
            "created_at": self.now(), "expires_at": format_instant(self.at + 30 * DAY),
            "deactivation_reason": reason,
        })
    }

    fn message(&self, from: &str) -> Value {
        json!({
            "object": "message", "uuid": self.thing, "sender": from, "created_at": self.now(),
            "deleted_at": null, "is_automated": false, "is_muted": false,
            "unread_messages_count": u32::from(from == "fan"),
        })
    }

    fn fan_status(&self, kind: &str, state: &str) -> Value {
        json!({
            "object": "fan_status", "change_type": kind, "state": state,
            "changed_at": self.now(),
        })
    }

    fn of_checkout(&self, what: &str) -> Value {
        let (kind, state) = what.split_once('.').unwrap_or((what, ""));
        let mut data = match kind {
            "payment" => json!({
                "object": "payment", "id": self.invoice("FV"), "status": state,
                "billing_reason": "one_time", "gross": 1999, "net": 1599,
                "fees": {"fanvue_fee": 400, "transaction_fee": null}, "paid_in_full": true,
                "installment": null, "subscription": null, "transaction_id": null,
                "paid_at": (state == "succeeded").then(|| self.now()),
            }),
            "refund" | "dispute" => json!({
                "object": kind, "id": self.invoice("FVC"), "payment_id": self.invoice("FV"),
                "amount": 1999, "reason": null, "full_amount": true,
            }),
            "subscription" => json!({
                "object": "subscription", "id": self.thing, "cancel_at_period_end": false,
                "status": if state == "deactivated" { "expired" } else { "active" },
                "expires_at": format_instant(self.at + 30 * DAY),
                "deactivation_reason": (state == "deactivated").then_some("NON_RENEWING"),
            }),
            "installment" => json!({
                "id": self.invoice("FV"), "status": state, "amount": 999,
                "reason": (state == "failed").then_some("charge_failed"),
                "installment_number": 2, "number_of_installments": 3,
                "outstanding_amount": 999,
            }),
            _ => return json!({}),
        };
        data["currency"] = "USD".into();
        data["created_at"] = self.now().into();
        data["client_reference_id"] = Value::Null;
        data["checkout_link"] = json!({
            "uuid": self.thing, "name": "A link", "product_uuid": self.thing,
            "product_price_uuid": self.thing,
        });
        data["purchaser"] = json!({"uuid": self.fan.uuid, "email": null});
        data["creator"] = json!({"uuid": self.creator});
        data["metadata"] = json!({});
        data
    }

    fn payout(&self) -> Value {
        json!({
            "object": "payout", "id": self.invoice("FVW"), "status": "paid", "amount": 50_000,
            "currency": "USD", "fees": {"transaction_fee": 100}, "fx_rate": null,
            "external_reference_id": null, "paid_at": self.now(),
            "creator": {"uuid": self.creator},
        })
    }

    /// Only the object and the reference are known.
    fn app_payment(&self, object: &str) -> Value {
        json!({
            "object": object, "purchase_reference": format!("appotp_{:016x}", self.number),
            "amount": 499, "currency": "USD", "created_at": self.now(),
        })
    }
}
