//! The same delivery again, and another.

use super::*;

fn key(body: &str, header: Option<&str>) -> String {
    event_key(body.as_bytes(), header).to_string()
}

fn is_by_body(body: &str, header: Option<&str>) -> bool {
    key(body, header).starts_with("body:")
}

#[test]
fn the_envelopes_id_goes_before_the_headers_and_that_before_an_older_bodys() {
    let body = enveloped("tip.new", r#""price":5"#);
    for header in [None, Some("h-1"), Some("ev-1")] {
        assert_eq!(key(&body, header), "id:ev-1");
    }
    for older in [r#"{"eventId":"ev-7"}"#, r#"{"event_id":"ev-7"}"#] {
        assert_eq!(key(older, Some("h-1")), "header:h-1");
        assert_eq!(key(older, None), "id:ev-7");
    }
    assert_eq!(key(&flat(""), Some("h-1")), "header:h-1");
    // From Python: hashlib.sha256(b'{"a":1}').hexdigest()
    let digest = "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862";
    assert_eq!(key(r#"{"a":1}"#, None), format!("body:{digest}"));
}

#[test]
fn an_id_that_cannot_be_trusted_is_none() {
    let longest = "x".repeat(200);
    assert_eq!(key(&format!(r#"{{"id":"{longest}"}}"#), None), format!("id:{longest}"));
    assert_eq!(key("{}", Some(&longest)), format!("header:{longest}"));
    for id in ["", "  ", "é", r"a\u0000b", r"a\nb", r"\ud800", "\u{202e}ev", &"x".repeat(201)] {
        let body = format!(r#"{{"id":"{id}"}}"#);
        assert!(is_by_body(&body, None), "{id}");
        assert_eq!(key(&body, Some("h-1")), "header:h-1");
    }
    for header in ["", " ", "é", "a\nb", &"x".repeat(201)] {
        assert!(is_by_body("{}", Some(header)), "{header}");
    }
    for body in [
        r#"{"id":7}"#,
        r#"{"id":null}"#,
        r#"{"id":["ev-1"]}"#,
        r#"{"id":"ev-1","id":"ev-1"}"#,
        r#"{"id":"ev-1","\u0069d":"ev-2"}"#,
        r#"[{"id":"ev-1"}]"#,
        r#""id""#,
        r#"{"id":"ev-1""#,
        r#"{"data":{"id":"ev-1"}}"#,
        "",
    ] {
        assert!(is_by_body(body, None), "{body}");
        assert_eq!(key(body, Some("h-1")), "header:h-1", "{body}");
    }
}

#[test]
fn reads_of_messages_share_ids_and_are_known_by_their_bodies() {
    let body = |count| {
        let data = format!(r#""fan":{{"uuid":"{FAN}"}},"unread_messages_count":{count}"#);
        enveloped("creator.message.read", &data)
    };
    for header in [None, Some("h-1")] {
        assert!(is_by_body(&body(1), header));
        assert_eq!(key(&body(1), header), key(&body(1), None));
        assert_ne!(key(&body(1), header), key(&body(2), header));
    }
    assert!(is_by_body(&body(1).replace("read\"", "re\\u0061d \""), None));
}

#[test]
fn bytes_that_are_no_text_have_a_key_too() {
    let key = |body: &[u8]| event_key(body, None).to_string();
    assert!(key(b"\xff\xfe").starts_with("body:"));
    assert!(key(b"{\"id\":\"a\xffb\"}").starts_with("body:"));
    assert_ne!(key(b"{\"id\":\"a\xffb\"}"), key(b"{\"id\":\"a\xfeb\"}"));
    assert_eq!(key(b"{\"id\":\"ev-1\",\"name\":\"\xff\"}"), "id:ev-1");
}
