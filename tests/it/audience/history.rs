//! What became of subscribers, by day of the agency, wherever it is and whatever its clocks do.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde_json::{Value, json};
use uuid::Uuid;

use super::HOUR;
use crate::world::World;

type Days = BTreeMap<String, (u32, u32)>;

/// The days on which something changed, by the platform's world.
fn truth(world: &World, creator: Uuid, zone: &str) -> Days {
    let zone = TimeZone::get(zone).unwrap();
    let days = world.sim.audience(creator, Some(zone), world.now()).unwrap().days.unwrap();
    days.iter()
        .map(|day| (day.date.to_string(), (day.new_subscribers, day.cancelled_subscribers)))
        .collect()
}

/// The same as stored, and of how many days anything is.
async fn stored(world: &World) -> (Days, usize) {
    let sql = "select date::text, new_subscribers::text, cancelled_subscribers::text
        from subscriber_history
       where model_id = (select id from models where name = 'Ada') and new_subscribers is not null";
    let rows = world.db.sql(sql).await;
    let number = |text: &String| text.parse().unwrap();
    let days = rows.iter().map(|row| (row[0].clone(), (number(&row[1]), number(&row[2]))));
    (days.filter(|(_, changes)| *changes != (0, 0)).collect(), rows.len())
}

#[tokio::test]
async fn every_change_is_on_its_day_where_the_agency_is() {
    // Around the ends of summer time in Rome and New York, each with an hour that there is twice.
    let instants = [
        "2026-03-28T23:30:00Z",
        "2026-03-29T21:59:59Z",
        "2026-10-24T22:00:00Z",
        "2026-10-25T22:30:00Z",
        "2026-10-25T23:00:00Z",
        "2026-11-01T04:00:00Z",
        "2026-11-02T04:30:00Z",
        "2026-11-02T05:00:00Z",
        "2026-11-20T18:14:59Z",
        "2026-11-20T18:15:00Z",
    ];
    for zone in ["Europe/Rome", "America/New_York", "Asia/Kathmandu", "UTC"] {
        let (world, ada) = World::with_ada().await;
        world.db.sql(&format!("update agencies set timezone = '{zone}'")).await;
        for (count, at) in (1..).zip(instants) {
            world.people(ada, json!({"subscribe": count, "at": at}));
            world.people(ada, json!({"cancel": 1, "at": at}));
        }
        world.refresh().await;
        let (days, count) = stored(&world).await;
        assert_eq!(days, truth(&world, ada, zone), "{zone}");
        assert_eq!(count, 365, "a row a day, also where nothing changed");
    }
}

#[tokio::test]
async fn a_day_is_over_where_the_agency_is_and_keeps_its_last_count() {
    let (world, ada) = World::with_ada().await;
    world.db.sql("update agencies set timezone = 'Asia/Kathmandu'").await;
    world.refresh().await;
    let first = world.around(ada).subscribers;
    world.people(ada, json!({"subscribe": 3}));
    // 23:45 in Kathmandu, then a quarter past midnight.
    world.advance(8 * HOUR);
    world.refresh().await;
    world.people(ada, json!({"subscribe": 4}));
    world.advance(HOUR / 2 + 60);
    world.refresh().await;
    let sql = "select date::text, subscribers_count::text, new_subscribers::text
        from subscriber_history
       where model_id = (select id from models where name = 'Ada') and subscribers_count is not null
       order by date";
    let rows = world.db.sql(sql).await;
    let counts: Vec<_> = rows.iter().map(|row| (row[0].as_str(), row[1].clone())).collect();
    assert_eq!(
        counts,
        [("2026-11-21", (first + 3).to_string()), ("2026-11-22", (first + 7).to_string())],
        "the last count of each day"
    );
    let shown = world.dashboard("startDate=2026-11-19&endDate=2026-11-22").await;
    let points = shown["chartData"].as_array().unwrap();
    assert!(points[0]["newSubscribers"].is_u64(), "a year is told");
    assert_eq!(points[0]["subscribers"], Value::Null, "nobody counted then");
}

#[tokio::test]
async fn the_chart_sums_changes_of_all_creators_and_of_one() {
    let (world, ada) = World::with_ada().await;
    world.people(ada, json!({"subscribe": 7, "at": "2026-11-18T12:00:00Z"}));
    world.refresh().await;
    let zone = "Europe/Rome";
    let of = |creator, day: &str| truth(&world, creator, zone).get(day).map_or(0, |told| told.0);
    let day = "2026-11-18";
    let all: u32 = world.sim.creators().into_iter().map(|creator| of(creator, day)).sum();
    let model = world.db.sql("select id from models where name = 'Ada'").await.concat().concat();
    for (query, want) in
        [("timeRange=7d".to_owned(), all), (format!("timeRange=7d&modelId={model}"), of(ada, day))]
    {
        let shown = world.dashboard(&query).await;
        let points = shown["chartData"].as_array().unwrap();
        let point = points.iter().find(|point| point["date"] == day).unwrap();
        assert_eq!(point["newSubscribers"], json!(want), "{query}");
    }
    assert!(7 <= of(ada, day));
}

#[tokio::test]
async fn what_is_told_late_is_read_again() {
    let (world, ada) = World::with_ada().await;
    world.refresh().await;
    world.people(ada, json!({"subscribe": 9, "at": "2026-11-19T12:00:00Z"}));
    world.advance(HOUR + 1);
    world.sim.reset_requests();
    world.only("changes").await;
    world.refresh().await;
    assert_eq!(stored(&world).await.0, truth(&world, ada, "Europe/Rome"));
    let asked = world.sim.requests().by_route["GET /creators/{uuid}/insights/subscribers"];
    assert_eq!(asked, 1, "the last days are one question");
}

#[tokio::test]
async fn who_was_counted_before_the_period_is_missed_in_it() {
    let world = World::empty().await;
    world.creator("Ada", 5, 0);
    world.creator("Bea", 5, 0);
    world.connect().await;
    let counted = "insert into subscriber_history (agency_id, model_id, date, subscribers_count)
        select m.agency_id, m.id, d.day, 10 from models m
          join (values ('Ada', date '2026-11-19'), ('Ada', date '2026-11-20'),
                       ('Bea', date '2026-10-01'), ('Bea', date '2026-11-20')) as d (name, day)
            on d.name = m.name";
    world.db.sql(counted).await;
    let points = async || {
        let shown = world.dashboard("startDate=2026-11-18&endDate=2026-11-20").await;
        let points = shown["chartData"].as_array().unwrap().iter();
        points.map(|point| point["subscribers"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(points().await, [json!(null), json!(null), json!(20)]);
    world.db.sql("delete from subscriber_history where date = '2026-10-01'").await;
    assert_eq!(points().await, [json!(null), json!(10), json!(20)], "now she joined on the third");
}
