//! Sums that do not follow from the ledger are made anew, with receipts.

use serde_json::{Value, json};
use simulator::{Fault, FaultMatch, NewFault};

use crate::world::World;

const TOTAL: &str = "select revenue_total_cents from models";

fn causes(receipts: &[Value]) -> Vec<&str> {
    let mut causes: Vec<_> = receipts.iter().map(|one| one["cause"].as_str().unwrap()).collect();
    causes.sort_unstable();
    causes
}

#[tokio::test]
async fn a_drifted_total_is_mended_with_before_and_after() {
    let (world, _) = World::proved(60).await;
    let total = "select revenue_total_cents from models";
    let right = world.number(total).await;
    world.db.sql("update models set revenue_total_cents = revenue_total_cents - 777").await;
    world.sim.reset_requests();
    let report = world.prove().await;
    assert_eq!((&report["repaired"], &report["agenciesChecked"]), (&json!(1), &json!(1)));
    assert_eq!(world.number(total).await, right);
    let receipts = world.receipts().await;
    assert_eq!(causes(&receipts), ["drifted_total"]);
    let receipt = &receipts[0];
    assert_eq!((&receipt["kind"], &receipt["beforeCents"]), (&json!("sums"), &json!(right - 777)));
    assert_eq!(receipt["afterCents"], right);
}

#[tokio::test]
async fn a_day_a_coarse_sum_and_a_fan_are_mended() {
    for (drift, cause) in [
        (
            "with day as (
                 update revenue_daily set gross_cents = gross_cents - 300
                  where (day, source) = (select day, source from revenue_daily
                                          order by day, source limit 1)
             )
             update models set revenue_total_cents = revenue_total_cents - 300",
            "drifted_total",
        ),
        (
            "update revenue_sums set gross_cents = gross_cents + 5
              where span = 'month' and model_id is not null and source is null
                and day = (select max(day) from revenue_sums where span = 'month')",
            "drifted_sum",
        ),
        ("delete from fan_counts where day = (select max(day) from fan_counts)", "drifted_fans"),
    ] {
        let (world, _) = World::proved(60).await;
        world.db.sql(drift).await;
        world.prove().await;
        let receipts = world.receipts().await;
        assert!(causes(&receipts).contains(&cause), "{cause}: {receipts:?}");
    }
}

#[tokio::test]
async fn what_follows_from_the_ledger_is_not_written() {
    let (world, _) = World::proved(60).await;
    let versions = "select string_agg(xmin::text, ',') from revenue_daily";
    let before = world.db.sql(versions).await;
    let report = world.prove().await;
    assert_eq!(report["repaired"], 0);
    assert_eq!(world.db.sql(versions).await, before);
}

#[tokio::test]
async fn a_row_that_a_hand_took_lowers_nothing_before_fanvue_was_asked() {
    let (world, _) = World::proved(60).await;
    let right = world.number(TOTAL).await;
    // Older than what totals are compared of.
    let oldest = "delete from fanvue_transactions
                   where transaction_date = (select min(transaction_date) from fanvue_transactions)";
    world.db.sql(oldest).await;
    let matches = FaultMatch { path: Some("/insights/earnings".into()), ..FaultMatch::default() };
    world.sim.fault(NewFault { matches, fault: Fault::Status(503), times: None });
    let report = world.reconcile().await;
    assert_eq!(report["historiesBegun"], 1, "{report}");
    assert_eq!(world.number(TOTAL).await, right, "it is right, and only Fanvue can tell");
    // Nor does an hour later change that, nor whoever can't be read.
    world.advance(3_700);
    let report = world.reconcile().await;
    let problem = report["problems"][0]["detail"].as_str().unwrap();
    assert!(problem.contains("nothing is lowered"), "{report}");
    assert_eq!(world.number(TOTAL).await, right);
    world.sim.clear_faults();
    world.advance(1_200);
    world.tick().await;
    world.assert_complete().await;
    assert_eq!(world.number(TOTAL).await, right, "the row is back");
}

#[tokio::test]
async fn a_day_that_says_too_much_is_lowered_once_all_was_read() {
    let (world, _) = World::proved(60).await;
    let right = world.number(TOTAL).await;
    let more = "with day as (
                    update revenue_daily set gross_cents = gross_cents + 300
                     where (day, source) = (select day, source from revenue_daily
                                             order by day, source limit 1)
                )
                update models set revenue_total_cents = revenue_total_cents + 300";
    world.db.sql(more).await;
    let report = world.prove().await;
    assert_eq!(report["historiesBegun"], 1, "{report}");
    assert_eq!(world.number(TOTAL).await, right);
    let receipts = world.receipts().await;
    assert_eq!(causes(&receipts), ["drifted_rollup", "drifted_total"]);
    for receipt in &receipts {
        let by = receipt["afterCents"].as_i64().unwrap() - receipt["beforeCents"].as_i64().unwrap();
        assert_eq!((by, &receipt["evidence"]["asked"]), (-300, &json!("rows")), "{receipt}");
    }
}

#[tokio::test]
async fn every_sum_that_is_mended_has_its_receipt() {
    let (world, _) = World::proved(60).await;
    // More than one night used to write, and two days whose errors cancel each other.
    let drift = "insert into models (agency_id, name, revenue_total_cents)
                 select agency_id, 'Zoe ' || n, 5 from models cross join generate_series(1, 600) as n;
                 update revenue_daily d
                    set gross_cents = gross_cents + case when d.day = e.first then 100 else -100 end
                   from (select min(day) as first, max(day) as last from revenue_daily) as e
                  where (d.day, d.source) in (select day, min(source) from revenue_daily
                                               where day in (e.first, e.last) group by 1)";
    world.db.sql(drift).await;
    world.prove().await;
    world.assert_complete().await;
    let of = |cause: &str| format!("select count(*) from repairs where cause = '{cause}'");
    assert_eq!(world.number(&of("drifted_total")).await, 600);
    assert_eq!(world.number(&of("drifted_rollup")).await, 2);
    let days = "select count(distinct day) from repairs
                 where cause = 'drifted_rollup' and abs(after_cents - before_cents) = 100";
    assert_eq!(world.number(days).await, 2);
}
