//! Agency sums and summaries against the rows they are made of.

use std::collections::BTreeMap;

use jiff::ToSpan;
use serde_json::{Value, json};

use super::{World, cents, options, unlimited};

const SPAN: &str = "startDate=2026-09-01T00:00:00Z&endDate=2026-10-02T00:00:00Z";

fn pages(world: &World, query: &str) -> Vec<Value> {
    let (mut rows, mut page) = (Vec::new(), 1);
    loop {
        let got = world.get(&format!("/agencies/earnings?{query}&size=50&page={page}"));
        rows.extend(got.rows());
        if got.json()["pagination"]["hasMore"] == false {
            return rows;
        }
        page += 1;
    }
}

/// (creator, day) to (gross, net) of the rows that are no reversals.
fn expected(world: &World) -> BTreeMap<(String, String), (i64, i64)> {
    let mut days: BTreeMap<(String, String), (i64, i64)> = BTreeMap::new();
    for creator in world.simulator.creators() {
        if creator == world.simulator.agency() {
            continue;
        }
        for row in world.simulator.rows(creator, world.now) {
            if row.gross > 0 && row.date.as_str() >= "2026-09-01" {
                let day = days.entry((creator.to_string(), row.date[..10].to_owned())).or_default();
                *day = (day.0 + row.gross, day.1 + row.net);
            }
        }
    }
    days
}

#[test]
fn agency_days_are_the_sums_of_sales_without_reversals_newest_first() {
    let world = World::new(options(6, 60));
    world.set(unlimited());
    let rows = pages(&world, SPAN);
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    let got: BTreeMap<_, _> = rows
        .iter()
        .map(|row| {
            let amounts = (row["gross"].as_i64().unwrap(), row["net"].as_i64().unwrap());
            ((text(row, "creatorUuid"), text(row, "date")), amounts)
        })
        .collect();
    assert_eq!(got.len(), rows.len());
    assert_eq!(got, expected(&world));
    assert!(rows.is_sorted_by(|a, b| text(a, "date") >= text(b, "date")));
    world.set(json!({"agencyPaging": "cursor"}));
    let (by_cursor, _) = world.walk("/agencies/earnings", &format!("{SPAN}&size=7"));
    assert_eq!(by_cursor, rows);
}

#[test]
fn agency_earnings_can_be_asked_for_some_creators() {
    let world = World::new(options(6, 60));
    let creator = world.creator();
    let rows = pages(&world, &format!("{SPAN}&creatorUuids={creator}"));
    assert!(!rows.is_empty());
    assert!(rows.iter().all(|row| row["creatorUuid"] == json!(creator)));
    let own = world.simulator.agency();
    assert_eq!(pages(&world, &format!("{SPAN}&creatorUuids={own}")), Vec::<Value>::new());
}

#[test]
fn agency_earnings_need_their_dates_and_at_most_fifty_creators() {
    let world = World::new(options(2, 0));
    let got = world.get("/agencies/earnings").json();
    assert_eq!(got["errors"], json!(["startDate is required", "endDate is required"]));
    assert_eq!(world.get("/agencies/earnings?startDate=2026-09-01&endDate=2026-09-02").status, 400);
    let many = vec![world.creator().to_string(); 51].join(",");
    assert_eq!(world.get(&format!("/agencies/earnings?{SPAN}&creatorUuids={many}")).status, 400);
    assert_eq!(world.get(&format!("/agencies/earnings?{SPAN}&creatorUuids=x")).status, 400);
}

#[test]
fn rewards_can_be_left_out_of_agency_sums() {
    let world = World::new(options(2, 0));
    world.sell(json!({"creator": world.creator(), "source": "referral", "grossCents": 70}));
    assert_eq!(cents(&pages(&world, SPAN), "gross"), 70);
    world.set(json!({"agencyRewards": false}));
    assert_eq!(pages(&world, SPAN).len(), 0);
}

#[test]
fn a_summary_leaves_reversals_out_and_adds_up() {
    let world = World::new(options(3, 200));
    let creator = world.creator();
    let got = world.get(&format!("/v1/creators/{creator}/insights/earnings/summary")).json();
    let sales: Vec<_> = world.simulator.rows(creator, world.now);
    let gross: i64 = sales.iter().filter(|row| row.gross > 0).map(|row| row.gross).sum();
    assert_eq!(got["totals"]["allTime"]["gross"], json!(gross));
    assert_eq!(cents(got["overTime"].as_array().unwrap(), "gross"), gross);
    let sources = got["breakdownBySource"].as_object().unwrap();
    assert_eq!(sources.values().map(|sum| sum["gross"].as_i64().unwrap()).sum::<i64>(), gross);
    assert_eq!(sources.len(), 7);
    assert_eq!(got["averageByDayOfWeek"].as_object().unwrap().len(), 7);
    assert_eq!(got["averageByHourOfDay"].as_object().unwrap().len(), 24);
    assert_eq!(got["period"]["granularity"], "day");
    let month: i64 = sales
        .iter()
        .filter(|row| row.gross > 0 && row.date.starts_with("2026-09"))
        .map(|row| row.gross)
        .sum();
    assert_eq!(got["totals"]["thisMonth"]["previousMonthGross"], json!(month));
}

#[test]
fn a_summary_is_up_to_ten_minutes_old() {
    let mut world = World::new(options(2, 0));
    let gross = |world: &World| {
        world.get("/insights/earnings/summary").json()["totals"]["allTime"]["gross"]
            .as_i64()
            .unwrap()
    };
    assert_eq!(gross(&world), 0);
    world.sell(json!({"creator": world.simulator.agency(), "grossCents": 1000}));
    world.now += 9.minutes();
    assert_eq!(gross(&world), 0);
    world.now += 1.minute();
    assert_eq!(gross(&world), 1000);
}

#[test]
fn a_summary_may_be_weekly_in_a_time_zone() {
    let world = World::new(options(2, 0));
    // Sunday evening in UTC is Monday in Kathmandu.
    let sale = json!({"creator": world.simulator.agency(), "at": "2026-09-27T20:00:00Z"});
    world.sell(sale);
    let query = "granularity=week&timezone=Asia/Kathmandu";
    let got = world.get(&format!("/insights/earnings/summary?{query}")).json();
    assert_eq!(got["overTime"][0]["periodStart"], "2026-09-27T18:15:00.000Z");
}
