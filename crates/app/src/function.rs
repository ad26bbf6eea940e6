//! What answers each endpoint: the one table from endpoints to use cases.
//!
//! A function binary takes its entry while it is compiled and so names no other: the linker leaves the
//! rest of the table out of it, with all that only the rest needs (docs/adr/0026-a-function-holds-its-endpoint.md).
//! The local server and the tests look entries up while they run.

use futures_util::future::BoxFuture;
use tracing::{Instrument, Span, field::Empty};

use crate::{
    Ctx, Endpoint, accounts, alerts, analytics, audience, diagnosing, health, heartbeat,
    http::{Problem, Request, RequestId, Response, check_method, finish},
    jobs, login, metrics, proving, repairs, scheduler, traces, webhooks,
};

/// Boxed, so that nobody's stack has to hold the largest of them.
type Handle = for<'a> fn(&'a Ctx, &'a Request) -> BoxFuture<'a, Result<Response, Problem>>;

/// What an answer may leave to do.
type FinishUp = for<'a> fn(&'a Ctx) -> BoxFuture<'a, ()>;

/// An endpoint and the code that answers it.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    endpoint: Endpoint,
    handle: Handle,
    finish_up: Option<FinishUp>,
}

impl Endpoint {
    /// The code that answers it. A function binary asks for it in a `const`.
    #[must_use]
    pub const fn function(self) -> Function {
        let handle: Handle = match self {
            Self::RevenueHeartbeat => |ctx, request| Box::pin(heartbeat::handle(ctx, request)),
            Self::SyncTransactions => |ctx, request| Box::pin(scheduler::handle(ctx, request)),
            Self::CheckLateShifts => {
                |ctx, request| Box::pin(alerts::check_late_shifts(ctx, request))
            }
            Self::CheckMissedPosts => {
                |ctx, request| Box::pin(alerts::check_missed_posts(ctx, request))
            }
            Self::DailyRefresh => |ctx, request| Box::pin(audience::handle(ctx, request)),
            Self::Reconcile => |ctx, request| Box::pin(proving::handle(ctx, request)),
            Self::Dashboard => |ctx, request| Box::pin(analytics::dashboard(ctx, request)),
            Self::Live => |ctx, request| Box::pin(analytics::live(ctx, request)),
            Self::Transactions => |ctx, request| Box::pin(analytics::transactions(ctx, request)),
            Self::Export => |ctx, request| Box::pin(analytics::export(ctx, request)),
            Self::Login => |ctx, request| Box::pin(login::login(ctx, request)),
            Self::Callback => |ctx, request| Box::pin(login::callback(ctx, request)),
            Self::Connections => |ctx, request| Box::pin(accounts::list(ctx, request)),
            Self::Refresh => |ctx, request| Box::pin(accounts::refresh(ctx, request)),
            Self::Disconnect => |ctx, request| Box::pin(accounts::disconnect(ctx, request)),
            Self::Diagnose => |ctx, request| Box::pin(diagnosing::diagnose_revenue(ctx, request)),
            Self::ForceSync => |ctx, request| Box::pin(jobs::force_sync(ctx, request)),
            Self::Jobs => |ctx, request| Box::pin(jobs::list(ctx, request)),
            Self::Job => |ctx, request| Box::pin(jobs::one(ctx, request)),
            Self::Status => |ctx, request| Box::pin(jobs::status(ctx, request)),
            Self::Repairs => |ctx, request| Box::pin(repairs::list(ctx, request)),
            Self::Webhooks => |ctx, request| Box::pin(webhooks::receive(ctx, request)),
            Self::Health => |ctx, request| Box::pin(health::handle(ctx, request)),
            Self::Metrics => |ctx, request| Box::pin(metrics::handle(ctx, request)),
        };
        let finish_up: Option<FinishUp> = match self {
            Self::ForceSync => Some(|ctx| Box::pin(jobs::go_on(ctx))),
            Self::Webhooks => Some(|ctx| Box::pin(webhooks::understand_in_time(ctx))),
            _ => None,
        };
        Function { endpoint: self, handle, finish_up }
    }
}

impl Function {
    /// The same endpoint, answered by other code: for tests of what a platform does around an answer.
    #[must_use]
    pub const fn answered_by(self, handle: Handle, finish_up: FinishUp) -> Self {
        Self { endpoint: self.endpoint, handle, finish_up: Some(finish_up) }
    }

    /// The endpoint that it answers.
    #[must_use]
    pub const fn endpoint(self) -> Endpoint {
        self.endpoint
    }

    /// Answers a request to its endpoint. A panic is the server's to catch: see `platform`.
    pub async fn answer(self, ctx: &Ctx, request: Request) -> Response {
        let id = RequestId::of(&request, ctx.entropy.uuid());
        let traced = self.traced(&request, &id);
        let answering = async {
            let path = self.endpoint.path();
            let span = tracing::info_span!("request", request.id = id.as_str(), path);
            self.handle(ctx, &request).instrument(span).await
        };
        let response = finish(answering.instrument(traced.clone()).await, &id);
        traced.record("http.response.status_code", response.status().as_u16());
        if response.status().is_server_error() {
            traced.record("error.type", response.status().as_str());
        }
        response
    }

    /// The request as collectors of traces know it. Where nobody collects, nothing is made of it.
    fn traced(self, request: &Request, id: &RequestId) -> Span {
        tracing::debug_span!(
            target: traces::TARGET,
            "request",
            http.request.method = request.method().as_str(),
            http.route = self.endpoint.path(),
            http.response.status_code = Empty,
            error.type = Empty,
            request.id = id.as_str(),
            traceparent = traces::given(request.headers()),
        )
    }

    /// Does what an answer left to do. What fails here is done by the next tick.
    pub async fn finish_up(self, ctx: &Ctx) {
        if let Some(finish_up) = self.finish_up {
            let span = tracing::debug_span!(target: traces::TARGET, "after_answer");
            finish_up(ctx).instrument(span).await;
        }
    }

    async fn handle(self, ctx: &Ctx, request: &Request) -> Result<Response, Problem> {
        check_method(request.method(), self.endpoint.methods())?;
        (self.handle)(ctx, request).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_that_of_its_endpoint_and_none_is_that_of_another() {
        for endpoint in Endpoint::ALL {
            assert_eq!(endpoint.function().endpoint(), endpoint);
        }
        let after: Vec<_> = Endpoint::ALL
            .into_iter()
            .filter(|endpoint| endpoint.function().finish_up.is_some())
            .collect();
        assert_eq!(after, [Endpoint::ForceSync, Endpoint::Webhooks]);
    }
}
