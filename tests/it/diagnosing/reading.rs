//! Sales that were not read, for whatever stood in the way.

use app::tick::{Limits, Scope, tick};
use serde_json::json;
use simulator::{Fault, FaultMatch, NewFault};

use super::{ask, assert_cause, causes, parts, read, sell, unread};
use crate::{
    audience::process,
    world::{TEN_MINUTES, World},
};

/// Of what stands in the way the feed and the totals are asked all the same.
const EARNINGS: &str = "insights/earnings";

fn fault(world: &World, path: &str, fault: Fault) {
    let matches = FaultMatch { path: Some(path.into()), ..FaultMatch::default() };
    world.sim.fault(NewFault { matches, fault, times: None });
}

/// What is missing, without reversals, which totals leave out.
fn missing(ada: &serde_json::Value) -> Vec<String> {
    let causes = causes(ada).into_iter().filter(|(cause, _)| cause != "summary_versus_rows");
    causes.map(|(cause, _)| cause).collect()
}

#[tokio::test]
async fn nothing_was_ever_read() {
    let (world, _) = unread(40).await;
    world.advance(1);
    let earned = world.sim.truth(world.now()).gross_cents;
    let ada = ask(&world, "depth=rows").await;
    assert_cause(&ada, "never_synced", -earned, "force_sync");
    assert_eq!((&ada["result"], &ada["shown"]["cents"]), (&json!("mismatch"), &json!(0)));
    assert_eq!((&ada["fanvue"]["cents"], &ada["fanvue"]["rows"]), (&json!(earned), &json!(40)));
}

#[tokio::test]
async fn a_history_is_paused_and_then_unfinished() {
    let (world, _) = unread(2_600).await;
    world.settings(json!({"rateLimit": 30}));
    world.tick().await;
    let ada = ask(&world, "").await;
    assert_eq!(missing(&ada), ["rate_limited"], "{ada}");
    assert_eq!(parts(&ada)[0]["remedy"]["kind"], "wait");
    world.advance(121);
    let ada = ask(&world, "").await;
    assert_eq!(missing(&ada), ["backfill_unfinished"], "{ada}");
}

#[tokio::test]
async fn nobody_looked_since_the_last_read() {
    let (world, creator) = read(40).await;
    sell(&world, creator, 700, "2026-11-21T10:00:30Z");
    world.advance(3_600);
    for depth in ["totals", "rows"] {
        let ada = ask(&world, &format!("depth={depth}")).await;
        let stale = ("stale_checkpoint".to_owned(), -700);
        assert!(causes(&ada).contains(&stale), "{depth}: {ada}");
    }
    let ada = ask(&world, "depth=rows").await;
    assert_cause(&ada, "stale_checkpoint", -700, "run_now");
    assert_eq!(parts(&ada)[0]["remedy"]["call"], "GET /api/cron/revenue-heartbeat");
    assert_eq!(parts(&ada)[0]["figures"]["ageSeconds"], 3_660);
    assert_eq!(parts(&ada)[0]["rows"][0]["fanvueCents"], 700);
    world.tick().await;
    world.assert_complete().await;
    world.advance(1);
    assert_eq!(ask(&world, "depth=rows").await["message"], "All three agree to the cent.");
}

#[tokio::test]
async fn a_run_that_failed_and_one_that_died() {
    let (world, creator) = read(40).await;
    sell(&world, creator, 700, "2026-11-21T10:00:30Z");
    world.advance(TEN_MINUTES);
    fault(&world, EARNINGS, Fault::Status(400));
    world.tick().await;
    world.sim.clear_faults();
    let ada = ask(&world, "depth=rows").await;
    assert_cause(&ada, "interrupted_run", -700, "run_now");
    assert_eq!(parts(&ada)[0]["figures"]["attempts"], 1);

    let (world, creator) = read(40).await;
    sell(&world, creator, 700, "2026-11-21T10:00:30Z");
    world.advance(TEN_MINUTES);
    let died = "update sync_state set lease_token = gen_random_uuid(),
                       lease_expires_at = '2026-11-21T10:05:00Z'";
    world.db.sql(died).await;
    let ada = ask(&world, "depth=rows").await;
    assert_cause(&ada, "interrupted_run", -700, "run_now");
    assert!(parts(&ada)[0]["figures"]["leaseExpiredAt"].is_string());
}

#[tokio::test]
async fn an_account_that_was_revoked_can_not_be_compared() {
    let (world, _) = read(40).await;
    world.sim.revoke("agency", world.now()).unwrap();
    world.advance(2 * 3_600);
    world.tick().await;
    let ada = ask(&world, "").await;
    assert_cause(&ada, "token_revoked", 0, "reconnect");
    assert_eq!((&ada["result"], &ada["fanvue"]), (&json!("cannotCheck"), &json!(null)));
    let id = world.db.sql("select id from fanvue_connections").await.remove(0).remove(0);
    let call = format!("GET /api/auth/fanvue/login?connectionId={id}");
    assert_eq!(parts(&ada)[0]["remedy"]["call"], call);
}

