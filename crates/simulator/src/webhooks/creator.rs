//! The `data` of the enveloped family for rows: payments, subscriptions, refunds and disputes.
//!
//! Amounts are in minor units of the row's own currency, unlike those of the feed.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Event, person, without_nulls};
use crate::{
    dice::{Dice, mix_bytes},
    names::Fan,
    params::format_instant,
    row::{DAY, Millis, Row, Source, minor_units, order_id},
    world::{Creator, World},
};

/// A row on its way to be told.
#[derive(Clone, Copy)]
pub(super) struct Told<'a> {
    pub(super) world: &'a World,
    pub(super) creator: &'a Creator,
    pub(super) row: &'a Row,
    pub(super) fan: Option<&'a Fan>,
    /// When it happens, which is not always when the row says it was paid.
    pub(super) at: Millis,
}

impl Told<'_> {
    /// This row's event of that topic.
    pub(super) fn event(&self, topic: &str, data: Value) -> Event {
        let settings = &self.world.settings.webhooks;
        let data = if settings.omit_nulls { without_nulls(data) } else { data };
        Event::new(self.key(topic), self.event_id(topic), topic, self.at, data)
    }

    /// The id of this row's event of that topic: the same whenever the row is looked at.
    pub(super) fn event_id(&self, topic: &str) -> String {
        Dice::new(self.world.seed, "event", &[self.key(topic)]).uuid().to_string()
    }

    fn key(&self, topic: &str) -> u64 {
        mix_bytes(self.row.id, topic.as_bytes())
    }

    fn creator_uuid(&self) -> Uuid {
        self.creator.profile.uuid
    }

    /// One fan's subscription to one creator keeps its id.
    fn subscription(&self) -> Option<Uuid> {
        let (seed, number) = (self.world.seed, self.creator.profile.number);
        let subscribes = matches!(self.row.source, Source::Subscription | Source::Renewal);
        let mut dice = Dice::new(seed, "subscription", &[number, u64::from(self.row.fan)]);
        subscribes.then(|| dice.uuid())
    }
}

/// What the enveloped family tells of a row.
pub(super) fn events(told: &Told<'_>) -> Vec<Event> {
    match told.row.source {
        Source::Referral | Source::Affiliate | Source::Giveaway => Vec::new(),
        Source::Refund => vec![told.event("creator.refund.created", reversal(told, "refund"))],
        Source::Chargeback => {
            vec![told.event("creator.dispute.created", reversal(told, "dispute"))]
        }
        Source::Subscription => vec![
            told.event("creator.payment.succeeded", payment(told)),
            told.event("creator.subscription.activated", subscription(told)),
        ],
        Source::Renewal => vec![
            told.event("creator.payment.succeeded", payment(told)),
            told.event("creator.subscription.renewed", subscription(told)),
        ],
        _ => vec![told.event("creator.payment.succeeded", payment(told))],
    }
}

fn payment(told: &Told<'_>) -> Value {
    let row = told.row;
    let paid_at = format_instant(row.at);
    json!({
        "object": "payment",
        "id": order_id(row.id),
        "status": "succeeded",
        "source": row.source.name(),
        "gross": minor_units(row.gross, row.currency),
        "net": minor_units(row.net, row.currency),
        "currency": row.currency(),
        "message_uuid": row.message(),
        "post_uuid": row.post(),
        "subscription": told.subscription().map(|id| json!({"id": id})),
        "created_at": paid_at,
        "paid_at": paid_at,
        "purchaser": person(told.fan),
        "creator": {"uuid": told.creator_uuid()},
    })
}

fn subscription(told: &Told<'_>) -> Value {
    let row = told.row;
    // When a renewed subscription began is not in its row.
    let began = (row.source == Source::Subscription).then(|| format_instant(row.at));
    json!({
        "object": "subscription",
        "id": told.subscription(),
        "status": "active",
        "cancel_at_period_end": false,
        "current_period_start": format_instant(row.at),
        "created_at": began,
        "expires_at": format_instant(row.at + 30 * DAY),
        "deactivation_reason": null,
        "purchaser": person(told.fan),
        "creator": {"uuid": told.creator_uuid()},
    })
}

/// A reversal's amount is a magnitude.
fn reversal(told: &Told<'_>, object: &str) -> Value {
    let row = told.row;
    let purchaser = told.fan.map(|fan| json!({"uuid": fan.uuid}));
    let mut data = json!({
        "object": object,
        "id": order_id(row.id),
        "amount": minor_units(-row.gross, row.currency),
        "currency": row.currency(),
        "created_at": format_instant(row.at),
        "purchaser": purchaser,
        "creator": {"uuid": told.creator_uuid()},
    });
    let sale = order_id(row.reverses);
    match told.world.settings.webhooks.nested_payment {
        true => data["payment"] = json!({"id": sale, "purchaser": purchaser}),
        false => data["payment_id"] = sale.into(),
    }
    data
}
