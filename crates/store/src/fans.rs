//! What webhooks tell of fans: follows, subscriptions, unread messages.

use jiff::Timestamp;
use ledger::{AgencyId, CreatorId};
use tokio_postgres::types::Type;

use crate::{Error, Tx};

/// What a fan did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FanEvent {
    /// Follows the creator.
    Follow,
    /// Began a subscription.
    Subscribed,
    /// Another period of the subscription began.
    Renewed,
    /// The subscription is over.
    Unsubscribed,
}

impl FanEvent {
    fn as_str(self) -> &'static str {
        match self {
            Self::Follow => "follow",
            Self::Subscribed => "subscribed",
            Self::Renewed => "renewed",
            Self::Unsubscribed => "unsubscribed",
        }
    }
}

impl Tx {
    /// Writes down what a fan did.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn add_fan_event(
        &self,
        (agency, creator): (AgencyId, CreatorId),
        event_key: &str,
        event: FanEvent,
        at: Timestamp,
    ) -> Result<(), Error> {
        self.change(
            "add_fan_event",
            "-- add_fan_event
             insert into fan_events (agency_id, model_id, event_key, kind, at)
             values ($1, $2, $3, $4, $5)
             on conflict (agency_id, model_id, event_key) do nothing",
            &[
                (&agency.0, Type::UUID),
                (&creator.0, Type::UUID),
                (&event_key, Type::TEXT),
                (&event.as_str(), Type::TEXT),
                (&at, Type::TIMESTAMPTZ),
            ],
        )
        .await
        .map(|_| ())
    }

    /// Sets how many messages of a fan are unread, unless something later told it already.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn set_unread(
        &self,
        (agency, creator): (AgencyId, CreatorId),
        fan: &str,
        count: i32,
        at: Timestamp,
    ) -> Result<(), Error> {
        self.change(
            "set_unread",
            "-- set_unread
             insert into unread_messages as u (agency_id, model_id, fan_id, count, told_at)
             values ($1, $2, $3, $4, $5)
             on conflict (agency_id, model_id, fan_id) do update
                set count = excluded.count, told_at = excluded.told_at
              where u.told_at <= excluded.told_at",
            &[
                (&agency.0, Type::UUID),
                (&creator.0, Type::UUID),
                (&fan, Type::TEXT),
                (&count, Type::INT4),
                (&at, Type::TIMESTAMPTZ),
            ],
        )
        .await
        .map(|_| ())
    }

    /// Adds to how many messages of a fan are unread, unless a count told later holds it already.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn add_unread(
        &self,
        (agency, creator): (AgencyId, CreatorId),
        fan: &str,
        change: i32,
        at: Timestamp,
    ) -> Result<(), Error> {
        self.change(
            "add_unread",
            "-- add_unread
             insert into unread_messages as u (agency_id, model_id, fan_id, count, told_at)
             values ($1, $2, $3, greatest($4, 0), '-infinity')
             on conflict (agency_id, model_id, fan_id) do update
                set count = greatest(u.count + $4, 0)
              where u.told_at <= $5",
            &[
                (&agency.0, Type::UUID),
                (&creator.0, Type::UUID),
                (&fan, Type::TEXT),
                (&change, Type::INT4),
                (&at, Type::TIMESTAMPTZ),
            ],
        )
        .await
        .map(|_| ())
    }
}
