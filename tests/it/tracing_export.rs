//! What is done is told to a collector of traces, as OpenTelemetry's protocol says, and whatever becomes of
//! the collector is nobody's business.

mod failing;

use std::{sync::Arc, time::Duration};

use app::{Config, Ctx, SystemClock, SystemEntropy, Traces, traces::Export};
use axum::extract::Request;
use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Map, Value};
use tokio::{
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
};
use tracing_subscriber::{Registry, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{
    functions::binary::Binary,
    world::{SECRET, World, canary, config, environment, fetch, transport::InProcess},
};

const HEARTBEAT: &str = "/api/cron/revenue-heartbeat";
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";
/// The end of every wait for an event.
const PATIENCE: Duration = Duration::from_secs(60);

/// A collector on a socket; what it is told comes out here.
struct Collector {
    url: String,
    told: UnboundedReceiver<(HeaderMap, Value)>,
}

impl Collector {
    /// One that takes all.
    async fn start() -> Self {
        Self::answering(async || r#"{"partialSuccess":{}}"#).await
    }

    async fn answering<F>(answer: impl Fn() -> F + Clone + Send + Sync + 'static) -> Self
    where
        F: Future<Output = &'static str> + Send,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (tell, told) = unbounded_channel();
        let take = async move |request: Request| {
            let (head, body) = request.into_parts();
            assert_eq!((head.method.as_str(), head.uri.path()), ("POST", "/v1/traces"));
            let body = axum::body::to_bytes(body, 1 << 22).await.unwrap();
            canary::check("a message of spans", &body);
            tell.send((head.headers, serde_json::from_slice(&body).unwrap())).unwrap();
            answer().await
        };
        let app = axum::Router::new().fallback(take);
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, told }
    }

    /// The next message.
    async fn hear(&mut self) -> (HeaderMap, Value) {
        tokio::time::timeout(PATIENCE, self.told.recv()).await.unwrap().unwrap()
    }

    /// The spans of all that was told so far.
    fn spans(&mut self) -> Vec<Value> {
        let mut spans = vec![];
        while let Ok((_, message)) = self.told.try_recv() {
            spans.extend(spans_of(&message));
        }
        spans
    }
}

fn export(url: &str, deadline: Duration) -> Arc<Export> {
    let endpoint = url.parse().unwrap();
    let traces =
        Traces { endpoint, headers: HeaderMap::new(), service_name: "heartbeat-test".to_owned() };
    let transport = fanvue::https_transport(fanvue::Timeouts::default()).unwrap();
    Export::new(&traces, transport, (Arc::new(SystemClock), Arc::new(SystemEntropy)), deadline)
}

/// Text of so many small hexadecimal digits that are not all zero.
fn is_id(value: &Value, digits: usize) -> bool {
    value.as_str().is_some_and(|id| {
        let is_hex = id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        id.len() == digits && is_hex && id.bytes().any(|b| b != b'0')
    })
}

/// A 64-bit number, which the protocol writes as text.
fn number(value: &Value) -> u64 {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).parse().unwrap()
}

fn check_attributes(attributes: &Value) {
    for attribute in attributes.as_array().unwrap() {
        assert!(attribute["key"].as_str().is_some_and(|key| !key.is_empty()), "{attribute}");
        let value = attribute["value"].as_object().unwrap();
        let [(kind, value)] = value.iter().collect::<Vec<_>>()[..] else { panic!("{attribute}") };
        match kind.as_str() {
            "stringValue" => assert!(value.is_string(), "{attribute}"),
            "intValue" => drop(number(value)),
            "boolValue" => assert!(value.is_boolean(), "{attribute}"),
            _ => panic!("{attribute}"),
        }
    }
}

