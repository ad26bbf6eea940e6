//! The boundaries of the crates, as Cargo sees them: who may depend on what.

use std::{collections::BTreeMap, process::Command};

use serde_json::Value;

/// Dependencies that one crate alone may have.
const OWNERS: &[(&str, &[&str])] = &[
    ("tokio-postgres", &["store"]),
    ("deadpool-postgres", &["store"]),
    ("reqwest", &["fanvue"]),
    // The simulator signs what `fanvue` verifies: shared code would agree with its own mistakes.
    ("hmac", &["fanvue", "simulator"]),
    ("aes-gcm", &["app"]),
    ("ring", &["app"]),
    ("vercel_runtime", &["platform"]),
    ("lambda_http", &["platform"]),
    ("axum", &["simulator", "heartbeat"]),
    ("clap", &["heartbeat"]),
    ("schemars", &["app", "ledger"]),
];

/// The crates of the workspace that each one may depend on.
const BOUNDARIES: &[(&str, &[&str])] = &[
    ("ledger", &[]),
    ("fanvue", &["ledger"]),
    ("store", &["ledger"]),
    ("app", &["fanvue", "ledger", "store"]),
    ("platform", &["app"]),
    ("simulator", &["fanvue"]),
    ("heartbeat", &["app", "fanvue", "platform", "simulator", "store"]),
    ("functions", &["app", "platform"]),
];

/// What `ledger` may use: values, their descriptions, and digests. No I/O, no clock, no randomness.
const LEDGER_MAY_USE: &[&str] = &["hex", "jiff", "schemars", "serde", "sha2", "thiserror", "uuid"];

fn normal_dependencies() -> BTreeMap<String, Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let package = |package: &Value| {
        let dependencies = package["dependencies"].as_array().unwrap();
        let normal = dependencies.iter().filter(|dependency| dependency["kind"].is_null());
        (text(&package["name"]), normal.map(|dependency| text(&dependency["name"])).collect())
    };
    metadata["packages"].as_array().unwrap().iter().map(package).collect()
}

#[test]
fn every_crate_keeps_to_its_boundaries() {
    let packages = normal_dependencies();
    assert_eq!(packages.len(), BOUNDARIES.len(), "a new crate needs its boundaries here");
    for (package, dependencies) in &packages {
        let (_, allowed) = BOUNDARIES.iter().find(|(name, _)| name == package).unwrap();
        for dependency in dependencies {
            if packages.contains_key(dependency) {
                assert!(
                    allowed.contains(&dependency.as_str()),
                    "{package} may not depend on {dependency}"
                );
            }
            if let Some((_, owners)) = OWNERS.iter().find(|(name, _)| name == dependency) {
                assert!(
                    owners.contains(&package.as_str()),
                    "only {owners:?} may depend on {dependency}, not {package}"
                );
            }
        }
    }
    for dependency in &packages["ledger"] {
        assert!(LEDGER_MAY_USE.contains(&dependency.as_str()), "ledger is pure: no {dependency}");
    }
}
