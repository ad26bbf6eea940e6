//! Deliveries of every family, and everything that can be wrong with one. Not their signatures.

use super::*;
use crate::testkit::at;

mod enveloped;
mod hostile;
mod key;
mod legacy;
mod money;
mod topic;

const FAN: &str = "11111111-1111-4111-8111-111111111111";
const CREATOR: &str = "22222222-2222-4222-8222-222222222222";
const MESSAGE: &str = "0b9c0c6e-3d5b-4a53-9b0e-2f6f3b9a1001";
const POST: &str = "0b9c0c6e-3d5b-4a53-9b0e-2f6f3b9a1002";
/// When the deliveries are received, and when what they tell happened.
const NOW: &str = "2026-09-23T12:00:03.000Z";
const THEN: &str = "2026-09-23T12:00:00.123Z";

/// A flat body with what all of them have, and `rest`.
fn flat(rest: &str) -> String {
    let comma = if rest.is_empty() { "" } else { "," };
    format!(
        r#"{{"recipientUuid":"{CREATOR}","timestamp":"{THEN}","sender":{{"uuid":"{FAN}",
            "handle":"fan-one","displayName":"Fan One","avatarUrl":null}}{comma}{rest}}}"#
    )
}

/// An envelope around `data`, to which the creator is added.
fn enveloped(topic: &str, data: &str) -> String {
    format!(
        r#"{{"id":"ev-1","type":"{topic}","timestamp":"{THEN}",
            "data":{{"creator":{{"uuid":"{CREATOR}"}},{data}}}}}"#
    )
}

/// A payment to a creator in dollars, with `rest`.
fn payment(rest: &str) -> String {
    let data = format!(
        r#""object":"payment","id":"to_1001","status":"succeeded",
           "purchaser":{{"uuid":"{FAN}","handle":"fan-one","display_name":"Fan One","email":"x@y.z"}},
           {rest}"#
    );
    enveloped("creator.payment.succeeded", &data)
}

fn read(body: &str) -> Result<Event, String> {
    read_as(None, body)
}

fn read_as(header: Option<&str>, body: &str) -> Result<Event, String> {
    read_event(body.as_bytes(), header, at(NOW)).map_err(|error| error.to_string())
}

fn meaning_of(body: &str) -> Meaning {
    let event = read(body).unwrap();
    assert_eq!(event.creator, CreatorUuid::new(CREATOR), "{body}");
    event.meaning
}

fn sale_of(body: &str) -> SaleEvent {
    match meaning_of(body) {
        Meaning::Sale(sale) => sale,
        other => panic!("{other:?} of {body}"),
    }
}

fn moved() -> Meaning {
    Meaning::MoneyMoved { at: at(THEN) }
}

fn fan() -> Fan {
    Fan { id: FAN.into(), handle: Some("fan-one".into()), display_name: Some("Fan One".into()) }
}

fn unnamed_fan() -> Fan {
    Fan { id: FAN.into(), handle: None, display_name: None }
}
