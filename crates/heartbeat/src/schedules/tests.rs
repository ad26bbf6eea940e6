use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use app::Endpoint;

use super::*;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// `api/cron/revenue-heartbeat.rs` and so on, as paths of requests.
fn function_files() -> BTreeSet<String> {
    fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join("api"), &mut found);
    let request_path = |file: &PathBuf| {
        let inner = file.strip_prefix(root()).unwrap().with_extension("");
        // The platform's way to write a piece of a path that may be anything.
        format!("/{}", inner.to_str().unwrap()).replace('[', "{").replace(']', "}")
    };
    found.iter().map(request_path).collect()
}

#[test]
fn the_list_is_read_and_every_schedule_is_an_endpoint() {
    let list = list().unwrap();
    assert!(!list.is_empty());
    for schedule in list {
        let known = Endpoint::ALL.iter().any(|endpoint| endpoint.path() == schedule.path);
        assert!(known, "{} is no endpoint", schedule.path);
    }
}

#[test]
fn every_endpoint_has_a_function_file_and_every_function_file_an_endpoint() {
    let endpoints: BTreeSet<String> =
        Endpoint::ALL.iter().map(|endpoint| endpoint.path().to_owned()).collect();
    assert_eq!(function_files(), endpoints);
}

#[test]
fn every_function_file_is_a_binary_and_serves_its_own_endpoint() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    for endpoint in Endpoint::ALL {
        let path = endpoint.path().replace('{', "[").replace('}', "]");
        let file = format!("{}.rs", path.trim_start_matches('/'));
        let line = format!("path = \"{file}\"");
        assert_eq!(manifest.matches(&line).count(), 1, "{file} needs one [[bin]]");
        let source = fs::read_to_string(root().join(&file)).unwrap();
        // In a `const`: looked up while it runs, the code of every endpoint would be in the binary.
        let call = format!("platform::serve(const {{ app::Endpoint::{endpoint:?}.function() }})\n");
        assert_eq!(source.matches(&call).count(), 1, "{file}");
        assert_eq!(source.matches("app::").count(), 2, "{file} names its endpoint alone");
    }
    let bins = manifest.matches("path = \"api/").count();
    assert_eq!(bins, Endpoint::ALL.len());
}

#[test]
fn the_static_output_is_what_the_build_of_the_dashboard_makes() {
    // Without a folder of its own, Vercel publishes the sources.
    let file: serde_json::Value = serde_json::from_str(VERCEL_JSON).unwrap();
    assert_eq!(file["outputDirectory"], "dashboard/dist");
    for (key, words) in [("installCommand", "npm ci"), ("buildCommand", "npm run build")] {
        let command = file[key].as_str().unwrap();
        assert_eq!(command, format!("{words} --prefix dashboard"));
    }
    assert!(root().join("dashboard/package-lock.json").exists());
    assert!(file["framework"].is_null());
}

#[test]
fn narrow_patterns_come_before_wide_ones() {
    // The first that matches wins.
    let (cron, all) = (
        VERCEL_JSON.find("\"api/cron/*.rs\"").unwrap(),
        VERCEL_JSON.find("\"api/**/*.rs\"").unwrap(),
    );
    assert!(cron < all);
}

#[test]
fn a_wrong_list_is_an_error_that_names_the_path() {
    assert!(matches!(parse(r#"{"crons":7}"#), Err(ListError::Json(_))));
    assert_eq!(parse("{}").unwrap(), []);
    let error = parse(r#"{"crons":[{"path":"/api/x","schedule":"every day"}]}"#).unwrap_err();
    assert_eq!(error.to_string(), "the schedule of /api/x is wrong");
}
