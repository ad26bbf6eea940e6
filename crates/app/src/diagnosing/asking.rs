//! Asking the platform for a diagnosis: totals and rows, fresh. Every request takes leave from the same
//! budget as those of ticks, as a history does, which leaves people's requests alone; and one diagnosis sends
//! a bounded number of them.

use fanvue::{
    AgencyAsk, AgencyDay, CreatorUuid, EarningsAsk, EarningsPage, PAGE_SIZE, Reader, Routes,
};
use jiff::{SignedDuration, Timestamp};
use ledger::{
    AgencyId, ConnectionId, Earning, Feed, Purpose, Reject, Window,
    diagnosis::{Unheard, once},
};

use crate::{
    Ctx, Error,
    budget::{Budget, Leave},
    http::chain,
    tokens::Tokens,
};

/// The most requests of one diagnosis: half of what a bucket of the platform holds.
pub(super) const REQUESTS_MAX: u32 = 100;

/// How long one diagnosis may ask, in seconds.
const SECONDS_MAX: i64 = 50;

/// How long the books of one diagnosis may be read, in seconds from its beginning: no statement gets more than
/// what is left of it, nor than a minute. Past it each gets a second.
const READING_SECONDS_MAX: i64 = 100;

/// The agency and the connection whose token is used.
pub(super) type Whose = (AgencyId, ConnectionId);

/// The platform, for one diagnosis.
pub(super) struct Platform<'a> {
    ctx: &'a Ctx,
    tokens: Tokens,
    deadline: Timestamp,
    /// When nothing is read any more either.
    reads_until: Timestamp,
    /// Requests sent so far.
    pub(super) requests: u32,
    /// Requests that are kept for others.
    pub(super) kept: u32,
}

/// Why a question was not answered.
pub(super) enum Stop {
    /// The platform was not heard.
    Unheard(Unheard),
    /// It is our own fault.
    Broken(Error),
}

/// All rows of a window.
pub(super) struct Rows {
    pub(super) earnings: Vec<Earning>,
    pub(super) rejects: Vec<Reject>,
    /// Under which paths they were found.
    pub(super) routes: Routes,
}

impl From<Unheard> for Stop {
    fn from(unheard: Unheard) -> Self {
        Self::Unheard(unheard)
    }
}

impl From<fanvue::Error> for Stop {
    fn from(error: fanvue::Error) -> Self {
        let reason = chain(&error);
        Self::Unheard(match error {
            fanvue::Error::Forbidden { .. } => Unheard::Forbidden { reason },
            fanvue::Error::NotFound { .. } => Unheard::NotManaged { reason },
            fanvue::Error::Unauthorized => Unheard::Expired { reason },
            _ => Unheard::Failed { reason },
        })
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        match error {
            Error::Reconnect { reason } => Self::Unheard(Unheard::Ended { reason }),
            Error::Platform(error) => error.into(),
            Error::Refresh(_) | Error::Held { .. } | Error::Withheld { .. } | Error::Seal(_) => {
                Self::Unheard(Unheard::Expired { reason: chain(&error) })
            }
            other => Self::Broken(other),
        }
    }
}

impl<'a> Platform<'a> {
    pub(super) fn new(ctx: &'a Ctx, now: Timestamp) -> Self {
        let after = |seconds| now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(now);
        let (deadline, reads_until) = (after(SECONDS_MAX), after(READING_SECONDS_MAX));
        Self { ctx, tokens: Tokens::default(), deadline, reads_until, requests: 0, kept: 0 }
    }

    /// What is left of the time in which books may be read.
    pub(super) fn left_to_read(&self) -> SignedDuration {
        self.reads_until.duration_since(self.ctx.clock.now())
    }

    /// Requests that may still be sent.
    pub(super) fn left(&self) -> u32 {
        REQUESTS_MAX.saturating_sub(self.kept).saturating_sub(self.requests)
    }

    /// The totals of these creators, at most [`fanvue::CREATORS_PER_ASK_MAX`].
    pub(super) async fn totals(
        &mut self,
        whose: Whose,
        window: Window,
        creators: &[CreatorUuid],
    ) -> Result<Vec<AgencyDay>, Stop> {
        let mut budget = Budget::new(whose.0, whose.1, None, true);
        let heard = self.total_pages(&mut budget, whose, (window, creators)).await;
        budget.settle(self.ctx).await?;
        heard
    }

