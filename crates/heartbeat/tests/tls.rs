//! `heartbeat migrate` and `heartbeat doctor` on a database whose certificate a private authority signed.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::PathBuf;
use std::process::{Command, Output};

use heartbeat::devdb::{self, Authority, DevDb, Options};

/// A folder of its own, erased at the end of the test even if it fails.
struct Folder(PathBuf);

impl Folder {
    fn of(test: &str) -> Self {
        let name = format!("heartbeat-test-{test}-{}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = devdb::erase(&self.0.join("postgres"), true);
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A server that offers TLS with a certificate of an authority of the folder's own, and the way to it.
fn server(folder: &Folder) -> (Authority, DevDb, String) {
    let authority = Authority::make(&folder.0.join("authority")).unwrap();
    let certificate = Some(authority.certificate().unwrap());
    let base = folder.0.join("postgres");
    let options = Options { given: None, base, keep: false, durable: false, certificate };
    let db = devdb::ensure(&options).unwrap();
    let url = db.url("postgres").replace("postgres@", "postgres:hunter2@");
    let url = url.replace("sslmode=disable", "sslmode=require");
    (authority, db, url)
}

fn migrate(url: &str, authority: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heartbeat"));
    command.arg("migrate").env("DATABASE_URL", url).env_remove("DATABASE_CA");
    if let Some(authority) = authority {
        command.env("DATABASE_CA", authority);
    }
    command.output().unwrap()
}

/// What those checks of the doctor come to, and what is said of the first.
fn examine(url: &str, authority: Option<&str>, checks: [&str; 3]) -> ([String; 3], String) {
    // The same server without a pooler between: it is looked at with the same trust.
    let mut command = Command::new(env!("CARGO_BIN_EXE_heartbeat"));
    command.args(["doctor", "--offline", "--json"]).env_clear();
    command.env("DATABASE_URL", url).env("DATABASE_DIRECT_URL", url);
    if let Some(authority) = authority {
        command.env("DATABASE_CA", authority);
    }
    let told = command.output().unwrap();
    let said = String::from_utf8(told.stdout).unwrap();
    assert!(!said.contains("hunter2"), "{said}");
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    let found = |name: &str| {
        let mut all = said["checks"].as_array().unwrap().iter();
        all.find(|one| one["check"] == name).unwrap()
    };
    let level = |name| found(name)["level"].as_str().unwrap().to_owned();
    let first = found(checks[0]);
    (checks.map(level), format!("{} {}", first["found"], first["remedy"]))
}

#[test]
fn migrating_says_what_to_do_about_a_certificate_that_nobody_vouches_for() {
    let folder = Folder::of("migrate");
    let (authority, db, url) = server(&folder);

    let refused = migrate(&url, None);
    assert!(!refused.status.success());
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("give DATABASE_CA the certificate of the authority"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
    let wrong = migrate(&url, Some("/nowhere/hunter2.pem"));
    let said = String::from_utf8_lossy(&wrong.stderr);
    assert!(said.contains("DATABASE_CA is neither PEM nor the path"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");

    let path = authority.pem_file();
    for given in [path.to_str().unwrap(), &std::fs::read_to_string(&path).unwrap()] {
        let done = migrate(&url, Some(given));
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
    db.leave().unwrap();
}

#[test]
fn the_doctor_trusts_whom_the_service_trusts() {
    let folder = Folder::of("doctor");
    let (authority, db, url) = server(&folder);
    let path = authority.pem_file();
    let trusted = path.to_str().unwrap();
    let done = migrate(&url, Some(trusted));
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));

    // The comparison with the ledger connects by itself, and so does whoever looks past a pooler.
    let checks = ["database-tls", "sums-drift", "direct-url"];
    let (levels, said) = examine(&url, None, checks);
    assert_eq!(levels, ["fault", "unseen", "unseen"], "{said}");
    assert!(said.contains("give DATABASE_CA the certificate"), "{said}");
    assert!(!said.contains("sslmode=disable"), "{said}");
    let (levels, said) = examine(&url, Some(trusted), checks);
    assert_eq!(levels, ["ok", "ok", "ok"], "{said}");
    db.leave().unwrap();
}
