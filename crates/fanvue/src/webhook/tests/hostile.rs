//! Anything at all: nothing panics, keys are total and stable, and no sale has an amount that its body
//! does not have.

use proptest::{prelude::*, sample::Index};
use serde_json::Value;

use super::*;

const TOPICS: [&str; 16] = [
    "tip.new",
    "purchase.new",
    "subscription.new",
    "message.received",
    "message.read",
    "follow.new",
    "creator.logout",
    "creator.payment.succeeded",
    "creator.refund.created",
    "creator.dispute.created",
    "creator.message.read",
    "creator.subscription.cancel_at_period_end_changed",
    "checkout_link.payment.succeeded",
    "app.payment.succeeded",
    "app.payment.refunded",
    "new.topic",
];

/// What must hold of every delivery; the fuzz target `webhook_body` asks the same.
fn check(body: &[u8], topic: Option<&str>) {
    let key = event_key(body);
    assert_eq!(key, event_key(body));
    assert!(key.as_str().len() <= 207 && key.as_str().bytes().all(|b| (b' '..=b'~').contains(&b)));
    let Ok(event) = read_event(body, topic, at(NOW)) else { return };
    assert!(event.topic.len() <= TOPIC_CHARS_MAX);
    assert!(event.at <= at(NOW) + jiff::SignedDuration::from_mins(5));
    match event.meaning {
        Meaning::Sale(sale) => {
            let field = if sale.family == Family::Legacy { "price" } else { "gross" };
            if let Some(amount) = amount(body, field) {
                assert_eq!(i128::from(sale.gross.0), amount, "{sale:?}");
            }
            assert!(sale.gross > Cents::ZERO && !sale.source.is_reversal());
            assert!(sale.net.is_none_or(|net| (Cents::ZERO..=sale.gross).contains(&net)));
            assert!(event.creator.is_some() || sale.family == Family::AppStore);
        }
        Meaning::Reversal(reversal) => {
            assert!(reversal.source.is_reversal());
            assert!(reversal.amount.is_none_or(|amount| amount > Cents::ZERO));
        }
        _ => {}
    }
}

/// The amount as another parser finds it, unless that one finds fault with something else.
fn amount(body: &[u8], field: &str) -> Option<i128> {
    let value: Value = serde_json::from_str(&String::from_utf8_lossy(body)).ok()?;
    let number = if value["data"].is_null() { &value[field] } else { &value["data"][field] };
    let exact = number.as_i64().map(i128::from);
    Some(exact.unwrap_or_else(|| number.as_f64().map_or(-1, |number| number as i128)))
}

