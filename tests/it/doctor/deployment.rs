//! A healthy deployment: a database with a history, ticks that ran, webhooks that come, and a network in which
//! Fanvue, the deployment itself, Supabase's keys and Telegram answer.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};

use app::{Clock, Config, Ctx, SystemEntropy, webhooks::subscribing};
use bytes::Bytes;
use fanvue::{Transport, TransportError};
use futures_util::future::BoxFuture;
use heartbeat::doctor::{Environment, Facts, Finding, Place};
use http::{Request, Response};
use jiff::SignedDuration;
use simulator::NewSale;

use super::seeds::How;
use crate::world::{SECRET, World, database::Database, environment, transport::InProcess};

/// Longer than anybody guesses.
pub const LONG_SECRET: &str = "test-secret-that-nobody-guesses";

/// How the network misbehaves.
#[derive(Clone, Default)]
pub struct Mood {
    /// The version of the API does not arrive at Fanvue.
    pub loses_version: bool,
    /// A web site answers where Fanvue should, with that status.
    pub other_site: Option<u16>,
    /// Fanvue's clock is so many seconds ahead.
    pub ahead: i64,
    /// `PUBLIC_URL` sends callers elsewhere.
    pub redirects: bool,
    /// Somebody else answers at `PUBLIC_URL`.
    pub is_strange: bool,
    /// Somebody else answers there that all is well, whoever asks; with the name of the request, or not.
    pub is_generic: Option<bool>,
    /// What is deployed there tells its operator no more than anybody.
    pub is_mute: bool,
    /// What is deployed there expects an older schema.
    pub is_older: bool,
    /// Keys that can't be used.
    pub has_no_keys: bool,
}

/// Who answers to whom.
struct Network {
    sim: InProcess,
    deployed: Ctx,
    mood: Arc<Mutex<Mood>>,
}

