//! A 304 is only ever answered where the answer would be the one that is held: after every round trip
//! of a tick, after every change that a person makes, and while nothing happens but time.

use std::sync::Arc;

use app::{Ctx, SystemEntropy};
use futures_util::future::BoxFuture;
use serde_json::json;
use tokio::sync::Mutex;

use crate::world::{World, config, polling::Poller, statements::watched, transport::InProcess};

/// Dashboards that poll over connections of their own.
struct Viewer {
    ctx: Ctx,
    pollers: Mutex<Vec<(String, Poller)>>,
    problems: std::sync::Mutex<Vec<String>>,
}

impl std::fmt::Debug for Viewer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Viewer")
    }
}

impl Viewer {
    fn open(world: &World, queries: &[&str]) -> Arc<Self> {
        let transport =
            Arc::new(InProcess { sim: world.sim.clone(), clock: Arc::clone(&world.clock) });
        let time = Arc::clone(&world.clock);
        let config = config(&world.db.url, "http://127.0.0.1:1");
        let ctx = Ctx::with(config, transport, time, Arc::new(SystemEntropy)).unwrap();
        let pollers = queries.iter().map(|query| ((*query).to_owned(), Poller::default()));
        let pollers = Mutex::new(pollers.collect());
        Arc::new(Self { ctx, pollers, problems: std::sync::Mutex::default() })
    }

    async fn poll(&self, when: &str) {
        for (query, poller) in self.pollers.lock().await.iter_mut() {
            if let Err(problem) = poller.poll(&self.ctx, query).await {
                self.problems.lock().unwrap().push(format!("{when}: {problem}"));
            }
        }
    }

    async fn counts(&self) -> (u64, u64) {
        let pollers = self.pollers.lock().await;
        let sum = |count: fn(&Poller) -> u64| pollers.iter().map(|(_, one)| count(one)).sum();
        (sum(|one| one.polls), sum(|one| one.unchanged))
    }

    fn check(&self) {
        assert_eq!(*self.problems.lock().unwrap(), Vec::<String>::new());
    }
}

/// Polls after each round trip of whoever writes.
#[derive(Debug)]
struct Between(Arc<Viewer>);