fn valid() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        flat(r#""price":1299"#),
        flat(&format!(r#""price":1999,"routeUuid":"{MESSAGE}","eventId":"ev-7""#)),
        flat(&format!(r#""price":500,"context":"post","postUuid":"{POST}""#)),
        flat(r#""price":999.0,"purchaseType":"media","transactionOrderId":"to_1001""#),
        payment(r#""source":"tip","gross":1000,"net":800,"currency":"USD""#),
        payment(r#""source":"renewal","gross":1e3,"net":null,"currency":"usd","paid_at":null"#),
        enveloped(
            "checkout_link.payment.succeeded",
            r#""id":"FV-1","gross":2500,"net":2000,"currency":"USD","installment":null"#,
        ),
        enveloped("creator.refund.created", r#""id":"a","amount":1000,"currency":"USD""#),
    ])
}

/// One change of a body: after a byte of these, or anywhere, so much is cut out and this put in.
#[derive(Clone, Debug)]
struct Change {
    after: &'static [u8],
    at: Index,
    cut: usize,
    insert: String,
}

fn change() -> impl Strategy<Value = Change> {
    let keys = ["price", "gross", "gr\\u006fss", "net", "currency", "type", "data"];
    let values = ["7", "7", "7.5", "-1", "null", r#""BRL""#, r#""tip.new""#, "{}"];
    let field = (prop::sample::select(keys.to_vec()), prop::sample::select(values.to_vec()));
    prop_oneof![
        // Any bytes anywhere; other digits and signs in a number; another field before a field.
        (Just(b"".as_slice()), any::<Index>(), 0..30_usize, "\\PC{0,3}"),
        (Just(b":0123456789".as_slice()), any::<Index>(), 0..2_usize, "[0-9.eE+-]{0,2}"),
        (
            Just(b"{,".as_slice()),
            any::<Index>(),
            Just(0),
            field.prop_map(|(key, value)| format!(r#""{key}":{value},"#)),
        ),
    ]
    .prop_map(|(after, at, cut, insert)| Change { after, at, cut, insert })
}

fn apply(body: &mut Vec<u8>, change: &Change) {
    let fits = |byte: &u8| change.after.is_empty() || change.after.contains(byte);
    let places: Vec<_> = (0..body.len()).filter(|&place| fits(&body[place])).collect();
    if !places.is_empty() {
        let from = places[change.at.index(places.len())] + usize::from(!change.after.is_empty());
        let to = (from + change.cut).min(body.len());
        drop(body.splice(from..to, change.insert.bytes()));
    }
}

/// Any JSON, leaning towards the keys and values that events have.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just(format!("\"{FAN}\"")),
        Just(format!("\"{THEN}\"")),
        Just("\"USD\"".to_owned()),
        prop::sample::select(TOPICS.to_vec()).prop_map(|topic| format!("\"{topic}\"")),
        any::<i64>().prop_map(|number| number.to_string()),
        "-?(0|[1-9][0-9]{0,5})(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,12})?",
        "\"[a-z0-9\\-~ ü€]{0,40}\"",
    ];
    let key = prop::sample::select(vec![
        "id",
        "type",
        "timestamp",
        "data",
        "creator",
        "uuid",
        "recipientUuid",
        "sender",
        "price",
        "gross",
        "net",
        "currency",
        "source",
        "amount",
        "payment",
        "payment_id",
        "context",
        "fan",
        "message",
        "unread_messages_count",
        "eventId",
        "postUuid",
        "routeUuid",
        "new",
    ]);
    leaf.prop_recursive(4, 64, 10, move |inner| {
        let fields = prop::collection::vec((key.clone(), inner.clone()), 0..10);
        let object = fields.prop_map(|fields| {
            let fields: Vec<_> = fields.iter().map(|(k, v)| format!("\"{k}\":{v}")).collect();
            format!("{{{}}}", fields.join(","))
        });
        let array = prop::collection::vec(inner, 0..4);
        prop_oneof![4 => object, 1 => array.prop_map(|items| format!("[{}]", items.join(",")))]
    })
}

fn topic() -> impl Strategy<Value = Option<&'static str>> {
    prop::option::of(prop::sample::select(TOPICS.to_vec()))
}

proptest! {
    #[test]
    fn no_bytes_panic(
        body in prop::collection::vec(any::<u8>(), 0..300),
        topic in prop::option::of(".{0,100}"),
    ) {
        check(&body, topic.as_deref());
    }

    #[test]
    fn no_json_panics(body in json(), topic in topic()) {
        check(body.as_bytes(), topic);
    }

    #[test]
    fn a_changed_body_is_never_a_sale_of_another_amount(
        body in valid(),
        changes in prop::collection::vec(change(), 0..4),
        topic in topic(),
    ) {
        let mut body = body.into_bytes();
        changes.iter().for_each(|change| apply(&mut body, change));
        check(&body, None);
        check(&body, topic);
    }

    #[test]
    fn what_a_body_says_is_what_is_read(
        gross in 1..=Cents::MAX.0,
        kept_per_mille in 0..=1000_i64,
        ms in 1_420_070_400_000..1_790_164_800_000_i64,
    ) {
        let net = gross / 1000 * kept_per_mille;
        let paid_at = jiff::Timestamp::from_millisecond(ms).unwrap();
        let sale = sale_of(&payment(&format!(
            r#""source":"tip","gross":{gross},"net":{net}.00,"currency":"USD","paid_at":"{paid_at}""#
        )));
        prop_assert_eq!((sale.gross, sale.net, sale.at), (Cents(gross), Some(Cents(net)), paid_at));
    }

    #[test]
    fn a_key_is_its_bodys_alone(body in prop::collection::vec(any::<u8>(), 0..300), bit in any::<Index>()) {
        let key = event_key(&body);
        let mut other = body.clone();
        other.push(b' ');
        prop_assert_ne!(&key, &event_key(&other));
        if !body.is_empty() {
            let bit = bit.index(body.len() * 8);
            other = body;
            other[bit / 8] ^= 1 << (bit % 8);
            prop_assert_ne!(key, event_key(&other));
        }
    }
}

#[test]
fn depth_and_length_cost_no_stack_and_no_panic() {
    for body in [
        format!(
            r#"{{"type":"payout.paid","data":{}{}}}"#,
            "[".repeat(200_000),
            "]".repeat(200_000)
        ),
        format!(r#"{{"data":{}1{}}}"#, r#"{"data":"#.repeat(100_000), "}".repeat(100_000)),
        format!("{{{}\"a\":1}}", "\"price\":1,".repeat(100_000)),
        "{".repeat(200_000),
        format!(r#"{{"type":"{}"}}"#, "t".repeat(1_000_000)),
        payment(&format!(r#""source":"tip","currency":"USD","gross":{}"#, "9".repeat(500_000))),
    ] {
        check(body.as_bytes(), Some("tip.new"));
    }
}
