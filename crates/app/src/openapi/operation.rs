//! What one endpoint does, whichever of its methods it is called with.

use serde_json::{Map, Value, json};

use super::{parameters::request_id, replies::Replies};

/// Who may call.
#[derive(Clone, Copy, Debug)]
pub(super) enum Callers {
    /// Users and the operator.
    People,
    /// The same, or whoever holds what a parameter says.
    PeopleOrBrowsers,
    /// The operator alone.
    Operator,
    /// Anybody; the operator is told more.
    Anybody,
    /// Whoever signs as Fanvue does.
    Fanvue,
    /// Whoever holds what a parameter says.
    Browsers,
}

impl Callers {
    fn described(self) -> Value {
        match self {
            Self::People => json!([{"user": []}, {"session": []}, {"operator": []}]),
            Self::PeopleOrBrowsers => {
                json!([{"user": []}, {"session": []}, {"operator": []}, {}])
            }
            Self::Operator => json!([{"operator": []}]),
            Self::Anybody => json!([{}, {"operator": []}]),
            Self::Fanvue => json!([{"signature": []}]),
            Self::Browsers => json!([]),
        }
    }
}

/// An operation.
pub(super) struct Operation {
    /// What a client's function is called.
    pub(super) id: &'static str,
    pub(super) tag: &'static str,
    pub(super) summary: &'static str,
    pub(super) description: &'static str,
    pub(super) callers: Callers,
    pub(super) parameters: Vec<Value>,
    pub(super) body: Option<Value>,
    pub(super) replies: Replies,
}

impl Operation {
    /// The operation under its first method, or under another that does the same.
    pub(super) fn described(&self, is_first: bool) -> Value {
        let id = if is_first { self.id.to_owned() } else { format!("{}ByPost", self.id) };
        let mut parameters = self.parameters.clone();
        parameters.push(request_id());
        let mut operation = Map::new();
        operation.insert("operationId".to_owned(), json!(id));
        operation.insert("tags".to_owned(), json!([self.tag]));
        operation.insert("summary".to_owned(), json!(self.summary));
        operation.insert("description".to_owned(), json!(self.description));
        operation.insert("security".to_owned(), self.callers.described());
        operation.insert("parameters".to_owned(), json!(parameters));
        operation.insert("responses".to_owned(), self.replies.described());
        if let Some(body) = &self.body {
            operation.insert("requestBody".to_owned(), body.clone());
        }
        Value::Object(operation)
    }
}
