//! What makes a delivery the same delivery. Not what it says.

use std::fmt;

use sha2::{Digest, Sha256};

use super::topic;
use crate::wire::{Field, Object};

/// The longest id that is trusted to be one, in bytes.
const ID_BYTES_MAX: usize = 200;

/// The topic of which the platform repeats ids: a fan's messages can be read more than once.
const TOPIC_THAT_REPEATS_IDS: &str = "creator.message.read";

/// What two deliveries of one event have in common, and no other delivery has. To be kept for ever:
/// `id:<the body's own id>`, or `body:<SHA-256 of the body in hex>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventKey(String);

impl EventKey {
    /// The key as it is stored: printable ASCII, at most 207 bytes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EventKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The key of a delivery: by the id in its envelope, else by the `eventId` of an older body, else by its
/// bytes. An id that is empty, long, or not printable ASCII is none. Headers say nothing here: they are
/// not signed, so whoever caught one delivery could make many events of it.
#[must_use]
pub fn event_key(body: &[u8]) -> EventKey {
    let text = String::from_utf8_lossy(body);
    let object = Object::parse(&text).ok();
    let told = |name| object.as_ref().map_or(Field::Absent, |object| object.either(name)).text();
    if told("type").is_some_and(|name| topic::clean(&name) == TOPIC_THAT_REPEATS_IDS) {
        return by_body(body);
    }
    // Outside an envelope `id` is somebody's or something's, and many events may name it.
    let is_enveloped = object.as_ref().is_some_and(|object| object.names("data"));
    let own = told("id").filter(|_| is_enveloped).and_then(trusted);
    let id = own.or_else(|| told("event_id").and_then(trusted));
    id.map_or_else(|| by_body(body), |id| EventKey(format!("id:{id}")))
}

fn by_body(body: &[u8]) -> EventKey {
    EventKey(format!("body:{}", hex::encode(Sha256::digest(body))))
}

fn trusted(id: String) -> Option<String> {
    let is_id = id.len() <= ID_BYTES_MAX
        && !id.trim().is_empty()
        && id.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
    is_id.then_some(id)
}
