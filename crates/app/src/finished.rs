//! What the log says of a schedule that came to its end: one line, also where nobody keeps its report.

use jiff::Timestamp;

use crate::Endpoint;

/// What a schedule did.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Finished {
    pub(crate) started_at: Timestamp,
    pub(crate) finished_at: Timestamp,
    /// Streams that it looked at.
    pub(crate) streams: usize,
    /// Rows that were not in the ledger before, where it books any.
    pub(crate) rows: Option<usize>,
    /// Requests sent to the platform.
    pub(crate) requests: u32,
    /// What another call can go on with.
    pub(crate) unfinished: usize,
}

impl Finished {
    /// Tells the log.
    pub(crate) fn tell(&self, endpoint: Endpoint) {
        tracing::info!(
            endpoint = endpoint.path(),
            streams = self.streams,
            rows = self.rows,
            requests = self.requests,
            unfinished = self.unfinished,
            seconds = seconds(self.started_at, self.finished_at),
            "schedule finished"
        );
    }
}

/// How long it took, in seconds.
pub(crate) fn seconds(started_at: Timestamp, finished_at: Timestamp) -> f64 {
    finished_at.duration_since(started_at).as_secs_f64()
}
