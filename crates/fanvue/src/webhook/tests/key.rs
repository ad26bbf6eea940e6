//! The same delivery again, and another.

use super::*;

fn key(body: &str) -> String {
    event_key(body.as_bytes()).to_string()
}

fn is_by_body(body: &str) -> bool {
    key(body).starts_with("body:")
}

#[test]
fn the_envelopes_id_goes_first_then_an_older_bodys() {
    assert_eq!(key(&enveloped("tip.new", r#""price":5"#)), "id:ev-1");
    for older in [r#"{"eventId":"ev-7"}"#, r#"{"event_id":"ev-7"}"#] {
        assert_eq!(key(older), "id:ev-7");
    }
    // From Python: hashlib.sha256(b'{"a":1}').hexdigest()
    let digest = "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862";
    assert_eq!(key(r#"{"a":1}"#), format!("body:{digest}"));
}

#[test]
fn an_id_that_cannot_be_trusted_is_none() {
    let longest = "x".repeat(200);
    let told = |id: &str| format!(r#"{{"data":{{}},"id":"{id}"}}"#);
    assert_eq!(key(&told(&longest)), format!("id:{longest}"));
    for id in ["", "  ", "é", r"a\u0000b", r"a\nb", r"\ud800", "\u{202e}ev", &"x".repeat(201)] {
        assert!(is_by_body(&told(id)), "{id}");
    }
    for body in [
        r#"{"data":{},"id":7}"#,
        r#"{"data":{},"id":null}"#,
        r#"{"data":{},"id":["ev-1"]}"#,
        r#"{"data":{},"id":"ev-1","id":"ev-1"}"#,
        r#"{"data":{},"id":"ev-1","\u0069d":"ev-2"}"#,
        r#"[{"id":"ev-1"}]"#,
        r#""id""#,
        r#"{"id":"ev-1""#,
        r#"{"data":{"id":"ev-1"}}"#,
        // Of an older body it is no event's: many may name it.
        r#"{"id":"ev-1","price":500}"#,
        "",
    ] {
        assert!(is_by_body(body), "{body}");
    }
}

#[test]
fn reads_of_messages_share_ids_and_are_known_by_their_bodies() {
    let body = |count| {
        let data = format!(r#""fan":{{"uuid":"{FAN}"}},"unread_messages_count":{count}"#);
        enveloped("creator.message.read", &data)
    };
    assert!(is_by_body(&body(1)));
    assert_ne!(key(&body(1)), key(&body(2)));
    assert!(is_by_body(&body(1).replace("read\"", "re\\u0061d \"")));
}

#[test]
fn bytes_that_are_no_text_have_a_key_too() {
    let key = |body: &[u8]| event_key(body).to_string();
    assert!(key(b"\xff\xfe").starts_with("body:"));
    assert!(key(b"{\"data\":1,\"id\":\"a\xffb\"}").starts_with("body:"));
    assert_ne!(key(b"{\"data\":1,\"id\":\"a\xffb\"}"), key(b"{\"data\":1,\"id\":\"a\xfeb\"}"));
    assert_eq!(key(b"{\"id\":\"ev-1\",\"data\":\"\xff\"}"), "id:ev-1");
}
