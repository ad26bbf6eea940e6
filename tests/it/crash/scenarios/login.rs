//! A person comes back from Fanvue with a code, which becomes a connection with its creators.

use app::Ctx;
use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use http::header::{COOKIE, SET_COOKIE};
use jiff::Timestamp;
use serde_json::{Value, json};
use simulator::{Reply, Simulator};

use super::{Scenario, add};
use crate::{
    crash::{
        resting::{LATER, SCHEDULER, SOON},
        scene::{Run, Scene},
    },
    login::browser::{Browser, link},
    world::{self, PUBLIC_URL, World, canary},
};

/// Asks for a link, whether or not the agency is there already.
const ASK: &str = "agencyName=Lumen";

pub struct Login;

/// The person agrees; where Fanvue sends the browser then.
fn agree(sim: &Simulator, url: &str, now: Timestamp) -> String {
    let request = http::Request::get(url).body(Bytes::new()).unwrap();
    let Reply::Answer(consent) = sim.respond(request, now) else { panic!("no fault is set") };
    consent.headers()["location"].to_str().unwrap().to_owned()
}

/// Opens an address of the app in a browser with that cookie.
async fn open(ctx: &Ctx, url: &str, cookie: Option<&str>) -> http::Response<Bytes> {
    let uri = url.strip_prefix(PUBLIC_URL).expect("an address of ours");
    let mut request = http::Request::get(uri);
    if let Some(cookie) = cookie {
        request = request.header(COOKIE, cookie);
    }
    let response = world::route(ctx, request.body(Bytes::new()).unwrap()).await;
    canary::check_answer(&response);
    response
}

/// The whole way again, in another browser.
async fn again(scene: &mut Scene<'_>) -> Result<(), String> {
    let told = scene.get(&format!("/api/auth/fanvue/login?{ASK}")).await?;
    let ctx = scene.ctx();
    let page = open(&ctx, told["loginUrl"].as_str().unwrap(), None).await;
    let cookie = page.headers()[SET_COOKIE].to_str().unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let text = String::from_utf8(page.body().to_vec()).unwrap();
    let (_, rest) = text.split_once("<a href=\"").expect("a link");
    let fanvue = rest.split('"').next().unwrap().replace("&amp;", "&");
    let back = agree(&scene.sim, &fanvue, scene.now());
    let page = open(&ctx, &back, Some(&cookie)).await;
    match page.status().as_u16() {
        200 => Ok(()),
        status => Err(format!("a login that was begun again ends with {status}")),
    }
}

impl Scenario for Login {
    fn seconds(&self) -> i64 {
        5 * 60
    }

    fn is_connected(&self) -> bool {
        false
    }

    fn begins(&self, sim: &Simulator, now: Timestamp) {
        add(sim, "Ada", 12, now);
        add(sim, "Bea", 3, now);
    }

    fn prepares<'a>(&'a self, world: &'a World) -> LocalBoxFuture<'a, Value> {
        Box::pin(async move {
            let link = link(world, ASK).await;
            let mut browser = Browser::default();
            let page = browser.open(world, &link).await;
            let cookies = browser.cookies.iter().map(|(name, value)| format!("{name}={value}"));
            json!({"fanvue": page.link(), "cookie": cookies.collect::<Vec<_>>().join("; ")})
        })
    }

    fn happens(&self, sim: &Simulator, now: Timestamp, known: &Value) -> Value {
        let back = agree(sim, known["fanvue"].as_str().unwrap(), now);
        json!({"back": back, "cookie": known["cookie"]})
    }

    fn run(&self, scene: &mut Scene<'_>) -> Run {
        let ctx = scene.ctx();
        let word = |name: &str| scene.known[name].as_str().unwrap().to_owned();
        let (back, cookie) = (word("back"), word("cookie"));
        Box::pin(async move { Ok(open(&ctx, &back, Some(&cookie)).await.status().as_u16()) })
    }

    fn goes_on<'a>(
        &'a self,
        scene: &'a mut Scene<'_>,
        answered: Option<u16>,
    ) -> LocalBoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            scene.pass(SOON);
            if answered != Some(200) {
                again(scene).await?;
            }
            // Creators that could not be listed yet are listed by the scheduler.
            scene.pass(LATER);
            scene.get(SCHEDULER).await?;
            scene.reads_all().await?;
            let counts = "select (select count(*) from agencies) * 100
                               + (select count(*) from fanvue_connections) * 10
                               + (select count(*) from models)";
            match scene.stage.keeper.number(counts).await {
                112 => Ok(()),
                other => Err(format!("agencies, connections and creators are {other}")),
            }
        })
    }
}
