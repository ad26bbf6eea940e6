//! What a webhook tells of money: shown at once, replaced by its row, never doubled.

use serde_json::json;
use simulator::{NewEvent, NewRefund, NewSale};

use super::World;

const HOUR: i64 = 3600;

/// Ids or none on either side: each pair of generations, and both families at once.
const WAYS: [(&str, &str); 6] = [
    ("v1", "creator"),
    ("g1", "creator"),
    ("g2", "legacy"),
    ("g1", "legacy"),
    ("v1", "both"),
    ("g1b", "both"),
];

#[tokio::test]
async fn a_sale_is_shown_at_once_and_its_row_replaces_it_in_whatever_order_they_come() {
    for (rows, family) in WAYS {
        for feed_first in [false, true] {
            let (world, creator) = World::told(json!({"family": family})).await;
            world.settings(json!({"rows": rows}));
            let before = world.shown().await.0;
            for gross in [500, 500, 1999] {
                world.sell_as(NewSale {
                    gross_cents: Some(gross),
                    source: Some("tip".into()),
                    fan: Some("bea".into()),
                    currency: Some("USD".into()),
                    ..NewSale::of(creator)
                });
            }
            let way = format!("rows {rows}, family {family}, feed first {feed_first}");
            world.advance(1);
            if feed_first {
                world.tick().await;
                assert_eq!(world.shown().await, (before + 2999, 0, 0), "{way}");
                world.deliver().await;
            } else {
                world.deliver().await;
                assert_eq!(world.shown().await, (before + 2999, 2999, 3), "{way}");
                let shown = world.dashboard("timeRange=all").await;
                assert_eq!(shown["kpiMetrics"]["exact"], false, "{way}");
                let card = &shown["models"][0];
                assert_eq!(
                    (&card["exact"], &card["provisionalCents"]),
                    (&json!(false), &json!(2999))
                );
                world.tick().await;
            }
            assert_eq!(world.shown().await, (world.earned(), 0, 0), "{way}");
            world.assert_complete().await;
        }
    }
}

#[tokio::test]
async fn duplicates_and_any_order_change_nothing() {
    let chaos = json!({"family": "both", "duplicatePercent": 60, "reorderMs": 20_000, "badSignaturePercent": 30});
    let (world, creator) = World::told(chaos).await;
    for round in 0..12 {
        world.sell(creator, 3);
        world.advance(7);
        world.deliver().await;
        if round % 4 == 3 {
            world.tick().await;
        }
        let (shown, provisional, _) = world.shown().await;
        let exact = world.db.ledger().await.iter().map(|sums| sums.2).sum::<i64>();
        assert_eq!(shown, exact + provisional);
        assert!(shown <= world.earned(), "{shown} shown, {} earned", world.earned());
    }
    world.advance(60);
    world.deliver().await;
    world.tick().await;
    assert_eq!(world.shown().await, (world.earned(), 0, 0));
    world.assert_complete().await;
}

/// Without a payer it settled with anybody's row of that price, whose own webhook then had none.
#[tokio::test]
async fn a_sale_without_a_payer_is_not_shown_before_its_row() {
    let (world, creator) = World::told(json!({})).await;
    world.settings(json!({"rows": "g1"}));
    let before = world.shown().await;
    world.sell_as(NewSale {
        gross_cents: Some(500),
        source: Some("tip".into()),
        fan: Some("none".into()),
        currency: Some("USD".into()),
        ..NewSale::of(creator)
    });
    assert_eq!(world.deliver().await, [200]);
    assert_eq!(world.shown().await, before);
    world.advance(1);
    world.get("/api/cron/sync-transactions", Some(crate::world::SECRET)).await;
    assert_eq!(world.shown().await, (world.earned(), 0, 0), "the stream was due at once");
}

