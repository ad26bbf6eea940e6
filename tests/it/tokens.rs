//! Many processes, one pair of tokens: refreshed once an expiry, never spent late, never lost in
//! silence. Processes die between Fanvue's answer and the commit.
//!
//! `HEARTBEAT_EXPIRIES=n cargo test --release --test it tokens` runs n expiries.

mod exchanging;
mod holding;
mod refused;
mod troubles;

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use app::{Ctx, SystemEntropy, maintenance};
use bytes::Bytes;
use fanvue::{Transport, TransportError};
use futures_util::future::{BoxFuture, Either, join_all, pending, select};
use jiff::SignedDuration;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use simulator::Reply;
use tokio::sync::Notify;

use crate::world::{SECRET, World, canary, config, transport::InProcess};

const PROCESSES: usize = 50;
/// Expiries that `cargo test` runs.
const EXPIRIES: u32 = 60;
/// What passes after a death before the next process has the lock: most of the toleration.
const REPAIR_SECONDS: i64 = 20;
/// The life of an access token, in seconds.
const LIFE: i64 = 3600;

/// A way to the platform on which a process dies when an answer of the token endpoint is there, as
/// long as there are deaths left.
struct Deadly {
    way: InProcess,
    deaths: Arc<AtomicU32>,
    died: Notify,
}

impl Transport for Deadly {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let is_exchange = request.uri().path() == "/oauth2/token";
        Box::pin(async move {
            let answer = self.way.send(request).await;
            let one_less = |left: u32| left.checked_sub(1);
            if is_exchange
                && self.deaths.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok()
            {
                // The others wait for its lock meanwhile.
                self.way.clock.advance(SignedDuration::from_secs(REPAIR_SECONDS));
                self.died.notify_one();
                pending::<()>().await;
            }
            answer
        })
    }
}

/// One process: pool and memory of its own.
struct Process {
    ctx: Arc<Ctx>,
    way: Arc<Deadly>,
}

impl Process {
    fn start(world: &World, deaths: &Arc<AtomicU32>) -> Self {
        let way = InProcess { sim: world.sim.clone(), clock: Arc::clone(&world.clock) };
        let way = Deadly { way, deaths: Arc::clone(deaths), died: Notify::new() };
        let way = Arc::new(way);
        let config = config(&world.db.url, "http://127.0.0.1:1");
        let (transport, clock) = (Arc::<Deadly>::clone(&way), Arc::clone(&world.clock));
        let mut ctx = Ctx::with(config, transport, clock, Arc::new(SystemEntropy)).unwrap();
        let options = store::Options { connections_max: 1, ..store::Options::default() };
        ctx.store = store::Store::open(&ctx.config.database_url, options).unwrap();
        Self { ctx: Arc::new(ctx), way }
    }

    /// Refreshes what is due as a tick does; `None` if the process died of it, with its memory and
    /// its connections.
    async fn refresh(self) -> Option<Self> {
        let ctx = Arc::clone(&self.ctx);
        let run = Box::pin(async move { maintenance::refresh_tokens(&ctx).await.unwrap() });
        let died = Box::pin(self.way.died.notified());
        match select(run, died).await {
            Either::Left(_) => {}
            Either::Right(_) => return None,
        }
        Some(self)
    }
}

fn counts(world: &World) -> Value {
    let request = http::Request::get("/sim/oauth").body(Bytes::new()).unwrap();
    let Reply::Answer(answer) = world.sim.respond(request, world.now()) else {
        panic!("no fault is set")
    };
    serde_json::from_slice(answer.body()).unwrap()
}

fn count(world: &World, name: &str) -> u64 {
    counts(world)[name].as_u64().unwrap()
}

/// All processes at once after the token has ended; those that died are started again.
async fn expire(world: &World, processes: &mut Vec<Process>, deaths: &Arc<AtomicU32>, kill: bool) {
    world.advance(LIFE);
    deaths.store(u32::from(kill), Ordering::SeqCst);
    let runs = processes.drain(..).map(Process::refresh);
    let left = join_all(runs).await;
    processes.extend(left.into_iter().flatten());
    while processes.len() < PROCESSES {
        processes.push(Process::start(world, deaths));
    }
}

async fn state(world: &World) -> String {
    let (_, list) = world.get("/api/auth/fanvue/connections", Some(SECRET)).await;
    list["connections"][0]["state"].as_str().unwrap().to_owned()
}

#[expect(clippy::disallowed_methods, reason = "a test's own switch")]
fn expiries() -> u32 {
    let given = std::env::var("HEARTBEAT_EXPIRIES").ok();
    given.map_or(EXPIRIES, |text| text.parse().expect("HEARTBEAT_EXPIRIES is a number"))
}

#[tokio::test]
async fn fifty_processes_refresh_once_an_expiry_and_a_death_costs_one_more() {
    let world = World::seeded(1, 1).await;
    let deaths = Arc::new(AtomicU32::new(0));
    let mut processes: Vec<_> = (0..PROCESSES).map(|_| Process::start(&world, &deaths)).collect();
    let mut dice = StdRng::seed_from_u64(11);
    let (expiries, mut killed) = (expiries(), 0);
    for expiry in 1..=expiries {
        let kill = dice.random_ratio(1, 4);
        killed += u64::from(kill);
        expire(&world, &mut processes, &deaths, kill).await;
        assert_eq!(count(&world, "refreshes"), u64::from(expiry), "expiry {expiry}");
        assert_eq!(count(&world, "graceReuses"), killed, "expiry {expiry}");
        assert_eq!(count(&world, "revocations"), 0, "expiry {expiry}");
    }
    assert_eq!(state(&world).await, "active");
    world.tick().await;
    world.assert_complete().await;
    println!("{expiries} expiries, {killed} deaths, {}", counts(&world));
}

