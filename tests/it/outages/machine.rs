//! A machine's clock that is behind the database's: nothing shows it but the database itself.

use std::sync::Arc;

use app::{Clock, Ctx, SystemClock, SystemEntropy};
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use simulator::{NewCreator, Options, Simulator};

use super::{DASHBOARD, HEALTH, HEARTBEAT, standings, told};
use crate::{
    metrics::told_by,
    world::{config, connect, database::Database},
};

/// A machine's clock that is wrong by so much.
pub struct Machine(pub SignedDuration);

impl Clock for Machine {
    fn now(&self) -> Timestamp {
        SystemClock.now() + self.0
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()> {
        Box::pin(async move { SystemClock.sleep_until(at - self.0).await })
    }

    fn is_real(&self) -> bool {
        true
    }
}

/// Lets everything so far be twelve minutes ago: no tick is missed since before there was an account.
const AGE: &str = "
    update fanvue_connections set created_at = created_at - interval '12 minutes';
    update sync_state set watermark = watermark - interval '12 minutes',
           confirmed_at = confirmed_at - interval '12 minutes',
           tried_at = tried_at - interval '12 minutes';
    update models set last_transaction_sync = last_transaction_sync - interval '12 minutes'";

#[tokio::test]
async fn a_machine_that_is_ten_minutes_behind_takes_nothing_old_for_fresh() {
    let now = SystemClock.now();
    let sim = Simulator::new(Options {
        seed: 3,
        creators: 1,
        days: 0,
        origin: now,
        live_sales_per_hour: 0,
        base_url: None,
    });
    let ada = NewCreator {
        name: Some("Ada".into()),
        rows: Some(20),
        days: Some(30),
        twins_percent: None,
    };
    sim.add_creator(&ada, now).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(simulator::serve(sim.clone(), listener, std::future::pending()));
    let db = Database::create().await;
    let ctx = |by| {
        let transport = fanvue::https_transport(fanvue::Timeouts::default()).unwrap();
        let clock = Arc::new(Machine(SignedDuration::from_secs(by)));
        Ctx::with(config(&db.url, &url), transport, clock, Arc::new(SystemEntropy)).unwrap()
    };
    connect(&ctx(0), &sim, now).await;
    told(&ctx(0), HEARTBEAT).await;
    let live = told(&ctx(0), DASHBOARD).await;
    assert_eq!(live["freshness"]["liveCount"], live["freshness"]["total"], "{live}");
    db.sql(AGE).await;
    for by in [0, -600, 600] {
        let shown = told(&ctx(by), DASHBOARD).await;
        assert_eq!(shown["freshness"]["liveCount"], 0, "{by}: {shown}");
        for (state, age) in standings(&shown) {
            // The answer is of a moment at most five minutes ago.
            assert_eq!(state, "stale", "{by}: {shown}");
            assert!(12 * 60 - 300 <= age.as_i64().unwrap(), "{by}: {shown}");
        }
        let health = told(&ctx(by), HEALTH).await;
        assert!(
            12 * 60 <= health["streams"]["oldestAgeSeconds"].as_i64().unwrap(),
            "{by}: {health}"
        );
        let metrics = told_by(&ctx(by)).await;
        for name in ["last_tick_age_seconds", "stream_age_max_seconds{stream=\"earnings\"}"] {
            let age = metrics.value(&format!("heartbeat_{name}"));
            assert!(12.0 * 60.0 <= age, "{by}: {name} {age}");
        }
        assert_eq!(metrics.value("heartbeat_creators{state=\"live\"}"), 0.0, "{by}");
        let skew = metrics.value("heartbeat_database_clock_skew_seconds");
        assert!((skew + by as f64).abs() < 60.0, "{by}: {skew}");
    }
}
