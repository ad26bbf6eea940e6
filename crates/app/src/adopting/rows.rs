//! What an older system wrote into its ledger since that was set aside is booked, a creator at a time.

use jiff::Timestamp;

use crate::{Ctx, Error, http::chain};

/// Books what waits until `deadline`. What fails of one creator is written down and tried again by a later
/// call: `heartbeat migrate` gives her all the time that she needs.
pub(super) async fn adopt_rows(ctx: &Ctx, deadline: Timestamp) -> Result<(), Error> {
    let mut waiting = ctx.store.list_older_creators().await?;
    if 1 < waiting.len() {
        // Whoever takes all the time must not stand in front of the others for ever.
        let start = ctx.entropy.uuid();
        let place = waiting.partition_point(|(_, creator)| creator.0 < start);
        waiting.rotate_left(place);
    }
    for (agency, creator) in waiting {
        let now = ctx.clock.now();
        if deadline <= now {
            break;
        }
        let left = || deadline.duration_since(ctx.clock.now());
        match ctx.store.adopt_older_rows((agency, creator), now, &left).await {
            Ok(rows) => {
                tracing::info!(rows, creator.id = %creator, agency.id = %agency, "rows of an older system taken over");
            }
            Err(error) => {
                let error = chain(&error);
                tracing::error!(creator.id = %creator, agency.id = %agency, error, "rows of an older system not taken over");
            }
        }
    }
    Ok(())
}
