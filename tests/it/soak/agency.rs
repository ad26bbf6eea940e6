//! The agency and what happens to it: sales, refunds and fans, failures of Fanvue, and all schedules.

use std::{collections::BTreeSet, sync::Arc};

use app::{Ctx, SystemEntropy};
use heartbeat::schedules::{self, Schedule};
use jiff::{SignedDuration, Timestamp};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::json;
use simulator::{Fault, FaultMatch, NewEvent, NewFault, NewRefund, NewSale};
use uuid::Uuid;

use super::{
    Plan,
    bounds::overdue,
    sample::{Week, autovacuum, look, resident_mib},
};
use crate::{
    slots::fate::{Fate, call},
    world::{SECRET, TEN_MINUTES, World, config, transport::InProcess, truth},
};

/// Sales at a time, at most; half as many on average, which every five minutes are some three hundred a day.
const SALES_MAX: u32 = 2;
/// Of a hundred.
const TWINS: u32 = 2;
const REFUNDS: u32 = 3;
const LATE: u32 = 15;
const VERY_LATE: u32 = 4;
const FANS: u32 = 10;
const FAULTS: u32 = 12;

/// What fails: feeds, totals, audiences. A refused scope would set creators aside, so nothing is refused.
const PLACES: [&str; 5] =
    ["insights/earnings", "insights/earnings", "agencies/earnings", "followers", "chats"];

/// A world and what becomes of it.
pub struct Busy {
    pub world: World,
    plan: Plan,
    schedules: Vec<Schedule>,
    dice: StdRng,
    fates: StdRng,
    /// Rows that the simulator made.
    pub sales: i64,
    /// Failures that were set.
    pub failures: u32,
    /// Weeks that began.
    number: usize,
    vacuumed_at: Timestamp,
}

impl Busy {
    pub async fn begin(plan: Plan) -> Self {
        let mut world = World::seeded(plan.creators, 10).await;
        // A pooler would keep sessions open, and with them what they have counted.
        world.db.url = world.db.direct_url().await;
        let way = InProcess { sim: world.sim.clone(), clock: Arc::clone(&world.clock) };
        let time = Arc::clone(&world.clock);
        let config = config(&world.db.url, "http://127.0.0.1:1");
        world.ctx = Ctx::with(config, Arc::new(way), time, Arc::new(SystemEntropy)).unwrap();
        world.settings(json!({"webhooks": {
            "url": "http://127.0.0.1:1/api/webhooks/fanvue", "family": "both", "reorderMs": 2_000,
            "lossPercent": 2, "duplicatePercent": 5, "badSignaturePercent": 1,
        }}));
        let days = plan.week.as_hours() * plan.weeks / 24;
        world.plan(days.max(1)).await;
        let vacuumed_at = world.now();
        Self {
            world,
            plan,
            schedules: schedules::list().unwrap(),
            dice: StdRng::seed_from_u64(6),
            fates: StdRng::seed_from_u64(7),
            sales: 0,
            failures: 0,
            number: 0,
            vacuumed_at,
        }
    }

    /// A week, at the end of which everything is at rest.
    pub async fn week(&mut self) {
        let end = self.world.now() + self.plan.week;
        let calm = end - self.plan.calm;
        self.number += 1;
        self.ask_for_more().await;
        while self.world.now() < end {
            let now = self.world.now();
            let next = self.schedules.iter().filter_map(|one| one.cron.next_after(now)).min();
            let slot = next.unwrap();
            self.world.wait_until(slot);
            if slot.as_second() % self.plan.sales_every_seconds == 0 {
                self.happen(calm);
            }
            self.world.deliver().await;
            for schedule in self.schedules.iter().filter(|one| one.cron.matches(slot)) {
                let name = format!("slot-{}", slot.as_second());
                Fate::draw(&mut self.fates).befall(&self.world, &schedule.path, &name).await;
            }
            if slot.as_second() % 3600 == 0 {
                self.world.dashboard("timeRange=30d").await;
            }
            // In service it comes every minute.
            if self.plan.week / 7 <= slot.duration_since(self.vacuumed_at) {
                self.vacuumed_at = slot;
                autovacuum(&self.world.db).await;
            }
        }
        self.rest().await;
    }

    /// What people do now and then: a history again, and a comparison.
    async fn ask_for_more(&self) {
        if self.number == 1 {
            return;
        }
        let ids = self.world.db.sql("select id from models order by id").await.concat();
        let id = &ids[self.number % ids.len()];
        let (status, job) =
            self.world.post(&format!("/api/fanvue/force-sync-revenue?modelId={id}")).await;
        assert_eq!(status, 202, "{job}");
        let (status, report) = self.world.get("/api/fanvue/diagnose-revenue", Some(SECRET)).await;
        assert_eq!(status, 200, "{report}");
    }

    /// Everything is called once more, twice, when there is nothing to be waited for.
    async fn rest(&self) {
        for _ in 0..2 {
            self.world.advance(TEN_MINUTES);
            self.world.deliver().await;
            for schedule in &self.schedules {
                call(&self.world, &schedule.path, "rest").await;
            }
        }
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.dice.random_ratio(percent, 100)
    }

