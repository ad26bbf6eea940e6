//! Logs: one JSON line an event, on standard error, made once a process. Where a collector is named, spans
//! besides; a log says the same with them and without.

use tracing::Subscriber;
use tracing_subscriber::{
    Layer, Registry, filter::LevelFilter, layer::SubscriberExt, registry::LookupSpan,
    util::SubscriberInitExt,
};

use crate::traces::{self, Export};

/// Sends events of level info and above to standard error as JSON lines, and spans to the collector that the
/// environment names. A second call does nothing.
pub fn init_logging() {
    // A test or a host may have set its own subscriber first; then that one stays.
    let _ = match traces::begin() {
        None => without_traces().try_init(),
        Some(export) => with_traces(&export).try_init(),
    };
}

/// What is below info is out before anything is made of it.
fn without_traces() -> impl Subscriber + Send + Sync {
    Registry::default().with(LevelFilter::INFO).with(lines())
}

fn with_traces(export: &std::sync::Arc<Export>) -> impl Subscriber + Send + Sync {
    Registry::default().with(lines().with_filter(LevelFilter::INFO)).with(export.layer())
}

fn lines<S>() -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_writer(std::io::stderr)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traces::{TARGET, tests::export};

    #[test]
    fn without_a_collector_no_span_is_made() {
        let is_made = || !tracing::debug_span!(target: TARGET, "request").is_disabled();
        assert_eq!(without_traces().max_level_hint(), Some(LevelFilter::INFO));
        assert!(!tracing::subscriber::with_default(without_traces(), is_made));
        let (export, _) = export();
        assert!(tracing::subscriber::with_default(with_traces(&export), is_made));
    }
}
