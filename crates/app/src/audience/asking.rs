//! Asking the platform about an audience: leave first, then the question, again where that helps.

use fanvue::{Answer, CreatorUuid, Move, Reader};
use jiff::Timestamp;
use store::{AudienceClaim, AudienceKind};

use super::after;
use crate::{
    Ctx, Error,
    budget::{Budget, Leave},
    reading::{Stop, refusal},
    tokens::{Access, Tokens},
};

/// How long a lease lasts beyond its last renewal. A tick that dies holds its streams this long.
pub(super) const LEASE_SECONDS: i64 = 60;
/// How often it is renewed while it is used.
const RENEW_SECONDS: i64 = 20;

/// One stream's dealings with the platform. A question goes: [`Asker::leave`], send it,
/// [`Asker::hear`]; and again as long as that says so.
pub(super) struct Asker<'a> {
    pub(super) ctx: &'a Ctx,
    pub(super) claim: &'a AudienceClaim,
    pub(super) reader: Reader,
    pub(super) requests: u32,
    /// The last question failed because the platform no longer knows its own cursor.
    pub(super) is_cursor_refused: bool,
    tokens: &'a Tokens,
    budget: Budget,
    deadline: Timestamp,
    renewed_at: Timestamp,
    asked_at: Timestamp,
    attempt: u32,
    has_new_token: bool,
}

impl<'a> Asker<'a> {
    pub(super) async fn new(
        ctx: &'a Ctx,
        tokens: &'a Tokens,
        claim: &'a AudienceClaim,
        deadline: Timestamp,
    ) -> Result<Self, Stop> {
        let reader = match CreatorUuid::new(&claim.account_uuid) {
            _ if claim.is_connected_account => Reader::Own,
            Some(uuid) => Reader::Creator(uuid),
            None => {
                let reason = "models.fanvue_user_uuid is no uuid; correct it";
                return Err(Stop::Failed(reason.to_owned()));
            }
        };
        let (agency, connection) = (claim.lease.agency, claim.connection);
        let begun_at = ctx.clock.now();
        let access = tokens.access(ctx, agency, connection).await?;
        let creator = match &reader {
            Reader::Own => None,
            Reader::Creator(uuid) => Some(uuid.as_str().to_owned()),
        };
        Ok(Self {
            ctx,
            claim,
            reader,
            requests: 0,
            is_cursor_refused: false,
            tokens,
            budget: Budget::new(agency, connection, creator, access.bucket_shared),
            deadline,
            renewed_at: begun_at,
            asked_at: begun_at,
            attempt: 0,
            has_new_token: false,
        })
    }

    /// Leave to send one request, and what to send it with.
    pub(super) async fn leave(&mut self) -> Result<Access, Stop> {
        let (ctx, claim) = (self.ctx, self.claim);
        let now = ctx.clock.now();
        if self.deadline <= now {
            return Err(Stop::Deadline);
        }
        if RENEW_SECONDS <= now.duration_since(self.renewed_at).as_secs() {
            let renewed = ctx.store.renew_audience(&claim.lease, after(now, LEASE_SECONDS)).await;
            if !renewed.map_err(Error::from)? {
                return Err(Stop::Lost);
            }
            self.renewed_at = now;
        }
        let access = self.tokens.access(ctx, claim.lease.agency, claim.connection).await?;
        if let Leave::Wait(until) = self.budget.take_for_audience(ctx).await? {
            return Err(Stop::Paused(until));
        }
        self.requests += 1;
        self.asked_at = ctx.clock.now();
        Ok(access)
    }

    /// What an answer told; `None` when the question is worth repeating now.
    pub(super) async fn hear<T>(
        &mut self,
        access: &Access,
        answer: Answer<T>,
    ) -> Result<Option<T>, Stop> {
        let (ctx, claim) = (self.ctx, self.claim);
        self.attempt += 1;
        ctx.platform_time.hear(answer.at, (self.asked_at, ctx.clock.now()));
        if let Err(fanvue::Error::Throttled { retry_after }) = &answer.result {
            let until = self.budget.pause(ctx, *retry_after).await?;
            return Err(Stop::Paused(until));
        }
        self.budget.hear(ctx, answer.limits).await?;
        let error = match answer.result {
            Ok(told) => {
                self.attempt = 0;
                return Ok(Some(told));
            }
            Err(error) => error,
        };
        if matches!(error, fanvue::Error::Unauthorized) && !self.has_new_token {
            self.has_new_token = true;
            let (agency, connection) = (claim.lease.agency, claim.connection);
            self.tokens.renew(ctx, agency, connection, &access.token).await?;
            return Ok(None);
        }
        self.is_cursor_refused = matches!(error, fanvue::Error::CursorRefused);
        let (now, jitter) = (ctx.clock.now(), ctx.entropy.per_mille());
        match fanvue::next_move(&error, self.attempt, now, self.deadline, jitter) {
            Move::RetryAt(at) => {
                ctx.clock.sleep_until(at).await;
                Ok(None)
            }
            Move::GiveUp => {
                self.attempt = 0;
                Err(self.given_up(&error))
            }
        }
    }

    /// Writes down what the last answer told of the budget, if it was news.
    pub(super) async fn settle(&mut self) -> Result<(), Error> {
        self.budget.settle(self.ctx).await
    }

    fn given_up(&self, error: &fanvue::Error) -> Stop {
        let is_own_path = self.reader == Reader::Own;
        if is_own_path && matches!(error, fanvue::Error::NotFound { .. }) {
            let reason = crate::http::chain(error);
            let remedy = "deploy a newer build, then connect the account again";
            return Stop::Refused(format!("{reason}; {remedy}"));
        }
        refusal(error, scopes(self.claim.lease.kind))
    }
}

/// The scopes that a stream needs, where the platform does not say which one is missing.
fn scopes(kind: AudienceKind) -> &'static str {
    match kind {
        AudienceKind::Subscribers | AudienceKind::Followers => {
            "read:fan, for an agency read:creator too,"
        }
        AudienceKind::Unread => "read:chat, for an agency read:creator too,",
        AudienceKind::Profile => "read:self",
        AudienceKind::Changes => "read:insights, for an agency read:creator too,",
        AudienceKind::TopSpenders => "read:insights and read:fan, for an agency read:creator too,",
        AudienceKind::TrackingLinks => "read:tracking_links, for an agency read:creator too,",
    }
}
