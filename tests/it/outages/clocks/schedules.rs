//! The same of audiences and of alerts: as of when they say they are, and what is late by a wrong clock.

use std::sync::Arc;

use app::{Clock, Ctx, SystemClock, SystemEntropy};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{WRONG, instance};
use crate::{
    alerts::telegram::{CHAT, Telegram},
    outages::{REFRESH, told, world},
    world::{
        TELEGRAM_SECRET, TEN_MINUTES, World, canary, clock::ManualClock, config, database::Database,
    },
};

const SHIFTS: &str = "/api/cron/check-late-shifts";
const POSTS: &str = "/api/cron/check-missed-posts";
const HOUR: i64 = 3_600;

/// Each instant that is shown or written down of audiences: what of, and when.
async fn instants(world: &World) -> Vec<(String, Timestamp)> {
    let sql = "
        select kind, to_char(at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')
          from (select s.kind, s.as_of as at from audience_streams s
                union all
                select 'shown', t.at from models m
                 cross join lateral unnest(array[m.subscribers_as_of, m.followers_as_of,
                     m.unread_as_of, m.posts_as_of, m.likes_as_of, m.stats_updated_at]) as t (at)
                 where m.connection_id is not null and t.at is not null
                union all
                select 'spenders', last_synced_at from top_spenders
                union all
                select 'links', last_synced_at from tracking_links) as told";
    let rows = world.db.sql(sql).await;
    rows.into_iter().map(|row| (row[0].clone(), row[1].parse().unwrap())).collect()
}

/// All of it is of now, to the second. Days of changes may be told up to a clock that is behind.
async fn assert_now(world: &World, by: i64) {
    let instants = instants(world).await;
    assert!(20 < instants.len(), "{instants:?}");
    for (kind, at) in instants {
        let early = world.now().duration_since(at).as_secs();
        let early_max = if kind == "changes" && by < 0 { -by } else { 1 };
        assert!((0..=early_max).contains(&early), "{by}: {kind} as of {at}, it is {}", world.now());
    }
}

fn assert_read(report: &Value) {
    let streams = report["streams"].as_array().unwrap();
    assert!(!streams.is_empty(), "{report}");
    for stream in streams {
        assert_eq!(stream["state"], "complete", "{stream}");
    }
}

#[tokio::test]
async fn an_audience_is_as_of_when_it_was_read_whatever_our_clock_says() {
    for by in WRONG {
        let (world, _) = world().await;
        assert_read(&told(&instance(&world, by), REFRESH).await);
        assert_now(&world, by).await;
        // Not a count changed: all of it is read again, and nothing gets ahead.
        world.advance(7 * HOUR);
        assert_read(&told(&instance(&world, by), REFRESH).await);
        assert_now(&world, by).await;
        world.advance(7 * HOUR);
        assert_read(&told(&world.ctx, REFRESH).await);
        assert_now(&world, 0).await;
    }
}

#[tokio::test]
async fn instants_that_a_clock_ahead_wrote_hold_no_audience_up_and_do_not_stay() {
    let (world, _) = world().await;
    told(&world.ctx, REFRESH).await;
    for (table, column) in [
        ("audience_streams", "tried_at"),
        ("audience_streams", "lease_expires_at"),
        ("audience_streams", "as_of"),
        ("models", "subscribers_as_of"),
        ("models", "followers_as_of"),
        ("models", "unread_as_of"),
    ] {
        world.advance(TEN_MINUTES);
        let ahead = world.now() + SignedDuration::from_secs(TEN_MINUTES + 60);
        let held = ["", ", lease_token = gen_random_uuid()"];
        let held = held[usize::from(column == "lease_expires_at")];
        let sql = format!(
            "update audience_streams set next_at = '2000-01-01';
             update models set subscribers_as_of = subscribers_as_of - interval '1 hour',
                    followers_as_of = followers_as_of - interval '1 hour',
                    unread_as_of = unread_as_of - interval '1 hour',
                    posts_as_of = posts_as_of - interval '1 hour',
                    likes_as_of = likes_as_of - interval '1 hour';
             update {table} set {column} = '{ahead}'{held}"
        );
        world.db.sql(&sql).await;
        assert_read(&told(&world.ctx, REFRESH).await);
        assert_now(&world, 0).await;
    }
}

/// By the database's clock: two shifts that are late, of which another tick tells just now, one that has just begun,
/// one post that was missed, and one that is not yet.
const PLANNED: &str = "
    insert into agencies (id, name, timezone)
    values ('a0000001-0000-4000-8000-000000000000', 'Roma', 'Europe/Rome');
    with person as (
        insert into profiles (id, agency_id, username, role)
        select gen_random_uuid(), id, 'Mia', 'chatter' from agencies returning id, agency_id
    ), planned as (
        insert into shifts (agency_id, employee_id, start_time, end_time, title)
        select p.agency_id, p.id, now() - t.ago, now() - t.ago + interval '8 hours', t.title
          from person p cross join (values ('late', interval '15 minutes'), ('held', interval '21 minutes'),
                                           ('begun', interval '5 minutes')) as t (title, ago)
        returning agency_id, id, start_time, title
    )
    insert into alerts (agency_id, kind, subject_id, due_at, noted_at, attempts, lease_token, lease_expires_at)
    select agency_id, 'late_shift', id, start_time, now(), 1, gen_random_uuid(), now() + interval '4 minutes'
      from planned where title = 'held';
    insert into content_tasks (agency_id, title, platform, content_type, status, scheduled_at)
    select a.id, t.title, 'x', 'reel', 'scheduled', now() - t.ago
      from agencies a cross join (values ('missed', interval '125 minutes'),
                                         ('still time', interval '115 minutes')) as t (title, ago)";

/// A machine whose clock is wrong by so many seconds, with a chat.
fn machine(db: &Database, telegram: &Telegram, by: i64) -> Ctx {
    let mut config = config(&db.url, "http://127.0.0.1:1");
    config.telegram = Some(app::Telegram {
        bot_token: format!("123456:{TELEGRAM_SECRET}").into(),
        chat_id: CHAT.to_owned(),
        api_url: telegram.url.parse().unwrap(),
    });
    let transport = fanvue::https_transport(fanvue::Timeouts::default()).unwrap();
    let clock = Arc::new(super::super::machine::Machine(SignedDuration::from_secs(by)));
    Ctx::with(config, transport, clock, Arc::new(SystemEntropy)).unwrap()
}

#[tokio::test]
async fn what_is_late_and_who_tells_of_it_is_not_judged_by_a_wrong_clock() {
    for by in [0, WRONG[0], WRONG[1]] {
        canary::watch();
        let db = Database::create().await;
        db.sql(PLANNED).await;
        let telegram = Telegram::start(Arc::new(ManualClock::at(SystemClock.now())));
        for (path, title) in [(SHIFTS, "“late”"), (POSTS, "“missed”")] {
            for found in [1, 0] {
                let report = told(&machine(&db, &telegram, by), path).await;
                let counts = ["found", "sent", "dropped"].map(|name| &report[name]);
                let wanted = [found, found, 0].map(Value::from);
                assert_eq!(counts, wanted.each_ref(), "{by}: {path} {report}");
            }
            let taken = telegram.taken();
            assert!(taken.last().unwrap().contains(title), "{by}: {taken:?}");
        }
        assert_eq!(telegram.taken().len(), 2, "{by}");
    }
}
