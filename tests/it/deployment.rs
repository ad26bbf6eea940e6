//! One list of functions, routes and schedules for both clouds: `vercel.json` and what stands in `api/`.
//! The template for AWS says the same in its own words.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Command,
};

use app::Endpoint;
use heartbeat::schedules;
use serde_json::Value;

use crate::docs::{secrets, variables};

const TEMPLATE: &str = "deploy/aws/template.json";

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

fn json(name: &str) -> Value {
    serde_json::from_str(&read(name)).unwrap()
}

/// The functions of the template by the path that they answer.
pub fn functions() -> BTreeMap<String, Value> {
    let template = json(TEMPLATE);
    let resources = template["Resources"].as_object().unwrap().values();
    let functions = resources.filter(|one| one["Type"] == "AWS::Serverless::Function");
    functions
        .map(|function| {
            let properties = &function["Properties"];
            let route = &properties["Events"]["Route"];
            assert_eq!(route["Type"], "HttpApi");
            // Its function refuses what it does not answer, in the words of a problem.
            assert_eq!(route["Properties"]["Method"], "ANY");
            (route["Properties"]["Path"].as_str().unwrap().to_owned(), properties.clone())
        })
        .collect()
}

/// The function file of an endpoint, as vercel.json's patterns see it.
fn file(endpoint: Endpoint) -> String {
    format!("{}.rs", &endpoint.path()[1..]).replace('{', "[").replace('}', "]")
}

/// The binary of that file.
fn binary(file: &str) -> String {
    let manifest = read("Cargo.toml");
    let (before, _) = manifest.split_once(&format!("\"\npath = \"{file}\"")).expect(file);
    before.rsplit('"').next().unwrap().to_owned()
}

/// Whether a pattern names the path: `*` is any text without a slash, `**` any folders.
fn names(pattern: &[&str], path: &[&str]) -> bool {
    let fits = |pattern: &str, piece: &str| match pattern.split_once('*') {
        None => pattern == piece,
        Some((start, end)) => piece.strip_prefix(start).is_some_and(|rest| rest.ends_with(end)),
    };
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((&"**", rest)), _) => (0..=path.len()).any(|n| names(rest, &path[n..])),
        (Some((first, others)), Some((piece, rest))) => fits(first, piece) && names(others, rest),
        _ => false,
    }
}

