//! The platform refuses a token that many hold at the same time, and answers slowly.

use std::sync::{Arc, atomic::AtomicU32};

use app::tick::{Limits, Scope, tick};
use futures_util::future::join_all;
use simulator::{Fault, FaultMatch, NewFault};

use super::{LIFE, PROCESSES, Process, count, state};
use crate::world::{TEN_MINUTES, World};

fn fault(world: &World, path: &str, fault: Fault, times: Option<u64>) {
    let matches = FaultMatch { path: Some(path.into()), ..FaultMatch::default() };
    world.sim.fault(NewFault { matches, fault, times });
}

#[tokio::test]
async fn fifty_processes_that_are_refused_at_once_exchange_the_pair_once() {
    let world = World::seeded(PROCESSES, 1).await;
    let deaths = Arc::new(AtomicU32::new(0));
    let processes: Vec<_> = (0..PROCESSES).map(|_| Process::start(&world, &deaths)).collect();
    for exchange in 1..=3 {
        // Young enough that only the refusal is a reason.
        world.advance(LIFE / 4);
        world.sim.reset_requests();
        fault(&world, "/insights/earnings", Fault::Status(401), Some(PROCESSES as u64));
        // One creator a process, all under way together.
        let limits =
            Limits { concurrency: 1, claims: 1, totals_from_creators: 1000, ..Limits::default() };
        let run = |process: &Process| {
            let ctx = Arc::clone(&process.ctx);
            async move { tick(&ctx, Scope::Everyone, limits).await.unwrap() }
        };
        join_all(processes.iter().map(run)).await;
        let refused = world.sim.requests().by_status[&401];
        assert_eq!(refused, PROCESSES as u64, "all were refused");
        assert_eq!(count(&world, "refreshes"), exchange);
        assert_eq!((count(&world, "graceReuses"), count(&world, "revocations")), (0, 0));
    }
    assert_eq!(state(&world).await, "active");
    // A creator that was refused twice waits for the next tick.
    world.sim.clear_faults();
    world.advance(TEN_MINUTES);
    world.tick().await;
    world.assert_complete().await;
}

#[tokio::test]
async fn a_login_service_that_hangs_is_asked_as_long_as_the_old_token_is_surely_tolerated() {
    let world = World::seeded(2, 2).await;
    world.advance(LIFE * 9 / 10);
    fault(&world, "/oauth2/token", Fault::Hang, None);
    let began_at = world.now();
    app::maintenance::refresh_tokens(&world.ctx).await.unwrap();
    // Each question takes 15 seconds; a third would begin after 32, past what is tolerated.
    assert_eq!(world.sim.requests().by_route["POST /oauth2/token"], 2);
    assert_eq!(world.now().duration_since(began_at).as_secs(), 31);
    world.sim.clear_faults();
    fault(&world, "/oauth2/token", Fault::SlowMs(14_000), Some(1));
    world.advance(TEN_MINUTES);
    world.tick().await;
    assert_eq!((count(&world, "refreshes"), count(&world, "revocations")), (1, 0));
    world.assert_complete().await;
}

#[tokio::test]
async fn an_answer_slower_than_our_patience_was_given_all_the_same_and_is_asked_for_again() {
    let world = World::seeded(2, 2).await;
    world.advance(LIFE);
    fault(&world, "/oauth2/token", Fault::SlowMs(16_000), Some(1));
    let report = world.tick().await;
    assert_eq!(report["unfinished"], 0, "{report}");
    assert_eq!((count(&world, "graceReuses"), count(&world, "revocations")), (1, 0));
    assert_eq!(state(&world).await, "active");
    world.assert_complete().await;
}
