//! The fields of an event, in either spelling of their names and in either generation's places. Not
//! what they mean together.

use jiff::{SignedDuration, Timestamp};
use ledger::{Cents, Fan, OrderId};

use super::EventError;
use crate::{
    CreatorUuid,
    convert::{FUTURE_SECONDS_MAX, fields},
    ids::uuid_text,
    wire::{Field, Object},
};

/// What an event holds: `data` in an envelope, the whole body in the older generation.
pub(super) struct Payload<'a> {
    fields: Object<'a>,
    /// When it happened, by the envelope or the older body.
    pub(super) at: Timestamp,
    pub(super) is_enveloped: bool,
    received_at: Timestamp,
}

impl<'a> Payload<'a> {
    pub(super) fn open(body: Object<'a>, received_at: Timestamp) -> Result<Self, EventError> {
        let at = instant(body.field("timestamp"), received_at).unwrap_or(received_at);
        let field = body.field("data");
        let (fields, is_enveloped) = match field {
            Field::Absent => (body, false),
            Field::Twice => return Err(EventError(format!("data {}", fields::TWICE))),
            Field::Value(_) => {
                let data = field.object();
                (data.ok_or_else(|| EventError("data is no object".to_owned()))?, true)
            }
        };
        Ok(Self { fields, at, is_enveloped, received_at })
    }

    pub(super) fn field(&self, name: &str) -> Field<'a> {
        self.fields.either(name)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        !matches!(self.field(name), Field::Absent)
    }

    pub(super) fn creator(&self) -> Option<CreatorUuid> {
        let named = || self.field("creator").object()?.field("uuid").text();
        let uuid = |text: String| CreatorUuid::new(&text);
        self.field("recipient_uuid").text().and_then(uuid).or_else(|| named().and_then(uuid))
    }

    /// The one who paid, wrote or follows. `sender` is a word in newer events, and a person in older.
    pub(super) fn fan(&self) -> Option<Fan> {
        let nested = || self.field("payment").object().map(|payment| payment.field("purchaser"));
        let unnamed = |name| {
            let id = self.field(name).text().and_then(|text| uuid_text(&text))?;
            Some(Fan { id, handle: None, display_name: None })
        };
        ["purchaser", "sender", "fan", "follower"]
            .into_iter()
            .find_map(|name| fields::fan(self.field(name)))
            .or_else(|| nested().and_then(fields::fan))
            .or_else(|| ["sender_uuid", "counterpart_uuid"].into_iter().find_map(unnamed))
    }

    /// The first of these that is a plausible instant, else that of the event.
    pub(super) fn at(&self, names: &[&str]) -> Timestamp {
        let told = |name: &&str| instant(self.field(name), self.received_at);
        names.iter().find_map(told).unwrap_or(self.at)
    }

    pub(super) fn uuid(&self, name: &str) -> Option<String> {
        self.field(name).text().and_then(|text| uuid_text(&text))
    }

    pub(super) fn order_id(&self, name: &'static str) -> Result<Option<OrderId>, EventError> {
        Ok(fields::order_id(name, self.field(name))?)
    }

    /// The sale that a reversal takes back.
    pub(super) fn payment_id(&self) -> Result<Option<OrderId>, EventError> {
        let nested = |payment: Object<'_>| fields::order_id("payment.id", payment.field("id"));
        match self.order_id("payment_id")? {
            None => Ok(self.field("payment").object().map_or(Ok(None), nested)?),
            told => Ok(told),
        }
    }

    /// An amount as it was told, whatever its unit.
    pub(super) fn amount(&self, name: &'static str) -> Result<Option<Cents>, EventError> {
        match self.field(name) {
            Field::Absent => Ok(None),
            field => Ok(Some(fields::cents(name, field)?)),
        }
    }

    /// Whether amounts are US cents. In the older generation they are, without a word.
    pub(super) fn is_in_dollars(&self) -> bool {
        match self.field("currency") {
            Field::Absent => !self.is_enveloped,
            field => fields::currency(field).as_deref() == Some("USD"),
        }
    }

    pub(super) fn flag(&self, name: &'static str) -> Result<bool, EventError> {
        let told = self.field(name).raw().and_then(|raw| raw.parse().ok());
        told.ok_or_else(|| EventError(format!("{name} is missing or no boolean")))
    }

    pub(super) fn count(&self, name: &'static str) -> Result<Option<u32>, EventError> {
        let whole = |field| u32::try_from(fields::cents(name, field).ok()?.0).ok();
        match self.field(name) {
            Field::Absent => Ok(None),
            field => {
                whole(field).map(Some).ok_or_else(|| EventError(format!("{name} is no count")))
            }
        }
    }

    pub(super) fn required_count(&self, name: &'static str) -> Result<u32, EventError> {
        self.count(name)?.ok_or_else(|| EventError(format!("{name} is missing")))
    }
}

fn instant(field: Field<'_>, received_at: Timestamp) -> Option<Timestamp> {
    let at = fields::instant("timestamp", field).ok()?;
    let ahead = at.duration_since(received_at);
    (ahead <= SignedDuration::from_secs(FUTURE_SECONDS_MAX)).then_some(at)
}
