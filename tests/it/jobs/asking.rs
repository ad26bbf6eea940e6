//! Who may ask, what is answered, and when nothing begins.

use bytes::Bytes;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{FORCE_SYNC, asked};
use crate::{
    users::{
        agencies::{fill, fingerprint, id},
        token,
    },
    world::{SECRET, World},
};

const JOBS: &str = "select count(*) from sync_jobs";

#[tokio::test]
async fn a_job_is_accepted_and_shown_at_its_place() {
    let (world, ada, _) = World::with_two().await;
    let model = world.model(ada).await;
    let response = asked(&world, &format!("modelId={model}")).await;
    assert_eq!(response.status(), 202);
    let place = response.headers()["location"].to_str().unwrap().to_owned();
    let answer: Value = serde_json::from_slice(response.body()).unwrap();
    let (job, id) = (&answer["job"], answer["job"]["id"].as_str().unwrap());
    assert_eq!((&answer["joined"], &job["state"]), (&json!(false), &json!("queued")));
    assert_eq!(place, format!("/api/sync/jobs/{id}"));
    assert_eq!((&job["modelId"], &job["creatorsTotal"]), (&json!(model), &json!(1)));
    let (status, shown) = world.get(&place, Some(SECRET)).await;
    assert_eq!((status, &shown), (200, job));
    let (_, list) = world.get("/api/sync/jobs", Some(SECRET)).await;
    assert_eq!(list["jobs"], json!([job]), "a page that was loaded again finds it");
    let after = response.extensions().get::<app::http::AfterAnswer>();
    assert_eq!(after, Some(&app::http::AfterAnswer::Jobs));
}

#[tokio::test]
async fn what_an_answer_leaves_to_do_is_the_reading_itself() {
    let (world, ..) = World::with_two().await;
    let mut response = asked(&world, "").await;
    let left = response.extensions_mut().remove().unwrap();
    app::finish_up(&world.ctx, left).await;
    let answer: Value = serde_json::from_slice(response.body()).unwrap();
    let job = world.job(answer["job"]["id"].as_str().unwrap()).await;
    assert_eq!((&job["state"], &job["percent"]), (&json!("done"), &json!(100)), "{job}");
    assert_eq!(job["message"], "Sync finished · nothing new");
}

#[tokio::test]
async fn whoever_asks_for_what_is_running_joins_it() {
    let (world, ada, _) = World::with_two().await;
    let model = world.model(ada).await;
    let at_once = join_all((0..8).map(|_| world.force_sync(""))).await;
    assert!(at_once.iter().all(|id| *id == at_once[0]), "{at_once:?}");
    assert_eq!(world.db.sql(JOBS).await, [["1"]]);
    assert_eq!(world.force_sync(&format!("modelId={model}")).await, at_once[0], "she is in it");
    let (_, answer) = world.post(FORCE_SYNC).await;
    assert_eq!(answer["joined"], true);
}

#[tokio::test]
async fn a_job_for_all_goes_on_with_the_history_that_is_being_read_for_one() {
    let (world, ada, _) = World::with_two().await;
    let model = world.model(ada).await;
    let one = world.force_sync(&format!("modelId={model}")).await;
    let all = world.force_sync("").await;
    assert_ne!(one, all);
    world.sim.reset_requests();
    world.tick().await;
    let requests = world.sim.requests().total;
    assert!(requests < 62, "{requests} requests: each history is read once");
    for id in [one, all] {
        assert_eq!(world.job(&id).await["state"], "done");
    }
    world.assert_complete().await;
}

#[tokio::test]
async fn what_was_read_a_moment_ago_is_not_read_again() {
    let (world, ada, bea) = World::with_two().await;
    let (ada, bea) = (world.model(ada).await, world.model(bea).await);
    let query = format!("modelId={ada}");
    let id = world.force_sync(&query).await;
    world.tick().await;
    world.advance(100);
    let response = asked(&world, &query).await;
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["retry-after"], "200");
    let problem: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!((&problem["code"], &problem["jobId"]), (&json!("cooling_down"), &json!(id)));
    assert_eq!(world.db.sql(JOBS).await, [["1"]]);
    world.force_sync(&format!("modelId={bea}")).await;
    world.advance(201);
    world.force_sync(&query).await;
    assert_eq!(world.db.sql(JOBS).await, [["3"]]);
}

#[tokio::test]
async fn all_may_be_asked_for_by_name() {
    let (world, ..) = World::with_two().await;
    let id = world.force_sync("modelId=all").await;
    let job = world.job(&id).await;
    assert_eq!((&job["modelId"], &job["creatorsTotal"]), (&Value::Null, &json!(2)));
    let (status, plan) = world.post(&format!("{FORCE_SYNC}?modelId=all&dryRun=true")).await;
    assert_eq!((status, &plan["runningJobId"]), (200, &json!(id)), "{plan}");
}

