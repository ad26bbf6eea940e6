//! Creators whose tokens an older system left in plain text.

use std::{process::Stdio, sync::Arc};

use app::{Clock, SystemClock};
use futures_util::future::BoxFuture;
use serde_json::json;
use simulator::NewGrant;
use store::{Gate, Options, Store};
use tokio::{io::AsyncReadExt, sync::Barrier};
use uuid::Uuid;

use super::{add_agency, add_connected, consent, heartbeat, instance, leave_plain, line, sync};
use crate::{
    functions::binary::Binary,
    world::{SECRET, TEN_MINUTES, TOKEN_KEYS, World, environment, fetch},
};

/// Nothing in the database holds one of these texts, as it is or in the bytes of a column.
async fn assert_nowhere(world: &World, texts: &[String]) {
    let tables = "select c.oid::regclass::text from pg_class c
                    join pg_namespace n on n.oid = c.relnamespace
                   where c.relkind = 'r' and n.nspname in ('public', 'supabase_migrations')";
    let mut rows = 0;
    for table in world.db.sql(tables).await {
        let dump = format!("select row_to_json(t)::text from {} t", table[0]);
        for row in world.db.sql(&dump).await {
            rows += 1;
            for text in texts {
                let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
                let row = &row[0];
                assert!(!row.contains(text) && !row.contains(&hex), "{} keeps a token", table[0]);
            }
        }
    }
    assert!(5 < rows, "there was something to look through");
}

#[tokio::test]
async fn plain_tokens_are_sealed_and_their_creators_read_to_the_cent() {
    let world = World::empty().await;
    add_agency(&world).await;
    let mut texts = vec![];
    let mut left = async |creator: Uuid, is_known: bool, with_refresh: bool| {
        let grant = consent(&world, creator);
        let refresh = grant.refresh_token.unwrap();
        let known = is_known.then_some(creator);
        let given = if with_refresh { refresh.as_str() } else { "" };
        leave_plain(&world, known, &grant.access_token, given).await;
        texts.extend([grant.access_token, refresh]);
    };
    let expired = world.creator("Expired, known", 130, 0);
    left(expired, true, true).await;
    world.advance(7200);
    left(world.creator("Known", 160, 0), true, true).await;
    left(world.creator("Unknown", 90, 0), false, true).await;
    left(world.creator("Known, no refresh token", 40, 0), true, false).await;

    sync(&world.ctx).await;
    assert_nowhere(&world, &texts).await;
    world.assert_complete().await;
    let report = heartbeat(&world.ctx).await;
    assert_eq!(report["unfinished"], 0, "{report}");
    let kept = world
        .db
        .sql(
            "select distinct m.fanvue_access_token, m.fanvue_refresh_token, c.kind, c.state,
                    c.account_uuid = m.fanvue_user_uuid
               from models m join fanvue_connections c on c.id = m.connection_id",
        )
        .await;
    assert_eq!(kept, [["sealed", "null", "creator", "active", "t"]]);

    // An older system that still runs writes once more: the connection's own tokens stay.
    let sealed = "select id, encode(access_sealed, 'hex') from fanvue_connections order by id";
    let before = world.db.sql(sealed).await;
    world.db.sql("update models set fanvue_access_token = 'late'").await;
    sync(&world.ctx).await;
    assert_eq!(world.db.sql(sealed).await, before);
}

#[tokio::test]
async fn an_agency_that_is_connected_first_leaves_no_plain_token_of_its_creators() {
    let world = World::empty().await;
    add_agency(&world).await;
    let creator = world.creator("Ada", 50, 0);
    let grant = consent(&world, creator);
    let texts = [grant.access_token, grant.refresh_token.unwrap()];
    leave_plain(&world, Some(creator), &texts[0], &texts[1]).await;
    world.connect().await;
    assert_nowhere(&world, &texts).await;
    world.tick().await;
    world.assert_complete().await;
}

/// Holds two instances together before each new connection, so that both have read the same token.
#[derive(Debug)]
struct SideBySide(Barrier);

