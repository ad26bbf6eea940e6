//! Ages that are alarmed on: they grow where nothing happened yet, and whoever nothing may happen to has none.

use super::{metrics, number};
use crate::world::{SECRET, TEN_MINUTES, World};

const DAY: i64 = 86_400;
const TICKS: [&str; 2] =
    ["heartbeat_last_tick_age_seconds", "heartbeat_audience_last_tick_age_seconds"];

impl World {
    /// A schedule's call.
    async fn call(&self, path: &str) {
        let (status, report) = self.get(path, Some(SECRET)).await;
        assert_eq!(status, 200, "{report}");
    }

    /// Changes all streams, of earnings and of audiences.
    async fn all_streams(&self, change: &str) {
        let sql = format!("update sync_state set {change}; update audience_streams set {change}");
        self.db.sql(&sql).await;
    }

    /// What metrics and health tell of the creator whose comparison is the oldest.
    async fn oldest_compared(&self) -> f64 {
        let told = metrics(self).await.value("heartbeat_proof_oldest_compared_seconds");
        let (_, health) = self.get("/api/health", Some(SECRET)).await;
        let seconds = number(&health["proof"]["oldestComparedSeconds"]);
        assert!((told - seconds).abs() < 2.0, "{told} and {health}");
        told
    }
}

#[tokio::test]
async fn a_connected_world_that_never_ticked_tells_an_age_that_grows() {
    let world = World::empty().await;
    world.creator("Ada", 5, 0);
    world.connect().await;
    for age in [600.0, 1_200.0] {
        world.advance(TEN_MINUTES);
        let told = metrics(&world).await;
        assert_eq!(TICKS.map(|series| told.value(series)), [age, age]);
    }
    world.tick().await;
    world.call("/api/cron/daily-refresh").await;
    let told = metrics(&world).await;
    for series in TICKS {
        assert!(told.value(series) < 60.0, "{series}: {told:?}");
    }
}

#[tokio::test]
async fn whom_no_tick_may_take_up_raises_no_alarm() {
    let world = World::empty().await;
    world.creator("Ada", 5, 0);
    world.connect().await;
    world.tick().await;
    world.call("/api/cron/daily-refresh").await;
    world.advance(7_200);
    let now = world.now();
    let told = metrics(&world).await;
    assert!(TICKS.iter().all(|series| 7_100.0 < told.value(series)), "{told:?}");
    for (change, undo) in [
        (format!("parked_at = '{now}'"), "parked_at = null"),
        (format!("paused_until = '{now}'::timestamptz + interval '1 hour'"), "paused_until = null"),
    ] {
        world.all_streams(&change).await;
        let told = metrics(&world).await;
        for series in TICKS {
            assert!(!told.samples.contains_key(series), "{series} after {change}: {told:?}");
        }
        world.all_streams(undo).await;
    }
    // The first tick after a wait has its time, too.
    let over = format!("paused_until = '{now}'::timestamptz - interval '5 minutes'");
    world.all_streams(&over).await;
    let told = metrics(&world).await;
    assert_eq!(TICKS.map(|series| told.value(series)), [300.0, 300.0]);
    // One of many whom none may take up hides no tick that ran.
    world.all_streams("paused_until = null").await;
    let one = format!(
        "update sync_state set parked_at = '{now}'
          where model_id = (select id from models order by name limit 1)"
    );
    world.db.sql(&one).await;
    assert!(7_100.0 < metrics(&world).await.value(TICKS[0]));
}

#[tokio::test]
async fn a_proof_that_never_ran_grows_old_and_whom_no_totals_tell_of_has_no_age() {
    let world = World::seeded(3, 10).await;
    world.advance(3 * DAY);
    world.tick().await;
    assert!((3 * DAY) as f64 <= world.oldest_compared().await);
    world.call("/api/cron/reconcile").await;
    assert!(world.oldest_compared().await < 600.0);
    let hers = "(select m.id from models m join fanvue_connections c on c.id = m.connection_id
                  where m.fanvue_user_uuid <> c.account_uuid order by m.name limit 1)";
    let long_ago = format!(
        "update proofs set compared_at = compared_at - interval '60 hours' where model_id = {hers}"
    );
    world.db.sql(&long_ago).await;
    assert!(216_000.0 <= world.oldest_compared().await);
    // She is read by an account of her own since, whose totals nobody tells.
    let moved = format!(
        "with own as (
             insert into fanvue_connections
                 (id, agency_id, kind, account_uuid, account_is_creator, routes, scope,
                  access_sealed, refresh_sealed, obtained_at, expires_at, created_at, updated_at)
             select gen_random_uuid(), c.agency_id, 'creator', m.fanvue_user_uuid, true, c.routes,
                    c.scope, c.access_sealed, c.refresh_sealed, c.obtained_at, c.expires_at,
                    c.created_at, c.updated_at
               from fanvue_connections c join models m on m.connection_id = c.id
              where m.id = {hers}
             returning id, account_uuid
         )
         update models m set connection_id = own.id from own
          where m.fanvue_user_uuid = own.account_uuid"
    );
    world.db.sql(&moved).await;
    assert!(world.oldest_compared().await < 600.0);
}
