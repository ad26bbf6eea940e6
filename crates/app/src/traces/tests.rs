//! What is sent, what is kept back, and what becomes of it where nobody takes it.

mod resting;

use std::sync::atomic::AtomicU16;

use fanvue::{TransportError, TransportErrorKind};
use futures_util::future::BoxFuture;
use http::{Request, Response};
use serde_json::{Value, json};
use tracing::{Instrument, field::Empty};
use tracing_subscriber::{Registry, layer::SubscriberExt};

use super::*;

/// A collector in this process: keeps what it is told, and answers with that status; 0 is no connection and
/// 1 no answer at all.
pub(crate) struct Collector {
    status: AtomicU16,
    answer: &'static str,
    messages: Mutex<Vec<Request<Bytes>>>,
}

impl Transport for Collector {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        self.messages.lock().unwrap().push(request);
        match self.status.load(Ordering::Relaxed) {
            0 => Box::pin(async { Err(TransportErrorKind::Connect.into()) }),
            1 => Box::pin(std::future::pending()),
            status => {
                let mut answer = Response::new(Bytes::from_static(self.answer.as_bytes()));
                *answer.status_mut() = StatusCode::from_u16(status).unwrap();
                Box::pin(async { Ok(answer) })
            }
        }
    }
}

impl Collector {
    fn new(status: u16, answer: &'static str) -> Arc<Self> {
        Arc::new(Self { status: AtomicU16::new(status), answer, messages: Mutex::default() })
    }

    /// The spans of all messages.
    fn spans(&self) -> Vec<Value> {
        let messages = self.messages.lock().unwrap();
        let bodies = messages.iter().map(|request| serde_json::from_slice(request.body()).unwrap());
        let spans = |body: Value| body["resourceSpans"][0]["scopeSpans"][0]["spans"].clone();
        bodies.flat_map(|body| spans(body).as_array().unwrap().clone()).collect()
    }
}

/// An hour that passes by a second whenever somebody looks.
struct Ticking(Mutex<Timestamp>);

impl Ticking {
    fn advance(&self, length: SignedDuration) {
        *self.0.lock().unwrap() += length;
    }
}

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        let mut now = self.0.lock().unwrap();
        *now += SignedDuration::from_secs(1);
        *now
    }

    fn sleep_until(&self, _: Timestamp) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

fn to(collector: &Arc<Collector>) -> Arc<Export> {
    timed(collector).0
}

/// The same, with the hour in which it is.
fn timed(collector: &Arc<Collector>) -> (Arc<Export>, Arc<Ticking>) {
    let mut headers = HeaderMap::new();
    headers.insert("x-api-key", HeaderValue::from_static("hush"));
    let endpoint = "https://otlp.example".parse().unwrap();
    let traces = Traces { endpoint, headers, service_name: "heartbeat".to_owned() };
    let clock = Arc::new(Ticking(Mutex::new("2026-11-21T10:00:00Z".parse().unwrap())));
    let deadline = Duration::from_millis(20);
    let export = Export::new(
        &traces,
        Arc::<Collector>::clone(collector),
        (Arc::<Ticking>::clone(&clock), Arc::new(SystemEntropy)),
        deadline,
    );
    (export, clock)
}

/// An export to a collector that takes all.
pub(crate) fn export() -> (Arc<Export>, Arc<Collector>) {
    let collector = Collector::new(200, "{}");
    (to(&collector), collector)
}

fn noting(export: &Arc<Export>) -> impl Subscriber + Send + Sync + use<> {
    Registry::default().with(export.layer())
}

/// So many spans that begin and end.
fn make(export: &Arc<Export>, count: usize) {
    tracing::subscriber::with_default(noting(export), || {
        for _ in 0..count {
            drop(tracing::debug_span!(target: TARGET, "tick"));
        }
    });
}

