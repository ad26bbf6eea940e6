//! Audiences: what is stored and shown is what the platform's lists hold, whatever its counts say.

mod emptied;
mod failing;
mod history;
mod sharing;
mod steady;
mod walking;

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

use app::{Ctx, SystemEntropy};
use bytes::Bytes;
use fanvue::{Transport, TransportError};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use simulator::AudienceTruth;
use uuid::Uuid;

use crate::{
    users::{agencies::fill, token},
    world::{SECRET, World, config, transport::InProcess},
};

/// Longer than any stream waits after a failure, and than most are due anyway.
const HOUR: i64 = 3_600;

impl World {
    /// One daily refresh; its report.
    async fn refresh(&self) -> Value {
        let (status, report) = self.get("/api/cron/daily-refresh", Some(SECRET)).await;
        assert_eq!(status, 200, "{report}");
        report
    }

    /// An agency that is no creator, and one creator whose name is Ada, with her history read.
    async fn with_ada() -> (Self, Uuid) {
        let world = Self::empty().await;
        let ada = world.creator("Ada", 60, 0);
        world.connect().await;
        world.tick().await;
        (world, ada)
    }

    fn around(&self, creator: Uuid) -> AudienceTruth {
        self.sim.audience(creator, None, self.now()).unwrap()
    }

    fn people(&self, creator: Uuid, mut change: Value) {
        change["creator"] = json!(creator);
        self.sim.post("audience", &change, self.now()).unwrap();
    }

    /// The creator's card on the dashboard.
    async fn card(&self, creator: Uuid) -> Value {
        let shown = self.dashboard("timeRange=7d").await;
        let models = shown["models"].as_array().unwrap();
        let card = models.iter().find(|card| card["fanvueUserUuid"] == json!(creator));
        card.unwrap_or_else(|| panic!("{creator} is not in {shown}")).clone()
    }

    /// Only this stream of Ada's is due.
    async fn only(&self, kind: &str) {
        self.db
            .sql(&format!(
                "update audience_streams s set next_at = case when s.kind = '{kind}' and m.name = 'Ada'
                        then '2000-01-01'::timestamptz else '2100-01-01' end
                   from models m where m.id = s.model_id"
            ))
            .await;
    }
}

fn stream<'a>(report: &'a Value, name: &str, kind: &str) -> &'a Value {
    let streams = report["streams"].as_array().unwrap();
    let found = streams.iter().find(|one| one["name"] == name && one["kind"] == kind);
    found.unwrap_or_else(|| panic!("no {kind} of {name} in {report}"))
}

/// The platform, with something that happens before its n-th answer to a path.
struct Before {
    platform: InProcess,
    path: &'static str,
    left: AtomicU32,
    event: Mutex<Option<BoxFuture<'static, ()>>>,
}

impl Transport for Before {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let is_meant = request.uri().path().contains(self.path);
        let due = is_meant && self.left.fetch_sub(1, Ordering::SeqCst) == 1;
        let event = self.event.lock().unwrap().take_if(|_| due);
        Box::pin(async move {
            if let Some(event) = event {
                event.await;
            }
            self.platform.send(request).await
        })
    }
}

