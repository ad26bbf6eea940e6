//! Rows add up to the dashboard's figures, whatever is asked.

use ledger::{Category, Source};
use serde_json::{Value, json};
use simulator::{NewRefund, NewSale};

use super::{ids, read_csv, rows, sums};
use crate::world::World;

/// Around midnight of the day in Rome on which clocks went back, and of the same day in Kathmandu.
const EDGES: [&str; 6] = [
    "2026-10-24T18:14:59.999Z",
    "2026-10-24T18:15:00Z",
    "2026-10-24T21:59:59.999Z",
    "2026-10-24T22:00:00Z",
    "2026-10-25T22:59:59.999Z",
    "2026-10-25T23:00:00Z",
];

const RANGES: [(&str, u32); 5] = [
    ("timeRange=7d", 7),
    ("timeRange=30d", 23),
    ("timeRange=all", 61),
    ("startDate=2026-10-25&endDate=2026-10-25", 4),
    ("startDate=2026-03-29&endDate=2026-11-22", 47),
];

/// Two creators with all sources, many equal instants, and sales that only webhooks told of.
pub async fn busy() -> World {
    let world = World::empty().await;
    let ada = world.creator("Ada", 150, 40);
    world.creator("Bea", 70, 0);
    for source in Source::ALL.into_iter().filter(|source| !source.is_reversal()) {
        for at in ["2026-11-20T12:00:00Z", "2026-10-25T01:30:00Z"] {
            let sale = NewSale {
                source: Some(source.as_str().into()),
                at: Some(at.into()),
                twins: Some(3),
                ..NewSale::of(ada)
            };
            world.sim.sell(&sale, world.now()).unwrap();
        }
    }
    for at in EDGES {
        let sale = NewSale { at: Some(at.into()), twins: Some(5), ..NewSale::of(ada) };
        world.sim.sell(&sale, world.now()).unwrap();
    }
    for (kind, at) in [("refund", "2026-11-20T13:00:00Z"), ("chargeback", "2026-10-25T02:00:00Z")] {
        let taken = NewRefund {
            creator: Some(ada),
            kind: Some(kind.into()),
            at: Some(at.into()),
            ..NewRefund::default()
        };
        world.sim.refund(&taken, world.now()).unwrap();
    }
    world.advance(1);
    world.connect().await;
    world.tick().await;
    world.assert_complete().await;
    for (key, at, source, state, hours) in [
        ("e1", "2026-11-21T09:00:00Z", "tip", "open", 72),
        ("e2", "2026-11-21T09:00:00Z", "message", "open", 1),
        ("e3", EDGES[1], "tip", "open", 1),
        ("e4", EDGES[3], "tip", "open", 1),
        ("e5", EDGES[5], "refund", "open", 1),
        ("e6", "2026-11-21T09:00:00Z", "tip", "open", 0),
        ("e7", "2026-11-21T09:00:00Z", "tip", "settled", 72),
        ("e8", "2026-11-21T09:00:00Z", "tip", "unmatched", 72),
        ("e9", "2015-02-01T00:00:00Z", "tip", "open", 72),
    ] {
        let cents = if source == "refund" { -700 } else { 1_100 };
        world.hint("Bea", (key, at, source, cents, state), hours).await;
    }
    world
}

/// Every filter that the dashboard has a figure for, with that figure.
fn figures(shown: &Value) -> Vec<(String, [i64; 3])> {
    let three = |sum: &Value, names: [&str; 3]| names.map(|name| sum[name].as_i64().unwrap());
    let kpis = &shown["kpiMetrics"];
    let all = three(kpis, ["totalRevenueCents", "netRevenueCents", "transactionCount"]);
    let mut figures = vec![(String::new(), all)];
    let shown = shown["categoryBreakdown"].as_array().unwrap();
    let names = ["amountCents", "netCents", "transactionCount"];
    let find = |list: &[Value], field: &str, name: &str| {
        list.iter().find(|one| one[field] == name).map_or([0; 3], |one| three(one, names))
    };
    for category in Category::ALL {
        let name = category.as_str();
        figures.push((format!("&category={name}"), find(shown, "category", name)));
    }
    let sources: Vec<Value> =
        shown.iter().flat_map(|one| one["sources"].as_array().unwrap()).cloned().collect();
    for source in Source::ALL {
        let name = source.as_str();
        figures.push((format!("&source={name}"), find(&sources, "source", name)));
        let both = format!("&source={name}&category={}", source.category().as_str());
        figures.push((both, find(&sources, "source", name)));
    }
    figures
}

#[tokio::test]
async fn pages_and_file_add_up_to_the_figure_for_every_category_and_source() {
    let world = busy().await;
    for zone in ["Europe/Rome", "Asia/Kathmandu"] {
        world.set_zone(zone).await;
        for (range, limit) in RANGES {
            let shown = world.dashboard(range).await;
            assert!(shown["kpiMetrics"]["transactionCount"].as_i64().unwrap() > 9, "{range}");
            for (filter, figure) in figures(&shown) {
                let query = format!("{range}{filter}");
                let pages = world.pages(&format!("{query}&limit={limit}"), None).await;
                assert_eq!(sums(&pages), figure, "{zone} {query}");
                assert_in_order(&pages);
                let file = world.file(&query).await;
                let lines = read_csv(std::str::from_utf8(file.body()).unwrap());
                let sum = |name: &str| {
                    lines.iter().map(|line| line[name].parse::<i64>().unwrap_or_default()).sum()
                };
                let count = i64::try_from(lines.len()).unwrap();
                assert_eq!([sum("amountCents"), sum("netCents"), count], figure, "{zone} {query}");
            }
        }
    }
}

