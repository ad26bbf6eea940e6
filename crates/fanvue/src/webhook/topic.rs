//! Which kind of event a topic is, and which topic a body has that names none. Not what its fields say.

use ledger::Source;

use super::{EventError, Family, SubscriptionChange, TOPIC_CHARS_MAX};
use crate::{
    convert::fields,
    wire::{Field, Object},
};

/// The topics that are worth a subscription, each with the scope it needs: those that something
/// follows from, of two generations the newer one. Likes, presence and sent messages would be many.
pub const WANTED: [(&str, &str); 14] = [
    ("creator.payment.succeeded", "read:creator"),
    ("creator.refund.created", "read:creator"),
    ("creator.dispute.created", "read:creator"),
    ("creator.subscription.activated", "read:creator"),
    ("creator.subscription.renewed", "read:creator"),
    ("creator.subscription.deactivated", "read:creator"),
    ("creator.subscription.cancel_at_period_end_changed", "read:creator"),
    ("creator.follow.created", "read:creator"),
    ("creator.message.received", "read:chat"),
    ("creator.message.read", "read:chat"),
    ("checkout_link.payment.succeeded", "read:creator"),
    ("checkout_link.refund.created", "read:creator"),
    ("checkout_link.dispute.created", "read:creator"),
    ("payout.paid", "read:creator"),
];

/// What we do with the events of a topic.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Tip,
    Purchase,
    /// A subscription was paid, of the older generation: money and beginning in one.
    Subscribed,
    Paid(Family),
    TakenBack(Family, Source),
    Subscription(Family, SubscriptionChange),
    EndChanged(Family),
    /// A message came, of the older generation.
    Received,
    /// The creator read messages, and their number is told.
    ReadSome,
    /// The creator read messages, and the number left is told.
    Read,
    /// Any other message, where the number unread may be told.
    Message {
        is_new: bool,
    },
    Follow,
    Payout,
    LoggedOut,
    Nothing,
}

impl Kind {
    /// Whether the event is of no use as long as nobody knows whose it is. What the app store sends is
    /// documented without a creator.
    pub(super) fn needs_creator(self) -> bool {
        match self {
            Self::LoggedOut | Self::Nothing => false,
            Self::Paid(family) | Self::TakenBack(family, _) => family != Family::AppStore,
            _ => true,
        }
    }

    /// Whether the fields may stand in the body itself. Outside an envelope `id` would be something
    /// else, and so would an amount without a currency.
    pub(super) fn may_be_flat(self) -> bool {
        match self {
            Self::Tip | Self::Purchase | Self::Subscribed | Self::Received | Self::ReadSome => true,
            Self::Follow | Self::LoggedOut | Self::Nothing => true,
            Self::Paid(_) | Self::TakenBack(..) | Self::Subscription(..) | Self::EndChanged(_) => {
                false
            }
            Self::Read | Self::Message { .. } | Self::Payout => false,
        }
    }

    fn of(topic: &str) -> Option<Self> {
        let kind = match topic {
            "tip.new" => Self::Tip,
            "purchase.new" => Self::Purchase,
            "subscription.new" => Self::Subscribed,
            "message.received" => Self::Received,
            "message.read" => Self::ReadSome,
            "creator.logout" => Self::LoggedOut,
            "creator.message.received" => Self::Message { is_new: true },
            "creator.message.sent" | "creator.message.deleted" => Self::Message { is_new: false },
            "creator.message.read" => Self::Read,
            "follow.new" | "creator.follow.created" => Self::Follow,
            "payout.paid" => Self::Payout,
            "creator.subscription.activated" => {
                Self::Subscription(Family::Creator, SubscriptionChange::Activated)
            }
            "creator.subscription.renewed" => {
                Self::Subscription(Family::Creator, SubscriptionChange::Renewed)
            }
            "creator.subscription.deactivated" => {
                Self::Subscription(Family::Creator, SubscriptionChange::Deactivated)
            }
            "creator.subscription.cancel_at_period_end_changed" => {
                Self::EndChanged(Family::Creator)
            }
            "checkout_link.subscription.activated" => {
                Self::Subscription(Family::Checkout, SubscriptionChange::Activated)
            }
            "checkout_link.subscription.deactivated" => {
                Self::Subscription(Family::Checkout, SubscriptionChange::Deactivated)
            }
            "checkout_link.subscription.cancel_at_period_end_changed" => {
                Self::EndChanged(Family::Checkout)
            }
            _ => return Self::of_money(topic).or_else(|| Self::of_no_consequence(topic)),
        };
        Some(kind)
    }

