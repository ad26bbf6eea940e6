//! What is asked of the database, counted in this process: the statements of whoever does the work here.
//!
//! Some are sent before the one before them is answered, so there are fewer round trips than statements,
//! never more.

use std::sync::Arc;

use app::{
    Ctx, SystemClock,
    tick::{Limits, Scope, tick},
};

use super::{meter::Meter, stage, worker::TICKS_MAX};
use crate::Failure;

/// Statements that `work` sends; one that connects is no statement.
pub(super) async fn statements_of(
    environment: &[(&'static str, String)],
    work: impl AsyncFnOnce(&Ctx) -> Result<(), Failure>,
) -> Result<u64, Failure> {
    let meter = Arc::new(Meter::default());
    let gate = Arc::<Meter>::clone(&meter);
    let ctx = stage::watched(environment, Arc::new(SystemClock), gate)?;
    work(&ctx).await?;
    Ok(meter.take().values().map(|(count, _)| *count).sum())
}

/// Ticks over everybody until all is read.
pub(super) async fn ticks(ctx: &Ctx) -> Result<(), Failure> {
    for _ in 0..TICKS_MAX {
        let report = tick(ctx, Scope::Everyone, Limits::default()).await;
        if report.map_err(Failure::while_doing("a tick failed"))?.unfinished == 0 {
            return Ok(());
        }
    }
    Err(Failure::new(format!("the histories are not read after {TICKS_MAX} ticks")))
}
