//! Schedules as platforms really call them: slots that come twice, not at all, or while the one before
//! still runs. No slot is remembered anywhere, and none has to be: docs/adr/0022.
//!
//! `HEARTBEAT_DAYS=30 cargo test --release --test it slots` runs a month.

pub mod fate;

use std::sync::{Arc, Mutex};

use app::{Ctx, SystemEntropy};
use bytes::Bytes;
use fanvue::{Transport, TransportError};
use futures_util::future::BoxFuture;
use heartbeat::schedules;
use jiff::SignedDuration;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::Value;
use simulator::NewSale;

use self::fate::{Fate, call};
use crate::world::{
    TELEGRAM_SECRET, TEN_MINUTES, World, config, database::Database, transport::InProcess,
};

/// Of the rows, of all that is derived of them, of the creators, of their audiences and of alerts all that
/// does not tell when it was written.
const ENDS: [&str; 12] = [
    "select m.fanvue_user_uuid, t.transaction_date, t.transaction_type, t.amount_cents, t.net_cents
       from fanvue_transactions t join models m on m.id = t.model_id order by 1, 2, 3, 4, 5",
    "select m.fanvue_user_uuid, d.day, d.source, d.gross_cents, d.net_cents, d.transaction_count
       from revenue_daily d join models m on m.id = d.model_id order by 1, 2, 3",
    "select m.fanvue_user_uuid, m.revenue_total_cents, m.net_total_cents, m.transactions_total,
            m.last_transaction_sync, s.watermark, s.parked_at, s.last_error,
            (select count(*) from earning_rejects), (select count(*) from voided_transactions)
       from models m join sync_state s on s.model_id = m.id order by 1",
    "select fanvue_user_uuid, subscribers_count, followers_count, unread_messages, posts_count, likes_count
       from models order by 1",
    "select m.fanvue_user_uuid, a.kind, a.as_of is null, a.attempts, a.refusals, a.parked_at, a.last_error,
            a.walk_pages
       from audience_streams a join models m on m.id = a.model_id order by 1, 2",
    "select s.title, a.kind, a.due_at, a.state, a.attempts, a.is_doubtful, a.reason
       from alerts a join (select id, title from shifts union all select id, title from content_tasks) s
         on s.id = a.subject_id order by 1, 2, 3",
    "select title, status from content_tasks union all select title, status from shifts order by 1, 2",
    "select m.fanvue_user_uuid, s.span, s.day, s.source, s.gross_cents, s.net_cents, s.transaction_count
       from revenue_sums s left join models m on m.id = s.model_id order by 1, 2, 3, 4",
    "select m.fanvue_user_uuid, f.fan_id, f.day
       from fan_days f join models m on m.id = f.model_id order by 1, 2, 3",
    "select m.fanvue_user_uuid, f.day, f.before_day, f.fan_count
       from fan_counts f left join models m on m.id = f.model_id order by 1, 2, 3",
    "select kind, state, routes, is_identified, refresh_intended_at is null, last_error
       from fanvue_connections order by 1, 2",
    // The histories that nights read again.
    "select j.is_proof, c.outcome, m.fanvue_user_uuid
       from sync_jobs j join sync_job_creators c on c.agency_id = j.agency_id and c.job_id = j.id
       join models m on m.id = c.model_id order by 1, 2, 3",
];

/// Tables that no schedule has anything to put into here.
const EMPTY: [&str; 12] = [
    "absent_transactions",
    "earning_rejects",
    "expensive_calls",
    "fan_events",
    "fanvue_logins",
    "fanvue_used_codes",
    "proof_days",
    "provisional_transactions",
    "unread_messages",
    "upgrade_receipts",
    "voided_transactions",
    "webhook_events",
];

/// Tables that need not be the same: what of them depends on who asked when, and what the test wrote itself.
const LEFT_OUT: [&str; 11] = [
    // Requests that are left.
    "rate_budgets",
    // As of when somebody looked.
    "subscriber_history",
    "top_spenders",
    "tracking_links",
    // When a night's proof asked, whether it or a tick met a late row first, and in how many commits.
    "proofs",
    "proof_sums",
    "repairs",
    "money_changes",
    // The test's own.
    "agencies",
    "profiles",
    "timesheets",
];

/// Shifts and posts of a day, of which every second one is attended to.
const DAY: &str = "
    with person as (
        insert into profiles (id, agency_id, username, role)
        select gen_random_uuid(), id, 'Mia', 'chatter' from agencies returning id, agency_id
    ), planned as (
        insert into shifts (agency_id, employee_id, start_time, end_time, title)
        select p.agency_id, p.id, h.at, h.at + interval '1 hour', 'shift ' || h.n
          from person p cross join hours h returning id, agency_id, employee_id, start_time, title
    ), attended as (
        insert into timesheets (agency_id, employee_id, shift_id, clock_in, clock_out)
        select agency_id, employee_id, id, start_time, start_time + interval '1 hour'
          from planned where right(title, 1) in ('0', '2', '4', '6', '8')
    )
    insert into content_tasks (agency_id, title, platform, content_type, status, scheduled_at)
    select a.id, 'post ' || h.n, 'x', 'reel',
           case when h.n % 2 = 0 then 'posted' else 'scheduled' end, h.at
      from agencies a cross join hours h";

/// The platform, and a chat beside it that takes every message.
struct Chat {
    way: InProcess,
    texts: Mutex<Vec<String>>,
}

