//! What was done and how long it took, for a collector that speaks OTLP: requests, ticks, creators, questions
//! to Fanvue and statements, as spans.
//!
//! Only where a collector is named (`config::Traces`); otherwise no span is ever made. Only spans of the
//! target [`TARGET`] are sent, and of their fields only those that `layer` knows. Nobody waits for a collector
//! but for a moment after the answer, and what it does not take is counted and forgotten
//! (docs/adr/0028-traces-are-exported-by-a-layer-of-our-own.md).

mod layer;
mod parent;
mod wire;

use std::{
    collections::VecDeque,
    mem,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use fanvue::{Timeouts, Transport};
use http::{HeaderMap, HeaderValue, StatusCode, header::CONTENT_TYPE};
use tokio::{runtime::Handle, sync::Mutex as Turn};
use tracing::Subscriber;
use tracing_subscriber::{Layer, filter::Targets, registry::LookupSpan};

pub(crate) use self::parent::given;
use self::wire::Closed;
use crate::{Clock, Config, Entropy, SystemClock, SystemEntropy, config::Traces, http::chain};

/// The target of the spans that are exported. `fanvue` and `store` name it too, and know no more of this.
pub const TARGET: &str = "heartbeat::traces";

/// How long an answer's end may be held up by its collector.
pub const DEADLINE: Duration = Duration::from_secs(2);

/// Spans that wait to be sent. Of more the oldest go: the last to end is the request itself.
const SPANS_MAX: usize = 2_048;

/// Spans of one message: about 250 KB.
const BATCH_MAX: usize = 512;

/// Messages of one export: all that can wait, and what comes meanwhile.
const MESSAGES_MAX: usize = 8;

/// The export of this process; `None` within for one that has no collector.
static OURS: OnceLock<Option<Arc<Export>>> = OnceLock::new();

/// Prepares the export of this process, if a collector is named. A configuration that makes no sense is
/// none here: `Config::from_env` says what is wrong with it.
pub(crate) fn begin() -> Option<Arc<Export>> {
    OURS.get_or_init(|| {
        let traces = Config::traces_from_env().ok()??;
        let timeouts = Timeouts { connect: Duration::from_secs(1), total: DEADLINE };
        let transport = fanvue::https_transport(timeouts).ok()?;
        let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        Some(Export::new(&traces, transport, (clock, entropy), DEADLINE))
    })
    .clone()
}

/// Whether this process exports what it does.
#[must_use]
pub fn is_on() -> bool {
    matches!(OURS.get(), Some(Some(_)))
}

/// Sends what this process has done so far. To be awaited after an answer and before the process may be
/// frozen; takes [`DEADLINE`] at most, and nothing where [`is_on`] is false.
pub async fn export() {
    if let Some(Some(export)) = OURS.get() {
        export.flush().await;
    }
}

/// Spans on their way to a collector.
pub struct Export {
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    address: String,
    headers: HeaderMap,
    service_name: String,
    deadline: Duration,
    waiting: Mutex<Waiting>,
    /// One at a time sends, so that many answers at once make few messages.
    turn: Turn<()>,
    is_failing: AtomicBool,
}

#[derive(Default)]
struct Waiting {
    spans: VecDeque<Closed>,
    dropped: u64,
}

impl Export {
    /// An export to that collector, over a transport with timeouts of its own; `deadline` is how long
    /// [`Export::flush`] may take.
    #[must_use]
    pub fn new(
        traces: &Traces,
        transport: Arc<dyn Transport>,
        (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>),
        deadline: Duration,
    ) -> Arc<Self> {
        let mut headers = traces.headers.clone();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Arc::new(Self {
            transport,
            clock,
            entropy,
            address: traces.address(),
            headers,
            service_name: traces.service_name.clone(),
            deadline,
            waiting: Mutex::default(),
            turn: Turn::default(),
            is_failing: AtomicBool::new(false),
        })
    }

    /// What notes the spans. It sees those of [`TARGET`] and nothing else.
    pub fn layer<S>(self: &Arc<Self>) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let ours = Targets::new().with_target(TARGET, tracing::Level::DEBUG);
        layer::Noting(Arc::clone(self)).with_filter(ours)
    }

    /// Sends what waits. Whatever the collector does, it ends in time and is no error: what was not taken
    /// is dropped.
    pub async fn flush(&self) {
        let sent = tokio::time::timeout(self.deadline, self.send_all()).await;
        match sent.unwrap_or_else(|_| Err("no answer in time".to_owned())) {
            Ok(()) => {
                if self.is_failing.swap(false, Ordering::Relaxed) {
                    tracing::info!(dropped = self.dropped(), "spans are exported again");
                }
            }
            // Once, and not for every answer.
            Err(error) => {
                if !self.is_failing.swap(true, Ordering::Relaxed) {
                    tracing::warn!(error, dropped = self.dropped(), "spans could not be exported");
                }
            }
        }
    }

    /// Spans that were never sent, or not taken, since the process began.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.waiting().dropped
    }

    /// Takes a span that has ended. Half full is reason enough to send: a long tick makes more than can
    /// wait for its answer.
    fn push(self: &Arc<Self>, span: Closed) {
        let is_half_full = {
            let mut waiting = self.waiting();
            if waiting.spans.len() == SPANS_MAX {
                waiting.spans.pop_front();
                waiting.dropped += 1;
            }
            waiting.spans.push_back(span);
            waiting.spans.len() == SPANS_MAX / 2
        };
        if is_half_full && let Ok(runtime) = Handle::try_current() {
            let export = Arc::clone(self);
            runtime.spawn(async move { export.flush().await });
        }
    }

    async fn send_all(&self) -> Result<(), String> {
        let _turn = self.turn.lock().await;
        for _ in 0..MESSAGES_MAX {
            let Some(batch) = self.take() else { return Ok(()) };
            self.send(batch).await?;
        }
        Ok(())
    }

    async fn send(&self, mut batch: Batch<'_>) -> Result<(), String> {
        let body = wire::message(&self.service_name, batch.dropped, &batch.spans);
        let body = body.map_err(|error| chain(&error))?;
        let mut request = http::Request::post(self.address.as_str())
            .body(Bytes::from(body))
            .map_err(|error| chain(&error))?;
        request.headers_mut().extend(self.headers.clone());
        let answer = self.transport.send(request).await.map_err(|error| chain(&error))?;
        match answer.status() {
            StatusCode::OK | StatusCode::ACCEPTED | StatusCode::NO_CONTENT => {
                batch.spans.clear();
                self.waiting().dropped += wire::rejected(answer.body());
                Ok(())
            }
            status => Err(format!("the collector answers {}", status.as_u16())),
        }
    }

    fn take(&self) -> Option<Batch<'_>> {
        let (spans, dropped) = {
            let mut waiting = self.waiting();
            let count = waiting.spans.len().min(BATCH_MAX);
            (waiting.spans.drain(..count).collect::<Vec<_>>(), waiting.dropped)
        };
        // Not before what waits is let go: a batch that is dropped takes it.
        (!spans.is_empty()).then(|| Batch { export: self, spans, dropped })
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Spans of one message. Those still in it when it is given up are dropped, also where its time was over.
struct Batch<'a> {
    export: &'a Export,
    spans: Vec<Closed>,
    /// All that were dropped before.
    dropped: u64,
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        let lost = mem::take(&mut self.spans).len();
        self.export.waiting().dropped += u64::try_from(lost).unwrap_or(u64::MAX);
    }
}

#[cfg(test)]
pub(crate) mod tests;
