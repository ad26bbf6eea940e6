//! Numbers for a monitor: what is told is what health and the dashboard say of the same moment.

mod ages;
pub mod exposition;

use std::{collections::BTreeSet, fs, path::Path};

use app::{Ctx, Endpoint};
use serde_json::Value;

use self::exposition::Exposition;
use crate::world::{SECRET, TEN_MINUTES, World, ask, canary};

async fn metrics(world: &World) -> Exposition {
    told_by(&world.ctx).await
}

/// What an instance tells.
pub async fn told_by(ctx: &Ctx) -> Exposition {
    let response = ask(ctx, Endpoint::Metrics, "/api/metrics").await;
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
    for name in ["transactions", "rejects", "webhooks_oldest_waiting_seconds", "token_refreshes"] {
        assert_eq!(told.value(&format!("heartbeat_{name}")), 0.0, "{name}");
    }
    // What is alarmed on is told as nothing, and not left out.
    for series in [
        "requests_sent{bucket=\"account\"}",
        "jobs_open{asker=\"person\"}",
        "jobs_idle_seconds{asker=\"person\"}",
        "jobs_failed{asker=\"proof\"}",
        "alerts_failed{kind=\"late_shift\"}",
        "alerts_oldest_waiting_seconds{kind=\"missed_post\"}",
        "proof_differences{state=\"settled\"}",
        "proof_repairs{kind=\"sums\"}",
    ] {
        assert_eq!(told.value(&format!("heartbeat_{series}")), 0.0, "{series}");
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
async fn each_alert_of_the_documents_is_on_a_family_that_is_told() {
    let told = metrics(&World::empty().await).await;
    let text = include_str!("../../docs/operations.md");
    let (_, table) = text.split_once("\n| When | For |").unwrap();
    let rows: Vec<_> = table
        .lines()
        .skip(2)
        .map_while(|line| line.strip_prefix("| ")?.split(" | ").next())
        .collect();
    assert!(20 < rows.len(), "{rows:?}");
    let is_of_a_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    for row in &rows {
        let (_, rest) =
            row.split_once("heartbeat_").unwrap_or_else(|| panic!("{row} is on nothing"));
        let name = rest.split(|c| !is_of_a_name(c)).next().unwrap();
        assert!(told.families.contains(&format!("heartbeat_{name}")), "{row}");
    }
    // One creator whose money stands still is in no percentile, and has no age before her first history ends.
    for wanted in [
        "`heartbeat_stream_age_max_seconds > ",
        "`heartbeat_streams_failing > 0`",
        "`heartbeat_streams_unfinished > 0`",
        "`heartbeat_audience_stream_age_max_seconds > ",
    ] {
        assert!(rows.iter().any(|row| row.starts_with(wanted)), "no alert {wanted}");
    }
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

/// By all instances: another one has sent them.
#[tokio::test]
async fn requests_and_exchanges_are_counted_for_good() {
    let world = World::seeded(4, 20).await;
    let sent = async || {
        let told = metrics(&world).await;
        let of = |kind| told.value(&format!("heartbeat_requests_sent{{bucket=\"{kind}\"}}"));
        of("account") + of("creator")
    };
    let before = sent().await;
    let report = world.tick().await;
    let asked = number(&report["requests"]) + number(&report["detectorRequests"]);
    assert!(0.0 < asked && before + asked <= sent().await, "{before} and {report}");
    // Windows end, and what was sent in them stays sent.
    world.advance(TEN_MINUTES);
    assert!(before + asked <= sent().await);

    assert_eq!(metrics(&world).await.value("heartbeat_token_refreshes"), 0.0);
    world.advance(3_600);
    world.tick().await;
    let told = metrics(&world).await;
    assert_eq!(told.value("heartbeat_token_refreshes"), 1.0);
    assert_eq!(told.value("heartbeat_token_age_max_seconds"), 0.0);
    assert_eq!(told.value("heartbeat_token_refreshes_failing"), 0.0);
    world.db.sql("update fanvue_connections set last_error = 'it is away'").await;
    assert_eq!(metrics(&world).await.value("heartbeat_token_refreshes_failing"), 1.0);

    // Nor does an account that ends take along what was sent with it.
    let before = sent().await;
    world.db.sql("update fanvue_connections set state = 'revoked'").await;
    assert_eq!(sent().await, before);
}

#[tokio::test]
async fn a_job_that_stands_still_and_one_that_failed_are_told() {
    let world = World::seeded(2, 10).await;
    world.tick().await;
    world.advance(TEN_MINUTES);
    let agency = world.db.sql("select id from agencies").await.remove(0).remove(0);
    let begun = world.post(&format!("/api/fanvue/force-sync-revenue?agencyId={agency}")).await;
    assert_eq!(begun.0, 202, "{}", begun.1);
    world.advance(7_200);
    let of = |told: &Exposition, name: &str| told.value(&format!("heartbeat_jobs_{name}"));
    let told = metrics(&world).await;
    assert_eq!(of(&told, "open{asker=\"person\"}"), 1.0);
    assert_eq!(of(&told, "open{asker=\"proof\"}"), 0.0);
    assert_eq!(of(&told, "oldest_seconds{asker=\"person\"}"), 7_200.0);
    assert_eq!(of(&told, "idle_seconds{asker=\"person\"}"), 7_200.0);
    // One of its creators was read since: the job goes on, however long another one waits.
    let read = format!("'{}'::timestamptz - interval '100 s'", world.now());
    let read = format!(
        "update sync_job_creators set last_read_at = {read}
          where model_id = (select min(model_id::text)::uuid from sync_job_creators)"
    );
    world.db.sql(&read).await;
    assert_eq!(of(&metrics(&world).await, "idle_seconds{asker=\"person\"}"), 100.0);
    let ended =
        format!("update sync_job_creators set outcome = 'parked', ended_at = '{}'", world.now());
    world.db.sql(&ended).await;
    let told = metrics(&world).await;
    assert_eq!(of(&told, "open{asker=\"person\"}"), 0.0);
    assert_eq!(of(&told, "idle_seconds{asker=\"person\"}"), 0.0);
    assert!(1.0 <= of(&told, "failed{asker=\"person\"}"), "{told:?}");
    assert_eq!(of(&told, "failed{asker=\"proof\"}"), 0.0);
    // It is told for a week.
    world.advance(8 * 86_400);
    assert_eq!(of(&metrics(&world).await, "failed{asker=\"person\"}"), 0.0);
}

#[tokio::test]
async fn alerts_that_wait_or_were_given_up_and_what_the_proof_found_are_told() {
    let world = World::seeded(1, 5).await;
    world.tick().await;
    let now = world.now();
    let filled = format!(
        "insert into alerts (agency_id, kind, subject_id, due_at, state, noted_at, settled_at)
         select id, a.kind, gen_random_uuid(), '{now}', a.state,
                '{now}'::timestamptz - a.age * interval '1 s', null
           from agencies, (values ('late_shift', 'waiting', 60), ('late_shift', 'waiting', 300),
                                  ('late_shift', 'failed', 900), ('missed_post', 'sent', 50))
                              as a (kind, state, age);
         insert into proof_days (agency_id, model_id, day, state, platform_cents, platform_net_cents,
                                 found_cents, found_net_cents, found_rows, ledger_cents,
                                 ledger_net_cents, ledger_rows, found_at, settled_at)
         select agency_id, id, date '2026-11-01' + d.n, d.state, 2, 2, 1, 1, 1, 1, 1, 1, '{now}',
                case when d.state = 'settled' then '{now}'::timestamptz end
           from models, (values (0, 'open'), (1, 'settled'), (2, 'settled')) as d (n, state)
          where connection_id is not null;
         insert into repairs (agency_id, kind, cause, before_cents, after_cents, before_rows,
                              after_rows, evidence, repaired_at)
         select id, 'sums', 'drift', 1, 2, 1, 1, '{{}}', '{now}' from agencies"
    );
    world.db.sql(&filled).await;
    let told = metrics(&world).await;
    for (series, wanted) in [
        ("alerts_waiting{kind=\"late_shift\"}", 2.0),
        ("alerts_oldest_waiting_seconds{kind=\"late_shift\"}", 300.0),
        ("alerts_failed{kind=\"late_shift\"}", 1.0),
        ("alerts_waiting{kind=\"missed_post\"}", 0.0),
        ("alerts_oldest_waiting_seconds{kind=\"missed_post\"}", 0.0),
        ("alerts_failed{kind=\"missed_post\"}", 0.0),
        ("proof_repairs{kind=\"sums\"}", 1.0),
        ("proof_repairs{kind=\"rows\"}", 0.0),
    ] {
        assert_eq!(told.value(&format!("heartbeat_{series}")), wanted, "{series}");
    }
    let (_, health) = world.get("/api/health", Some(SECRET)).await;
    let of = |state| told.value(&format!("heartbeat_proof_differences{{state=\"{state}\"}}"));
    assert_eq!(of("settled"), number(&health["proof"]["settled"]));
    assert_eq!(of("open") + of("reading") + of("settled"), number(&health["proof"]["differences"]));
    assert_eq!(of("settled"), 2.0 * of("open"));
    assert!(0.0 < of("open"));
}

#[tokio::test]
async fn only_the_operator_is_told() {
    let world = World::empty().await;
    for secret in [None, Some("wrong")] {
        let (status, problem) = world.get("/api/metrics", secret).await;
        assert_eq!((status, &problem["code"]), (401, &Value::from("unauthorized")));
    }
}
