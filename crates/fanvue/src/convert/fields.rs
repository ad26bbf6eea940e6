//! Single values: amounts, instants, names. Not rows.

use jiff::Timestamp;
use ledger::{Cents, Fan, OrderId, Reject, RejectReason};

use crate::{
    ids::uuid_text,
    wire::{Field, Object},
};

/// What is wrong with a field that stands there more than once.
pub(crate) const TWICE: &str = "appears twice";

/// The longest text of a number that is looked at.
const NUMBER_BYTES_MAX: usize = 40;
/// The most digits of an exponent that are looked at.
const EXPONENT_DIGITS_MAX: usize = 4;
/// The longest name of a person that is kept.
const NAME_CHARS_MAX: usize = 200;
/// 2015-01-01T00:00:00Z, some years before the platform existed.
const EARLIEST_SECOND: i64 = 1_420_070_400;

pub(crate) fn malformed(field: &'static str, problem: impl Into<String>) -> RejectReason {
    RejectReason::Malformed { field, problem: problem.into() }
}

/// An element of a page as an object.
pub(crate) fn object(raw: &str) -> Result<Object<'_>, RejectReason> {
    Object::parse(raw).map_err(|_| {
        if raw.starts_with('{') {
            malformed("the row", "has a key that is no text")
        } else {
            RejectReason::NotAnObject
        }
    })
}

/// As much of an element's text as a reject keeps.
pub(crate) fn kept(raw: &str) -> String {
    raw[..raw.floor_char_boundary(Reject::RAW_BYTES_MAX)].to_owned()
}

fn required<'a>(name: &'static str, field: Field<'a>) -> Result<&'a str, RejectReason> {
    match field {
        Field::Absent => Err(RejectReason::Missing { field: name }),
        Field::Twice => Err(malformed(name, TWICE)),
        Field::Value(value) => Ok(value.get()),
    }
}

pub(crate) fn required_text(name: &'static str, field: Field<'_>) -> Result<String, RejectReason> {
    let raw = required(name, field)?;
    serde_json::from_str(raw).map_err(|_| malformed(name, "is not text"))
}

/// An amount, from the digits as they came: no float in between.
pub(crate) fn cents(name: &'static str, field: Field<'_>) -> Result<Cents, RejectReason> {
    let raw = required(name, field)?;
    if !raw.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
        return Err(malformed(name, "is not a number"));
    }
    let exponent_digits = raw.rsplit_once(['e', 'E']).map_or(0, |(_, exponent)| exponent.len());
    if raw.len() > NUMBER_BYTES_MAX || exponent_digits > EXPONENT_DIGITS_MAX {
        return Err(malformed(name, "is out of range"));
    }
    Cents::parse(raw).map_err(|error| malformed(name, error.to_string()))
}

/// An instant, rounded down to the millisecond, which is what the platform knows.
pub(crate) fn instant(name: &'static str, field: Field<'_>) -> Result<Timestamp, RejectReason> {
    let text = required_text(name, field)?;
    let exact: Timestamp =
        text.parse().map_err(|_| malformed(name, "is not an instant with its offset"))?;
    if exact.as_second() < EARLIEST_SECOND {
        return Err(malformed(name, "lies before the platform existed"));
    }
    Timestamp::from_millisecond(exact.as_millisecond())
        .map_err(|_| malformed(name, "is out of range"))
}

/// Three letters, in upper case; anything else is no currency.
pub(crate) fn currency(field: Field<'_>) -> Option<String> {
    let text = field.text()?;
    (text.len() == 3 && text.bytes().all(|b| b.is_ascii_alphabetic()))
        .then(|| text.to_ascii_uppercase())
}

/// A name of a person: no control characters (a database refuses some), not empty, not a novel.
pub(crate) fn name(field: Field<'_>) -> Option<String> {
    let text = field.text()?;
    let name: String = text.chars().filter(|c| !c.is_control()).take(NAME_CHARS_MAX).collect();
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// An id is an identity: one that can't be trusted must not fall back to "none".
pub(crate) fn order_id(
    name: &'static str,
    field: Field<'_>,
) -> Result<Option<OrderId>, RejectReason> {
    match field {
        Field::Absent => Ok(None),
        Field::Twice => Err(malformed(name, TWICE)),
        Field::Value(_) => field
            .text()
            .and_then(|text| OrderId::new(&text))
            .map(Some)
            .ok_or_else(|| malformed(name, "is no plausible id")),
    }
}

/// A fan without a usable uuid is no fan: there would be nothing to know them by.
pub(crate) fn fan(field: Field<'_>) -> Option<Fan> {
    let user = field.object()?;
    Some(Fan {
        id: user.field("uuid").text().and_then(|text| uuid_text(&text))?,
        handle: name(user.field("handle")),
        display_name: name(user.either("display_name")),
    })
}

/// An unknown word, shortened and fit for printing.
pub(crate) fn printable(text: &str, chars_max: usize) -> String {
    let shown = |c: char| if c.is_ascii_graphic() || c == ' ' { c } else { '?' };
    text.chars().take(chars_max).map(shown).collect()
}
