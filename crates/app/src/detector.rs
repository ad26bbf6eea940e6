//! The detector: agency totals tell in one request that fifty creators sold nothing.
//!
//! Totals are compared with the totals seen before, never with the ledger: they leave out reversals
//! and may count otherwise than the rows do. A creator whose totals are unchanged is confirmed, which
//! makes it live but moves no as-of time; whoever changed is read. Since totals can't show
//! everything, each creator's rows are read hourly all the same, by the scheduler.

use std::collections::HashMap;

use fanvue::{AgencyAsk, AgencyDay, CREATORS_PER_ASK_MAX, CreatorUuid};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use ledger::{CreatorId, PULSE_OVERLAP_SECONDS, Purpose, Window};
use serde_json::{Map, Value, json};
use store::{Totals, Turns, Watch};
use uuid::Uuid;

use crate::{
    Ctx, Error,
    budget::{Budget, Leave},
    http::chain,
    platform_time::CLOCKS_APART,
    reading::{EARNINGS_EVERY_SECONDS, LEASE_SECONDS},
    tick::Scope,
    tokens::Tokens,
};

/// Creators are read from the feed at least this often, whatever the totals say; in turn, so that each
/// of the scheduler's ticks has its even share of these reads.
const READ_EVERY_SECONDS: i64 = 3600;
/// The heartbeat leaves these reads to the scheduler, unless it let a creator's turn pass.
const MISSED_BY_SCHEDULER: i64 = 1;
/// A connection that was refused the totals is asked again after a day.
const REFUSED_SECONDS: i64 = 24 * 3600;
/// The most pages of one answer: fifty creators over three days, with room.
const PAGES_MAX: u32 = 8;

/// Confirms the creators that sold nothing since they were last looked at; returns the requests
/// sent. A failure confirms nobody: then everyone is read.
pub(crate) async fn confirm_quiet(
    ctx: &Ctx,
    tokens: &Tokens,
    tick: Timestamp,
    deadline: Timestamp,
    (scope, creators_min): (Scope, i64),
) -> u32 {
    let refused_since =
        tick.checked_sub(SignedDuration::from_secs(REFUSED_SECONDS)).unwrap_or(tick);
    let due_only = scope == Scope::Due;
    let missed_max = if due_only { 0 } else { MISSED_BY_SCHEDULER };
    let turns = Turns { every: READ_EVERY_SECONDS, missed_max };
    let watches = match ctx.store.list_watches(tick, turns, refused_since, due_only).await {
        Ok(watches) => watches,
        Err(error) => {
            tracing::warn!(error = chain(&error), "whom totals could confirm is not known");
            return 0;
        }
    };
    let mut requests = 0;
    for watch in watches.into_iter().filter(|watch| creators_min <= watch.creators) {
        let token = ctx.entropy.uuid();
        let mut detector =
            Detector { ctx, tokens, watch, tick, deadline, turns, token, requests: 0 };
        if let Err(error) = detector.run().await {
            let error = chain(&error);
            tracing::info!(connection.id = %watch.connection, error, "totals not used");
        }
        requests += detector.requests;
        if let Err(error) = ctx.store.release_watched(&watch, token).await {
            // Their leases end by themselves, and the next tick reads them.
            let error = chain(&error);
            tracing::warn!(connection.id = %watch.connection, error, "creators not given back");
        }
    }
    requests
}

struct Detector<'a> {
    ctx: &'a Ctx,
    tokens: &'a Tokens,
    watch: Watch,
    tick: Timestamp,
    deadline: Timestamp,
    turns: Turns,
    token: Uuid,
    requests: u32,
}

