//! Tokens at rest: bound to their place, changed from key to key, and taken over from plain text.

mod adopting;
mod doubtful;
mod guessed;
mod rotating;

use std::sync::Arc;

use app::{Config, Ctx, SystemEntropy};
use serde_json::Value;
use simulator::{Grant, NewGrant};
use uuid::Uuid;

use crate::world::{SECRET, TEN_MINUTES, World, canary, environment, transport::InProcess};

/// The key of [`crate::world::TOKEN_KEYS`] and a newer one, alone and in front of it.
const NEW: &str = "t2:ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";
const NEW_THEN_OLD: &str = "t2:ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=,\
                            t1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// Another instance of the service in the world, with these keys.
fn instance(world: &World, keys: &str) -> Ctx {
    let known = environment(&world.db.url, "http://127.0.0.1:1");
    let config = Config::from_lookup(|name| match name {
        "TOKEN_KEYS" => Some(keys.to_owned()),
        _ => known.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone()),
    });
    let transport = Arc::new(InProcess { sim: world.sim.clone(), clock: Arc::clone(&world.clock) });
    let clock = Arc::clone(&world.clock);
    Ctx::with(config.unwrap(), transport, clock, Arc::new(SystemEntropy)).unwrap()
}

/// What an endpoint of that instance answers.
async fn call(ctx: &Ctx, path: &str) -> Value {
    let request = http::Request::get(path).header("authorization", format!("Bearer {SECRET}"));
    let response = crate::world::route(ctx, request.body(bytes::Bytes::new()).unwrap()).await;
    canary::check_answer(&response);
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(response.status(), 200, "{body}");
    body
}

async fn sync(ctx: &Ctx) -> Value {
    call(ctx, "/api/cron/sync-transactions").await
}

async fn heartbeat(ctx: &Ctx) -> Value {
    call(ctx, "/api/cron/revenue-heartbeat").await
}

/// A consent of the account, as an older system got it.
fn consent(world: &World, account: Uuid) -> Grant {
    let ask = NewGrant { account: account.to_string(), ..NewGrant::default() };
    world.sim.grant(&ask, world.now()).unwrap()
}

/// Makes the agency that [`World::connect`] makes.
async fn add_agency(world: &World) {
    world.db.sql("insert into agencies (name, timezone) values ('Agency', 'Europe/Rome')").await;
}

/// A creator as an older system left it; its id.
async fn leave_plain(world: &World, uuid: Option<Uuid>, access: &str, refresh: &str) -> String {
    let uuid = uuid.map_or("null".to_owned(), |uuid| format!("'{uuid}'"));
    let refresh = format!("'{refresh}'");
    let sql = format!(
        "insert into models
             (agency_id, name, fanvue_user_uuid, fanvue_access_token, fanvue_refresh_token)
         select id, 'left', {uuid}, '{access}', {refresh} from agencies where name = 'Agency'
         returning id"
    );
    world.db.sql(&sql).await[0][0].clone()
}

/// Adds creators with a connection of their own, by the way an older system's creators take.
async fn add_connected(world: &World, names: &[&str]) -> Vec<Uuid> {
    let mut creators = vec![];
    for name in names {
        let creator = world.creator(name, 120, 0);
        let grant = consent(world, creator);
        let refresh = grant.refresh_token.unwrap();
        leave_plain(world, Some(creator), &grant.access_token, &refresh).await;
        creators.push(creator);
    }
    sync(&world.ctx).await;
    creators
}

/// The line of a creator in a report.
fn line<'a>(report: &'a Value, model: &str) -> &'a Value {
    let lines = report["creators"].as_array().unwrap();
    lines.iter().find(|line| line["modelId"] == model).unwrap()
}

async fn model_of(world: &World, account: Uuid) -> String {
    let sql = format!("select id from models where fanvue_user_uuid = '{account}'");
    world.db.sql(&sql).await[0][0].clone()
}

#[tokio::test]
async fn a_token_moved_to_another_row_or_column_opens_nothing_and_harms_nobody_else() {
    let world = World::empty().await;
    add_agency(&world).await;
    let [ada, bea, cleo] = add_connected(&world, &["Ada", "Bea", "Cleo"]).await[..] else {
        panic!()
    };
    heartbeat(&world.ctx).await;
    world.assert_complete().await;

    let between = format!(
        "update fanvue_connections c set access_sealed = o.access_sealed
           from fanvue_connections o
          where (c.account_uuid, o.account_uuid) in (('{ada}', '{bea}'), ('{bea}', '{ada}'))"
    );
    let within = format!(
        "update fanvue_connections set access_sealed = refresh_sealed, refresh_sealed = access_sealed
          where account_uuid = '{ada}'"
    );
    for (swap, shut, well) in
        [(between, vec![ada, bea], vec![cleo]), (within, vec![ada], vec![bea, cleo])]
    {
        for creator in [ada, bea, cleo] {
            world.sell(creator, 2);
        }
        world.advance(TEN_MINUTES);
        let before = world.db.ledger().await;
        world.db.sql(&swap).await;
        world.sim.reset_requests();
        let report = world.tick().await;
        for creator in &shut {
            let model = model_of(&world, *creator).await;
            let line = line(&report, &model);
            assert_eq!(line["state"], "failed", "{line}");
            let error = line["error"].as_str().unwrap();
            assert!(error.contains("does not open: it was changed or moved"), "{error}");
        }
        for creator in &well {
            let model = model_of(&world, *creator).await;
            assert_eq!(line(&report, &model)["state"], "complete", "{report}");
        }
        let (after, truth) =
            (world.db.ledger().await, crate::world::truth(&world.sim, world.now()));
        for (index, (account, ..)) in truth.iter().enumerate() {
            let is_shut = shut.iter().any(|creator| creator.to_string() == *account);
            let expected = if is_shut { &before[index] } else { &truth[index] };
            assert_eq!(after[index], *expected, "a creator who can't be read stays as it was");
        }
        let asked = world.sim.requests();
        assert_eq!(asked.by_status.keys().collect::<Vec<_>>(), [&200], "nothing was tried out");
        // Swapped once more, everything is where it belongs.
        world.db.sql(&swap).await;
        world.advance(TEN_MINUTES);
        world.tick().await;
        world.assert_complete().await;
    }
}
