//! What was done and how long it took, for a collector that speaks OTLP: requests, ticks, creators, questions
//! to Fanvue and statements, as spans.
//!
//! Only where a collector is named (`config::Traces`); otherwise no span is ever made. Only spans of the
//! target [`TARGET`] are sent, and of their fields only those that `layer` knows. Nobody waits for a collector
//! but for a moment at the answer's end, and not again soon where it took nothing; what it does not take is
//! counted and forgotten
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
use jiff::{SignedDuration, Timestamp};
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

/// How long a collector that took nothing is left alone: where an answer waits for it, the others need not.
const REST: SignedDuration = SignedDuration::from_secs(30);

/// In less than this no collector is told anything: what was begun and cut off would be lost.
const LEFT_MIN: Duration = Duration::from_millis(200);

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
/// frozen; takes [`DEADLINE`] at most, and no time where the collector took nothing a moment ago or [`is_on`]
/// is false.
pub async fn export() {
    if let Some(Some(export)) = OURS.get() {
        export.flush().await;
    }
}

/// The same in what is left of an invocation: what there is no time for waits for the next one.
pub async fn export_within(left: Duration) {
    if let Some(Some(export)) = OURS.get() {
        export.flush_within(left).await;
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
    /// When the collector last took nothing; `None` where it takes what it is sent.
    failed_at: Mutex<Option<Timestamp>>,
    /// Sending was begun because of how much waits, and has not ended.
    is_begun: AtomicBool,
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
            failed_at: Mutex::default(),
            is_begun: AtomicBool::new(false),
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
    /// is dropped. A collector that took nothing is not asked again for half a minute: what comes meanwhile
    /// waits.
    pub async fn flush(&self) {
        self.flush_until(self.deadline).await;
    }

    /// The same in what is left of somebody's time, if that is enough to begin with.
    pub async fn flush_within(&self, left: Duration) {
        if left >= LEFT_MIN {
            self.flush_until(left.min(self.deadline)).await;
        }
    }

    async fn flush_until(&self, deadline: Duration) {
        if self.is_resting() {
            return;
        }
        let sent = tokio::time::timeout(deadline, self.send_all()).await;
        let sent = sent.unwrap_or_else(|_| Err("no answer in time".to_owned()));
        let failed_at = sent.is_err().then(|| self.clock.now());
        let was_failing = mem::replace(&mut *self.failed_at(), failed_at).is_some();
        match sent {
            Ok(()) if was_failing => {
                tracing::info!(dropped = self.dropped(), "spans are exported again");
            }
            // Once, and not for every answer.
            Err(error) if !was_failing => {
                tracing::warn!(error, dropped = self.dropped(), "spans could not be exported");
            }
            _ => {}
        }
    }

    /// A clock that was set back ends the rest: nobody waits for the hour that comes twice.
    fn is_resting(&self) -> bool {
        let failed_at = *self.failed_at();
        failed_at.is_some_and(|at| {
            let since = self.clock.now().duration_since(at);
            !since.is_negative() && since < REST
        })
    }

    fn failed_at(&self) -> MutexGuard<'_, Option<Timestamp>> {
        self.failed_at.lock().unwrap_or_else(PoisonError::into_inner)
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
            waiting.spans.len() >= SPANS_MAX / 2
        };
        if !is_half_full || self.is_begun.load(Ordering::Relaxed) || self.is_resting() {
            return;
        }
        if let Ok(runtime) = Handle::try_current()
            && !self.is_begun.swap(true, Ordering::Relaxed)
        {
            let export = Arc::clone(self);
            runtime.spawn(async move {
                export.flush().await;
                export.is_begun.store(false, Ordering::Relaxed);
            });
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
