//! A world: a database of its own, a simulated Fanvue, a clock that is moved by hand, and the app.

pub mod canary;
pub mod clock;
pub mod contract;
pub mod costs;
pub mod database;
pub mod polling;
pub mod statements;
pub mod transport;

use std::sync::Arc;

use app::{Config, Ctx, Endpoint, SystemEntropy, connections, http::Body};
use bytes::Bytes;
use fanvue::{AccessToken, RefreshToken};
use http::Method;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use simulator::{NewCreator, NewGrant, NewSale, Options, Simulator};
use uuid::Uuid;

use self::{clock::ManualClock, database::Database, transport::InProcess};

pub const SECRET: &str = "test-secret";
/// What users' tokens are signed with.
pub const JWT_SECRET: &str = "test-jwt-secret-of-32-bytes-or-more";
/// What the simulator signs with.
pub const WEBHOOK_SECRET: &str = "sim-webhook-secret";
/// The secret half of the token of the bot that sends alerts.
pub const TELEGRAM_SECRET: &str = "test-telegram-secret";
/// Where browsers reach the app, as far as it knows.
pub const PUBLIC_URL: &str = "https://heartbeat.example";
pub const TOKEN_KEYS: &str = "t1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
/// Long enough for a lease of a tick that died to have run out, and for a bucket to be full again.
pub const TEN_MINUTES: i64 = 600;

pub struct World {
    pub sim: Simulator,
    pub clock: Arc<ManualClock>,
    pub ctx: Ctx,
    pub db: Database,
}

impl World {
    /// An agency that is no creator itself, without creators and sales yet.
    pub async fn empty() -> Self {
        Self::with(Options { creators: 1, days: 0, ..options() }).await
    }

    /// A seeded world with a history.
    pub async fn seeded(creators: usize, days: u32) -> Self {
        let world = Self::with(Options { creators, days, ..options() }).await;
        world.connect().await;
        world
    }

    async fn with(options: Options) -> Self {
        canary::watch();
        let clock = Arc::new(ManualClock::at(options.origin));
        let sim = Simulator::new(options);
        // The tests of the budget set it themselves; elsewhere it would only stretch time.
        let plenty = serde_json::json!({"rateLimit": 100_000});
        sim.change_settings(&plenty, clock.read()).unwrap();
        let db = Database::create().await;
        let transport = Arc::new(InProcess { sim: sim.clone(), clock: Arc::clone(&clock) });
        let config = config(&db.url, "http://127.0.0.1:1");
        let time = Arc::clone(&clock);
        let ctx = Ctx::with(config, transport, time, Arc::new(SystemEntropy)).unwrap();
        Self { sim, clock, ctx, db }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.read()
    }

    pub fn advance(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }

    /// Connects the agency's account and imports its creators; again after creators were added.
    pub async fn connect(&self) {
        connect(&self.ctx, &self.sim, self.now()).await;
    }

    /// A creator with exactly so many rows of history, known to the app after [`World::connect`].
    pub fn creator(&self, name: &str, rows: u64, twins_percent: u64) -> Uuid {
        let new = NewCreator {
            name: Some(name.into()),
            rows: Some(rows),
            days: Some(400),
            twins_percent: Some(twins_percent),
        };
        self.sim.add_creator(&new, self.now()).unwrap()
    }

    pub fn sell(&self, creator: Uuid, count: u32) {
        let sale = NewSale { count: Some(count), ..NewSale::of(creator) };
        self.sim.sell(&sale, self.now()).unwrap();
    }

    pub fn settings(&self, change: Value) {
        self.sim.change_settings(&change, self.now()).unwrap();
    }

    /// One heartbeat; its report.
    pub async fn tick(&self) -> Value {
        let (status, report) = self.get("/api/cron/revenue-heartbeat", Some(SECRET)).await;
        assert_eq!(status, 200, "{report}");
        self.check().await;
        report
    }

