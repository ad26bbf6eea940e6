//! A sale's webhook and its row at the same moment: each waits for the other's commit and sees it.

use std::sync::{Arc, Mutex};

use app::{Ctx, SystemEntropy};
use futures_util::future::BoxFuture;
use serde_json::json;
use simulator::{Delivery, NewSale};
use store::{Gate, Options, Store};
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::World;
use crate::world::{SECRET, config, transport::InProcess};

type Work = BoxFuture<'static, ()>;

/// Lets another process begin before a statement of this one, and goes on once that one waits for a
/// lock, or is done.
struct Meanwhile {
    before: &'static str,
    url: secrecy::SecretString,
    other: Mutex<Option<Work>>,
    begun: Mutex<Option<JoinHandle<()>>>,
}

impl std::fmt::Debug for Meanwhile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "before {}", self.before)
    }
}

impl Gate for Meanwhile {
    fn before(&self, statement: &'static str) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let work =
                if statement == self.before { self.other.lock().unwrap().take() } else { None };
            let Some(work) = work else { return };
            let other = tokio::spawn(work);
            let url = secrecy::ExposeSecret::expose_secret(&self.url);
            let waiting = "select count(*) from pg_stat_activity
                            where datname = current_database() and wait_event_type = 'Lock'";
            while !other.is_finished() {
                let rows = store::admin::run_sql(url, waiting).await.unwrap();
                if rows[0][0].as_deref() != Some("0") {
                    break;
                }
            }
            *self.begun.lock().unwrap() = Some(other);
        })
    }

    fn after(&self, _: &'static str) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// Another process of the same world.
fn other(world: &World) -> Ctx {
    let transport = Arc::new(InProcess { sim: world.sim.clone(), clock: Arc::clone(&world.clock) });
    let config = config(&world.db.url, "http://127.0.0.1:1");
    Ctx::with(config, transport, Arc::clone(&world.clock) as _, Arc::new(SystemEntropy)).unwrap()
}

async fn take_in(ctx: &Ctx, delivery: Delivery) {
    let mut request = http::Request::post(super::PATH).body(delivery.body).unwrap();
    *request.headers_mut() = delivery.headers;
    let mut response = crate::world::answer(ctx, request).await;
    assert_eq!(response.status(), 200);
    let left = response.extensions_mut().remove().expect("it is new");
    app::finish_up(ctx, left).await;
}

async fn heartbeat(ctx: &Ctx) {
    let request = http::Request::get("/api/cron/revenue-heartbeat")
        .header("authorization", format!("Bearer {SECRET}"));
    let response = crate::world::answer(ctx, request.body(bytes::Bytes::new()).unwrap()).await;
    assert_eq!(response.status(), 200);
}

/// Sells once; the world's own process meets `other` before that statement.
async fn sold(
    before: &'static str,
    rows: &str,
    work: impl FnOnce(Ctx, Delivery) -> Work,
) -> (World, Arc<Meanwhile>, Delivery) {
    let (mut world, creator) = World::told(json!({})).await;
    world.settings(json!({"rows": rows}));
    sell(&world, creator);
    let delivery = world.sim.due_webhooks(world.now()).remove(0);
    world.advance(1);
    let work = work(other(&world), delivery.clone());
    let gate = Arc::new(Meanwhile {
        before,
        url: world.db.url.clone().into(),
        other: Mutex::new(Some(work)),
        begun: Mutex::default(),
    });
    let options = Options { gate: Some(Arc::<Meanwhile>::clone(&gate)), ..Options::default() };
    world.ctx.store = Store::open(&world.ctx.config.database_url, options).unwrap();
    (world, gate, delivery)
}

fn sell(world: &World, creator: Uuid) {
    world.sell_as(NewSale {
        gross_cents: Some(700),
        source: Some("tip".into()),
        fan: Some("bea".into()),
        currency: Some("USD".into()),
        ..NewSale::of(creator)
    });
}

async fn both_ended(world: &World, gate: &Meanwhile) {
    let other = gate.begun.lock().unwrap().take().expect("they met");
    other.await.unwrap();
    assert_eq!(world.shown().await, (world.earned(), 0, 0), "counted once, by its row");
    let states = world.db.sql("select state from provisional_transactions").await;
    assert_eq!(states, [["settled"]]);
    world.assert_complete().await;
}

#[tokio::test]
async fn a_webhook_that_comes_while_its_row_is_committed_is_settled() {
    for rows in ["g1", "v1"] {
        let work =
            |ctx: Ctx, delivery| -> Work { Box::pin(async move { take_in(&ctx, delivery).await }) };
        let (world, gate, _) = sold("advance_stream", rows, work).await;
        heartbeat(&world.ctx).await;
        both_ended(&world, &gate).await;
    }
}

#[tokio::test]
async fn a_row_that_is_read_while_its_webhook_is_committed_settles_it() {
    for rows in ["g1", "v1"] {
        let work = |ctx: Ctx, _| -> Work { Box::pin(async move { heartbeat(&ctx).await }) };
        let (world, gate, delivery) = sold("add_provisional", rows, work).await;
        take_in(&world.ctx, delivery).await;
        both_ended(&world, &gate).await;
    }
}

/// What the webhook asks for is read at once, though a read that began before it ends after it.
#[tokio::test]
async fn a_read_under_way_is_not_the_one_that_a_webhook_asks_for() {
    let (mut world, creator) = World::told(json!({})).await;
    let sim = world.sim.clone();
    let (ctx, now) = (other(&world), world.now());
    let work: Work = Box::pin(async move {
        let sale =
            NewSale { gross_cents: Some(700), source: Some("tip".into()), ..NewSale::of(creator) };
        sim.sell(&NewSale { fan: Some("bea".into()), currency: Some("USD".into()), ..sale }, now)
            .unwrap();
        take_in(&ctx, sim.due_webhooks(now).remove(0)).await;
    });
    let gate = Arc::new(Meanwhile {
        before: "advance_quiet",
        url: world.db.url.clone().into(),
        other: Mutex::new(Some(work)),
        begun: Mutex::default(),
    });
    let options = Options { gate: Some(Arc::<Meanwhile>::clone(&gate)), ..Options::default() };
    world.ctx.store = Store::open(&world.ctx.config.database_url, options).unwrap();
    heartbeat(&world.ctx).await;
    let other = gate.begun.lock().unwrap().take().expect("they met");
    other.await.unwrap();
    assert_eq!(world.shown().await.1, 700, "it was not there when the page was read");
    world.advance(1);
    world.get("/api/cron/sync-transactions", Some(SECRET)).await;
    assert_eq!(world.shown().await, (world.earned(), 0, 0), "the stream stayed due");
}