/// The spans of a message that is as the protocol says.
fn spans_of(message: &Value) -> Vec<Value> {
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(message), ["resourceSpans"]);
    let [of] = message["resourceSpans"].as_array().unwrap().as_slice() else { panic!("{message}") };
    check_attributes(&of["resource"]["attributes"]);
    let service = of["resource"]["attributes"].as_array().unwrap();
    assert!(service.iter().any(|one| one["key"] == "service.name"), "{service:?}");
    let [scope] = of["scopeSpans"].as_array().unwrap().as_slice() else { panic!("{of}") };
    assert!(scope["scope"]["name"].is_string() && scope["scope"]["version"].is_string());
    let spans = scope["spans"].as_array().unwrap().clone();
    for span in &spans {
        let known = [
            "attributes",
            "endTimeUnixNano",
            "kind",
            "name",
            "parentSpanId",
            "spanId",
            "startTimeUnixNano",
            "status",
            "traceId",
        ];
        assert!(names(span).iter().all(|name| known.contains(&name.as_str())), "{span}");
        assert!(is_id(&span["traceId"], 32) && is_id(&span["spanId"], 16), "{span}");
        assert!(span.get("parentSpanId").is_none_or(|parent| is_id(parent, 16)), "{span}");
        assert!(span["name"].as_str().is_some_and(|name| !name.is_empty()), "{span}");
        assert!((1..=3).contains(&span["kind"].as_u64().unwrap()), "{span}");
        let (begun, ended) = (number(&span["startTimeUnixNano"]), number(&span["endTimeUnixNano"]));
        assert!(begun <= ended, "{span}");
        check_attributes(&span["attributes"]);
    }
    spans
}

