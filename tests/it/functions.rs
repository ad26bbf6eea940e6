//! The function binaries as they deploy: started by themselves under the real runtime.

use std::process::Stdio;

use app::Endpoint;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::world::{SECRET, World, ask, config, environment, fetch};

pub mod binary {
    //! One function binary as a process of its own.

    use std::process::Stdio;

    use tokio::{
        io::{AsyncBufReadExt, BufReader},
        net::TcpListener,
        process::{Child, ChildStderr, Command},
    };

    use crate::world::canary;

    /// Searches what a process logs for secrets, until it ends.
    pub fn search_log(log: ChildStderr) {
        let mut log = BufReader::new(log).lines();
        tokio::spawn(async move {
            while let Ok(Some(line)) = log.next_line().await {
                // A hit ends the run, as it does in this process: nobody awaits this task.
                if std::panic::catch_unwind(|| canary::check("a log", line.as_bytes())).is_err() {
                    std::process::abort();
                }
            }
        });
    }

    pub struct Binary {
        pub child: Child,
        pub url: String,
    }

    impl Binary {
        /// Starts it and waits until it listens. Its log is searched for secrets.
        pub async fn start(path: &str, environment: Vec<(&'static str, String)>) -> Self {
            let mut binary = Self::logging_to(Stdio::piped(), path, environment).await;
            search_log(binary.child.stderr.take().unwrap());
            binary
        }

        /// The same, with its log sent there.
        pub async fn logging_to(
            log: Stdio,
            path: &str,
            environment: Vec<(&'static str, String)>,
        ) -> Self {
            let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let port = free.local_addr().unwrap().port();
            drop(free);
            let mut child = Command::new(path)
                .env_clear()
                .envs(environment)
                .env("VERCEL_DEV_PORT", port.to_string())
                .stdout(Stdio::piped())
                .stderr(log)
                .kill_on_drop(true)
                .spawn()
                .unwrap();
            let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
            let line = lines.next_line().await.unwrap().expect("the function says when it listens");
            assert!(line.contains("listening"), "{line}");
            Self { child, url: format!("http://127.0.0.1:{port}") }
        }
    }
}

/// Leaves out what differs between two requests of the same moment.
fn settled(mut body: Value) -> Value {
    body["freshness"]["generatedAt"] = Value::Null;
    for model in body["models"].as_array_mut().into_iter().flatten() {
        model["ageSeconds"] = Value::Null;
    }
    body
}

#[tokio::test]
async fn a_function_by_itself_answers_what_the_local_server_answers() {
    let world = World::seeded(3, 40).await;
    world.tick().await;
    let environment = environment(&world.db.url, "http://127.0.0.1:1");
    let binary =
        binary::Binary::start(env!("CARGO_BIN_EXE_analytics-dashboard"), environment).await;
    let uri = "/api/analytics/dashboard?startDate=2026-10-01&endDate=2026-11-20";
    let url = format!("{}{uri}", binary.url);
    let answer = fetch(&url, Some(SECRET)).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["cache-control"], "private, no-cache");
    let alone: Value = serde_json::from_slice(answer.body()).unwrap();
    // The function reads the real clock, and so must what it is compared with.
    let ctx = app::Ctx::new(config(&world.db.url, "http://127.0.0.1:1")).unwrap();
    let local: Value =
        serde_json::from_slice(ask(&ctx, Endpoint::Dashboard, uri).await.body()).unwrap();
    assert!(local["kpiMetrics"]["totalRevenueCents"].as_i64().unwrap() > 0);
    assert!(settled(alone) == settled(local), "the two answers differ");

    assert_eq!(fetch(&url, None).await.status(), 401);
}

/// Statements begin with their names, so a binary tells by them whose code it holds.
#[test]
fn a_function_holds_the_statements_of_its_endpoint_and_of_no_other() {
    const STATEMENTS: [&str; 6] = [
        "find_version",
        "read_health",
        "read_backlog",
        "sum_revenue",
        "claim_streams",
        "keep_events",
    ];
    for (path, its_own) in [
        (env!("CARGO_BIN_EXE_health"), &["find_version", "read_health", "read_backlog"][..]),
        (env!("CARGO_BIN_EXE_analytics-dashboard"), &["sum_revenue"]),
        (env!("CARGO_BIN_EXE_webhooks-fanvue"), &["keep_events"]),
    ] {
        let binary = std::fs::read(path).unwrap();
        let holds = |statement: &&&str| {
            let text = format!("-- {statement}\n");
            binary.windows(text.len()).any(|piece| piece == text.as_bytes())
        };
        let held: Vec<_> = STATEMENTS.iter().filter(holds).copied().collect();
        assert_eq!(held, its_own, "{path}");
    }
}

/// Whoever asks is told that there is a fault; which one stands in the log, under the request's name.
#[tokio::test]
async fn a_function_without_configuration_names_the_variable_in_its_log_alone() {
    let path = env!("CARGO_BIN_EXE_cron-revenue-heartbeat");
    let mut binary = binary::Binary::logging_to(Stdio::piped(), path, vec![]).await;
    let url = format!("{}/api/cron/revenue-heartbeat", binary.url);
    let answer = fetch(&url, None).await;
    assert_eq!(answer.status(), 500);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let problem: Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(problem["code"], "not_configured", "{problem}");
    assert!(!problem.to_string().contains("DATABASE_URL"), "{problem}");
    let mut log = BufReader::new(binary.child.stderr.take().unwrap()).lines();
    let line = loop {
        let line = log.next_line().await.unwrap().expect("the log tells of it");
        if line.contains("the configuration is unusable") {
            break line;
        }
    };
    assert!(line.contains("DATABASE_URL"), "{line}");
    let id = answer.headers()["x-request-id"].to_str().unwrap();
    assert!(line.contains(id), "{line}");
}
