//! Outages as the other schedules meet them: audiences, alerts, the nightly proof.

use jiff::tz::TimeZone;
use serde_json::json;
use simulator::Fault;
use uuid::Uuid;

use super::{
    HEARTBEAT, REFRESH, assert_unavailable, door::behind_a_door, fanvue_down::everywhere,
    ticks_until_complete, told, world,
};
use crate::{slots::with_chat, world::World};

const SHIFTS: &str = "/api/cron/check-late-shifts";
const POSTS: &str = "/api/cron/check-missed-posts";
const RECONCILE: &str = "/api/cron/reconcile";
const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;
/// The longest that a stream which failed is left alone, and a tick.
const LONGEST_BACKOFF: i64 = 70 * MINUTE;

/// All that is shown of audiences, and as of when.
const SHOWN: [&str; 4] = [
    "select name, subscribers_count, subscribers_as_of, followers_count, followers_as_of,
            unread_messages, unread_as_of, posts_count, posts_as_of, likes_count, likes_as_of
       from models order by name",
    "select * from top_spenders order by model_id, rank",
    "select * from tracking_links order by model_id, fanvue_uuid",
    "select * from subscriber_history order by model_id, date",
];

async fn shown(world: &World) -> Vec<Vec<Vec<String>>> {
    let mut all = vec![];
    for sql in SHOWN {
        all.push(world.db.sql(sql).await);
    }
    all
}

fn come_and_go(world: &World, creators: [Uuid; 2]) {
    for creator in creators {
        let change =
            json!({"creator": creator, "subscribe": 3, "cancel": 1, "follow": 2, "unread": 1});
        world.sim.post("audience", &change, world.now()).unwrap();
    }
}

/// Every stream that is due is read to its end, and the counts are the platform's.
async fn assert_audiences(world: &World, creators: [Uuid; 2]) {
    let report = told(&world.ctx, REFRESH).await;
    let streams = report["streams"].as_array().unwrap();
    for stream in streams {
        assert_eq!(stream["state"], "complete", "{stream}");
    }
    let zone = TimeZone::get("Europe/Rome").unwrap();
    for creator in creators {
        let truth = world.sim.audience(creator, Some(zone.clone()), world.now()).unwrap();
        let sql = format!(
            "select h.date, m.subscribers_count, m.followers_count, m.unread_messages, h.new_subscribers
               from models m join subscriber_history h on h.model_id = m.id
              where m.fanvue_user_uuid = '{creator}' order by h.date desc limit 1"
        );
        let mut stored = world.db.sql(&sql).await.remove(0);
        let date = stored.remove(0);
        let days = truth.days.unwrap();
        let today = days.iter().find(|day| day.date.to_string() == date);
        let new = today.map_or(0, |day| day.new_subscribers.into());
        let counts = [truth.subscribers, truth.followers, truth.unread_messages, new];
        assert_eq!(stored, counts.map(|count| count.to_string()), "{date}");
    }
    let troubles = "select count(*) from audience_streams where last_error is not null
                        or attempts > 0 or parked_at is not null or emptied_at is not null";
    assert_eq!(world.db.sql(troubles).await, [["0"]]);
}

/// A proof that finds nothing to mend.
async fn assert_proved(world: &World) {
    let report = told(&world.ctx, RECONCILE).await;
    let counts = ["daysDiffering", "repaired", "unfinished"].map(|name| &report[name]);
    assert_eq!(counts, [&json!(0), &json!(0), &json!(0)], "{report}");
    world.assert_complete().await;
}

#[tokio::test]
async fn ten_minutes_without_a_database_cost_no_schedule_anything() {
    let (mut world, creators) = world().await;
    let chat = with_chat(&mut world);
    world.plan(1).await;
    assert_audiences(&world, creators).await;
    // In seven minutes an odd shift is late that began at noon: in the middle of the outage.
    world.advance(2 * HOUR + 3 * MINUTE);
    let door = behind_a_door(&mut world).await;
    for path in [HEARTBEAT, REFRESH, SHIFTS, POSTS] {
        told(&world.ctx, path).await;
    }
    assert_eq!(chat.told(), [""; 0]);
    let before = shown(&world).await;
    door.shut();
    for minute in 0..=10 {
        come_and_go(&world, creators);
        if minute % 5 == 0 {
            for path in [REFRESH, SHIFTS, POSTS, RECONCILE] {
                assert_unavailable(&world.ctx, path).await;
            }
        }
        world.advance(MINUTE);
    }
    door.open();
    assert_eq!(shown(&world).await, before);
    assert_eq!(chat.told(), [""; 0]);
    told(&world.ctx, SHIFTS).await;
    told(&world.ctx, POSTS).await;
    assert_eq!(chat.told(), ["shift 1"]);
    ticks_until_complete(&world).await;
    assert_proved(&world).await;
    world.advance(2 * HOUR);
    for path in [SHIFTS, POSTS, SHIFTS, POSTS] {
        told(&world.ctx, path).await;
    }
    assert_eq!(chat.told(), ["post 1", "shift 1"], "each once");
    // By then each list is due.
    world.advance(4 * HOUR);
    assert_audiences(&world, creators).await;
}

#[tokio::test]
async fn a_day_without_fanvue_keeps_audiences_as_they_are_and_holds_no_alert_up() {
    let (mut world, creators) = world().await;
    let chat = with_chat(&mut world);
    world.plan(1).await;
    assert_audiences(&world, creators).await;
    let before = shown(&world).await;
    let money = "select count(*), sum(amount_cents) from fanvue_transactions";
    let booked = world.db.sql(money).await;
    let faults = [Fault::Status(503), Fault::DropBefore, Fault::Html, Fault::Hang];
    for half_hour in 0..48_usize {
        everywhere(&world, faults[half_hour % faults.len()].clone());
        come_and_go(&world, creators);
        world.sell(creators[half_hour % 2], 1);
        world.advance(30 * MINUTE);
        told(&world.ctx, REFRESH).await;
        if half_hour % 12 == 0 {
            told(&world.ctx, SHIFTS).await;
            told(&world.ctx, POSTS).await;
        }
        if (30..38).contains(&half_hour) {
            let report = told(&world.ctx, RECONCILE).await;
            let counts = ["daysDiffering", "repaired"].map(|name| &report[name]);
            assert_eq!(counts, [&json!(0), &json!(0)], "{report}");
        }
        assert_eq!(shown(&world).await, before, "what is known stays, and as of when");
        assert_eq!(world.db.sql(money).await, booked);
        world.check().await;
    }
    let parked = "select count(*) from audience_streams where parked_at is not null";
    assert_eq!(world.db.sql(parked).await, [["0"]], "an outage is no refusal");
    // Telegram was there all the time, and the last ones began before the last ticks of the alerts.
    told(&world.ctx, SHIFTS).await;
    told(&world.ctx, POSTS).await;
    let odd = [1, 3, 5, 7, 9];
    let titles = |kind: &str| odd.map(|n| format!("{kind} {n}"));
    assert_eq!(chat.told(), [titles("post"), titles("shift")].concat());

    world.sim.clear_faults();
    ticks_until_complete(&world).await;
    world.advance(LONGEST_BACKOFF);
    assert_audiences(&world, creators).await;
    world.advance(LONGEST_BACKOFF);
    told(&world.ctx, HEARTBEAT).await;
    assert_proved(&world).await;
    let receipts = world.db.sql("select count(*) from repairs").await;
    let voided = world.db.sql("select count(*) from voided_transactions").await;
    assert_eq!((receipts, voided), (vec![vec!["0".to_owned()]], vec![vec!["0".to_owned()]]));
}
