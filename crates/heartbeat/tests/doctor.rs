//! `heartbeat doctor` as its operator meets it: a program, what it says, and its exit code.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::process::{Command, Output};

fn doctor(words: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heartbeat"));
    command.arg("doctor").args(words).env_clear().envs(environment.iter().copied());
    command.output().unwrap()
}

#[test]
fn it_ends_with_one_where_there_are_faults_and_says_no_secret() {
    let environment = [
        ("DATABASE_URL", "postgres://u:hunter2@127.0.0.1:1/x"),
        ("CRON_SECRET", "hunter2"),
        ("TOKEN_KEYS", "k1:hunter2"),
        ("TELEGRAM_BOT_TOKEN", "1:hunter2"),
        ("HEARTBEAT_SED", "hunter2"),
    ];
    let told = doctor(&["--offline", "--json"], &environment);
    let (out, err) =
        (String::from_utf8(told.stdout).unwrap(), String::from_utf8(told.stderr).unwrap());
    assert_eq!(told.status.code(), Some(1), "{err}");
    assert!(!out.contains("hunter2") && !err.contains("hunter2"), "{out}{err}");
    let said: serde_json::Value = serde_json::from_str(&out).unwrap();
    let checks = said["checks"].as_array().unwrap();
    let faults: Vec<_> = checks.iter().filter(|one| one["level"] == "fault").collect();
    assert_eq!(said["faults"], faults.len());
    for name in
        ["database-unreachable", "cron-secret", "token-keys", "telegram", "unknown-variable"]
    {
        let found = faults.iter().find(|one| one["check"] == name);
        assert!(found.is_some_and(|one| one["remedy"].is_string()), "{name}: {out}");
    }

    let told = doctor(&["--offline"], &environment);
    let out = String::from_utf8(told.stdout).unwrap();
    assert_eq!(told.status.code(), Some(1));
    assert!(out.contains("to do: set TOKEN_KEYS") && !out.contains("hunter2"), "{out}");
    assert!(out.contains("unseen") && out.contains("the database was not reached"), "{out}");
}

#[test]
fn a_word_that_it_does_not_know_is_no_look_at_all() {
    assert_eq!(doctor(&["--everything"], &[]).status.code(), Some(2));
}
