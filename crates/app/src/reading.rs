//! Reading one creator's earnings under a lease: ask for pages, book them, move the stream on.
//!
//! What was read and how far it was read commit together. A failure on the way commits what came
//! before it, then is written down as a failure: it moves neither watermark nor as-of time.

mod asking;
mod committing;
mod narrow;
mod news;
mod pieces;
mod repairing;
mod stopping;

use fanvue::EarningsPage;
use jiff::{SignedDuration, Timestamp};
use ledger::{Earning, Feed, OpenWindow, PageFacts, PageVerdict, Purpose, Reject, Stream};
use store::Claim;

pub(crate) use self::asking::{NOT_MANAGED, refusal};
use self::{
    committing::Pending,
    news::ask_for_news,
    stopping::{nothing_to_read, settle},
};
use crate::{Ctx, budget::Budget, tick::Scope, tokens::Tokens};

/// How long a lease lasts beyond the last commit. A tick that dies holds its creators this long.
pub(crate) const LEASE_SECONDS: i64 = 60;
/// How often a creator's earnings are due.
pub(crate) const EARNINGS_EVERY_SECONDS: i64 = 15 * 60;
/// A history that goes on by itself asks for news again after so long, in seconds: heartbeats do.
const NEWS_BESIDE_HISTORY_SECONDS: i64 = 60;
/// Rows that are booked in one commit, at least, while there are more.
const ROWS_PER_COMMIT: usize = 1000;
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

/// Reads what is open in the claimed stream, and what is new, until done or stopped. In the scope of
/// what is due, a history that was put off goes on where it stopped: asking for news each time would
/// take from the bucket what the history was put off for.
pub(crate) async fn read_creator(
    ctx: &Ctx,
    tokens: &Tokens,
    claim: Claim,
    (scope, deadline): (Scope, Timestamp),
) -> Reading {
    let mut stream = claim.stream.clone();
    let (since, now) = (ctx.clock.now(), ctx.platform_now());
    let apart = ctx.platform_time.apart();
    let news_are_fresh = stream
        .read_to
        .is_some_and(|read_to| now.duration_since(read_to).as_secs() < NEWS_BESIDE_HISTORY_SECONDS);
    // A pulse that was opened before something changed further back does not reach there.
    let falls_short = |from: Timestamp| {
        let is_short = |open: &OpenWindow| {
            open.purpose == Purpose::Pulse
                && open.feed == Feed::Earnings
                && from < open.window.start()
        };
        stream.windows.iter().any(is_short)
    };
    let mut news_wait = claim.read_from.is_some_and(falls_short)
        || (scope == Scope::Due && !stream.windows.is_empty() && news_are_fresh);
    if !news_wait {
        ask_for_news(&mut stream, &claim, now);
    }
    let is_told = ctx.platform_time.is_fresh(since) && !stream.is_ahead_of(now);
    if stream.windows.is_empty() && !is_told {
        // By our clock there can be no news; whether that is right, the platform's next answer tells.
        stream.open_end();
        news_wait = true;
    }
    if stream.windows.is_empty() {
        return nothing_to_read(ctx, &claim).await;
    }
    let mut reader = CreatorReader {
        ctx,
        tokens,
        claim: &claim,
        deadline,
        since,
        renewed_at: since,
        stream,
        news_wait,
        apart,
        requests_counted: 0,
        seen_before: claim.stream.history_pass().and_then(|pass| pass.seen),
        budget: None,
        pending: Pending::default(),
        reading: Reading::default(),
    };
    let outcome = reader.run().await;
    if let Some(budget) = &mut reader.budget
        && let Err(error) = budget.settle(ctx).await
    {
        // Whoever was read was read all the same.
        let error = crate::http::chain(&error);
        tracing::warn!(error, "what is left of the budget is not noted");
    }
    if let Err(stop) = outcome {
        reader.reading.stopped = Some(settle(&reader, stop).await);
    }
    reader.reading
}

struct CreatorReader<'a> {
    ctx: &'a Ctx,
    tokens: &'a Tokens,
    claim: &'a Claim,
    deadline: Timestamp,
    /// When this reading began.
    since: Timestamp,
    /// When the lease was renewed, by a commit or before this reading.
    renewed_at: Timestamp,
    stream: Stream,
    /// News are not asked for before what is open has been read.
    news_wait: bool,
    /// How far the platform's clock was thought to be ahead when news were asked for.
    apart: SignedDuration,
    /// Requests that commits have told of.
    requests_counted: u32,
    /// What the pass over the history had seen at the last commit.
    seen_before: Option<(Timestamp, Timestamp)>,
    budget: Option<Budget>,
    pending: Pending,
    reading: Reading,
}

