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

    /// How many events of these keys were understood.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn count_done_events(&self, keys: &[String]) -> Result<u64, Error> {
        let rows = self
            .rows(
                "count_done_events",
                "-- count_done_events
                 select count(*) from webhook_events where event_key = any($1) and state = 'done'",
                &[(&keys, Type::TEXT_ARRAY)],
            )
            .await?;
        Ok(rows.first().map_or(0, |row| row.get::<_, i64>(0)).unsigned_abs())
    }

    /// Erases the bodies of events that were settled before these instants, understood or quarantined,
    /// at most `limit`. Returns how many.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn erase_bodies(
        &self,
        (done, quarantined): (Timestamp, Timestamp),
        limit: u64,
    ) -> Result<u64, Error> {
        self.change(
            "erase_bodies",
            "-- erase_bodies
             with old as (
                 (select event_key from webhook_events
                   where state = 'done' and body is not null and settled_at < $1 limit $3)
                 union all
                 (select event_key from webhook_events
                   where state = 'quarantined' and body is not null and received_at < $2 limit $3)
                 limit $3)
             update webhook_events
                set body = null,
                    reason = case when state = 'quarantined'
                        then concat_ws('; ', reason, 'its body was erased after 90 days') end
              where event_key in (select event_key from old) and body is not null",
            &[
                (&done, Type::TIMESTAMPTZ),
                (&quarantined, Type::TIMESTAMPTZ),
                (&i64::try_from(limit).unwrap_or(i64::MAX), Type::INT8),
            ],
        )
        .await
    }
}
