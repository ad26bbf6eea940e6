//! Who may ask when a pair may be spent already: nobody, while another process may still hold its
//! successor.

use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

use app::{Ctx, SystemEntropy, maintenance};
use futures_util::future::{BoxFuture, Either, select};
use simulator::{Fault, FaultMatch, NewFault};
use store::{Gate, Options, Store};

use super::{LIFE, count, state};
use crate::world::{World, clock::ManualClock, config, transport::InProcess};

/// Another process in the world, with a pool of its own.
fn rival(world: &World) -> Arc<Ctx> {
    let way = InProcess { sim: world.sim.clone(), clock: Arc::clone(&world.clock) };
    let config = config(&world.db.url, "http://127.0.0.1:1");
    let clock = Arc::clone(&world.clock);
    Arc::new(Ctx::with(config, Arc::new(way), clock, Arc::new(SystemEntropy)).unwrap())
}

/// What happens between a cut and the database's return.
enum Meanwhile {
    /// So many seconds pass, then another process comes first.
    Rival(i64),
    /// The connection ends.
    Ended,
}

/// Ends the session that holds the new pair before it can store it; then lets something happen
/// before the next session begins.
struct Outage {
    url: String,
    clock: Arc<ManualClock>,
    rival: Arc<Ctx>,
    meanwhile: Meanwhile,
    phase: AtomicU8,
}

impl std::fmt::Debug for Outage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outage")
    }
}

impl Outage {
    fn enters(&self, from: u8) -> bool {
        let (now, kept) = (Ordering::SeqCst, Ordering::SeqCst);
        self.phase.compare_exchange(from, from + 1, now, kept).is_ok()
    }
}

