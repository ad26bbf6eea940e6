//! Every problem that is described of an operation can be had. What is had is as described: the world's
//! helpers see to that.

use std::{collections::BTreeSet, sync::Arc};

use app::{
    Ctx, Endpoint, SystemEntropy,
    http::{Request, RequestId},
};
use bytes::Bytes;
use http::{Method, request::Builder};
use secrecy::SecretString;
use simulator::{Fault, FaultMatch, NewFault};
use uuid::Uuid;

use super::operations;
use crate::{
    live::Server,
    login::browser::{Browser, link},
    users::token,
    world::{self, SECRET, WEBHOOK_SECRET, World, config, contract, transport::InProcess},
};

const NOBODY: &str = "00000000-0000-4000-8000-000000000000";
const CALLBACK: &str = "/api/auth/fanvue/callback";
const REFRESH: &str = "/api/auth/fanvue/refresh";
const FORCE_SYNC: &str = "/api/fanvue/force-sync-revenue";
const EXPORT: &str = "/api/analytics/export.csv";
const DIAGNOSE: &str = "/api/fanvue/diagnose-revenue";
const LIVE: &str = "/api/analytics/live";
const WEBHOOKS: &str = "/api/webhooks/fanvue";

/// The replies so far: method, path and status.
#[derive(Default)]
struct Seen(BTreeSet<(String, String, u16)>);

fn of(bearer: &str, method: &str, uri: &str) -> Request {
    authorised(bearer, method, uri).body(Bytes::new()).unwrap()
}

fn authorised(bearer: &str, method: &str, uri: &str) -> Builder {
    let request = http::Request::builder().method(method).uri(uri);
    request.header("authorization", format!("Bearer {bearer}"))
}

/// A request that gets as far as the database.
fn sensible(world: &World, path: &str, method: &str) -> Request {
    match Endpoint::of(path).unwrap() {
        Endpoint::Callback => {
            let request = http::Request::get(format!("{path}?code=1&state=2"));
            request.header("cookie", "__Host-heartbeat_login=3").body(Bytes::new()).unwrap()
        }
        Endpoint::Webhooks => {
            let body = "{\"id\":\"ev-1\",\"type\":\"creator.moon.landed\",\"data\":{}}";
            let secret = SecretString::from(WEBHOOK_SECRET);
            let signature = fanvue::signature::sign(&secret, world.now(), body.as_bytes());
            let request = http::Request::post(path).header("x-fanvue-signature", signature);
            request.body(Bytes::from_static(body.as_bytes())).unwrap()
        }
        Endpoint::Refresh | Endpoint::Disconnect => {
            of(SECRET, method, &format!("{path}?connectionId={NOBODY}"))
        }
        Endpoint::Job => of(SECRET, method, &path.replace("{id}", NOBODY)),
        _ => of(SECRET, method, path),
    }
}

impl Seen {
    async fn ask(&mut self, ctx: &Ctx, request: Request) -> u16 {
        let path = request.uri().path();
        let path = Endpoint::of(path).map_or(path, |endpoint| endpoint.path()).to_owned();
        let method = request.method().to_string();
        let status = world::route(ctx, request).await.status().as_u16();
        self.0.insert((method, path, status));
        status
    }

    /// What every operation refuses in its own way.
    async fn refusals(&mut self, world: &World) {
        let viewer = token(world, 4);
        let long = "y".repeat(9_000);
        for (path, method, _) in operations() {
            let whose = match Endpoint::of(path) {
                Some(Endpoint::Refresh | Endpoint::Disconnect) => "connectionId",
                _ => "agencyId",
            };
            let nobodys = match Endpoint::of(path) {
                Some(Endpoint::Job) => path.replace("{id}", NOBODY),
                _ => format!("{path}?{whose}={NOBODY}"),
            };
            for request in [
                of(SECRET, &method, &format!("{path}?nonsense=1")),
                of(SECRET, &method, &format!("{path}?x={long}")),
                of("wrong", &method, path),
                of(&viewer, &method, &nobodys),
                of(SECRET, &method, &nobodys),
            ] {
                self.ask(&world.ctx, request).await;
            }
        }
        let twice = of(SECRET, "GET", &format!("{CALLBACK}?code=1&code=2"));
        assert_eq!(self.ask(&world.ctx, twice).await, 400);
        let used = of(SECRET, "GET", "/api/auth/fanvue/login?ticket=used");
        assert_eq!(self.ask(&world.ctx, used).await, 410);
        let huge = http::Request::post(WEBHOOKS).body(Bytes::from(vec![b'x'; 300_000])).unwrap();
        assert_eq!(self.ask(&world.ctx, huge).await, 413);
    }

    /// Logins that don't end as they should.
    async fn logins(&mut self, world: &World) {
        let another_kind = link(world, "kind=creator").await;
        let page = Browser::default().follow(world, &another_kind).await;
        assert_eq!(page.status, 409, "{}", page.text);
        let mut browser = Browser::default();
        let back = browser.agree(world, &link(world, "").await).await;
        refuse_tokens(world);
        let page = browser.open(world, &back).await;
        assert_eq!(page.status, 502, "{}", page.text);
        world.sim.clear_faults();
        for status in [409, 502] {
            self.0.insert(("GET".to_owned(), CALLBACK.to_owned(), status));
        }
    }

