//! The endpoints: their paths and methods, and the one way every request goes.

use crate::{
    Ctx,
    http::{AfterAnswer, Problem, Request, RequestId, Response, finish},
};

/// One endpoint, which is one function binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// Takes what is new of every connected creator into the ledger.
    RevenueHeartbeat,
    /// Works off what is due.
    SyncTransactions,
    /// Tells of shifts that nobody clocked in for.
    CheckLateShifts,
    /// Calls posts missed, and tells of them.
    CheckMissedPosts,
    /// Counts who follows and subscribes.
    DailyRefresh,
    /// Proves the figures, and repairs what differs.
    Reconcile,
    /// The dashboard's numbers.
    Dashboard,
    /// Tells when they change.
    Live,
    /// The rows behind a figure.
    Transactions,
    /// The same as a file.
    Export,
    /// A link that connects an account, and its way to Fanvue.
    Login,
    /// Where Fanvue sends the browser back to.
    Callback,
    /// How connected accounts stand.
    Connections,
    /// Exchanges an account's tokens now.
    Refresh,
    /// Ends a connection.
    Disconnect,
    /// Why what is shown is not what Fanvue says.
    Diagnose,
    /// Reads histories again for somebody.
    ForceSync,
    /// What becomes of that.
    Jobs,
    /// The same of one job.
    Job,
    /// How reading stands.
    Status,
    /// What the proof repaired.
    Repairs,
    /// What Fanvue tells by itself.
    Webhooks,
    /// Whether the system works.
    Health,
    /// Numbers for a monitor.
    Metrics,
}

impl Endpoint {
    /// All endpoints.
    pub const ALL: [Self; 24] = [
        Self::RevenueHeartbeat,
        Self::SyncTransactions,
        Self::CheckLateShifts,
        Self::CheckMissedPosts,
        Self::DailyRefresh,
        Self::Reconcile,
        Self::Dashboard,
        Self::Live,
        Self::Transactions,
        Self::Export,
        Self::Login,
        Self::Callback,
        Self::Connections,
        Self::Refresh,
        Self::Disconnect,
        Self::Diagnose,
        Self::ForceSync,
        Self::Jobs,
        Self::Job,
        Self::Status,
        Self::Repairs,
        Self::Webhooks,
        Self::Health,
        Self::Metrics,
    ];

    /// The path it answers; `{id}` stands for any one piece.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::RevenueHeartbeat => "/api/cron/revenue-heartbeat",
            Self::SyncTransactions => "/api/cron/sync-transactions",
            Self::CheckLateShifts => "/api/cron/check-late-shifts",
            Self::CheckMissedPosts => "/api/cron/check-missed-posts",
            Self::DailyRefresh => "/api/cron/daily-refresh",
            Self::Reconcile => "/api/cron/reconcile",
            Self::Dashboard => "/api/analytics/dashboard",
            Self::Live => "/api/analytics/live",
            Self::Transactions => "/api/analytics/transactions",
            Self::Export => "/api/analytics/export.csv",
            Self::Login => "/api/auth/fanvue/login",
            Self::Callback => "/api/auth/fanvue/callback",
            Self::Connections => "/api/auth/fanvue/connections",
            Self::Refresh => "/api/auth/fanvue/refresh",
            Self::Disconnect => "/api/auth/fanvue/disconnect",
            Self::Diagnose => "/api/fanvue/diagnose-revenue",
            Self::ForceSync => "/api/fanvue/force-sync-revenue",
            Self::Jobs => "/api/sync/jobs",
            Self::Job => "/api/sync/jobs/{id}",
            Self::Status => "/api/sync/status",
            Self::Repairs => "/api/sync/repairs",
            Self::Webhooks => "/api/webhooks/fanvue",
            Self::Health => "/api/health",
            Self::Metrics => "/api/metrics",
        }
    }

    /// The methods it answers. Schedulers send GET or POST, so crons take both.
    #[must_use]
    pub const fn methods(self) -> &'static str {
        match self {
            Self::RevenueHeartbeat
            | Self::SyncTransactions
            | Self::CheckLateShifts
            | Self::CheckMissedPosts
            | Self::DailyRefresh
            | Self::Reconcile => "GET, POST",
            Self::Dashboard
            | Self::Live
            | Self::Transactions
            | Self::Export
            | Self::Login
            | Self::Callback
            | Self::Connections
            | Self::Diagnose
            | Self::Jobs
            | Self::Job
            | Self::Status
            | Self::Repairs
            | Self::Health
            | Self::Metrics => "GET",
            Self::Refresh | Self::Disconnect | Self::ForceSync | Self::Webhooks => "POST",
        }
    }

    /// The endpoint of that path.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        let answers = |endpoint: &Self| match endpoint.path().split_once("{id}") {
            None => endpoint.path() == path,
            Some((before, after)) => path
                .strip_prefix(before)
                .and_then(|rest| rest.strip_suffix(after))
                .is_some_and(|id| !id.is_empty() && !id.contains('/')),
        };
        Self::ALL.into_iter().find(answers)
    }
}

/// Answers a request to a known endpoint. A panic is the server's to catch: see `platform`.
pub async fn answer(ctx: &Ctx, endpoint: Endpoint, request: Request) -> Response {
    endpoint.function().answer(ctx, request).await
}

/// Does what an answer left to do. What fails here is done by the next tick.
pub async fn finish_up(ctx: &Ctx, left: AfterAnswer) {
    let endpoint = match left {
        AfterAnswer::Webhooks => Endpoint::Webhooks,
        AfterAnswer::Jobs => Endpoint::ForceSync,
    };
    endpoint.function().finish_up(ctx).await;
}

/// Finds the endpoint of a request and answers it; 404 for a path that is none.
pub async fn route(ctx: &Ctx, request: Request) -> Response {
    match Endpoint::of(request.uri().path()) {
        Some(endpoint) => answer(ctx, endpoint, request).await,
        None => {
            let id = RequestId::of(&request, ctx.entropy.uuid());
            finish(Err(Problem::not_found("there is no endpoint at this path")), &id)
        }
    }
}