/// What is said of a span, by key.
fn said(span: &Value) -> Map<String, Value> {
    let attributes = span["attributes"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_object().unwrap().values().next().unwrap().clone();
    attributes.map(|one| (one["key"].as_str().unwrap().to_owned(), text(&one["value"]))).collect()
}

/// The names of what a span lies within, outwards.
fn within<'a>(spans: &'a [Value], span: &'a Value) -> Vec<&'a str> {
    let parent = spans.iter().find(|one| one["spanId"] == span["parentSpanId"]);
    let Some(parent) = parent else { return vec![] };
    let mut names = vec![parent["name"].as_str().unwrap()];
    names.extend(within(spans, parent));
    names
}

fn beat(traceparent: &str) -> http::Request<Bytes> {
    let request = http::Request::get(HEARTBEAT).header("authorization", format!("Bearer {SECRET}"));
    request.header("traceparent", traceparent).body(Bytes::new()).unwrap()
}

#[tokio::test]
async fn a_tick_is_told_with_its_creators_its_questions_and_its_statements() {
    let world = World::seeded(2, 5).await;
    let mut collector = Collector::start().await;
    let export = export(&collector.url, PATIENCE);
    // Tokens are exchanged on the way.
    world.advance(3_500);
    let tracing = Registry::default().with(export.layer()).set_default();
    let (status, report) = world.send(beat(&format!("00-{TRACE}-{CALLER}-01"))).await;
    assert_eq!((status, report["creators"].as_array().unwrap().len()), (200, 2), "{report}");
    drop(tracing);
    export.flush().await;
    let spans = collector.spans();
    assert!(spans.iter().all(|span| span["traceId"] == TRACE), "the caller's trace goes on");
    let request = format!("GET {HEARTBEAT}");
    let root = spans.iter().find(|span| span["name"] == *request).unwrap();
    assert_eq!((&root["parentSpanId"], &root["kind"]), (&CALLER.into(), &2.into()));
    let told = said(root);
    assert_eq!(
        (&told["http.route"], &told["http.response.status_code"]),
        (&HEARTBEAT.into(), &"200".into())
    );
    let tick = spans.iter().find(|span| span["name"] == "tick").unwrap();
    assert_eq!(within(&spans, tick), [request.as_str()]);
    assert_eq!(said(tick)["tick.creators"], "2");
    let creators: Vec<_> = spans.iter().filter(|span| span["name"] == "creator").collect();
    assert_eq!(creators.len(), 2);
    for creator in creators {
        let told = said(creator);
        let known = report["creators"].as_array().unwrap().iter();
        let known = known.clone().find(|one| one["modelId"] == told["creator.id"]).unwrap();
        assert_eq!(told["rows.new"], known["newRows"].to_string());
        assert_eq!(within(&spans, creator), ["tick", &request]);
        let inside = |key: &str| {
            let id = &creator["spanId"];
            spans.iter().any(|span| &span["parentSpanId"] == id && said(span).contains_key(key))
        };
        assert!(inside("url.path") && inside("db.operation.name"), "{creator}");
    }
    let asked =
        |path: &str| spans.iter().any(|span| said(span).get("url.path") == Some(&path.into()));
    assert!(asked("/oauth2/token"), "an exchange of tokens is one of the questions");
    let commits = spans.iter().filter(|span| span["name"] == "commit").count();
    assert!(commits >= 2, "{commits}");
    assert_eq!(export.dropped(), 0);
}

#[tokio::test]
async fn a_collector_that_is_down_or_silent_costs_no_answer() {
    let down = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let silent = Collector::answering(std::future::pending).await;
    for url in [&down, &silent.url] {
        let world = World::seeded(1, 1).await;
        let export = export(url, Duration::from_millis(50));
        let tracing = Registry::default().with(export.layer()).set_default();
        let (status, _) = world.send(beat("")).await;
        assert_eq!(status, 200);
        assert_eq!(export.dropped(), 0, "nothing is sent while somebody waits for the answer");
        drop(tracing);
        tokio::time::timeout(PATIENCE, export.flush()).await.unwrap();
        assert!(export.dropped() > 0, "{url}");
    }
}

fn variables(world: &World, collector: &str) -> Vec<(&'static str, String)> {
    let mut variables = environment(&world.db.url, "http://127.0.0.1:1");
    variables.push(("OTEL_EXPORTER_OTLP_ENDPOINT", collector.to_owned()));
    variables.push(("OTEL_EXPORTER_OTLP_HEADERS", "x-api-key=a%20key".to_owned()));
    variables
}

#[tokio::test]
async fn a_function_tells_its_collector_after_the_answer() {
    let world = World::seeded(1, 1).await;
    let mut collector = Collector::start().await;
    let path = env!("CARGO_BIN_EXE_analytics-dashboard");
    let binary = Binary::start(path, variables(&world, &collector.url)).await;
    let answer = fetch(&format!("{}/api/analytics/dashboard", binary.url), Some(SECRET)).await;
    assert_eq!(answer.status(), 200);
    let (headers, message) = collector.hear().await;
    assert_eq!(headers["x-api-key"], "a key");
    assert_eq!(headers["content-type"], "application/json");
    let spans = spans_of(&message);
    let root = spans.iter().find(|span| span["name"] == "GET /api/analytics/dashboard").unwrap();
    let id = answer.headers()["x-request-id"].to_str().unwrap();
    assert_eq!(said(root)["request.id"], id, "the log and the trace are of the same request");
}

#[tokio::test]
async fn a_function_answers_whatever_its_collector_does_and_says_which_variable_is_wrong() {
    let world = World::seeded(1, 1).await;
    let path = env!("CARGO_BIN_EXE_health");
    for (collector, status) in [("http://127.0.0.1:1", 200), ("nonsense", 503)] {
        let binary = Binary::start(path, variables(&world, collector)).await;
        for _ in 0..3 {
            let answer = fetch(&format!("{}/api/health", binary.url), None).await;
            assert_eq!(answer.status(), status, "{collector}");
        }
    }
    let given = variables(&world, "nonsense");
    let find = |name: &str| Some(given.iter().find(|(known, _)| *known == name)?.1.clone());
    let error = Config::from_lookup(find).unwrap_err();
    assert_eq!(error.variable, "OTEL_EXPORTER_OTLP_ENDPOINT");
}
