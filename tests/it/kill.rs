//! `kill -9` of a function in the middle of its work, at moments drawn from a seed.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use app::{
    Clock, Ctx, SystemClock, SystemEntropy,
    tick::{Limits, Scope, tick},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use simulator::{NewCreator, Options, Reply, Simulator};
use tokio::sync::Notify;

use crate::{
    functions::binary::Binary,
    world::{SECRET, config, connect, database::Database, environment, truth, try_fetch},
};

const KILLS: u32 = 50;

/// The simulated platform on a socket that tells when its n-th request has come, or been answered.
struct Watched {
    sim: Simulator,
    left: AtomicU32,
    before: std::sync::atomic::AtomicBool,
    reached: Notify,
}

async fn serve(state: Arc<Watched>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = async move |request: axum::extract::Request| {
        let (head, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        let is_last = state.left.fetch_sub(1, Ordering::SeqCst) == 1;
        if is_last && state.before.load(Ordering::SeqCst) {
            state.reached.notify_one();
            std::future::pending::<()>().await;
        }
        let reply = state.sim.respond(http::Request::from_parts(head, body), SystemClock.now());
        if is_last {
            state.reached.notify_one();
        }
        match reply {
            Reply::Answer(response) => response.map(axum::body::Body::from),
            _ => unreachable!("no fault is set"),
        }
    };
    let app = axum::Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_kills_over_a_first_history_lose_and_double_nothing() {
    let mut dice = StdRng::seed_from_u64(7);
    // The function reads the real clock, so the world's history ends now.
    let now = SystemClock.now();
    let sim = Simulator::new(Options {
        seed: 3,
        creators: 1,
        days: 0,
        origin: now,
        live_sales_per_hour: 0,
        base_url: None,
    });
    sim.change_settings(&serde_json::json!({"rateLimit": 100_000, "rows": "g1"}), now).unwrap();
    for name in ["Ada", "Bea", "Cleo"] {
        let rows = 6_000;
        let new = NewCreator {
            name: Some(name.into()),
            rows: Some(rows),
            days: Some(300),
            twins_percent: Some(1),
        };
        sim.add_creator(&new, now).unwrap();
    }
    let watched = Arc::new(Watched {
        sim: sim.clone(),
        left: AtomicU32::new(0),
        before: false.into(),
        reached: Notify::new(),
    });
    let url = serve(Arc::clone(&watched)).await;
    let db = Database::create().await;
    let transport = fanvue::https_transport(fanvue::Timeouts::default()).unwrap();
    let ctx =
        Ctx::with(config(&db.url, &url), transport, Arc::new(SystemClock), Arc::new(SystemEntropy))
            .unwrap();
    connect(&ctx, &sim, now).await;

    let mut in_progress = 0;
    for _ in 0..KILLS {
        db.expire_leases().await;
        let path = env!("CARGO_BIN_EXE_cron-revenue-heartbeat");
        let mut function = Binary::start(path, environment(&db.url, &url)).await;
        watched.before.store(dice.random(), Ordering::SeqCst);
        watched.left.store(dice.random_range(1..150), Ordering::SeqCst);
        let heartbeat = format!("{}/api/cron/revenue-heartbeat", function.url);
        let killed = tokio::select! {
            () = watched.reached.notified() => true,
            _ = try_fetch(&heartbeat, Some(SECRET)) => false,
        };
        // A moment after the request, so that some kills fall between the commits of a step.
        for _ in 0..dice.random_range(0..2_000) {
            tokio::task::yield_now().await;
        }
        function.child.kill().await.unwrap();
        assert_eq!(ctx.store.list_drifts().await.unwrap(), []);
        let open = db.sql("select count(*) from models where last_transaction_sync is null").await;
        in_progress += u32::from(killed && open != [["0"]]);
    }
    db.expire_leases().await;
    watched.left.store(u32::MAX, Ordering::SeqCst);
    let report = tick(&ctx, Scope::Everyone, Limits::default()).await.unwrap();
    assert_eq!(report.unfinished, 0, "{report:?}");
    assert_eq!(db.ledger().await, truth(&sim, now));
    assert_eq!(ctx.store.list_drifts().await.unwrap(), []);
    assert!(5 <= in_progress, "only {in_progress} kills met an unfinished history");
}