impl Transport for Chat {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        if !request.uri().path().ends_with("/sendMessage") {
            return self.way.send(request);
        }
        let message: Value = serde_json::from_slice(request.body()).unwrap();
        self.texts.lock().unwrap().push(message["text"].as_str().unwrap().to_owned());
        let taken = http::Response::new(Bytes::from_static(br#"{"ok":true}"#));
        Box::pin(std::future::ready(Ok(taken)))
    }
}

impl Chat {
    /// The shifts and posts that were told, by title, as often as they were.
    fn told(&self) -> Vec<String> {
        let texts = self.texts.lock().unwrap();
        let parts = texts.iter().flat_map(|text| text.split('“').skip(1));
        let mut titles: Vec<_> =
            parts.map(|part| part.split('”').next().unwrap().to_owned()).collect();
        titles.sort();
        titles
    }
}

impl World {
    /// A shift and a post every other hour of these days, the last of them long over at their end.
    pub async fn plan(&self, days: i64) {
        let (now, last) = (self.now(), days * 12 - 3);
        let hours = format!(
            "create temporary table hours as
             select n, '{now}'::timestamptz + n * interval '2 hours' as at
               from generate_series(0, {last}) as n; "
        );
        self.db.sql(&format!("{hours}{DAY}")).await;
    }
}

/// Something is sold now and then; its row may come late.
fn sell(world: &World, dice: &mut StdRng) {
    for creator in world.sim.creators() {
        if dice.random_range(0..8) != 0 {
            continue;
        }
        let gross_cents = dice.random_range(500..5_000);
        let sale = NewSale {
            gross_cents: Some(gross_cents),
            net_cents: Some(gross_cents * 4 / 5),
            source: Some("tip".into()),
            fan: Some("bea".into()),
            currency: Some("USD".into()),
            at: Some(world.now().to_string()),
            visible_after_seconds: Some(dice.random_range(0..900)),
            ..NewSale::of(creator)
        };
        world.sim.sell(&sale, world.now()).unwrap();
    }
}

/// Runs the schedules of vercel.json for so many days, and two slots more of each, which all come once.
async fn run(days: i64, is_disturbed: bool) -> (World, Arc<Chat>) {
    let mut world = World::seeded(2, 5).await;
    let way = InProcess { sim: world.sim.clone(), clock: Arc::clone(&world.clock) };
    let chat = Arc::new(Chat { way, texts: Mutex::default() });
    let mut config = config(&world.db.url, "http://127.0.0.1:1");
    config.telegram = Some(app::Telegram {
        bot_token: format!("123456:{TELEGRAM_SECRET}").into(),
        chat_id: "-1001".to_owned(),
        api_url: "http://127.0.0.1:2".parse().unwrap(),
    });
    let (transport, time) = (Arc::<Chat>::clone(&chat), Arc::clone(&world.clock));
    world.ctx = Ctx::with(config, transport, time, Arc::new(SystemEntropy)).unwrap();
    world.plan(days).await;
    let schedules = schedules::list().unwrap();
    let (mut sales, mut fates) = (StdRng::seed_from_u64(3), StdRng::seed_from_u64(4));
    let end = world.now().checked_add(SignedDuration::from_hours(24 * days)).unwrap();
    while world.now() < end {
        let next = schedules.iter().filter_map(|one| one.cron.next_after(world.now())).min();
        let slot = next.unwrap();
        world.wait_until(slot);
        sell(&world, &mut sales);
        for schedule in schedules.iter().filter(|one| one.cron.matches(slot)) {
            let fate = if is_disturbed { Fate::draw(&mut fates) } else { Fate::Once };
            fate.befall(&world, &schedule.path, &format!("slot-{}", slot.as_second())).await;
        }
    }
    for n in 1..=2 {
        world.wait_until(end + SignedDuration::from_secs(n * TEN_MINUTES));
        for schedule in &schedules {
            call(&world, &schedule.path, "the-end").await;
        }
    }
    (world, chat)
}

#[expect(clippy::disallowed_methods, reason = "how long whoever runs it wants to wait")]
fn days() -> i64 {
    let given = std::env::var("HEARTBEAT_DAYS").ok();
    given.map_or(1, |text| text.parse().expect("HEARTBEAT_DAYS is a number"))
}

#[tokio::test]
async fn a_month_of_disturbed_schedules_ends_as_a_perfect_one() {
    let (perfect, usual_chat) = run(days(), false).await;
    let (disturbed, chat) = run(days(), true).await;
    for world in [&perfect, &disturbed] {
        world.assert_complete().await;
        for table in EMPTY {
            assert!(world.db.sql(&format!("select 1 from {table}")).await.is_empty(), "{table}");
        }
    }
    // Every odd shift and post, in whichever message, and none of them twice.
    let mut once = usual_chat.told();
    assert_eq!(chat.told(), once);
    once.dedup();
    let unattended = usize::try_from(days() * 12 - 2).unwrap() / 2;
    assert_eq!((once.len(), usual_chat.told().len()), (2 * unattended, 2 * unattended));
    for end in ENDS {
        let (wanted, is) = (perfect.db.sql(end).await, disturbed.db.sql(end).await);
        assert!(!wanted.is_empty());
        assert_eq!(is, wanted, "{end}");
    }
    // Twice costs twice, missed costs nothing: in all it is about the same.
    let [usual, most] = [&perfect, &disturbed].map(|world| world.sim.requests().total);
    assert!(most < usual + usual / 5, "{most} requests instead of {usual}");
}

#[tokio::test]
async fn every_table_is_compared_or_left_out_for_a_reason() {
    let db = Database::create().await;
    let tables = db.sql("select tablename from pg_tables where schemaname = 'public'").await;
    assert!(!tables.is_empty());
    for table in tables.into_iter().flatten() {
        let known = [
            ENDS.iter().any(|end| end.split_whitespace().any(|word| word == table)),
            EMPTY.contains(&table.as_str()),
            LEFT_OUT.contains(&table.as_str()),
        ];
        assert!(known.contains(&true), "what becomes of {table} in a month of slots?");
    }
}
