//! The simulated platform under the client, at the HTTP message: no socket, no wait. An answer that
//! is slow moves the clock; one that is slower than the real transport's patience is lost.

use std::sync::Arc;

use bytes::Bytes;
use fanvue::{Timeouts, Transport, TransportError, TransportErrorKind};
use futures_util::future::BoxFuture;
use simulator::{Reply, Simulator};

use super::clock::ManualClock;

pub struct InProcess {
    pub sim: Simulator,
    pub clock: Arc<ManualClock>,
}

impl Transport for InProcess {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let broken = |kind: TransportErrorKind| Err(TransportError::from(kind));
        let passes = |time: std::time::Duration| {
            self.clock.advance(jiff::SignedDuration::try_from(time).unwrap());
        };
        let patience = Timeouts::default().total;
        let reply = match self.sim.respond(request, self.clock.read()) {
            Reply::Answer(response) => Ok(response),
            Reply::Slow { response, delay } if delay < patience => {
                passes(delay);
                Ok(response)
            }
            Reply::Dropped { .. } => broken(TransportErrorKind::Connect),
            Reply::Slow { .. } | Reply::Hang => {
                passes(patience);
                broken(TransportErrorKind::Timeout)
            }
        };
        Box::pin(std::future::ready(reply))
    }
}
