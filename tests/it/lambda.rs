//! The function binaries as they deploy to Lambda, under an emulated Runtime API. They are built with
//! another feature than the tests, so `tests/lambda.sh` builds them and runs these, and nobody else does.

mod misbehaving;
mod runtime_api;

use std::sync::Arc;

use app::{Clock, Ctx, SystemClock, SystemEntropy};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use heartbeat::runtime_api::{Outcome, http_event};
use http::{Method, Response};
use serde_json::{Map, Value, json};
use simulator::{Fault, FaultMatch, NewCreator, NewFault, NewSale, Options, Simulator};
use tokio::net::TcpListener;
use uuid::Uuid;

use self::runtime_api::{Function, sent};
use crate::{
    deployment,
    world::{SECRET, canary, config, connect, contract, database::Database, environment, truth},
};

const HEARTBEAT: &str = "/api/cron/revenue-heartbeat";
const HEALTH: &str = "/api/health";
const FORCE_SYNC: &str = "/api/fanvue/force-sync-revenue";
const WEBHOOKS: &str = "/api/webhooks/fanvue";
/// How long a function may take unless a test says otherwise, in seconds.
const USUAL: i64 = 60;
/// As EventBridge names an execution.
const EXECUTION: &str = "d32c5kd2-6e3a-4c60-9e1f-0a2b4c6d8e90";

/// What the scheduler sends, as the template says it.
fn slot(path: &str) -> Value {
    let functions = deployment::functions();
    let input = &functions[path]["Events"]["Tick"]["Properties"]["Input"]["Fn::Sub"];
    let input = input.as_str().unwrap().replace("${CronSecret}", SECRET);
    serde_json::from_str(&input.replace("<aws.scheduler.execution-id>", EXECUTION)).unwrap()
}

/// An answer that is as described, and holds no secret.
fn checked(method: &Method, path: &str, outcome: Outcome) -> (Response<Bytes>, Value) {
    let response = sent(outcome);
    canary::check_answer(&response);
    contract::check(method, path, &response);
    let body = serde_json::from_slice(response.body()).unwrap();
    (response, body)
}

/// A simulated Fanvue on a socket, its agency connected, and what a function needs to know.
struct Installation {
    sim: Simulator,
    db: Database,
    environment: Vec<(&'static str, String)>,
    creator: Uuid,
}

impl Installation {
    async fn of(rows: u64) -> Self {
        // Functions read the real clock, so the world's history ends now.
        let now = SystemClock.now();
        let sim = Simulator::new(Options {
            seed: 5,
            creators: 1,
            days: 0,
            origin: now,
            live_sales_per_hour: 0,
            base_url: None,
        });
        sim.change_settings(&json!({"rateLimit": 100_000}), now).unwrap();
        let new = NewCreator {
            name: Some("Ada".into()),
            rows: Some(rows),
            days: Some(100),
            twins_percent: None,
        };
        let creator = sim.add_creator(&new, now).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(simulator::serve(sim.clone(), listener, std::future::pending()));
        let db = Database::create().await;
        let transport = fanvue::https_transport(fanvue::Timeouts::default()).unwrap();
        let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let ctx = Ctx::with(config(&db.url, &url), transport, clock, entropy).unwrap();
        connect(&ctx, &sim, now).await;
        let environment = environment(&db.url, &url);
        Self { sim, db, environment, creator }
    }

    async fn function(&self, name: &str) -> Function {
        Function::start(name, self.environment.clone()).await
    }