#[tokio::test]
async fn whom_nobody_can_read_does_not_keep_the_others_from_cooling_down() {
    let (world, _, bea) = World::with_two().await;
    world.db.sql("update models set fanvue_user_uuid = null where name = 'Bea'").await;
    let id = world.force_sync("").await;
    world.tick().await;
    let job = world.job(&id).await;
    assert_eq!((&job["state"], &job["creatorsDone"]), (&json!("partly"), &json!(1)), "{job}");
    let (status, problem) = world.post(FORCE_SYNC).await;
    assert_eq!((status, &problem["jobId"]), (429, &json!(id)), "{problem}");
    let back = format!("update models set fanvue_user_uuid = '{bea}' where name = 'Bea'");
    world.db.sql(&back).await;
    let again = world.force_sync("").await;
    assert_ne!(again, id, "now there is somebody whom it did not read");
}

#[tokio::test]
async fn a_dry_run_says_what_it_takes_and_writes_nothing() {
    let (world, ada, _) = World::with_two().await;
    let before = fingerprint(&world.db).await;
    let (status, plan) = world.post(&format!("{FORCE_SYNC}?dryRun=true")).await;
    assert_eq!((status, &plan["dryRun"], &plan["requests"]), (200, &json!(true), &json!(53 + 3)));
    assert_eq!(plan["creators"][0]["name"], "Ada");
    assert_eq!(plan["runningJobId"], Value::Null);
    assert_eq!(fingerprint(&world.db).await, before);
    let model = world.model(ada).await;
    let id = world.force_sync("").await;
    let (_, plan) = world.post(&format!("{FORCE_SYNC}?modelId={model}&dryRun=true")).await;
    assert_eq!(plan["runningJobId"], json!(id));
}

#[tokio::test]
async fn nonsense_is_named_and_a_body_is_not_overlooked() {
    let (world, ..) = World::with_two().await;
    for (query, field) in [("dryRun=yes", "dryRun"), ("modelId=Ada", "modelId")] {
        let (status, problem) = world.post(&format!("{FORCE_SYNC}?{query}")).await;
        assert_eq!((status, &problem["field"]), (400, &json!(field)), "{problem}");
    }
    let request =
        http::Request::post(FORCE_SYNC).header("authorization", format!("Bearer {SECRET}"));
    let body = Bytes::from_static(b"{\"modelId\":\"x\"}");
    let (status, problem) = world.send(request.body(body).unwrap()).await;
    assert_eq!((status, &problem["code"]), (400, &json!("bad_request")));
    assert_eq!(world.db.sql(JOBS).await, [["0"]]);
}

#[tokio::test]
async fn each_role_may_what_it_may_and_sees_no_other_agencys_job() {
    let world = World::with_users().await;
    fill(&world.db, 2).await;
    let other = format!("/api/sync/jobs/{}", id(2, 'e'));
    // Owner, admin and manager may ask, viewer and an unknown role may not.
    for (n, status) in [(4, 403), (5, 403), (3, 202), (2, 202), (1, 202)] {
        let token = token(&world, n);
        let (got, answer) = world.ask_with("POST", FORCE_SYNC, &token).await;
        assert_eq!(got, status, "user {n}: {answer}");
        let shown = if status == 202 { 200 } else { 403 };
        for uri in ["/api/sync/jobs", "/api/sync/status"] {
            assert_eq!(world.ask_with("GET", uri, &token).await.0, shown, "user {n}: {uri}");
        }
        let (got, _) = world.ask_with("GET", &other, &token).await;
        assert_eq!(got, if status == 202 { 404 } else { 403 }, "user {n}");
    }
    let (_, list) = world.ask_with("GET", "/api/sync/jobs", &token(&world, 1)).await;
    assert_eq!(list["jobs"].as_array().unwrap().len(), 1, "they joined the manager's");
    assert_eq!(list["jobs"][0]["askedBy"], crate::users::user(3));
    let (_, list) = world.ask_with("GET", "/api/sync/jobs", &token(&world, 17)).await;
    assert_eq!(list["jobs"][0]["id"], id(2, 'e'));
    world.db.sql("update sync_jobs set is_proof = true").await;
    let (_, list) = world.ask_with("GET", "/api/sync/jobs", &token(&world, 1)).await;
    assert_eq!(list["jobs"], json!([]), "nobody asked for what the proof reads");
}
