//! The dashboard's figures against the ledger, computed independently in SQL.

mod coarse;
mod fans;
mod golden;

use serde_json::{Value, json};

use crate::world::{SECRET, TEN_MINUTES, World};

#[tokio::test]
async fn every_sum_of_every_range_equals_the_ledger() {
    let world = World::seeded(5, 420).await;
    world.tick().await;
    for (query, from) in [
        ("timeRange=7d", "2026-11-15"),
        ("timeRange=30d", "2026-10-23"),
        ("timeRange=90d", "2026-08-24"),
        ("timeRange=1y", "2025-11-22"),
        ("timeRange=all", "2000-01-01"),
        ("startDate=2026-03-01&endDate=2026-04-15", "2026-03-01"),
    ] {
        let to = if query.starts_with("start") { "2026-04-15" } else { "2026-11-21" };
        let shown = world.dashboard(query).await;
        let sums = world.db.sql(&range_sums(from, to)).await.remove(0);
        let kpi = &shown["kpiMetrics"];
        let told: Vec<_> = ["totalRevenueCents", "netRevenueCents", "transactionCount"]
            .map(|name| kpi[name].to_string())
            .into();
        assert_eq!(told, sums, "{query}");
        let chart = shown["chartData"].as_array().unwrap();
        let charted: i64 = chart.iter().map(|p| p["totalCents"].as_i64().unwrap()).sum();
        assert_eq!(charted.to_string(), sums[0], "the chart's points add up to the total");
        let models = shown["models"].as_array().unwrap();
        let by_model: i64 = models.iter().map(|m| m["totalCents"].as_i64().unwrap()).sum();
        assert_eq!(by_model.to_string(), sums[0]);
        let categories = shown["categoryBreakdown"].as_array().unwrap();
        let by_category: i64 = categories.iter().map(|c| c["amountCents"].as_i64().unwrap()).sum();
        assert_eq!(by_category.to_string(), sums[0]);
        for point in chart {
            assert_stack_is_total(point);
        }
    }
}

fn range_sums(from: &str, to: &str) -> String {
    format!(
        "select coalesce(sum(amount_cents), 0), coalesce(sum(net_cents), 0), count(*)
           from fanvue_transactions
          where (transaction_date at time zone 'Europe/Rome')::date between '{from}' and '{to}'"
    )
}

fn assert_stack_is_total(point: &Value) {
    let cents = |name: &str| {
        let text = point[name].to_string();
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, "00"));
        format!("{whole}{fraction:0<2}").parse::<i64>().unwrap()
    };
    let parts = ["subscriptions", "renewals", "tips", "messages", "posts", "referrals", "other"];
    let stack: i64 = parts.iter().map(|name| cents(name)).sum::<i64>() + cents("refunds");
    assert_eq!(stack, cents("total"), "{point}");
    assert_eq!(json!(cents("total")), point["totalCents"]);
}

#[tokio::test]
async fn freshness_is_the_creators_own_and_failures_never_make_it_younger() {
    let world = World::seeded(3, 5).await;
    let never = world.dashboard("timeRange=7d").await;
    assert_eq!(never["freshness"]["liveCount"], 0);
    assert_eq!(never["freshness"]["exact"], false);
    world.tick().await;
    let live = world.dashboard("timeRange=7d").await;
    assert_eq!(live["freshness"]["liveCount"], 3);
    assert_eq!(live["freshness"]["exact"], true);
    let as_of = live["freshness"]["oldestAsOf"].clone();

    let down = json!({"fault": {"status": 500}, "times": null});
    world.sim.post("faults", &down, world.now()).unwrap();
    world.advance(TEN_MINUTES);
    world.tick().await;
    let stale = world.dashboard("timeRange=7d").await;
    assert_eq!(stale["freshness"]["liveCount"], 0);
    assert_eq!(stale["freshness"]["oldestAsOf"], as_of);
    assert!(stale["models"].as_array().unwrap().iter().all(|model| model["state"] == "stale"));
}

#[tokio::test]
async fn an_outage_is_an_error_and_never_zeros() {
    let world = World::empty().await;
    let nowhere =
        crate::world::config("postgres://postgres@127.0.0.1:1/none", "http://127.0.0.1:1");
    let ctx = app::Ctx::new(nowhere).unwrap();
    let response =
        crate::world::ask(&ctx, app::Endpoint::Dashboard, "/api/analytics/dashboard").await;
    assert_eq!(response.status(), 503);
    let problem: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(problem["code"], "unavailable");
    assert!(response.headers().contains_key("retry-after"));
    let (status, health) = world.get("/api/health", Some(SECRET)).await;
    assert_eq!((status, &health["status"]), (200, &json!("ok")));
}
