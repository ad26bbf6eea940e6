//! Their words: the platform's JSON, taken apart without believing any of it. Every value stays raw
//! text until `convert` asks for it in a type, so that a bad value costs its field or its row, never
//! the page. Not here: what any of it means.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// The most elements one page may hold: four times what we ask for.
pub(crate) const ELEMENTS_MAX: usize = 200;

/// A JSON object with its values unread. Keys keep their order; one that repeats is noticed.
pub(crate) struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

/// The value of one field. JSON's `null` is an absent value everywhere in this API.
#[derive(Clone, Copy)]
pub(crate) enum Field<'a> {
    Absent,
    /// The key stands there more than once: no reading of it is better than another.
    Twice,
    Value(&'a RawValue),
}

impl<'a> Object<'a> {
    pub(crate) fn parse(text: &'a str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }

    pub(crate) fn field(&self, name: &str) -> Field<'a> {
        let mut found = self.0.iter().filter(|(key, _)| key == name);
        match (found.next(), found.next()) {
            (None, _) => Field::Absent,
            (Some(_), Some(_)) => Field::Twice,
            (Some((_, value)), None) if value.get() == "null" => Field::Absent,
            (Some((_, value)), None) => Field::Value(value),
        }
    }

    /// The field of that name in snake_case or the same in camelCase: webhooks use either. One that
    /// stands there in both is there twice.
    pub(crate) fn either(&self, snake: &str) -> Field<'a> {
        if !snake.contains('_') {
            return self.field(snake);
        }
        match (self.field(snake), self.field(&camel(snake))) {
            (Field::Absent, other) | (other, Field::Absent) => other,
            _ => Field::Twice,
        }
    }

    /// Whether the key is there at all, be it with `null`.
    pub(crate) fn names(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }
}

impl<'a> Field<'a> {
    /// The JSON text of the value.
    pub(crate) fn raw(self) -> Option<&'a str> {
        match self {
            Self::Value(value) => Some(value.get()),
            Self::Absent | Self::Twice => None,
        }
    }

    /// The value if it is a text; anything else counts as absent.
    pub(crate) fn text(self) -> Option<String> {
        self.raw().and_then(|raw| serde_json::from_str(raw).ok())
    }

    /// The value if it is an object; anything else counts as absent.
    pub(crate) fn object(self) -> Option<Object<'a>> {
        self.raw().and_then(|raw| Object::parse(raw).ok())
    }
}

fn camel(snake: &str) -> String {
    let mut name = String::with_capacity(snake.len());
    for (index, word) in snake.split('_').enumerate() {
        let (first, rest) = word.split_at(word.len().min(1));
        name.push_str(&if index == 0 { first.to_owned() } else { first.to_ascii_uppercase() });
        name.push_str(rest);
    }
    name
}

/// The object that a whole answer should be, or what is wrong with it.
pub(crate) fn body(text: &str) -> Result<Object<'_>, &'static str> {
    Object::parse(text).map_err(|error| match text.trim_start().as_bytes().first() {
        None => "an empty body",
        Some(b'<') => "HTML instead of JSON",
        Some(_) if error.is_eof() => "JSON that breaks off",
        Some(_) if error.is_data() => "JSON, but not an object",
        Some(_) => "not JSON",
    })
}

/// The elements under `data`, each with its text.
pub(crate) fn data<'a>(body: &Object<'a>) -> Result<Vec<&'a RawValue>, &'static str> {
    let raw = match body.field("data") {
        Field::Value(value) => value.get(),
        Field::Absent => return Err("data is missing"),
        Field::Twice => return Err("data appears twice"),
    };
    let elements: Vec<&RawValue> = serde_json::from_str(raw).map_err(|_| "data is not an array")?;
    if elements.len() > ELEMENTS_MAX {
        return Err("data has too many elements");
    }
    Ok(elements)
}

/// An earnings row of any generation.
pub(crate) struct EarningRow<'a> {
    pub(crate) date: Field<'a>,
    pub(crate) gross: Field<'a>,
    pub(crate) net: Field<'a>,
    pub(crate) total: Field<'a>,
    pub(crate) currency: Field<'a>,
    pub(crate) source: Field<'a>,
    pub(crate) transaction_order_id: Field<'a>,
    pub(crate) transaction_order_status: Field<'a>,
    pub(crate) message_uuid: Field<'a>,
    pub(crate) post_uuid: Field<'a>,
    pub(crate) reversed_transaction_order_id: Field<'a>,
    pub(crate) user: Field<'a>,
}

impl<'a> EarningRow<'a> {
    pub(crate) fn of(row: &Object<'a>) -> Self {
        Self {
            date: row.field("date"),
            gross: row.field("gross"),
            net: row.field("net"),
            total: row.field("total"),
            currency: row.field("currency"),
            source: row.field("source"),
            transaction_order_id: row.field("transactionOrderId"),
            transaction_order_status: row.field("transactionOrderStatus"),
            message_uuid: row.field("messageUuid"),
            post_uuid: row.field("postUuid"),
            reversed_transaction_order_id: row.field("reversedTransactionOrderId"),
            user: row.field("user"),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    fields.push(entry);
                }
                Ok(fields)
            }
        }

        deserializer.deserialize_map(Fields).map(Self)
    }
}

#[cfg(test)]
mod tests;
