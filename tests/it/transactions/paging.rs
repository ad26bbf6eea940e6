//! Paging while the ledger changes, and what a cursor belongs to.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{LIST, adding_up::busy, ids};
use crate::world::{SECRET, World};

const DAY: i64 = 86_400;

fn cursor(page: &Value) -> String {
    page["nextCursor"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn no_row_comes_twice_or_is_left_out_while_others_are_booked() {
    let world = busy().await;
    let question = "timeRange=all&limit=3";
    let known = world.db.sql("select id from fanvue_transactions").await.concat();
    let (mut seen, mut next) = (vec![], None);
    for turn in 0.. {
        let query = match &next {
            Some(cursor) => format!("{question}&cursor={cursor}"),
            None => question.to_owned(),
        };
        let page = world.page(&query).await;
        seen.extend(ids(std::slice::from_ref(&page)).into_iter().map(str::to_owned));
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        next = Some(cursor.to_owned());
        // One that is newer than all, and one of the instant at which the page ended.
        let last = page["transactions"].as_array().unwrap().last().unwrap();
        let at = last["date"].as_str().unwrap();
        world.book("Bea", &format!("to_new_{turn}"), "2026-11-21T09:59:59Z", "tip", 1).await;
        world.book("Bea", &format!("to_twin_{turn}"), at, "tip", 1).await;
        if turn == 0 {
            world.book("Bea", "to_old", "2025-12-01T00:00:00Z", "tip", 1).await;
        }
    }
    let mut once = seen.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), seen.len(), "no row came twice");
    let missing = known.iter().filter(|id| !seen.contains(*id)).count();
    assert_eq!(missing, 0, "no row was left out");
    for (like, is_shown) in [("new", false), ("old", true)] {
        let sql = "select id from fanvue_transactions where fanvue_transaction_id like";
        let booked = world.db.sql(&format!("{sql} 'to_{like}%'")).await;
        assert!(!booked.is_empty());
        assert!(booked.iter().all(|row| seen.contains(&row[0]) == is_shown), "{like}");
    }
}

#[tokio::test]
async fn a_cursor_belongs_to_its_question() {
    let world = busy().await;
    let models = world.dashboard("timeRange=7d").await["models"].take();
    let model = |index: usize| models[index]["modelId"].as_str().unwrap().to_owned();
    let agency = world.page("timeRange=7d").await["agency"]["id"].as_str().unwrap().to_owned();
    let question = format!("timeRange=7d&modelId={}", model(0));
    let next = cursor(&world.page(&format!("{question}&limit=2")).await);
    let other = world.db.sql("insert into agencies (name) values ('Other') returning id").await;
    for other in [
        format!("timeRange=30d&modelId={}", model(0)),
        format!("timeRange=7d&modelId={}", model(1)),
        "timeRange=7d".to_owned(),
        format!("startDate=2026-11-15&endDate=2026-11-21&modelId={}", model(0)),
        format!("{question}&category=tips"),
        format!("{question}&source=tip"),
    ] {
        let uri = format!("{LIST}?{other}&agencyId={agency}&cursor={next}");
        let (status, problem) = world.get(&uri, Some(SECRET)).await;
        assert_eq!((status, &problem["field"]), (400, &json!("cursor")), "{other}: {problem}");
        assert!(problem["detail"].as_str().unwrap().contains("another question"), "{problem}");
    }
    let uri = format!("{LIST}?timeRange=7d&agencyId={}&cursor={next}", other[0][0]);
    assert_eq!(world.get(&uri, Some(SECRET)).await.1["field"], "cursor", "another agency's");
    // Another number of rows, and the agency named or not, is the same question.
    let same = format!("{question}&agencyId={agency}&limit=5&cursor={next}");
    assert_eq!(world.page(&same).await["transactions"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn what_is_no_cursor_is_refused_by_name() {
    let world = World::seeded(2, 3).await;
    world.tick().await;
    let next = cursor(&world.page("timeRange=7d&limit=1").await);
    // Right in form and question, but of a day or an instant that the database does not know.
    let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(&next).unwrap()).unwrap();
    let with = |place: usize, instead: &str| {
        let mut parts: Vec<_> = text.split(',').collect();
        parts[place] = instead;
        BASE64_URL_SAFE_NO_PAD.encode(parts.join(","))
    };
    let (early_day, early_row) = (with(0, "-009999-01-01"), with(2, "-300000000000000000"));
    let (cut, twice) = (&next[..next.len() - 2], format!("{next}{next}"));
    for bad in ["x", "%3D", "MQ", &next[1..], cut, &twice, &early_day, &early_row] {
        let (status, problem) =
            world.get(&format!("{LIST}?timeRange=7d&cursor={bad}"), Some(SECRET)).await;
        assert_eq!((status, &problem["field"]), (400, &json!("cursor")), "{bad}: {problem}");
    }
}

#[tokio::test]
async fn paging_goes_on_over_the_same_days_when_midnight_has_passed() {
    let world = busy().await;
    let whole = world.pages("timeRange=7d&limit=50", None).await;
    let first = world.page("timeRange=7d&limit=2").await;
    world.advance(DAY);
    world.book("Ada", "to_today", "2026-11-22T09:00:00Z", "tip", 100).await;
    let rest = world.pages("timeRange=7d&limit=50", Some(cursor(&first))).await;
    assert_eq!(rest[0]["period"], first["period"]);
    let all = [ids(std::slice::from_ref(&first)), ids(&rest)].concat();
    assert_eq!(all, ids(&whole));
    assert_ne!(world.page("timeRange=7d").await["period"], first["period"]);
}