impl Gate for Outage {
    fn before(&self, statement: &'static str) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            if statement == "save_grant" && self.enters(0) {
                let cut = "select pg_terminate_backend(pid)::text from pg_stat_activity
                            where datname = current_database() and state = 'idle in transaction'
                              and query like '-- lock_connection%'";
                let ended = store::admin::run_sql(&self.url, cut).await.unwrap();
                assert_eq!(ended.len(), 1);
            } else if statement == "connection" && self.enters(1) {
                match self.meanwhile {
                    Meanwhile::Rival(seconds) => {
                        self.clock.advance(jiff::SignedDuration::from_secs(seconds));
                        maintenance::refresh_tokens(&self.rival).await.unwrap();
                    }
                    Meanwhile::Ended => {
                        let end = "update fanvue_connections
                                      set state = 'revoked', last_error = 'ended by a test'";
                        store::admin::run_sql(&self.url, end).await.unwrap();
                    }
                }
            }
        })
    }

    fn after(&self, _: &'static str) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

fn strike(world: &mut World, meanwhile: Meanwhile) -> Arc<Outage> {
    let outage = Arc::new(Outage {
        url: world.db.url.clone(),
        clock: Arc::clone(&world.clock),
        rival: rival(world),
        meanwhile,
        phase: AtomicU8::new(0),
    });
    let gate: Arc<dyn Gate> = Arc::<Outage>::clone(&outage);
    let options = Options { gate: Some(gate), ..Options::default() };
    world.ctx.store = Store::open(&world.ctx.config.database_url, options).unwrap();
    outage
}

#[tokio::test]
async fn nobody_spends_a_token_late_while_another_process_still_holds_its_successor() {
    for seconds in [31, 60, 85] {
        let mut world = World::seeded(2, 2).await;
        let outage = strike(&mut world, Meanwhile::Rival(seconds));
        world.advance(LIFE);
        maintenance::refresh_tokens(&world.ctx).await.unwrap();
        assert_eq!(outage.phase.load(Ordering::SeqCst), 2, "it was cut, and the rival came");
        assert_eq!(count(&world, "lateReuses"), 0, "after {seconds} s");
        assert_eq!(state(&world).await, "active");
        world.advance(LIFE);
        let report = world.tick().await;
        assert_eq!(report["unfinished"], 0, "{report}");
        assert_eq!((count(&world, "refreshes"), count(&world, "revocations")), (2, 0));
        world.assert_complete().await;
    }
}

#[tokio::test]
async fn a_pair_that_was_kept_does_not_revive_a_connection_that_ended_meanwhile() {
    let mut world = World::seeded(2, 2).await;
    let outage = strike(&mut world, Meanwhile::Ended);
    world.advance(LIFE);
    maintenance::refresh_tokens(&world.ctx).await.unwrap();
    assert_eq!(outage.phase.load(Ordering::SeqCst), 2, "it was cut, and the connection ended");
    let report = world.tick().await;
    assert_eq!(state(&world).await, "revoked", "{report}");
    let creators = report["creators"].as_array().unwrap();
    assert!(creators.iter().all(|creator| creator["state"] == "disconnected"), "{report}");
    let kept = "select last_error from fanvue_connections";
    assert_eq!(world.db.sql(kept).await, [["ended by a test"]]);
}

#[tokio::test]
async fn after_a_lost_answer_the_platform_is_asked_within_the_grace_or_when_nobody_can_hold_a_pair()
{
    let world = World::seeded(1, 1).await;
    world.advance(LIFE * 9 / 10);
    let matches = FaultMatch { path: Some("/oauth2/token".into()), ..FaultMatch::default() };
    world.sim.fault(NewFault { matches, fault: Fault::Status(503), times: None });
    let intended = "select extract(epoch from refresh_intended_at)::bigint from fanvue_connections";
    let mut began_at = 0;
    // (seconds that pass, questions, whether this is the first of a new row of attempts)
    for (wait, questions, is_new) in [
        (0, 3, true),
        (20, 3, false),
        (20, 0, false),
        (60, 0, false),
        (60, 3, true),
        (10, 3, false),
    ] {
        world.advance(wait);
        world.sim.reset_requests();
        let now = world.now().as_second();
        maintenance::refresh_tokens(&world.ctx).await.unwrap();
        let log = world.sim.requests();
        let asked = log.by_route.get("POST /oauth2/token").copied().unwrap_or(0);
        assert_eq!(asked, questions, "{wait} s later: {log:?}");
        began_at = if is_new { now } else { began_at };
        assert_eq!(world.db.sql(intended).await, [[began_at.to_string()]], "{wait} s later");
    }
    world.sim.clear_faults();
    world.tick().await;
    assert_eq!((count(&world, "refreshes"), count(&world, "revocations")), (1, 0));
    world.assert_complete().await;
}

/// Freezes the process that holds the row's lock: its session stays, and says nothing more.
#[derive(Debug, Default)]
struct Freeze(Arc<tokio::sync::Notify>);

impl Gate for Freeze {
    fn before(&self, statement: &'static str) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            if statement == "save_grant" {
                self.0.notify_one();
                std::future::pending::<()>().await;
            }
        })
    }

    fn after(&self, _: &'static str) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the database's patience is real time")]
async fn a_process_that_vanishes_with_the_lock_holds_it_for_less_than_the_grace() {
    let mut world = World::seeded(1, 1).await;
    let freeze = Freeze::default();
    let frozen = Arc::clone(&freeze.0);
    let options = Options { gate: Some(Arc::new(freeze)), ..Options::default() };
    world.ctx.store = Store::open(&world.ctx.config.database_url, options).unwrap();
    world.advance(LIFE);
    let next = rival(&world);
    let run = Box::pin(maintenance::refresh_tokens(&world.ctx));
    let Either::Right(((), vanished)) = select(run, Box::pin(frozen.notified())).await else {
        panic!("it holds the lock for ever")
    };
    let began_at = std::time::Instant::now();
    maintenance::refresh_tokens(&next).await.unwrap();
    assert!(began_at.elapsed().as_secs() < 25, "{:?}", began_at.elapsed());
    assert_eq!((count(&world, "graceReuses"), count(&world, "revocations")), (1, 0));
    drop(vanished);
    world.ctx.store = next.store.clone();
    assert_eq!(state(&world).await, "active");
}

/// Holds the exchange at the moment before its pair is stored, until it is let go.
#[derive(Debug, Default)]
struct Halt {
    reached: tokio::sync::Notify,
    go: tokio::sync::Notify,
}

#[derive(Debug)]
struct HaltAt(Arc<Halt>);

impl Gate for HaltAt {
    fn before(&self, statement: &'static str) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            if statement == "save_grant" {
                self.0.reached.notify_one();
                self.0.go.notified().await;
            }
        })
    }

    fn after(&self, _: &'static str) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

#[tokio::test]
async fn whoever_ends_a_process_can_wait_for_its_exchanges() {
    let mut world = World::seeded(1, 1).await;
    maintenance::finish_exchanges(&rival(&world)).await;
    let halt = Arc::new(Halt::default());
    let options = Options { gate: Some(Arc::new(HaltAt(Arc::clone(&halt)))), ..Options::default() };
    world.ctx.store = Store::open(&world.ctx.config.database_url, options).unwrap();
    world.advance(LIFE);
    let run = Box::pin(maintenance::refresh_tokens(&world.ctx));
    let Either::Right(((), run)) = select(run, Box::pin(halt.reached.notified())).await else {
        panic!("it is under way")
    };
    let end = Box::pin(maintenance::finish_exchanges(&world.ctx));
    let Either::Right(((), end)) = select(end, Box::pin(tokio::task::yield_now())).await else {
        panic!("an exchange is under way, and nobody waits for it")
    };
    halt.go.notify_one();
    let (refreshed, ()) = tokio::join!(run, end);
    refreshed.unwrap();
    assert_eq!((count(&world, "refreshes"), count(&world, "revocations")), (1, 0));
}

/// Lambda freezes the process once the answer is sent. What the answer left to do stops before that, but
/// never between the platform's answer and the commit.
#[tokio::test]
async fn what_is_ended_before_a_freeze_stores_the_pair_that_it_exchanges_and_begins_no_other() {
    let world = World::seeded(1, 1).await;
    let halt = Arc::new(Halt::default());
    let options = Options { gate: Some(Arc::new(HaltAt(Arc::clone(&halt)))), ..Options::default() };
    let mut ctx = Arc::into_inner(rival(&world)).unwrap();
    ctx.store = Store::open(&ctx.config.database_url, options).unwrap();
    let ctx = Arc::new(ctx);
    world.advance(LIFE);
    let its_own = Arc::clone(&ctx);
    let rest = tokio::spawn(async move {
        maintenance::refresh_tokens(&its_own).await.unwrap();
        // It would go on for as long as the process runs.
        std::future::pending().await
    });
    halt.reached.notified().await;
    let end = Box::pin(maintenance::end_between_exchanges(&ctx, rest));
    let Either::Right(((), end)) = select(end, Box::pin(tokio::task::yield_now())).await else {
        panic!("an exchange is under way, and nobody waits for it")
    };
    halt.go.notify_one();
    end.await;
    assert_eq!(Arc::strong_count(&ctx), 1, "the task is gone");
    let stored = "select 1 from fanvue_connections where refresh_intended_at is null";
    assert_eq!(world.db.sql(stored).await.len(), 1, "its pair is stored");
    assert_eq!((count(&world, "refreshes"), count(&world, "revocations")), (1, 0));
    // Others of the process go on.
    world.advance(LIFE);
    halt.go.notify_one();
    maintenance::refresh_tokens(&ctx).await.unwrap();
    assert_eq!(count(&world, "refreshes"), 2);
}
