//! Notes when spans begin and end, and what is said of them.

use std::{fmt, sync::Arc};

use jiff::Timestamp;
use tracing::{
    Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

use super::{
    Export,
    parent::Parent,
    wire::{Closed, Kind, Value},
};

/// What may be told of a span. Any other field stays here, whatever somebody puts into it: what is named has
/// to be neither secret nor a person's.
const ATTRIBUTES: [&str; 14] = [
    "agency.id",
    "creator.id",
    "creator.state",
    "db.operation.name",
    "error.type",
    "http.request.method",
    "http.response.status_code",
    "http.route",
    "request.id",
    "rows.new",
    "server.address",
    "tick.creators",
    "tick.scope",
    "url.path",
];

/// The longest text of an attribute, in characters.
const TEXT_CHARS_MAX: usize = 200;

/// A span that was asked for by a request.
const REQUEST: &str = "request";
/// What is told of a request that nothing was answered to: its time was over, or its code broke.
const UNANSWERED: &str = "unanswered";
/// A round trip to the database.
const STATEMENT: &str = "statement";
/// A question to Fanvue.
const FANVUE: &str = "fanvue";

/// The layer.
pub(super) struct Noting(pub(super) Arc<Export>);

/// A span under way, kept beside it in the registry.
struct Open {
    trace: [u8; 16],
    id: [u8; 8],
    parent: Option<[u8; 8]>,
    /// Whether it is sent at all. What it holds follows it.
    is_kept: bool,
    begun: Timestamp,
    fields: Fields,
}

/// What is said of a span so far.
#[derive(Default)]
struct Fields {
    attributes: Vec<(&'static str, Value)>,
    parent: Option<Parent>,
}

impl<S> Layer<S> for Noting
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let above = span.parent().and_then(|parent| {
            let extensions = parent.extensions();
            let open = extensions.get::<Open>()?;
            Some(Parent { trace: open.trace, span: open.id, is_sampled: open.is_kept })
        });
        let above = above.or(fields.parent);
        // A statement that nobody asked for would be a trace of its own and tell nothing.
        let is_kept = above.map_or(span.name() != STATEMENT, |above| above.is_sampled);
        let open = Open {
            trace: above.map_or_else(|| self.random(), |above| above.trace),
            id: self.random(),
            parent: above.map(|above| above.span),
            is_kept,
            begun: self.0.clock.now(),
            fields,
        };
        span.extensions_mut().insert(open);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(open) = span.extensions_mut().get_mut::<Open>() {
            values.record(&mut open.fields);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let open = span.extensions_mut().remove::<Open>();
        if let Some(open) = open.filter(|open| open.is_kept) {
            self.0.push(open.closed(span.name(), self.0.clock.now()));
        }
    }
}

impl Noting {
    fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.entropy.fill(&mut bytes);
        bytes
    }
}

impl Open {
    fn closed(self, name: &'static str, ended: Timestamp) -> Closed {
        let mut attributes = self.fields.attributes;
        if name == REQUEST && !attributes.iter().any(|(key, _)| *key == "http.response.status_code")
        {
            attributes.push(("error.type", Value::Text(UNANSWERED.to_owned())));
        }
        let text = |key: &str| {
            attributes.iter().find_map(|(name, value)| match value {
                Value::Text(text) if *name == key => Some(text.as_str()),
                _ => None,
            })
        };
        let (method, kind) = (text("http.request.method").unwrap_or("?"), kind(name));
        let name = match name {
            REQUEST => format!("{method} {}", text("http.route").unwrap_or("?")),
            FANVUE => format!("{method} {}", text("server.address").unwrap_or(FANVUE)),
            STATEMENT => text("db.operation.name").unwrap_or(STATEMENT).to_owned(),
            other => other.to_owned(),
        };
        Closed {
            trace: self.trace,
            id: self.id,
            parent: self.parent,
            name,
            kind,
            begun: self.begun,
            ended: ended.max(self.begun),
            is_error: text("error.type").is_some(),
            attributes,
        }
    }
}

fn kind(name: &str) -> Kind {
    match name {
        REQUEST => Kind::Server,
        FANVUE | STATEMENT => Kind::Client,
        _ => Kind::Internal,
    }
}

impl Fields {
    /// What is said again counts in place of what was said before.
    fn set(&mut self, field: &Field, value: Value) {
        let Some(key) = ATTRIBUTES.iter().find(|key| **key == field.name()) else { return };
        match self.attributes.iter_mut().find(|(known, _)| known == key) {
            Some((_, known)) => *known = value,
            None => self.attributes.push((key, value)),
        }
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "traceparent" {
            self.parent = Parent::parse(value);
        } else {
            self.set(field, Value::Text(value.chars().take(TEXT_CHARS_MAX).collect()));
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, Value::Whole(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, Value::Whole(i64::try_from(value).unwrap_or(i64::MAX)));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, Value::Truth(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = format!("{value:?}");
        self.record_str(field, &text);
    }
}
