//! Changes reach open dashboards: the stream of revisions. Its clock stands still, so a test that
//! ends has waited for events and for nothing else.

mod clock;
mod lasting;

use std::sync::Arc;

use app::{Config, Ctx, Endpoint, SystemEntropy, http::Body, http::Pieces};
use bytes::Bytes;
use futures_util::StreamExt;
use http::Response;
use serde_json::Value;

use self::clock::StandingClock;
use crate::world::{SECRET, TEN_MINUTES, World, environment, transport::InProcess};

/// An instance that only serves streams.
pub struct Server {
    pub ctx: Ctx,
    clock: Arc<StandingClock>,
}

impl Server {
    pub async fn start(world: &World) -> Self {
        let mut variables = environment(&world.db.url, "http://127.0.0.1:1");
        variables.push(("DATABASE_DIRECT_URL", world.db.direct_url().await));
        Self::configured(world, variables)
    }

    fn configured(world: &World, variables: Vec<(&'static str, String)>) -> Self {
        let find = |name: &str| Some(variables.iter().find(|(known, _)| *known == name)?.1.clone());
        let clock = Arc::new(StandingClock::at(world.now()));
        let transport =
            Arc::new(InProcess { sim: world.sim.clone(), clock: Arc::clone(&world.clock) });
        let time = Arc::<StandingClock>::clone(&clock);
        let config = Config::from_lookup(find).unwrap();
        let ctx = Ctx::with(config, transport, time, Arc::new(SystemEntropy)).unwrap();
        Self { ctx, clock }
    }

    async fn answer(&self, query: &str, last_event_id: Option<&str>) -> Response<Body> {
        self.answer_to(SECRET, query, last_event_id).await
    }

    async fn answer_to(
        &self,
        bearer: &str,
        query: &str,
        last_event_id: Option<&str>,
    ) -> Response<Body> {
        let uri = format!("{}?{query}", Endpoint::Live.path());
        let mut request =
            http::Request::get(uri).header("authorization", format!("Bearer {bearer}"));
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id);
        }
        crate::world::answer(&self.ctx, request.body(Bytes::new()).unwrap()).await
    }

    async fn open(&self, last_event_id: Option<&str>) -> Events {
        let response = self.answer("", last_event_id).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "private, no-cache");
        let Body::Pieces(pieces) = response.into_body() else { panic!("a whole stream") };
        Events(pieces)
    }

    async fn refusal(&self, query: &str) -> (u16, Value) {
        let response = platform::gathered(self.answer(query, None).await).await;
        (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
    }
}

/// An open stream.
struct Events(Pieces);

impl Events {
    async fn piece(&mut self) -> Option<String> {
        let piece = self.0.next().await?.unwrap();
        Some(String::from_utf8(piece.to_vec()).unwrap())
    }

    /// The revision that the next piece tells, which may be none.
    async fn told(&mut self) -> Option<i64> {
        let piece = self.piece().await.unwrap();
        let id = piece.lines().find_map(|line| line.strip_prefix("id: "))?;
        assert!(piece.contains(&format!("event: revision\ndata: {{\"revision\":{id}}}\n\n")));
        Some(id.parse().unwrap())
    }
}

async fn revision(world: &World) -> i64 {
    world.db.sql("select revision from agencies").await[0][0].parse().unwrap()
}

async fn change_something(world: &World) {
    world.db.sql("update models set name = name || '!'").await;
}

#[tokio::test]
async fn a_stream_tells_the_revision_and_then_what_a_tick_changed() {
    let world = World::seeded(2, 5).await;
    world.tick().await;
    let server = Server::start(&world).await;
    let mut events = server.open(None).await;
    assert_eq!(events.told().await, Some(revision(&world).await));

    world.advance(TEN_MINUTES);
    world.sell(world.sim.creators()[1], 1);
    world.tick().await;
    let newest = world.dashboard("").await["revision"].as_i64().unwrap();
    // A tick changes several things one after the other; they are told half a second apart at least.
    while events.told().await.unwrap() < newest {
        server.clock.advance(1);
    }
}

