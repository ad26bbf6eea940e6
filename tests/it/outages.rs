//! What happens around us: the database is killed, Fanvue is down for a day, our clock is wrong. Nothing is
//! lost, nothing looks fresher than it is, and two ticks later all is as if nothing had been.

pub mod clocks;
mod connections;
mod database;
mod door;
mod fanvue_down;
mod machine;
mod schedules;
mod timeless;

use app::Ctx;
use bytes::Bytes;
use serde_json::Value;
use simulator::NewSale;
use uuid::Uuid;

use crate::world::{SECRET, TEN_MINUTES, World, canary, route, truth};

const HEARTBEAT: &str = "/api/cron/revenue-heartbeat";
const SCHEDULER: &str = "/api/cron/sync-transactions";
const DASHBOARD: &str = "/api/analytics/dashboard?timeRange=all";
const HEALTH: &str = "/api/health";
const REFRESH: &str = "/api/cron/daily-refresh";
const HOOK: &str = "http://127.0.0.1:1/api/webhooks/fanvue";

/// Ticks after which nothing may remind of an outage.
const TICKS_MAX: u32 = 2;

/// Two creators with a history that was read to its end.
async fn world() -> (World, [Uuid; 2]) {
    let world = World::empty().await;
    let creators = [world.creator("Ada", 120, 0), world.creator("Bea", 30, 0)];
    world.connect().await;
    world.tick().await;
    world.assert_complete().await;
    (world, creators)
}

/// What an instance answers the operator, and in which words: status, content type, body.
async fn ask(ctx: &Ctx, uri: &str) -> (u16, String, Value) {
    let request = http::Request::get(uri).header("authorization", format!("Bearer {SECRET}"));
    let response = route(ctx, request.body(Bytes::new()).unwrap()).await;
    canary::check_answer(&response);
    let kind = response.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
    let body = serde_json::from_slice(response.body()).unwrap_or(Value::Null);
    (response.status().as_u16(), kind.unwrap_or_default(), body)
}

/// The same of a request that has to succeed.
async fn told(ctx: &Ctx, uri: &str) -> Value {
    let (status, _, body) = ask(ctx, uri).await;
    assert_eq!(status, 200, "{uri}: {body}");
    body
}

/// A problem document that says: not now.
async fn assert_unavailable(ctx: &Ctx, uri: &str) {
    let (status, kind, problem) = ask(ctx, uri).await;
    assert_eq!((status, kind.as_str()), (503, "application/problem+json"), "{uri}: {problem}");
    assert_eq!((&problem["status"], &problem["code"]), (&503.into(), &"unavailable".into()));
}

/// A sale that a webhook tells of as well.
fn tip(world: &World, creator: Uuid) {
    let tip = NewSale {
        source: Some("tip".into()),
        fan: Some("bea".into()),
        currency: Some("USD".into()),
        ..NewSale::of(creator)
    };
    world.sim.sell(&tip, world.now()).unwrap();
}

/// Whether the ledger is the platform's rows, to the cent.
async fn is_complete(world: &World) -> bool {
    world.db.ledger().await == truth(&world.sim, world.now())
}

/// Ticks until all is read, ten minutes apart, and how many it took; the last report if it took too many.
async fn recovered(world: &World) -> Result<u32, Value> {
    let mut report = Value::Null;
    for ticks in 1..=TICKS_MAX {
        world.advance(TEN_MINUTES);
        report = told(&world.ctx, HEARTBEAT).await;
        if is_complete(world).await {
            world.check().await;
            return Ok(ticks);
        }
    }
    Err(report)
}

/// The same where it may not take too many.
async fn ticks_until_complete(world: &World) -> u32 {
    let ticks = recovered(world).await;
    ticks.unwrap_or_else(|report| panic!("not complete after {TICKS_MAX} ticks: {report}"))
}

/// Shown as of now, live and to the cent.
async fn assert_shown(world: &World, ctx: &Ctx) {
    let shown = told(ctx, DASHBOARD).await;
    let gross = truth(&world.sim, world.now()).iter().map(|sums| sums.2).sum::<i64>();
    assert_eq!(shown["kpiMetrics"]["totalRevenueCents"], gross, "{shown}");
    assert_eq!(shown["freshness"]["exact"], true, "{shown}");
    assert_eq!(shown["freshness"]["liveCount"], shown["freshness"]["total"], "{shown}");
    assert_eq!(shown["freshness"]["oldestAsOf"], world.now().to_string(), "{shown}");
}

/// Each creator's state and age, by name.
fn standings(shown: &Value) -> Vec<(&Value, &Value)> {
    let creators = shown["models"].as_array().unwrap();
    assert!(!creators.is_empty(), "{shown}");
    creators.iter().map(|creator| (&creator["state"], &creator["ageSeconds"])).collect()
}