#[tokio::test]
async fn of_two_equal_sales_each_is_told_by_both_families_and_one_event_is_lost() {
    let (world, creator) = World::told(json!({"family": "both"})).await;
    let before = world.shown().await.0;
    for _ in 0..2 {
        world.sell_as(NewSale {
            gross_cents: Some(500),
            source: Some("tip".into()),
            fan: Some("bea".into()),
            currency: Some("USD".into()),
            ..NewSale::of(creator)
        });
    }
    let is_new = |delivery: &simulator::Delivery| {
        String::from_utf8_lossy(&delivery.body).contains("creator.payment.succeeded")
    };
    let mut due = world.sim.due_webhooks(world.now());
    due.sort_by_key(|delivery| !is_new(delivery));
    // The second sale's own event never comes; the older family tells of both.
    due.remove(1);
    assert_eq!(due.iter().filter(|delivery| is_new(delivery)).count(), 1);
    for delivery in due {
        world.post_webhook(delivery).await;
    }
    assert_eq!(world.shown().await, (before + 1000, 1000, 2));
    world.advance(1);
    world.tick().await;
    assert_eq!(world.shown().await, (world.earned(), 0, 0));
}

#[tokio::test]
async fn a_webhook_wakes_the_stream_that_brings_its_row() {
    let (world, creator) = World::told(json!({})).await;
    let foreign = NewSale {
        gross_cents: Some(1000),
        source: Some("message".into()),
        currency: Some("EUR".into()),
        ..NewSale::of(creator)
    };
    world.sell_as(foreign);
    let before = world.shown().await;
    world.deliver().await;
    assert_eq!(world.shown().await, before, "another currency is not booked");
    world.advance(1);
    world.get("/api/cron/sync-transactions", Some(crate::world::SECRET)).await;
    assert_eq!(world.shown().await, (world.earned(), 0, 0), "the stream was due at once");
}

#[tokio::test]
async fn what_no_row_settles_leaves_the_totals_after_three_days() {
    let (world, creator) = World::told(json!({})).await;
    let before = world.shown().await.0;
    let event = NewEvent {
        topic: "creator.payment.succeeded".into(),
        creator: Some(creator),
        data: Some(json!({"id": "to_999999", "source": "tip", "gross": 700, "currency": "USD"})),
        ..NewEvent::default()
    };
    world.sim.event(&event, world.now()).unwrap();
    world.deliver().await;
    assert_eq!(world.shown().await, (before + 700, 700, 1));
    world.tick().await;
    assert_eq!(
        world.shown().await,
        (before + 700, 700, 1),
        "a tick without its row proves nothing yet"
    );
    world.advance(72 * HOUR + 1);
    assert_eq!(world.shown().await, (before, 0, 0));
    world.tick().await;
    let states = world.db.sql("select state from provisional_transactions").await;
    assert_eq!(states, [["unmatched"]]);
}

#[tokio::test]
async fn a_refund_is_shown_at_once_and_counted_once() {
    let (world, creator) = World::told(json!({})).await;
    let usd =
        NewSale { gross_cents: Some(5000), currency: Some("USD".into()), ..NewSale::of(creator) };
    world.sell_as(usd);
    world.deliver().await;
    world.advance(1);
    world.tick().await;
    let before = world.shown().await.0;
    world
        .sim
        .refund(&NewRefund { creator: Some(creator), ..NewRefund::default() }, world.now())
        .unwrap();
    world.deliver().await;
    assert_eq!(world.shown().await, (before - 5000, -5000, 1));
    world.advance(60);
    world.tick().await;
    assert_eq!(world.shown().await, (world.earned(), 0, 0));
    world.assert_complete().await;
}

#[tokio::test]
async fn an_event_of_a_stranger_is_kept_for_a_person_and_unknown_topics_are_acknowledged() {
    let (world, _) = World::told(json!({})).await;
    let event = |topic: &str, creator: u128| NewEvent {
        topic: topic.into(),
        creator: Some(uuid::Uuid::from_u128(creator)),
        data: Some(json!({"gross": 700, "currency": "USD", "source": "tip"})),
        ..NewEvent::default()
    };
    world.sim.event(&event("creator.payment.succeeded", 7), world.now()).unwrap();
    world.sim.event(&event("creator.moon.landed", 7), world.now()).unwrap();
    assert_eq!(world.deliver().await, [200, 200]);
    let states = world.db.sql("select state, reason from webhook_events order by state").await;
    assert_eq!(states[0][0], "done");
    assert_eq!(states[1][0], "quarantined");
    assert!(states[1][1].contains("no creator with this account"), "{states:?}");
}
