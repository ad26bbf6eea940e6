//! What fails proves nothing, costs nothing but time, and is gone on with.

use app::connections::{self, NewConnection};
use fanvue::{AccessToken, RefreshToken};
use serde_json::json;
use simulator::{Bulk, Fault, FaultMatch, NewFault, NewGrant};
use tokio_postgres::NoTls;

use crate::world::{TEN_MINUTES, World};

/// The account of [`World::connect`] for another agency, with another connection and so with a limit of its own.
async fn connect_other(world: &World) {
    let ask = NewGrant { account: "agency".into(), ..NewGrant::default() };
    let grant = world.sim.grant(&ask, world.now()).unwrap();
    let new = NewConnection {
        agency_name: "Other".into(),
        timezone: "Europe/Rome".into(),
        access_token: AccessToken::new(grant.access_token),
        refresh_token: grant.refresh_token.map(RefreshToken::new),
        expires_in_seconds: grant.expires_in.into(),
        scope: grant.scope,
    };
    connections::connect_agency(&world.ctx, new).await.unwrap();
}

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
async fn whoever_calls_while_claims_of_a_dead_proof_last_is_told_when_to_come_back() {
    let (world, _) = World::proved(60).await;
    let held = format!(
        "insert into proofs (agency_id, model_id, claimed_until, tried_at)
         select agency_id, id, '{0}'::timestamptz + interval '200 seconds', '{0}' from models",
        world.now()
    );
    world.db.sql(&held).await;
    let report = world.prove().await;
    assert_eq!((&report["creatorsCompared"], &report["unfinished"]), (&json!(0), &json!(1)));
    assert_eq!((&report["retryAfterSeconds"], &report["problems"]), (&json!(200), &json!([])));
    world.advance(200);
    let report = world.prove().await;
    assert_eq!((&report["creatorsCompared"], &report["unfinished"]), (&json!(1), &json!(0)));
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
    assert_eq!((&report["creatorsCompared"], &report["daysDiffering"]), (&json!(0), &json!(1)));
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

#[tokio::test]
async fn a_throttled_account_takes_the_night_of_no_other_and_goes_last() {
    let world = World::empty().await;
    let (ada, bea) = (world.creator("Ada", 60, 0), world.creator("Bea", 60, 0));
    world.connect().await;
    connect_other(&world).await;
    let of_one = format!(
        "delete from models m using agencies a
          where a.id = m.agency_id
            and m.fanvue_user_uuid <> case a.name when 'Agency' then '{ada}' else '{bea}' end"
    );
    world.db.sql(&of_one).await;
    world.tick().await;
    world.rested().await;
    world.advance(61);
    // Whoever was never compared comes first.
    let compared = format!(
        "insert into proofs (agency_id, model_id, compared_at)
         select agency_id, id, '{}' from models where fanvue_user_uuid = '{bea}'",
        world.now()
    );
    world.db.sql(&compared).await;
    world.sim.fault(always(&ada.to_string(), Fault::Throttle { retry_after: Some(30) }));
    let report = world.reconcile().await;
    assert_eq!((&report["creatorsCompared"], &report["unfinished"]), (&json!(1), &json!(1)));
    let compared = "select m.fanvue_user_uuid from proofs p join models m on m.id = p.model_id
                     where p.compared_to is not null";
    assert_eq!(world.db.sql(compared).await, [[bea.to_string()]], "{report}");
    // The next night the order is the other one.
    world.db.sql("update proofs set compared_to = null, compared_at = null").await;
    let store = &world.ctx.store;
    let night = "2026-11-21".parse().unwrap();
    let order = store.list_proved_connections(world.now(), night).await.unwrap();
    let sql = "select c.id from fanvue_connections c join agencies a on a.id = c.agency_id
                order by a.name desc";
    let wanted = world.db.sql(sql).await.concat();
    let order: Vec<_> = order.iter().map(|(_, connection)| connection.to_string()).collect();
    assert_eq!(order, wanted);
    world.sim.clear_faults();
    world.advance(180);
    assert_eq!(world.prove().await["unfinished"], 0);
}

#[tokio::test]
async fn a_question_that_the_limit_broke_off_goes_on_and_does_not_begin_again() {
    let world = World::empty().await;
    let bulk = Bulk { creators: 120, rows: 6_000, days: Some(60), ..Bulk::default() };
    world.sim.bulk(&bulk, world.now()).unwrap();
    world.connect().await;
    world.tick().await;
    world.rested().await;
    world.settings(json!({"rateLimit": 40}));
    world.advance(TEN_MINUTES);
    world.sim.reset_requests();
    let report = world.prove().await;
    assert_eq!((&report["unfinished"], &report["daysDiffering"]), (&json!(0), &json!(0)));
    let days = "select count(distinct (model_id, (transaction_date at time zone 'UTC')::date))
                  from fanvue_transactions
                 where transaction_date >= '2026-10-17Z' and transaction_date < '2026-11-21Z'";
    let pages = world.number(days).await.unsigned_abs() / 50 + 3;
    let asked = world.sim.requests().total;
    assert!(40 < pages, "one bucket would do: {pages} pages");
    // One answer of each bucket may be that there is none.
    assert!(asked <= pages + 4, "{asked} requests for {pages} pages: {report}");
}
