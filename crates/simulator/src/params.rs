//! Query strings and form bodies: ordered pairs, where a name may come more than once.

use jiff::Timestamp;
use url::form_urlencoded;

use crate::row::Millis;

/// The pairs of one query or form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    /// Reads a query or form; anything is readable.
    pub(crate) fn parse(text: &[u8]) -> Params {
        Params(form_urlencoded::parse(text).into_owned().collect())
    }

    /// From pairs, as the journal keeps them.
    pub(crate) fn from_pairs(pairs: Vec<(String, String)>) -> Params {
        Params(pairs)
    }

    /// The pairs, in order.
    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// The first value of a name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first value of a name, unless it is empty.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// All values of a name, repeated or in comma lists, also as `name[]`.
    pub(crate) fn list(&self, name: &str) -> Vec<&str> {
        let named = |key: &str| key == name || key.strip_suffix("[]") == Some(name);
        let values = self.0.iter().filter(|(key, _)| named(key)).map(|(_, value)| value.as_str());
        values.flat_map(|value| value.split(',')).map(str::trim).filter(|v| !v.is_empty()).collect()
    }

    /// A name that none of those allowed is.
    pub(crate) fn stranger(&self, allowed: &[&str]) -> Option<&str> {
        self.0.iter().map(|(key, _)| key.as_str()).find(|key| !allowed.contains(key))
    }

    /// A whole number within bounds; an error names the parameter.
    pub(crate) fn number(
        &self,
        name: &str,
        default: u32,
        bounds: (u32, u32),
        errors: &mut Vec<String>,
    ) -> u32 {
        let Some(text) = self.get(name) else { return default };
        match text.parse() {
            Ok(number) if (bounds.0..=bounds.1).contains(&number) => number,
            _ => {
                errors.push(format!("{name} must be a whole number, {} to {}", bounds.0, bounds.1));
                default
            }
        }
    }

    /// An instant written as a full ISO 8601 date-time with offset; an error names the parameter.
    pub(crate) fn instant(&self, name: &str, errors: &mut Vec<String>) -> Option<Millis> {
        let text = self.get(name)?;
        let instant = parse_instant(text);
        if instant.is_none() {
            errors.push(format!("{name} must be an ISO 8601 date-time with an offset"));
        }
        instant
    }
}

/// Reads `2025-06-24T21:23:44.070Z` and the like; a date alone or a local time is nothing.
pub(crate) fn parse_instant(text: &str) -> Option<Millis> {
    let form = text.get(10..11)?;
    let instant: Timestamp = (form == "T").then(|| text.parse().ok())??;
    // A part of a millisecond counts as begun: rows have whole ones, and a start is inclusive.
    let millis = instant.as_millisecond();
    Some(millis + i64::from(Timestamp::from_millisecond(millis).ok()? < instant))
}

/// Writes an instant as the platform does: UTC, milliseconds, `Z`.
pub(crate) fn format_instant(at: Millis) -> String {
    match Timestamp::from_millisecond(at) {
        Ok(instant) => format!("{instant:.3}"),
        Err(_) => "9999-12-31T23:59:59.999Z".to_owned(),
    }
}
