//! The way of a process to the platform: that of the simulation, on which a request can come twice, and on
//! which waiting for an answer that does not come takes its time.

use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use fanvue::{Timeouts, Transport, TransportError, TransportErrorKind};
use futures_util::future::BoxFuture;
use jiff::SignedDuration;

use crate::simulation::{clock::TwoClocks, probe::Wire};

pub struct Way {
    wire: Wire,
    clock: Arc<TwoClocks>,
    standing: Mutex<Standing>,
}

#[derive(Default)]
struct Standing {
    asked: u32,
    doubled: Option<u32>,
}

impl Way {
    pub fn new(wire: Wire, clock: Arc<TwoClocks>) -> Self {
        Self { wire, clock, standing: Mutex::default() }
    }

    /// Counts from zero, and doubles the n-th request from here, if any.
    pub fn begin(&self, doubled: Option<u32>) {
        *self.standing() = Standing { asked: 0, doubled };
    }

    /// Requests that the process made.
    pub fn asked(&self) -> u32 {
        self.standing().asked
    }

    /// Counts a request; whether it comes twice.
    fn meet(&self) -> bool {
        let mut standing = self.standing();
        standing.asked += 1;
        standing.doubled == Some(standing.asked)
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap()
    }
}

impl Transport for Way {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(async move {
            if self.meet() {
                // Nobody hears the first answer.
                let _ = self.wire.send(request.clone()).await;
            }
            let answer = self.wire.send(request).await;
            if let Err(TransportError { kind: TransportErrorKind::Timeout, .. }) = &answer {
                let patience = SignedDuration::try_from(Timeouts::default().total).unwrap();
                self.clock.advance(patience);
            }
            answer
        })
    }
}
