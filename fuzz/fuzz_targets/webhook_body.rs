//! Any body under any topic: nothing panics, its key is stable, and its money makes sense.

#![no_main]

use fanvue::webhook::{Event, Family, Meaning, TOPIC_CHARS_MAX, event_key, read_event};
use jiff::{SignedDuration, Timestamp};
use libfuzzer_sys::fuzz_target;

/// A body names its own topic, or the header does. These are the topics of bodies that don't.
const HEADERS: [Option<&str>; 8] = [
    None,
    Some("tip.new"),
    Some("purchase.new"),
    Some("subscription.new"),
    Some("message.received"),
    Some("message.read"),
    Some("creator.payment.succeeded"),
    Some("creator.refund.created"),
];

fuzz_target!(|body: &[u8]| {
    let received_at = Timestamp::from_second(1_790_164_803).unwrap();
    let key = event_key(body);
    assert_eq!(key, event_key(body));
    assert!(key.as_str().len() <= 207 && key.as_str().bytes().all(|b| (b' '..=b'~').contains(&b)));
    for header in HEADERS {
        if let Ok(event) = read_event(body, header, received_at) {
            check(&event, received_at);
        }
    }
});

fn check(event: &Event, received_at: Timestamp) {
    assert!(event.topic.len() <= TOPIC_CHARS_MAX);
    assert!(event.at <= received_at + SignedDuration::from_mins(5));
    match &event.meaning {
        Meaning::Sale(sale) => {
            assert!(sale.gross.0 > 0 && !sale.source.is_reversal());
            assert!(sale.net.is_none_or(|net| (0..=sale.gross.0).contains(&net.0)));
            assert!(event.creator.is_some() || sale.family == Family::AppStore);
        }
        Meaning::Reversal(reversal) => {
            assert!(reversal.source.is_reversal());
            assert!(reversal.amount.is_none_or(|amount| amount.0 > 0));
        }
        _ => {}
    }
}
