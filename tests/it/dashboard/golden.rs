//! Every number of the answers over one world, computed twice more: by plain SQL over the ledger's rows
//! here, and from the platform's own rows by `tests/golden.py`, in zones of three kinds.

use std::{collections::BTreeMap, process::Command};

use serde_json::{Value, json};
use simulator::{NewCreator, NewSale};
use uuid::Uuid;

use super::fans;
use crate::world::{World, polling::read};

/// With daylight saving, beside UTC by three quarters of an hour, and UTC itself. Each with the seconds
/// after 10:00 UTC at which it is asked: at night, when its day is not the platform's.
const ZONES: [(&str, i64); 3] =
    [("America/New_York", 18 * 3600 + 1234), ("Asia/Kathmandu", 8 * 3600 + 30), ("UTC", 900)];

/// The custom ranges hold both changes of clocks in New York, an unfinished day, and months that are
/// whole where those before them are cut.
const QUESTIONS: [&str; 9] = [
    "timeRange=7d",
    "timeRange=30d",
    "timeRange=90d",
    "timeRange=1y",
    "timeRange=all",
    "startDate=2026-11-01&endDate=2026-11-01",
    "startDate=2026-03-01&endDate=2026-07-15",
    "startDate=2026-11-15&endDate=2026-11-21",
    "startDate=2025-11-10&endDate=2026-08-05",
];

#[tokio::test]
async fn every_number_is_what_sql_and_another_language_find() {
    for (zone, seconds) in ZONES {
        let world = World::empty().await;
        for name in ["Ada", "Bea"] {
            // Two years and more, so that a year has one before it.
            let (rows, days) = (Some(1_200), Some(800));
            let new = NewCreator { name: Some(name.into()), rows, days, twins_percent: Some(5) };
            world.sim.add_creator(&new, world.now()).unwrap();
        }
        world.connect().await;
        world.db.sql(&format!("update agencies set timezone = '{zone}'")).await;
        let late = settle(&world, seconds).await;
        let mut answers = vec![];
        for query in QUESTIONS {
            answers.push(answer(&world, query, None).await);
        }
        let (id, account) = a_creator(&world).await;
        for range in ["timeRange=30d", "timeRange=1y", QUESTIONS[8]] {
            let query = format!("{range}&modelId={id}");
            answers.push(answer(&world, &query, Some(&account)).await);
        }
        let rows = rows(&world, &late);
        let told = format!(
            r#"{{"zone":"{zone}","creators":{},"rows":{rows},"provisional":{},"answers":[{}]}}"#,
            json!(world.sim.creators()),
            json!([late]),
            answers.join(",")
        );
        assert_eq!(compared(&told), 12, "{zone}");
    }
}

/// Some is taken back and everything is read; then there is a sale that only a webhook tells of.
async fn settle(world: &World, seconds: i64) -> Value {
    // The first is the agency's own account, which earns nothing.
    for creator in world.sim.creators().into_iter().skip(1) {
        for (kind, ago) in [("refund", 26), ("chargeback", 700)] {
            let at = world.now() - jiff::SignedDuration::from_hours(ago);
            let back = json!({"creator": creator, "kind": kind, "at": at.to_string()});
            world.sim.post("refunds", &back, world.now()).unwrap();
        }
    }
    world.advance(seconds);
    world.tick().await;
    world.assert_complete().await;
    world.settings(json!({"webhooks": {"url": "http://127.0.0.1:1/api/webhooks/fanvue"}}));
    let creator = world.sim.creators()[1];
    let sale = NewSale {
        gross_cents: Some(1_234),
        source: Some("tip".into()),
        currency: Some("USD".into()),
        visible_after_seconds: Some(86_400),
        ..NewSale::of(creator)
    };
    let sold = world.sim.sell(&sale, world.now()).unwrap().remove(0);
    world.advance(1);
    world.deliver().await;
    json!({
        "creator": creator, "at": sold.date, "source": sold.source, "gross": sold.gross,
        "net": sold.net, "fan": sold.user.map(|fan| fan.uuid),
    })
}

/// The platform's rows but for the one that does not show yet.
fn rows(world: &World, late: &Value) -> Value {
    let of = |creator: Uuid| {
        let rows = world.sim.rows(creator, world.now()).into_iter();
        rows.map(move |row| {
            json!({
                "creator": creator, "at": row.date, "source": row.source, "gross": row.gross,
                "net": row.net, "fan": row.user.map(|fan| fan.uuid),
            })
        })
    };
    let all: Vec<_> = world.sim.creators().into_iter().flat_map(of).collect();
    assert!(1_000 < all.len() && !all.contains(late));
    json!(all)
}

async fn a_creator(world: &World) -> (String, String) {
    let row = world.db.sql("select id, fanvue_user_uuid from models order by name limit 1").await;
    (row[0][0].clone(), row[0][1].clone())
}