impl Detector<'_> {
    async fn run(&mut self) -> Result<(), Error> {
        let store = &self.ctx.store;
        let lease_until = self.tick.checked_add(SignedDuration::from_secs(LEASE_SECONDS));
        let lease = (self.tick, lease_until.unwrap_or(self.tick));
        let watched = store.claim_watched(&self.watch, self.token, lease, self.turns).await?;
        let watched: Vec<_> = watched
            .into_iter()
            .filter_map(|(creator, account)| Some((creator, CreatorUuid::new(&account)?)))
            .collect();
        let (agency, connection) = (self.watch.agency, self.watch.connection);
        let mut budget = Budget::new(agency, connection, None, true);
        let compared = self.compare(&mut budget, &watched).await;
        // What a refusal told of the budget counts too.
        budget.settle(self.ctx).await?;
        compared
    }

    /// Asks for the totals of these creators and settles who is quiet, fifty at a time.
    async fn compare(
        &mut self,
        budget: &mut Budget,
        watched: &[(CreatorId, CreatorUuid)],
    ) -> Result<(), Error> {
        for chunk in watched.chunks(CREATORS_PER_ASK_MAX) {
            let now = self.ctx.clock.now();
            if self.deadline <= now {
                break;
            }
            let accounts: Vec<_> = chunk.iter().map(|(_, account)| account.clone()).collect();
            let Some((days, from, asked_at)) = self.totals(budget, &accounts).await? else {
                return Ok(());
            };
            let mut by_account = by_account(&days);
            let totals: Vec<_> = chunk
                .iter()
                .map(|(creator, account)| {
                    let by_day = by_account.remove(account.as_str()).unwrap_or_default();
                    Totals { creator: *creator, by_day: Value::Object(by_day) }
                })
                .collect();
            let every = SignedDuration::from_secs(EARNINGS_EVERY_SECONDS);
            let next_sync_at = now.checked_add(every).unwrap_or(now);
            let instants = (self.tick, asked_at, next_sync_at);
            let of = (self.watch.agency, self.token);
            self.ctx.store.confirm_quiet(of, &totals, from, instants, self.turns).await?;
        }
        Ok(())
    }

    /// The totals up to the platform's time, since when, and that time; `None` when there are none to be had
    /// now. Those that were asked for by a clock which turns out to be ahead may know of sales of this very
    /// second, which the read that they lead to leaves to the next one: so they are asked for again.
    async fn totals(
        &mut self,
        budget: &mut Budget,
        accounts: &[CreatorUuid],
    ) -> Result<Option<(Vec<AgencyDay>, (Date, Timestamp), Timestamp)>, Error> {
        for _ in 0..2 {
            let asked_at = self.ctx.platform_now();
            let Some((window, from)) = days(self.watch.since, asked_at) else { return Ok(None) };
            match self.ask(budget, window, accounts).await? {
                Some((days, false)) => return Ok(Some((days, from, asked_at))),
                Some((_, true)) => {}
                None => return Ok(None),
            }
        }
        Ok(None)
    }

    /// All days of these creators, and whether they end after the platform's time; `None` when the budget
    /// has no request left, or a 429 said so, or the time is over.
    async fn ask(
        &mut self,
        budget: &mut Budget,
        window: Window,
        creators: &[CreatorUuid],
    ) -> Result<Option<(Vec<AgencyDay>, bool)>, Error> {
        let (agency, connection) = (self.watch.agency, self.watch.connection);
        let (mut days, mut was_ahead) = (vec![], false);
        let mut mark = None;
        for _ in 0..PAGES_MAX {
            let is_over = self.deadline <= self.ctx.clock.now();
            if is_over || budget.take(self.ctx, Purpose::Pulse).await? != Leave::Granted {
                return Ok(None);
            }
            let access = self.tokens.access(self.ctx, agency, connection).await?;
            let ask = AgencyAsk { window, creators, mark: mark.as_ref() };
            self.requests += 1;
            let platform = &self.ctx.platform;
            let now = self.ctx.clock.now();
            let answer = platform.agency_earnings_page(&access.token, access.routes, &ask).await;
            let time = &self.ctx.platform_time;
            let at = time.hear(answer.at, (now, self.ctx.clock.now()));
            was_ahead |= at.is_some_and(|at| CLOCKS_APART < window.end().duration_since(at));
            if let Err(fanvue::Error::Throttled { retry_after }) = &answer.result {
                budget.pause(self.ctx, *retry_after).await?;
                return Ok(None);
            }
            budget.hear(self.ctx, answer.limits).await?;
            let page = match answer.result {
                Ok(page) => page,
                Err(error) => {
                    if matches!(
                        error,
                        fanvue::Error::Forbidden { .. } | fanvue::Error::NotFound { .. }
                    ) {
                        self.ctx.store.note_detector_refused(&self.watch, self.tick).await?;
                    }
                    return Err(error.into());
                }
            };
            // A total that makes no sense proves nothing about its creator, nor about the others.
            if !page.rejects.is_empty() {
                let problem = "a total makes no sense".to_owned();
                return Err(fanvue::Error::Decode { problem }.into());
            }
            days.extend(page.days);
            match page.next {
                Some(next) => mark = Some(next),
                None => return Ok(Some((days, was_ahead))),
            }
        }
        Err(fanvue::Error::Decode { problem: "the totals never end".to_owned() }.into())
    }
}

/// From the UTC day of a little before `since` to `now`, and that day. Nothing after `now` is asked
/// for: the read that a change leads to must cover all that the totals knew.
fn days(since: Timestamp, now: Timestamp) -> Option<(Window, (Date, Timestamp))> {
    let overlap = SignedDuration::from_secs(PULSE_OVERLAP_SECONDS);
    let from = since.min(now).checked_sub(overlap).ok()?.to_zoned(TimeZone::UTC).date();
    let start = from.to_zoned(TimeZone::UTC).ok()?.timestamp();
    Some((Window::new(start, now).ok()?, (from, start)))
}

fn by_account(days: &[AgencyDay]) -> HashMap<&str, Map<String, Value>> {
    let mut totals: HashMap<&str, Map<String, Value>> = HashMap::new();
    for day in days {
        let cents = json!([day.gross.0, day.net.0]);
        totals.entry(day.creator.as_str()).or_default().insert(day.on.to_string(), cents);
    }
    totals
}
