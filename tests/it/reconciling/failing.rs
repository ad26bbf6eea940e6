//! What fails proves nothing, costs nothing but time, and is gone on with.

use serde_json::json;
use simulator::{Fault, FaultMatch, NewFault};
use tokio_postgres::NoTls;

use crate::world::World;

/// Every request whose path holds that text.
fn always(path: &str, fault: Fault) -> NewFault {
    let matches = FaultMatch { path: Some(path.into()), ..FaultMatch::default() };
    NewFault { matches, fault, times: None }
}

const ROWS: &str = "select count(*), sum(amount_cents) from fanvue_transactions";

#[tokio::test]
async fn totals_that_make_no_sense_or_do_not_come_prove_nothing() {
    let (world, _) = World::proved(120).await;
    world.lose_rows("amount_cents = 77777").await;
    let before = world.db.sql(ROWS).await;
    for fault in [
        Fault::Html,
        Fault::EmptyObject,
        Fault::TruncatedJson,
        Fault::Status(500),
        Fault::DropBefore,
        Fault::Throttle { retry_after: Some(30) },
    ] {
        world.sim.fault(always("/agencies/earnings", fault.clone()));
        let report = world.prove().await;
        assert_eq!(report["daysDiffering"], 0, "{fault:?}: {report}");
        assert!(0 < report["unfinished"].as_i64().unwrap(), "{fault:?}: {report}");
        assert_eq!(world.db.sql(ROWS).await, before, "{fault:?}");
        assert_eq!(world.number("select count(*) from proof_days").await, 0, "{fault:?}");
        world.sim.clear_faults();
        world.advance(180);
    }
    let report = world.prove().await;
    assert_eq!((&report["repaired"], &report["unfinished"]), (&json!(1), &json!(0)), "{report}");
    world.assert_complete().await;
}

#[tokio::test]
async fn rows_that_can_not_be_read_now_are_read_by_whoever_comes_next() {
    let (world, _) = World::proved(120).await;
    world.lose_rows("amount_cents = 77777").await;
    world.sim.fault(always("/insights/earnings", Fault::Status(503)));
    let report = world.prove().await;
    assert_eq!((&report["daysDiffering"], &report["repaired"]), (&json!(1), &json!(0)), "{report}");
    assert!(!world.is_exact().await);
    let state = "select state from proof_days";
    assert_eq!(world.db.sql(state).await, [["reading"]]);
    world.sim.clear_faults();
    // No matter who: the windows are on the stream.
    world.advance(1_200);
    world.tick().await;
    world.assert_complete().await;
    assert_eq!(world.receipts().await.len(), 1, "the tick that repaired wrote the receipt");
    world.prove().await;
    assert_eq!(world.number("select count(*) from proof_days").await, 0);
    assert!(world.is_exact().await);
}

#[tokio::test]
async fn an_invocation_that_ends_at_any_request_is_gone_on_with() {
    let (world, _) = World::proved(120).await;
    let lost = "amount_cents = 77777";
    for nth in 1..=3 {
        world.lose_rows(lost).await;
        app::proving::forget(&world.ctx).await.unwrap();
        let matches = FaultMatch { nth: Some(nth), ..FaultMatch::default() };
        world.sim.fault(NewFault { matches, fault: Fault::Hang, times: Some(1) });
        // A process that is killed drops what it was doing, and its leases run out.
        let reconcile = world.reconcile();
        let killed = async {
            while world.sim.requests().unanswered == 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            _ = reconcile => {}
            () = killed => {}
        }
        world.sim.clear_faults();
        world.sim.reset_requests();
        world.db.expire_leases().await;
        world.check().await;
        world.advance(600);
        for _ in 0..2 {
            world.prove().await;
            world.advance(600);
        }
        world.assert_complete().await;
        assert_eq!(world.number("select count(*) from proof_days").await, 0, "{nth}");
    }
}

#[tokio::test]
async fn whoever_can_not_be_compared_is_passed_over_and_named() {
    let (world, _) = World::proved(60).await;
    world.sim.revoke("agency", world.now()).unwrap();
    world.advance(2 * 3600);
    world.tick().await;
    let report = world.prove().await;
    assert_eq!((&report["creatorsCompared"], &report["unfinished"]), (&json!(0), &json!(0)));
    let skipped = &report["skipped"][0];
    assert_eq!(skipped["name"], "Ada", "{report}");
    assert!(skipped["reason"].as_str().unwrap().contains("connect the account again"), "{report}");
}

#[tokio::test]
async fn an_account_that_may_not_see_totals_is_named() {
    let (world, _) = World::proved(60).await;
    world.settings(json!({"withheldScopes": ["read:agency"]}));
    let report = world.prove().await;
    let problem = report["problems"][0]["detail"].as_str().unwrap();
    assert!(problem.contains("no totals"), "{report}");
    assert_eq!(report["daysDiffering"], 0);
    let report = world.prove().await;
    let reason = report["skipped"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("refuses this account the totals"), "{report}");
}

#[tokio::test]
async fn a_table_that_somebody_holds_is_a_problem_in_the_report_and_not_a_night_that_hangs() {
    let (world, _) = World::proved(60).await;
    let (holder, connection) =
        tokio_postgres::connect(&world.db.direct_url().await, NoTls).await.unwrap();
    tokio::spawn(connection);
    holder.batch_execute("begin; lock table revenue_daily in access exclusive mode").await.unwrap();
    let report = world.reconcile().await;
    let problem = report["problems"][0]["detail"].as_str().unwrap();
    assert!(problem.contains("sums could not be compared"), "{report}");
    assert_eq!((&report["unfinished"], &report["creatorsCompared"]), (&json!(1), &json!(1)));
    holder.batch_execute("rollback").await.unwrap();
    let report = world.prove().await;
    assert_eq!((&report["unfinished"], &report["problems"]), (&json!(0), &json!([])), "{report}");
}

#[tokio::test]
async fn an_answer_that_tells_nothing_of_somebody_who_sold_takes_no_known_difference_away() {
    let (world, _) = World::proved(60).await;
    let known = format!(
        "insert into proof_days (agency_id, model_id, day, state, platform_cents, platform_net_cents,
            found_cents, found_net_cents, found_rows, ledger_cents, ledger_net_cents, ledger_rows,
            found_at, settled_at)
         select agency_id, id, '2026-10-25', 'settled', 7, 5, 0, 0, 0, 0, 0, 0, '{0}', '{0}' from models",
        world.now()
    );
    world.db.sql(&known).await;
    // Fanvue knows nobody of that name.
    world.db.sql("update models set fanvue_user_uuid = gen_random_uuid()").await;
    let report = world.reconcile().await;
    assert_eq!((&report["creatorsCompared"], &report["daysDiffering"]), (&json!(1), &json!(1)));
    let known = "select state from proof_days where day = '2026-10-25'";
    assert_eq!(world.db.sql(known).await, [["settled"]], "{report}");
    assert_eq!(world.number("select count(*) from repairs").await, 0);
}

#[tokio::test]
async fn an_agency_whose_sums_came_to_no_end_goes_last() {
    let world = World::empty().await;
    world.db.sql("insert into agencies (name) values ('one'), ('other')").await;
    let (store, now) = (&world.ctx.store, world.now());
    let list = || store.list_unchecked_agencies("2026-11-21".parse().unwrap(), now);
    let first = list().await.unwrap();
    store.note_check_tried(first[0], now).await.unwrap();
    let then = list().await.unwrap();
    assert_eq!(then, [&first[1..], &first[..1]].concat());
    assert!(1 < then.len());
}
