//! Calls that cost much are given to each caller so many times, all instances together.

use std::sync::Arc;

use app::{Ctx, SystemEntropy};
use bytes::Bytes;
use futures_util::future::join_all;
use http::Response;
use ledger::AgencyId;
use serde_json::Value;
use store::Allowance;
use tokio_postgres::NoTls;
use uuid::Uuid;

use crate::{
    users::token,
    world::{self, SECRET, World, config, transport::InProcess},
};

const EXPORT: &str = "/api/analytics/export.csv?timeRange=7d";
const DIAGNOSE: &str = "/api/fanvue/diagnose-revenue";
const BY_ROWS: &str = "/api/fanvue/diagnose-revenue?depth=rows";
const FORCE_SYNC: &str = "/api/fanvue/force-sync-revenue";

/// What costs much, and the status of an answer to it.
const EXPENSIVE: [(&str, &str, u16); 4] = [
    ("GET", EXPORT, 200),
    ("GET", DIAGNOSE, 200),
    ("GET", BY_ROWS, 200),
    ("POST", FORCE_SYNC, 202),
];

async fn ask(ctx: &Ctx, method: &str, uri: &str, bearer: &str) -> Response<Bytes> {
    let request = http::Request::builder().method(method).uri(uri);
    let request = request.header("authorization", format!("Bearer {bearer}"));
    world::route(ctx, request.body(Bytes::new()).unwrap()).await
}

/// How many files are given until there is a 429, which comes back.
async fn use_up(world: &World, bearer: &str) -> (u32, Response<Bytes>) {
    for given in 0..100 {
        let response = ask(&world.ctx, "GET", EXPORT, bearer).await;
        if response.status() == 429 {
            return (given, response);
        }
        assert_eq!(response.status(), 200);
    }
    panic!("nothing is ever refused")
}