#[tokio::test]
async fn two_hundred_open_streams_hear_of_a_change_over_one_connection() {
    let world = World::seeded(2, 2).await;
    let server = Server::start(&world).await;
    let mut streams = vec![];
    for _ in 0..200 {
        let mut events = server.open(None).await;
        assert_eq!(events.told().await, Some(revision(&world).await));
        streams.push(events);
    }
    assert_eq!(listening(&world).await, 1);

    world.db.sql("insert into agencies (name) values ('Another')").await;
    world.db.sql("update agencies set revision = 1000 where name = 'Another'").await;
    change_something(&world).await;
    let newest = world.db.sql("select revision from agencies where name <> 'Another'").await;
    let mut told = 0;
    for events in &mut streams {
        assert_eq!(
            events.told().await,
            newest[0][0].parse().ok(),
            "its own agency's, and no other"
        );
        told += 1;
    }
    assert_eq!(told, 200);

    drop(streams);
    let gone = async { while 0 < listening(&world).await {} };
    gone.await;
}

/// Connections that listen to this test's database.
async fn listening(world: &World) -> i64 {
    let sql = "select count(*) from pg_stat_activity
                where application_name = 'heartbeat-live' and datname = current_database()";
    world.db.sql(sql).await[0][0].parse().unwrap()
}

#[tokio::test]
async fn what_was_missed_is_told_at_once_and_what_is_known_is_not() {
    let world = World::seeded(2, 2).await;
    let server = Server::start(&world).await;
    let known = revision(&world).await;
    change_something(&world).await;
    for (last, told) in [
        (Some(known.to_string()), Some(known + 1)),
        (Some((known + 1).to_string()), None),
        (Some((known + 2).to_string()), Some(known + 1)),
        (Some("nonsense".into()), Some(known + 1)),
        (None, Some(known + 1)),
    ] {
        let mut events = server.open(last.as_deref()).await;
        assert_eq!(events.told().await, told, "{last:?}");
        drop(events);
    }
    let mut events = server.open(Some(&(known + 1).to_string())).await;
    assert_eq!(events.piece().await.as_deref(), Some("retry: 3000\n\n"));
    change_something(&world).await;
    assert_eq!(events.told().await, Some(known + 2));
}

#[tokio::test]
async fn who_may_not_listen_and_what_cannot_be_listened_to_is_a_problem() {
    let world = World::seeded(2, 2).await;
    let server = Server::start(&world).await;
    for (query, status, field) in [
        ("agencyId=x", 400, "agencyId"),
        ("modelId=all", 400, "modelId"),
        ("agencyId=00000000-0000-4000-8000-000000000000", 404, "agencyId"),
    ] {
        let (got, problem) = server.refusal(query).await;
        assert_eq!((got, &problem["field"]), (status, &Value::from(field)), "{problem}");
    }
    let (status, _) = world.get(Endpoint::Live.path(), Some("wrong")).await;
    assert_eq!(status, 401);

    let mut variables =
        environment(&format!("{}?pgbouncer=true", world.db.url), "http://127.0.0.1:1");
    let (status, problem) = Server::configured(&world, variables.clone()).refusal("").await;
    assert_eq!((status, &problem["code"]), (503, &Value::from("not_configured")));
    assert!(problem["detail"].as_str().unwrap().contains("DATABASE_DIRECT_URL"), "{problem}");

    variables.push(("DATABASE_DIRECT_URL", "postgres://postgres@127.0.0.1:1/none".into()));
    let (status, problem) = Server::configured(&world, variables.clone()).refusal("").await;
    assert_eq!((status, &problem["code"]), (503, &Value::from("unavailable")), "{problem}");

    *variables.last_mut().unwrap() = ("DATABASE_DIRECT_URL", world.db.direct_url().await);
    let server = Server::configured(&world, variables);
    assert_eq!(server.open(None).await.told().await, Some(revision(&world).await));
}
