//! What may go wrong around one exchange: the answer is lost, the database goes, the pair is young.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use futures_util::future::BoxFuture;
use serde_json::json;
use simulator::{Fault, FaultMatch, NewFault};
use store::{Gate, Options, Store};

use super::{LIFE, count, state};
use crate::world::World;

fn fault(world: &World, path: &str, fault: Fault, times: Option<u64>) {
    let matches = FaultMatch { path: Some(path.into()), ..FaultMatch::default() };
    world.sim.fault(NewFault { matches, fault, times });
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_under_the_same_lock() {
    let world = World::seeded(2, 2).await;
    for (number, lost) in
        [Fault::DropAfter, Fault::TruncatedJson, Fault::Status(502)].into_iter().enumerate()
    {
        world.advance(LIFE);
        let before = world.now();
        fault(&world, "/oauth2/token", lost, Some(1));
        let report = world.tick().await;
        assert_eq!(report["unfinished"], 0, "{report}");
        assert!(world.now().duration_since(before).as_secs() < 30, "within the grace");
        assert_eq!(count(&world, "refreshes"), number as u64 + 1);
        assert_eq!(count(&world, "revocations"), 0);
        assert_eq!(state(&world).await, "active");
    }
    world.assert_complete().await;
}

#[tokio::test]
async fn an_outage_of_the_login_service_costs_three_questions_a_tick_and_no_reading() {
    let world = World::seeded(2, 2).await;
    // Four fifths of its life are over; the token itself still works.
    world.advance(LIFE * 9 / 10);
    fault(&world, "/oauth2/token", Fault::Status(503), None);
    world.sim.reset_requests();
    let report = world.tick().await;
    assert_eq!(report["unfinished"], 0, "{report}");
    let log = world.sim.requests();
    assert_eq!(log.by_route["POST /oauth2/token"], 3, "{log:?}");
    world.assert_complete().await;
    world.advance(LIFE);
    world.sim.reset_requests();
    let report = world.tick().await;
    assert_eq!(report["unfinished"], 2, "{report}");
    let log = world.sim.requests();
    assert_eq!(log.total, 3, "once for all creators: {log:?}");
}

/// Ends the database session that holds the new pair, once, before it can store it.
#[derive(Debug)]
struct Cut {
    url: String,
    left: AtomicBool,
}

impl Gate for Cut {
    fn before(&self, statement: &'static str) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            if statement == "save_grant" && self.left.swap(false, Ordering::SeqCst) {
                let cut = "select pg_terminate_backend(pid)::text from pg_stat_activity
                            where datname = current_database() and state = 'idle in transaction'
                              and query like '-- lock_connection%'";
                let ended = store::admin::run_sql(&self.url, cut).await.unwrap();
                assert_eq!(ended.len(), 1);
            }
        })
    }

    fn after(&self, _: &'static str) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

#[tokio::test]
async fn a_pair_that_the_database_did_not_take_is_stored_when_it_is_back() {
    let mut world = World::seeded(2, 2).await;
    // Lost, the pair would end the connection.
    world.settings(json!({"graceSeconds": 0}));
    let cut = Arc::new(Cut { url: world.db.url.clone(), left: AtomicBool::new(true) });
    let gate: Arc<dyn Gate> = Arc::<Cut>::clone(&cut);
    let options = Options { gate: Some(gate), ..Options::default() };
    world.ctx.store = Store::open(&world.ctx.config.database_url, options).unwrap();
    world.advance(LIFE);
    world.tick().await;
    assert!(!cut.left.load(Ordering::SeqCst), "it was cut");
    world.advance(LIFE);
    let report = world.tick().await;
    assert_eq!(report["unfinished"], 0, "{report}");
    assert_eq!((count(&world, "refreshes"), count(&world, "revocations")), (2, 0));
    assert_eq!(state(&world).await, "active");
    world.assert_complete().await;
}

#[tokio::test]
async fn an_outage_while_creators_refuse_the_token_is_met_once_a_tick() {
    let world = World::seeded(4, 2).await;
    world.advance(LIFE / 2);
    fault(&world, "/insights/earnings", Fault::Status(401), None);
    fault(&world, "/oauth2/token", Fault::Status(503), None);
    world.sim.reset_requests();
    world.tick().await;
    let log = world.sim.requests();
    assert_eq!(log.by_route["POST /oauth2/token"], 3, "once for all creators: {log:?}");
    world.sim.clear_faults();
    world.advance(1);
    world.tick().await;
    world.assert_complete().await;
}

#[tokio::test]
async fn creators_that_refuse_a_young_pair_do_not_make_it_spin() {
    let world = World::seeded(4, 2).await;
    fault(&world, "/insights/earnings", Fault::Status(401), None);
    for _ in 0..3 {
        world.advance(15);
        world.tick().await;
    }
    assert_eq!(count(&world, "refreshes"), 0, "its successor would fare no better");
    world.advance(61);
    world.tick().await;
    assert_eq!(count(&world, "refreshes"), 1, "one for all creators");
    world.sim.clear_faults();
    world.advance(61);
    world.tick().await;
    world.assert_complete().await;
}
