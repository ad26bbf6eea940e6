//! What a run did, line by line: compared by the meta-test, printed when one seed is replayed.

use std::sync::{Arc, Mutex};

/// The lines of one run, if anybody wants them. Clones write to the same lines.
#[derive(Clone, Debug, Default)]
pub struct Trace(Option<Arc<Mutex<Vec<String>>>>);

impl Trace {
    pub fn kept() -> Self {
        Self(Some(Arc::default()))
    }

    pub fn note(&self, line: impl FnOnce() -> String) {
        if let Some(lines) = &self.0 {
            lines.lock().unwrap().push(line());
        }
    }

    pub fn lines(&self) -> Vec<String> {
        self.0.as_ref().map_or_else(Vec::new, |lines| lines.lock().unwrap().clone())
    }
}
