//! Nothing leaves the ledger without evidence, and what stays different is said.

use app::Endpoint;
use serde_json::json;
use simulator::Amendment;

use super::DAY;
use crate::{
    outages::clocks::instance,
    world::{SECRET, World, ask},
};

const IN_LEDGER: &str = "select count(*) from fanvue_transactions where amount_cents = 77777";

#[tokio::test]
async fn a_row_that_vanished_at_fanvue_leaves_after_two_reads_an_hour_apart() {
    let (world, row) = World::proved(200).await;
    let gone = Amendment {
        order_id: row.transaction_order_id.clone(),
        hidden_seconds: Some(400 * 24 * 3600),
        ..Amendment::default()
    };
    world.sim.amend(&gone, world.now()).unwrap();
    let report = world.prove().await;
    assert_eq!((&report["daysDiffering"], &report["repaired"]), (&json!(1), &json!(0)), "{report}");
    assert_eq!((&report["daysOpen"], &report["unfinished"]), (&json!(1), &json!(0)), "{report}");
    assert_eq!(world.number(IN_LEDGER).await, 1, "one read is no evidence");
    assert!(!world.is_exact().await, "and what is shown is known to differ");
    world.advance(600);
    world.prove().await;
    assert_eq!(world.number(IN_LEDGER).await, 1, "nor are two within the hour");
    world.advance(3_600);
    let report = world.prove().await;
    assert_eq!((&report["repaired"], &report["daysSettled"]), (&json!(1), &json!(0)), "{report}");
    assert_eq!(report["daysOpen"], 0, "{report}");
    assert_eq!(world.number(IN_LEDGER).await, 0);
    assert_eq!(world.number("select count(*) from voided_transactions").await, 1);
    let receipt = world.receipts().await.remove(0);
    assert_eq!((&receipt["cause"], &receipt["day"]), (&json!("vanished_row"), &json!(DAY)));
    assert_eq!(receipt["evidence"]["vanished"], json!([row.transaction_order_id]));
    assert!(world.is_exact().await);
}

/// Two hours by its clock, and ten minutes by Fanvue's.
#[tokio::test]
async fn an_instance_whose_clock_is_ahead_takes_no_row_out_before_its_time() {
    let (world, row) = World::proved(200).await;
    let gone = Amendment {
        order_id: row.transaction_order_id.clone(),
        hidden_seconds: Some(400 * 24 * 3600),
        ..Amendment::default()
    };
    world.sim.amend(&gone, world.now()).unwrap();
    world.prove().await;
    world.advance(600);
    world.sim.reset_requests();
    let ahead = instance(&world, 7_200);
    let answer = ask(&ahead, Endpoint::Reconcile, Endpoint::Reconcile.path()).await;
    assert_eq!(answer.status(), 200);
    assert!(0 < world.sim.requests().total, "the day was read a second time");
    assert_eq!(world.number(IN_LEDGER).await, 1);
    world.advance(4 * 3_600);
    world.prove().await;
    assert_eq!(world.number(IN_LEDGER).await, 0);
}

#[tokio::test]
async fn an_outage_that_empties_totals_and_rows_erases_nothing() {
    let (world, _) = World::proved(6).await;
    let ada = world.sim.creators().pop().unwrap();
    for row in world.sim.rows(ada, world.now()).into_iter().filter(|row| 0 < row.gross) {
        let order_id = row.transaction_order_id;
        let hidden = Amendment { order_id, hidden_seconds: Some(7_200), ..Amendment::default() };
        world.sim.amend(&hidden, world.now()).unwrap();
    }
    let sums = "select count(*), sum(amount_cents) from fanvue_transactions";
    let before = world.db.sql(sums).await;
    let compared_at = "select min(compared_at) from proofs";
    let when = world.db.sql(compared_at).await;
    for is_asked in [true, false] {
        let report = world.prove().await;
        assert!(report["daysDiffering"].as_i64().unwrap() <= 1, "it is doubted: {report}");
        assert_eq!(report["creatorsCompared"], 0, "nothing was told: {report}");
        let why = report["problems"].to_string();
        assert_eq!(why.contains("leave her out, and there are sales"), is_asked, "once: {why}");
        assert_eq!(world.db.sql(compared_at).await, when, "so nobody was compared");
        world.advance(3_601);
    }
    assert_eq!(world.db.sql(sums).await, before);
    assert!(world.receipts().await.is_empty());
    // The next night totals are there again.
    world.advance(24 * 3600);
    world.tick().await;
    world.advance(61);
    let report = world.prove().await;
    assert_eq!(report["daysSettled"], 0, "{report}");
    assert_eq!(world.number("select count(*) from proof_days").await, 0);
    world.assert_complete().await;
    assert!(world.is_exact().await);
}

