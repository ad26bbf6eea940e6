//! Whether a round trip failed, as collectors of traces are told it: a code, and never a word of the server's.

use deadpool_postgres::PoolError;
use tokio_postgres::{Error, error::SqlState};

/// What is told of a trip that ended without the server's own code.
const CONNECTION: &str = "connection";

/// What came of a round trip.
pub(crate) trait Outcome {
    /// The server's code of what failed first, or `connection`; `None` where nothing did.
    fn failure(&self) -> Option<&str>;
}

impl<T> Outcome for Result<T, Error> {
    fn failure(&self) -> Option<&str> {
        let error = self.as_ref().err()?;
        Some(error.code().map_or(CONNECTION, SqlState::code))
    }
}

impl<T> Outcome for Result<T, PoolError> {
    fn failure(&self) -> Option<&str> {
        self.is_err().then_some(CONNECTION)
    }
}

impl<O: Outcome> Outcome for Vec<O> {
    fn failure(&self) -> Option<&str> {
        self.iter().find_map(Outcome::failure)
    }
}

impl<A: Outcome, B: Outcome> Outcome for (A, B) {
    fn failure(&self) -> Option<&str> {
        self.0.failure().or_else(|| self.1.failure())
    }
}

impl<A: Outcome, B: Outcome, C: Outcome> Outcome for (A, B, C) {
    fn failure(&self) -> Option<&str> {
        self.0.failure().or_else(|| self.1.failure()).or_else(|| self.2.failure())
    }
}
