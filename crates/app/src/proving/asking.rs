//! Asking Fanvue for the totals of a group of creators over all days of the proof, with the leave of a
//! history: what people wait for goes first. An answer counts whole or not at all; where the request limit
//! breaks it off, the question is kept and goes on at its next turn (`turns`).

use std::collections::{HashMap, HashSet};

use fanvue::{
    AgencyAsk, AgencyDay, AgencyEarningsPage, AgencyMark, CREATORS_PER_ASK_MAX, CreatorUuid, Move,
};
use jiff::{Timestamp, civil::Date};
use ledger::{AgencyId, Cents, ConnectionId, PROOF_DAYS, Purpose, Window};

use crate::{
    Ctx, Error,
    budget::{Budget, Leave},
    http::chain,
    tokens::Tokens,
};

/// The most pages of one answer: every creator of the group on every day, with room. Without a bound one
/// that never ends would take the night.
const PAGES_MAX: i64 = CREATORS_PER_ASK_MAX as i64 * PROOF_DAYS / fanvue::PAGE_SIZE as i64 + 5;

/// The currency of totals that can be compared.
const CURRENCY: &str = "USD";

/// What came of asking.
pub(super) enum Told {
    /// All totals of the group.
    Totals(Totals),
    /// The request limit is reached until then: the same question goes on.
    Later(Timestamp),
    /// This account may not see them.
    Refused(String),
    /// Nothing that can be used.
    Failed(String),
}

/// Totals by creator and UTC day.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub(super) by_day: HashMap<(CreatorUuid, Date), (Cents, Cents)>,
    /// Whose totals are told at all.
    pub(super) told: HashSet<CreatorUuid>,
    /// Creators with a total whose unit is unproven: nothing is claimed of those.
    pub(super) foreign: HashSet<CreatorUuid>,
}

/// A question about a group, with what was told so far.
pub(super) struct Question {
    creators: Vec<CreatorUuid>,
    days: Vec<AgencyDay>,
    mark: Option<AgencyMark>,
    pages: i64,
}

impl Question {
    pub(super) fn about(creators: Vec<CreatorUuid>) -> Self {
        Self { creators, days: vec![], mark: None, pages: 0 }
    }
}

/// One connection's account, for one invocation.
pub(super) struct Account<'a> {
    pub(super) ctx: &'a Ctx,
    pub(super) tokens: &'a Tokens,
    pub(super) whose: (AgencyId, ConnectionId),
    pub(super) deadline: Timestamp,
    /// Requests sent since they were counted.
    pub(super) requests: u32,
}

/// A page, or what stands in its place.
enum Turned {
    Page(AgencyEarningsPage),
    Stopped(Told),
}