/// The answer as it was sent, checked against SQL, with what the other language needs.
async fn answer(world: &World, query: &str, creator: Option<&str>) -> String {
    let response = read(&world.ctx, query).await;
    assert_eq!(response.status(), 200, "{query}");
    let text = String::from_utf8(response.body().to_vec()).unwrap();
    let shown: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(told(&shown), found(world, &shown, creator).await, "{query}");
    assert_eq!(fans::told(&shown), fans::found(world, &shown, creator).await, "{query}");
    let creator = json!(creator);
    format!(r#"{{"query":"{query}","creator":{creator},"answer":{text}}}"#)
}

/// Gross, net, count and earlier gross, by what they are sums of.
type Sums = BTreeMap<(String, String), [i64; 4]>;

/// The sums that an answer tells.
fn told(shown: &Value) -> Sums {
    let has_before = !shown["kpiMetrics"]["previous"].is_null();
    let sums =
        |value: &Value, names: [&str; 4]| names.map(|name| value[name].as_i64().unwrap_or(0));
    let mut told = Sums::new();
    let mut tell = |kind: &str, key: &Value, sums: [i64; 4]| {
        if sums != [0; 4] {
            told.insert((kind.to_owned(), key.as_str().unwrap_or_default().to_owned()), sums);
        }
    };
    let kpis = &shown["kpiMetrics"];
    let names = ["totalRevenueCents", "netRevenueCents", "transactionCount"];
    let [gross, net, count] = names.map(|name| kpis[name].as_i64().unwrap());
    let before = kpis["previous"]["totalRevenueCents"].as_i64();
    assert_eq!(before.is_some(), has_before);
    tell("all", &Value::Null, [gross, net, count, before.unwrap_or(0)]);
    let names = ["totalCents", "netCents", "transactionCount", "previousTotalCents"];
    for card in shown["models"].as_array().unwrap() {
        tell("creator", &card["modelId"], sums(card, names));
    }
    for point in shown["chartData"].as_array().unwrap() {
        tell("point", &point["date"], sums(point, names));
    }
    let names = ["amountCents", "netCents", "transactionCount", "previousAmountCents"];
    for category in shown["categoryBreakdown"].as_array().unwrap() {
        for source in category["sources"].as_array().unwrap() {
            tell("source", &source["source"], sums(source, names));
        }
    }
    told
}

/// The same from the rows of the ledger, for the days that the answer names.
async fn found(world: &World, shown: &Value, creator: Option<&str>) -> Sums {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (zone, period) = (text(&shown["timezone"]), &shown["period"]);
    let (from, to) = (text(&period["from"]), text(&period["to"]));
    let until = period["previous"]["until"].as_str().unwrap_or("infinity");
    let is_compared = !period["previous"].is_null();
    let points: Vec<_> = shown["chartData"].as_array().unwrap().iter().collect();
    let points: Vec<_> = points
        .iter()
        .map(|point| {
            format!("('{}'::date, '{}'::date)", text(&point["date"]), text(&point["endDate"]))
        })
        .collect();
    let points = points.join(", ");
    let whose =
        creator.map_or_else(|| "true".to_owned(), |id| format!("m.fanvue_user_uuid = '{id}'"));
    let sql = format!(
        "with told as (
             select model_id, transaction_date as at, transaction_type as source,
                    amount_cents as gross, net_cents as net
               from fanvue_transactions
             union all
             select model_id, at, source, gross_cents, coalesce(net_cents, 0)
               from provisional_transactions
         ), dated as (
             select t.*, (t.at at time zone '{zone}')::date as day
               from told t join models m on m.id = t.model_id where {whose}
         ), asked as (
             select *, true as is_now, day as own_day from dated where day between '{from}' and '{to}'
             union all
             select *, false, day + ('{to}'::date - '{from}' + 1) from dated
              where {is_compared} and at < '{until}'
                and day between '{from}'::date - ('{to}'::date - '{from}' + 1) and '{from}'::date - 1
         ), keyed as (
             select 'all' as kind, '' as key, * from asked
             union all select 'creator', model_id::text, * from asked
             union all select 'source', source, * from asked
             union all select 'point', p.first::text, a.* from asked a
                  join (values {points}) as p (first, last) on a.own_day between p.first and p.last
         )
         select kind, key, coalesce(sum(gross) filter (where is_now), 0),
                coalesce(sum(net) filter (where is_now), 0), count(*) filter (where is_now),
                coalesce(sum(gross) filter (where not is_now), 0)
           from keyed group by 1, 2"
    );
    let number = |text: &String| text.parse().unwrap();
    let sums = |row: &[String]| [&row[2], &row[3], &row[4], &row[5]].map(number);
    let rows = world.db.sql(&sql).await;
    rows.iter().map(|row| ((row[0].clone(), row[1].clone()), sums(row))).collect()
}

/// How many answers the other language found right.
fn compared(told: &str) -> usize {
    let folder = tempfile();
    std::fs::write(&folder, told).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden.py");
    let done = Command::new("python3").arg(script).arg(&folder).output().unwrap();
    std::fs::remove_file(&folder).unwrap();
    let (said, failed) =
        (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{failed}");
    let words: Vec<_> = said.split_whitespace().collect();
    assert!(500 < words[0].parse::<u32>().unwrap(), "{said}");
    words[3].parse().unwrap()
}

fn tempfile() -> std::path::PathBuf {
    std::env::temp_dir().join(format!("heartbeat-golden-{}.json", std::process::id()))
}