fn seconds(response: &Response<Bytes>) -> i64 {
    response.headers()["retry-after"].to_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn thirty_are_given_in_any_ten_minutes_and_a_refusal_says_when_there_is_more() {
    let world = World::seeded(1, 2).await;
    world.tick().await;
    assert_eq!(ask(&world.ctx, "GET", EXPORT, SECRET).await.status(), 200);
    world.advance(400);
    let (given, refused) = use_up(&world, SECRET).await;
    assert_eq!((given, seconds(&refused)), (29, 200), "the first one still counts");
    let problem: Value = serde_json::from_slice(refused.body()).unwrap();
    assert_eq!(problem["code"], "too_many_requests");
    assert!(problem["detail"].as_str().unwrap().contains("in 200 seconds"), "{problem}");
    // Whoever goes on asking puts nothing off, and at the second that was told there is one more.
    world.advance(199);
    assert_eq!(seconds(&ask(&world.ctx, "GET", EXPORT, SECRET).await), 1);
    world.advance(1);
    let (given, refused) = use_up(&world, SECRET).await;
    assert_eq!((given, seconds(&refused)), (1, 400));
    world.advance(400);
    assert_eq!(use_up(&world, SECRET).await.0, 29);
}

#[tokio::test]
async fn all_that_costs_much_is_counted_together_and_nothing_else() {
    let world = World::seeded(1, 2).await;
    world.tick().await;
    for (method, uri, status) in EXPENSIVE {
        assert_eq!(ask(&world.ctx, method, uri, SECRET).await.status(), status, "{uri}");
    }
    assert_eq!(use_up(&world, SECRET).await.0, 26);
    for (method, uri, _) in EXPENSIVE {
        assert_eq!(ask(&world.ctx, method, uri, SECRET).await.status(), 429, "{uri}");
    }
    for (method, uri) in [
        ("GET", "/api/analytics/dashboard"),
        ("GET", "/api/analytics/transactions"),
        ("POST", "/api/fanvue/force-sync-revenue?dryRun=true"),
        ("GET", "/api/cron/revenue-heartbeat"),
    ] {
        assert_eq!(ask(&world.ctx, method, uri, SECRET).await.status(), 200, "{uri}");
    }
}

/// What the page asks while somebody looks at Sync health, compares three creators row by row, syncs, after which
/// all that is shown is asked again, checks three times more, and saves three files.
#[tokio::test]
async fn ten_minutes_of_a_persons_work_are_half_of_what_is_given() {
    let world = World::with_users().await;
    world.tick().await;
    let owner = token(&world, 1);
    let shown = [DIAGNOSE, BY_ROWS, BY_ROWS, BY_ROWS];
    let work = shown.iter().map(|uri| ("GET", *uri, 200));
    let work = work.chain([("POST", FORCE_SYNC, 202)]);
    let work = work.chain(shown.iter().map(|uri| ("GET", *uri, 200)));
    let work = work.chain([DIAGNOSE, EXPORT].iter().flat_map(|uri| [("GET", *uri, 200); 3]));
    for (method, uri, status) in work {
        assert_eq!(ask(&world.ctx, method, uri, &owner).await.status(), status, "{uri}");
    }
    assert_eq!(use_up(&world, &owner).await.0, 15);
}

/// What a table holds is shown only to who has an end to their time.
#[tokio::test]
async fn books_are_added_up_in_a_time_that_ends() {
    let world = World::seeded(1, 2).await;
    world.tick().await;
    let hidden = "alter table revenue_daily rename to kept;
        create view revenue_daily as
            select * from kept where current_setting('statement_timeout') <> '0'";
    world.db.sql(hidden).await;
    for uri in [DIAGNOSE, BY_ROWS] {
        let answer = ask(&world.ctx, "GET", uri, SECRET).await;
        let answer: Value = serde_json::from_slice(answer.body()).unwrap();
        let one = &answer["creators"][0];
        assert_ne!(one["rollup"]["cents"], 0, "{answer}");
        assert_eq!(one["rollup"], one["ledger"], "{answer}");
    }
}

#[tokio::test]
async fn books_that_somebody_holds_are_an_answer_with_its_remedy() {
    let world = World::seeded(1, 1).await;
    world.tick().await;
    let (holder, connection) =
        tokio_postgres::connect(&world.db.direct_url().await, NoTls).await.unwrap();
    tokio::spawn(connection);
    holder.batch_execute("begin; lock table revenue_daily in access exclusive mode").await.unwrap();
    let answer = ask(&world.ctx, "GET", DIAGNOSE, SECRET).await;
    let problem: Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!((answer.status().as_u16(), &problem["code"]), (503, &"unavailable".into()));
    assert!(problem["detail"].as_str().unwrap().contains("modelId"), "{problem}");
    holder.batch_execute("rollback").await.unwrap();
    assert_eq!(ask(&world.ctx, "GET", DIAGNOSE, SECRET).await.status(), 200);
}

#[tokio::test]
async fn everybody_has_a_count_of_their_own() {
    let world = World::with_users().await;
    let (owner, admin) = (token(&world, 1), token(&world, 2));
    assert_eq!(use_up(&world, &owner).await.0, 30);
    assert_eq!(use_up(&world, SECRET).await.0, 30, "the operator is not the owner");
    assert_eq!(use_up(&world, &admin).await.0, 30);
    let counted =
        "select count(*), sum(cardinality(granted_at)), sum(refused) from expensive_calls";
    assert_eq!(world.db.sql(counted).await, [["3", "90", "3"]]);
}

#[tokio::test]
async fn what_is_refused_for_less_is_not_counted() {
    let world = World::with_users().await;
    let (nobody, viewer) = (Uuid::nil(), token(&world, 4));
    for (uri, bearer, status) in [
        (EXPORT.to_owned(), "wrong", 401),
        (EXPORT.to_owned(), &viewer, 403),
        (format!("{EXPORT}&nonsense=1"), SECRET, 400),
        (format!("{EXPORT}&modelId={nobody}"), SECRET, 404),
        (format!("{BY_ROWS}&modelId={nobody}"), SECRET, 404),
        (format!("{DIAGNOSE}?modelId={nobody}"), SECRET, 404),
    ] {
        assert_eq!(ask(&world.ctx, "GET", &uri, bearer).await.status(), status, "{uri}");
    }
    let sync = format!("{FORCE_SYNC}?modelId={nobody}");
    assert_eq!(ask(&world.ctx, "POST", &sync, SECRET).await.status(), 404);
    assert_eq!(world.db.sql("select 1 from expensive_calls").await, Vec::<Vec<String>>::new());
}

#[tokio::test]
async fn all_instances_count_together() {
    let world = World::seeded(1, 1).await;
    let transport = InProcess { sim: world.sim.clone(), clock: Arc::clone(&world.clock) };
    let clock = Arc::clone(&world.clock);
    let other = config(&world.db.url, "http://127.0.0.1:1");
    let other = Ctx::with(other, Arc::new(transport), clock, Arc::new(SystemEntropy)).unwrap();
    let agency = world.db.sql("select id from agencies").await.remove(0).remove(0);
    let agency = AgencyId(agency.parse().unwrap());
    let (allowance, now) = (Allowance { calls_max: 30, seconds: 600 }, world.now());
    let calls = (0..40).flat_map(|_| [&world.ctx, &other]);
    let calls = calls.map(|ctx| ctx.store.count_expensive_call(agency, None, allowance, now));
    let answers = join_all(calls).await;
    let granted = answers.iter().filter(|answer| matches!(answer, Ok(None))).count();
    let refused = answers.iter().filter(|answer| matches!(answer, Ok(Some(_)))).count();
    assert_eq!((granted, refused), (30, 50));
    assert_eq!(ask(&other, "GET", EXPORT, SECRET).await.status(), 429);
}

#[tokio::test]
async fn a_clock_that_was_ahead_shuts_nobody_out() {
    let world = World::seeded(1, 1).await;
    world.tick().await;
    assert_eq!(use_up(&world, SECRET).await.0, 30);
    let ahead = "update expensive_calls set granted_at = array(
                     select at + interval '1 day' from unnest(granted_at) as at)";
    world.db.sql(ahead).await;
    assert_eq!(ask(&world.ctx, "GET", EXPORT, SECRET).await.status(), 200);
}
