//! `rotate-keys` beside a service that goes on: nothing fails, nothing is left, nothing is lost.

use std::{
    io::Write,
    sync::atomic::{AtomicBool, Ordering},
};

use app::{
    Binding, Ctx, SealError, TokenKind,
    resealing::{CONNECTIONS_PER_COMMIT, Outcome, reseal_tokens},
};
use ledger::{AgencyId, ConnectionId};
use serde_json::json;
use store::{Resealed, SealedGrant, Stored};
use uuid::Uuid;

use super::{NEW, NEW_THEN_OLD, add_agency, add_connected, heartbeat, instance, sync};
use crate::world::{TOKEN_KEYS, World};

/// Tokens that `cargo test` rotates; `HEARTBEAT_TOKENS` is another number.
const TOKENS: usize = 2_000;

/// As `rotate-keys` does it; how long it took is its caller's.
async fn rotate(ctx: &Ctx, per_commit: i64) -> Outcome {
    let mut told = 0;
    let mut tell = |progress: app::resealing::Progress| {
        assert!(told <= progress.tokens, "progress goes forward");
        told = progress.tokens;
    };
    reseal_tokens(ctx, per_commit, &mut tell).await.unwrap()
}

fn binding(stored: &Stored, kind: TokenKind) -> Binding {
    Binding { agency: stored.agency, connection: stored.connection, kind }
}

/// All tokens that are stored.
async fn stored(ctx: &Ctx) -> Vec<Stored> {
    let tx = ctx.store.begin("test").await.unwrap();
    let all = tx.hold_sealed_elsewhere(b"\0", None, i64::MAX).await.unwrap();
    tx.rollback().await.unwrap();
    all
}

/// The agency of connections that nobody reads. It comes last, so that those in use are rotated while
/// the traffic begins.
const QUIET: AgencyId = AgencyId(Uuid::max());

/// Connections nobody reads, each with a pair of tokens that tell whose they are.
async fn add_connections(world: &World, ctx: &Ctx, count: usize) {
    let agency = QUIET;
    world.db.sql(&format!("insert into agencies (id, name) values ('{agency}', 'Quiet')")).await;
    let numbers: Vec<_> = (1..=count as u128).collect();
    for numbers in numbers.chunks(10_000) {
        let rows: Vec<_> = numbers
            .iter()
            .map(|number| {
                let id = ConnectionId(Uuid::from_u128(number << 64));
                let seal = |kind| {
                    let binding = Binding { agency, connection: id, kind };
                    let token = format!("{kind:?} {id}");
                    let sealed =
                        ctx.config.token_keys.seal(&token, binding, &*ctx.entropy).unwrap();
                    sealed.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
                };
                // Some accounts give no refresh token.
                let refresh = match number % 50 {
                    0 => "null".to_owned(),
                    _ => format!("'\\x{}'", seal(TokenKind::Refresh)),
                };
                format!("('{id}', '\\x{}'::bytea, {refresh}::bytea)", seal(TokenKind::Access))
            })
            .collect();
        let sql = format!(
            "insert into fanvue_connections
                 (id, agency_id, kind, account_uuid, access_sealed, refresh_sealed,
                  obtained_at, expires_at, created_at, updated_at)
             select id::uuid, '{agency}', 'creator', id, access, refresh,
                    '{now}', '2036-01-01', '{now}', '{now}'
               from (values {}) as t (id, access, refresh)",
            rows.join(","),
            now = world.now(),
        );
        world.db.sql(&sql).await;
    }
}

#[expect(clippy::disallowed_methods, reason = "a test's own switch, and its stopwatch")]
fn switches() -> (usize, std::time::Instant) {
    let tokens = std::env::var("HEARTBEAT_TOKENS").ok();
    let tokens = tokens.map_or(TOKENS, |text| text.parse().expect("HEARTBEAT_TOKENS is a number"));
    (tokens, std::time::Instant::now())
}

/// Ticks of both kinds, with sales and tokens that end within minutes; how many there were. The
/// first answer with a creator who was not read ends it.
async fn traffic(world: &World, ctx: &Ctx, enough: &AtomicBool) -> usize {
    let mut ticks = 0;
    while ticks < 6 || !enough.load(Ordering::Relaxed) {
        for creator in world.sim.creators().into_iter().skip(1).step_by(3) {
            world.sell(creator, 1);
        }
        world.advance(75);
        for report in [sync(ctx).await, heartbeat(ctx).await] {
            ticks += 1;
            for creator in report["creators"].as_array().unwrap() {
                assert_eq!(creator["state"], "complete", "{creator}");
            }
        }
    }
    ticks
}

