//! Who sees nothing, and what makes no sense.

use serde_json::{Value, json};

use super::{FILE, LIST, adding_up::busy, ids};
use crate::world::{SECRET, World};

#[tokio::test]
async fn callers_without_the_secret_see_no_row() {
    let world = World::empty().await;
    for path in [LIST, FILE] {
        for secret in [None, Some(""), Some("wrong")] {
            let (status, problem) = world.get(path, secret).await;
            assert_eq!((status, &problem["code"]), (401, &json!("unauthorized")), "{path}");
        }
    }
}

#[tokio::test]
async fn every_refusal_names_its_parameter() {
    let world = World::seeded(2, 3).await;
    for path in [LIST, FILE] {
        for (query, field) in [
            ("timeRange=31d", "timeRange"),
            ("timeRange=7d&timeRange=7d", "timeRange"),
            ("modelId=1", "modelId"),
            ("agencyId=x", "agencyId"),
            ("startDate=2026-01-01", "endDate"),
            ("startDate=2026-02-01&endDate=2026-01-01", "startDate"),
            ("startDate=2026-11-01&endDate=2026-12-24", "endDate"),
            ("startDate=2015-01-01&endDate=2026-01-01", "endDate"),
            ("category=Tips", "category"),
            ("category=all", "category"),
            ("category=", "category"),
            ("source=tips", "source"),
            ("source=tip&category=posts", "source"),
            ("sort=amount", "sort"),
        ] {
            refused(&world, &format!("{path}?{query}"), 400, field).await;
        }
        let nobody = "00000000-0000-4000-8000-000000000000";
        refused(&world, &format!("{path}?modelId={nobody}"), 404, "modelId").await;
        refused(&world, &format!("{path}?agencyId={nobody}"), 404, "agencyId").await;
    }
    for limit in ["0", "201", "-1", "1.5", "+5", "ten", "99999999999999999999", "%D9%A3"] {
        refused(&world, &format!("{LIST}?limit={limit}"), 400, "limit").await;
    }
    for name in ["limit", "cursor"] {
        refused(&world, &format!("{FILE}?{name}=1"), 400, name).await;
    }
}

async fn refused(world: &World, uri: &str, status: u16, field: &str) {
    let (got, problem) = world.get(uri, Some(SECRET)).await;
    assert_eq!((got, &problem["field"]), (status, &json!(field)), "{uri}: {problem}");
    assert!(problem["detail"].is_string() && problem["requestId"].is_string());
}

/// A second agency with one creator, whose rows are of the same instants as the first one's.
async fn stranger(world: &World) -> [String; 2] {
    let sql = "insert into agencies (name, timezone) values ('Other', 'Europe/Rome') returning id";
    let agency = world.db.sql(sql).await.remove(0).remove(0);
    let sql =
        format!("insert into models (agency_id, name) values ('{agency}', 'Eve') returning id");
    let model = world.db.sql(&sql).await.remove(0).remove(0);
    let columns = "fanvue_transaction_id, transaction_date, transaction_type, amount_cents,
                   net_cents, created_at, synced_at";
    let copy = format!(
        "insert into fanvue_transactions (agency_id, model_id, {columns})
         select '{agency}', '{model}', {columns} from fanvue_transactions"
    );
    world.db.sql(&copy).await;
    world.set_zone("Europe/Rome").await;
    world.hint("Eve", ("e1", "2026-11-21T09:00:00Z", "tip", 5, "open"), 9).await;
    [agency, model]
}

#[tokio::test]
async fn no_row_of_another_agency_is_ever_shown() {
    let world = busy().await;
    let agency = world.page("timeRange=7d").await["agency"]["id"].as_str().unwrap().to_owned();
    let models = world.dashboard("timeRange=7d").await["models"].take();
    let own: Vec<&Value> =
        models.as_array().unwrap().iter().map(|model| &model["modelId"]).collect();
    let [other, eve] = stranger(&world).await;
    for path in [LIST, FILE] {
        refused(&world, &format!("{path}?agencyId={agency}&modelId={eve}"), 404, "modelId").await;
        let ada = own[0].as_str().unwrap();
        refused(&world, &format!("{path}?agencyId={other}&modelId={ada}"), 404, "modelId").await;
        refused(&world, path, 400, "agencyId").await;
    }
    let mut of_both = 0;
    for (agency, is_own) in [(&agency, true), (&other, false)] {
        for filter in ["", "&category=tips", "&source=message"] {
            let query = format!("timeRange=all&agencyId={agency}{filter}&limit=60");
            let pages = world.pages(&query, None).await;
            assert!(!ids(&pages).is_empty(), "{query}");
            let shown = pages.iter().flat_map(|page| {
                let rows = page["transactions"].as_array().unwrap().iter();
                rows.chain(page["provisional"].as_array().unwrap())
            });
            for row in shown {
                assert_eq!(own.contains(&&row["modelId"]), is_own, "{query}: {row}");
                of_both += 1;
            }
            let file = world.file(&format!("timeRange=all&agencyId={agency}{filter}")).await;
            let text = std::str::from_utf8(file.body()).unwrap();
            assert_eq!(text.contains("Eve"), !is_own, "{query}");
        }
    }
    assert!(of_both > 400, "{of_both}");
}
