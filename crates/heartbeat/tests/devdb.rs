//! The local database against real PostgreSQL programs: one server for many, and none left behind.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Barrier;

use heartbeat::devdb::{self, Error, Left, Options, Origin, Stopped};

/// A base folder of its own, erased at the end of the test even if it fails.
struct Base(PathBuf);

impl Base {
    fn new(name: &str) -> Base {
        let name = format!("heartbeat-test-{name}-{}", std::process::id());
        Base(std::env::temp_dir().join(name))
    }

    fn options(&self) -> Options {
        let base = self.0.clone();
        Options { given: None, base, keep: false, durable: false, certificate: None }
    }
}

impl Drop for Base {
    fn drop(&mut self) {
        let _ = devdb::erase(&self.0, true);
    }
}

fn port(url: &str) -> &str {
    url.rsplit(':').next().and_then(|rest| rest.split('/').next()).unwrap()
}

fn answers(url: &str) -> bool {
    std::net::TcpStream::connect(format!("127.0.0.1:{}", port(url))).is_ok()
}

/// The process number of the server, from its own file.
fn server_pid(base: &Path) -> i32 {
    let dir = fs::read_to_string(base.join("at"))
        .map_or_else(|_| base.to_owned(), |at| PathBuf::from(at.trim()));
    let data = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path().join("postmaster.pid"))
        .find(|path| path.is_file())
        .unwrap();
    fs::read_to_string(data).unwrap().lines().next().unwrap().parse().unwrap()
}

#[test]
fn a_given_url_is_used_and_nothing_is_started() {
    let base = Base::new("given");
    let given = Some("postgres://somewhere/else".to_owned());
    let db = devdb::ensure(&Options { given, ..base.options() }).unwrap();
    assert_eq!(*db.origin(), Origin::Given);
    assert_eq!(db.url("ignored"), "postgres://somewhere/else");
    assert_eq!(db.leave().unwrap(), Left::Alone);
    assert!(!base.0.exists());
}

#[test]
fn starters_at_once_share_one_server_and_the_last_one_stops_it() {
    let base = Base::new("share");
    let together = Barrier::new(4);
    let start = || {
        together.wait();
        devdb::ensure(&base.options()).unwrap()
    };
    let mut all: Vec<devdb::DevDb> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(start)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let started = |db: &&devdb::DevDb| matches!(db.origin(), Origin::Started { .. });
    assert_eq!(all.iter().filter(started).count(), 1);
    let url = all[0].url("postgres");
    assert!(all.iter().all(|db| db.url("postgres") == url));

    assert!(matches!(devdb::stop(&base.0, false), Err(Error::InUse)));
    let last = all.pop().unwrap();
    for db in all {
        assert_eq!(db.leave().unwrap(), Left::Running);
    }
    assert!(answers(&url));
    assert_eq!(last.leave().unwrap(), Left::Stopped);
    assert!(!answers(&url));
}

#[test]
fn a_killed_server_is_started_again_on_the_same_data() {
    let base = Base::new("killed");
    let first = devdb::ensure(&base.options()).unwrap();
    let pid = server_pid(&base.0);
    let kill = std::process::Command::new("kill").args(["-9", &pid.to_string()]).status();
    assert!(kill.unwrap().success());
    while answers(&first.url("postgres")) {
        std::thread::yield_now();
    }
    let second = devdb::ensure(&base.options()).unwrap();
    assert!(matches!(second.origin(), Origin::Started { .. }));
    assert!(answers(&second.url("postgres")));
    assert_ne!(server_pid(&base.0), pid);
}

#[test]
fn a_server_to_keep_outlives_its_users_until_it_is_stopped() {
    let base = Base::new("keep");
    let keeper = devdb::ensure(&Options { keep: true, ..base.options() }).unwrap();
    let url = keeper.url("postgres");
    drop(keeper);
    let visitor = devdb::ensure(&base.options()).unwrap();
    assert_eq!(*visitor.origin(), Origin::Running);
    assert_eq!(visitor.leave().unwrap(), Left::Running);
    assert!(answers(&url));
    assert_eq!(devdb::stop(&base.0, false).unwrap(), Stopped::Now);
    assert!(!answers(&url));
    assert_eq!(devdb::stop(&base.0, false).unwrap(), Stopped::Already);
}

#[tokio::test]
async fn only_a_durable_server_has_every_commit_on_disk() {
    for (durable, want) in [(false, "off"), (true, "on")] {
        let base = Base::new(&format!("durable-{want}"));
        let db = devdb::ensure(&Options { durable, ..base.options() }).unwrap();
        let settings = "select current_setting('fsync'), current_setting('synchronous_commit')";
        let found = store::admin::run_sql(&db.url("postgres"), settings).await.unwrap();
        assert_eq!(found, [[Some(want.to_owned()), Some(want.to_owned())]]);
        db.leave().unwrap();
    }
}
