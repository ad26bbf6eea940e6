//! Lambda around one function: the Runtime API that hands it one invocation after the other, and the
//! freezing of its process between them.

use std::{path::PathBuf, process::Stdio, sync::Arc, time::Duration};

use app::{Clock, SystemClock};
use axum::{
    Router,
    body::{self, Body},
    extract::Request,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::Response;
use jiff::SignedDuration;
use serde_json::Value;
use tokio::{
    net::TcpListener,
    process::{Child, Command},
    sync::{Mutex, mpsc},
    time::timeout,
};

use crate::functions::binary::search_log;

/// Longer than anything that is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// What became of an invocation.
#[derive(Debug)]
pub enum Outcome {
    /// The answer as the HTTP API takes it.
    Answer(Value),
    /// The function could not be asked.
    Error(Value),
}

impl Outcome {
    /// The answer as the HTTP API sends it on.
    pub fn sent(self) -> Response<Bytes> {
        let told = match self {
            Self::Answer(told) => told,
            Self::Error(why) => panic!("no answer: {why}"),
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
}

struct Invocation {
    id: String,
    deadline: i64,
    event: String,
}

struct Api {
    invocations: Mutex<mpsc::UnboundedReceiver<Invocation>>,
    outcomes: mpsc::UnboundedSender<(String, Outcome)>,
}

impl Api {
    async fn answer(&self, request: Request) -> Response<Body> {
        let path = request.uri().path().to_owned();
        let pieces: Vec<_> = path.split('/').skip(1).collect();
        match pieces[..] {
            ["2018-06-01", "runtime", "invocation", "next"] => self.next().await,
            ["2018-06-01", "runtime", "invocation", id, kind] => {
                let body = body::to_bytes(request.into_body(), 6 << 20).await.unwrap();
                let told = serde_json::from_slice(&body).unwrap();
                let outcome = match kind {
                    "response" => Outcome::Answer(told),
                    "error" => Outcome::Error(told),
                    _ => panic!("{path} is not known"),
                };
                // Nobody listens once the test is over.
                let _ = self.outcomes.send((id.to_owned(), outcome));
                let accepted = Response::builder().status(202);
                accepted.body(Body::from("{\"status\":\"OK\"}")).unwrap()
            }
            _ => panic!("{path} is not known"),
        }
    }

    /// Waits for an invocation, as long as it takes.
    async fn next(&self) -> Response<Body> {
        let Some(Invocation { id, deadline, event }) = self.invocations.lock().await.recv().await
        else {
            return std::future::pending().await;
        };
        let arn = "arn:aws:lambda:eu-central-1:1:function:f";
        Response::builder()
            .header("lambda-runtime-aws-request-id", id)
            .header("lambda-runtime-deadline-ms", deadline)
            .header("lambda-runtime-invoked-function-arn", arn)
            .body(Body::from(event))
            .unwrap()
    }
}

/// A function that was built for Lambda, in its sandbox.
pub struct Function {
    child: Child,
    invocations: mpsc::UnboundedSender<Invocation>,
    outcomes: mpsc::UnboundedReceiver<(String, Outcome)>,
    count: u32,
}

impl Function {
    /// Starts it. Its log is searched for secrets.
    pub async fn start(name: &str, environment: Vec<(&'static str, String)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (invocations, asked) = mpsc::unbounded_channel();
        let (told, outcomes) = mpsc::unbounded_channel();
        let api = Arc::new(Api { invocations: Mutex::new(asked), outcomes: told });
        let answer = async move |request: Request| api.answer(request).await;
        let app = Router::new().fallback(answer);
        tokio::spawn(async move { axum::serve(listener, app).await });
        let mut child = Command::new(bootstrap(name))
            .env_clear()
            .envs(environment)
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .env("AWS_LAMBDA_FUNCTION_NAME", name)
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        search_log(child.stderr.take().unwrap());
        Self { child, invocations, outcomes, count: 0 }
    }

    /// Hands it an event, with so many seconds until its end. When the outcome is told the process is
    /// frozen: what it has not done by then is not done before the next invocation, if there is one.
    pub async fn invoke(&mut self, event: &Value, seconds: i64) -> Outcome {
        self.count += 1;
        let id = format!("invocation-{}", self.count);
        let end = SystemClock.now().checked_add(SignedDuration::from_secs(seconds)).unwrap();
        let (deadline, event) = (end.as_millisecond(), event.to_string());
        self.signal("CONT").await;
        self.invocations.send(Invocation { id: id.clone(), deadline, event }).unwrap();
        let outcome = timeout(PATIENCE, self.outcomes.recv()).await.expect("an outcome in time");
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
