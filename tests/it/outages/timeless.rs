//! A platform that does not tell its time: our clock is all there is, and nothing is lost by it either.

use std::sync::Arc;

use app::{Ctx, SystemEntropy};
use bytes::Bytes;
use fanvue::{Transport, TransportError};
use futures_util::future::BoxFuture;
use http::header::DATE;
use jiff::SignedDuration;

use super::{DASHBOARD, HEARTBEAT, assert_shown, clocks::Wrong, ticks_until_complete, told, world};
use crate::world::{TEN_MINUTES, config, transport::InProcess};

/// Takes the time out of every answer.
struct Timeless(InProcess);

impl Transport for Timeless {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(async move {
            let mut answer = self.0.send(request).await?;
            answer.headers_mut().remove(DATE);
            Ok(answer)
        })
    }
}

#[tokio::test]
async fn without_fanvues_time_a_clock_that_was_ahead_costs_two_ticks_and_no_row() {
    let (world, creators) = world().await;
    world.advance(TEN_MINUTES);
    let way = InProcess { sim: world.sim.clone(), clock: Arc::clone(&world.clock) };
    let by = SignedDuration::from_secs(TEN_MINUTES);
    let ahead = Wrong { truth: Arc::clone(&world.clock), by };
    let config = config(&world.db.url, "http://127.0.0.1:1");
    let ctx = Ctx::with(config, Arc::new(Timeless(way)), Arc::new(ahead), Arc::new(SystemEntropy));
    let ctx = ctx.unwrap();
    told(&ctx, HEARTBEAT).await;
    world.sell(creators[0], 2);
    // It claims to know of ten minutes to come: whoever has the right time does not believe it.
    let shown = told(&world.ctx, DASHBOARD).await;
    assert_eq!(shown["freshness"]["liveCount"], 0, "{shown}");
    assert!(shown["models"][0]["reason"].as_str().unwrap().contains("clocks differ"));
    ticks_until_complete(&world).await;
    world.advance(TEN_MINUTES);
    told(&world.ctx, HEARTBEAT).await;
    assert_shown(&world, &world.ctx).await;
}
