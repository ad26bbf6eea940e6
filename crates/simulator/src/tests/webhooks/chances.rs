//! What goes wrong on the way, each switch by itself: delay, order, loss, copies, forgeries.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{World, body, is_signed, options, signature, strings};
use crate::Delivery;

const SALES: usize = 200;

/// A world where that switch is turned and many sales were made in one instant.
fn sold(change: Value) -> World {
    let world = World::new(options(2, 0));
    world.hook(change);
    world.sell(json!({"creator": world.creator(), "count": SALES, "source": "tip"}));
    world
}

/// How many deliveries each event has.
fn copies(due: &[Delivery]) -> Vec<usize> {
    let all: Vec<Value> = due.iter().map(body).collect();
    let events: BTreeSet<&str> = all.iter().map(|event| event["id"].as_str().unwrap()).collect();
    events.iter().map(|id| all.iter().filter(|event| event["id"] == **id).count()).collect()
}

#[test]
fn by_default_each_event_is_sent_once_at_once_and_in_order() {
    let world = sold(json!({}));
    let due = world.due();
    assert_eq!(copies(&due), [1; SALES]);
    let bodies: Vec<Value> = due.iter().map(body).collect();
    let rows = world.simulator.rows(world.creator(), world.now);
    let mut ids = strings(&bodies, "/data/id");
    ids.sort_unstable();
    let mut made: Vec<String> = rows.into_iter().map(|row| row.transaction_order_id).collect();
    made.sort_unstable();
    assert_eq!(ids, made);
    let tally = world.tally();
    assert_eq!((&tally["made"], &tally["sent"]), (&json!(SALES), &json!(SALES)));
    assert_eq!((&tally["inFlight"], &tally["pending"]), (&json!(SALES), &json!(0)));
}

#[test]
fn deliveries_wait_for_their_delay() {
    let mut world = sold(json!({"delayMsMin": 2000, "delayMsMax": 4000}));
    world.pass_seconds(1);
    assert_eq!(world.due().len(), 0);
    assert_eq!(world.tally()["pending"], SALES);
    world.pass_seconds(2);
    let early = world.due().len();
    assert!((1..SALES).contains(&early), "{early}");
    world.pass_seconds(1);
    assert_eq!(early + world.due().len(), SALES);
    let mut world = sold(json!({"delayMsMin": 2000, "delayMsMax": 2000}));
    assert_eq!(world.simulator.next_webhook_at(), Some(super::after_seconds(2)));
    world.pass_seconds(2);
    assert_eq!(world.due().len(), SALES);
}

#[test]
fn the_order_changes() {
    let order = |change: Value| {
        let mut world = World::new(options(2, 0));
        world.hook(change);
        let mut told = Vec::new();
        for _ in 0..20 {
            world.sell(json!({"creator": world.creator(), "source": "tip"}));
            told.extend(world.delivered());
            world.pass_seconds(1);
        }
        world.pass_seconds(60);
        told.extend(world.delivered());
        strings(&told, "/timestamp")
    };
    assert!(order(json!({})).is_sorted());
    let mixed = order(json!({"reorderMs": 30_000}));
    assert_eq!(mixed.len(), 20);
    assert!(!mixed.is_sorted());
}

#[test]
fn some_events_are_lost() {
    let world = sold(json!({"lossPercent": 30}));
    let (sent, tally) = (world.due().len(), world.tally());
    let lost = tally["lost"].as_u64().unwrap() as usize;
    assert!((30..90).contains(&lost), "{lost}");
    assert_eq!((sent + lost, &tally["made"]), (SALES, &json!(SALES)));
    assert_eq!(sold(json!({"lossPercent": 100})).due().len(), 0);
}

#[test]
fn some_events_come_twice() {
    let world = sold(json!({"duplicatePercent": 30}));
    let due = world.due();
    let twice = copies(&due).iter().filter(|copies| **copies == 2).count();
    assert!((30..90).contains(&twice), "{twice}");
    assert_eq!((due.len(), &world.tally()["duplicates"]), (SALES + twice, &json!(twice)));
    assert!(due.iter().all(|delivery| is_signed(delivery, "sim-webhook-secret")));
    assert_eq!(copies(&sold(json!({"duplicatePercent": 100})).due()), [2; SALES]);
    let both = sold(json!({"duplicatePercent": 100, "lossPercent": 30})).due();
    assert!(copies(&both).iter().all(|copies| *copies == 2), "lost is lost");
}

#[test]
fn forged_copies_come_beside_the_true_events() {
    let world = sold(json!({"badSignaturePercent": 30}));
    let (good, bad): (Vec<_>, Vec<_>) =
        world.due().into_iter().partition(|one| is_signed(one, "sim-webhook-secret"));
    assert_eq!(copies(&good), [1; SALES], "the true ones are all there");
    assert!((30..90).contains(&bad.len()), "{}", bad.len());
    for forged in &bad {
        let copy = body(forged);
        let event = good.iter().map(body).find(|event| event["id"] == copy["id"]).unwrap();
        for amount in ["gross", "net"] {
            let dear = event["data"][amount].as_i64().unwrap() * 10;
            assert_eq!(copy["data"][amount], json!(dear), "{amount}");
        }
        assert_eq!(signature(forged).1.len(), 64, "well-formed");
        world.answered(forged, Some(401));
    }
    let tally = world.tally();
    assert_eq!((&tally["forged"], &tally["forgedAccepted"]), (&json!(bad.len()), &json!(0)));
    assert_eq!((&tally["failed"], &tally["pending"]), (&json!(0), &json!(0)), "no retry");
    let world = sold(json!({"badSignaturePercent": 100}));
    let first = &world.due()[0];
    assert!(!is_signed(first, "sim-webhook-secret"), "the forgery is the first to come");
    world.answered(first, Some(200));
    assert_eq!(world.tally()["forgedAccepted"], 1);
}

#[test]
fn turning_one_switch_leaves_the_luck_of_the_others() {
    let lost = |change: Value| {
        let mut bodies: Vec<Value> = sold(change).due().iter().map(body).collect();
        bodies.dedup();
        strings(&bodies, "/id").into_iter().collect::<BTreeSet<_>>()
    };
    let alone = lost(json!({"lossPercent": 30}));
    assert_eq!(alone, lost(json!({"lossPercent": 30, "duplicatePercent": 30})));
}