impl store::Gate for Between {
    fn before(&self, _statement: &'static str) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }

    fn after(&self, statement: &'static str) -> BoxFuture<'_, ()> {
        Box::pin(self.0.poll(statement))
    }
}

#[tokio::test]
async fn after_every_round_trip_of_a_tick_a_304_is_the_truth() {
    let mut world = World::seeded(2, 3).await;
    let viewer = Viewer::open(&world, &["timeRange=7d"]);
    let url = world.db.url.clone();
    watched(&mut world.ctx, &url, Arc::new(Between(Arc::clone(&viewer))));
    world.tick().await;
    let ada = world.sim.creators()[1];
    for seconds in [1, 299, 301, 600] {
        world.advance(seconds);
        world.sell(ada, 1);
        world.tick().await;
    }
    let down = json!({"fault": {"status": 500}, "times": 4});
    world.sim.post("faults", &down, world.now()).unwrap();
    world.advance(600);
    world.tick().await;
    viewer.check();
    let (polls, unchanged) = viewer.counts().await;
    assert!(polls < 4 * unchanged && unchanged < polls, "{unchanged} of {polls}");
}

/// What people and releases do to what a dashboard shows.
const CHANGES: &[&str] = &[
    "update agencies set name = name || '!'",
    "update agencies set timezone = 'Asia/Kathmandu'",
    "update models set name = name || '!'",
    "update models set fanvue_username = 'somebody'",
    "update models set subscribers_count = 7, stats_updated_at = '2026-11-21T09:00:00Z'",
    "update models set followers_count = 8",
    "update models set likes_count = 9, likes_as_of = '2026-11-21T09:00:00Z'",
    "update models set unread_messages = 10, posts_count = 11",
    "update models set subscribers_as_of = '2026-11-21T09:30:00Z'",
    "insert into subscriber_history (agency_id, model_id, date, subscribers_count)
     select agency_id, id, '2026-11-21', 12 from models",
    "update subscriber_history set new_subscribers = 1, cancelled_subscribers = 2",
    "delete from subscriber_history",
    "update models set last_transaction_sync = null where name like '%1%' or true",
    "update sync_state set paused_until = '2026-11-21T10:01:00Z'",
    "update sync_state set lease_token = gen_random_uuid(), lease_expires_at = '2026-11-21T10:02:00Z'",
    "update sync_state set parked_at = '2026-11-21T10:00:00Z', last_error = 'refused'",
    "update sync_state set parked_at = null, last_error = null",
    "update sync_state set next_sync_at = '2026-11-21T11:00:00Z'",
    "update sync_state set watermark = '2026-11-21T09:00:00Z'",
    "update fanvue_connections set routes = 'unprefixed'",
    "update fanvue_connections set routes = 'v1'",
    "update fanvue_connections set state = 'revoked', last_error = 'gone'",
    "update fanvue_connections set last_error = 'still gone'",
    "update fanvue_connections set state = 'active'",
    "insert into earning_rejects select agency_id, id, 'd', 'r', 'x', now() from models",
    "delete from earning_rejects",
    "update revenue_daily set gross_cents = gross_cents + 1",
    "update revenue_sums set gross_cents = gross_cents + 1",
    "update fan_counts set fan_count = fan_count + 1",
    "delete from fan_days where day > '2026-11-10'",
    "update fanvue_transactions set fan_id = 'somebody' where fan_id is not null",
    "update fanvue_transactions set amount_cents = amount_cents + 1",
    "delete from fanvue_transactions where amount_cents > 1000",
    "insert into provisional_transactions
         (agency_id, model_id, event_key, family, at, source, gross_cents, expires_at, created_at)
     select agency_id, id, 'e' || id, 'creator', '2026-11-21T09:59:00Z', 'tip', 500,
            '2026-11-21T10:03:20Z', '2026-11-21T10:00:00Z' from models",
    "update provisional_transactions set gross_cents = 600",
    "update provisional_transactions set state = 'unmatched'",
    "update provisional_transactions set state = 'open'",
    "delete from sync_state where model_id = (select id from models order by name limit 1)",
    "delete from models where id = (select id from models order by name limit 1)",
];

#[tokio::test]
async fn whatever_is_changed_by_hand_is_seen_by_the_next_poll_and_what_time_changes_too() {
    let world = World::seeded(3, 12).await;
    world.tick().await;
    let viewer = Viewer::open(
        &world,
        &["timeRange=7d", "timeRange=all", "startDate=2026-11-01&endDate=2026-11-15"],
    );
    viewer.poll("at first").await;
    for change in CHANGES {
        let before = revision(&world).await;
        world.db.sql(change).await;
        assert!(before < revision(&world).await, "nobody hears of: {change}");
        viewer.poll(change).await;
        for _ in 0..3 {
            world.advance(11);
            viewer.poll(&format!("11 s after {change}")).await;
        }
    }
    viewer.check();
    let (polls, unchanged) = viewer.counts().await;
    assert!(polls < 3 * unchanged && unchanged < polls, "{unchanged} of {polls}");
}

async fn revision(world: &World) -> i64 {
    world.db.sql("select revision from agencies").await[0][0].parse().unwrap()
}

#[tokio::test]
async fn a_day_of_nothing_but_time_is_told_as_it_passes() {
    let world = World::seeded(2, 12).await;
    // So that nothing ends where five minutes do.
    world.advance(17);
    world.tick().await;
    let viewer = Viewer::open(&world, &["timeRange=7d"]);
    for step in 0..300 {
        // Often enough to come between any two instants, then on past midnight in Rome.
        world.advance([7, 11, 13, 29, 5][step % 5]);
        if step % 60 == 59 {
            world.advance(3 * 3600);
        }
        viewer.poll(&format!("step {step}")).await;
    }
    viewer.check();
    let (polls, unchanged) = viewer.counts().await;
    assert!(polls < 4 * unchanged, "{unchanged} of {polls}");
}

#[tokio::test]
async fn a_transaction_raises_the_revision_once_and_one_that_is_undone_does_not() {
    let world = World::seeded(3, 5).await;
    let first = revision(&world).await;
    world.db.sql("begin; update models set name = name || '!'; update sync_state set last_error = 'x'; commit").await;
    assert_eq!(
        revision(&world).await,
        first + 1,
        "three creators in two statements are one change"
    );
    world.db.sql("begin; update models set name = name || '!'; rollback").await;
    world.db.sql("update models set name = name, updated_at = now()").await;
    world.db.sql("update sync_state set attempts = attempts + 1").await;
    assert_eq!(revision(&world).await, first + 1, "nothing of it is shown");
}