#[tokio::test]
async fn a_token_that_ended_and_is_not_renewed() {
    let (world, _) = read(40).await;
    world.advance(2 * 3_600);
    fault(&world, "/oauth2/token", Fault::Status(503));
    let ada = ask(&world, "depth=rows").await;
    assert_cause(&ada, "token_expired", 0, "refresh");
    assert_eq!(ada["result"], "cannotCheck");
}

#[tokio::test]
async fn a_scope_that_is_missing() {
    let (world, creator) = read(40).await;
    sell(&world, creator, 700, "2026-11-21T10:00:30Z");
    world.advance(TEN_MINUTES);
    world.settings(json!({"withheldScopes": ["read:insights"]}));
    world.tick().await;
    let ada = ask(&world, "").await;
    assert_eq!(missing(&ada), ["scope_missing"], "{ada}");
    let mut of_scope = parts(&ada);
    of_scope.retain(|part| part["cause"] == "scope_missing");
    assert_eq!(
        (&of_scope[0]["cents"], &of_scope[0]["remedy"]["kind"]),
        (&json!(-700), &json!("reconnect"))
    );
}

#[tokio::test]
async fn an_account_that_does_not_manage_the_creator() {
    let (world, creator) = read(40).await;
    world.settings(json!({"formerCreators": [creator]}));
    world.advance(TEN_MINUTES);
    let ada = ask(&world, "").await;
    assert_cause(&ada, "unknown", 0, "ask_rows");
    assert_eq!((&ada["result"], &ada["fanvue"]), (&json!("cannotCheck"), &json!(null)));
    assert_cause(&ask(&world, "depth=rows").await, "wrong_endpoint", 0, "reconnect");
    world.tick().await;
    for depth in ["totals", "rows"] {
        let ada = ask(&world, &format!("depth={depth}")).await;
        assert_cause(&ada, "wrong_endpoint", 0, "reconnect");
        assert_eq!(ada["result"], "cannotCheck", "no total is not a total of nothing");
    }
}

#[tokio::test]
async fn a_refusal_from_before_the_account_was_connected_again_names_nothing() {
    let (world, creator) = read(40).await;
    sell(&world, creator, 700, "2026-11-21T10:00:30Z");
    world.advance(TEN_MINUTES);
    world.settings(json!({"withheldScopes": ["read:insights"]}));
    world.tick().await;
    world.settings(json!({"withheldScopes": []}));
    world.connect().await;
    world.db.sql("delete from models where name <> 'Ada'").await;
    let refused = "select attempts from sync_state where last_error is not null";
    assert_eq!(world.db.sql(refused).await, [["0"]]);
    assert_cause(&ask(&world, "depth=rows").await, "stale_checkpoint", -700, "run_now");
}

#[tokio::test]
async fn a_sale_that_no_webhook_told_of_though_others_came() {
    let (world, creator) = read(40).await;
    let told = "insert into provisional_transactions
                    (agency_id, model_id, event_key, family, at, source, gross_cents, state,
                     expires_at, created_at)
                select agency_id, id, 'before', 'creator', '2026-11-20T10:00:00Z', 'tip', 500,
                       'settled', '2026-11-23T10:00:00Z', '2026-11-20T10:00:00Z'
                  from models";
    world.db.sql(told).await;
    sell(&world, creator, 700, "2026-11-21T10:00:30Z");
    world.advance(60);
    let ada = ask(&world, "depth=rows").await;
    assert_cause(&ada, "missed_webhook", -700, "run_now");
}

/// What is booked while Fanvue is asked is no part of the books that are explained, whatever instant the tick
/// wrote down.
#[tokio::test]
async fn a_tick_that_books_a_row_while_fanvue_is_asked_makes_nothing_unknown() {
    let (mut world, creator) = read(40).await;
    sell(&world, creator, 700, "2026-11-21T10:00:30Z");
    let other = process(&world, ("nothing", 0), async {});
    world.ctx = process(&world, (EARNINGS, 1), async move {
        tick(&other, Scope::Everyone, Limits::default()).await.unwrap();
    });
    let ada = ask(&world, "depth=rows").await;
    assert_eq!(ada["differenceCents"], -700, "{ada}");
    assert!(causes(&ada).iter().all(|(cause, _)| cause != "unknown"), "{ada}");
    let ada = ask(&world, "depth=rows").await;
    assert_eq!(ada["differenceCents"], 0, "{ada}");
}
