//! The newer generation: `creator.*`, `checkout_link.*`, `payout.paid`, `app.payment.*`. Not amounts and
//! currencies, which `money` tests.

use super::*;

#[test]
fn a_payment_of_a_creator_is_read_whole() {
    let body = payment(&format!(
        r#""source":"message","gross":1000,"net":800,"currency":"USD","message_uuid":"{}",
           "post_uuid":null,"subscription":null,"created_at":"2026-09-23T11:59:00Z",
           "paid_at":"2026-09-23T11:59:30.5Z","tracking":{{"link_url":"x","metadata":{{}}}}"#,
        MESSAGE.to_uppercase(),
    ));
    let want = SaleEvent {
        family: Family::Creator,
        payment_id: OrderId::new("to_1001"),
        source: Source::Message,
        gross: Cents(1000),
        net: Some(Cents(800)),
        fan: Some(fan()),
        message_id: Some(MESSAGE.into()),
        post_id: None,
        at: at("2026-09-23T11:59:30.500Z"),
    };
    let event = read(&body).unwrap();
    assert_eq!((event.topic.as_str(), event.at), ("creator.payment.succeeded", at(THEN)));
    assert_eq!(event.creator, CreatorUuid::new(CREATOR));
    assert_eq!(event.meaning, Meaning::Sale(want.clone()));
    // The same in the other spelling.
    let camel = body
        .replace("message_uuid", "messageUuid")
        .replace("paid_at", "paidAt")
        .replace("display_name", "displayName");
    assert_eq!(meaning_of(&camel), Meaning::Sale(want));
}

