//! Reading one creator's earnings under a lease: ask for pages, book them, move the stream on.
//!
//! What was read and how far it was read commit together. A failure on the way commits what came
//! before it, then is written down as a failure: it moves neither watermark nor as-of time.

use std::mem;

use fanvue::{CreatorUuid, EarningsAsk, EarningsPage, Move, Reader, Routes};
use jiff::{SignedDuration, Timestamp};
use ledger::{
    Books, Earning, Feed, OpenWindow, PageFacts, PageVerdict, Purpose, Reject, Stream, Window,
    day_deltas,
};
use sha2::{Digest, Sha256};
use store::{Claim, Progress};

use crate::{
    Ctx, Error,
    budget::{Budget, Leave},
    tokens::{self, Tokens},
};

/// How long a lease lasts beyond the last commit. A tick that dies holds its creators this long.
pub(crate) const LEASE_SECONDS: i64 = 60;
/// How often a creator's earnings are due.
pub(crate) const EARNINGS_EVERY_SECONDS: i64 = 15 * 60;
/// Refusals in a row after which a creator is parked until somebody asks for another attempt.
const REFUSALS_MAX: i32 = 5;
/// Rows that are booked in one commit, at least, while there are more.
const ROWS_PER_COMMIT: usize = 1000;
/// Pages of a narrow window that are held in memory at once; a denser span is cut in half.
const NARROW_PAGES_MAX: usize = 20;
/// The same for a single instant, which can't be cut: 20,000 rows in one millisecond.
const INSTANT_PAGES_MAX: usize = 400;
/// Times that one window may begin again in one tick before the tick gives up on the creator.
const RESTARTS_PER_TICK_MAX: u32 = 2;

/// What reading one creator came to in one tick.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) new_rows: usize,
    pub(crate) amended_rows: usize,
    pub(crate) gross: ledger::Cents,
    pub(crate) net: ledger::Cents,
    pub(crate) rejects: u64,
    pub(crate) pages: u32,
    pub(crate) requests: u32,
    pub(crate) as_of: Option<Timestamp>,
    pub(crate) stopped: Option<Stop>,
}

/// Why reading ended before everything was read.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The invocation's time is over; the next tick goes on here.
    Deadline,
    /// The platform's budget is spent until then.
    Paused(Timestamp),
    /// Somebody else holds the creator now; what was not committed is dropped.
    Lost,
    /// Only a person can help.
    Reconnect(String),
    /// It failed; the next tick tries again.
    Failed(String),
    /// The platform refused in a way that asking again does not mend.
    Refused(String),
}

/// Reads what is open in the claimed stream, and what is new, until done or stopped.
pub(crate) async fn read_creator(
    ctx: &Ctx,
    tokens: &Tokens,
    claim: Claim,
    deadline: Timestamp,
) -> Reading {
    let mut stream = claim.stream.clone();
    let now = ctx.clock.now();
    stream.open_pulse(now, claim.page_reach);
    // Before v1 the platform lists reversals apart, and only for the account itself.
    if claim.is_connected_account && claim.routes == tokens::routes_name(Routes::Unprefixed) {
        stream.open_reversals(now);
    }
    let mut reader = CreatorReader {
        ctx,
        tokens,
        claim: &claim,
        deadline,
        stream,
        budget: None,
        pending: Pending::default(),
        reading: Reading::default(),
    };
    let mut outcome = reader.run().await;
    if let Some(budget) = &mut reader.budget
        && let Err(error) = budget.settle(ctx).await
        && outcome.is_ok()
    {
        outcome = Err(Stop::Failed(crate::http::chain(&error)));
    }
    let mut reading = reader.reading;
    if let Err(stop) = outcome {
        reading.stopped = Some(settle(ctx, &claim, stop).await);
    }
    reading
}

/// Writes down why reading stopped and gives the lease back.
async fn settle(ctx: &Ctx, claim: &Claim, stop: Stop) -> Stop {
    let now = ctx.clock.now();
    let lease = &claim.lease;
    let attempts_max = matches!(stop, Stop::Refused(_)).then_some(REFUSALS_MAX);
    let written = match &stop {
        Stop::Lost => return stop,
        Stop::Deadline => ctx.store.release_stream(lease).await,
        Stop::Paused(until) => ctx.store.pause_stream(lease, *until).await,
        Stop::Reconnect(reason) | Stop::Failed(reason) | Stop::Refused(reason) => {
            let next_sync_at = now.checked_add(backoff(claim.attempts)).unwrap_or(now);
            let failure = store::Failure { reason, now, next_sync_at, attempts_max };
            ctx.store.fail_stream(lease, failure).await
        }
    };
    match written {
        Ok(()) => stop,
        Err(store::Error::Lost { .. }) => Stop::Lost,
        Err(error) => Stop::Failed(crate::http::chain(&error)),
    }
}