    /// Tokens that can't be exchanged.
    async fn refreshes(&mut self, world: &World) {
        let id = world.db.sql("select id from fanvue_connections").await.remove(0).remove(0);
        let uri = format!("{REFRESH}?connectionId={id}");
        world.advance(120);
        refuse_tokens(world);
        assert_eq!(self.ask(&world.ctx, of(SECRET, "POST", &uri)).await, 502);
        world.sim.clear_faults();
        world.post(&uri.replace("refresh", "disconnect")).await;
        assert_eq!(self.ask(&world.ctx, of(SECRET, "POST", &uri)).await, 409);
    }

    /// What was read a moment ago, and what nobody can read.
    async fn jobs(&mut self, world: &World) {
        assert_eq!(self.ask(&world.ctx, of(SECRET, "POST", FORCE_SYNC)).await, 202);
        world.tick().await;
        assert_eq!(self.ask(&world.ctx, of(SECRET, "POST", FORCE_SYNC)).await, 429);
        world.advance(301);
        let id = world.db.sql("select id from fanvue_connections").await.remove(0).remove(0);
        world.post(&format!("/api/auth/fanvue/disconnect?connectionId={id}")).await;
        assert_eq!(self.ask(&world.ctx, of(SECRET, "POST", FORCE_SYNC)).await, 409);
    }

    /// What costs much, once more than it is given.
    async fn used_up(&mut self, world: &World) {
        for _ in 0..30 {
            assert_eq!(self.ask(&world.ctx, of(SECRET, "GET", EXPORT)).await, 200);
        }
        for (method, uri) in [("GET", EXPORT), ("GET", DIAGNOSE), ("POST", FORCE_SYNC)] {
            assert_eq!(self.ask(&world.ctx, of(SECRET, method, uri)).await, 429);
        }
    }

    /// Streams of one who has too many, and where none can be sent.
    async fn streams(&mut self, world: &World) {
        let server = Server::start(world).await;
        let user = token(world, 1);
        let mut open = vec![];
        for _ in 0..16 {
            open.push(world::answer(&server.ctx, of(&user, "GET", LIVE)).await);
        }
        assert_eq!(self.ask(&server.ctx, of(&user, "GET", LIVE)).await, 429);
        drop(open);
        // Here replies are gathered, as where a platform takes whole ones only.
        assert_eq!(self.ask(&server.ctx, of(SECRET, "GET", LIVE)).await, 501);
    }

    /// A database that is away, one that is not ours, and what a panic makes of any request.
    async fn outages(&mut self, world: &World) {
        let away = config("postgres://postgres@127.0.0.1:1/none", "http://127.0.0.1:1");
        let transport = InProcess { sim: world.sim.clone(), clock: Arc::clone(&world.clock) };
        let clock = Arc::clone(&world.clock);
        let away = Ctx::with(away, Arc::new(transport), clock, Arc::new(SystemEntropy)).unwrap();
        for (path, method, _) in operations() {
            let status = self.ask(&away, sensible(world, path, &method)).await;
            assert_eq!(status, 503, "{method} {path}");
        }
        world.db.sql("alter schema public rename to another").await;
        for (path, method, _) in operations() {
            let status = self.ask(&world.ctx, sensible(world, path, &method)).await;
            let has_own_word = [Endpoint::Webhooks, Endpoint::Health].map(Endpoint::path);
            let wanted = if has_own_word.contains(&path) { 503 } else { 500 };
            assert_eq!(status, wanted, "{method} {path}");
        }
        for (path, method, _) in operations() {
            let request = sensible(world, path, &method);
            let id = RequestId::of(&request, Uuid::nil());
            let response = platform::guarded(&id, async { panic!("a handler broke") }).await;
            contract::check_begun(&method.parse::<Method>().unwrap(), path, &response);
            self.0.insert((method, path.to_owned(), response.status().as_u16()));
        }
    }
}

/// Fanvue's login service gives no tokens.
fn refuse_tokens(world: &World) {
    let matches = FaultMatch { path: Some("/oauth2/token".into()), ..FaultMatch::default() };
    world.sim.fault(NewFault { matches, fault: Fault::Status(503), times: None });
}

#[tokio::test]
async fn every_described_problem_can_be_had() {
    let world = World::with_users().await;
    let mut seen = Seen::default();
    seen.refusals(&world).await;
    seen.logins(&world).await;
    seen.streams(&world).await;
    seen.refreshes(&world).await;
    seen.jobs(&World::seeded(1, 1).await).await;
    seen.used_up(&World::seeded(1, 1).await).await;
    seen.outages(&world).await;
    for (path, method, operation) in operations() {
        for status in operation["responses"].as_object().unwrap().keys() {
            let reply = (method.clone(), path.to_owned(), status.parse().unwrap());
            let is_had = reply.2 < 400 || seen.0.contains(&reply);
            assert!(is_had, "nothing is answered {status}: {method} {path}");
        }
    }
}