    /// What happens on the platform, every few minutes.
    fn happen(&mut self, calm: Timestamp) {
        let creators = self.world.sim.creators();
        for _ in 0..self.dice.random_range(0..=SALES_MAX) {
            let creator = creators[self.dice.random_range(0..creators.len())];
            self.sell(creator, calm);
        }
        if calm <= self.world.now() {
            self.world.sim.clear_faults();
        } else if self.chance(FAULTS) {
            self.fail();
        }
    }

    fn sell(&mut self, creator: Uuid, calm: Timestamp) {
        let now = self.world.now();
        let sale = NewSale {
            visible_after_seconds: Some(self.lateness(calm)),
            twins: self.chance(TWINS).then_some(2),
            ..NewSale::of(creator)
        };
        self.sales += self.world.sim.sell(&sale, now).unwrap().len().cast_signed() as i64;
        if self.chance(REFUNDS) {
            let refund = NewRefund { creator: Some(creator), ..NewRefund::default() };
            // There may be no sale left that was not taken back.
            let rows = self.world.sim.refund(&refund, now).map_or(0, |rows| rows.len());
            self.sales += rows.cast_signed() as i64;
        }
        if self.chance(FANS) {
            let follows = self.chance(50);
            let fan = if follows { format!("fan {}", self.sales) } else { "bea".to_owned() };
            let topic = if follows { "creator.follow.created" } else { "creator.message.read" };
            let data = (!follows).then(|| json!({"unread_messages_count": self.sales % 9}));
            let event = NewEvent {
                topic: topic.into(),
                creator: Some(creator),
                fan: Some(fan),
                data,
                ..NewEvent::default()
            };
            self.world.sim.event(&event, now).unwrap();
        }
    }

    /// After how many seconds a row shows: never later than the calm begins.
    fn lateness(&mut self, calm: Timestamp) -> u32 {
        let left = calm.duration_since(self.world.now()).as_secs().max(0);
        let most = match self.dice.random_range(0..100) {
            roll if roll < VERY_LATE => self.plan.late.as_secs(),
            roll if roll < VERY_LATE + LATE => 900,
            _ => 0,
        };
        u32::try_from(self.dice.random_range(0..=most.min(left))).unwrap()
    }

    /// Fanvue fails some of the next requests.
    fn fail(&mut self) {
        let faults = [
            Fault::Status(500),
            Fault::Status(503),
            Fault::Status(401),
            Fault::Throttle { retry_after: Some(20) },
            Fault::Throttle { retry_after: None },
            Fault::Html,
            Fault::TruncatedJson,
            Fault::EmptyObject,
            Fault::RepeatCursor,
            Fault::DropBefore,
            Fault::DropAfter,
            Fault::Hang,
            Fault::SlowMs(4_000),
        ];
        let mut matches = FaultMatch::default();
        let fault = if self.chance(10) {
            // A new pair of tokens that nobody hears of ends its connection, which a person mends.
            matches.path = Some("oauth2/token".to_owned());
            [Fault::Status(500), Fault::DropBefore][self.dice.random_range(0..2)].clone()
        } else {
            matches.path = Some(PLACES[self.dice.random_range(0..PLACES.len())].to_owned());
            matches.page = self.chance(30).then_some(2);
            faults[self.dice.random_range(0..faults.len())].clone()
        };
        let times = Some(self.dice.random_range(1..=3));
        self.world.sim.fault(NewFault { matches, fault, times });
        self.failures += 1;
    }

    /// How many creators have another sum than Fanvue's, and how many figures do not follow from the ledger.
    async fn mismatches(&self) -> usize {
        let ledger: BTreeSet<_> = self.world.db.ledger().await.into_iter().collect();
        let truth: BTreeSet<_> = truth(&self.world.sim, self.world.now()).into_iter().collect();
        let drifts = self.world.ctx.store.list_drifts().await.unwrap().len();
        ledger.symmetric_difference(&truth).count() + drifts
    }

    /// What there is at the end of a week.
    pub async fn look(&mut self) -> Week {
        let memory_mib = resident_mib();
        let mismatches = self.mismatches().await;
        let mut kept_too_long = vec![];
        for (what, sql) in overdue(self.world.now()) {
            let count = self.world.db.sql(&sql).await.concat().concat();
            if count != "0" {
                kept_too_long.push(format!("{what}: {count} in week {}", self.number));
            }
        }
        // What sessions counted is known when they have ended.
        self.world.end_process();
        let (tables, indexes) = look(&self.world.db).await;
        let sales = self.sales;
        Week { sales, mismatches, memory_mib, kept_too_long, tables, indexes }
    }

    /// Lets so many days pass without anybody, then has everything called. What was kept only for some time
    /// is gone, and the ledger is the truth still. Returns how many mismatches there are.
    pub async fn outlive(&mut self, days: i64) -> usize {
        let kept = "select (select count(*) from webhook_events where body is not null),
                           (select count(*) from provisional_transactions where state = 'settled'),
                           (select count(*) from fan_events)";
        let before = self.world.db.sql(kept).await.concat();
        assert!(!before.contains(&"0".to_owned()), "there is nothing to be erased: {before:?}");
        self.world.clock.advance(SignedDuration::from_hours(24 * days));
        self.rest().await;
        assert_eq!(self.world.db.sql(kept).await, [["0"; 3]]);
        self.mismatches().await
    }
}
