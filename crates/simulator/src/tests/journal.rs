//! The journal: a world that was stopped, or killed, goes on as if it had not been.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use serde_json::json;

use super::{World, oauth, options, origin};
use crate::{NewGrant, Options, Simulator};

/// A file of its own that is gone afterwards.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Scratch {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("simulator-{}-{number}.journal", std::process::id());
        Scratch(std::env::temp_dir().join(name))
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn live() -> Options {
    Options { live_sales_per_hour: 90, ..options(4, 20) }
}

/// Some of everything a journal keeps.
fn lived(simulator: &Simulator) -> World {
    let mut world = World::of(simulator.clone());
    let creator = world.creator();
    world.pass_seconds(1000);
    world.sell(json!({"creator": creator, "count": 3, "twins": 2, "fan": "ada"}));
    world.post("/sim/refunds", json!({"creator": creator}));
    world.pass_seconds(1000);
    world.set(json!({"liveSalesPerHour": 600, "rows": "g1"}));
    world.pass_seconds(1000);
    world.post("/sim/time", json!({"advanceSeconds": 5000}));
    world.post("/sim/creators", json!({"name": "New One", "rows": 10}));
    world.sell(json!({"creator": world.creator()}));
    world.post(
        "/sim/raw-rows",
        json!({"creator": creator, "row": {"gross": 1.5},
        "counts": {"grossCents": 1, "netCents": 1}}),
    );
    world.pass_seconds(1000);
    world
}

#[test]
fn a_restarted_world_is_the_same_world() {
    let file = Scratch::new();
    let simulator = Simulator::open(file.path(), live()).unwrap();
    let world = lived(&simulator);
    let truth = simulator.truth(world.now);
    let rows = simulator.rows(world.creator(), world.now);
    let settings = simulator.settings();
    drop((world, simulator));
    let other = Options { seed: 99, creators: 1, days: 0, ..live() };
    let again = Simulator::open(file.path(), other).unwrap();
    let after = World { simulator: again, token: String::new(), now: origin() };
    let now = origin() + jiff::SignedDuration::from_secs(4000);
    assert_eq!(after.simulator.truth(now), truth);
    assert_eq!(after.simulator.rows(after.creator(), now), rows);
    assert_eq!(after.simulator.settings(), settings);
    let later = now + jiff::SignedDuration::from_hours(1);
    assert_ne!(after.simulator.truth(later), truth, "time goes on");
}

#[test]
fn tokens_survive_a_restart() {
    let file = Scratch::new();
    let simulator = Simulator::open(file.path(), live()).unwrap();
    let world = World::of(simulator.clone());
    let grant = NewGrant { account: "agency".to_owned(), scopes: None };
    let grant = simulator.grant(&grant, world.now).unwrap();
    let used = grant.refresh_token.unwrap();
    let pair = oauth::refresh(&world, &used).json();
    drop((world, simulator));
    let mut world = World::of(Simulator::open(file.path(), live()).unwrap());
    world.token = pair["access_token"].as_str().unwrap().to_owned();
    assert_eq!(world.get("/users/me").status, 200);
    world.pass_seconds(31);
    assert_eq!(oauth::refresh(&world, &used).status, 400, "it was used before the restart");
    assert_eq!(world.get("/users/me").status, 401, "and the chain is dead");
    let journal = fs::read_to_string(file.path()).unwrap();
    assert!(!journal.contains("sim-secret"));
}