    fn of_money(topic: &str) -> Option<Self> {
        let kind = match topic {
            "creator.payment.succeeded" => Self::Paid(Family::Creator),
            "creator.refund.created" => Self::TakenBack(Family::Creator, Source::Refund),
            "creator.dispute.created" => Self::TakenBack(Family::Creator, Source::Chargeback),
            "checkout_link.payment.succeeded" => Self::Paid(Family::Checkout),
            "checkout_link.refund.created" => Self::TakenBack(Family::Checkout, Source::Refund),
            "checkout_link.dispute.created" => {
                Self::TakenBack(Family::Checkout, Source::Chargeback)
            }
            "app.payment.succeeded" => Self::Paid(Family::AppStore),
            "app.payment.refunded" => Self::TakenBack(Family::AppStore, Source::Refund),
            _ => return None,
        };
        Some(kind)
    }

    /// A dispute is flagged before any money moves, and an instalment is the fan's debt paid to the
    /// platform, not the creator's revenue.
    fn of_no_consequence(topic: &str) -> Option<Self> {
        let known = matches!(
            topic,
            "creator.dispute.flagged"
                | "creator.post.liked"
                | "creator.post.commented"
                | "creator.fan.presence_changed"
                | "creator.fan.status_changed"
                | "checkout_link.payment.pending"
                | "checkout_link.payment.failed"
                | "checkout_link.dispute.flagged"
                | "checkout_link.installment.paid"
                | "checkout_link.installment.failed"
                | "checkout_link.plan.completed"
        );
        known.then_some(Self::Nothing)
    }
}

/// The topic of a body, and its kind if it is a known one. Only what is signed decides: the body's own
/// word, else what its keys look like. The header's word stands where a flat body tells nothing.
pub(super) fn of(
    body: &Object<'_>,
    header: Option<&str>,
) -> Result<(String, Option<Kind>), EventError> {
    let told = match body.field("type") {
        Field::Absent => String::new(),
        field => clean(&fields::required_text("type", field)?),
    };
    if told.is_empty() && body.names("data") {
        return Err(EventError("type is missing".to_owned()));
    }
    let inferred = || inferred(body).map(str::to_owned).or_else(|| header.map(clean));
    let topic = if told.is_empty() { inferred().unwrap_or_default() } else { told };
    let kind = Kind::of(&topic);
    Ok((topic, kind))
}

/// What the keys of a flat body look like. `None` without sender and recipient, which all have.
fn inferred(body: &Object<'_>) -> Option<&'static str> {
    let has = |name| !matches!(body.either(name), Field::Absent);
    let topic = if has("counterpart_uuid") {
        "message.read"
    } else if has("message") {
        "message.received"
    } else if has("context") {
        "tip.new"
    } else if has("post_uuid") || has("route_uuid") || has("purchase_type") {
        "purchase.new"
    } else if has("price") {
        "subscription.new"
    } else {
        "follow.new"
    };
    (has("recipient_uuid") && (has("sender") || has("counterpart_uuid"))).then_some(topic)
}

/// A topic fit for printing. What is not becomes a `?`, so that it is never taken for a known one.
pub(super) fn clean(topic: &str) -> String {
    fields::printable(topic.trim(), TOPIC_CHARS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_wanted_is_understood() {
        for (topic, scope) in WANTED {
            assert!(Kind::of(topic).is_some_and(|kind| !matches!(kind, Kind::Nothing)), "{topic}");
            assert!(scope.starts_with("read:"));
        }
    }
}