#[tokio::test]
async fn a_message_is_what_the_protocol_says() {
    let (export, collector) = export();
    tracing::subscriber::with_default(noting(&export), || {
        let request = tracing::debug_span!(
            target: TARGET, "request", http.request.method = "GET", http.route = "/api/x",
            http.response.status_code = Empty, error.type = Empty, request.id = "r-1",
        );
        request.in_scope(|| {
            drop(tracing::debug_span!(target: TARGET, "statement", db.operation.name = "find_x"));
        });
        request.record("http.response.status_code", 503);
        request.record("error.type", "503");
    });
    export.flush().await;
    let message = collector.messages.lock().unwrap().pop().unwrap();
    assert_eq!(message.method(), "POST");
    assert_eq!(message.uri(), "https://otlp.example/v1/traces");
    assert_eq!(message.headers()["content-type"], "application/json");
    assert_eq!(message.headers()["x-api-key"], "hush");
    let body: Value = serde_json::from_slice(message.body()).unwrap();
    let of = &body["resourceSpans"][0];
    let service = json!([{"key": "service.name", "value": {"stringValue": "heartbeat"}}]);
    assert_eq!(of["resource"]["attributes"], service);
    assert_eq!(of["scopeSpans"][0]["scope"]["name"], "heartbeat");
    // A span is told of when it has ended: what it held comes first.
    let [statement, request] = of["scopeSpans"][0]["spans"].as_array().unwrap().as_slice() else {
        panic!("{body}")
    };
    let (trace, id) = (request["traceId"].as_str().unwrap(), request["spanId"].as_str().unwrap());
    assert_eq!((trace.len(), id.len()), (32, 16));
    assert_eq!(statement["traceId"], trace);
    assert_eq!(statement["parentSpanId"], id);
    assert_eq!(request.get("parentSpanId"), None);
    assert_eq!((&request["name"], &request["kind"]), (&json!("GET /api/x"), &json!(2)));
    assert_eq!((&statement["name"], &statement["kind"]), (&json!("find_x"), &json!(3)));
    assert_eq!(request["startTimeUnixNano"], "1795255201000000000");
    assert_eq!(statement["startTimeUnixNano"], "1795255202000000000");
    assert_eq!(statement["endTimeUnixNano"], "1795255203000000000");
    assert_eq!(request["endTimeUnixNano"], "1795255204000000000");
    assert_eq!(request["status"], json!({"code": 2}));
    assert_eq!(statement.get("status"), None);
    let status = json!({"key": "http.response.status_code", "value": {"intValue": "503"}});
    assert!(request["attributes"].as_array().unwrap().contains(&status), "{request}");
}

