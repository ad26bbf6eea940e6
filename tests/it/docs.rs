//! The documents say what is there: links lead somewhere, lists are whole, names exist, and nothing
//! of the machine they were written on stands in the repository.

use std::{
    cell::RefCell,
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use app::{Config, Endpoint, TEST_VARIABLES};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Paths from the root of every file that git has, or would take with the next commit.
fn files() -> Vec<String> {
    let output = Command::new("git")
        .args(["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others"])
        .arg("--exclude-standard")
        .current_dir(ROOT)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8(output.stdout).unwrap();
    let here = |name: &&str| Path::new(ROOT).join(name).is_file();
    names.split('\0').filter(|name| !name.is_empty()).filter(here).map(str::to_owned).collect()
}

fn read(name: &str) -> String {
    let bytes = fs::read(Path::new(ROOT).join(name)).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn documents() -> Vec<(String, String)> {
    let is_document = |name: &String| name.ends_with(".md");
    files().into_iter().filter(is_document).map(|name| (name.clone(), read(&name))).collect()
}

/// What stands between `open` and the next `close` after it, for each `open`.
fn between<'a>(text: &'a str, open: &'a str, close: char) -> impl Iterator<Item = &'a str> {
    text.split(open).skip(1).filter_map(move |rest| Some(rest.split_once(close)?.0))
}

/// The names in backticks of a line. Fenced blocks have none.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

fn section<'a>(text: &'a str, heading: &str) -> &'a str {
    let (_, rest) = text.split_once(&format!("\n## {heading}\n")).expect(heading);
    rest.split("\n## ").next().unwrap()
}

#[test]
fn every_relative_link_leads_to_a_file() {
    for (name, text) in documents() {
        let folder = Path::new(ROOT).join(&name).parent().unwrap().to_owned();
        for target in between(&text, "](", ')') {
            let is_elsewhere = target.contains("://") || target.starts_with("mailto:");
            let path = target.split('#').next().unwrap_or_default();
            if !is_elsewhere && !path.is_empty() {
                assert!(folder.join(path).exists(), "{name} links to {target}");
            }
        }
    }
}

/// The variables that `app::Config` asks for, learnt by answering all of them.
pub fn variables() -> BTreeSet<String> {
    let asked = RefCell::new(BTreeSet::new());
    let answer = |name: &str| {
        asked.borrow_mut().insert(name.to_owned());
        let value = match name {
            "DATABASE_URL" => "postgres://127.0.0.1/x",
            "TOKEN_KEYS" => crate::world::TOKEN_KEYS,
            "DATABASE_CA" => concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/tls/authority.pem"),
            "DATABASE_STATEMENTS" => "typed",
            "SUPABASE_JWT_SECRET" => crate::world::JWT_SECRET,
            "TELEGRAM_BOT_TOKEN" => "1:x",
            "TELEGRAM_CHAT_ID" => "1",
            "OTEL_EXPORTER_OTLP_HEADERS" => "x=y",
            "OTEL_EXPORTER_OTLP_ENDPOINT" => "https://example.com",
            _ if name.ends_with("_URL") => "https://example.com",
            _ => "x",
        };
        Some(value.to_owned())
    };
    Config::from_lookup(answer).expect("every variable has a good value");
    asked.into_inner()
}

/// The variables in the first column of the table of configuration, where the third says whether they
/// are secret and the fourth who reads them.
fn documented(is_meant: impl Fn(&str, &str) -> bool) -> BTreeSet<String> {
    let text = read("docs/configuration.md");
    let mut names = BTreeSet::new();
    for row in section(&text, "Variables").lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        if is_meant(cells[3], cells[4]) {
            names.extend(quoted(cells[1]).map(str::to_owned));
        }
    }
    names
}

/// The variables of the service that hold a secret.
pub fn secrets() -> BTreeSet<String> {
    documented(|secret, who| secret == "yes" && who.contains("service"))
}

#[test]
fn the_table_says_of_each_variable_whether_it_is_a_secret() {
    let said = documented(|secret, _| ["yes", "no"].contains(&secret));
    assert_eq!(said, documented(|_, _| true));
    assert!(secrets().contains("CRON_SECRET"));
}

#[test]
fn the_table_names_the_variables_of_tests_that_the_service_tolerates() {
    let ours = documented(|_, _| true).into_iter().filter(|name| name.starts_with("HEARTBEAT_"));
    let tolerated: BTreeSet<_> = TEST_VARIABLES.map(str::to_owned).into();
    assert_eq!(ours.collect::<BTreeSet<_>>(), tolerated);
    let tests = files().into_iter().filter(|name| name.starts_with("tests/"));
    let text: String = tests.map(|name| read(&name)).collect();
    for name in TEST_VARIABLES {
        assert!(text.contains(name), "no test reads {name}");
    }
}

#[test]
fn table_and_example_list_the_variables_that_the_service_reads() {
    assert_eq!(documented(|_, who| who.contains("service")), variables());
    let example = read(".env.example");
    let name = |line: &str| {
        let (name, _) = line.trim_start_matches('#').split_once('=')?;
        let is_name = |b: u8| b.is_ascii_uppercase() || b == b'_';
        name.bytes().all(is_name).then(|| name.to_owned())
    };
    assert_eq!(example.lines().filter_map(name).collect::<BTreeSet<_>>(), variables());
}

