//! Every reply that a test gets is held against the description of the API: its status, headers, type
//! and body are what is said there of its path and method, with no member that is not.

use std::{collections::BTreeMap, sync::LazyLock};

use app::{Endpoint, http::Body};
use boon::{Compiler, SchemaIndex, Schemas};
use bytes::Bytes;
use http::{HeaderMap, Method, Response, StatusCode};
use serde_json::{Map, Value, json};

const COMPONENTS: &str = "#/components/schemas/";
const PROBLEM: &str = "application/problem+json";

static CONTRACT: LazyLock<Contract> = LazyLock::new(Contract::new);

/// The description, and its schemas ready for use.
pub struct Contract {
    pub document: Value,
    schemas: Schemas,
    by_name: BTreeMap<String, SchemaIndex>,
}

/// The description that replies are held against.
pub fn contract() -> &'static Contract {
    &CONTRACT
}

/// Fails the test whose reply is not what is described. Paths that are no endpoint's are not ours.
pub fn check(method: &Method, path: &str, response: &Response<Bytes>) {
    check_parts(method, path, (response.status(), response.headers()), Some(&response.body()[..]));
}

/// The same for a reply whose body may not be there yet.
pub fn check_begun(method: &Method, path: &str, response: &Response<Body>) {
    let body = match response.body() {
        Body::Whole(bytes) => Some(&bytes[..]),
        Body::Pieces(_) => None,
    };
    check_parts(method, path, (response.status(), response.headers()), body);
}

fn check_parts(
    method: &Method,
    path: &str,
    (status, headers): (StatusCode, &HeaderMap),
    body: Option<&[u8]>,
) {
    let judged = CONTRACT.judge(method, path, (status, headers), body);
    judged.unwrap_or_else(|problem| panic!("{method} {path} answers {status}: {problem}"));
}

impl Contract {
    fn new() -> Self {
        let document = app::openapi::document();
        let mut components = document["components"]["schemas"].clone();
        close(&mut components);
        let text = json!({"$defs": components}).to_string();
        let closed = serde_json::from_str(&text.replace(COMPONENTS, "#/$defs/")).unwrap();
        let mut compiler = Compiler::new();
        compiler.enable_format_assertions();
        compiler.add_resource("http://heartbeat.example/schemas.json", closed).unwrap();
        let mut schemas = Schemas::new();
        let names = components.as_object().unwrap().keys();
        let by_name = names.map(|name| {
            let place = format!("http://heartbeat.example/schemas.json#/$defs/{name}");
            let index = compiler.compile(&place, &mut schemas);
            (name.clone(), index.unwrap_or_else(|error| panic!("{name}: {error:#}")))
        });
        Self { by_name: by_name.collect(), document, schemas }
    }

    /// What a `$ref` of the document leads to, or the thing itself.
    fn resolve<'a>(&'a self, thing: &'a Value) -> &'a Value {
        match thing["$ref"].as_str() {
            Some(place) => self.document.pointer(&place[1..]).expect(place),
            None => thing,
        }
    }

    fn judge(
        &self,
        method: &Method,
        path: &str,
        (status, headers): (StatusCode, &HeaderMap),
        body: Option<&[u8]>,
    ) -> Result<(), String> {
        let Some(endpoint) = Endpoint::of(path) else { return Ok(()) };
        let operation =
            &self.document["paths"][endpoint.path()][method.as_str().to_ascii_lowercase()];
        if operation.is_null() {
            return match status {
                StatusCode::METHOD_NOT_ALLOWED if headers.contains_key("allow") => {
                    self.judge_problem((status, headers), body)
                }
                _ => Err("the method is not described".to_owned()),
            };
        }
        let Some(reply) = operation["responses"].get(status.as_str()) else {
            return Err(format!("the status is not described; the body is {}", shown(body)));
        };
        let reply = self.resolve(reply);
        self.judge_headers(reply, headers)?;
        self.judge_content(&reply["content"], (status, headers), body)
    }

    fn judge_headers(&self, reply: &Value, headers: &HeaderMap) -> Result<(), String> {
        for (name, described) in reply["headers"].as_object().into_iter().flatten() {
            let described = self.resolve(described);
            let value = headers.get(name).map(|value| value.to_str().unwrap());
            let wanted = match &described["schema"]["const"] {
                Value::Null => None,
                Value::String(text) => Some(text.clone()),
                other => Some(other.to_string()),
            };
            match (value, wanted) {
                (None, _) if described["required"] == true => {
                    return Err(format!("the header {name} is missing"));
                }
                (Some(value), Some(wanted)) if value != wanted => {
                    return Err(format!("the header {name} is {value} instead of {wanted}"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn judge_content(
        &self,
        content: &Value,
        (status, headers): (StatusCode, &HeaderMap),
        body: Option<&[u8]>,
    ) -> Result<(), String> {
        let Some(content) = content.as_object() else {
            let is_empty = body.is_some_and(<[u8]>::is_empty);
            return is_empty.then_some(()).ok_or("there should be no body".to_owned());
        };
        let kind = media_type(headers).ok_or("there is no content type")?;
        let Some(described) = content.get(kind) else {
            return Err(format!("{kind} is not described"));
        };
        let Some(reference) = described["schema"]["$ref"].as_str() else { return Ok(()) };
        self.validate(reference.trim_start_matches(COMPONENTS), body)?;
        if kind == PROBLEM { self.judge_problem((status, headers), body) } else { Ok(()) }
    }

    /// A problem document, which says the same as its status and headers.
    fn judge_problem(
        &self,
        (status, headers): (StatusCode, &HeaderMap),
        body: Option<&[u8]>,
    ) -> Result<(), String> {
        if media_type(headers) != Some(PROBLEM) {
            return Err("it is no problem document".to_owned());
        }
        self.validate("Problem", body)?;
        let problem: Value = serde_json::from_slice(body.unwrap_or_default()).unwrap();
        let id = headers.get("x-request-id").and_then(|id| id.to_str().ok());
        let code = problem["code"].as_str().unwrap_or_default();
        let is_consistent = problem["status"] == status.as_u16()
            && problem["requestId"].as_str() == id
            && problem["type"] == format!("urn:heartbeat:problem:{code}");
        is_consistent.then_some(()).ok_or_else(|| format!("{problem} contradicts its reply"))
    }

    fn validate(&self, name: &str, body: Option<&[u8]>) -> Result<(), String> {
        let body = body.ok_or("a JSON answer comes in pieces")?;
        let value: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        let judged = self.schemas.validate(&value, self.by_name[name]);
        judged.map_err(|error| format!("{error}: {}", shown(Some(body))))
    }
}

fn media_type(headers: &HeaderMap) -> Option<&str> {
    headers.get("content-type")?.to_str().ok()?.split(';').next().map(str::trim)
}

fn shown(body: Option<&[u8]>) -> String {
    String::from_utf8_lossy(body.unwrap_or_default()).chars().take(2_000).collect()
}

/// Callers ignore members that they don't know; a test does not.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.values_mut().for_each(close);
            close_one(members);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

fn close_one(members: &mut Map<String, Value>) {
    let is_object = members.get("type").is_some_and(|kind| *kind == "object");
    if is_object && members.contains_key("properties") {
        members.insert("additionalProperties".to_owned(), json!(false));
    }
}