    pub async fn dashboard(&self, query: &str) -> Value {
        let (status, body) =
            self.get(&format!("/api/analytics/dashboard?{query}"), Some(SECRET)).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    pub async fn get(&self, uri: &str, secret: Option<&str>) -> (u16, Value) {
        let mut request = http::Request::get(uri);
        if let Some(secret) = secret {
            request = request.header("authorization", format!("Bearer {secret}"));
        }
        self.send(request.body(Bytes::new()).unwrap()).await
    }

    /// A request of the operator that changes something.
    pub async fn post(&self, uri: &str) -> (u16, Value) {
        let request = http::Request::post(uri).header("authorization", format!("Bearer {SECRET}"));
        self.send(request.body(Bytes::new()).unwrap()).await
    }

    pub async fn send(&self, request: http::Request<Bytes>) -> (u16, Value) {
        let response = route(&self.ctx, request).await;
        canary::check_answer(&response);
        let body = serde_json::from_slice(response.body()).unwrap_or(Value::Null);
        (response.status().as_u16(), body)
    }

    /// The first invariant: shown total = rollup = ledger.
    pub async fn check(&self) {
        assert_eq!(self.ctx.store.list_drifts().await.unwrap(), []);
    }

    /// The ledger holds exactly the platform's rows, to the cent and by creator.
    pub async fn assert_complete(&self) {
        assert_eq!(self.db.ledger().await, truth(&self.sim, self.now()));
        self.check().await;
    }
}

fn options() -> Options {
    Options {
        seed: 1,
        creators: 1,
        days: 0,
        origin: "2026-11-21T10:00:00Z".parse().unwrap(),
        live_sales_per_hour: 0,
        base_url: None,
    }
}

pub fn config(database_url: &str, platform_url: &str) -> Config {
    Config::from_lookup(|name| {
        environment(database_url, platform_url)
            .into_iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    })
    .unwrap()
}

/// Statements that stay in their sessions, where those are a process's own.
pub fn kept_statements() -> store::Statements {
    match std::env::var_os("TEST_DATABASE_POOLED") {
        None => store::Statements::Prepared,
        Some(_) => store::Statements::Typed,
    }
}

/// The variables of an instance that reads a simulated platform.
pub fn environment(database_url: &str, platform_url: &str) -> Vec<(&'static str, String)> {
    vec![
        ("DATABASE_URL", database_url.to_owned()),
        ("FANVUE_API_URL", platform_url.to_owned()),
        ("FANVUE_AUTH_URL", platform_url.to_owned()),
        ("FANVUE_CLIENT_ID", "sim-client".to_owned()),
        ("FANVUE_CLIENT_SECRET", "sim-secret".to_owned()),
        ("CRON_SECRET", SECRET.to_owned()),
        ("TOKEN_KEYS", TOKEN_KEYS.to_owned()),
        ("PUBLIC_URL", PUBLIC_URL.to_owned()),
        ("FANVUE_WEBHOOK_SECRETS", WEBHOOK_SECRET.to_owned()),
        ("SUPABASE_JWT_SECRET", JWT_SECRET.to_owned()),
    ]
}

pub async fn connect(ctx: &Ctx, sim: &Simulator, now: Timestamp) {
    let ask = NewGrant { account: "agency".into(), ..NewGrant::default() };
    let grant = sim.grant(&ask, now).unwrap();
    let new = connections::NewConnection {
        agency_name: "Agency".into(),
        timezone: "Europe/Rome".into(),
        access_token: AccessToken::new(grant.access_token),
        refresh_token: grant.refresh_token.map(RefreshToken::new),
        expires_in_seconds: grant.expires_in.into(),
        scope: grant.scope,
    };
    connections::connect_agency(ctx, new).await.unwrap();
}

/// (account, rows, gross cents, net cents) of everyone who earned, by account.
pub type Sums = Vec<(String, i64, i64, i64)>;

pub fn truth(sim: &Simulator, now: Timestamp) -> Sums {
    let mut sums: Sums = sim
        .truth(now)
        .creators
        .into_iter()
        .filter(|c| 0 < c.rows)
        .map(|c| (c.uuid.to_string(), c.rows.cast_signed(), c.gross_cents, c.net_cents))
        .collect();
    sums.sort();
    sums
}

/// The endpoint's whole answer as its own binary or the local server would send it.
pub async fn ask(ctx: &Ctx, endpoint: Endpoint, uri: &str) -> http::Response<Bytes> {
    let request = http::Request::get(uri).header("authorization", format!("Bearer {SECRET}"));
    let response = app::answer(ctx, endpoint, request.body(Bytes::new()).unwrap()).await;
    contract::check_begun(&Method::GET, endpoint.path(), &response);
    platform::gathered(response).await
}

/// What the local server would send, in whole.
pub async fn route(ctx: &Ctx, request: http::Request<Bytes>) -> http::Response<Bytes> {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = platform::gathered(answer(ctx, request).await).await;
    contract::check(&method, &path, &response);
    response
}

/// The same as it begins: its body may come in pieces, and may leave something to do.
pub async fn answer(ctx: &Ctx, request: http::Request<Bytes>) -> http::Response<Body> {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = app::route(ctx, request).await;
    contract::check_begun(&method, &path, &response);
    response
}

/// A request over a real socket; an error when it breaks off.
pub async fn try_fetch(
    url: &str,
    secret: Option<&str>,
) -> Result<http::Response<Bytes>, fanvue::TransportError> {
    let minute = std::time::Duration::from_secs(60);
    let timeouts = fanvue::Timeouts { total: minute, ..fanvue::Timeouts::default() };
    let mut request = http::Request::get(url);
    if let Some(secret) = secret {
        request = request.header("authorization", format!("Bearer {secret}"));
    }
    let request = request.body(Bytes::new()).unwrap();
    let path = request.uri().path().to_owned();
    let response = fanvue::https_transport(timeouts).unwrap().send(request).await?;
    contract::check(&Method::GET, &path, &response);
    Ok(response)
}

/// A request over a real socket.
pub async fn fetch(url: &str, secret: Option<&str>) -> http::Response<Bytes> {
    try_fetch(url, secret).await.unwrap()
}
