//! Taking JSON apart without believing it. Not what it means.

use super::*;

#[test]
fn a_field_is_absent_twice_or_a_value_and_null_is_absent() {
    let object = Object::parse(r#"{"a":1,"b":null,"c":1,"c":2,"d":" x","\u0065":true}"#).unwrap();
    let kind = |name| match object.field(name) {
        Field::Absent => "absent",
        Field::Twice => "twice",
        Field::Value(value) => value.get(),
    };
    assert_eq!(
        ["a", "b", "c", "d", "e", "z"].map(kind),
        ["1", "absent", "twice", "\" x\"", "true", "absent"]
    );
    assert!(object.names("b") && !object.names("z"));
}

#[test]
fn a_field_is_found_in_either_spelling_but_not_in_both() {
    let text = r#"{"post_uuid":"a","messageUuid":"b","paid_at":1,"paidAt":2,"fooBar":null,"foo_bar":3,
        "cancelAtPeriodEnd":true,"id":4}"#;
    let object = Object::parse(text).unwrap();
    let raw = |name| object.either(name).raw();
    assert_eq!((raw("post_uuid"), raw("message_uuid")), (Some(r#""a""#), Some(r#""b""#)));
    assert_eq!((raw("foo_bar"), raw("cancel_at_period_end")), (Some("3"), Some("true")));
    assert!(matches!(object.either("paid_at"), Field::Twice));
    assert_eq!((raw("id"), raw("client_id")), (Some("4"), None));
}

#[test]
fn text_is_text_and_nothing_else() {
    let object = Object::parse(r#"{"a":"é","b":1,"c":["x"],"d":"\ud800","e":"x","e":"y"}"#);
    let object = object.unwrap();
    assert_eq!(object.field("a").text().as_deref(), Some("é"));
    for name in ["b", "c", "d", "e", "z"] {
        assert_eq!(object.field(name).text(), None, "{name}");
    }
}

#[test]
fn a_body_that_is_no_object_is_named_without_being_quoted() {
    for (text, want) in [
        ("", "an empty body"),
        (" \n", "an empty body"),
        (" <!doctype html>", "HTML instead of JSON"),
        (r#"{"data": [{"a"#, "JSON that breaks off"),
        (r#"{"data": []} trailing"#, "not JSON"),
        ("Bad Gateway", "not JSON"),
        ("[]", "JSON, but not an object"),
        ("null", "JSON, but not an object"),
        ("17", "JSON, but not an object"),
    ] {
        assert_eq!(body(text).err(), Some(want), "{text}");
    }
}

#[test]
fn data_must_be_one_array_of_bounded_length() {
    let of = |text: &str| data(&body(text).unwrap()).map(|elements| elements.len());
    let many = |count: usize| format!(r#"{{"data":[{}]}}"#, vec!["0"; count].join(","));
    assert_eq!(of(r#"{"data":[]}"#), Ok(0));
    assert_eq!(of(&many(ELEMENTS_MAX)), Ok(ELEMENTS_MAX));
    assert_eq!(of(&many(ELEMENTS_MAX + 1)), Err("data has too many elements"));
    assert_eq!(of("{}"), Err("data is missing"));
    assert_eq!(of(r#"{"data":null}"#), Err("data is missing"));
    assert_eq!(of(r#"{"data":{}}"#), Err("data is not an array"));
    assert_eq!(of(r#"{"data":[],"data":[]}"#), Err("data appears twice"));
}

#[test]
fn depth_costs_no_stack() {
    let deep = format!(r#"{{"data":[{}{}]}}"#, "[".repeat(200_000), "]".repeat(200_000));
    assert_eq!(data(&body(&deep).unwrap()).map(|elements| elements.len()), Ok(1));
}
