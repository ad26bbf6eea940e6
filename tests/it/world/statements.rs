//! What the database is asked, counted.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use app::Ctx;
use futures_util::future::BoxFuture;
use secrecy::SecretString;

use super::World;

/// Counts statements.
#[derive(Debug, Default)]
pub struct Counter(Mutex<BTreeMap<&'static str, u32>>);

impl Counter {
    /// How often each was sent since this was last called.
    pub fn take(&self) -> BTreeMap<&'static str, u32> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl store::Gate for Counter {
    fn before(&self, statement: &'static str) -> BoxFuture<'_, ()> {
        // Taking a connection that is there is no round trip.
        if statement != "connection" {
            *self.0.lock().unwrap().entry(statement).or_default() += 1;
        }
        Box::pin(std::future::ready(()))
    }

    fn after(&self, _statement: &'static str) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// From now on somebody stands at the database.
pub fn watched(ctx: &mut Ctx, url: &str, gate: Arc<dyn store::Gate>) {
    let options = store::Options { gate: Some(gate), ..store::Options::default() };
    ctx.store = store::Store::open(&SecretString::from(url), options).unwrap();
}

impl World {
    /// Counts what this world asks of the database from now on.
    pub fn count_statements(&mut self) -> Arc<Counter> {
        let counter = Arc::<Counter>::default();
        let url = self.db.url.clone();
        watched(&mut self.ctx, &url, Arc::<Counter>::clone(&counter));
        counter
    }
}
