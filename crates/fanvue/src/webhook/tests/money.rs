//! Amounts, currencies and times: exactly as told, or not at all.

use super::*;

/// A tip in dollars in which the field `name` has this text.
fn tip_with(name: &str, text: &str) -> String {
    let fields = [("gross", "1000"), ("net", "800"), ("currency", r#""USD""#)];
    let fields = fields.map(|(key, value)| {
        let value = if key == name { text } else { value };
        format!(r#""{key}":{value}"#)
    });
    payment(&format!(r#""source":"tip",{}"#, fields.join(",")))
}

#[test]
fn only_dollars_are_booked_and_any_other_currency_is_money_that_moved() {
    for text in [r#""USD""#, r#""usd""#, r#""Usd""#] {
        assert_eq!(sale_of(&tip_with("currency", text)).gross, Cents(1000));
    }
    for text in ["null", r#""BRL""#, r#""""#, r#""US$""#, r#""USDC""#, "840", "{}", r#"" USD""#] {
        assert_eq!(meaning_of(&tip_with("currency", text)), moved(), "{text}");
        let refund = format!(r#""id":"a","payment_id":"b","amount":1000,"currency":{text}"#);
        assert_eq!(meaning_of(&enveloped("creator.refund.created", &refund)), moved(), "{text}");
    }
    for missing in [
        payment(r#""source":"tip","gross":1000"#),
        payment(r#""source":"tip","gross":1000,"currency":"USD","currency":"USD""#),
        enveloped("tip.new", r#""price":1000"#),
        // In a currency that is not booked, nothing else is looked at.
        payment(r#""source":"tip","gross":10.5,"currency":"JPY""#),
    ] {
        assert_eq!(meaning_of(&missing), moved(), "{missing}");
    }
}

#[test]
fn amounts_are_exact_in_any_spelling_or_an_error_that_names_the_field() {
    for (text, want) in
        [("1", 1), ("1000.0", 1000), ("1e3", 1000), ("1000000000000", 1_000_000_000_000)]
    {
        assert_eq!(sale_of(&tip_with("gross", text)).gross, Cents(want), "{text}");
    }
    for (name, text, want) in [
        ("gross", "10.5", "gross has a fraction of a cent"),
        ("gross", "-1000", "gross is negative (sign)"),
        ("gross", "1000000000001", "gross is out of range"),
        ("gross", "1e999999999", "gross is out of range"),
        ("gross", r#""1000""#, "gross is not a number"),
        ("gross", "true", "gross is not a number"),
        ("gross", r#"1000,"gross":1000"#, "gross appears twice"),
        ("gross", r#"1000,"gros\u0073":1"#, "gross appears twice"),
        ("net", "0.5", "net has a fraction of a cent"),
        ("net", r#""800""#, "net is not a number"),
    ] {
        assert_eq!(read(&tip_with(name, text)).unwrap_err(), want, "{text}");
    }
    assert_eq!(meaning_of(&tip_with("gross", "null")), moved());
    for text in ["0", "-0.0", "0e9"] {
        assert_eq!(meaning_of(&tip_with("gross", text)), Meaning::Nothing, "{text}");
    }
    let tip = read_as(Some("tip.new"), &flat(r#""price":499.99"#));
    assert_eq!(tip.unwrap_err(), "price has a fraction of a cent");
}

#[test]
fn a_net_that_cannot_be_is_not_told() {
    for (text, want) in
        [("0", Some(0)), ("1000", Some(1000)), ("1001", None), ("-1", None), ("null", None)]
    {
        assert_eq!(sale_of(&tip_with("net", text)).net, want.map(Cents), "{text}");
    }
}

#[test]
fn a_reversal_is_a_magnitude_or_untold() {
    let amount = |text: &str| {
        let data = format!(r#""id":"a","payment_id":"b","amount":{text},"currency":"USD""#);
        read(&enveloped("creator.refund.created", &data)).map(|event| match event.meaning {
            Meaning::Reversal(reversal) => reversal.amount,
            Meaning::Nothing => Some(Cents::ZERO),
            other => panic!("{other:?}"),
        })
    };
    assert_eq!(amount("1000"), Ok(Some(Cents(1000))));
    assert_eq!(amount("null"), Ok(None));
    assert_eq!(amount("0"), Ok(Some(Cents::ZERO)));
    assert_eq!(amount("-1000"), Err("amount is negative (sign)".into()));
    assert_eq!(amount("10.5"), Err("amount has a fraction of a cent".into()));
}

#[test]
fn an_id_that_cannot_be_trusted_is_an_error_and_never_none() {
    let sale = r#""source":"tip","gross":5,"currency":"USD""#;
    let refund = r#""amount":5,"currency":"USD""#;
    for (topic, data, want) in [
        ("creator.payment.succeeded", format!(r#""id":1001,{sale}"#), "id is no plausible id"),
        ("creator.payment.succeeded", format!(r#""id":"~x~1",{sale}"#), "id is no plausible id"),
        ("creator.payment.succeeded", format!(r#""id":"a","id":"b",{sale}"#), "id appears twice"),
        (
            "creator.refund.created",
            format!(r#""payment_id":"a","paymentId":"a",{refund}"#),
            "payment_id appears twice",
        ),
        (
            "creator.refund.created",
            format!(r#""payment":{{"id":""}},{refund}"#),
            "payment.id is no plausible id",
        ),
    ] {
        assert_eq!(read(&enveloped(topic, &data)).unwrap_err(), want);
    }
}

#[test]
fn a_time_that_makes_no_sense_is_that_of_receipt() {
    let at_of = |text: &str| {
        let body = flat(r#""price":500,"context":"post""#).replace(&format!("\"{THEN}\""), text);
        let event = read(&body).unwrap();
        let Meaning::Sale(sale) = event.meaning else { panic!("{body}") };
        assert_eq!(sale.at, event.at);
        event.at
    };
    for text in [r#""2015-01-01T00:00:00Z""#, r#""2026-09-23T12:05:03.000Z""#] {
        assert_eq!(at_of(text), at(text.trim_matches('"')));
    }
    for text in [
        "null",
        "1790164800",
        "[]",
        r#""yesterday""#,
        r#""2026-09-23""#,
        r#""2014-12-31T23:59:59.999Z""#,
        r#""2026-09-23T12:05:03.001Z""#,
        r#""9999-12-30T00:00:00Z""#,
        r#""2026-09-23T12:00:00Z","timestamp":"2026-09-23T12:00:00Z""#,
    ] {
        assert_eq!(at_of(text), at(NOW), "{text}");
    }
    // A payment's own times go first, as far as they make sense.
    let of = |rest: &str| sale_of(&tip_with("net", &format!("800,{rest}"))).at;
    let created = r#""created_at":"2026-09-23T11:00:00Z""#;
    assert_eq!(of(&format!(r#""paid_at":null,{created}"#)), at("2026-09-23T11:00:00Z"));
    assert_eq!(
        of(&format!(r#""paid_at":"2027-01-01T00:00:00Z",{created}"#)),
        at("2026-09-23T11:00:00Z")
    );
    assert_eq!(of(r#""paid_at":"soon""#), at(THEN));
}
