//! Numbers for a monitor: what is told is what health and the dashboard say of the same moment.

mod exposition;

use std::{collections::BTreeSet, fs, path::Path};

use app::Endpoint;
use serde_json::Value;

use self::exposition::Exposition;
use crate::world::{SECRET, TEN_MINUTES, World, ask, canary};

async fn metrics(world: &World) -> Exposition {
    let response = ask(&world.ctx, Endpoint::Metrics, "/api/metrics").await;
    canary::check_answer(&response);
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    let text = std::str::from_utf8(response.body()).unwrap();
    Exposition::parse(text).unwrap_or_else(|wrong| panic!("{wrong} in\n{text}"))
}

/// A number of an answer in JSON.
fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

#[tokio::test]
async fn an_empty_database_is_told_with_the_families_of_every_other() {
    let world = World::empty().await;
    let told = metrics(&world).await;
    for state in ["live", "syncing", "stale", "never", "disconnected"] {
        assert_eq!(told.value(&format!("heartbeat_creators{{state=\"{state}\"}}")), 0.0);
    }
    for state in ["active", "overdue", "revoked", "disconnected"] {
        assert_eq!(told.value(&format!("heartbeat_connections{{state=\"{state}\"}}")), 0.0);
    }
    for name in ["transactions", "rejects", "webhooks_oldest_waiting_seconds"] {
        assert_eq!(told.value(&format!("heartbeat_{name}")), 0.0, "{name}");
    }
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operations.md"));
    let text = text.unwrap();
    // The table of alerts after it quotes some of them too.
    let (_, table) = text.split_once("\n| Metric |").unwrap();
    let rows = table.lines().skip(2).map_while(|line| line.strip_prefix("| `"));
    let documented: BTreeSet<_> =
        rows.map(|row| row.split('`').next().unwrap_or_default().to_owned()).collect();
    assert_eq!(documented, told.families, "docs/operations.md tells of each");
}

#[tokio::test]
async fn the_numbers_are_those_of_health_and_of_the_dashboard() {
    let world = World::seeded(4, 20).await;
    world.tick().await;
    // One is behind the others, one is set aside, and one was never read.
    let names = "select id from models order by name limit 3";
    let ids: Vec<_> = world.db.sql(names).await.into_iter().map(|mut row| row.remove(0)).collect();
    for (id, what) in ids.iter().zip([
        "watermark = watermark - interval '1 hour', confirmed_at = null",
        "parked_at = now(), refusals = 5, last_error = 'refused'",
        "watermark = null, tried_at = null",
    ]) {
        let change = format!("update sync_state set {what} where model_id = '{id}'");
        world.db.sql(&change).await;
    }
    world.advance(TEN_MINUTES);

    let told = metrics(&world).await;
    let (_, health) = world.get("/api/health", Some(SECRET)).await;
    let streams = &health["streams"];
    let of_stream = |name: &str| told.value(&format!("heartbeat_{name}{{stream=\"earnings\"}}"));
    assert_eq!(of_stream("streams"), number(&streams["count"]));
    assert_eq!(of_stream("streams_unfinished"), number(&streams["unfinished"]));
    assert_eq!(told.value("heartbeat_streams_parked{reason=\"refused\"}"), 1.0);
    assert_eq!(told.value("heartbeat_streams_parked{reason=\"unreadable\"}"), 0.0);
    let oldest = of_stream("stream_age_max_seconds");
    assert!((oldest - number(&streams["oldestAgeSeconds"])).abs() < 2.0, "{oldest}");
    assert!(of_stream("stream_age_median_seconds") <= of_stream("stream_age_p95_seconds"));
    assert!(of_stream("stream_age_p95_seconds") <= oldest);
    assert!((told.value("heartbeat_last_tick_age_seconds") - 600.0).abs() < 2.0);
    assert_eq!(told.value("heartbeat_rejects"), number(&health["rejects"]));
    assert_eq!(told.value("heartbeat_connections{state=\"active\"}"), 1.0);
    let left = ["account", "creator"]
        .map(|kind| told.value(&format!("heartbeat_budget_requests_left{{bucket=\"{kind}\"}}")));
    assert!(0.0 < left.iter().sum::<f64>(), "{left:?}");

    let shown = world.dashboard("timeRange=all").await;
    let models = shown["models"].as_array().unwrap();
    for state in ["live", "syncing", "stale", "never", "disconnected"] {
        let wanted = models.iter().filter(|model| model["state"] == state).count();
        let series = format!("heartbeat_creators{{state=\"{state}\"}}");
        assert_eq!(told.value(&series), wanted as f64, "{state}");
    }
    assert_eq!(
        told.value("heartbeat_transactions"),
        number(&shown["kpiMetrics"]["transactionCount"])
    );
}

#[tokio::test]
async fn only_the_operator_is_told() {
    let world = World::empty().await;
    for secret in [None, Some("wrong")] {
        let (status, problem) = world.get("/api/metrics", secret).await;
        assert_eq!((status, &problem["code"]), (401, &Value::from("unauthorized")));
    }
}
