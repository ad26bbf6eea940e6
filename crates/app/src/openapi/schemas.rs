//! Schemas of answers, generated from the types that are serialised.

use std::borrow::Cow;

use ledger::Category;
use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use serde_json::{Map, Value, json};

/// The schemas that were asked for, and those that they refer to.
pub(super) struct Schemas(SchemaGenerator);

impl Default for Schemas {
    fn default() -> Self {
        let settings = SchemaSettings::draft2020_12().for_serialize().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
        Self(settings.into_generator())
    }
}

impl Schemas {
    /// A reference to the schema of `T`.
    pub(super) fn of<T: JsonSchema>(&mut self) -> Value {
        self.0.subschema_for::<T>().to_value()
    }

    /// All of them, by name.
    pub(super) fn into_components(mut self) -> Value {
        let mut schemas = Value::Object(self.0.take_definitions(true));
        settle(&mut schemas);
        schemas
    }
}

/// The name of a category, where an answer holds it as text.
pub(crate) struct CategoryName;

impl JsonSchema for CategoryName {
    fn schema_name() -> Cow<'static, str> {
        "Category".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names = Category::ALL.map(Category::as_str);
        json_schema!({"type": "string", "enum": names})
    }
}

/// Says the same in the words that generators of clients know best.
fn settle(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.values_mut().for_each(settle);
            in_one_line(members);
            as_enum(members);
            let format = members.get_mut("format").filter(|format| is_unsigned(format));
            if let Some(format) = format {
                *format = json!("int64");
            }
        }
        Value::Array(items) => items.iter_mut().for_each(settle),
        _ => {}
    }
}

/// Formats of unsigned numbers are in no registry; `minimum` says the same.
fn is_unsigned(format: &Value) -> bool {
    format.as_str().is_some_and(|name| name.starts_with("uint"))
}

/// Comments are wrapped where the code is.
fn in_one_line(members: &mut Map<String, Value>) {
    if let Some(Value::String(text)) = members.get_mut("description") {
        *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
}

/// A choice between texts, each with its comment, becomes one list of them.
fn as_enum(members: &mut Map<String, Value>) {
    let Some(choices) = members.get("oneOf").and_then(Value::as_array) else { return };
    let choice = |choice: &Value| {
        let name = choice.get("const")?.as_str()?.to_owned();
        let about = choice.get("description").and_then(Value::as_str);
        Some((about.map(|about| format!("`{name}`: {about}")), name))
    };
    let Some(choices) = choices.iter().map(choice).collect::<Option<Vec<_>>>() else { return };
    let (about, names): (Vec<_>, Vec<_>) = choices.into_iter().unzip();
    let own = members.get("description").and_then(Value::as_str).map(str::to_owned);
    let lines: Vec<_> = own.into_iter().chain(about.into_iter().flatten()).collect();
    members.remove("oneOf");
    members.insert("type".to_owned(), json!("string"));
    members.insert("enum".to_owned(), json!(names));
    members.insert("description".to_owned(), json!(lines.join("\n\n")));
}
