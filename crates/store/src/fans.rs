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
    /// Writes down what a fan did, unless another webhook told of the same some minutes before or after.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn add_fan_event(
        &self,
        (agency, creator): (AgencyId, CreatorId),
        event_key: &str,
        (fan, event): (Option<&str>, FanEvent),
        at: Timestamp,
    ) -> Result<(), Error> {
        self.change(
            "add_fan_event",
            "-- add_fan_event
             insert into fan_events (agency_id, model_id, event_key, kind, at, fan_id)
             select $1, $2, $3, $4, $5, $6
              where not exists (
                    select 1 from fan_events e
                     where e.agency_id = $1 and e.model_id = $2 and e.fan_id = $6
                       and e.kind = $4
                       and e.at between $5 - interval '10 minutes' and $5 + interval '10 minutes')
             on conflict (agency_id, model_id, event_key) do nothing",
            &[
                (&agency.0, Type::UUID),
                (&creator.0, Type::UUID),
                (&event_key, Type::TEXT),
                (&event.as_str(), Type::TEXT),
                (&at, Type::TIMESTAMPTZ),
                (&fan, Type::TEXT),
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
