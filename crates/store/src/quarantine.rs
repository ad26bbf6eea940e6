//! Webhook events that wait for a person, and bodies that nobody needs any more.

use jiff::Timestamp;
use tokio_postgres::types::Type;

use crate::{Error, Store};

/// An event that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantinedEvent {
    /// Its key.
    pub key: String,
    /// What its header said.
    pub topic: Option<String>,
    /// When it came first.
    pub received_at: Timestamp,
    /// What could not be understood.
    pub reason: Option<String>,
}

impl Store {
    /// How many events nobody has made sense of yet, and how many wait for a person.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn count_open_events(&self) -> Result<(i64, i64), Error> {
        let rows = self
            .rows(
                "count_open_events",
                "-- count_open_events
                 select (select count(*) from webhook_events where state = 'new'),
                        (select count(*) from webhook_events where state = 'quarantined')",
                &[],
            )
            .await?;
        Ok(rows.first().map_or((0, 0), |row| (row.get(0), row.get(1))))
    }

    /// Events that wait for a person, of these keys or of any; the newest first, at most `limit`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_quarantined(
        &self,
        keys: Option<&[String]>,
        limit: i64,
    ) -> Result<Vec<QuarantinedEvent>, Error> {
        let rows = self
            .rows(
                "list_quarantined",
                "-- list_quarantined
                 select event_key, topic, received_at, reason
                   from webhook_events
                  where state = 'quarantined' and ($1::text[] is null or event_key = any($1))
                  order by received_at desc, event_key limit $2",
                &[(&keys, Type::TEXT_ARRAY), (&limit, Type::INT8)],
            )
            .await?;
        Ok(rows
            .iter()
            .map(|row| QuarantinedEvent {
                key: row.get("event_key"),
                topic: row.get("topic"),
                received_at: row.get("received_at"),
                reason: row.get("reason"),
            })
            .collect())
    }

    /// Makes quarantined events new again, those of these keys or all. Returns the keys of those it was.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn replay_events(&self, keys: Option<&[String]>) -> Result<Vec<String>, Error> {
        let rows = self
            .rows(
                "replay_events",
                "-- replay_events
                 update webhook_events
                    set state = 'new', attempts = 0, reason = null, settled_at = null,
                        retry_at = null
                  where state = 'quarantined' and body is not null
                    and ($1::text[] is null or event_key = any($1))
                 returning event_key",
                &[(&keys, Type::TEXT_ARRAY)],
            )
            .await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    /// Erases the bodies of events that were understood before that instant, at most `limit`. Returns how
    /// many.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn erase_bodies(&self, before: Timestamp, limit: i64) -> Result<u64, Error> {
        self.change(
            "erase_bodies",
            "-- erase_bodies
             update webhook_events set body = null
              where event_key in (
                    select event_key from webhook_events
                     where state = 'done' and body is not null and settled_at < $1
                     order by settled_at limit $2
                       for update skip locked)",
            &[(&before, Type::TIMESTAMPTZ), (&limit, Type::INT8)],
        )
        .await
    }
}