    fn slow(&self, milliseconds: u64) {
        let fault = Fault::SlowMs(milliseconds);
        self.sim.fault(NewFault { matches: FaultMatch::default(), fault, times: None });
    }
}

#[tokio::test]
#[ignore = "needs functions built for Lambda: tests/lambda.sh"]
async fn an_http_event_is_answered_as_the_description_says() {
    let db = Database::create().await;
    let environment = environment(&db.url, "http://127.0.0.1:1");
    let mut function = Function::start("health", environment).await;
    for (method, query, secret, status) in [
        (Method::GET, "", None, 200),
        (Method::GET, "", Some(SECRET), 200),
        (Method::GET, "", Some("wrong"), 401),
        (Method::GET, "a=1&a=%20", None, 400),
        (Method::DELETE, "", None, 405),
    ] {
        let mut event = http_event(method.as_str(), HEALTH, query);
        if let Some(secret) = secret {
            event["headers"]["authorization"] = format!("Bearer {secret}").into();
        }
        let (response, body) = checked(&method, HEALTH, function.invoke(&event, USUAL).await);
        assert_eq!(response.status(), status, "{body}");
        assert_eq!(body["database"].is_string(), secret == Some(SECRET), "{body}");
    }
    // What is no request costs its own invocation and no other.
    let outcome = function.invoke(&json!({"detail-type": "Scheduled Event"}), USUAL).await;
    assert!(matches!(outcome, Outcome::Error(_)), "{outcome:?}");
    let event = http_event("GET", HEALTH, "");
    let (response, _) = checked(&Method::GET, HEALTH, function.invoke(&event, USUAL).await);
    assert_eq!(response.status(), 200);
}

#[tokio::test]
#[ignore = "needs functions built for Lambda: tests/lambda.sh"]
async fn a_slot_of_the_scheduler_is_a_tick_and_twice_is_as_good_as_once() {
    let world = Installation::of(120).await;
    let mut function = world.function("cron-revenue-heartbeat").await;
    for new_rows in [120, 0] {
        let outcome = function.invoke(&slot(HEARTBEAT), 300).await;
        let (response, report) = checked(&Method::POST, HEARTBEAT, outcome);
        assert_eq!(response.status(), 200, "{report}");
        assert_eq!(response.headers()["x-request-id"], EXECUTION, "the log has it by this name");
        assert_eq!((&report["newRows"], &report["unfinished"]), (&json!(new_rows), &json!(0)));
        assert_eq!(world.db.ledger().await, truth(&world.sim, SystemClock.now()));
    }
}

#[tokio::test]
#[ignore = "needs functions built for Lambda: tests/lambda.sh"]
async fn a_webhook_is_understood_before_its_answer_freezes_the_process() {
    let world = Installation::of(0).await;
    let now = SystemClock.now();
    // They are handed over below: nobody else is to send them.
    let url = "http://127.0.0.1:1/api/webhooks/fanvue";
    let settings = json!({"webhooks": {"url": url}});
    world.sim.change_settings(&settings, now).unwrap();
    let sale = NewSale { count: Some(2), ..NewSale::of(world.creator) };
    world.sim.sell(&sale, now).unwrap();
    let deliveries = world.sim.due_webhooks(now);
    assert!(2 <= deliveries.len());
    let mut function = world.function("webhooks-fanvue").await;
    for (n, delivery) in deliveries.into_iter().enumerate() {
        let mut event = http_event("POST", WEBHOOKS, "");
        let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            (name.to_string(), Value::from(value.to_str().unwrap()))
        };
        event["headers"] = delivery.headers.iter().map(header).collect::<Map<_, _>>().into();
        let is_encoded = n % 2 == 0;
        event["isBase64Encoded"] = is_encoded.into();
        event["body"] = if is_encoded {
            STANDARD.encode(&delivery.body).into()
        } else {
            std::str::from_utf8(&delivery.body).unwrap().into()
        };
        let outcome = function.invoke(&event, USUAL).await;
        let (response, receipt) = checked(&Method::POST, WEBHOOKS, outcome);
        assert_eq!((response.status().as_u16(), &receipt["new"]), (200, &json!(true)), "{receipt}");
        let left = "select 1 from webhook_events where state <> 'done'";
        assert!(world.db.sql(left).await.is_empty(), "the frozen process left it undone");
    }
    let shown = "select count(*) from provisional_transactions where state = 'open'";
    assert_ne!(world.db.sql(shown).await, [["0"]]);
}