/// How long vercel.json lets a function run: the first pattern that names it decides.
fn seconds(file: &str) -> i64 {
    // Of two keys the first counts, and a map of JSON does not keep their order.
    let text = read("vercel.json");
    let (_, rest) = text.split_once("\"functions\": {\n").unwrap();
    let (lines, _) = rest.split_once("\n  }").unwrap();
    let path: Vec<_> = file.split('/').collect();
    let named = |line: &&str| {
        let pattern = line.split('"').nth(1).unwrap();
        names(&pattern.split('/').collect::<Vec<_>>(), &path)
    };
    let line = lines.lines().find(named).expect("every function is named");
    let digits: String = line.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

/// A schedule of five fields in the words of AWS: six, one of the two kinds of days is `?`, Sunday is 1.
fn in_words_of_aws(expression: &str) -> String {
    let fields: Vec<_> = expression.split(' ').collect();
    let [minutes, hours, days, months, weekdays] = fields[..] else { panic!("{expression}") };
    if weekdays == "*" {
        return format!("cron({minutes} {hours} {days} {months} ? *)");
    }
    let later = |c: char| c.to_digit(10).map_or(c, |day| char::from_digit(day + 1, 10).unwrap());
    let weekdays: String = weekdays.chars().map(later).collect();
    format!("cron({minutes} {hours} ? {months} {weekdays} *)")
}

#[test]
fn schedules_are_translated_to_the_words_of_aws() {
    for (ours, theirs) in [
        ("*/10 * * * *", "cron(*/10 * * * ? *)"),
        ("30 4 1 * *", "cron(30 4 1 * ? *)"),
        ("30 4 * * 0", "cron(30 4 ? * 1 *)"),
        ("0 9 * * 1-5", "cron(0 9 ? * 2-6 *)"),
    ] {
        assert_eq!(in_words_of_aws(ours), theirs);
    }
}

#[test]
fn patterns_name_what_vercel_lets_them_name() {
    let named = |pattern: &str, path: &str| {
        let (pattern, path): (Vec<_>, Vec<_>) =
            (pattern.split('/').collect(), path.split('/').collect());
        names(&pattern, &path)
    };
    assert!(named("api/**/*.rs", "api/health.rs") && named("api/**/*.rs", "api/a/b/c.rs"));
    assert!(named("api/cron/*.rs", "api/cron/a.rs") && !named("api/cron/*.rs", "api/cron/a/b.rs"));
    assert!(named("api/x.csv.rs", "api/x.csv.rs") && !named("api/x.csv.rs", "api/x.rs"));
}

#[test]
fn the_template_has_the_functions_of_vercel_with_their_binaries_and_their_time() {
    let functions = functions();
    let known: BTreeSet<_> = Endpoint::ALL.map(Endpoint::path).map(str::to_owned).into();
    assert_eq!(functions.keys().cloned().collect::<BTreeSet<_>>(), known);
    let globals = &json(TEMPLATE)["Globals"]["Function"];
    assert_eq!(globals["Runtime"], "provided.al2023");
    for endpoint in Endpoint::ALL {
        let (function, file) = (&functions[endpoint.path()], file(endpoint));
        let code = format!("../../target/lambda/{}/", binary(&file));
        assert_eq!(function["CodeUri"], code.as_str(), "{file}");
        let timeout = function.get("Timeout").unwrap_or(&globals["Timeout"]);
        assert_eq!(timeout.as_i64(), Some(seconds(&file)), "{file}");
    }
}

#[test]
fn the_template_and_the_local_server_have_the_schedules_of_vercel() {
    let crons = json("vercel.json")["crons"].clone();
    let pair = |one: &Value| {
        let text = |name: &str| one[name].as_str().unwrap().to_owned();
        (text("path"), text("schedule"))
    };
    let listed: Vec<_> = crons.as_array().unwrap().iter().map(pair).collect();
    let driven = schedules::list().unwrap().into_iter().map(|one| (one.path, one.expression));
    assert_eq!(driven.collect::<Vec<_>>(), listed);

    let mut ticks = BTreeSet::new();
    for (path, function) in functions() {
        for event in function["Events"].as_object().unwrap().values() {
            if event["Type"] == "ScheduleV2" {
                let properties = &event["Properties"];
                let schedule = properties["ScheduleExpression"].as_str().unwrap();
                ticks.insert((path.clone(), schedule.to_owned()));
                // A slot that failed is not asked for again: the next one catches up.
                for retries in [&properties["RetryPolicy"], &function["EventInvokeConfig"]] {
                    assert_eq!(retries["MaximumRetryAttempts"], 0, "{path}");
                }
                check_event(&path, properties["Input"]["Fn::Sub"].as_str().unwrap());
            }
        }
    }
    let translated = listed.into_iter().map(|(path, schedule)| (path, in_words_of_aws(&schedule)));
    assert_eq!(ticks, translated.collect::<BTreeSet<_>>());
}

/// What the scheduler sends is a request as the API would hand it on, named by its execution.
fn check_event(path: &str, input: &str) {
    let event: Value = serde_json::from_str(input).unwrap();
    let http = &event["requestContext"]["http"];
    assert_eq!(event["version"], "2.0");
    assert_eq!(event["rawPath"], path);
    assert_eq!(event["requestContext"]["stage"], "$default", "others stand in the path");
    let methods = Endpoint::of(path).unwrap().methods();
    assert!(methods.split(", ").any(|method| http["method"] == method), "{path}");
    assert_eq!(event["headers"]["authorization"], "Bearer ${CronSecret}");
    assert_eq!(event["headers"]["x-request-id"], "<aws.scheduler.execution-id>");
}

/// What `deploy/aws/deploy` tells sam of these variables and no others: its words, and the configuration.
fn told_to_sam(folder: &Path, variables: &[(&str, &str)]) -> (String, String) {
    let sam = "#!/bin/sh\necho \"$@\" > \"$TOLD/words\"\ncat \"$3\" > \"$TOLD/config\"\n\
               ls -l \"$3\" | cut -c 1-10 >> \"$TOLD/words\"\n";
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("sam"), sam).unwrap();
    fs::set_permissions(folder.join("sam"), Permissions::from_mode(0o755)).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/aws/deploy");
    let mut command = Command::new("sh");
    command.args(["-c", "PATH=\"$0:$PATH\" exec python3 \"$@\""]).arg(folder).arg(script);
    for name in crate::docs::variables() {
        command.env_remove(name);
    }
    command.args(["heartbeat", "--debug"]).env("TOLD", folder).envs(variables.iter().copied());
    let done = command.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let told = ["words", "config"].map(|name| fs::read_to_string(folder.join(name)).unwrap());
    fs::remove_dir_all(folder).unwrap();
    told.into()
}

