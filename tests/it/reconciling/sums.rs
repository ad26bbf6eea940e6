//! Sums that do not follow from the ledger are made anew, with receipts.

use serde_json::{Value, json};

use crate::world::World;

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
