//! Webhook events as they came: kept once, for ever, before anything of them is understood.

use jiff::Timestamp;
use tokio_postgres::types::Type;

use crate::{Error, Store, Tx};

/// A delivery whose signature was checked.
#[derive(Clone)]
pub struct NewEvent {
    /// What makes it the same event when it comes again.
    pub key: String,
    /// What its header says it is about.
    pub topic: Option<String>,
    /// When it was signed.
    pub signed_at: Timestamp,
    /// When it came.
    pub received_at: Timestamp,
    /// The bytes that were signed.
    pub body: Vec<u8>,
    /// Nothing follows from it: it is done as soon as it is kept.
    pub is_idle: bool,
}

/// An event that nobody has made sense of yet.
#[derive(Clone)]
pub struct StoredEvent {
    /// Its key.
    pub key: String,
    /// What its header said.
    pub topic: Option<String>,
    /// When it came first.
    pub received_at: Timestamp,
    /// The bytes.
    pub body: Vec<u8>,
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventState {
    /// Everything that follows from it is stored.
    Done,
    /// A person has to look at it.
    Quarantined,
}

impl EventState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Quarantined => "quarantined",
        }
    }
}

impl Store {
    /// Keeps those events that were not kept before, durably, in one statement. Returns the keys of
    /// the new ones. Give them in the order of their keys: two callers then wait for each other
    /// instead of for ever.
    ///
    /// # Errors
    /// As for any statement; then none is promised to be stored.
    pub async fn keep_events(&self, events: &[NewEvent]) -> Result<Vec<String>, Error> {
        let keys: Vec<_> = events.iter().map(|event| event.key.as_str()).collect();
        let topics: Vec<_> = events.iter().map(|event| event.topic.as_deref()).collect();
        let signed: Vec<_> = events.iter().map(|event| event.signed_at).collect();
        let received: Vec<_> = events.iter().map(|event| event.received_at).collect();
        let bodies: Vec<_> = events.iter().map(|event| event.body.as_slice()).collect();
        let idle: Vec<_> = events.iter().map(|event| event.is_idle).collect();
        let rows = self
            .rows(
                "keep_events",
                "-- keep_events
                 insert into webhook_events
                     (event_key, topic, signed_at, received_at, body, state, settled_at)
                 select e.key, e.topic, e.signed_at, e.received_at, e.body,
                        case when e.is_idle then 'done' else 'new' end,
                        case when e.is_idle then e.received_at end
                   from unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[],
                               $5::bytea[], $6::bool[])
                     as e (key, topic, signed_at, received_at, body, is_idle)
                 on conflict (event_key) do nothing
                 returning event_key",
                &[
                    (&keys, Type::TEXT_ARRAY),
                    (&topics, Type::TEXT_ARRAY),
                    (&signed, Type::TIMESTAMPTZ_ARRAY),
                    (&received, Type::TIMESTAMPTZ_ARRAY),
                    (&bodies, Type::BYTEA_ARRAY),
                    (&idle, Type::BOOL_ARRAY),
                ],
            )
            .await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    /// The oldest events that nobody has made sense of and that may be tried, at most `limit`.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn list_new_events(
        &self,
        limit: i64,
        now: Timestamp,
    ) -> Result<Vec<StoredEvent>, Error> {
        let rows = self
            .rows(
                "list_new_events",
                "-- list_new_events
                 select event_key, topic, received_at, body
                   from webhook_events
                  where state = 'new' and body is not null
                    and (retry_at is null or retry_at <= $2)
                  order by received_at, event_key limit $1",
                &[(&limit, Type::INT8), (&now, Type::TIMESTAMPTZ)],
            )
            .await?;
        Ok(rows
            .iter()
            .map(|row| StoredEvent {
                key: row.get("event_key"),
                topic: row.get("topic"),
                received_at: row.get("received_at"),
                body: row.get("body"),
            })
            .collect())
    }

    /// Notes that making sense of an event failed on our side. It is tried again a minute later, and set
    /// aside for a person after `attempts_max` times; `None` for what passes by itself.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn fail_event(
        &self,
        key: &str,
        attempts_max: Option<i32>,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.change(
            "fail_event",
            "-- fail_event
             update webhook_events
                set attempts = attempts + 1, retry_at = $3 + interval '1 minute',
                    state = case when attempts + 1 >= $2 then 'quarantined' else state end,
                    reason = case when attempts + 1 >= $2
                        then 'the database did not take it: see the log, mend it, then replay this' end
              where event_key = $1 and state = 'new'",
            &[
                (&key, Type::TEXT),
                (&attempts_max, Type::INT4),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await
        .map(|_| ())
    }
}

impl Tx {
    /// Takes an event to make sense of it; `false` when another process does or did.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn take_event(&self, key: &str) -> Result<bool, Error> {
        let rows = self
            .rows(
                "take_event",
                "-- take_event
                 select 1 from webhook_events where event_key = $1 and state = 'new'
                    for update skip locked",
                &[(&key, Type::TEXT)],
            )
            .await?;
        Ok(!rows.is_empty())
    }

    /// Says what became of an event.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn settle_event(
        &self,
        key: &str,
        state: EventState,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.change(
            "settle_event",
            "-- settle_event
             update webhook_events set state = $2, reason = $3, settled_at = $4
              where event_key = $1",
            &[
                (&key, Type::TEXT),
                (&state.as_str(), Type::TEXT),
                (&reason, Type::TEXT),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await
        .map(|_| ())
    }
}