#[tokio::test]
async fn without_grace_only_a_death_before_the_commit_ends_a_connection_and_it_says_so() {
    let world = World::seeded(1, 1).await;
    world.settings(json!({"graceSeconds": 0}));
    let deaths = Arc::new(AtomicU32::new(0));
    let mut processes: Vec<_> = (0..PROCESSES).map(|_| Process::start(&world, &deaths)).collect();
    let mut dice = StdRng::seed_from_u64(12);
    let (expiries, mut killed) = (expiries(), 0);
    for expiry in 1..=expiries {
        let kill = dice.random_ratio(1, 4);
        killed += u64::from(kill);
        expire(&world, &mut processes, &deaths, kill).await;
        assert_eq!(count(&world, "revocations"), killed, "expiry {expiry}");
        let expected = if kill { "revoked" } else { "active" };
        assert_eq!(state(&world).await, expected, "expiry {expiry}");
        if kill {
            let shown = world.dashboard("timeRange=all").await;
            assert_eq!(shown["models"][0]["state"], "disconnected", "not in silence");
            world.connect().await;
        }
    }
    println!("{expiries} expiries, {killed} deaths, {}", counts(&world));
}

#[tokio::test]
async fn whoever_comes_next_within_the_grace_finishes_what_a_dead_process_began() {
    let world = World::seeded(1, 1).await;
    let deaths = Arc::new(AtomicU32::new(1));
    // The pair is young: only the intent says that something was begun.
    world.advance(LIFE / 10);
    world.sim.fault(simulator::NewFault {
        matches: simulator::FaultMatch { path: Some("/earnings".into()), ..Default::default() },
        fault: simulator::Fault::Status(401),
        times: Some(1),
    });
    let first = Process::start(&world, &deaths);
    let ctx = Arc::clone(&first.ctx);
    let limits = app::tick::Limits::default();
    let run = Box::pin(async move {
        app::tick::tick(&ctx, app::tick::Scope::Everyone, limits).await.unwrap();
    });
    let died = Box::pin(first.way.died.notified());
    assert!(matches!(select(run, died).await, Either::Right(_)), "it died at the answer");
    drop(first);
    assert_eq!((count(&world, "refreshes"), count(&world, "graceReuses")), (1, 0));
    maintenance::refresh_tokens(&world.ctx).await.unwrap();
    assert_eq!((count(&world, "refreshes"), count(&world, "graceReuses")), (1, 1));
    world.db.expire_leases().await;
    world.advance(LIFE);
    world.tick().await;
    assert_eq!((count(&world, "refreshes"), count(&world, "revocations")), (2, 0));
    assert_eq!(state(&world).await, "active");
    world.assert_complete().await;
}

#[tokio::test]
async fn a_process_that_dies_alone_costs_a_reconnect_and_it_is_said_when_nobody_can_hold_the_pair()
{
    let world = World::seeded(1, 1).await;
    let deaths = Arc::new(AtomicU32::new(1));
    world.advance(LIFE * 9 / 10);
    assert!(Process::start(&world, &deaths).refresh().await.is_none(), "it died at the answer");
    for (wait, late, expected) in [(20, 0, "active"), (60, 0, "active"), (90, 1, "revoked")] {
        world.advance(wait);
        maintenance::refresh_tokens(&world.ctx).await.unwrap();
        assert_eq!(count(&world, "lateReuses"), late, "{wait} s later");
        assert_eq!(state(&world).await, expected, "{wait} s later");
    }
    world.connect().await;
    world.tick().await;
    world.assert_complete().await;
}

/// The log and the answers of the whole run are searched by the world itself.
#[tokio::test]
async fn no_token_stands_anywhere_in_the_database() {
    let world = World::seeded(2, 2).await;
    for status in [503, 400, 401] {
        world.advance(LIFE);
        world.sim.fault(simulator::NewFault {
            matches: simulator::FaultMatch {
                path: Some("/oauth2/token".into()),
                ..Default::default()
            },
            fault: simulator::Fault::Status(status),
            times: Some(3),
        });
        world.tick().await;
        world.tick().await;
    }
    world.sim.revoke("agency", world.now()).unwrap();
    world.advance(LIFE);
    world.tick().await;
    let tables = "select table_name from information_schema.tables
                   where table_schema not in ('pg_catalog', 'information_schema')
                     and table_type = 'BASE TABLE' and table_schema = 'public'";
    let tables = world.db.sql(tables).await;
    assert!(8 < tables.len());
    for table in tables {
        let rows = world.db.sql(&format!("select row_to_json(t)::text from {} t", table[0])).await;
        for row in rows {
            canary::check(&table[0], row[0].as_bytes());
            // Sealed bytes are shown in hexadecimal.
            assert!(
                !row[0].contains(&hex("sim_at_")) && !row[0].contains(&hex("sim_rt_")),
                "{row:?}"
            );
        }
    }
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}
