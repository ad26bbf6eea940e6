//! Nonsense from callers and from Fanvue: named, kept as evidence, never money.

use bytes::Bytes;
use serde_json::{Value, json};
use simulator::RawRow;

use crate::world::{SECRET, TEN_MINUTES, World};

const HEARTBEAT: &str = "/api/cron/revenue-heartbeat";

#[tokio::test]
async fn callers_without_the_secret_are_refused_before_any_work() {
    let world = World::empty().await;
    for secret in [None, Some(""), Some("wrong"), Some("test-secret "), Some("test-secre")] {
        let (status, problem) = world.get(HEARTBEAT, secret).await;
        assert_eq!((status, &problem["code"]), (401, &json!("unauthorized")), "{secret:?}");
        let (status, _) = world.get("/api/analytics/dashboard", secret).await;
        assert_eq!(status, 401, "{secret:?}");
    }
    assert_eq!(world.sim.requests().total, 0);
}

#[tokio::test]
async fn a_server_without_a_secret_refuses_everybody() {
    let mut world = World::empty().await;
    world.ctx.config.cron_secret = None;
    for secret in [None, Some(""), Some("undefined"), Some(SECRET)] {
        assert_eq!(world.get(HEARTBEAT, secret).await.0, 401, "{secret:?}");
    }
}

#[tokio::test]
async fn wrong_methods_paths_and_parameters_are_named() {
    let world = World::seeded(2, 3).await;
    let dashboard = |query: &str| format!("/api/analytics/dashboard?{query}");
    for (uri, status, field) in [
        (format!("{HEARTBEAT}?modelId=1"), 400, "modelId"),
        (dashboard("timeRange=31d"), 400, "timeRange"),
        (dashboard("modelId=1"), 400, "modelId"),
        (dashboard("agencyId=x"), 400, "agencyId"),
        (dashboard("agencyid=x"), 400, "agencyid"),
        (dashboard("timeRange=7d&timeRange=7d"), 400, "timeRange"),
        (dashboard("startDate=2026-01-01"), 400, "endDate"),
        (dashboard("startDate=2026-02-01&endDate=2026-01-01"), 400, "startDate"),
        (dashboard("startDate=2026-02-30&endDate=2026-03-01"), 400, "startDate"),
        (dashboard("startDate=0001-01-01&endDate=2026-03-01"), 400, "startDate"),
        (dashboard("startDate=2026-01-01&endDate=9999-12-31"), 400, "endDate"),
        (dashboard("modelId=00000000-0000-4000-8000-000000000000"), 404, "modelId"),
        (dashboard("agencyId=00000000-0000-4000-8000-000000000000"), 404, "agencyId"),
    ] {
        let (got, problem) = world.get(&uri, Some(SECRET)).await;
        assert_eq!((got, &problem["field"]), (status, &json!(field)), "{uri}: {problem}");
        assert!(problem["detail"].is_string() && problem["requestId"].is_string());
    }
    let (status, _) = world.get("/api/nothing", Some(SECRET)).await;
    assert_eq!(status, 404);
    let delete = http::Request::delete(HEARTBEAT).body(Bytes::new()).unwrap();
    let response = crate::world::answer(&world.ctx, delete).await;
    assert_eq!(response.status(), 405);
    assert_eq!(response.headers()["allow"], "GET, POST");
    assert_eq!(response.headers()["content-type"], "application/problem+json");
}

#[tokio::test]
async fn rows_that_make_no_sense_are_kept_with_their_reason_and_the_rest_goes_on() {
    let world = World::empty().await;
    let ada = world.creator("Ada", 120, 0);
    let good = json!({
        "date": "2026-11-20T10:00:00.000Z", "gross": 1000, "net": 800, "currency": "USD",
        "source": "tip", "transactionOrderId": "to_raw", "user": null
    });
    let with = |field: &str, value: Value| {
        let mut row = good.clone();
        row[field] = value;
        row
    };
    let without = |field: &str| {
        let mut row = good.clone();
        row.as_object_mut().unwrap().remove(field);
        row
    };
    let nonsense = [
        (with("gross", json!(10.5)), "gross"),
        (with("net", json!("800")), "net"),
        (without("gross"), "gross is missing"),
        (without("date"), "date is missing"),
        (without("source"), "source is missing"),
        (with("source", json!("horoscope")), "source 'horoscope' is not known"),
        (with("date", json!("2099-01-01T00:00:00.000Z")), "future"),
        (with("date", json!("yesterday")), "date"),
        (with("gross", json!(-5)), "gross"),
        (json!("not an object"), "not an object"),
        (json!(null), "not an object"),
    ];
    for (row, _) in &nonsense {
        let at = Some("2026-11-20T10:00:00.000Z".to_owned());
        let raw = RawRow { creator: ada, row: row.clone(), at, ..RawRow::default() };
        world.sim.raw_row(&raw, world.now()).unwrap();
    }
    world.connect().await;
    let report = world.tick().await;
    assert_eq!(report["newRows"], 120);
    assert_eq!(report["rejects"], nonsense.len());
    world.assert_complete().await;
    let reasons = world.db.sql("select reason from earning_rejects").await.concat();
    for (row, reason) in &nonsense {
        assert!(reasons.iter().any(|r| r.contains(reason)), "{row}: {reason} not in {reasons:?}");
    }
    let shown = world.dashboard("timeRange=all").await;
    assert_eq!(shown["freshness"]["exact"], false, "a row that we can't read may be money");

    world.advance(TEN_MINUTES);
    let report = world.tick().await;
    assert_eq!((&report["newRows"], &report["rejects"]), (&json!(0), &json!(0)));
}
