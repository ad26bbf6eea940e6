//! Sums of days and months that are shown and are not what the days add up to.

use serde_json::{Value, json};

use super::{DIAGNOSE, ask, ask_all, assert_cause, causes, parts, read};
use crate::world::{SECRET, World};

/// The last month in which anything was sold.
const LAST_MONTH: &str = "(select max(day) from revenue_sums where span = 'month')";

/// What the only difference says to do is done, and read.
async fn mended(world: &World, one: &Value) {
    let call = parts(one)[0]["remedy"]["call"].as_str().unwrap();
    let (status, answer) = world.post(call.strip_prefix("POST ").unwrap()).await;
    assert!([202, 429].contains(&status), "{answer}");
    world.tick().await;
    world.assert_complete().await;
    world.advance(60);
}

async fn assert_agrees(world: &World) {
    for one in ask_all(world, "depth=rows").await {
        assert_eq!((&one["result"], parts(&one).len()), (&json!("match"), 0), "{one}");
    }
}

#[tokio::test]
async fn a_creators_sum_that_is_not_that_of_its_days() {
    let (world, _) = read(40).await;
    let hers = "model_id is not null";
    for which in [
        format!("{hers} and span = 'month' and source is null and day = {LAST_MONTH}"),
        format!(
            "(span, model_id, day, source) =
                 (select span, model_id, day, source from revenue_sums
                   where {hers} and span = 'month' and source is not null order by day, source limit 1)"
        ),
        format!("{hers} and span = 'day' and day = (select max(day) from revenue_daily)"),
        // All that a trigger which was off for a while would have left behind.
        format!(
            "{hers} and (source is null or source = 'tip')
                 and (day = (select max(day) from revenue_daily where source = 'tip')
                      or span = 'month' and day = (select date_trunc('month', max(day))
                                                     from revenue_daily where source = 'tip'))"
        ),
    ] {
        let drift = format!("update revenue_sums set gross_cents = gross_cents - 500 where {which}");
        world.db.sql(&drift).await;
        let ada = ask(&world, "depth=rows").await;
        assert_cause(&ada, "drifted_rollup", -500, "rebuild_totals");
        assert_eq!(ada["result"], "mismatch", "{which}: {ada}");
        let earned = world.sim.truth(world.now()).gross_cents;
        assert_eq!(ada["shown"]["cents"], earned - 500, "{ada}");
        for figure in ["rollup", "ledger", "fanvue"] {
            assert_eq!(ada[figure]["cents"], earned, "{ada}");
        }
        assert_ne!(ask(&world, "").await["result"], "match");
        mended(&world, &ada).await;
        assert_agrees(&world).await;
    }
}

#[tokio::test]
async fn a_restore_of_data_without_sums_is_no_match() {
    let (world, _) = read(40).await;
    world.db.sql("delete from revenue_sums").await;
    let ada = ask(&world, "depth=rows").await;
    let earned = world.sim.truth(world.now()).gross_cents;
    assert_cause(&ada, "drifted_rollup", -earned, "rebuild_totals");
    assert_eq!(ada["shown"], json!({"cents": 0, "rows": 0}), "{ada}");
    mended(&world, &ada).await;
    assert_agrees(&world).await;
}

#[tokio::test]
async fn a_sum_whose_net_alone_is_wrong_is_no_match() {
    let (world, _) = read(40).await;
    let net = "update revenue_sums set net_cents = net_cents - 1
                where model_id is not null and span = 'month' and source is null";
    world.db.sql(net).await;
    let ada = ask(&world, "depth=rows").await;
    assert_cause(&ada, "drifted_rollup", 0, "rebuild_totals");
    assert_eq!(ada["result"], "mismatch", "{ada}");
    mended(&world, &ada).await;
    assert_agrees(&world).await;
}

#[tokio::test]
async fn a_span_is_told_of_its_own_days_and_whole_months() {
    let (world, ada) = super::unread(0).await;
    for at in ["2026-10-05T12:00:00Z", "2026-10-20T12:00:00Z", "2026-11-03T12:00:00Z"] {
        super::sell(&world, ada, 1_000, at);
    }
    world.advance(60);
    world.tick().await;
    let drift = "update revenue_sums set gross_cents = gross_cents + 300
                  where model_id is not null and span = 'month' and day = '2026-10-01';
                 update revenue_sums set gross_cents = gross_cents + 20
                  where model_id is not null and span = 'day' and day = '2026-10-20'";
    world.db.sql(drift).await;
    for (query, wanted) in [
        ("startDate=2026-10-02&endDate=2026-10-10", vec![]),
        ("startDate=2026-10-15&endDate=2026-11-10", vec![20]),
        ("startDate=2026-10-01&endDate=2026-10-31", vec![300]),
        ("startDate=2026-11-01&endDate=2026-11-20", vec![]),
        ("", vec![300]),
    ] {
        let wanted: Vec<_> =
            wanted.into_iter().map(|it| ("drifted_rollup".to_owned(), it)).collect();
        let answer = ask(&world, &format!("{query}&depth=rows")).await;
        assert_eq!(causes(&answer), wanted, "{query}: {answer}");
    }
}

#[tokio::test]
async fn sums_of_all_creators_that_drifted_are_told_by_the_answer_about_all() {
    let world = World::empty().await;
    for name in ["Ada", "Bea"] {
        world.creator(name, 30, 0);
    }
    world.connect().await;
    world.db.sql("delete from models where name not in ('Ada', 'Bea')").await;
    world.tick().await;
    world.assert_complete().await;
    world.advance(60);
    for which in [
        format!("span = 'month' and day = {LAST_MONTH}"),
        "span = 'day' and source is null".to_owned(),
        "span = 'day' and source = 'tip'".to_owned(),
    ] {
        let drift = format!(
            "update revenue_sums set gross_cents = gross_cents - 500
              where model_id is null and {which}"
        );
        world.db.sql(&drift).await;
        for query in ["depth=rows", "timeRange=90d&depth=rows"] {
            let all = ask_all(&world, query).await;
            let told: Vec<_> = all.iter().filter(|one| one["result"] == "mismatch").collect();
            if told.is_empty() && query != "depth=rows" {
                // The month is not over, so nobody sees its sum.
                continue;
            }
            assert_eq!(told.len(), 1, "{which}: {all:?}");
            assert_cause(told[0], "drifted_rollup", 0, "rebuild_totals");
            assert_eq!(parts(told[0])[0]["figures"]["creators"], "all", "{all:?}");
            let message = told[0]["message"].as_str().unwrap();
            assert!(message.starts_with("The sums of all creators together"), "{message}");
        }
        let one = ask_all(&world, "modelName=Ada&depth=rows").await;
        assert_eq!(one[0]["result"], "match", "hers are right: {one:?}");
        let all = ask_all(&world, "").await;
        let told = all.iter().find(|one| one["result"] != "match").unwrap();
        mended(&world, told).await;
        assert_agrees(&world).await;
    }
    let (_, answer) = world.get(&format!("{DIAGNOSE}?depth=rows"), Some(SECRET)).await;
    assert_eq!(answer["differenceCents"], 0, "{answer}");
}
