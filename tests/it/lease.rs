//! A lease that changed hands while its holder waited for the platform: the late one writes nothing.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use app::{
    Ctx, SystemEntropy,
    tick::{Limits, Scope, tick},
};
use bytes::Bytes;
use fanvue::{Transport, TransportError};
use futures_util::future::BoxFuture;

use crate::world::{TEN_MINUTES, World, config, transport::InProcess};

type Event = BoxFuture<'static, ()>;

/// The platform with something that happens before its n-th answer.
struct Interrupted {
    platform: InProcess,
    asked: AtomicU32,
    events: Mutex<HashMap<u32, Event>>,
}

impl Transport for Interrupted {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let nth = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let event = self.events.lock().unwrap().remove(&nth);
        Box::pin(async move {
            if let Some(event) = event {
                event.await;
            }
            self.platform.send(request).await
        })
    }
}

/// Another worker of the same world, to whom `event` happens before the n-th answer.
fn worker(world: &World, n: u32, event: impl Future<Output = ()> + Send + 'static) -> Ctx {
    worker_of(world, [(n, Box::pin(event) as Event)].into())
}

fn worker_of(world: &World, events: HashMap<u32, Event>) -> Ctx {
    let clock = Arc::clone(&world.clock);
    let platform = InProcess { sim: world.sim.clone(), clock: Arc::clone(&clock) };
    let (asked, events) = (AtomicU32::new(0), Mutex::new(events));
    let transport = Arc::new(Interrupted { platform, asked, events });
    let config = config(&world.db.url, "http://127.0.0.1:1");
    Ctx::with(config, transport, clock, Arc::new(SystemEntropy)).unwrap()
}

async fn world() -> World {
    let world = World::empty().await;
    world.creator("Ada", 2_300, 1);
    world.settings(serde_json::json!({"rows": "g1"}));
    world.connect().await;
    world
}

const WATERMARKS: &str = "select count(*) from sync_state where watermark is not null
    and model_id = (select id from models where name = 'Ada')";

#[tokio::test]
async fn an_operator_who_asks_for_the_history_again_takes_it_from_whoever_reads_it() {
    let world = world().await;
    let url = world.db.url.clone();
    let reset = "update models set last_transaction_sync = null";
    let ctx = worker(&world, 30, async move {
        store::admin::run_sql(&url, reset).await.unwrap();
    });
    let report = tick(&ctx, Scope::Everyone, Limits::default()).await.unwrap();
    assert_eq!(report.unfinished, 1, "{report:?}");
    assert_eq!(world.db.sql(WATERMARKS).await, [["0"]], "the late reader moved no watermark");
    world.check().await;
    world.advance(TEN_MINUTES);
    world.tick().await;
    world.assert_complete().await;
}

#[tokio::test]
async fn a_worker_that_overslept_its_lease_changes_nothing() {
    for n in [2, 30, 46] {
        let world = Arc::new(world().await);
        let other = Arc::clone(&world);
        let ctx = worker(&world, n, async move {
            other.advance(TEN_MINUTES);
            other.tick().await;
            other.assert_complete().await;
            other.db.sql("update sync_state set last_error = 'mark of the other'").await;
        });
        tick(&ctx, Scope::Everyone, Limits { concurrency: 1, ..Limits::default() }).await.unwrap();
        world.assert_complete().await;
        let marks = "select count(*) from sync_state where last_error = 'mark of the other'
            and model_id = (select id from models where name = 'Ada')";
        assert_eq!(world.db.sql(marks).await, [["1"]], "the late one wrote over it (request {n})");
    }
}

/// Fewer rows than a commit takes, over a minute and a half.
#[tokio::test]
async fn slow_pages_keep_the_lease() {
    let world = Arc::new(world().await);
    let mut events = HashMap::new();
    for nth in [4, 6, 8, 10] {
        let world = Arc::clone(&world);
        events.insert(nth, Box::pin(async move { world.advance(22) }) as Event);
    }
    let other = Arc::clone(&world);
    let looks = async move {
        let held = "select lease_expires_at > to_timestamp(EPOCH) from sync_state
            where model_id = (select id from models where name = 'Ada') and sync_type = 'earnings'";
        let held = held.replace("EPOCH", &other.now().as_second().to_string());
        assert_eq!(other.db.sql(&held).await, [["t"]]);
    };
    events.insert(12, Box::pin(looks) as Event);
    let ctx = worker_of(&world, events);
    tick(&ctx, Scope::Everyone, Limits { concurrency: 1, ..Limits::default() }).await.unwrap();
    world.assert_complete().await;
}