#[test]
fn the_table_lists_the_variables_of_the_command_line_and_of_the_tests() {
    let known = documented(|_, _| true);
    for file in files().iter().filter(|name| name.ends_with(".rs")) {
        let text = read(file);
        let ways = ["wall::variable", "env::var", "env::var_os"].map(|way| format!("{way}(\""));
        for name in ways.iter().flat_map(|way| between(&text, way, '"')) {
            let is_the_systems = ["PATH", "HOME"].contains(&name);
            assert!(is_the_systems || known.contains(name), "{file} reads {name}");
        }
    }
}

#[test]
fn what_stands_in_for_a_variable_is_documented() {
    let documented = read("docs/configuration.md");
    for name in between(&read("crates/app/src/config.rs"), concat!("get", "(\""), '"') {
        assert!(documented.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn the_examples_defaults_are_the_services_and_its_placeholders_start_nothing() {
    let example = read(".env.example");
    let lookup = |name: &str| {
        let line = example.lines().find_map(|l| l.trim_start_matches('#').strip_prefix(name))?;
        Some(line.strip_prefix('=')?.trim_matches('\'').to_owned())
    };
    let database = Some("postgres://127.0.0.1/x".to_owned());
    let urls = ["FANVUE_API_URL", "FANVUE_AUTH_URL"];
    let filled = |name: &str| match name {
        "DATABASE_URL" => database.clone(),
        _ if urls.contains(&name) => lookup(name),
        _ => None,
    };
    let (given, default) = (
        Config::from_lookup(filled).unwrap(),
        Config::from_lookup(|name| database.clone().filter(|_| name == "DATABASE_URL")).unwrap(),
    );
    assert_eq!(given.fanvue_api_url, default.fanvue_api_url);
    assert_eq!(given.fanvue_auth_url, default.fanvue_auth_url);
    assert!(Config::from_lookup(lookup).is_err(), "placeholders are no configuration");
}

#[test]
fn every_endpoint_is_documented() {
    let text = read("README.md") + &read("ARCHITECTURE.md");
    for endpoint in Endpoint::ALL {
        assert!(text.contains(&format!("`{}`", endpoint.path())), "{}", endpoint.path());
    }
}

#[test]
fn every_decision_is_in_the_index() {
    let index = read("docs/adr/README.md");
    let records: Vec<_> = files()
        .into_iter()
        .filter_map(|name| Some(name.strip_prefix("docs/adr/")?.to_owned()))
        .filter(|name| name != "README.md")
        .collect();
    assert!(!records.is_empty());
    for record in &records {
        assert_eq!(index.matches(&format!("({record})")).count(), 1, "{record}");
    }
    assert_eq!(between(&index, "](", ')').count(), records.len());
}

/// Tests, triggers and columns have long names, items have paths: what a document quotes of them has
/// to be found by a search.
#[test]
fn names_in_documents_exist_in_the_code() {
    let is_code = |name: &String| name.ends_with(".rs") || name.ends_with(".sql");
    let code: String = files().into_iter().filter(is_code).map(|name| read(&name)).collect();
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let known: BTreeSet<_> = code.split(|c| !is_part(c)).collect();
    for (file, text) in documents() {
        for name in text.lines().flat_map(quoted) {
            let item = name.rsplit("::").next().unwrap_or_default();
            let is_long = item.matches('_').count() >= 3;
            let is_name = name.chars().all(|c| is_part(c) || c == ':');
            let is_checked = is_name && (is_long || name.contains("::"));
            assert!(!is_checked || known.contains(item), "{file} names {name}, which is not there");
        }
    }
}

/// Whether `text` names the folder `path` itself or something in it.
fn names_folder(text: &str, path: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || "._-".contains(c);
    text.match_indices(path).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + path.len()..].chars().next();
        !before.is_some_and(|c| is_part(c) || c == '/') && !after.is_some_and(is_part)
    })
}

#[test]
fn a_folder_is_told_from_what_only_looks_like_it() {
    for text in ["/srv/app", "in `/srv/app`", "file:/srv/app/x", "at=/srv/app:"] {
        assert!(names_folder(text, "/srv/app"), "{text}");
    }
    for text in ["/srv/apple", "/srv/app-2", "/my/srv/app", "x/srv/app"] {
        assert!(!names_folder(text, "/srv/app"), "{text}");
    }
}

#[test]
fn no_file_names_a_folder_of_this_machine() {
    #[expect(clippy::disallowed_methods, reason = "the home of whoever runs the tests")]
    let home = std::env::var("HOME").ok().map(PathBuf::from);
    let checkout = fs::canonicalize(ROOT).unwrap();
    let folders: BTreeSet<_> = [Some(PathBuf::from(ROOT)), Some(checkout), home]
        .into_iter()
        .flatten()
        .filter(|folder| folder.is_absolute() && folder.components().count() > 1)
        .map(|folder| folder.to_string_lossy().trim_end_matches('/').to_owned())
        .collect();
    for file in files() {
        let text = read(&file);
        for folder in &folders {
            assert!(!names_folder(&text, folder), "{file} names {folder}");
        }
    }
}
