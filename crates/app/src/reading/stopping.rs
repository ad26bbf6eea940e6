//! The ends of reading: what is written down of why it stopped, and when it goes on.

use jiff::SignedDuration;
use store::{Claim, Pause};

use super::{CreatorReader, EARNINGS_EVERY_SECONDS, Reading, Step, Stop};
use crate::{Ctx, Error, budget::Budget};

/// Refusals in a row after which a creator is parked until somebody asks for another attempt.
const REFUSALS_MAX: i32 = 5;

/// Gives the lease of a stream back that has been read up to this very second of the platform's time.
/// Nothing was asked, so nothing is written: it is no fresher for it.
pub(super) async fn nothing_to_read(ctx: &Ctx, claim: &Claim) -> Reading {
    let mut reading = Reading { as_of: claim.stream.watermark(), ..Reading::default() };
    if let Err(error) = ctx.store.release_stream(&claim.lease).await {
        reading.stopped = Some(Stop::Failed(error.coded()));
    }
    reading
}

/// Writes down why reading stopped and gives the lease back.
pub(super) async fn settle(reader: &CreatorReader<'_>, stop: Stop) -> Stop {
    let (ctx, claim) = (reader.ctx, reader.claim);
    let now = ctx.clock.now();
    let lease = &claim.lease;
    let refusals_max = matches!(stop, Stop::Refused(_)).then_some(REFUSALS_MAX);
    let written = match &stop {
        Stop::Lost => return stop,
        Stop::Deadline => ctx.store.release_stream(lease).await,
        Stop::Paused(until) => {
            let requests = i64::from(reader.reading.requests - reader.requests_counted);
            let spoilt = reader.budget.as_ref().and_then(Budget::spoilt);
            ctx.store.pause_stream(lease, Pause { until: *until, requests, spoilt }).await
        }
        Stop::Reconnect(reason) | Stop::Failed(reason) | Stop::Refused(reason) => {
            let next_sync_at = now.checked_add(backoff(claim.attempts)).unwrap_or(now);
            let failure = store::Failure { reason, now, next_sync_at, refusals_max };
            ctx.store.fail_stream(lease, failure).await.map(|is_parked| {
                if is_parked {
                    let (creator, agency) = (lease.creator, lease.agency);
                    let (stream, error) = ("earnings", reason.as_str());
                    tracing::error!(creator.id = %creator, agency.id = %agency, stream, error, "creator set aside");
                }
            })
        }
    };
    match written {
        Ok(()) => stop,
        Err(store::Error::Lost { .. }) => Stop::Lost,
        Err(error) => Stop::Failed(error.coded()),
    }
}

/// How long the scheduler leaves a creator alone that failed: a minute, doubled each time, up to
/// the interval at which it is due anyway.
fn backoff(attempts: i32) -> SignedDuration {
    let minutes = 1_i64 << attempts.clamp(0, 4);
    SignedDuration::from_mins(minutes).min(SignedDuration::from_secs(EARNINGS_EVERY_SECONDS))
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        match error {
            Error::Reconnect { reason } => Self::Reconnect(reason),
            Error::Store(store::Error::Lost { .. }) => Self::Lost,
            // People are told the reason: nothing of what the database said.
            Error::Store(failed) => {
                Self::Failed(format!("the database failed: {}", failed.coded()))
            }
            other => Self::Failed(crate::http::chain(&other)),
        }
    }
}

impl From<Error> for Step {
    fn from(error: Error) -> Self {
        Self::Stop(error.into())
    }
}