impl CreatorReader<'_> {
    async fn run(&mut self) -> Result<(), Stop> {
        let mut restarts = 0;
        let mut is_written = false;
        while let Some(index) = self.stream.next() {
            if self.is_over() {
                return self.stop(Stop::Deadline).await;
            }
            let stepped = match self.stream.windows[index].purpose {
                Purpose::Narrow => self.read_whole(index).await,
                Purpose::Pulse | Purpose::History => self.read_page(index).await,
            };
            self.open_next();
            match stepped {
                Ok(()) if !self.is_commit_due() => is_written = false,
                Ok(()) => {
                    self.commit().await?;
                    is_written = true;
                }
                Err(Step::Restart(reason)) => {
                    self.commit().await?;
                    is_written = true;
                    restarts += 1;
                    if RESTARTS_PER_TICK_MAX < restarts {
                        return Err(Stop::Failed(reason));
                    }
                }
                Err(Step::Stop(stop)) => return self.stop(stop).await,
            }
        }
        if is_written { Ok(()) } else { self.commit().await }
    }

    /// Each commit renews the lease, so slow pages may not keep it from being renewed in time.
    fn is_commit_due(&self) -> bool {
        let held = self.ctx.clock.now().duration_since(self.renewed_at).as_secs();
        let is_full = ROWS_PER_COMMIT <= self.pending.rows || self.pending.complete.is_some();
        is_full || LEASE_SECONDS / 3 <= held
    }

    /// Ends the reading early. What came before counts; an attempt that brought nothing is no
    /// success and writes nothing.
    async fn stop(&mut self, stop: Stop) -> Result<(), Stop> {
        if !self.pending.is_empty() {
            self.commit().await?;
        }
        Err(stop)
    }

    /// Reads the next page of a window whose pages are booked one by one.
    async fn read_page(&mut self, index: usize) -> Result<(), Step> {
        let mut open = self.stream.windows[index].clone();
        if !self.pending.is_empty() && (open.pass.pages == 0 || self.pending.is_apart(&open)) {
            // What is pending belongs to other windows; this pass stands by itself.
            self.commit().await.map_err(Step::Stop)?;
        }
        if open.is_uncut() {
            self.cut_piece(index).await?;
            open = self.stream.windows[index].clone();
        }
        let page = match self.ask(&open).await {
            Err(Step::Restart(reason)) => {
                self.begin_again(index);
                return Err(Step::Restart(reason));
            }
            other => other?,
        };
        let verdict = self.stream.read_page(index, &facts(&page));
        let read = usize::try_from(open.pass.rows).unwrap_or(usize::MAX);
        let read = read.saturating_add(page.earnings.len() + page.rejects.len());
        self.take(&open, page.earnings, page.rejects);
        // A span that two pages share is counted right only by the narrow read that follows.
        let shared = self.stream.windows.iter().any(|open| open.purpose == Purpose::Narrow);
        let whole =
            self.pending.is_from_the_first_page() && self.pending.rejects.is_empty() && !shared;
        if verdict == PageVerdict::Closed {
            self.close(&open, read, whole);
        }
        if verdict == PageVerdict::Loop {
            self.cut_after_restarts(index);
            return Err(Step::Restart("Fanvue repeated a cursor while paging".into()));
        }
        Ok(())
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

    /// Takes a page of that window, as it stood before the page was read.
    fn take(&mut self, open: &OpenWindow, earnings: Vec<Earning>, rejects: Vec<Reject>) {
        self.reading.pages += 1;
        if self.pending.is_empty() {
            self.pending.begun = Some(open.clone());
        } else if !self.pending.goes_on_with(open) {
            self.pending.begun = None;
        }
        if open.is_proof() {
            self.pending.proof = Some(open.window);
        }
        self.pending.is_history |= open.purpose == Purpose::History;
        self.pending.rows += earnings.len() + rejects.len();
        self.pending.pages.push(earnings);
        self.pending.rejects.extend(rejects);
    }
}

/// Why a step brought no page.
enum Step {
    /// Its window begins again, with the reason.
    Restart(String),
    /// The creator is done for this tick.
    Stop(Stop),
}

fn facts(page: &EarningsPage) -> PageFacts<'_> {
    PageFacts {
        span: committing::span(&page.earnings),
        rows: page.earnings.len() + page.rejects.len(),
        has_anonymous: page.earnings.iter().any(|earning| earning.order_id.is_none()),
        next: page.next.as_ref(),
    }
}
