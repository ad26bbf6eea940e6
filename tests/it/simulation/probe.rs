//! Where a process stands: at which request, at which round trip, parked or killed there.
//!
//! A process is a value that is polled by hand. To park it, its request doesn't complete; to kill
//! it, whatever it does at that point never completes, and its driver drops it.

use std::{
    future::{pending, poll_fn},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    task::Poll,
};

use bytes::Bytes;
use fanvue::{Transport, TransportError, TransportErrorKind};
use futures_util::future::BoxFuture;
use jiff::SignedDuration;
use simulator::{Reply, Simulator};

use super::{
    clock::TwoClocks,
    conduct::{Conditions, Conduct},
    op::Point,
    trace::Trace,
};

/// What is known of a process from outside.
#[derive(Debug, Default)]
struct Standing {
    requests: u32,
    round_trips: u32,
    stops_at_requests: bool,
    parked: bool,
    kill_at: Option<Point>,
    killed: bool,
    conditions: Conditions,
}

/// The outside of a process: its way to the platform and to the database.
#[derive(Debug)]
pub struct Probe {
    name: &'static str,
    sim: Simulator,
    clock: Arc<TwoClocks>,
    conduct: Arc<Conduct>,
    trace: Trace,
    standing: Mutex<Standing>,
}

/// How far a process was driven.
#[derive(Debug)]
pub enum Driven<T> {
    Done(T),
    Parked,
    Killed,
}

impl Probe {
    pub fn new(
        name: &'static str,
        (sim, conduct): (Simulator, Arc<Conduct>),
        clock: Arc<TwoClocks>,
        trace: Trace,
    ) -> Self {
        Self { name, sim, clock, conduct, trace, standing: Mutex::default() }
    }

    /// Begins a run: counts from zero, forgets what was planned for the last one.
    pub fn begin(&self, stops_at_requests: bool, kill_at: Option<Point>) {
        *self.standing() = Standing { stops_at_requests, kill_at, ..Standing::default() };
    }

    /// The same for a tick, which should stop after so many seconds.
    pub fn begin_tick(&self, stops_at_requests: bool, kill_at: Option<Point>, seconds: i64) {
        let ends_at = self.clock.ours() + SignedDuration::from_secs(seconds);
        let conditions = Conditions { ends_at: Some(ends_at), ..Conditions::default() };
        *self.standing() =
            Standing { stops_at_requests, kill_at, conditions, ..Standing::default() };
    }

    /// Polls the process until it is done, stands at its next request, or is to be killed.
    pub async fn drive<T>(
        &self,
        run: &mut Pin<Box<dyn Future<Output = T>>>,
        to_the_end: bool,
    ) -> Driven<T> {
        {
            let mut standing = self.standing();
            standing.parked = false;
            standing.stops_at_requests = !to_the_end;
        }
        poll_fn(|context| {
            if let Poll::Ready(done) = run.as_mut().poll(context) {
                return Poll::Ready(Driven::Done(done));
            }
            let standing = self.standing();
            if standing.killed {
                Poll::Ready(Driven::Killed)
            } else if standing.parked {
                Poll::Ready(Driven::Parked)
            } else {
                Poll::Pending
            }
        })
        .await
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap()
    }

    /// Ends here if this is where it is to be killed.
    async fn survive(&self, here: impl FnOnce(&Standing) -> Point) {
        let killed = {
            let mut standing = self.standing();
            standing.killed |= standing.kill_at == Some(here(&standing));
            standing.killed
        };
        if killed {
            pending::<()>().await;
        }
    }

    /// Stands still at a request until it is driven on.
    async fn stand(&self) {
        {
            let mut standing = self.standing();
            standing.parked = standing.stops_at_requests;
        }
        poll_fn(|_| if self.standing().parked { Poll::Pending } else { Poll::Ready(()) }).await;
    }

    async fn exchange(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let what = format!("{} {}", request.method(), request.uri());
        let path = request.uri().path().to_owned();
        self.reach(&path);
        // A refresh holds its row: a process that stood still there would make the others wait.
        if path != "/oauth2/token" {
            self.stand().await;
        }
        self.standing().requests += 1;
        self.survive(|s| Point::Request { nth: s.requests, took_effect: false }).await;
        let broken = |kind: TransportErrorKind| Err(TransportError::from(kind));
        let answer = match self.sim.respond(request, self.clock.truth()) {
            Reply::Answer(response) => Ok(response),
            Reply::Slow { response, delay } => {
                self.clock.advance(delay.try_into().unwrap());
                Ok(response)
            }
            Reply::Dropped { .. } => broken(TransportErrorKind::Body),
            Reply::Hang => broken(TransportErrorKind::Timeout),
        };
        self.trace.note(|| match &answer {
            Ok(answer) => format!(
                "{} {what} -> {} {}",
                self.name,
                answer.status().as_u16(),
                String::from_utf8_lossy(answer.body()),
            ),
            Err(error) => format!("{} {what} -> {error}", self.name),
        });
        self.survive(|s| Point::Request { nth: s.requests, took_effect: true }).await;
        if let Ok(answer) = &answer {
            self.conduct.hears(self.name, &path, answer, self.clock.ours());
        }
        answer
    }

    fn reach(&self, path: &str) {
        let ours = self.clock.ours();
        let conditions = {
            let mut standing = self.standing();
            let is_late = standing.conditions.ends_at.is_some_and(|at| at <= ours);
            standing.conditions.late_requests += u32::from(is_late);
            standing.conditions
        };
        self.conduct.reaches(path, conditions, ours);
    }
}

/// A process's way to the simulated platform.
pub struct Wire(pub Arc<Probe>);

impl Transport for Wire {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(self.0.exchange(request))
    }
}

impl store::Gate for Probe {
    fn before(&self, statement: &'static str) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.standing().round_trips += 1;
            self.trace.note(|| format!("{} sends {statement}", self.name));
            self.survive(|s| Point::RoundTrip { nth: s.round_trips, took_effect: false }).await;
        })
    }

    fn after(&self, statement: &'static str) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.trace.note(|| format!("{} heard {statement}", self.name));
            {
                let open = &mut self.standing().conditions.transactions;
                *open = match statement {
                    "begin" => *open + 1,
                    "commit" | "rollback" => open.saturating_sub(1),
                    _ => *open,
                };
            }
            self.survive(|s| Point::RoundTrip { nth: s.round_trips, took_effect: true }).await;
        })
    }

    fn undone(&self) {
        let open = &mut self.standing().conditions.transactions;
        *open = open.saturating_sub(1);
    }
}