impl Network {
    async fn answer(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let mood = self.mood.lock().unwrap().clone();
        match request.uri().host().unwrap_or_default() {
            "heartbeat.example" => Ok(self.site(request, &mood).await),
            "keys.example" => {
                let status = if mood.has_no_keys { 200 } else { 503 };
                Ok(said(status, r#"{"keys":[]}"#))
            }
            "api.telegram.org" => Ok(said(401, r#"{"ok":false,"description":"Unauthorized"}"#)),
            _ => {
                if let Some(status) = mood.other_site {
                    return Ok(said(status, "<html>Not here</html>"));
                }
                if mood.loses_version {
                    request.headers_mut().remove("x-fanvue-api-version");
                }
                let mut answer = self.sim.send(request).await?;
                let at = self.sim.clock.read() + SignedDuration::from_secs(mood.ahead);
                let date = at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
                answer.headers_mut().insert("date", date.parse().unwrap());
                Ok(answer)
            }
        }
    }

    async fn site(&self, request: Request<Bytes>, mood: &Mood) -> Response<Bytes> {
        if mood.redirects {
            let to = "https://www.heartbeat.example/api/health";
            return Response::builder()
                .status(308)
                .header("location", to)
                .body(Bytes::new())
                .unwrap();
        }
        if mood.is_strange {
            return said(200, "<html>Welcome</html>");
        }
        if let Some(echoes) = mood.is_generic {
            let shown = request.headers().get("authorization").map(|shown| shown.to_str().unwrap());
            assert!(shown.is_none_or(|shown| !shown.contains(LONG_SECRET)), "whoever that is");
            let mut answer = said(200, r#"{"status":"ok"}"#);
            if let Some(name) = request.headers().get("x-request-id").filter(|_| echoes) {
                answer.headers_mut().insert("x-request-id", name.clone());
            }
            return answer;
        }
        let answer = crate::world::route(&self.deployed, request).await;
        let is_mute = mood.is_mute && answer.status() == 200;
        answer.map(|body| {
            if is_mute {
                return Bytes::from_static(br#"{"status":"ok"}"#);
            }
            let text = String::from_utf8_lossy(&body).into_owned();
            let older = text.replace(store::latest_version(), "20200101000000");
            if mood.is_older { older.into() } else { body }
        })
    }
}

fn said(status: u16, body: &str) -> Response<Bytes> {
    Response::builder().status(status).body(Bytes::from(body.to_owned())).unwrap()
}

impl Transport for Network {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(self.answer(request))
    }
}

pub struct Deployment {
    pub world: World,
    pub is_offline: bool,
    variables: Vec<(&'static str, String)>,
    dir: PathBuf,
    mood: Arc<Mutex<Mood>>,
    network: Arc<dyn Transport>,
}

/// The variables of a deployment that lacks nothing.
fn variables(db: &Database) -> Vec<(&'static str, String)> {
    let mut variables = environment(&db.url, "http://127.0.0.1:1");
    for (name, value) in &mut variables {
        if *name == "CRON_SECRET" {
            LONG_SECRET.clone_into(value);
        }
    }
    variables
}

fn looked_up(variables: &[(&'static str, String)], name: &str) -> Option<String> {
    variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
}

impl Deployment {
    pub async fn new() -> Self {
        let world = World::seeded(2, 5).await;
        let account = subscribing::accounts(&world.ctx).await.unwrap().remove(0);
        subscribing::subscribe(&world.ctx, &account, false).await.unwrap();
        world.tick().await;
        world.advance(1_800);
        let creator = world.sim.creators()[0];
        let sales = NewSale { count: Some(4), source: Some("tip".into()), ..NewSale::of(creator) };
        world.sim.sell(&sales, world.now()).unwrap();
        world.advance(9_000);
        for path in ["/api/cron/sync-transactions", "/api/cron/daily-refresh"] {
            let (status, report) = world.get(path, Some(SECRET)).await;
            assert_eq!(status, 200, "{report}");
        }
        world.tick().await;
        // A webhook came a moment ago, and told of the sales.
        world
            .db
            .sql(&format!(
                "insert into webhook_events (event_key, signed_at, received_at, settled_at, state, body)
                 select 'told', t.at, t.at, t.at, 'done', 'x'
                   from (select timestamptz '{}' - interval '1 minute' as at) as t",
                world.now()
            ))
            .await;
        let variables = variables(&world.db);
        let config = Config::from_lookup(|name| looked_up(&variables, name)).unwrap();
        let sim = || InProcess { sim: world.sim.clone(), clock: Arc::clone(&world.clock) };
        let clock = Arc::clone(&world.clock);
        let deployed = Ctx::with(config, Arc::new(sim()), clock, Arc::new(SystemEntropy)).unwrap();
        let mood = Arc::<Mutex<Mood>>::default();
        let network = Network { sim: sim(), deployed, mood: Arc::clone(&mood) };
        let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        Self { network: Arc::new(network), world, is_offline: false, variables, dir, mood }
    }

    /// Sets a variable, or takes it away.
    pub fn set(&mut self, name: &'static str, value: Option<&str>) {
        self.variables.retain(|(known, _)| *known != name);
        if let Some(value) = value {
            let url = &self.world.db.url;
            let (server, _) = url.rsplit_once('/').unwrap();
            let host = server.rsplit(['/', '@']).next().unwrap();
            let value = value.replace("{db}", url).replace("{server}", server);
            let value = value.replace("{host}", host);
            self.variables.push((name, value));
        }
    }

    pub async fn plant(&mut self, how: &How) {
        match how {
            How::Variables(changes) => {
                for (name, value) in *changes {
                    self.set(name, *value);
                }
            }
            How::Sql(plant, _) => drop(self.world.db.sql(plant).await),
            How::Fanvue(fault) => drop(self.world.sim.fault(fault())),
            How::Network(change) => change(&mut self.mood.lock().unwrap()),
            How::Keys => {
                self.set("SUPABASE_JWKS_URL", Some("https://keys.example/jwks.json"));
                self.mood.lock().unwrap().has_no_keys = true;
            }
            How::Schedules(text) => {
                let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
                self.dir = dir.join(format!("doctor-{}", std::process::id()));
                std::fs::create_dir_all(&self.dir).unwrap();
                std::fs::write(self.dir.join("vercel.json"), text).unwrap();
            }
            How::Fact(_) => {}
        }
    }

    pub async fn take_back(&mut self, how: &How) {
        match how {
            How::Sql(_, undo) => drop(self.world.db.sql(undo).await),
            How::Fanvue(_) => drop(self.world.sim.clear_faults()),
            How::Schedules(_) => std::fs::remove_dir_all(&self.dir).unwrap(),
            How::Variables(_) | How::Network(_) | How::Keys | How::Fact(_) => {}
        }
        self.variables = variables(&self.world.db);
        self.dir = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        *self.mood.lock().unwrap() = Mood::default();
    }

    /// What is so, in a place whose disk and clock are a deployment's: those of tests are not.
    pub async fn facts(&self) -> Facts {
        let lookup = |name: &str| looked_up(&self.variables, name);
        let names = self.variables.iter().map(|(name, _)| (*name).to_owned());
        let place = Place {
            environment: Environment::read(&lookup, names).unwrap(),
            transport: (!self.is_offline).then(|| Arc::clone(&self.network)),
            clock: Arc::clone(&self.world.clock) as Arc<dyn Clock>,
            dir: Some(&self.dir),
        };
        let mut facts = Facts::gather(place).await;
        if let Ok(server) = &mut facts.database.server {
            (server.is_flushed, server.is_whole) = (true, true);
            "on".clone_into(&mut server.synchronous_commit);
            (server.connections, server.connections_max) = (1, 100);
            facts.database.ahead = Ok(SignedDuration::ZERO);
        }
        facts
    }

    /// What is found, after a fact was changed.
    pub async fn look(&self, change: Option<fn(&mut Facts)>) -> Vec<Finding> {
        let mut facts = self.facts().await;
        if let Some(change) = change {
            change(&mut facts);
        }
        facts.findings()
    }
}