#[tokio::test]
#[ignore = "needs functions built for Lambda: tests/lambda.sh"]
async fn tokens_that_are_being_exchanged_are_stored_before_the_answer_freezes_the_process() {
    let world = Installation::of(10).await;
    let age = "update fanvue_connections set obtained_at = now() - interval '2 hours',
                      expires_at = now() - interval '1 hour'";
    world.db.sql(age).await;
    // Longer than what an answer leaves to do is waited for.
    world.sim.fault(NewFault::once(Fault::SlowMs(5_000)).on_path("/oauth2/token"));
    let mut function = world.function("fanvue-force-sync-revenue").await;
    let mut event = http_event("POST", FORCE_SYNC, "");
    event["headers"]["authorization"] = format!("Bearer {SECRET}").into();
    let outcome = function.invoke(&event, USUAL).await;
    let (response, job) = checked(&Method::POST, FORCE_SYNC, outcome);
    assert_eq!(response.status(), 202, "{job}");
    let stored = "select 1 from fanvue_connections
                   where refresh_intended_at is null and expires_at > now()";
    assert_eq!(world.db.sql(stored).await.len(), 1, "the frozen process holds the only pair");
}

#[tokio::test]
#[ignore = "needs functions built for Lambda: tests/lambda.sh"]
async fn a_tick_stops_in_time_for_its_deadline_and_says_so_where_it_can_not() {
    let world = Installation::of(2_000).await;
    let mut function = world.function("cron-revenue-heartbeat").await;
    world.slow(1_000);
    let began_at = SystemClock.now();
    let (response, report) =
        checked(&Method::POST, HEARTBEAT, function.invoke(&slot(HEARTBEAT), 10).await);
    assert!(SystemClock.now().duration_since(began_at).as_secs() < 10);
    assert_eq!((response.status().as_u16(), &report["unfinished"]), (200, &json!(1)), "{report}");
    assert!(0 < report["newRows"].as_u64().unwrap(), "{report}");

    // An answer that comes too late for the invocation.
    world.sim.clear_faults();
    world.slow(20_000);
    world.db.expire_leases().await;
    let began_at = SystemClock.now();
    let (response, problem) =
        checked(&Method::POST, HEARTBEAT, function.invoke(&slot(HEARTBEAT), 4).await);
    assert!(SystemClock.now().duration_since(began_at).as_secs() < 4);
    assert_eq!((response.status().as_u16(), &problem["code"]), (503, &json!("unavailable")));
    assert_eq!(response.headers()["x-request-id"], EXECUTION);

    world.sim.clear_faults();
    world.db.expire_leases().await;
    let (response, report) =
        checked(&Method::POST, HEARTBEAT, function.invoke(&slot(HEARTBEAT), 300).await);
    assert_eq!((response.status().as_u16(), &report["unfinished"]), (200, &json!(0)), "{report}");
    assert_eq!(world.db.ledger().await, truth(&world.sim, SystemClock.now()));
}

#[tokio::test]
#[ignore = "needs functions built for Lambda: tests/lambda.sh"]
async fn a_wrong_configuration_is_an_answer_that_names_no_variable() {
    let mistyped = ("HEARTBEAT_CRON_SECRET", SECRET.to_owned());
    let url = ("DATABASE_URL", "postgres://postgres@127.0.0.1:1/none".to_owned());
    for (environment, name) in
        [(vec![], "DATABASE_URL"), (vec![url, mistyped], "HEARTBEAT_CRON_SECRET")]
    {
        let mut function = Function::start("cron-revenue-heartbeat", environment).await;
        let outcome = function.invoke(&slot(HEARTBEAT), USUAL).await;
        let (response, problem) = checked(&Method::POST, HEARTBEAT, outcome);
        assert_eq!(response.status(), 500);
        assert_eq!(problem["code"], "not_configured", "{problem}");
        assert!(!problem.to_string().contains(name), "{problem}");
    }
}
