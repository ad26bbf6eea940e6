//! Lambda's Runtime API as one function sees it: it is handed one invocation after the other, and tells
//! what became of it. For tests and measurements of functions as they deploy to Lambda.
//!
//! Not here: the function's process, its freezing between invocations, and what an answer says.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Mutex, Notify, mpsc},
    task::JoinSet,
};

/// The largest answer that Lambda takes, in bytes.
const OUTCOME_BYTES_MAX: usize = 6 << 20;

/// What became of an invocation.
#[derive(Debug)]
pub enum Outcome {
    /// The answer as the HTTP API takes it.
    Answer(Value),
    /// The function could not be asked.
    Error(Value),
}

/// A Runtime API of its own for one function, on the loopback address.
#[derive(Debug)]
pub struct RuntimeApi {
    address: SocketAddr,
    invocations: mpsc::UnboundedSender<Invocation>,
    outcomes: mpsc::UnboundedReceiver<(String, Outcome)>,
    asked: Arc<Notify>,
    count: u32,
    /// Ends with this.
    _serving: JoinSet<()>,
}

#[derive(Debug)]
struct Invocation {
    id: String,
    end: Timestamp,
    event: String,
}

struct Api {
    invocations: Mutex<mpsc::UnboundedReceiver<Invocation>>,
    outcomes: mpsc::UnboundedSender<(String, Outcome)>,
    asked: Arc<Notify>,
}

impl RuntimeApi {
    /// Listens for the function, which is not started yet.
    ///
    /// # Errors
    /// When no port can be listened on.
    pub async fn open() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (invocations, handed_over) = mpsc::unbounded_channel();
        let (told, outcomes) = mpsc::unbounded_channel();
        let asked = Arc::<Notify>::default();
        let api =
            Api { invocations: Mutex::new(handed_over), outcomes: told, asked: Arc::clone(&asked) };
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, Arc::new(api)));
        Ok(Self { address, invocations, outcomes, asked, count: 0, _serving: serving })
    }

    /// The variables by which the function of that name finds it.
    #[must_use]
    pub fn variables(&self, name: &str) -> [(&'static str, String); 4] {
        [
            ("AWS_LAMBDA_RUNTIME_API", self.address.to_string()),
            ("AWS_LAMBDA_FUNCTION_NAME", name.to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512".to_owned()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ]
    }

    /// Has an event for the function, to be done with at `end`. Gives the name of the invocation.
    pub fn hand_over(&mut self, event: &Value, end: Timestamp) -> String {
        self.count += 1;
        let id = format!("invocation-{}", self.count);
        let invocation = Invocation { id: id.clone(), end, event: event.to_string() };
        // The other end lives as long as this.
        let _ = self.invocations.send(invocation);
        id
    }

    /// Waits until the function asks for an invocation: then it is started, which Lambda calls its init.
    pub async fn asked(&self) {
        self.asked.notified().await;
    }

    /// Waits until the function tells of an invocation: its name and what became of it.
    pub async fn outcome(&mut self) -> Option<(String, Outcome)> {
        self.outcomes.recv().await
    }
}

/// A request as an HTTP API hands it on to its function.
#[must_use]
pub fn http_event(method: &str, path: &str, query: &str) -> Value {
    let http = json!({
        "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1",
        "userAgent": "test",
    });
    json!({
        "version": "2.0",
        "routeKey": format!("ANY {path}"),
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"host": "api.example", "x-forwarded-proto": "https"},
        "requestContext": {
            "accountId": "1", "apiId": "a", "domainName": "api.example", "domainPrefix": "api",
            "http": http, "requestId": "r", "routeKey": format!("ANY {path}"),
            "stage": "$default", "time": "21/Nov/2026:10:00:00 +0000", "timeEpoch": 1,
        },
        "isBase64Encoded": false,
    })
}

async fn serve(listener: TcpListener, api: Arc<Api>) {
    // Connections end with the listener.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(converse(stream, Arc::clone(&api)));
        while connections.try_join_next().is_some() {}
    }
}

async fn converse(stream: TcpStream, api: Arc<Api>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let api = Arc::clone(&api);
        async move { api.answer(request).await }
    });
    // A function that ends leaves its connection as it is.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

impl Api {
    async fn answer(&self, request: Request<Incoming>) -> io::Result<Response<Full<Bytes>>> {
        let path = request.uri().path().to_owned();
        let pieces: Vec<_> = path.split('/').skip(1).collect();
        match pieces[..] {
            ["2018-06-01", "runtime", "invocation", "next"] => self.next().await,
            ["2018-06-01", "runtime", "invocation", id, kind @ ("response" | "error")] => {
                let body = Limited::new(request.into_body(), OUTCOME_BYTES_MAX).collect().await;
                let body = body.map_err(io::Error::other)?;
                let told = serde_json::from_slice(&body.to_bytes())?;
                let is_answer = kind == "response";
                let outcome = if is_answer { Outcome::Answer(told) } else { Outcome::Error(told) };
                // Nobody listens once all is done.
                let _ = self.outcomes.send((id.to_owned(), outcome));
                let accepted = Response::builder().status(StatusCode::ACCEPTED);
                accepted.body(Full::from("{\"status\":\"OK\"}")).map_err(io::Error::other)
            }
            _ => {
                let unknown = Response::builder().status(StatusCode::NOT_FOUND);
                unknown.body(Full::default()).map_err(io::Error::other)
            }
        }
    }

    /// Waits for an invocation, as long as it takes.
    async fn next(&self) -> io::Result<Response<Full<Bytes>>> {
        self.asked.notify_one();
        let Some(Invocation { id, end, event }) = self.invocations.lock().await.recv().await else {
            return std::future::pending().await;
        };
        let arn = "arn:aws:lambda:eu-central-1:1:function:f";
        let response = Response::builder()
            .header("lambda-runtime-aws-request-id", id)
            .header("lambda-runtime-deadline-ms", end.as_millisecond())
            .header("lambda-runtime-invoked-function-arn", arn);
        response.body(Full::from(event)).map_err(io::Error::other)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;
    use crate::loopback;

    #[tokio::test]
    async fn a_function_is_started_once_it_asks_for_an_invocation_whether_or_not_there_is_one() {
        let api = RuntimeApi::open().await.unwrap();
        assert!(timeout(Duration::ZERO, api.asked()).await.is_err(), "nobody asked");
        let asking = loopback::get(api.address, "/2018-06-01/runtime/invocation/next", &[]);
        tokio::select! {
            () = api.asked() => {}
            answer = asking => panic!("there is no invocation: {:?}", answer.is_ok()),
        }
    }
}
