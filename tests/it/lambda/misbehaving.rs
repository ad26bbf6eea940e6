//! What a function may do to its process: break, or leave more to do than there is time for. On whole processes,
//! of which one misbehaves as it is asked to (`crates/platform/examples/misbehaving.rs`).

use app::{Clock, SystemClock};
use heartbeat::runtime_api::http_event;
use http::{Method, Response};
use serde_json::json;

use super::{
    HEALTH, HEARTBEAT, Installation, USUAL, checked,
    runtime_api::{Function, sent},
    slot,
};
use crate::world::{SECRET, canary, environment, truth};

const FORCE_SYNC: &str = "/api/fanvue/force-sync-revenue";
/// Longer than an answer waits for what it leaves, and much shorter than its function may take.
const SOON_SECONDS: i64 = 10;

async fn misbehaving() -> Function {
    let environment = environment("postgres://postgres@127.0.0.1:1/none", "http://127.0.0.1:1");
    Function::start("misbehaving", environment).await
}

async fn ask(function: &mut Function, query: &str) -> Response<bytes::Bytes> {
    let response = sent(function.invoke(&http_event("GET", HEALTH, query), USUAL).await);
    canary::check_answer(&response);
    response
}

#[tokio::test]
#[ignore = "needs functions built for Lambda: tests/lambda.sh"]
async fn a_panic_is_the_answer_of_its_own_invocation_and_of_no_other() {
    let mut function = misbehaving().await;
    for (query, status) in [("panic", 500), ("", 200), ("panic", 500), ("panic", 500), ("", 200)] {
        let response = ask(&mut function, query).await;
        assert_eq!(response.status(), status, "{query}");
        let told = String::from_utf8_lossy(response.body());
        assert!(!told.contains("as it was asked to"), "{told}");
        assert_eq!(told.contains("\"code\""), status == 500, "{told}");
    }
}

#[tokio::test]
#[ignore = "needs functions built for Lambda: tests/lambda.sh"]
async fn what_never_ends_or_breaks_after_its_answer_keeps_nobody_from_answers() {
    let mut function = misbehaving().await;
    for query in ["leave", "", "leave-panic", "", "leave", "leave", ""] {
        let began_at = SystemClock.now();
        assert_eq!(ask(&mut function, query).await.status(), 200, "{query}");
        let took = SystemClock.now().duration_since(began_at).as_secs();
        assert!(took < SOON_SECONDS, "{query}: {took} s");
    }
}

#[tokio::test]
#[ignore = "needs functions built for Lambda: tests/lambda.sh"]
async fn a_sync_that_was_asked_for_is_answered_long_before_it_is_done_and_then_done_by_ticks() {
    let world = Installation::of(2_000).await;
    let agency = world.db.sql("select id::text from agencies").await.remove(0).remove(0);
    world.slow(1_000);
    let mut asked = world.function("fanvue-force-sync-revenue").await;
    let mut event = http_event("POST", FORCE_SYNC, &format!("agencyId={agency}"));
    event["headers"]["authorization"] = format!("Bearer {SECRET}").into();
    let began_at = SystemClock.now();
    let outcome = asked.invoke(&event, USUAL).await;
    let took = SystemClock.now().duration_since(began_at).as_secs();
    let (response, accepted) = checked(&Method::POST, FORCE_SYNC, outcome);
    assert_eq!(response.status(), 202, "{accepted}");
    assert!(took < SOON_SECONDS, "{took} s");
    assert_ne!(world.db.ledger().await, truth(&world.sim, SystemClock.now()), "nothing was left");

    // The process stays frozen for good, and holds what it held.
    world.sim.clear_faults();
    world.db.expire_leases().await;
    let mut tick = world.function("cron-revenue-heartbeat").await;
    let (response, report) =
        checked(&Method::POST, HEARTBEAT, tick.invoke(&slot(HEARTBEAT), 300).await);
    assert_eq!((response.status().as_u16(), &report["unfinished"]), (200, &json!(0)), "{report}");
    assert_eq!(world.db.ledger().await, truth(&world.sim, SystemClock.now()));
}