#[tokio::test]
async fn only_what_is_known_to_be_harmless_is_told() {
    let (export, collector) = export();
    tracing::subscriber::with_default(noting(&export), || {
        let long = "x".repeat(1_000);
        drop(tracing::debug_span!(
            target: TARGET, "tick", token = "hush", authorization = "hush", tick.scope = ?"hush-not",
            url.path = long,
        ));
        drop(tracing::info_span!("request", request.id = "of the log"));
    });
    export.flush().await;
    let spans = collector.spans();
    assert_eq!(spans.len(), 1, "a span of another target is not ours");
    let attributes = spans[0]["attributes"].as_array().unwrap();
    let keys: Vec<_> = attributes.iter().map(|one| one["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["tick.scope", "url.path"]);
    assert_eq!(attributes[1]["value"]["stringValue"].as_str().unwrap().len(), 200);
}

#[tokio::test]
async fn a_trace_that_somebody_began_is_gone_on_with_unless_they_do_not_keep_it() {
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    for (parent, of, count) in [
        (format!("00-{TRACE}-00f067aa0ba902b7-01"), Some("00f067aa0ba902b7"), 2),
        (format!("00-{TRACE}-00f067aa0ba902b7-00"), None, 0),
        ("nonsense".to_owned(), None, 2),
    ] {
        let (export, collector) = export();
        tracing::subscriber::with_default(noting(&export), || {
            let given = Some(parent.as_str());
            let request = tracing::debug_span!(target: TARGET, "request", traceparent = given);
            request.in_scope(|| drop(tracing::debug_span!(target: TARGET, "tick")));
        });
        export.flush().await;
        let spans = collector.spans();
        assert_eq!(spans.len(), count, "{parent}");
        for span in &spans {
            assert_eq!(span["traceId"] == TRACE, of.is_some(), "{span}");
        }
        let told = spans.last().and_then(|request| request["parentSpanId"].as_str());
        assert_eq!(told, of, "{parent}");
    }
}

#[tokio::test]
async fn a_statement_that_belongs_to_nothing_is_nobodys() {
    let (export, collector) = export();
    tracing::subscriber::with_default(noting(&export), || {
        drop(tracing::debug_span!(target: TARGET, "statement", db.operation.name = "listen"));
    });
    export.flush().await;
    assert!(collector.messages.lock().unwrap().is_empty(), "nothing to tell is no message");
    assert_eq!(export.dropped(), 0);
}

#[tokio::test]
async fn what_is_not_taken_is_counted_told_of_later_and_holds_up_nobody() {
    for (status, answer, lost) in [
        (0, "", 3),
        (1, "", 3),
        (401, "", 3),
        (503, "", 3),
        (200, r#"{"partialSuccess":{"rejectedSpans":"2","errorMessage":"no"}}"#, 2),
        (200, "<html>", 0),
        (200, r#"{"partialSuccess":{}}"#, 0),
        (202, "", 0),
    ] {
        let collector = Collector::new(status, answer);
        let (export, clock) = timed(&collector);
        make(&export, 3);
        export.flush().await;
        assert_eq!(export.dropped(), lost, "{status} {answer}");
        collector.status.store(200, Ordering::Relaxed);
        clock.advance(REST);
        make(&export, 1);
        export.flush().await;
        let message = collector.messages.lock().unwrap().pop().unwrap();
        let body: Value = serde_json::from_slice(message.body()).unwrap();
        let told = &body["resourceSpans"][0]["scopeSpans"][0]["scope"]["attributes"];
        let wanted =
            json!({"key": "heartbeat.spans.dropped", "value": {"intValue": lost.to_string()}});
        assert_eq!(told.as_array().unwrap().contains(&wanted), lost > 0, "{told}");
    }
}

#[tokio::test]
async fn a_request_that_nothing_was_answered_to_has_failed() {
    for status in [None, Some(200_u16)] {
        let (export, collector) = export();
        tracing::subscriber::with_default(noting(&export), || {
            let request = tracing::debug_span!(
                target: TARGET, "request", http.response.status_code = Empty, error.type = Empty
            );
            if let Some(status) = status {
                request.record("http.response.status_code", status);
            }
        });
        export.flush().await;
        let request = &collector.spans()[0];
        let failed = json!({"key": "error.type", "value": {"stringValue": "unanswered"}});
        let is_said = request["attributes"].as_array().unwrap().contains(&failed);
        let is_failed = request.get("status") == Some(&json!({"code": 2}));
        assert_eq!([is_said, is_failed], [status.is_none(); 2], "{request}");
    }
}

#[tokio::test]
async fn what_follows_a_span_into_another_future_is_within_it() {
    let (export, collector) = export();
    let subscriber = tracing::subscriber::set_default(noting(&export));
    let request = tracing::debug_span!(target: TARGET, "request");
    let log = async {
        let log = tracing::info_span!("request");
        async { drop(tracing::debug_span!(target: TARGET, "statement")) }.instrument(log).await;
    };
    log.instrument(request).await;
    drop(subscriber);
    export.flush().await;
    let spans = collector.spans();
    assert_eq!(spans[0]["parentSpanId"], spans[1]["spanId"], "the log's own span is no part of it");
}
