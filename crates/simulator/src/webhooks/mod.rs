//! Webhooks: what happens to money is told to the endpoints that asked for it, signed.
//!
//! No socket and no clock. Events are made from rows as time passes (`raise.rs`), their bodies in
//! `creator.rs` and `legacy.rs`; `outbox.rs` knows what is sent when, `serve` sends it.

mod creator;
mod endpoints;
mod handle;
mod legacy;
mod outbox;
mod raise;
pub(crate) mod samples;
pub(crate) mod settings;
mod sign;
pub(crate) mod topics;

use bytes::Bytes;
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{names::Fan, params::format_instant, row::Millis};

pub(crate) use self::outbox::Outbox;

/// One request to an endpoint, ready to be sent. It is handed out once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Names it in the answer; a retry is a delivery of its own.
    pub id: u64,
    /// Where it goes, by `POST`.
    pub url: String,
    /// Content type, signature and, if switched on, topic and event id.
    pub headers: HeaderMap,
    /// The bytes that were signed.
    pub body: Bytes,
}

/// What became of the webhooks since the start. Nothing of it survives a restart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookReport {
    /// Events that some endpoint was to get.
    pub made: u64,
    /// The app's own endpoint first, whether it has an address or not; then the subscriptions.
    pub endpoints: Vec<EndpointReport>,
}

/// What became of the webhooks of one endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EndpointReport {
    /// The subscription; none for the app's own endpoint.
    pub subscription: Option<Uuid>,
    /// Where it is.
    pub url: Option<String>,
    /// The topics it gets; none means all.
    pub events: Option<Vec<String>>,
    /// Whether failures have disabled it.
    pub disabled: bool,
    /// How many deliveries have failed since the last good one.
    pub failures_in_a_row: u32,
    /// Deliveries, copies and retries still to be handed out.
    pub pending: u64,
    /// Those handed out and not answered yet.
    pub in_flight: u64,
    /// What is counted.
    #[serde(flatten)]
    pub counts: WebhookCounts,
}

/// What is counted for each endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookCounts {
    /// Events it was to get.
    pub made: u64,
    /// Of these, those that chance has swallowed.
    pub lost: u64,
    /// Second deliveries of the same event.
    pub duplicates: u64,
    /// True deliveries that were handed out, retries included.
    pub sent: u64,
    /// Of these, those answered with 2xx.
    pub delivered: u64,
    /// Of these, those answered otherwise or not at all.
    pub failed: u64,
    /// Deliveries that will not be tried again: out of retries, or the endpoint is disabled or gone.
    pub given_up: u64,
    /// Forged copies that were handed out.
    pub forged: u64,
    /// Of these, those answered with 2xx.
    pub forged_accepted: u64,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// What the chances of its deliveries are drawn by.
    pub(crate) key: u64,
    /// The same in every delivery of it.
    pub(crate) id: String,
    pub(crate) topic: String,
    /// When it happened.
    pub(crate) at: Millis,
    pub(crate) body: Bytes,
}

impl Event {
    /// An event with that `data`, in an envelope unless the topic is of the flat family.
    pub(crate) fn new(key: u64, id: String, topic: &str, at: Millis, data: Value) -> Event {
        let body = match topics::is_flat(topic) {
            true => data,
            false => json!({
                "id": id,
                "type": topic,
                "timestamp": format_instant(at),
                "data": data,
            }),
        };
        Event { key, id, topic: topic.to_owned(), at, body: Bytes::from(body.to_string()) }
    }
}

/// A fan as the enveloped family shows one; `null` where nobody paid.
fn person(fan: Option<&Fan>) -> Value {
    fan.map_or(
        Value::Null,
        |fan| json!({"uuid": fan.uuid, "handle": fan.handle, "display_name": fan.display_name}),
    )
}

/// A fan as the flat family shows one.
fn sender(fan: Option<&Fan>) -> Value {
    fan.map_or(Value::Null, |fan| {
        json!({
            "uuid": fan.uuid,
            "handle": fan.handle,
            "displayName": fan.display_name,
            "avatarUrl": format!("https://images.example/{}.jpg", fan.uuid),
        })
    })
}

/// The same `data` as a platform sends it that leaves absent things out.
pub(crate) fn without_nulls(data: Value) -> Value {
    match data {
        Value::Object(fields) => {
            fields.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>().into()
        }
        other => other,
    }
}