#[tokio::test]
async fn a_creator_that_somebody_holds_is_not_claimed() {
    let world = Arc::new(world().await);
    let other = Arc::clone(&world);
    let ctx = worker(&world, 10, async move {
        let report = other.tick().await;
        let ada = report["creators"].as_array().unwrap().iter().find(|c| c["name"] == "Ada");
        assert_eq!(ada.unwrap()["state"], "busy", "{report}");
    });
    tick(&ctx, Scope::Everyone, Limits { concurrency: 1, ..Limits::default() }).await.unwrap();
    world.assert_complete().await;
}

#[tokio::test]
async fn a_claim_that_ran_out_while_it_waited_is_not_read() {
    let world = World::empty().await;
    for name in ["Ada", "Bea", "Cleo"] {
        world.creator(name, 2_300, 0);
    }
    world.connect().await;
    let world = Arc::new(world);
    let other = Arc::clone(&world);
    let ctx = worker(&world, 2, async move {
        other.advance(100);
        other.tick().await;
        other.assert_complete().await;
        other.sim.reset_requests();
    });
    tick(&ctx, Scope::Everyone, Limits { concurrency: 1, ..Limits::default() }).await.unwrap();
    let read = world.sim.requests().by_creator;
    assert!(read.len() <= 1, "only the one that was being read: {read:?}");
    world.assert_complete().await;
}

/// The platform with answers that take their time.
struct Slow {
    platform: InProcess,
}

impl Transport for Slow {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(async move {
            // Other workers go on meanwhile.
            tokio::task::yield_now().await;
            self.platform.clock.advance(jiff::SignedDuration::from_millis(500));
            self.platform.send(request).await
        })
    }
}

#[tokio::test]
async fn histories_do_not_make_those_wait_who_have_one() {
    let world = World::empty().await;
    let old: Vec<_> = (0..6).map(|i| world.creator(&format!("Old {i}"), 20, 0)).collect();
    world.connect().await;
    world.tick().await;
    for i in 0..12 {
        world.creator(&format!("New {i}"), 3_000, 0);
    }
    world.connect().await;
    world.advance(TEN_MINUTES);
    old.iter().for_each(|creator| world.sell(*creator, 1));
    world.advance(1);
    let clock = Arc::clone(&world.clock);
    let platform = InProcess { sim: world.sim.clone(), clock: Arc::clone(&clock) };
    let config = config(&world.db.url, "http://127.0.0.1:1");
    let slow = Arc::new(Slow { platform });
    let ctx = Ctx::with(config, slow, clock, Arc::new(SystemEntropy)).unwrap();
    let report = tick(&ctx, Scope::Everyone, Limits::default()).await.unwrap();
    assert!(0 < report.unfinished, "the histories take longer than a tick");
    let sold = report.creators.iter().filter(|c| c.name.starts_with("Old") && c.new_rows == 1);
    assert_eq!(sold.count(), 6, "{report:?}");
}

#[tokio::test]
async fn a_stream_that_this_build_can_not_read_is_parked_and_the_others_are_read() {
    let world = World::empty().await;
    for name in ["Ada", "Bea", "Cleo"] {
        world.creator(name, 30, 0);
    }
    world.connect().await;
    world
        .db
        .sql(
            r#"update sync_state set stream = '{"windows": [{"purpose": "of a later build"}]}'
                where model_id = (select id from models where name = 'Bea')"#,
        )
        .await;
    let report = world.tick().await;
    let state = |name| {
        let creators = report["creators"].as_array().unwrap().iter();
        creators.clone().find(|c| c["name"] == name).unwrap()["state"].clone()
    };
    assert_eq!([state("Ada"), state("Bea"), state("Cleo")], ["complete", "parked", "complete"]);
    world.db.sql("update models set last_transaction_sync = null where name = 'Bea'").await;
    world.advance(TEN_MINUTES);
    world.tick().await;
    world.assert_complete().await;
}