#[test]
fn a_torn_last_line_is_ignored() {
    let file = Scratch::new();
    let simulator = Simulator::open(file.path(), live()).unwrap();
    let world = World::of(simulator.clone());
    world.sell(json!({"creator": world.creator()}));
    let truth = simulator.truth(world.now);
    drop((world, simulator));
    let mut bytes = fs::read(file.path()).unwrap();
    let whole = bytes.len();
    bytes.extend_from_slice(br#"{"now":17908,"minute":12,"contr"#);
    fs::write(file.path(), &bytes).unwrap();
    let simulator = Simulator::open(file.path(), live()).unwrap();
    assert_eq!(simulator.truth(origin()), truth);
    assert_eq!(fs::read(file.path()).unwrap().len(), whole);
    let world = World::of(simulator.clone());
    world.sell(json!({"creator": world.creator()}));
    let truth = simulator.truth(world.now);
    drop((world, simulator));
    let simulator = Simulator::open(file.path(), live()).unwrap();
    assert_eq!(simulator.truth(origin()), truth);
}

#[test]
fn a_journal_has_one_writer() {
    let file = Scratch::new();
    let _first = Simulator::open(file.path(), live()).unwrap();
    let second = Simulator::open(file.path(), live()).unwrap_err();
    assert_eq!(second.kind(), std::io::ErrorKind::WouldBlock);
}

#[test]
fn a_spoilt_journal_is_an_error_and_not_a_new_world() {
    let file = Scratch::new();
    fs::write(file.path(), "no journal\nat all\n").unwrap();
    assert!(Simulator::open(file.path(), live()).is_err());
    assert_eq!(fs::read_to_string(file.path()).unwrap(), "no journal\nat all\n");
}

#[test]
fn refused_calls_and_faults_are_not_kept() {
    let file = Scratch::new();
    let simulator = Simulator::open(file.path(), live()).unwrap();
    let lines = || fs::read_to_string(file.path()).unwrap().lines().count();
    let world = World::of(simulator);
    let before = lines();
    world.post("/sim/sales", json!({}));
    world.post("/sim/faults", json!({"fault": "hang"}));
    world.post("/sim/requests/reset", json!({}));
    world.get("/sim/truth");
    assert_eq!(lines(), before);
    world.sell(json!({"creator": world.creator()}));
    assert_eq!(lines(), before + 1);
}

#[test]
fn a_restarted_world_tells_nothing_twice_and_what_is_to_come() {
    let file = Scratch::new();
    let simulator = Simulator::open(file.path(), live()).unwrap();
    let mut world = lived(&simulator);
    world.token = world.token_of("agency");
    let url = "http://127.0.0.1:9/hook";
    let webhooks = json!({"url": url, "delayMsMin": 5000, "delayMsMax": 5000});
    world.set(json!({"webhooks": webhooks, "liveSalesPerHour": 60}));
    let topics = json!({"url": url, "events": ["creator.payment.succeeded"]});
    let kept = world.post("/webhooks/subscriptions", topics.clone()).json();
    let gone = world.post("/webhooks/subscriptions", topics).json();
    let path = format!("/webhooks/subscriptions/{}", gone["id"].as_str().unwrap());
    world.answer(world.request("DELETE", &path).body(bytes::Bytes::new()).unwrap());
    world.pass_seconds(3600);
    let renewal = json!({"creator": world.creator(), "source": "renewal",
        "at": world.now + jiff::SignedDuration::from_hours(24)});
    world.sell(renewal);
    world.post("/sim/events", json!({"type": "payout.paid"}));
    world.post("/sim/time", json!({"advanceSeconds": 60}));
    assert!(simulator.due_webhooks(world.now).len() > 50);
    world.sell(json!({"creator": world.creator()}));
    let row = simulator.rows(world.creator(), world.now).pop().unwrap();
    let now = world.now;
    drop((world, simulator));
    let again = Simulator::open(file.path(), live()).unwrap();
    assert_eq!(again.next_webhook_at(), None, "until the time is known");
    let now = now + jiff::SignedDuration::from_mins(10);
    let mut world = World { simulator: again, token: String::new(), now };
    world.token = world.token_of("agency");
    assert_eq!(world.simulator.due_webhooks(world.now), [], "lost: what waited, what was missed");
    assert_eq!(world.simulator.rows(world.creator(), world.now).pop().unwrap(), row);
    let listed = world.get("/webhooks/subscriptions").json()["data"].clone();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(listed[0]["id"], kept["id"]);
    world.pass_seconds(86_400);
    let due = world.simulator.due_webhooks(world.now);
    assert!(due.len() > 500, "live sales go on, {}", due.len());
    let bodies = || due.iter().map(|one| String::from_utf8_lossy(&one.body));
    assert!(bodies().any(|body| body.contains(r#""source":"renewal""#)));
}
