//! Asking Fanvue for webhooks through its API, and events that are tried again.

use app::{
    Config, Ctx, Error, SystemEntropy,
    webhooks::{
        replay,
        subscribing::{Subscription, accounts, list, subscribe},
    },
};
use secrecy::ExposeSecret;
use serde_json::json;
use simulator::{NewEvent, NewSale};
use std::sync::Arc;

use super::World;
use crate::world::{environment, transport::InProcess};

/// An instance whose only webhook secret is that one.
fn deployed(world: &World, secret: &str) -> Ctx {
    let known = environment(&world.db.url, "http://127.0.0.1:1");
    let config = Config::from_lookup(|name| match name {
        "FANVUE_WEBHOOK_SECRETS" => Some(secret.to_owned()),
        _ => known.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone()),
    });
    let transport = Arc::new(InProcess { sim: world.sim.clone(), clock: Arc::clone(&world.clock) });
    let clock = Arc::clone(&world.clock);
    Ctx::with(config.unwrap(), transport, clock as _, Arc::new(SystemEntropy)).unwrap()
}

#[tokio::test]
async fn an_app_that_may_register_is_told_of_sales_with_the_secret_it_got() {
    let mut world = World::empty().await;
    let creator = world.creator("Ada", 20, 0);
    world.connect().await;
    world.tick().await;
    let account = accounts(&world.ctx).await.unwrap().remove(0);
    assert!(list(&world.ctx, &account).await.unwrap().is_empty());

    let mut secrets = vec![];
    for again in [false, true] {
        let new = subscribe(&world.ctx, &account, again).await.unwrap();
        let Subscription::New { webhook, events, left } = new else { panic!("{new:?}") };
        assert!(left.is_empty(), "{left:?}");
        assert!(events.contains(&"creator.payment.succeeded"));
        secrets.push(webhook.signing_secret.expose_secret().to_owned());
        // Asked again, nothing changes, and a lost secret stays lost.
        let there = subscribe(&world.ctx, &account, false).await.unwrap();
        assert!(matches!(there, Subscription::There(found) if found.id == webhook.id));
        assert_eq!(list(&world.ctx, &account).await.unwrap().len(), 1);
    }
    assert_ne!(secrets[0], secrets[1]);

    let before = world.shown().await.0;
    world.advance(60);
    world.sell_as(NewSale {
        gross_cents: Some(700),
        source: Some("tip".into()),
        fan: Some("bea".into()),
        currency: Some("USD".into()),
        ..NewSale::of(creator)
    });
    world.ctx = deployed(&world, &secrets[0]);
    assert_eq!(world.deliver().await, [401], "the first was ended with its secret");
    world.ctx = deployed(&world, &secrets.join(","));
    world.advance(10);
    assert_eq!(world.deliver().await, [200], "sent again, and both secrets are live");
    assert_eq!(world.shown().await, (before + 700, 700, 1));
}

#[tokio::test]
async fn an_app_that_may_not_register_is_sent_to_the_portal() {
    let world = World::empty().await;
    world.connect().await;
    let account = accounts(&world.ctx).await.unwrap().remove(0);
    for how in ["badRequest", "plainBadRequest"] {
        world.settings(json!({"webhooks": {"subscriptions": how}}));
        let refused = subscribe(&world.ctx, &account, false).await.unwrap_err();
        assert!(
            matches!(refused, Error::Platform(fanvue::Error::RegistrationRefused { .. })),
            "{refused}"
        );
    }
}

#[tokio::test]
async fn an_event_of_a_stranger_counts_once_she_is_known_and_it_is_tried_again() {
    let (world, _) = World::told(json!({})).await;
    let stranger = world.creator("Bea", 0, 0);
    let event = NewEvent {
        topic: "creator.payment.succeeded".into(),
        creator: Some(stranger),
        data: Some(json!({"id": "to_1", "source": "tip", "gross": 700, "currency": "USD"})),
        ..NewEvent::default()
    };
    world.sim.event(&event, world.now()).unwrap();
    assert_eq!(world.deliver().await, [200]);
    let replayed = replay(&world.ctx, None).await.unwrap();
    assert_eq!((replayed.tried.len(), replayed.quarantined.len()), (1, 1));
    let reason = replayed.quarantined[0].reason.as_deref().unwrap();
    assert!(reason.starts_with("no creator with this account"), "{reason}");

    world.connect().await;
    let before = world.shown().await.0;
    let unknown = replay(&world.ctx, Some(&["another".to_owned()])).await.unwrap();
    assert!(unknown.tried.is_empty());
    assert_eq!(world.shown().await, (before, 0, 0));
    for tried in [1, 0] {
        let replayed = replay(&world.ctx, Some(&replayed.tried)).await.unwrap();
        assert_eq!((replayed.tried.len(), replayed.quarantined.len()), (tried, 0));
        assert_eq!(world.shown().await, (before + 700, 700, 1), "and it counts once");
    }
}

#[tokio::test]
async fn bodies_are_erased_after_a_month_and_the_event_stays_known() {
    let (world, creator) = World::told(json!({})).await;
    let event = NewEvent {
        topic: "creator.follow.created".into(),
        creator: Some(creator),
        ..NewEvent::default()
    };
    world.sim.event(&event, world.now()).unwrap();
    let mut delivery = world.sim.due_webhooks(world.now()).remove(0);
    assert_eq!(world.post_webhook(delivery.clone()).await, 200);
    let kept = "select count(*), count(body) from webhook_events";
    for (days, want) in [(29, ["1", "1"]), (2, ["1", "0"])] {
        world.advance(days * 86_400);
        world.tick().await;
        assert_eq!(world.db.sql(kept).await, [want]);
    }
    let secret = crate::world::WEBHOOK_SECRET.into();
    let header = fanvue::signature::sign(&secret, world.now(), &delivery.body);
    delivery.headers.insert("x-fanvue-signature", header.parse().unwrap());
    assert_eq!(world.post_webhook(delivery).await, 200);
    assert_eq!(world.db.sql(kept).await, [["1", "0"]]);
    assert_eq!(world.db.sql("select count(*) from fan_events").await, [["1"]]);
}
