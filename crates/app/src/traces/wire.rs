//! OTLP as JSON: the message that a collector takes at `/v1/traces`, and what it says to it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

/// A span that has ended.
pub(super) struct Closed {
    pub(super) trace: [u8; 16],
    pub(super) id: [u8; 8],
    pub(super) parent: Option<[u8; 8]>,
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) begun: Timestamp,
    pub(super) ended: Timestamp,
    pub(super) attributes: Vec<(&'static str, Value)>,
    pub(super) is_error: bool,
}

/// Whose work a span is, by the numbers of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Our own.
    Internal = 1,
    /// Our answer to somebody.
    Server = 2,
    /// Somebody's answer to us.
    Client = 3,
}

/// What is said of a span.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) enum Value {
    #[serde(rename = "stringValue")]
    Text(String),
    /// 64 bits are text in the protocol's JSON.
    #[serde(rename = "intValue", serialize_with = "as_text")]
    Whole(i64),
    #[serde(rename = "boolValue")]
    Truth(bool),
}

fn as_text<S: Serializer>(number: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(number)
}

/// The number of the status that says that a span failed.
const STATUS_ERROR: u8 = 2;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Message<'a> {
    resource_spans: [ResourceSpans<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResourceSpans<'a> {
    resource: Attributes,
    scope_spans: [ScopeSpans<'a>; 1],
}

#[derive(Serialize)]
struct Attributes {
    attributes: Vec<Attribute<Value>>,
}

#[derive(Serialize)]
struct Attribute<V> {
    key: &'static str,
    value: V,
}

#[derive(Serialize)]
struct ScopeSpans<'a> {
    scope: Scope,
    spans: Vec<Span<'a>>,
}

/// Who made the spans.
#[derive(Serialize)]
struct Scope {
    name: &'static str,
    version: &'static str,
    attributes: Vec<Attribute<Value>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Span<'a> {
    trace_id: String,
    span_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_span_id: Option<String>,
    name: &'a str,
    kind: u8,
    start_time_unix_nano: String,
    end_time_unix_nano: String,
    attributes: Vec<Attribute<&'a Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
}

#[derive(Serialize)]
struct Status {
    code: u8,
}

impl<'a> From<&'a Closed> for Span<'a> {
    fn from(span: &'a Closed) -> Self {
        let attribute = |(key, value): &'a (&'static str, Value)| Attribute { key, value };
        Self {
            trace_id: hex::encode(span.trace),
            span_id: hex::encode(span.id),
            parent_span_id: span.parent.map(hex::encode),
            name: &span.name,
            kind: span.kind as u8,
            start_time_unix_nano: span.begun.as_nanosecond().to_string(),
            end_time_unix_nano: span.ended.as_nanosecond().to_string(),
            attributes: span.attributes.iter().map(attribute).collect(),
            status: span.is_error.then_some(Status { code: STATUS_ERROR }),
        }
    }
}

/// The message with these spans; `dropped` is how many were lost before.
pub(super) fn message(
    service_name: &str,
    dropped: u64,
    spans: &[Closed],
) -> Result<Vec<u8>, serde_json::Error> {
    let service = Value::Text(service_name.to_owned());
    let lost = Value::Whole(i64::try_from(dropped).unwrap_or(i64::MAX));
    let lost = (dropped > 0).then_some(Attribute { key: "heartbeat.spans.dropped", value: lost });
    let scope = Scope {
        name: "heartbeat",
        version: env!("CARGO_PKG_VERSION"),
        attributes: lost.into_iter().collect(),
    };
    serde_json::to_vec(&Message {
        resource_spans: [ResourceSpans {
            resource: Attributes {
                attributes: vec![Attribute { key: "service.name", value: service }],
            },
            scope_spans: [ScopeSpans { scope, spans: spans.iter().map(Span::from).collect() }],
        }],
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reply {
    partial_success: Option<Partial>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Partial {
    rejected_spans: Option<serde_json::Value>,
}

/// How many spans of a message its collector says that it has not taken. No answer that makes sense is none.
pub(super) fn rejected(answer: &[u8]) -> u64 {
    let reply = serde_json::from_slice::<Reply>(answer).ok();
    let rejected = reply.and_then(|reply| reply.partial_success?.rejected_spans);
    match rejected {
        Some(serde_json::Value::String(text)) => text.parse().unwrap_or_default(),
        Some(serde_json::Value::Number(number)) => number.as_u64().unwrap_or_default(),
        _ => 0,
    }
}