/// How long the scheduler leaves a creator alone that failed: a minute, doubled each time, up to
/// the interval at which it is due anyway.
fn backoff(attempts: i32) -> SignedDuration {
    let minutes = 1_i64 << attempts.clamp(0, 4);
    SignedDuration::from_mins(minutes).min(SignedDuration::from_secs(EARNINGS_EVERY_SECONDS))
}

/// Pages that were read and not yet committed.
#[derive(Default)]
struct Pending {
    pages: Vec<Vec<Earning>>,
    rejects: Vec<Reject>,
    rows: usize,
    /// The window of which `pages` are one complete read, begun and ended here.
    complete: Option<Window>,
}

struct CreatorReader<'a> {
    ctx: &'a Ctx,
    tokens: &'a Tokens,
    claim: &'a Claim,
    deadline: Timestamp,
    stream: Stream,
    budget: Option<Budget>,
    pending: Pending,
    reading: Reading,
}

impl CreatorReader<'_> {
    async fn run(&mut self) -> Result<(), Stop> {
        let mut restarts = 0;
        while let Some(index) = self.stream.next() {
            if self.deadline <= self.ctx.clock.now() {
                self.commit().await?;
                return Err(Stop::Deadline);
            }
            let stepped = match self.stream.windows[index].purpose {
                Purpose::Narrow => self.read_whole(index).await,
                Purpose::Pulse | Purpose::History => self.read_page(index).await,
            };
            match stepped {
                Ok(())
                    if self.pending.rows < ROWS_PER_COMMIT && self.pending.complete.is_none() => {}
                Ok(()) => self.commit().await?,
                Err(Step::Restart(reason)) => {
                    self.commit().await?;
                    restarts += 1;
                    if RESTARTS_PER_TICK_MAX < restarts {
                        return Err(Stop::Failed(reason));
                    }
                }
                Err(Step::Stop(stop)) => {
                    self.commit().await?;
                    return Err(stop);
                }
            }
        }
        self.commit().await
    }

    /// Reads the next page of a window whose pages are booked one by one.
    async fn read_page(&mut self, index: usize) -> Result<(), Step> {
        let open = self.stream.windows[index].clone();
        if open.pass.pages == 0 && !self.pending.pages.is_empty() {
            // What is pending belongs to other windows; this pass stands by itself.
            self.commit().await.map_err(Step::Stop)?;
        }
        let page = match self.ask(&open).await {
            Err(Step::Restart(reason)) => {
                self.begin_again(index);
                return Err(Step::Restart(reason));
            }
            other => other?,
        };
        let verdict = self.stream.read_page(index, &facts(&page));
        self.take(page.earnings, page.rejects);
        let whole = self.pending.pages.len() == open.pass.pages as usize + 1
            && self.pending.rejects.is_empty();
        if verdict == PageVerdict::Closed && open.feed == Feed::Earnings && whole {
            self.pending.complete = Some(open.window);
        }
        if verdict == PageVerdict::Loop {
            self.cut_after_restarts(index);
            return Err(Step::Restart("Fanvue repeated a cursor while paging".into()));
        }
        Ok(())
    }

    /// Reads a narrow window whole and hands its rows over as one page: only so can equal rows
    /// without ids be counted. Nothing of it is kept if the pass breaks.
    async fn read_whole(&mut self, index: usize) -> Result<(), Step> {
        let mut scratch = self.stream.clone();
        let (mut earnings, mut rejects) = (vec![], vec![]);
        let span = scratch.windows[index].window;
        let is_instant = span.end().duration_since(span.start()) <= SignedDuration::from_millis(1);
        let pages_max = if is_instant { INSTANT_PAGES_MAX } else { NARROW_PAGES_MAX };
        for _ in 0..pages_max {
            if self.deadline <= self.ctx.clock.now() {
                return Err(Step::Stop(Stop::Deadline));
            }
            let open = scratch.windows[index].clone();
            let page = self.ask(&open).await?;
            let verdict = scratch.read_page(index, &facts(&page));
            earnings.extend(page.earnings);
            rejects.extend(page.rejects);
            match verdict {
                PageVerdict::More => {}
                PageVerdict::Closed => {
                    self.stream = scratch;
                    self.take(earnings, rejects);
                    return Ok(());
                }
                PageVerdict::Loop => {
                    return Err(Step::Restart("Fanvue repeated a cursor while paging".into()));
                }
            }
        }
        if self.stream.split(index) {
            return Ok(());
        }
        Err(Step::Stop(Stop::Failed("too many rows in one millisecond to tell them apart".into())))
    }

    fn begin_again(&mut self, index: usize) {
        self.stream.restart(index);
        self.cut_after_restarts(index);
    }

    /// A window that keeps failing as a whole may be readable in halves.
    fn cut_after_restarts(&mut self, index: usize) {
        if RESTARTS_PER_TICK_MAX < self.stream.windows[index].restarts {
            self.stream.split(index);
        }
    }

    fn take(&mut self, earnings: Vec<Earning>, rejects: Vec<Reject>) {
        self.reading.pages += 1;
        self.pending.rows += earnings.len() + rejects.len();
        self.pending.pages.push(earnings);
        self.pending.rejects.extend(rejects);
    }

    /// Asks for one page, again where that helps.
    async fn ask(&mut self, open: &OpenWindow) -> Result<EarningsPage, Step> {
        let reader = self.reader()?;
        let mut attempt = 0;
        let mut renewed = false;
        loop {
            attempt += 1;
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
            budget.hear(self.ctx, answer.limits).await?;
            let error = match answer.result {
                Ok(page) => return Ok(page),
                Err(error) => error,
            };
            if let fanvue::Error::Throttled { retry_after } = &error {
                let until = resume_at(*retry_after, self.ctx.clock.now());
                budget.pause(self.ctx, until).await?;
                return Err(Step::Stop(Stop::Paused(until)));
            }
            if matches!(error, fanvue::Error::Unauthorized) && !renewed {
                self.tokens.renew(self.ctx, agency, connection, &access.token).await?;
                renewed = true;
                continue;
            }
            if matches!(error, fanvue::Error::NotFound { .. }) && access.routes == Routes::V1 {
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

    /// A creator that v1 does not know may live on a platform that has no v1. Asked once: if v1
    /// knows the account itself, the creator is really not there.
    async fn try_older_routes(
        &mut self,
        access: &crate::tokens::Access,
        error: &fanvue::Error,
    ) -> Result<(), Step> {
        self.reading.requests += 1;
        let me = self.ctx.platform.me(&access.token, Routes::V1).await.result;
        if !matches!(me, Err(fanvue::Error::NotFound { .. })) {
            return Err(Step::Stop(given_up(error)));
        }
        let (agency, connection) = (self.claim.lease.agency, self.claim.connection);
        self.tokens.set_routes(self.ctx, agency, connection, Routes::Unprefixed).await?;
        Ok(())
    }

    fn reader(&self) -> Result<Reader, Step> {
        if self.claim.is_connected_account {
            return Ok(Reader::Own);
        }
        CreatorUuid::new(&self.claim.account_uuid).map(Reader::Creator).ok_or_else(|| {
            Step::Stop(Stop::Failed("models.fanvue_user_uuid is no uuid; correct it".into()))
        })
    }

    /// The span whose books are opened: that of the rows read, and of the whole window if it was
    /// read completely and may hold booked rows that were not among them.
    fn span_to_check(
        &self,
        read: Option<(Timestamp, Timestamp)>,
        complete: Option<Window>,
    ) -> Option<(Timestamp, Timestamp)> {
        let may_hold = |window: &Window| {
            read.is_some() || self.claim.newest_at.is_some_and(|at| window.start() <= at)
        };
        match (read, complete.filter(may_hold)) {
            (Some((first, last)), Some(window)) => {
                Some((first.min(window.start()), last.max(window.end())))
            }
            (None, Some(window)) => Some((window.start(), window.end())),
            (read, None) => read,
        }
    }

    /// Stores what is pending with how far it brings the stream.
    async fn commit(&mut self) -> Result<(), Stop> {
        match self.try_commit().await {
            Ok(()) => Ok(()),
            Err(Error::Store(store::Error::Lost { .. })) => Err(Stop::Lost),
            Err(error) => {
                tracing::error!(
                    creator.id = %self.claim.lease.creator,
                    error = crate::http::chain(&error),
                    "rows could not be stored"
                );
                Err(Stop::Failed("the database did not take the rows".into()))
            }
        }
    }

    async fn try_commit(&mut self) -> Result<(), Error> {
        let pending = mem::take(&mut self.pending);
        let lease = &self.claim.lease;
        let now = self.ctx.clock.now();
        let done = self.stream.windows.is_empty();
        let kept = SignedDuration::from_secs(if done { 0 } else { LEASE_SECONDS });
        let lease_until = now.checked_add(kept).unwrap_or(now);
        let every = SignedDuration::from_secs(if done { EARNINGS_EVERY_SECONDS } else { 0 });
        let next_sync_at = now.checked_add(every).unwrap_or(now);
        let progress = Progress { stream: &self.stream, now, lease_until, next_sync_at };
        self.reading.as_of = self.stream.watermark();
        let read = span(pending.pages.iter().flatten());
        let Some(span) = self.span_to_check(read, pending.complete) else {
            if pending.rejects.is_empty() {
                return Ok(self.ctx.store.advance_quiet(lease, progress).await?);
            }
            let tx = self.ctx.store.begin("keep_rejects").await?;
            self.reading.rejects += tx.keep_rejects(lease, &digests(&pending.rejects), now).await?;
            tx.advance_stream(lease, progress).await?;
            tx.set_as_of(lease, self.stream.watermark()).await?;
            return Ok(tx.commit().await?);
        };
        let tx = self.ctx.store.begin("book_pages").await?;
        let (zone, booked) = tx.lock_books(lease, span, &orders(&pending.pages)).await?;
        let mut books = Books::open(booked);
        for page in &pending.pages {
            books.read(page);
        }
        let changes = books.changes(pending.complete, now);
        let zone = jiff::tz::TimeZone::get(&zone).map_err(|_| Error::Zone { name: zone })?;
        let deltas = day_deltas(&changes, &zone);
        tx.write_changes(lease, &changes, &deltas, now).await?;
        if !pending.rejects.is_empty() {
            self.reading.rejects += tx.keep_rejects(lease, &digests(&pending.rejects), now).await?;
        }
        tx.advance_stream(lease, progress).await?;
        tx.set_as_of(lease, self.stream.watermark()).await?;
        tx.commit().await?;
        self.reading.new_rows += changes.inserts.len();
        self.reading.amended_rows += changes.updates.len();
        self.reading.gross += deltas.iter().map(|delta| delta.gross).sum();
        self.reading.net += deltas.iter().map(|delta| delta.net).sum();
        Ok(())
    }
}

/// Why a step brought no page.
enum Step {
    /// Its window begins again, with the reason.
    Restart(String),
    /// The creator is done for this tick.
    Stop(Stop),
}

impl From<Error> for Step {
    fn from(error: Error) -> Self {
        Self::Stop(match error {
            Error::Reconnect { reason } => Stop::Reconnect(reason),
            Error::Store(store::Error::Lost { .. }) => Stop::Lost,
            other => Stop::Failed(crate::http::chain(&other)),
        })
    }
}

/// What an error that ends the attempts means for later ticks.
fn given_up(error: &fanvue::Error) -> Stop {
    let reason = crate::http::chain(error);
    match error {
        fanvue::Error::Forbidden { .. }
        | fanvue::Error::NotFound { .. }
        | fanvue::Error::VersionRefused { .. }
        | fanvue::Error::Refused { .. } => Stop::Refused(reason),
        _ => Stop::Failed(reason),
    }
}

/// When the platform may be asked again after a 429.
fn resume_at(retry_after: Option<std::time::Duration>, now: Timestamp) -> Timestamp {
    let seconds = retry_after.map_or(fanvue::THROTTLED_SECONDS_DEFAULT, |pause| pause.as_secs());
    let pause = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(3600));
    now.checked_add(pause).unwrap_or(now)
}

fn facts(page: &EarningsPage) -> PageFacts<'_> {
    PageFacts {
        span: span(&page.earnings),
        rows: page.earnings.len() + page.rejects.len(),
        has_anonymous: page.earnings.iter().any(|earning| earning.order_id.is_none()),
        next: page.next.as_ref(),
    }
}

/// The earliest and latest instant; `None` without earnings.
fn span<'a>(earnings: impl IntoIterator<Item = &'a Earning>) -> Option<(Timestamp, Timestamp)> {
    earnings.into_iter().fold(None, |span, earning| {
        let (first, last) = span.unwrap_or((earning.at, earning.at));
        Some((first.min(earning.at), last.max(earning.at)))
    })
}

fn orders(pages: &[Vec<Earning>]) -> Vec<&str> {
    pages.iter().flatten().filter_map(|e| e.order_id.as_ref().map(|id| id.as_str())).collect()
}

/// Each reject with what identifies it: the digest of its text.
fn digests(rejects: &[Reject]) -> Vec<(String, &Reject)> {
    let mut digests: Vec<_> = rejects
        .iter()
        .map(|reject| (hex::encode(&Sha256::digest(reject.raw.as_bytes())[..16]), reject))
        .collect();
    digests.sort_by(|a, b| a.0.cmp(&b.0));
    digests.dedup_by(|a, b| a.0 == b.0);
    digests
}
