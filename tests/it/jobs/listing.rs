//! Which jobs are listed, and what of them.

use serde_json::{Value, json};

use crate::world::{SECRET, World};

/// A month of nights of an agency of a thousand creators, later than what somebody asked for.
const NIGHTS: &str = "with begun as (
         insert into sync_jobs (agency_id, id, model_id, begun_at, is_proof)
         select m.agency_id, gen_random_uuid(), m.id, o.begun_at + n * interval '1 second', true
           from (select max(begun_at) as begun_at from sync_jobs) as o, generate_series(1, 1000) n,
                (select * from models where name = 'Ada') as m
         returning *
     )
     insert into sync_job_creators (agency_id, job_id, model_id, rows_known, cents_known, rows_ahead,
                                    rows_held, per_mille, ended_at, outcome)
     select agency_id, id, model_id, 0, 0, 0, 0, 1000, begun_at, 'done' from begun";

async fn listed(world: &World, uri: &str, name: &str) -> Vec<Value> {
    let (status, mut answer) = world.get(uri, Some(SECRET)).await;
    assert_eq!(status, 200, "{answer}");
    serde_json::from_value(answer[name].take()).unwrap()
}

#[tokio::test]
async fn what_goes_on_is_found_however_many_proofs_a_night_begins() {
    let (world, ..) = World::with_two().await;
    let ended = world.force_sync("").await;
    world.tick().await;
    world.advance(600);
    let id = world.force_sync("").await;
    world.db.sql(NIGHTS).await;
    let jobs = listed(&world, "/api/sync/jobs", "jobs").await;
    assert_eq!((&jobs[0]["id"], &jobs[1]["id"]), (&json!(id), &json!(ended)));
    assert_eq!(jobs.len(), 22, "and for the operator the newest of the others");
    let running = listed(&world, "/api/sync/status", "runningJobs").await;
    assert_eq!((running.len(), &running[0]["id"]), (1, &json!(id)));
    let latest = listed(&world, "/api/sync/status", "latestJobs").await;
    assert_eq!(latest[0]["id"], json!(ended));
}

#[tokio::test]
async fn a_list_carries_of_many_creators_only_the_one_that_is_asked_for() {
    let (world, ada, bea) = World::with_two().await;
    let (ada, bea) = (world.model(ada).await, world.model(bea).await);
    let one = world.force_sync(&format!("modelId={ada}")).await;
    let all = world.force_sync("").await;
    let parts = |jobs: &[Value], id: &str| {
        let job = jobs.iter().find(|job| job["id"] == id).unwrap();
        let parts = job["creators"].as_array().unwrap().iter();
        parts.map(|part| part["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let jobs = listed(&world, "/api/sync/jobs", "jobs").await;
    assert_eq!(parts(&jobs, &all), [""; 0]);
    assert_eq!(parts(&jobs, &one), ["Ada"], "whose name a page shows");
    assert_eq!(world.job(&all).await["creators"].as_array().unwrap().len(), 2);
    let hers = listed(&world, &format!("/api/sync/jobs?modelId={bea}"), "jobs").await;
    assert_eq!((hers.len(), parts(&hers, &all)), (1, vec!["Bea".to_owned()]));
    let of_all = listed(&world, "/api/sync/jobs?modelId=all", "jobs").await;
    assert_eq!(of_all.len(), 2);
}
