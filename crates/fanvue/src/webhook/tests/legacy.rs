//! The older generation: flat bodies whose topic stands in a header, if anywhere.

use super::*;

fn legacy(source: Source, gross: i64) -> SaleEvent {
    SaleEvent {
        family: Family::Legacy,
        payment_id: None,
        source,
        gross: Cents(gross),
        net: None,
        fan: Some(fan()),
        message_id: None,
        post_id: None,
        at: at(THEN),
    }
}

#[test]
fn sales_are_told_apart_by_their_keys_and_by_their_topic_alike() {
    let message = Some(MESSAGE.to_owned());
    let post = Some(POST.to_owned());
    for (topic, body, want) in [
        ("subscription.new", flat(r#""price":1299"#), legacy(Source::Subscription, 1299)),
        (
            "purchase.new",
            flat(&format!(r#""postUuid":"{POST}","price":2499"#)),
            SaleEvent { post_id: post.clone(), ..legacy(Source::Post, 2499) },
        ),
        (
            "purchase.new",
            flat(&format!(r#""routeUuid":"{MESSAGE}","postUuid":null,"price":1999"#)),
            SaleEvent { message_id: message.clone(), ..legacy(Source::Message, 1999) },
        ),
        (
            "purchase.new",
            flat(
                r#""purchaseType":"media","price":999,"transactionOrderId":"to_1001",
                   "transactionOrderStatus":"pendingBalance","eventId":"ev-7""#,
            ),
            SaleEvent { payment_id: OrderId::new("to_1001"), ..legacy(Source::MediaLink, 999) },
        ),
        (
            "tip.new",
            flat(&format!(
                r#""context":"post","postUuid":"{POST}","senderUuid":"{FAN}","price":500"#
            )),
            SaleEvent { post_id: post, ..legacy(Source::Tip, 500) },
        ),
        (
            "tip.new",
            flat(&format!(
                r#""context":"message","messageUuid":"{MESSAGE}","senderUuid":"{FAN}","price":1000"#
            )),
            SaleEvent { message_id: message, ..legacy(Source::Tip, 1000) },
        ),
    ] {
        for header in [None, Some(topic), Some("")] {
            let event = read_as(header, &body).unwrap();
            assert_eq!((event.topic.as_str(), event.at), (topic, at(THEN)), "{body}");
            assert_eq!(event.creator, CreatorUuid::new(CREATOR));
            assert_eq!(event.meaning, Meaning::Sale(want.clone()), "{body}");
        }
    }
}

#[test]
fn a_sender_may_be_a_uuid_alone() {
    let body = format!(
        r#"{{"context":"post","recipient_uuid":"{}","sender_uuid":"{FAN}","price":500,
            "counterpart_uuid":null,"timestamp":"{THEN}"}}"#,
        CREATOR.to_uppercase(),
    );
    let event = read_as(Some("tip.new"), &body).unwrap();
    assert_eq!(event.creator, CreatorUuid::new(CREATOR));
    let want = SaleEvent { fan: Some(unnamed_fan()), ..legacy(Source::Tip, 500) };
    assert_eq!(event.meaning, Meaning::Sale(want));
}

#[test]
fn a_purchase_of_no_kind_we_know_is_money_that_moved() {
    for rest in [
        r#""price":999,"purchaseType":"yacht""#.to_owned(),
        format!(r#""price":999,"routeUuid":"{MESSAGE}","postUuid":"{POST}""#),
    ] {
        let event = read_as(Some("purchase.new"), &flat(&rest)).unwrap();
        assert_eq!(event.meaning, moved(), "{rest}");
    }
}

#[test]
fn a_price_is_dollars_unless_the_body_says_otherwise() {
    for (rest, is_sale) in [
        (r#""price":500,"context":"post","currency":null"#, true),
        (r#""price":500,"context":"post","currency":"usd""#, true),
        (r#""price":500,"context":"post","currency":"EUR""#, false),
        (r#""price":500,"context":"post","currency":840"#, false),
        (r#""price":null,"context":"post""#, false),
    ] {
        let meaning = read_as(Some("tip.new"), &flat(rest)).unwrap().meaning;
        assert_eq!(matches!(meaning, Meaning::Sale(_)), is_sale, "{rest}");
        assert!(is_sale || meaning == moved(), "{rest}");
    }
}

#[test]
fn a_free_subscription_is_a_subscription_and_any_other_gift_nothing() {
    let change = SubscriptionChange::Activated;
    let began = Meaning::Subscription { family: Family::Legacy, change };
    assert_eq!(meaning_of(&flat(r#""price":0"#)), began);
    assert_eq!(meaning_of(&flat(r#""price":0,"context":"post""#)), Meaning::Nothing);
}

#[test]
fn follows_messages_and_the_end_of_a_connection() {
    let message = format!(
        r#""message":{{"uuid":"{MESSAGE}","text":"hi","hasMedia":false,"price":900}},
           "messageUuid":"{MESSAGE}","isMuted":false"#
    );
    let read_some = format!(
        r#"{{"counterpartUuid":"{FAN}","readMessagesCount":5,"recipientUuid":"{CREATOR}",
            "timestamp":"{THEN}"}}"#
    );
    for (topic, body, want) in [
        ("follow.new", flat(""), Meaning::Follow),
        (
            "message.received",
            flat(&message),
            Meaning::Unread { fan: fan(), change: UnreadChange::Add(1) },
        ),
        (
            "message.read",
            read_some,
            Meaning::Unread { fan: unnamed_fan(), change: UnreadChange::Subtract(5) },
        ),
    ] {
        for header in [None, Some(topic)] {
            let event = read_as(header, &body).unwrap();
            assert_eq!((event.topic.as_str(), event.meaning), (topic, want.clone()));
            assert_eq!((event.creator, event.at), (CreatorUuid::new(CREATOR), at(THEN)));
        }
    }
    for body in ["{}", r#"{"recipientUuid":"x"}"#] {
        let event = read_as(Some("creator.logout"), body).unwrap();
        assert_eq!((event.meaning, event.creator), (Meaning::LoggedOut, None), "{body}");
    }
}
