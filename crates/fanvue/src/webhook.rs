//! What a delivery says: from the bytes of a webhook to an [`Event`] in our words, and the key by which
//! the same delivery is known again. Pure, and of any bytes at all; whether they are to be believed is
//! `signature`'s. Not here: storing a delivery, and what follows from an event.
//!
//! An event is a hint. Its money is told exactly or not at all, and the rows of the feed overrule it.

mod key;
mod money;
mod payload;
mod topic;

use jiff::Timestamp;
pub use ledger::Family;
use ledger::{Cents, Fan, OrderId, RejectReason, Source};

pub use self::{
    key::{EventKey, event_key},
    topic::WANTED,
};
use self::{payload::Payload, topic::Kind};
use crate::{CreatorUuid, wire};

/// The header that may name the topic. It is not signed, so the body's own word goes first.
pub const TOPIC_HEADER: &str = "x-fanvue-topic";

/// The longest topic that is kept, in characters.
pub const TOPIC_CHARS_MAX: usize = 80;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The platform's name of it, such as `tip.new`: printable ASCII, at most [`TOPIC_CHARS_MAX`]
    /// characters. Empty if nobody told it and the body looks like nothing we know.
    pub topic: String,
    /// When it happened by its own word; when it was received if that word makes no sense.
    pub at: Timestamp,
    /// Whose event it is. Always there where something follows from it, but for app store payments.
    pub creator: Option<CreatorUuid>,
    /// The fan who did something, where it is told.
    pub fan: Option<Fan>,
    /// What it means for us.
    pub meaning: Meaning,
}

/// What an event means for us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Something was sold.
    Sale(SaleEvent),
    /// Money was taken back.
    Reversal(ReversalEvent),
    /// Money moved, but the event can't be booked: another currency or none, no amount, a source that
    /// we don't know. Read the rows.
    MoneyMoved {
        /// When it moved.
        at: Timestamp,
    },
    /// Someone follows the creator.
    Follow,
    /// A subscription began, goes on or ends. Its money comes in an event of its own.
    Subscription {
        /// Subscriptions to a creator, or to something sold by a checkout link.
        family: Family,
        /// What became of it.
        change: SubscriptionChange,
    },
    /// The count of unread messages of one fan changed.
    Unread {
        /// The one who wrote them.
        fan: Fan,
        /// How it changed.
        change: UnreadChange,
    },
    /// Money left the platform for the creator's bank. Not revenue.
    Payout,
    /// The creator logged out: the connection may be over.
    LoggedOut,
    /// Known, and of no consequence for us.
    Nothing,
    /// Not known: to be stored and acknowledged.
    Unknown,
}

/// A sale as an event tells it, in US cents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaleEvent {
    /// Who tells it.
    pub family: Family,
    /// The payment's id. Not always that of the row: see [`OrderId::same_namespace`].
    pub payment_id: Option<OrderId>,
    /// Why it was paid. Never a reversal.
    pub source: Source,
    /// The creator's price before the platform's cut. More than zero.
    pub gross: Cents,
    /// What the creator keeps, where it is told and lies between zero and `gross`.
    pub net: Option<Cents>,
    /// Who paid, where it is told.
    pub fan: Option<Fan>,
    /// The message sold or tipped for: a uuid in lower case.
    pub message_id: Option<String>,
    /// The post sold or tipped for: a uuid in lower case.
    pub post_id: Option<String>,
    /// When it was paid.
    pub at: Timestamp,
}

/// A refund or a chargeback as an event tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReversalEvent {
    /// Who tells it.
    pub family: Family,
    /// The reversal's own id.
    pub id: Option<OrderId>,
    /// The sale that is taken back. See [`OrderId::same_namespace`].
    pub payment_id: Option<OrderId>,
    /// [`Source::Refund`] or [`Source::Chargeback`].
    pub source: Source,
    /// How much, in US cents and more than zero, where it is told.
    pub amount: Option<Cents>,
    /// Who gets it, where it is told.
    pub fan: Option<Fan>,
    /// When.
    pub at: Timestamp,
}

/// What became of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscriptionChange {
    /// It began, perhaps for free.
    Activated,
    /// Another period began.
    Renewed,
    /// It ends with the period that is paid for.
    WillEnd,
    /// It was to end with the period, and goes on after all.
    WillGoOn,
    /// It is over.
    Deactivated,
}