impl Account<'_> {
    /// The totals of the creators asked about from `first` to the day before `night`.
    pub(super) async fn totals(
        &mut self,
        question: &mut Question,
        (window, first, night): (Window, Date, Date),
    ) -> Result<Told, Error> {
        let mut budget = Budget::new(self.whose.0, self.whose.1, None, true);
        let stopped = self.pages(&mut budget, question, window).await;
        // What a refusal told of the budget counts too.
        budget.settle(self.ctx).await?;
        if let Some(stopped) = stopped? {
            return Ok(stopped);
        }
        Ok(match sort(std::mem::take(&mut question.days), (first, night)) {
            Ok(totals) => Told::Totals(totals),
            Err(problem) => Told::Failed(problem.to_owned()),
        })
    }

    /// Asks to the end; what stands in the way, if anything does.
    async fn pages(
        &mut self,
        budget: &mut Budget,
        question: &mut Question,
        window: Window,
    ) -> Result<Option<Told>, Error> {
        while question.pages < PAGES_MAX {
            let Question { creators, mark, .. } = &*question;
            let ask = AgencyAsk { window, creators, mark: mark.as_ref() };
            match self.page(budget, &ask).await? {
                Turned::Stopped(told) => return Ok(Some(told)),
                // A total that makes no sense proves nothing about the others either.
                Turned::Page(page) if !page.rejects.is_empty() => {
                    return Ok(Some(Told::Failed("a total makes no sense".to_owned())));
                }
                Turned::Page(page) => {
                    question.pages += 1;
                    question.days.extend(page.days);
                    match page.next {
                        Some(next) => question.mark = Some(next),
                        None => return Ok(None),
                    }
                }
            }
        }
        Ok(Some(Told::Failed("the totals never end".to_owned())))
    }

    /// One page, asked for again where that helps. The request limit is waited for by nobody here: other
    /// accounts have limits of their own.
    async fn page(&mut self, budget: &mut Budget, ask: &AgencyAsk<'_>) -> Result<Turned, Error> {
        let (ctx, (agency, connection)) = (self.ctx, self.whose);
        let (mut attempt, mut is_renewed) = (0, false);
        // Each turn is an attempt or renews the token once: their number is bounded.
        while ctx.clock.now() < self.deadline {
            if let Leave::Wait(until) = budget.take(ctx, Purpose::History).await? {
                return Ok(Turned::Stopped(Told::Later(until)));
            }
            let access = self.tokens.access(ctx, agency, connection).await?;
            self.requests += 1;
            let platform = &ctx.platform;
            let answer = platform.agency_earnings_page(&access.token, access.routes, ask).await;
            if let Err(fanvue::Error::Throttled { retry_after }) = &answer.result {
                let until = budget.pause(ctx, *retry_after).await?;
                return Ok(Turned::Stopped(Told::Later(until)));
            }
            budget.hear(ctx, answer.limits).await?;
            let error = match answer.result {
                Ok(page) => return Ok(Turned::Page(page)),
                Err(error) => error,
            };
            if matches!(error, fanvue::Error::Unauthorized) && !is_renewed {
                self.tokens.renew(ctx, agency, connection, &access.token).await?;
                is_renewed = true;
                continue;
            }
            if matches!(error, fanvue::Error::Forbidden { .. } | fanvue::Error::NotFound { .. }) {
                return Ok(Turned::Stopped(Told::Refused(chain(&error))));
            }
            attempt += 1;
            let (now, jitter) = (ctx.clock.now(), ctx.entropy.per_mille());
            match fanvue::next_move(&error, attempt, now, self.deadline, jitter) {
                Move::RetryAt(at) => ctx.clock.sleep_until(at).await,
                Move::GiveUp => return Ok(Turned::Stopped(Told::Failed(chain(&error)))),
            }
        }
        Ok(Turned::Stopped(Told::Later(self.deadline)))
    }
}

/// The totals by day, unless they contradict themselves or speak of days that nobody asked for. A page edge
/// may show one twice.
fn sort(days: Vec<AgencyDay>, (first, night): (Date, Date)) -> Result<Totals, &'static str> {
    let mut totals = Totals::default();
    for day in days {
        if day.on < first || night <= day.on {
            return Err("it told of a day that was not asked for");
        }
        if day.currency.as_deref().is_some_and(|currency| currency != CURRENCY) {
            totals.foreign.insert(day.creator.clone());
        }
        let sum = (day.gross, day.net);
        totals.told.insert(day.creator.clone());
        let known = totals.by_day.insert((day.creator, day.on), sum);
        if known.is_some_and(|known| known != sum) {
            return Err("it told two totals of one day");
        }
    }
    Ok(totals)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(on: &str, gross: i64, currency: &str) -> AgencyDay {
        AgencyDay {
            creator: CreatorUuid::new("3f2c8a1e-5b7d-4c60-9e1f-0a2b4c6d8e90").unwrap(),
            on: on.parse().unwrap(),
            gross: Cents(gross),
            net: Cents(gross / 2),
            currency: Some(currency.to_owned()),
        }
    }

    #[test]
    fn what_contradicts_itself_or_was_not_asked_for_is_no_answer() {
        let span = ("2026-11-01".parse().unwrap(), "2026-11-03".parse().unwrap());
        let sorted = |days: &[AgencyDay]| sort(days.to_vec(), span);
        let (one, two) = (day("2026-11-01", 500, "USD"), day("2026-11-02", 70, "USD"));
        assert_eq!(sorted(&[one.clone(), two, one.clone()]).unwrap().by_day.len(), 2);
        assert!(sorted(&[one.clone(), day("2026-11-01", 501, "USD")]).is_err());
        assert!(sorted(&[day("2026-10-31", 5, "USD")]).is_err());
        assert!(sorted(&[day("2026-11-03", 5, "USD")]).is_err());
        assert_eq!(sorted(&[one, day("2026-11-02", 5, "EUR")]).unwrap().foreign.len(), 1);
        assert!(sorted(&[]).unwrap().told.is_empty());
    }
}
