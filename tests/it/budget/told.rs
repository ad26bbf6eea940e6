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
use store::{Bucket, Taken, Told};

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

/// A bucket of the world's connection from which nobody has taken anything yet.
async fn somebodys(world: &World) -> Bucket {
    let ids = world.db.sql("select agency_id, id from fanvue_connections").await.remove(0);
    Bucket {
        agency: AgencyId(ids[0].parse().unwrap()),
        connection: ConnectionId(ids[1].parse().unwrap()),
        name: "somebody".to_owned(),
        creator: None,
    }
}

/// Else the next answer would tell of fewer than we left, as if somebody else drew from the bucket.
#[tokio::test]
async fn what_others_took_stays_taken_when_one_of_them_hears_of_another_limit_or_reset() {
    let world = World::empty().await;
    world.connect().await;
    let bucket = somebodys(&world).await;
    let (store, now) = (&world.ctx.store, world.now());
    let later = |seconds| now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    let take =
        async |told: Option<Told>| match store.take_request(&bucket, told, 0, now).await.unwrap() {
            Taken::Granted { limit, remaining, window_ends_at } => {
                (limit, remaining, window_ends_at)
            }
            wait @ Taken::Wait(_) => panic!("{wait:?}"),
        };
    for left in [99, 98, 97, 96] {
        assert_eq!(take(None).await, (100, left, later(60)), "nothing is told yet");
    }
    // The first of them is answered before the others are sent.
    let first = Told { limit: 200, remaining: 199, resets_at: later(60) };
    assert_eq!(take(Some(first)).await, (200, 195, later(61)));
    let windows = (later(60), later(61));
    assert_eq!(store.requests_taken(&bucket, windows).await.unwrap(), Some(5));
    store.note_told(&bucket, first, now).await.unwrap();
    assert_eq!(store.requests_taken(&bucket, windows).await.unwrap(), Some(5), "nor when it ends");
    let lower = Told { remaining: 150, ..first };
    assert_eq!(take(Some(lower)).await, (200, 149, later(61)), "somebody else draws from it");
    let next = Told { remaining: 198, resets_at: later(120), ..first };
    assert_eq!(take(Some(next)).await, (200, 197, later(121)), "the window after it");
    assert_eq!(store.requests_taken(&bucket, windows).await.unwrap(), None);
}

/// What people took of a window is kept for them in the next one, and for nobody after that.
#[tokio::test]
async fn a_window_that_is_told_of_before_the_old_one_is_over_begins_without_its_pulses() {
    let world = World::empty().await;
    world.connect().await;
    let bucket = somebodys(&world).await;
    let (store, now) = (&world.ctx.store, world.now());
    let later = |seconds| now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    let told = |remaining, seconds| Told { limit: 20, remaining, resets_at: later(seconds) };
    let take = async |told: Option<Told>, reserve, seconds| {
        let taken = store.take_request(&bucket, told, reserve, later(seconds)).await.unwrap();
        matches!(taken, Taken::Granted { .. })
    };
    let pulses = async || {
        let sql = "select pulses, pulses_before from rate_budgets where bucket = 'somebody'";
        let row = world.db.sql(sql).await.remove(0);
        (row[0].parse::<u32>().unwrap(), row[1].parse::<u32>().unwrap())
    };
    for n in 0..10 {
        assert!(take((n == 1).then(|| told(19, 60)), 0, n).await);
    }
    assert_eq!(pulses().await, (9, 0), "all but the one that opened it");
    // By our count the window ends a second after the platform's: the answer is of the next one.
    assert!(take(None, 200, 60).await);
    assert!(take(Some(told(19, 120)), 200, 60).await);
    assert_eq!(pulses().await, (0, 9));
    assert!(take(None, 0, 61).await);
    assert!(take(None, 200, 120).await);
    store.note_told(&bucket, told(19, 180), later(120)).await.unwrap();
    assert_eq!(pulses().await, (0, 1), "what was taken two windows ago is forgotten");
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
