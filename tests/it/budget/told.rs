//! What answers tell of the budget: heard from every kind of answer, and never believed too far.

use std::sync::{Arc, Mutex};

use app::{
    Ctx, SystemEntropy,
    tick::{Limits, Scope, tick},
};
use bytes::Bytes;
use fanvue::{Transport, TransportError};
use futures_util::future::BoxFuture;
use jiff::SignedDuration;
use ledger::{AgencyId, ConnectionId};
use serde_json::json;
use simulator::{Bulk, Fault, FaultMatch, NewFault};
use store::{Bucket, Taken};

use crate::world::{TEN_MINUTES, World, config, transport::InProcess};

const TOTALS: &str = "/agencies/earnings";

/// Limit, remaining, and seconds from now to the reset.
type Headers = (&'static str, &'static str, i64);

/// The platform, whose answers on some paths tell something else of the budget.
struct Telling {
    platform: InProcess,
    path: &'static str,
    headers: Arc<Mutex<Option<Headers>>>,
}

impl Transport for Telling {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let is_meant = request.uri().path().contains(self.path);
        let headers = self.headers.lock().unwrap().filter(|_| is_meant);
        let now = self.platform.clock.read().as_second();
        Box::pin(async move {
            let mut answer = self.platform.send(request).await?;
            if let Some((limit, remaining, reset)) = headers {
                let told = answer.headers_mut();
                told.insert("x-ratelimit-limit", limit.parse().unwrap());
                told.insert("x-ratelimit-remaining", remaining.parse().unwrap());
                told.insert("x-ratelimit-reset", (now + reset).into());
            }
            Ok(answer)
        })
    }
}

/// A worker who is told that, until it is taken away.
fn told(world: &World, path: &'static str, told: Headers) -> (Ctx, Arc<Mutex<Option<Headers>>>) {
    let clock = Arc::clone(&world.clock);
    let headers = Arc::new(Mutex::new(Some(told)));
    let platform = InProcess { sim: world.sim.clone(), clock: Arc::clone(&clock) };
    let transport = Arc::new(Telling { platform, path, headers: Arc::clone(&headers) });
    let config = config(&world.db.url, "http://127.0.0.1:1");
    (Ctx::with(config, transport, clock, Arc::new(SystemEntropy)).unwrap(), headers)
}

/// Creators enough for totals, on a bucket that is known to be shared.
async fn shared() -> World {
    let world = World::empty().await;
    world.settings(json!({"rateLimit": 200, "bucketPerCreator": false}));
    let bulk = Bulk { creators: 30, rows: 300, days: Some(60), ..Bulk::default() };
    world.sim.bulk(&bulk, world.now()).unwrap();
    world.connect().await;
    for _ in 0..2 {
        world.tick().await;
        world.advance(TEN_MINUTES);
    }
    let shared = world.db.sql("select bucket_shared::text from fanvue_connections").await;
    assert_eq!(shared, [["true"]]);
    world.sim.reset_requests();
    world
}

#[tokio::test]
async fn a_429_on_totals_keeps_everybody_away_until_the_time_it_names() {
    let world = shared().await;
    world.sim.fault(NewFault::once(Fault::Throttle { retry_after: Some(300) }).on_path(TOTALS));
    for _ in 0..4 {
        world.tick().await;
        let log = world.sim.requests();
        assert_eq!(log.total, 1, "the pause is everybody's: {log:?}");
        world.advance(61);
    }
    world.advance(TEN_MINUTES);
    world.tick().await;
    world.assert_complete().await;
}

#[tokio::test]
async fn what_a_refusal_of_totals_tells_of_the_budget_is_heard() {
    let world = shared().await;
    world.settings(json!({"withheldScopes": ["read:agency"]}));
    let (ctx, _) = told(&world, TOTALS, ("200", "3", 60));
    tick(&ctx, Scope::Everyone, Limits::default()).await.unwrap();
    let log = world.sim.requests();
    assert_eq!(log.total, 4, "one was refused, three were left: {log:?}");
}

