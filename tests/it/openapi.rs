//! The description of the API: it is the committed one, it is whole, and it is true. That every reply is
//! as described is seen in every test: see `world::contract`.

mod provoked;

use std::{collections::BTreeSet, fs, path::Path};

use app::Endpoint;
use bytes::Bytes;
use serde_json::Value;

use crate::world::{SECRET, World, contract::contract};

const FILE: &str = "dashboard/public/openapi.json";

/// All operations: path, method in capitals, and what is said of them.
fn operations() -> Vec<(&'static str, String, &'static Value)> {
    let mut all = vec![];
    for (path, methods) in contract().document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            all.push((path.as_str(), method.to_ascii_uppercase(), operation));
        }
    }
    all
}

/// The parameters of an operation that stand in the query.
fn in_query(operation: &Value) -> impl Iterator<Item = &Value> {
    operation["parameters"].as_array().unwrap().iter().filter(|one| one["in"] == "query")
}

fn name(parameter: &Value) -> &str {
    parameter["name"].as_str().unwrap()
}

async fn ask(world: &World, method: &str, uri: &str) -> (u16, Value) {
    let request = http::Request::builder().method(method).uri(uri);
    let request = request.header("authorization", format!("Bearer {SECRET}"));
    world.send(request.body(Bytes::new()).unwrap()).await
}

#[test]
fn the_committed_description_is_the_one_that_the_code_gives() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let committed = fs::read_to_string(path).unwrap_or_default();
    let is_same = committed == app::openapi::text().unwrap();
    let then = "npm run client --prefix dashboard";
    assert!(
        is_same,
        "the API has changed: cargo run -p app --features openapi --example openapi > {FILE} && {then}"
    );
}

#[test]
fn every_endpoint_and_method_is_described_under_a_name_of_its_own() {
    let described: BTreeSet<_> =
        operations().into_iter().map(|(path, method, _)| (path, method)).collect();
    let methods = |endpoint: Endpoint| {
        let methods = endpoint.methods().split(", ");
        methods.map(move |method| (endpoint.path(), method.to_owned()))
    };
    let known: BTreeSet<_> = Endpoint::ALL.into_iter().flat_map(methods).collect();
    assert_eq!(described, known);
    let ids: BTreeSet<_> = operations()
        .into_iter()
        .map(|(_, _, operation)| operation["operationId"].as_str())
        .collect();
    assert_eq!(ids.len(), described.len(), "{ids:?}");
}

/// Everything that the document refers to.
fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str));
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_component_is_referred_to() {
    let document = &contract().document;
    let mut found = BTreeSet::new();
    references(document, &mut found);
    for place in &found {
        assert!(document.pointer(&place[1..]).is_some(), "{place}");
    }
    for kind in ["schemas", "responses", "headers"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            let place = format!("#/components/{kind}/{name}");
            assert!(found.contains(place.as_str()), "nothing refers to {place}");
        }
    }
}

#[test]
fn choices_are_lists_of_words_and_amounts_are_numbers() {
    let schemas = &contract().document["components"]["schemas"];
    let words = |place: &str| schemas.pointer(place).unwrap().as_array().unwrap().len();
    assert_eq!(words("/CreatorState/enum"), 5);
    assert_eq!(words("/Category/enum"), 8);
    let card = &schemas["CreatorCard"];
    assert_eq!(card["properties"]["totalCents"]["type"], "integer");
    assert_eq!(card["properties"]["totalCents"]["format"], "int64");
    assert_eq!(card["properties"]["asOf"]["format"], "date-time");
    assert_eq!(schemas["ChartPoint"]["properties"]["date"]["format"], "date");
    // What may be null is there all the same; what may be left out is never null.
    let is_required = |name: &str| card["required"].as_array().unwrap().contains(&name.into());
    assert!(is_required("asOf") && !is_required("reason"));
    assert_eq!(card["properties"]["reason"]["type"], "string");
}

/// An endpoint that refuses a parameter says which ones it knows.
#[tokio::test]
async fn the_described_parameters_are_those_that_each_endpoint_knows() {
    let world = World::seeded(1, 1).await;
    for (path, method, operation) in operations() {
        // Fanvue may add parameters to these.
        if [Endpoint::Callback, Endpoint::Webhooks].contains(&Endpoint::of(path).unwrap()) {
            continue;
        }
        let (status, problem) = ask(&world, &method, &format!("{path}?nonsense=1")).await;
        assert_eq!((status, &problem["field"]), (400, &Value::from("nonsense")), "{method} {path}");
        let detail = problem["detail"].as_str().unwrap();
        let known = detail.split_once("it knows ").map(|(_, known)| known.split(", ").collect());
        let known: BTreeSet<&str> = known.unwrap_or_default();
        assert_eq!(in_query(operation).map(name).collect::<BTreeSet<_>>(), known, "{path}");
    }
}

#[tokio::test]
async fn every_described_value_of_a_parameter_is_taken_and_every_limit_holds() {
    let world = World::seeded(1, 1).await;
    for (path, method, operation) in operations() {
        // There are more values than calls that cost much are given to one caller.
        world.db.sql("delete from expensive_calls").await;
        for parameter in in_query(operation) {
            let (name, schema) = (name(parameter), &parameter["schema"]);
            let words = schema["enum"].as_array().into_iter().flatten();
            let taken = words.map(|word| word.as_str().unwrap().to_owned());
            let limits = ["minimum", "maximum", "default"].map(|limit| &schema[limit]);
            let limits = limits.iter().filter(|limit| limit.is_number()).map(|n| n.to_string());
            for value in taken.chain(limits) {
                let uri = format!("{path}?{name}={value}");
                let (status, answer) = ask(&world, &method, &uri).await;
                assert_eq!(status, 200, "{uri}: {answer}");
            }
            let beyond = [(&schema["minimum"], -1_i64), (&schema["maximum"], 1)];
            for (limit, step) in
                beyond.iter().filter_map(|(limit, step)| Some((limit.as_i64()?, step)))
            {
                let uri = format!("{path}?{name}={}", limit + step);
                let (status, problem) = ask(&world, &method, &uri).await;
                assert_eq!((status, &problem["field"]), (400, &Value::from(name)), "{uri}");
            }
        }
    }
}