#[test]
fn a_payment_without_what_is_optional_is_a_sale() {
    let data = r#""source":"tip","gross":1000,"currency":"usd""#;
    let sale = sale_of(&enveloped("creator.payment.succeeded", data));
    assert_eq!((sale.payment_id, sale.net, sale.fan, sale.at), (None, None, None, at(THEN)));
    for source in Source::ALL.into_iter().filter(|source| !source.is_reversal()) {
        let rest = format!(r#""source":"{}","gross":1,"currency":"USD""#, source.as_str());
        assert_eq!(sale_of(&payment(&rest)).source, source);
    }
}

#[test]
fn a_payment_that_is_not_clearly_one_is_money_that_moved() {
    let usd = r#""gross":1000,"currency":"USD""#;
    for body in [
        payment(usd),
        payment(&format!(r#""source":"lottery",{usd}"#)),
        payment(&format!(r#""source":7,{usd}"#)),
        payment(&format!(r#""source":"refund",{usd}"#)),
        payment(&format!(r#""source":"tip",{usd}"#)).replace("succeeded\",\n", "failed\",\n"),
        payment(&format!(r#""source":"tip","installment":{{"number":1,"of":3}},{usd}"#)),
    ] {
        assert_eq!(meaning_of(&body), moved(), "{body}");
    }
}

#[test]
fn a_checkout_is_a_sale_under_the_number_of_its_invoice() {
    let data = format!(
        r#""object":"payment","id":"FV-12345","status":"succeeded","billing_reason":"one_time",
           "gross":2000,"net":null,"fees":{{"fanvue_fee":null,"transaction_fee":null}},
           "currency":"USD","paid_in_full":true,"installment":null,"subscription":null,
           "transaction_id":"ch_1","created_at":null,"paid_at":null,
           "checkout_link":{{"uuid":"{POST}","name":"n"}},
           "purchaser":{{"uuid":"{FAN}","email":null}},"metadata":{{"gross":1}}"#
    );
    let sale = sale_of(&enveloped("checkout_link.payment.succeeded", &data));
    assert_eq!((sale.family, sale.source), (Family::Checkout, Source::CheckoutLink));
    assert_eq!((sale.payment_id, sale.gross), (OrderId::new("FV-12345"), Cents(2000)));
    assert_eq!((sale.fan, sale.net, sale.at), (Some(unnamed_fan()), None, at(THEN)));
    for topic in ["checkout_link.payment.pending", "checkout_link.payment.failed"] {
        assert_eq!(meaning_of(&enveloped(topic, &data)), Meaning::Nothing);
    }
}

#[test]
fn what_is_taken_back_names_its_sale_in_either_form() {
    let rest = r#""amount":1000,"currency":"USD","created_at":"2026-09-23T11:00:00Z""#;
    let purchaser = format!(r#""purchaser":{{"uuid":"{FAN}"}}"#);
    let flat = format!(r#""id":"to_1003","payment_id":"to_1001",{purchaser},{rest}"#);
    let nested = format!(r#""id":"to_1003","payment":{{"id":"to_1001",{purchaser}}},{rest}"#);
    for (topic, family, source) in [
        ("creator.refund.created", Family::Creator, Source::Refund),
        ("creator.dispute.created", Family::Creator, Source::Chargeback),
        ("checkout_link.refund.created", Family::Checkout, Source::Refund),
        ("checkout_link.dispute.created", Family::Checkout, Source::Chargeback),
        ("app.payment.refunded", Family::AppStore, Source::Refund),
    ] {
        let want = Meaning::Reversal(ReversalEvent {
            family,
            id: OrderId::new("to_1003"),
            payment_id: OrderId::new("to_1001"),
            source,
            amount: Some(Cents(1000)),
            fan: Some(unnamed_fan()),
            at: at("2026-09-23T11:00:00Z"),
        });
        for data in [&flat, &nested] {
            assert_eq!(meaning_of(&enveloped(topic, data)), want, "{topic} {data}");
        }
    }
}

#[test]
fn subscriptions_begin_go_on_and_end() {
    use SubscriptionChange::*;
    let ended_changed = |value| format!(r#""id":null,"cancel_at_period_end":{value}"#);
    for (topic, data, family, change) in [
        ("creator.subscription.activated", ended_changed(false), Family::Creator, Activated),
        ("creator.subscription.renewed", ended_changed(false), Family::Creator, Renewed),
        ("creator.subscription.deactivated", ended_changed(true), Family::Creator, Deactivated),
        (
            "creator.subscription.cancel_at_period_end_changed",
            ended_changed(true),
            Family::Creator,
            WillEnd,
        ),
        (
            "checkout_link.subscription.cancel_at_period_end_changed",
            ended_changed(false),
            Family::Checkout,
            WillGoOn,
        ),
        ("checkout_link.subscription.activated", ended_changed(false), Family::Checkout, Activated),
        (
            "checkout_link.subscription.deactivated",
            ended_changed(true),
            Family::Checkout,
            Deactivated,
        ),
    ] {
        let want = Meaning::Subscription { family, change };
        assert_eq!(meaning_of(&enveloped(topic, &data)), want, "{topic}");
    }
}

#[test]
fn messages_tell_how_many_are_unread() {
    let with = |rest: &str| {
        format!(
            r#""object":"message","uuid":"{MESSAGE}","sender":"fan","fan":{{"uuid":"{FAN}"}}{rest}"#
        )
    };
    let (told, untold) = (with(r#","unread_messages_count":3"#), with(""));
    let unread = |change| Meaning::Unread { fan: unnamed_fan(), change };
    for (topic, data, want) in [
        ("creator.message.received", &told, unread(UnreadChange::Set(3))),
        ("creator.message.received", &untold, unread(UnreadChange::Add(1))),
        ("creator.message.sent", &told, unread(UnreadChange::Set(3))),
        ("creator.message.sent", &untold, Meaning::Nothing),
        ("creator.message.deleted", &told, unread(UnreadChange::Set(3))),
        ("creator.message.deleted", &untold, Meaning::Nothing),
        ("creator.message.read", &told, unread(UnreadChange::Set(3))),
    ] {
        assert_eq!(meaning_of(&enveloped(topic, data)), want, "{topic}");
    }
}

#[test]
fn follows_and_payouts_are_told_and_the_rest_is_of_no_consequence() {
    let follow = format!(r#""follower":{{"uuid":"{FAN}","handle":"fan-one"}}"#);
    assert_eq!(meaning_of(&enveloped("creator.follow.created", &follow)), Meaning::Follow);
    let payout = r#""object":"payout","id":"FVW-12345","status":"paid","amount":5000,"currency":null,
        "fees":{"transaction_fee":1},"fx_rate":null,"paid_at":null"#;
    assert_eq!(meaning_of(&enveloped("payout.paid", payout)), Meaning::Payout);
    for topic in [
        "creator.dispute.flagged",
        "creator.post.liked",
        "creator.post.commented",
        "creator.fan.presence_changed",
        "creator.fan.status_changed",
        "checkout_link.dispute.flagged",
        "checkout_link.installment.paid",
        "checkout_link.installment.failed",
        "checkout_link.plan.completed",
    ] {
        let data = r#""amount":1000,"gross":1000,"currency":"USD""#;
        assert_eq!(meaning_of(&enveloped(topic, data)), Meaning::Nothing, "{topic}");
    }
}

#[test]
fn the_app_store_may_leave_out_the_creator_and_the_amount() {
    let body = |topic: &str, rest: &str| {
        format!(
            r#"{{"id":"e","type":"{topic}","timestamp":"{THEN}","data":{{"object":"payment",
                "purchase_reference":"appotp_1"{rest}}}}}"#
        )
    };
    let event = read(&body("app.payment.succeeded", "")).unwrap();
    assert_eq!((event.creator, event.meaning), (None, moved()));
    let event = read(&body("app.payment.refunded", "")).unwrap();
    assert_eq!((event.creator, event.meaning), (None, moved()));
    let rest = r#","id":"FV-7","gross":300,"net":210,"currency":"USD""#;
    let event = read(&body("app.payment.succeeded", rest)).unwrap();
    let Meaning::Sale(sale) = event.meaning else { panic!("{event:?}") };
    assert_eq!((sale.family, sale.source), (Family::AppStore, Source::AppStore));
    assert_eq!((sale.gross, sale.net), (Cents(300), Some(Cents(210))));
}
