//! Schedules as platforms really call them: slots that come twice, not at all, or while the one before
//! still runs. No slot is remembered anywhere, and none has to be: docs/adr/0022.
//!
//! `HEARTBEAT_DAYS=30 cargo test --release --test it slots` runs a month.

pub mod fate;
mod tables;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use app::{Ctx, SystemEntropy};
use bytes::Bytes;
use fanvue::{Transport, TransportError};
use futures_util::future::BoxFuture;
use heartbeat::schedules;
use jiff::SignedDuration;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use simulator::NewSale;

use self::{
    fate::{Fate, Lasting, call},
    tables::{EMPTY, ENDS},
};
use crate::world::{TELEGRAM_SECRET, TEN_MINUTES, World, config, transport::InProcess};

/// Longer than any stream of an audience waits for its turn.
const LONGEST_TURN: i64 = 7 * 3_600;

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
pub struct Chat {
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

/// Puts a chat beside the platform.
pub fn with_chat(world: &mut World) -> Arc<Chat> {
    let way = InProcess { sim: world.sim.clone(), clock: Arc::clone(&world.clock) };
    let chat = Arc::new(Chat { way, texts: Mutex::default() });
    world.ctx = instance(world, &chat);
    chat
}

/// Another instance.
fn instance(world: &World, chat: &Arc<Chat>) -> Ctx {
    let mut config = config(&world.db.url, "http://127.0.0.1:1");
    config.telegram = Some(app::Telegram {
        bot_token: format!("123456:{TELEGRAM_SECRET}").into(),
        chat_id: "-1001".to_owned(),
        api_url: "http://127.0.0.1:2".parse().unwrap(),
    });
    let (transport, time) = (Arc::<Chat>::clone(chat), Arc::clone(&world.clock));
    Ctx::with(config, transport, time, Arc::new(SystemEntropy)).unwrap()
}

impl Chat {
    /// The shifts and posts that were told, by title, as often as they were.
    pub fn told(&self) -> Vec<String> {
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

/// Once a day people come and go, long enough before its end for each count of it to be taken again.
fn come_and_go(world: &World, dice: &mut StdRng) {
    for creator in world.sim.creators() {
        let mut some = || dice.random_range(1..9_u32);
        let change = json!({
            "creator": creator, "subscribe": some(), "cancel": some(), "follow": some(),
            "unfollow": some(), "unread": some(), "link": format!("link {}", some()),
        });
        world.sim.post("audience", &change, world.now()).unwrap();
    }
}

/// A world whose slots come once each, or as chance has it.
struct Platform {
    world: World,
    chat: Arc<Chat>,
    fates: Option<StdRng>,
    /// Slots of each schedule so far.
    slots: BTreeMap<String, usize>,
    /// Calls that still run.
    lasting: BTreeMap<String, Lasting>,
    met: BTreeSet<(String, Fate)>,
}

impl Platform {
    /// A slot of a schedule, beside the one before if that still runs.
    async fn slot(&mut self, path: &str) {
        let (world, name) = (&self.world, format!("slot-{}", self.world.now().as_second()));
        let n = self.slots.entry(path.to_owned()).or_default();
        let fate = self.fates.as_mut().map_or(Fate::Once, |dice| Fate::draw_nth(*n, dice));
        *n += 1;
        self.met.insert((path.to_owned(), fate));
        let before = self.lasting.remove(path);
        let ended = async {
            if let Some(before) = before {
                before.end().await;
            }
        };
        tokio::join!(fate.befall(world, path, &name), ended);
        if fate == Fate::Lasting {
            let ctx = instance(world, &self.chat);
            let call = Lasting::begin(ctx, world, (path, &name)).await;
            self.lasting.insert(path.to_owned(), call);
        }
    }
}

/// Runs the schedules of vercel.json for so many days, then two slots more of each, which all come once, and one
/// that finds every audience due.
async fn run(days: i64, is_disturbed: bool) -> Platform {
    let mut world = World::seeded(2, 5).await;
    let chat = with_chat(&mut world);
    world.plan(days).await;
    let schedules = schedules::list().unwrap();
    let mut dice = StdRng::seed_from_u64(3);
    let end = world.now().checked_add(SignedDuration::from_hours(24 * days)).unwrap();
    let noon = world.now() + SignedDuration::from_hours(2);
    let fates = is_disturbed.then(|| StdRng::seed_from_u64(4));
    let (slots, lasting, met) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
    let mut platform = Platform { world, chat, fates, slots, lasting, met };
    let mut days_begun = 0;
    while platform.world.now() < end {
        let now = platform.world.now();
        let next = schedules.iter().filter_map(|one| one.cron.next_after(now)).min();
        let slot = next.unwrap();
        platform.world.wait_until(slot);
        sell(&platform.world, &mut dice);
        if noon + SignedDuration::from_hours(24 * days_begun) <= slot {
            come_and_go(&platform.world, &mut dice);
            days_begun += 1;
        }
        for schedule in schedules.iter().filter(|one| one.cron.matches(slot)) {
            platform.slot(&schedule.path).await;
        }
    }
    for (_, lasting) in std::mem::take(&mut platform.lasting) {
        lasting.end().await;
    }
    let world = &platform.world;
    for n in 1..=2 {
        world.wait_until(end + SignedDuration::from_secs(n * TEN_MINUTES));
        for schedule in &schedules {
            call(world, &schedule.path, "the-end").await;
        }
    }
    world.wait_until(end + SignedDuration::from_secs(LONGEST_TURN));
    call(world, "/api/cron/daily-refresh", "the-end").await;
    platform
}

#[expect(clippy::disallowed_methods, reason = "how long whoever runs it wants to wait")]
fn days() -> i64 {
    let given = std::env::var("HEARTBEAT_DAYS").ok();
    given.map_or(1, |text| text.parse().expect("HEARTBEAT_DAYS is a number"))
}

#[tokio::test]
async fn a_month_of_disturbed_schedules_ends_as_a_perfect_one() {
    let (perfect, disturbed) = (run(days(), false).await, run(days(), true).await);
    for schedule in schedules::list().unwrap() {
        for fate in Fate::MISFORTUNES {
            let met = (schedule.path.clone(), fate);
            assert!(disturbed.met.contains(&met), "{met:?} never happened");
        }
    }
    let (usual_chat, chat) = (&perfect.chat, &disturbed.chat);
    let (perfect, disturbed) = (&perfect.world, &disturbed.world);
    for world in [perfect, disturbed] {
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
    let [usual, most] = [perfect, disturbed].map(|world| world.sim.requests().total);
    assert!(most < usual + usual / 5, "{most} requests instead of {usual}");
}
