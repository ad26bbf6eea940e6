//! The names of events, and the scope a subscription to each needs.
//!
//! `app.payment.*` is not here: the platform delivers it without a subscription.

const TOPICS: [(&str, &str); 37] = [
    ("follow.new", "read:creator"),
    ("subscription.new", "read:creator"),
    ("purchase.new", "read:creator"),
    ("tip.new", "read:creator"),
    ("message.received", "read:chat"),
    ("message.read", "read:chat"),
    ("creator.logout", "read:self"),
    ("creator.payment.succeeded", "read:creator"),
    ("creator.refund.created", "read:creator"),
    ("creator.dispute.created", "read:creator"),
    ("creator.dispute.flagged", "read:creator"),
    ("creator.subscription.activated", "read:creator"),
    ("creator.subscription.renewed", "read:creator"),
    ("creator.subscription.deactivated", "read:creator"),
    ("creator.subscription.cancel_at_period_end_changed", "read:creator"),
    ("creator.follow.created", "read:creator"),
    ("creator.message.received", "read:chat"),
    ("creator.message.sent", "read:chat"),
    ("creator.message.read", "read:chat"),
    ("creator.message.deleted", "read:chat"),
    ("creator.post.liked", "read:post"),
    ("creator.post.commented", "read:post"),
    // Which scope these two need is not known.
    ("creator.fan.presence_changed", "read:creator"),
    ("creator.fan.status_changed", "read:creator"),
    ("checkout_link.payment.pending", "read:creator"),
    ("checkout_link.payment.succeeded", "read:creator"),
    ("checkout_link.payment.failed", "read:creator"),
    ("checkout_link.subscription.activated", "read:creator"),
    ("checkout_link.subscription.deactivated", "read:creator"),
    ("checkout_link.subscription.cancel_at_period_end_changed", "read:creator"),
    ("checkout_link.refund.created", "read:creator"),
    ("checkout_link.dispute.flagged", "read:creator"),
    ("checkout_link.dispute.created", "read:creator"),
    ("checkout_link.installment.paid", "read:creator"),
    ("checkout_link.installment.failed", "read:creator"),
    ("checkout_link.plan.completed", "read:creator"),
    ("payout.paid", "read:creator"),
];

/// The first topics of the list: their bodies are flat and have no envelope.
const FLAT: usize = 7;

/// The scope a subscription to that topic needs; none if there is no such topic to subscribe to.
pub(crate) fn scope(topic: &str) -> Option<&'static str> {
    TOPICS.iter().find(|(name, _)| *name == topic).map(|(_, scope)| *scope)
}

/// Whether a topic belongs to the flat family.
pub(crate) fn is_flat(topic: &str) -> bool {
    TOPICS[..FLAT].iter().any(|(name, _)| *name == topic)
}