#[test]
fn sam_is_told_each_variable_that_is_set_and_no_value_by_its_words() {
    let folder = std::env::temp_dir().join(format!("heartbeat-test-sam-{}", std::process::id()));
    let template = json(TEMPLATE);
    let set = template["Globals"]["Function"]["Environment"]["Variables"].as_object().unwrap();
    let authority = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/tls/authority.pem");
    let value = |name: &str| match name {
        "DATABASE_CA" => authority.to_owned(),
        _ => format!("value of {name}, a='b'"),
    };
    let all: Vec<_> = set.keys().map(|name| (name.as_str(), value(name))).collect();
    let all: Vec<_> = all.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let (words, config) = told_to_sam(&folder, &all);
    for word in
        ["--stack-name heartbeat", "--resolve-s3", "--capabilities CAPABILITY_IAM", "--debug"]
    {
        assert!(words.contains(word), "{words}");
    }
    assert!(!words.contains("value of") && words.ends_with("-rw-------\n"), "{words}");
    let pem = read("tests/it/tls/authority.pem").trim().replace('\n', r"\\n");
    for (name, parameter) in set {
        let parameter = parameter["Ref"].as_str().unwrap();
        let value = if name == "DATABASE_CA" { pem.clone() } else { value(name) };
        assert!(config.contains(&format!(r#"{parameter}=\"{value}\""#)), "{name}: {config}");
    }

    let (_, config) =
        told_to_sam(&folder, &[("PUBLIC_URL", "https://x.example"), ("FANVUE_SCOPES", "")]);
    let line = r#"parameter_overrides = "PublicUrl=\"https://x.example\" FanvueScopes=\"\"""#;
    assert_eq!(config.lines().last(), Some(line));
    let (_, config) = told_to_sam(&folder, &[]);
    assert!(!config.contains("parameter_overrides"), "{config}");
}

#[test]
fn the_template_sets_the_variables_of_the_service_and_shows_no_secret() {
    let template = json(TEMPLATE);
    let set = template["Globals"]["Function"]["Environment"]["Variables"].as_object().unwrap();
    assert_eq!(set.keys().cloned().collect::<BTreeSet<_>>(), variables());
    let secrets = secrets();
    for (name, value) in set {
        let parameter = &template["Parameters"][value["Ref"].as_str().unwrap()];
        assert_eq!(parameter["NoEcho"] == true, secrets.contains(name), "{name}");
    }
}

/// `vercel deploy` sends the folder as it is, but for what this file names.
#[test]
fn vercel_is_sent_nothing_that_git_does_not_know() {
    let ours = read(".vercelignore");
    let left = |name: &str| ours.lines().any(|line| line == name || line == format!("{name}*"));
    for (ignored, under) in [(".gitignore", ""), ("fuzz/.gitignore", "/fuzz")] {
        let lines = read(ignored);
        let names = lines.lines().filter(|line| !line.contains("corpus"));
        for name in names.map(|line| format!("{under}{line}")) {
            assert!(left(&name), "{name} is sent");
        }
    }
}