/// Another process of the same world, to which `event` happens before the n-th answer to that path.
pub fn process(
    world: &World,
    (path, n): (&'static str, u32),
    event: impl Future<Output = ()> + Send + 'static,
) -> Ctx {
    let clock = Arc::clone(&world.clock);
    let platform = InProcess { sim: world.sim.clone(), clock: Arc::clone(&clock) };
    let event = Mutex::new(Some(Box::pin(event) as BoxFuture<'static, ()>));
    let transport = Arc::new(Before { platform, path, left: AtomicU32::new(n), event });
    let config = config(&world.db.url, "http://127.0.0.1:1");
    Ctx::with(config, transport, clock, Arc::new(SystemEntropy)).unwrap()
}

#[tokio::test]
async fn what_is_shown_is_what_the_lists_hold() {
    let world = World::seeded(3, 40).await;
    world.tick().await;
    let own = world.sim.agency();
    world.people(own, json!({"unread": 4}));
    let report = world.refresh().await;
    assert_eq!(
        (&report["unfinished"], report["streams"].as_array().unwrap().len()),
        (&json!(0), 19)
    );
    let now = json!(world.now());
    let mut sums = (0, 0);
    for creator in world.sim.creators() {
        let (card, truth) = (world.card(creator).await, world.around(creator));
        assert!(
            truth.subscribers < truth.ever_subscribed,
            "the platform's own counts are too high"
        );
        for (name, count) in [
            ("subscribers", truth.subscribers),
            ("followers", truth.followers),
            ("unreadMessages", truth.unread_messages),
        ] {
            assert_eq!(
                (&card[name], &card[format!("{name}AsOf")]),
                (&json!(count), &now),
                "{name}"
            );
        }
        assert_eq!(card["statsAsOf"], now);
        let told = (json!(truth.posts), json!(truth.likes));
        let told = if creator == own { told } else { (Value::Null, Value::Null) };
        assert_eq!((&card["postCount"], &card["likeCount"]), (&told.0, &told.1), "unknown is null");
        sums = (sums.0 + truth.subscribers, sums.1 + truth.followers);
    }
    let shown = world.dashboard("timeRange=7d").await;
    let [.., before, today] = shown["chartData"].as_array().unwrap().as_slice() else { panic!() };
    assert_eq!((&today["subscribers"], &today["followers"]), (&json!(sums.0), &json!(sums.1)));
    assert_eq!((&before["subscribers"], &before["followers"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn spenders_and_links_are_those_of_the_platform_and_no_other() {
    let (world, ada) = World::with_ada().await;
    world.people(ada, json!({"link": "Fresh"}));
    for _ in 0..2 {
        world.refresh().await;
        let truth = world.around(ada);
        let spenders = "select fan_id, gross_cents::text, net_cents::text, message_count::text
            from top_spenders where model_id = (select id from models where name = 'Ada')
           order by rank";
        let want = truth.spenders.iter().take(50).map(|one| {
            let (gross, net) = (one.gross_cents.to_string(), one.net_cents.to_string());
            vec![one.fan.to_string(), gross, net, one.messages.to_string()]
        });
        assert_eq!(world.db.sql(spenders).await, want.collect::<Vec<_>>());
        let links = "select fanvue_uuid::text, clicks::text, gross_cents::text
            from tracking_links where model_id = (select id from models where name = 'Ada')
           order by fanvue_uuid";
        let cents = |cents: Option<i64>| cents.map_or("null".to_owned(), |cents| cents.to_string());
        let mut want: Vec<_> = truth
            .links
            .iter()
            .map(|link| {
                vec![link.uuid.to_string(), link.clicks.to_string(), cents(link.gross_cents)]
            })
            .collect();
        want.sort();
        assert_eq!(world.db.sql(links).await, want, "a new link has no earnings, not zero");
        // What is not told any more leaves.
        let gone = "insert into top_spenders
                select agency_id, id, 99, 'gone', null, null, 1, 1, 0, now() from models where name = 'Ada';
            insert into tracking_links
                (agency_id, model_id, fanvue_uuid, name, link_url, clicks, last_synced_at)
                select agency_id, id, gen_random_uuid(), 'gone', 'x', 1, now()
                  from models where name = 'Ada'";
        world.db.sql(gone).await;
        world.advance(7 * HOUR);
    }
}

#[tokio::test]
async fn older_paths_without_cursors_are_counted_too() {
    let world = World::empty().await;
    world.settings(json!({"v1": false}));
    let ada = world.creator("Ada", 5, 0);
    world.people(ada, json!({"subscribe": 180, "unread": 6}));
    world.connect().await;
    world.tick().await;
    world.refresh().await;
    let (card, truth) = (world.card(ada).await, world.around(ada));
    assert_eq!(card["subscribers"], json!(truth.subscribers));
    assert_eq!(card["followers"], json!(truth.followers));
    assert_eq!(card["unreadMessages"], json!(truth.unread_messages));
    assert!(150 < truth.subscribers, "more than a page");
}

#[tokio::test]
async fn who_never_confirmed_is_no_subscriber() {
    let (world, ada) = World::with_ada().await;
    let before = world.around(ada).subscribers;
    world.people(ada, json!({"pending": 3, "subscribe": 2}));
    world.refresh().await;
    assert_eq!(world.card(ada).await["subscribers"], json!(before + 2));
}

#[tokio::test]
async fn another_agencys_audience_is_in_no_sum_and_on_no_card() {
    let world = World::with_users().await;
    world.refresh().await;
    fill(&world.db, 2).await;
    let around = world.sim.creators().into_iter().map(|creator| world.around(creator));
    let own: u64 = around.map(|truth| truth.subscribers).sum();
    for (user, want, cards) in [(1, own, 2), (17, 2, 1)] {
        let token = token(&world, user);
        let (status, shown) = world.ask_with("GET", "/api/analytics/dashboard", &token).await;
        let today = shown["chartData"].as_array().unwrap().last().unwrap();
        assert_eq!((status, &today["subscribers"]), (200, &json!(want)), "user {user}");
        assert_eq!(shown["models"].as_array().unwrap().len(), cards);
    }
}