#[tokio::test]
async fn one_creators_rows_add_up_to_that_creators_figure() {
    let world = busy().await;
    for model in world.dashboard("timeRange=all").await["models"].as_array().unwrap() {
        let question = format!("timeRange=all&modelId={}", model["modelId"].as_str().unwrap());
        for (filter, figure) in figures(&world.dashboard(&question).await) {
            let query = format!("{question}{filter}");
            let pages = world.pages(&format!("{query}&limit=29"), None).await;
            assert_eq!(sums(&pages), figure, "{query}");
            assert!(rows(&pages).iter().all(|row| row["modelId"] == model["modelId"]), "{query}");
            assert_in_order(&pages);
        }
    }
}

/// Newest first over all pages, each row once, each on a day of the period.
fn assert_in_order(pages: &[Value]) {
    let rows = rows(pages);
    let keys: Vec<_> = rows
        .iter()
        .map(|row| {
            let at: jiff::Timestamp = row["date"].as_str().unwrap().parse().unwrap();
            (at, row["id"].as_str().unwrap())
        })
        .collect();
    assert!(keys.is_sorted_by(|a, b| b < a), "{keys:?}");
    let period = &pages[0]["period"];
    let day = |value: &Value| value.as_str().unwrap().to_owned();
    let days = day(&period["from"])..=day(&period["to"]);
    assert!(rows.iter().all(|row| days.contains(&day(&row["day"]))), "{period}");
    for later in pages.iter().skip(1) {
        assert_eq!(later["provisional"], json!([]), "only the first page has them");
    }
}

/// After a step back to an older build, the ledger may hold a source that it doesn't know.
#[tokio::test]
async fn a_source_that_this_build_does_not_know_is_found_under_other() {
    let world = busy().await;
    world.book("Ada", "to_new", "2026-11-20T08:00:00Z", "horoscope", 1234).await;
    world.set_zone("Europe/Rome").await;
    let shown = world.dashboard("timeRange=7d").await;
    let (_, figure) = figures(&shown).into_iter().find(|(f, _)| f == "&category=other").unwrap();
    let pages = world.pages("timeRange=7d&category=other&limit=2", None).await;
    assert_eq!(sums(&pages), figure);
    let found = rows(&pages).into_iter().find(|row| row["source"] == "horoscope").unwrap();
    assert_eq!((&found["category"], &found["amountCents"]), (&json!("other"), &json!(1234)));
    assert_eq!(ids(&pages).len(), rows(&pages).len());
}

/// Gives one row all that a row may have: the latest giveaway, as `to_shown`.
pub async fn complete(world: &World) {
    world
        .db
        .sql(
            "update fanvue_transactions
                set total_cents = 1099, currency = 'EUR', status = 'pendingBalance',
                    fan_id = 'f1', fan_handle = 'bea', fan_display_name = 'Bea B.',
                    message_uuid = 'm1', post_uuid = 'p1', reverses_transaction_id = 'to_0',
                    fanvue_transaction_id = 'to_shown', created_at = '2026-11-20T13:00:00Z',
                    synced_at = '2026-11-21T08:00:00Z'
              where id = (select id from fanvue_transactions where transaction_type = 'giveaway'
                           order by transaction_date desc limit 1)",
        )
        .await;
    world
        .db
        .sql(
            "insert into absent_transactions
             select agency_id, model_id, fanvue_transaction_id, '2026-11-21T09:00:00Z'
               from fanvue_transactions where fanvue_transaction_id = 'to_shown'",
        )
        .await;
}

#[tokio::test]
async fn a_row_shows_all_that_is_kept_of_it() {
    let world = busy().await;
    complete(&world).await;
    let page = world.page("timeRange=7d&source=giveaway").await;
    let all = page["transactions"].as_array().unwrap();
    let row = all.iter().find(|row| row["orderId"] == "to_shown").unwrap();
    for (name, value) in [
        ("fanvueTransactionId", json!("to_shown")),
        ("modelName", json!("Ada")),
        ("date", json!("2026-11-20T12:00:00Z")),
        ("day", json!("2026-11-20")),
        ("category", json!("referrals")),
        ("status", json!("pendingBalance")),
        ("paidCents", json!(1099)),
        ("currency", json!("EUR")),
        ("fanId", json!("f1")),
        ("fanHandle", json!("bea")),
        ("fanName", json!("Bea B.")),
        ("messageId", json!("m1")),
        ("postId", json!("p1")),
        ("reverses", json!("to_0")),
        ("firstSeenAt", json!("2026-11-20T13:00:00Z")),
        ("updatedAt", json!("2026-11-21T08:00:00Z")),
        ("amended", json!(true)),
        ("absentSince", json!("2026-11-21T09:00:00Z")),
    ] {
        assert_eq!(row[name], value, "{name} of {row}");
    }
    let cents = row["amountCents"].as_f64().unwrap();
    assert_eq!(row["amount"].as_f64(), Some(cents / 100.0));
    assert!(all.iter().any(|row| row["amended"] == false && row["absentSince"].is_null()));
    assert_eq!((&page["currency"], &page["timezone"]), (&json!("USD"), &json!("Europe/Rome")));
}
