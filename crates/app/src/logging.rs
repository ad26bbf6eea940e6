//! Logs: one JSON line an event, on standard error, made once a process.

use tracing_subscriber::{filter::LevelFilter, layer::SubscriberExt, util::SubscriberInitExt};

/// Sends events of level info and above to standard error as JSON lines. A second call does nothing.
pub fn init_logging() {
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_writer(std::io::stderr);
    // A test or a host may have set its own subscriber first; then that one stays.
    let _ = tracing_subscriber::registry().with(LevelFilter::INFO).with(lines).try_init();
}