/// How a count of unread messages changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnreadChange {
    /// It is this now.
    Set(u32),
    /// So many came.
    Add(u32),
    /// So many were read.
    Subtract(u32),
}

/// Why a body can't be understood: it is no JSON object, or a field that its topic requires is missing
/// or malformed. The text names the field and holds no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct EventError(String);

impl From<RejectReason> for EventError {
    fn from(reason: RejectReason) -> Self {
        Self(reason.to_string())
    }
}

/// Reads what a body says. The topic is the body's own word, else the header's, else what the keys of
/// an older body look like. `received_at` stands in for times that make no sense, and tells which lie in
/// the future.
///
/// # Errors
/// [`EventError`] if the body can't be understood. A body of an unknown topic always can.
pub fn read_event(
    body: &[u8],
    topic_header: Option<&str>,
    received_at: Timestamp,
) -> Result<Event, EventError> {
    // A byte that is no UTF-8 costs at most the text it stands in, not the event.
    let text = String::from_utf8_lossy(body);
    let body = wire::body(&text).map_err(|problem| EventError(problem.to_owned()))?;
    let (topic, kind) = topic::of(&body, topic_header)?;
    let Some(kind) = kind else {
        let payload = Payload::open(body, received_at).ok();
        return Ok(Event {
            topic,
            at: payload.as_ref().map_or(received_at, |payload| payload.at),
            creator: payload.as_ref().and_then(Payload::creator),
            fan: payload.as_ref().and_then(Payload::fan),
            meaning: Meaning::Unknown,
        });
    };
    let payload = Payload::open(body, received_at)?;
    if !payload.is_enveloped && !kind.may_be_flat() {
        return Err(EventError("data is missing".to_owned()));
    }
    let creator = payload.creator();
    let meaning = meaning(kind, &payload)?;
    if creator.is_none() && kind.needs_creator() && meaning != Meaning::Nothing {
        let field = if payload.is_enveloped { "creator.uuid" } else { "recipientUuid" };
        return Err(EventError(format!("{field} is missing or no uuid")));
    }
    Ok(Event { topic, at: payload.at, creator, fan: payload.fan(), meaning })
}

fn meaning(kind: Kind, payload: &Payload<'_>) -> Result<Meaning, EventError> {
    match kind {
        Kind::Tip => money::legacy_sale(payload, Some(Source::Tip)),
        Kind::Purchase => money::legacy_sale(payload, money::purchased(payload)),
        Kind::Subscribed => money::legacy_sale(payload, Some(Source::Subscription)),
        Kind::Paid(family) => money::sale(payload, family),
        Kind::TakenBack(family, source) => money::reversal(payload, family, source),
        Kind::Subscription(family, change) => Ok(Meaning::Subscription { family, change }),
        Kind::EndChanged(family) => {
            let change = if payload.flag("cancel_at_period_end")? {
                SubscriptionChange::WillEnd
            } else {
                SubscriptionChange::WillGoOn
            };
            Ok(Meaning::Subscription { family, change })
        }
        Kind::Received => unread(payload, UnreadChange::Add(1)),
        Kind::ReadSome => {
            let count = payload.required_count("read_messages_count")?;
            unread(payload, UnreadChange::Subtract(count))
        }
        Kind::Read => {
            let count = payload.required_count("unread_messages_count")?;
            unread(payload, UnreadChange::Set(count))
        }
        Kind::Message { is_new } => match payload.count("unread_messages_count")? {
            Some(count) => unread(payload, UnreadChange::Set(count)),
            None if is_new => unread(payload, UnreadChange::Add(1)),
            None => Ok(Meaning::Nothing),
        },
        Kind::Follow => Ok(Meaning::Follow),
        Kind::Payout => Ok(Meaning::Payout),
        Kind::LoggedOut => Ok(Meaning::LoggedOut),
        Kind::Nothing => Ok(Meaning::Nothing),
    }
}

fn unread(payload: &Payload<'_>, change: UnreadChange) -> Result<Meaning, EventError> {
    let fan = payload.fan().ok_or_else(|| EventError("the fan's uuid is missing".to_owned()))?;
    Ok(Meaning::Unread { fan, change })
}

#[cfg(test)]
mod tests;
