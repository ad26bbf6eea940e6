//! Counts what an instance asks of the database, and how long it waits for the answers.
//!
//! One that asks one thing after another: of two round trips at once it could not tell which ended.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use futures_util::future::BoxFuture;

use crate::wall;

/// Stands around every round trip of a [`store::Store`].
#[derive(Debug, Default)]
pub(super) struct Meter(Mutex<Reading>);

#[derive(Debug, Default)]
struct Reading {
    began: Option<Instant>,
    trips: Trips,
}

/// How often each statement was sent, and how long all of its answers took.
pub(super) type Trips = BTreeMap<&'static str, (u64, Duration)>;

impl Meter {
    /// What was asked since this was last called.
    pub(super) fn take(&self) -> Trips {
        std::mem::take(&mut self.reading().trips)
    }

    fn reading(&self) -> MutexGuard<'_, Reading> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl store::Gate for Meter {
    fn before(&self, _statement: &'static str) -> BoxFuture<'_, ()> {
        self.reading().began = Some(wall::instant());
        Box::pin(std::future::ready(()))
    }

    fn after(&self, statement: &'static str) -> BoxFuture<'_, ()> {
        let now = wall::instant();
        let mut reading = self.reading();
        let took = reading.began.take().map_or(Duration::ZERO, |began| now - began);
        // Taking a connection that is there is no statement.
        if statement != "connection" {
            let (count, total) = reading.trips.entry(statement).or_default();
            *count += 1;
            *total += took;
        }
        drop(reading);
        Box::pin(std::future::ready(()))
    }
}

#[cfg(test)]
mod tests {
    use store::Gate;

    use super::*;

    #[tokio::test]
    async fn statements_are_counted_once_each_and_then_forgotten() {
        let meter = Meter::default();
        for statement in ["connection", "find", "connection", "sum", "sum"] {
            meter.before(statement).await;
            meter.after(statement).await;
        }
        let counts = |trips: Trips| trips.into_iter().map(|(name, (count, _))| (name, count));
        assert!(counts(meter.take()).eq([("find", 1), ("sum", 2)]));
        assert!(meter.take().is_empty());
    }
}
