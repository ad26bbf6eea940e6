//! Who says what a body is about, and what becomes of one that nobody understands.

use super::*;

#[test]
fn the_bodys_word_is_signed_and_goes_before_the_headers() {
    let body = payment(r#""source":"tip","gross":5,"currency":"USD""#);
    for header in [None, Some("follow.new"), Some("creator.payment.succeeded"), Some("new.thing")] {
        let event = read_as(header, &body).unwrap();
        assert_eq!(event.topic, "creator.payment.succeeded");
        assert!(matches!(event.meaning, Meaning::Sale(_)));
    }
    // A header is anybody's: it doesn't turn a word of the body into another, nor a tip into a post.
    let odd = flat(r#""price":500,"type":"media""#);
    let event = read_as(Some("tip.new"), &odd).unwrap();
    assert_eq!((event.topic.as_str(), event.meaning), ("media", Meaning::Unknown));
    let tip = flat(r#""price":500,"context":"post""#);
    for header in [None, Some("purchase.new"), Some("tip.received"), Some("x")] {
        let event = read_as(header, &tip).unwrap();
        assert!(matches!(event.meaning, Meaning::Sale(sale) if sale.source == Source::Tip));
    }
    let nameless = body.replace(r#""type":"creator.payment.succeeded","#, "");
    let header = Some("creator.refund.created");
    assert_eq!(read_as(header, &nameless).unwrap_err(), "type is missing");
}

#[test]
fn an_unknown_topic_is_told_with_what_can_be_read() {
    let event = read(&enveloped("creator.zodiac.changed", r#""gross":1.5"#)).unwrap();
    assert_eq!((event.topic.as_str(), event.at), ("creator.zodiac.changed", at(THEN)));
    assert_eq!(event.creator, CreatorUuid::new(CREATOR));
    assert_eq!(event.meaning, Meaning::Unknown);
    for body in [
        r#"{"type":"new","data":7}"#,
        r#"{"type":"new","data":{},"data":{}}"#,
        r#"{"type":"new","data":{"creator":"me"},"timestamp":7}"#,
        "{}",
        r#"{"price":500,"sender":{}}"#,
    ] {
        let event = read(body).unwrap();
        assert_eq!((event.at, event.creator), (at(NOW), None), "{body}");
        assert_eq!(event.meaning, Meaning::Unknown, "{body}");
    }
}

#[test]
fn a_topic_is_cleaned_and_never_becomes_a_known_one_by_it() {
    for (text, want) in [
        (r"tip.new\u0000", "tip.new?"),
        (r"tip\u00ad.new", "tip?.new"),
        (r"  tip.new\n", "tip.new"),
        ("Tip.New", "Tip.New"),
        ("", ""),
        ("x", "x"),
    ] {
        let event = read(&format!(r#"{{"type":"{text}","recipientUuid":"{CREATOR}"}}"#)).unwrap();
        assert_eq!(event.topic, want);
        assert_eq!(event.meaning == Meaning::Unknown, want != "tip.new", "{text}");
    }
    let long = read(&format!(r#"{{"type":"{}"}}"#, "é".repeat(500))).unwrap().topic;
    assert_eq!(long, "?".repeat(TOPIC_CHARS_MAX));
    assert_eq!(read_as(Some("a\u{7f}b"), "{}").unwrap().topic, "a?b");
}

#[test]
fn what_cannot_be_understood_says_which_field_and_no_value() {
    let unread = format!(r#""fan":{{"uuid":"{FAN}"}},"unread_messages_count""#);
    for (body, want) in [
        (String::new(), "an empty body"),
        ("<html>".into(), "HTML instead of JSON"),
        ("tip".into(), "not JSON"),
        (r#"{"type":"#.into(), "JSON that breaks off"),
        ("[]".into(), "JSON, but not an object"),
        ("null".into(), "JSON, but not an object"),
        (r#"{"type":"a","type":"b"}"#.into(), "type appears twice"),
        (r#"{"type":7}"#.into(), "type is not text"),
        (r#"{"type":"payout.paid"}"#.into(), "data is missing"),
        (r#"{"type":"payout.paid","data":null}"#.into(), "data is missing"),
        (r#"{"type":"payout.paid","data":[]}"#.into(), "data is no object"),
        (r#"{"type":"payout.paid","data":{},"data":{}}"#.into(), "data appears twice"),
        (r#"{"type":"payout.paid","data":{}}"#.into(), "creator.uuid is missing or no uuid"),
        (
            flat(r#""price":5"#).replace(CREATOR, "secret-creator"),
            "recipientUuid is missing or no uuid",
        ),
        (
            enveloped("creator.message.read", &format!("{unread}:-1")),
            "unread_messages_count is no count",
        ),
        (
            enveloped("creator.message.read", &format!("{unread}:1.5")),
            "unread_messages_count is no count",
        ),
        (
            enveloped("creator.message.read", &format!("{unread}:null")),
            "unread_messages_count is missing",
        ),
        (
            enveloped("creator.message.read", r#""fan":{"uuid":"ada"},"unread_messages_count":1"#),
            "the fan's uuid is missing",
        ),
        (
            enveloped("creator.subscription.cancel_at_period_end_changed", r#""id":1"#),
            "cancel_at_period_end is missing or no boolean",
        ),
    ] {
        assert_eq!(read(&body).unwrap_err(), want, "{body}");
    }
}

#[test]
fn no_fans_data_is_printed() {
    let sale = payment(r#""source":"tip","gross":5,"currency":"USD""#);
    let message = flat(r#""message":{"text":"a secret"}"#);
    for body in [sale, message] {
        let shown = format!("{:?}", read(&body).unwrap());
        for personal in [FAN, "fan-one", "Fan One", "x@y.z", "secret"] {
            assert!(!shown.contains(personal), "{shown}");
        }
    }
}
