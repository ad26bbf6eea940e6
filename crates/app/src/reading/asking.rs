//! Asking the platform for one page: leave first, then the question, again where that helps.

use fanvue::{CreatorUuid, EarningsAsk, EarningsPage, Move, Reader, Routes};
use ledger::OpenWindow;

use super::{CreatorReader, Step, Stop};
use crate::{
    budget::{Budget, Leave},
    routes,
    tokens::Access,
};

impl CreatorReader<'_> {
    /// Asks for one page, again where that helps.
    pub(super) async fn ask(&mut self, open: &OpenWindow) -> Result<EarningsPage, Step> {
        let reader = self.reader()?;
        let mut attempt = 0;
        let mut renewed = false;
        loop {
            attempt += 1;
            if 1 < attempt && self.is_over() {
                return Err(Step::Stop(Stop::Deadline));
            }
            let (agency, connection) = (self.claim.lease.agency, self.claim.connection);
            let access = self.tokens.access(self.ctx, agency, connection).await?;
            let ask = EarningsAsk {
                reader: &reader,
                feed: open.feed,
                routes: access.routes,
                window: open.window,
                cursor: open.pass.cursor.as_ref(),
                size: fanvue::PAGE_SIZE,
            };
            let budget = self.budget.get_or_insert_with(|| {
                let creator = match &reader {
                    Reader::Own => None,
                    Reader::Creator(uuid) => Some(uuid.as_str().to_owned()),
                };
                Budget::new(agency, connection, creator, access.bucket_shared)
            });
            if let Leave::Wait(until) = budget.take(self.ctx, open.purpose).await? {
                return Err(Step::Stop(Stop::Paused(until)));
            }
            let now = self.ctx.clock.now();
            self.reading.requests += 1;
            let answer = self.ctx.platform.earnings_page(&access.token, &ask, now).await;
            let spoken = (now, self.ctx.clock.now());
            if let Some(at) = self.ctx.platform_time.hear(answer.at, spoken) {
                self.stream.note_time(at);
            }
            if let Err(fanvue::Error::Throttled { retry_after }) = &answer.result {
                let until = budget.pause(self.ctx, *retry_after).await?;
                return Err(Step::Stop(Stop::Paused(until)));
            }
            budget.hear(self.ctx, answer.limits).await?;
            let error = match answer.result {
                Ok(page) => return Ok(page),
                Err(error) => error,
            };
            if matches!(error, fanvue::Error::Unauthorized) && !renewed {
                self.tokens.renew(self.ctx, agency, connection, &access.token).await?;
                renewed = true;
                continue;
            }
            if matches!(error, fanvue::Error::NotFound { .. }) && access.routes == Routes::V1 {
                if self.is_over() {
                    // Whether she is gone or only `/v1` takes more requests to tell.
                    return Err(Step::Stop(Stop::Deadline));
                }
                self.try_older_routes(&access, &error).await?;
                continue;
            }
            if matches!(error, fanvue::Error::CursorRefused) {
                return Err(Step::Restart("Fanvue refused a cursor that it gave".into()));
            }
            let now = self.ctx.clock.now();
            let jitter = self.ctx.entropy.per_mille();
            match fanvue::next_move(&error, attempt, now, self.deadline, jitter) {
                Move::RetryAt(at) => self.ctx.clock.sleep_until(at).await,
                Move::GiveUp => return Err(Step::Stop(given_up(&error))),
            }
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.deadline <= self.ctx.clock.now()
    }

    /// A creator that v1 does not know may live on a platform that has no v1. If the platform knows v1
    /// otherwise, the creator is really not there.
    async fn try_older_routes(
        &mut self,
        access: &Access,
        error: &fanvue::Error,
    ) -> Result<(), Step> {
        let (agency, connection) = (self.claim.lease.agency, self.claim.connection);
        let mut budget = Budget::new(agency, connection, None, true);
        let serves = routes::serves_v1(self.ctx, &access.token, &mut budget).await;
        budget.settle(self.ctx).await?;
        let (serves, requests) = serves?;
        self.reading.requests += requests;
        if serves != Some(false) {
            return Err(Step::Stop(given_up(error)));
        }
        self.tokens.set_routes(self.ctx, agency, connection, Routes::Unprefixed).await?;
        Ok(())
    }

    pub(super) fn reader(&self) -> Result<Reader, Step> {
        if self.claim.is_connected_account {
            return Ok(Reader::Own);
        }
        CreatorUuid::new(&self.claim.account_uuid).map(Reader::Creator).ok_or_else(|| {
            Step::Stop(Stop::Failed("models.fanvue_user_uuid is no uuid; correct it".into()))
        })
    }
}

/// In the reason of a refusal: the platform does not know the creator. A list that names her again
/// finds it there.
pub(crate) const NOT_MANAGED: &str = "the connected account does not manage her any more";

/// What an error that ends the attempts means for later ticks, with what a person can do.
fn given_up(error: &fanvue::Error) -> Stop {
    refusal(error, "read:insights, for an agency read:creator too,")
}

/// The same of any question about a creator; `scopes` are what it needs, where the platform does not
/// say which one is missing.
pub(crate) fn refusal(error: &fanvue::Error, scopes: &str) -> Stop {
    let reason = crate::http::chain(error);
    let remedy = match error {
        fanvue::Error::Forbidden { .. } => format!(
            "enable {} in the app at Fanvue, check the account's role, then connect the account again",
            error.missing_scope().unwrap_or(scopes)
        ),
        fanvue::Error::NotFound { .. } => {
            format!(
                "{NOT_MANAGED}: connect her own account; once the agency lists her she is read again"
            )
        }
        fanvue::Error::VersionRefused { .. } => {
            "deploy a newer build, then connect the account again".to_owned()
        }
        fanvue::Error::Refused { .. } => "mend it, then connect the account again".to_owned(),
        _ => return Stop::Failed(reason),
    };
    Stop::Refused(format!("{reason}; {remedy}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_scope_where_the_platform_does() {
        let forbidden = |detail: &str| fanvue::Error::Forbidden { detail: detail.to_owned() };
        for (detail, want) in [
            ("Insufficient scopes: read:creator", "enable read:creator in the app"),
            ("", "enable read:insights, for an agency read:creator too, in the app"),
        ] {
            let Stop::Refused(reason) = given_up(&forbidden(detail)) else { panic!("{detail}") };
            assert!(reason.contains(want), "{reason}");
        }
        assert!(matches!(given_up(&fanvue::Error::Unauthorized), Stop::Failed(_)));
    }
}
