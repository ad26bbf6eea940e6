//! Lambda around one function: its process, and the freezing of it between invocations.

use std::{path::PathBuf, process::Stdio, time::Duration};

use app::{Clock, SystemClock};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use heartbeat::runtime_api::{Outcome, RuntimeApi};
use http::Response;
use jiff::SignedDuration;
use serde_json::Value;
use tokio::{
    process::{Child, Command},
    time::timeout,
};

use crate::functions::binary::search_log;

/// Longer than anything that is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// The answer as the HTTP API sends it on.
pub fn sent(outcome: Outcome) -> Response<Bytes> {
    let told = match outcome {
        Outcome::Answer(told) => told,
        Outcome::Error(why) => panic!("no answer: {why}"),
    };
    let status = told["statusCode"].as_u64().unwrap();
    let mut response = Response::builder().status(u16::try_from(status).unwrap());
    for (name, value) in told["headers"].as_object().unwrap() {
        response = response.header(name, value.as_str().unwrap());
    }
    let text = told["body"].as_str().unwrap_or_default();
    let is_encoded = told["isBase64Encoded"] == true;
    let body = if is_encoded { STANDARD.decode(text).unwrap() } else { text.into() };
    response.body(Bytes::from(body)).unwrap()
}

/// A function that was built for Lambda, in its sandbox.
pub struct Function {
    child: Child,
    api: RuntimeApi,
}

impl Function {
    /// Starts it. Its log is searched for secrets.
    pub async fn start(name: &str, environment: Vec<(&'static str, String)>) -> Self {
        let api = RuntimeApi::open().await.unwrap();
        let mut child = Command::new(bootstrap(name))
            .env_clear()
            .envs(environment)
            .envs(api.variables(name))
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        search_log(child.stderr.take().unwrap());
        Self { child, api }
    }

    /// Hands it an event, with so many seconds until its end. When the outcome is told the process is
    /// frozen: what it has not done by then is not done before the next invocation, if there is one.
    pub async fn invoke(&mut self, event: &Value, seconds: i64) -> Outcome {
        let end = SystemClock.now().checked_add(SignedDuration::from_secs(seconds)).unwrap();
        self.signal("CONT").await;
        let id = self.api.hand_over(event, end);
        let outcome = timeout(PATIENCE, self.api.outcome()).await.expect("an outcome in time");
        self.signal("STOP").await;
        let (told, outcome) = outcome.unwrap();
        assert_eq!(told, id);
        outcome
    }

    async fn signal(&self, name: &str) {
        let pid = self.child.id().expect("the function runs");
        let sent = Command::new("sh").args(["-c", &format!("kill -{name} {pid}")]).status().await;
        assert!(sent.unwrap().success());
    }
}

/// Where the function stands that was built for Lambda.
#[expect(clippy::disallowed_methods, reason = "where tests/lambda.sh has put them")]
fn bootstrap(name: &str) -> PathBuf {
    let folder = std::env::var("HEARTBEAT_BOOTSTRAPS").expect("run by tests/lambda.sh");
    PathBuf::from(folder).join(name).join("bootstrap")
}