impl Gate for SideBySide {
    fn before(&self, statement: &'static str) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            if statement == "add_own_connection" {
                self.0.wait().await;
            }
        })
    }

    fn after(&self, _: &'static str) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

#[tokio::test]
async fn two_instances_that_find_the_same_tokens_make_one_connection_of_each() {
    let world = World::empty().await;
    add_agency(&world).await;
    let mut texts = vec![];
    for number in 0..6_u64 {
        let creator = world.creator(&format!("Creator {number}"), 60, 0);
        let grant = consent(&world, creator);
        let refresh = grant.refresh_token.unwrap();
        let known = (number % 2 == 0).then_some(creator);
        leave_plain(&world, known, &grant.access_token, &refresh).await;
        texts.extend([grant.access_token, refresh]);
    }
    let gate: Arc<dyn Gate> = Arc::new(SideBySide(Barrier::new(2)));
    let [one, other] = [(), ()].map(|()| {
        let mut ctx = instance(&world, TOKEN_KEYS);
        let options = Options { gate: Some(Arc::clone(&gate)), ..Options::default() };
        ctx.store = Store::open(&ctx.config.database_url, options).unwrap();
        ctx
    });
    tokio::join!(sync(&one), sync(&other));
    let count = "select count(*), count(distinct c.account_uuid), count(distinct m.id)
                   from fanvue_connections c left join models m on m.connection_id = c.id";
    assert_eq!(world.db.sql(count).await, [["6", "6", "6"]]);
    assert_nowhere(&world, &texts).await;
    world.advance(TEN_MINUTES);
    let report = world.tick().await;
    assert_eq!(report["unfinished"], 0, "{report}");
    world.assert_complete().await;
}

#[tokio::test]
async fn a_token_that_changed_since_it_was_read_is_not_erased() {
    let world = World::empty().await;
    add_agency(&world).await;
    let connection = add_connected(&world, &["Ada"]).await[0];
    let of = format!("select id from fanvue_connections where account_uuid = '{connection}'");
    let connection = serde_json::from_value(json!(world.db.sql(&of).await[0][0])).unwrap();
    let bea = world.creator("Bea", 10, 0);
    leave_plain(&world, Some(bea), "read", "refresh").await;
    let store = &world.ctx.store;
    let plain = store.list_plain_tokens(world.now(), Uuid::nil(), 10).await.unwrap().remove(0);
    for (column, is_adopted) in
        [("fanvue_access_token", false), ("fanvue_refresh_token", false), ("name", true)]
    {
        world
            .db
            .sql(&format!("update models set {column} = 'newer' where id = '{}'", plain.creator))
            .await;
        let tx = store.begin("test").await.unwrap();
        let account = (plain.account_uuid.as_deref().unwrap(), None);
        let adopted = tx.adopt_creator(&plain, connection, account, world.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(adopted.is_some(), is_adopted, "{column}");
        let back =
            "update models set fanvue_access_token = 'read', fanvue_refresh_token = 'refresh'";
        world.db.sql(&format!("{back} where id = '{}'", plain.creator)).await;
    }
}

#[tokio::test]
async fn without_a_key_nothing_is_touched_and_with_one_all_is_taken_over() {
    let world = World::empty().await;
    add_agency(&world).await;
    let creator = world.creator("Ada", 70, 0);
    let grant = consent(&world, creator);
    leave_plain(&world, None, &grant.access_token, &grant.refresh_token.unwrap()).await;
    let before = world.db.sql("select row_to_json(m) from models m").await;
    world.sim.reset_requests();
    sync(&instance(&world, "")).await;
    assert_eq!(world.db.sql("select row_to_json(m) from models m").await, before);
    assert_eq!(world.sim.requests().total, 0, "nobody is asked in vain");

    // An outage changes nothing either.
    let outage = json!({"fault": {"status": 503}, "times": 4});
    world.sim.fault(serde_json::from_value(outage).unwrap());
    sync(&world.ctx).await;
    assert_eq!(world.db.sql("select row_to_json(m) from models m").await, before);
    world.sim.clear_faults();
    sync(&world.ctx).await;
    world.assert_complete().await;
}

#[tokio::test]
async fn a_wrong_token_is_named_by_its_creator_and_never_told() {
    let world = World::empty().await;
    add_agency(&world).await;
    // The function reads the real clock, and so does the platform on its socket.
    let grant = |account: Uuid| {
        let ask = NewGrant { account: account.to_string(), ..NewGrant::default() };
        world.sim.grant(&ask, SystemClock.now()).unwrap()
    };
    let [ada, bea, cleo, dora] =
        ["Ada", "Bea", "Cleo", "Dora"].map(|name| world.creator(name, 30, 0));
    let (swapped, again) = (grant(bea), grant(dora));
    let unknown = leave_plain(&world, None, "hush-access-1", "hush-refresh-1").await;
    let ended = leave_plain(&world, Some(ada), "hush-access-2", "hush-refresh-2").await;
    let other = leave_plain(&world, Some(cleo), &swapped.access_token, "hush-refresh-3").await;
    let first = leave_plain(&world, Some(dora), &again.access_token, "").await;
    let second = leave_plain(&world, None, &again.access_token, "").await;

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let platform = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(simulator::serve(world.sim.clone(), listener, std::future::pending()));
    let path = env!("CARGO_BIN_EXE_cron-sync-transactions");
    let environment = environment(&world.db.url, &platform);
    let mut function = Binary::logging_to(Stdio::piped(), path, environment).await;
    let url = format!("{}/api/cron/sync-transactions", function.url);
    assert_eq!(fetch(&url, Some(SECRET)).await.status(), 200);
    let report: serde_json::Value = {
        let url = format!("{}/api/cron/sync-transactions", function.url);
        serde_json::from_slice(fetch(&url, Some(SECRET)).await.body()).unwrap()
    };
    function.child.start_kill().unwrap();
    let mut log = String::new();
    function.child.stderr.take().unwrap().read_to_string(&mut log).await.unwrap();

    let said = |model: &str| {
        let of = |line: &&str| line.contains(model) && line.contains("plain token");
        log.lines().filter(of).collect::<String>()
    };
    assert!(said(&unknown).contains("the access token is not accepted"), "{log}");
    assert!(said(&other).contains("another account"), "{log}");
    assert!(said(&first).contains("plain token sealed"), "{log}");
    assert!(said(&second).contains("another creator of the agency"), "{log}");
    for secret in ["hush", swapped.access_token.as_str(), again.access_token.as_str()] {
        assert!(!log.contains(secret) && !report.to_string().contains(secret), "{log}");
    }
    let state = "select c.state from fanvue_connections c join models m on m.connection_id = c.id
                  where m.id = ";
    assert_eq!(world.db.sql(&format!("{state}'{ended}'")).await, [["revoked"]]);
    let report = heartbeat(&world.ctx).await;
    assert_eq!(line(&report, &ended)["state"], "disconnected", "{report}");
    assert_eq!(world.db.sql(&format!("{state}'{unknown}'")).await.len(), 0);
    assert_eq!(world.db.sql(&format!("{state}'{other}'")).await.len(), 0);
}