    async fn total_pages(
        &mut self,
        budget: &mut Budget,
        whose: Whose,
        (window, creators): (Window, &[CreatorUuid]),
    ) -> Result<Vec<AgencyDay>, Stop> {
        let ctx = self.ctx;
        let (mut days, mut mark, mut is_renewed) = (vec![], None, false);
        // Ends at the bound of requests at the latest.
        loop {
            self.take_leave(budget).await?;
            let access = self.tokens.access(ctx, whose.0, whose.1).await?;
            let ask = AgencyAsk { window, creators, mark: mark.as_ref() };
            let platform = &ctx.platform;
            let answer = platform.agency_earnings_page(&access.token, access.routes, &ask).await;
            match self.hear(budget, answer).await? {
                Ok(page) if !page.rejects.is_empty() => {
                    let reason = "a total makes no sense".to_owned();
                    return Err(Unheard::Failed { reason }.into());
                }
                Ok(page) => {
                    days.extend(page.days);
                    match page.next {
                        Some(next) => mark = Some(next),
                        None => return Ok(days),
                    }
                }
                Err(fanvue::Error::Unauthorized) if !is_renewed => {
                    self.tokens.renew(ctx, whose.0, whose.1, &access.token).await?;
                    is_renewed = true;
                }
                Err(fanvue::Error::NotFound { .. }) => return Err(Unheard::OnlyRows.into()),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Every row of a window.
    pub(super) async fn rows(
        &mut self,
        whose: Whose,
        reader: &Reader,
        (feed, window): (Feed, Window),
    ) -> Result<Rows, Stop> {
        let access = self.tokens.access(self.ctx, whose.0, whose.1).await?;
        let creator = match reader {
            Reader::Own => None,
            Reader::Creator(uuid) => Some(uuid.as_str().to_owned()),
        };
        let mut budget = Budget::new(whose.0, whose.1, creator, access.bucket_shared);
        let heard = self.row_pages(&mut budget, whose, reader, (feed, window)).await;
        budget.settle(self.ctx).await?;
        heard
    }

    async fn row_pages(
        &mut self,
        budget: &mut Budget,
        whose: Whose,
        reader: &Reader,
        (feed, window): (Feed, Window),
    ) -> Result<Rows, Stop> {
        let ctx = self.ctx;
        let (mut earnings, mut rejects) = (vec![], vec![]);
        let (mut cursor, mut is_renewed) = (None, false);
        // Ends at the bound of requests at the latest.
        loop {
            self.take_leave(budget).await?;
            let access = self.tokens.access(ctx, whose.0, whose.1).await?;
            let routes = access.routes;
            let ask = EarningsAsk {
                reader,
                feed,
                routes,
                window,
                cursor: cursor.as_ref(),
                size: PAGE_SIZE,
            };
            // A clock that is behind must not take for the future what was read already.
            let now = ctx.clock.now().max(window.end());
            let answer = ctx.platform.earnings_page(&access.token, &ask, now).await;
            match self.hear(budget, answer).await? {
                Ok(EarningsPage { earnings: more, rejects: refused, next }) => {
                    earnings.extend(more);
                    rejects.extend(refused);
                    match next {
                        Some(next) => cursor = Some(next),
                        None => return Ok(Rows { earnings: once(earnings), rejects, routes }),
                    }
                }
                Err(fanvue::Error::Unauthorized) if !is_renewed => {
                    self.tokens.renew(ctx, whose.0, whose.1, &access.token).await?;
                    is_renewed = true;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn take_leave(&mut self, budget: &mut Budget) -> Result<(), Stop> {
        if self.left() == 0 || self.deadline <= self.ctx.clock.now() {
            return Err(Unheard::TooMany.into());
        }
        match budget.take(self.ctx, Purpose::History).await? {
            Leave::Granted => {
                self.requests += 1;
                Ok(())
            }
            Leave::Wait(until) => Err(Unheard::Throttled { until }.into()),
        }
    }

    /// What an answer says, and what it tells of the budget.
    async fn hear<T>(
        &self,
        budget: &mut Budget,
        answer: fanvue::Answer<T>,
    ) -> Result<Result<T, fanvue::Error>, Stop> {
        if let Err(fanvue::Error::Throttled { retry_after }) = &answer.result {
            let until = budget.pause(self.ctx, *retry_after).await?;
            return Err(Unheard::Throttled { until }.into());
        }
        budget.hear(self.ctx, answer.limits).await?;
        Ok(answer.result)
    }
}
