//! `heartbeat migrate` on a database whose certificate a private authority signed.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::PathBuf;
use std::process::{Command, Output};

use heartbeat::devdb::{self, Authority, Options};

/// A folder of its own, erased at the end of the test even if it fails.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = devdb::erase(&self.0.join("postgres"), true);
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn migrate(url: &str, authority: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heartbeat"));
    command.arg("migrate").env("DATABASE_URL", url).env_remove("DATABASE_CA");
    if let Some(authority) = authority {
        command.env("DATABASE_CA", authority);
    }
    command.output().unwrap()
}

#[test]
fn migrating_says_what_to_do_about_a_certificate_that_nobody_vouches_for() {
    let name = format!("heartbeat-test-migrate-{}", std::process::id());
    let folder = Folder(std::env::temp_dir().join(name));
    let authority = Authority::make(&folder.0.join("authority")).unwrap();
    let certificate = Some(authority.certificate().unwrap());
    let base = folder.0.join("postgres");
    let options = Options { given: None, base, keep: false, durable: false, certificate };
    let db = devdb::ensure(&options).unwrap();
    let url = db.url("postgres").replace("postgres@", "postgres:hunter2@");
    let url = url.replace("sslmode=disable", "sslmode=require");

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
