//! Signed requests: `X-Fanvue-Signature: t=<unix seconds>,v0=<hex>`, and forged ones.

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde_json::Value;
use sha2::Sha256;

use super::Event;

/// The headers of a delivery whose body is signed in that second.
pub(super) fn headers(event: &Event, signature: &str, with_topic: bool) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let mut insert = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    insert("x-fanvue-signature", signature);
    if with_topic {
        insert("x-fanvue-topic", &event.topic);
        insert("x-fanvue-event-id", &event.id);
    }
    headers
}

/// The signature of a body: the HMAC-SHA256 of the second, a dot and the bytes.
pub(super) fn signature(secret: &str, second: i64, body: &[u8]) -> String {
    // A key of any length is a key, so there is always a code.
    let code = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map(|mut mac| {
        mac.update(second.to_string().as_bytes());
        mac.update(b".");
        mac.update(body);
        hex::encode(mac.finalize().into_bytes())
    });
    format!("t={second},v0={}", code.unwrap_or_default())
}

/// What a forger signs with: anything but the secret.
pub(super) fn wrong_secret(secret: &str) -> String {
    format!("not {secret}")
}

/// The same event with ten times the money in it.
pub(super) fn forged(body: &Bytes) -> Bytes {
    let Ok(mut event) = serde_json::from_slice::<Value>(body) else { return body.clone() };
    raise(&mut event);
    raise(&mut event["data"]);
    Bytes::from(event.to_string())
}

fn raise(part: &mut Value) {
    for name in ["gross", "net", "amount", "price"] {
        if let Some(amount) = part.get(name).and_then(Value::as_i64) {
            part[name] = (amount * 10).into();
        }
    }
}