#[tokio::test]
async fn the_key_is_changed_under_traffic_without_one_failed_call() {
    let (tokens, _) = switches();
    let world = World::empty().await;
    world.settings(json!({"tokenSeconds": 90}));
    for number in 0..10 {
        world.creator(&format!("Managed {number}"), 120, 0);
    }
    world.connect().await;
    let names: Vec<_> = (0..10).map(|number| format!("Own {number}")).collect();
    add_connected(&world, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    heartbeat(&world.ctx).await;
    world.assert_complete().await;
    add_connections(&world, &world.ctx, tokens / 2).await;
    let all = stored(&world.ctx).await.len();
    assert_eq!(all, tokens / 2 + 11, "one of the agency, one of each creator with its own");

    let both = instance(&world, NEW_THEN_OLD);
    let (rotating, enough) = (instance(&world, NEW_THEN_OLD), AtomicBool::new(false));
    world.sim.reset_requests();
    // Small commits, so that there is traffic between them however few tokens there are.
    let per_commit = i64::try_from(tokens / 80).unwrap().clamp(1, CONNECTIONS_PER_COMMIT);
    let (_, began_at) = switches();
    let rotation = async {
        let outcome = rotate(&rotating, per_commit).await;
        enough.store(true, Ordering::Relaxed);
        (outcome, began_at.elapsed())
    };
    let ((outcome, took), ticks) = tokio::join!(rotation, traffic(&world, &both, &enough));
    assert_eq!((outcome.left, &outcome.stuck[..]), (0, &[][..]), "{outcome:?}");
    assert_eq!(outcome.key, "t2");

    let asked = world.sim.requests();
    let refreshes = asked.by_route["POST /oauth2/token"];
    assert!(22 <= refreshes, "each token ended, and again: {refreshes}");
    assert_eq!(asked.by_status.keys().collect::<Vec<_>>(), [&200], "not one call failed");
    let new = instance(&world, NEW);
    let all_stored = stored(&new).await;
    assert_eq!(all_stored.len(), all);
    for row in all_stored {
        for (kind, sealed) in [(TokenKind::Access, &row.access), (TokenKind::Refresh, &row.refresh)]
        {
            let Some(sealed) = sealed else { continue };
            let token = new.config.token_keys.open(sealed, binding(&row, kind)).unwrap();
            assert!(row.agency != QUIET || token == format!("{kind:?} {}", row.connection));
        }
    }
    assert_eq!(traffic(&world, &new, &AtomicBool::new(true)).await, 6);
    world.assert_complete().await;
    let said = format!(
        "rotation: {} tokens of {} connections in {:.2} s beside {ticks} ticks, {refreshes} refreshes, 0 failed calls",
        outcome.tokens,
        outcome.connections,
        took.as_secs_f64(),
    );
    writeln!(std::io::stdout().lock(), "{said}").unwrap();
}

#[tokio::test]
async fn two_rotations_at_once_share_the_work_and_a_third_finds_none() {
    let world = World::empty().await;
    add_connections(&world, &world.ctx, 300).await;
    let (one, other) = (instance(&world, NEW_THEN_OLD), instance(&world, NEW_THEN_OLD));
    let (first, second) = tokio::join!(rotate(&one, 7), rotate(&other, 11));
    assert_eq!(first.tokens + second.tokens, 594, "each once; six have no refresh token");
    assert_eq!((first.left, second.left), (0, 0));
    let third = rotate(&one, 7).await;
    assert_eq!((third.tokens, third.connections, third.left), (0, 0, 0));
}

#[tokio::test]
async fn a_pair_that_is_being_refreshed_is_waited_for_and_what_it_stores_is_kept() {
    let world = World::empty().await;
    add_connections(&world, &world.ctx, 20).await;
    let row = stored(&world.ctx).await.remove(4);
    let seal = |ctx: &Ctx, token: &str, kind| {
        ctx.config.token_keys.seal(token, binding(&row, kind), &*ctx.entropy).unwrap()
    };
    // An instance that doesn't know the new key yet exchanges the pair, under the row's lock.
    let refresh = world.ctx.store.begin("test").await.unwrap();
    refresh.lock_connection(row.agency, row.connection).await.unwrap().unwrap();
    let (both, rotated) = (instance(&world, NEW_THEN_OLD), AtomicBool::new(false));
    let finish = async {
        let waits = "select count(*) from pg_stat_activity
                      where datname = current_database() and wait_event_type = 'Lock'";
        while world.db.sql(waits).await != [["1"]] {
            assert!(!rotated.load(Ordering::Relaxed), "it was not waited for");
            tokio::task::yield_now().await;
        }
        let grant = SealedGrant {
            access: seal(&world.ctx, "newer access", TokenKind::Access),
            refresh: Some(seal(&world.ctx, "newer refresh", TokenKind::Refresh)),
            obtained_at: world.now(),
            expires_at: world.now(),
            scope: String::new(),
        };
        refresh.save_grant(row.agency, row.connection, &grant).await.unwrap();
        refresh.commit().await.unwrap();
    };
    let rotation = async {
        let outcome = rotate(&both, 500).await;
        rotated.store(true, Ordering::Relaxed);
        outcome
    };
    let (outcome, ()) = tokio::join!(rotation, finish);
    assert_eq!((outcome.tokens, outcome.connections, outcome.left), (40, 20, 0));
    let now = stored(&world.ctx).await.remove(4);
    let new = instance(&world, NEW);
    let open = |sealed: Option<Vec<u8>>, kind| {
        new.config.token_keys.open(&sealed.unwrap(), binding(&row, kind)).unwrap()
    };
    assert_eq!(open(now.access, TokenKind::Access), "newer access");
    assert_eq!(open(now.refresh, TokenKind::Refresh), "newer refresh");
}

#[tokio::test]
async fn bytes_that_changed_since_they_were_read_are_not_overwritten() {
    let world = World::empty().await;
    add_connections(&world, &world.ctx, 3).await;
    let read = stored(&world.ctx).await;
    let changed = read[1].connection;
    world
        .db
        .sql(&format!(
            "update fanvue_connections set refresh_sealed = '\\x01' where id = '{changed}'"
        ))
        .await;
    let new =
        |was: &Stored| Resealed { was: was.clone(), access: Some(vec![7]), refresh: Some(vec![8]) };
    let new: Vec<_> = read.iter().map(new).collect();
    let tx = world.ctx.store.begin("test").await.unwrap();
    let mut replaced = tx.replace_sealed(&new).await.unwrap();
    tx.commit().await.unwrap();
    replaced.sort();
    assert_eq!(replaced, [read[0].connection, read[2].connection]);
    let now = stored(&world.ctx).await;
    assert_eq!((&now[1].access, &now[1].refresh), (&read[1].access, &Some(vec![1])));
    assert_eq!((&now[2].access, &now[2].refresh), (&Some(vec![7]), &Some(vec![8])));
}

#[tokio::test]
async fn what_does_not_open_is_named_and_holds_up_no_other() {
    let world = World::empty().await;
    add_agency(&world).await;
    add_connections(&world, &world.ctx, 10).await;
    let rows = stored(&world.ctx).await;
    let [moved, foreign] = [rows[2].connection, rows[5].connection];
    world
        .db
        .sql(&format!(
            "update fanvue_connections set access_sealed = refresh_sealed where id = '{moved}';
             update fanvue_connections
                set refresh_sealed = overlay(refresh_sealed placing 't9'::bytea from 3)
              where id = '{foreign}';
             update fanvue_connections
                set access_sealed = null, refresh_sealed = null, state = 'disconnected'
              where id = '{}'",
            rows[7].connection
        ))
        .await;
    let both = instance(&world, NEW_THEN_OLD);
    for (tokens, connections) in [(16, 9), (0, 0)] {
        let outcome = rotate(&both, 3).await;
        assert_eq!((outcome.tokens, outcome.connections, outcome.left), (tokens, connections, 2));
        let stuck: Vec<_> =
            outcome.stuck.into_iter().map(|s| (s.connection, s.kind, s.cause)).collect();
        let unknown = SealError::UnknownKey { id: "t9".into() };
        let expected =
            [(moved, TokenKind::Access, SealError::Broken), (foreign, TokenKind::Refresh, unknown)];
        assert_eq!(stuck, expected);
    }
    let old = instance(&world, TOKEN_KEYS);
    let outcome = rotate(&old, 3).await;
    assert_eq!((outcome.tokens, outcome.left), (0, 17), "its key opens none but the moved one");
}