#[tokio::test]
async fn a_difference_that_stays_is_shown_everywhere_and_is_not_exact() {
    let (world, _) = World::proved(60).await;
    assert!(world.is_exact().await);
    // More than a tenth of what is read: that is no evidence that they are gone.
    world.add_ghosts(9, DAY).await;
    let report = world.prove().await;
    assert_eq!((&report["daysSettled"], &report["repaired"]), (&json!(1), &json!(0)), "{report}");
    let shown = world.status().await;
    let difference = &shown["proof"]["differences"][0];
    assert_eq!((&difference["state"], &difference["day"]), (&json!("settled"), &json!(DAY)));
    let gap =
        difference["ledgerCents"].as_i64().unwrap() - difference["fanvueCents"].as_i64().unwrap();
    assert_eq!(gap, 4_500, "{difference}");
    assert_eq!(shown["needsAttention"], true);
    assert!(!world.is_exact().await);
    let dashboard = world.dashboard("timeRange=all").await.to_string();
    assert!(dashboard.contains("on 1 day Fanvue's total is not that of the rows"), "{dashboard}");
    let (_, health) = world.get("/api/health", Some(SECRET)).await;
    assert_eq!((&health["proof"]["settled"], &health["status"]), (&json!(1), &json!("ok")));

    // The next night it is not read again while nothing of it changes.
    world.advance(24 * 3600);
    world.tick().await;
    world.advance(61);
    world.sim.reset_requests();
    let report = world.prove().await;
    assert_eq!((&report["daysSettled"], &report["requests"]), (&json!(1), &json!(0)), "{report}");

    world.lose_rows("fanvue_transaction_id like 'to_ghost%'").await;
    world.prove().await;
    assert!(world.is_exact().await);
    let receipt = world.receipts().await.remove(0);
    assert_eq!((&receipt["cause"], &receipt["day"]), (&json!("read_meanwhile"), &json!(DAY)));
}

#[tokio::test]
async fn a_receipt_names_a_hundred_rows_and_counts_the_others() {
    let world = World::empty().await;
    let ada = world.creator("Ada", 60, 0);
    for n in 0..150 {
        world.sell_at(ada, 500, &format!("{DAY}T12:{:02}:{:02}Z", n / 60, n % 60));
    }
    world.connect().await;
    world.db.sql("delete from models where name <> 'Ada'").await;
    world.tick().await;
    world.rested().await;
    world.assert_complete().await;
    world.advance(61);
    // As if none of them had been there when the day was compared before.
    let known = format!(
        "insert into proof_days (agency_id, model_id, day, state, platform_cents, platform_net_cents,
            found_cents, found_net_cents, found_rows, ledger_cents, ledger_net_cents, ledger_rows,
            found_at, settled_at)
         select agency_id, id, '{DAY}', 'settled', 7, 5, 0, 0, 0, 0, 0, 0,
                '2026-11-20Z', '2026-11-20Z'
           from models"
    );
    world.db.sql(&known).await;
    world.prove().await;
    let receipt = world.receipts().await.remove(0);
    assert_eq!((&receipt["cause"], &receipt["day"]), (&json!("read_meanwhile"), &json!(DAY)));
    let rows = format!(
        "select count(*) from fanvue_transactions
          where (transaction_date at time zone 'UTC')::date = '{DAY}'"
    );
    let evidence = &receipt["evidence"];
    assert_eq!(evidence["rowCount"], world.number(&rows).await);
    assert!(150 <= evidence["rowCount"].as_i64().unwrap(), "{evidence}");
    assert_eq!(evidence["missing"].as_array().unwrap().len(), 100);
}

#[tokio::test]
async fn receipts_are_paged_and_filtered() {
    let (world, _) = World::proved(400).await;
    let some = "id in (select distinct on (transaction_date::date) id from fanvue_transactions
                        where transaction_date >= '2026-10-25Z' and transaction_date < '2026-11-06Z'
                          and amount_cents > 0
                        order by transaction_date::date, id)";
    world.lose_rows(some).await;
    world.prove().await;
    let all = world.receipts().await;
    assert!(2 < all.len(), "{all:?}");
    let (mut paged, mut cursor) = (vec![], String::new());
    while paged.len() <= all.len() {
        let uri = format!("/api/sync/repairs?limit=1{cursor}");
        let (status, page) = world.get(&uri, Some(SECRET)).await;
        assert_eq!(status, 200, "{page}");
        paged.extend(page["repairs"].as_array().unwrap().clone());
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(paged, all);
    let model = all[0]["modelId"].as_str().unwrap();
    let (_, own) = world.get(&format!("/api/sync/repairs?modelId={model}"), Some(SECRET)).await;
    assert_eq!(own["repairs"].as_array().unwrap(), &all);
    let nobody = "/api/sync/repairs?modelId=00000000-0000-4000-8000-000000000000";
    assert_eq!(world.get(nobody, Some(SECRET)).await.0, 404);
    let early = format!("-300000000000000000.{model}");
    for bad in ["7", &early] {
        let uri = format!("/api/sync/repairs?cursor={bad}");
        let (status, problem) = world.get(&uri, Some(SECRET)).await;
        assert_eq!((status, &problem["field"]), (400, &json!("cursor")), "{bad}: {problem}");
    }
}