#[tokio::test]
async fn absurd_headers_stop_nobody_for_longer_than_a_few_minutes() {
    let century = 75 * 365 * 24 * 3600;
    for headers in [("0", "0", 30), ("60", "0", century), ("0", "0", century), ("60", "0", 3600)] {
        let world = World::empty().await;
        let ada = world.creator("Ada", 30, 0);
        world.connect().await;
        world.tick().await;
        world.advance(TEN_MINUTES);
        let (ctx, telling) = told(&world, "/", headers);
        tick(&ctx, Scope::Everyone, Limits::default()).await.unwrap();
        *telling.lock().unwrap() = None;
        world.sell(ada, 1);
        for _ in 0..3 {
            world.advance(60);
            tick(&ctx, Scope::Everyone, Limits::default()).await.unwrap();
        }
        assert_eq!(world.db.ledger().await, crate::world::truth(&world.sim, world.now()));
    }
}

#[tokio::test]
async fn a_reset_told_far_ahead_keeps_no_request_from_a_history() {
    let world = World::empty().await;
    world.creator("Whale", 2_000, 0);
    world.connect().await;
    let (ctx, _) = told(&world, "/", ("100", "99", 3600));
    for _ in 0..4 {
        tick(&ctx, Scope::Everyone, Limits::default()).await.unwrap();
        world.advance(61);
    }
    world.assert_complete().await;
}

/// Whoever learns meanwhile that requests are counted otherwise asks no sooner.
#[tokio::test]
async fn a_pause_is_of_the_bucket_and_of_whoever_was_asked() {
    let world = World::empty().await;
    world.connect().await;
    let ids = world.db.sql("select agency_id, id from fanvue_connections").await.remove(0);
    let bucket = |name: &str, creator: Option<&str>| Bucket {
        agency: AgencyId(ids[0].parse().unwrap()),
        connection: ConnectionId(ids[1].parse().unwrap()),
        name: name.to_owned(),
        creator: creator.map(str::to_owned),
    };
    let (store, now) = (&world.ctx.store, world.now());
    let until = now.checked_add(SignedDuration::from_secs(90)).unwrap();
    let asks = async |name: &str, creator: Option<&str>| {
        store.take_request(&bucket(name, creator), None, 0, now).await.unwrap()
    };
    store.pause_bucket(&bucket("ada", Some("ada")), until).await.unwrap();
    assert_eq!(asks("ada", Some("ada")).await, Taken::Wait(until));
    assert_eq!(asks("account", Some("ada")).await, Taken::Wait(until), "nobody drew from it yet");
    assert!(matches!(asks("account", Some("bea")).await, Taken::Granted { .. }));
    assert_eq!(asks("account", Some("ada")).await, Taken::Wait(until));

    store.pause_bucket(&bucket("account", Some("bea")), until).await.unwrap();
    for (name, creator) in [("account", None), ("account", Some("cay")), ("bea", Some("bea"))] {
        assert_eq!(asks(name, creator).await, Taken::Wait(until), "{name} {creator:?}");
    }
    assert!(matches!(asks("cay", Some("cay")).await, Taken::Granted { .. }));
}

#[tokio::test]
async fn a_creator_who_is_paused_is_not_asked_from_another_bucket() {
    let world = World::empty().await;
    let ada = world.creator("Ada", 3, 0);
    world.connect().await;
    world.tick().await;
    world.assert_complete().await;
    let matches = FaultMatch { creator: Some(ada), ..FaultMatch::default() };
    let fault = Fault::Throttle { retry_after: Some(300) };
    world.sim.fault(NewFault { matches, fault, times: Some(1) });
    world.advance(TEN_MINUTES);
    let state = async || {
        let report = world.tick().await;
        let creators = report["creators"].as_array().unwrap();
        creators.iter().find(|one| one["name"] == "Ada").unwrap()["state"].clone()
    };
    assert_eq!(state().await, "paused");
    // Somebody asks for her, and another process has learnt how requests are counted.
    let meanwhile = "update sync_state set paused_until = null;
                     update fanvue_connections set bucket_shared = true";
    world.db.sql(meanwhile).await;
    world.advance(60);
    assert_eq!(state().await, "paused", "four of five minutes are left");
    world.advance(300);
    assert_eq!(state().await, "complete");
}
