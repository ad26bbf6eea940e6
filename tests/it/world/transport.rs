//! The simulated platform under the client, at the HTTP message: no socket, no wait.

use std::sync::Arc;

use bytes::Bytes;
use fanvue::{Transport, TransportError, TransportErrorKind};
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
        let reply = match self.sim.respond(request, self.clock.read()) {
            Reply::Answer(response) | Reply::Slow { response, .. } => Ok(response),
            Reply::Dropped { .. } => broken(TransportErrorKind::Connect),
            Reply::Hang => broken(TransportErrorKind::Timeout),
        };
        Box::pin(std::future::ready(reply))
    }
}
