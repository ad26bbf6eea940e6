//! Asking leave before each request: the budget that all instances share, and what is learnt of it.
//!
//! Which requests draw from which bucket is documented (each creator's routes have their own) and
//! checked: an answer that tells of fewer requests left than we know to be used means that the
//! creators of the connection share one.

use std::time::Duration;

use fanvue::Limits;
use jiff::{SignedDuration, Timestamp};
use ledger::{AgencyId, ConnectionId, Purpose, SpoiltWindows};
use store::{Bucket, Taken, Told};

use crate::{Ctx, Error};

/// The bucket of everything but creators' own routes.
const ACCOUNT: &str = "account";

/// The share of a bucket that a history leaves to what people wait for, in per mille.
const HISTORY_LEAVES_PER_MILLE: i32 = 200;

/// The share that an audience leaves to everything else, histories included, in per mille.
const AUDIENCE_LEAVES_PER_MILLE: i32 = 400;

/// The largest number that is believed of a header.
const REQUESTS_MAX: i32 = 1_000_000;

/// How far ahead a reset is believed: twice the window that the platform documents. What it tells
/// beyond that would stop everybody; believed this far it costs a request every two minutes.
const RESET_SECONDS_MAX: i64 = 120;

/// Leave to send one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leave {
    /// Send it.
    Granted,
    /// Not before then.
    Wait(Timestamp),
}

/// One reader's dealings with its bucket.
pub(crate) struct Budget {
    agency: AgencyId,
    connection: ConnectionId,
    creator: Option<String>,
    shared: bool,
    /// What the last answer told, and what we had thought when we asked.
    told: Option<(Told, Granted)>,
    granted: Option<Granted>,
    /// What a 429 spoilt.
    spoilt: Option<SpoiltWindows>,
}

#[derive(Clone, Copy)]
struct Granted {
    limit: i32,
    remaining: i32,
    window_ends_at: Timestamp,
}

impl Budget {
    /// For requests of the connected account (`None`) or of one creator's routes.
    pub(crate) fn new(
        agency: AgencyId,
        connection: ConnectionId,
        creator: Option<String>,
        shared: bool,
    ) -> Self {
        Self { agency, connection, creator, shared, told: None, granted: None, spoilt: None }
    }

    /// Asks for leave to send one request.
    pub(crate) async fn take(&mut self, ctx: &Ctx, purpose: Purpose) -> Result<Leave, Error> {
        let reserve = match purpose {
            Purpose::History => HISTORY_LEAVES_PER_MILLE,
            Purpose::Pulse | Purpose::Narrow => 0,
        };
        self.take_leaving(ctx, reserve).await
    }

    /// The same for what comes last: an audience can wait for money.
    pub(crate) async fn take_for_audience(&mut self, ctx: &Ctx) -> Result<Leave, Error> {
        self.take_leaving(ctx, AUDIENCE_LEAVES_PER_MILLE).await
    }

    async fn take_leaving(&mut self, ctx: &Ctx, reserve: i32) -> Result<Leave, Error> {
        let told = self.told.take().map(|(told, _)| told);
        let taken = ctx.store.take_request(&self.bucket(), told, reserve, ctx.clock.now()).await?;
        Ok(match taken {
            Taken::Granted { limit, remaining, window_ends_at } => {
                self.granted = Some(Granted { limit, remaining, window_ends_at });
                Leave::Granted
            }
            Taken::Wait(until) => Leave::Wait(until),
        })
    }

    /// Takes note of what an answer told.
    pub(crate) async fn hear(&mut self, ctx: &Ctx, limits: Option<Limits>) -> Result<(), Error> {
        let (Some(limits), Some(granted)) = (limits, self.granted.take()) else { return Ok(()) };
        let now = ctx.clock.now();
        let latest = now.checked_add(SignedDuration::from_secs(RESET_SECONDS_MAX)).unwrap_or(now);
        let number = |n: u32| i32::try_from(n).unwrap_or(REQUESTS_MAX).min(REQUESTS_MAX);
        let told = Told {
            limit: number(limits.limit),
            remaining: number(limits.remaining),
            resets_at: limits.resets_at.min(latest),
        };
        self.told = Some((told, granted));
        if self.creator.is_none() {
            return Ok(());
        }
        let shared = if self.shared {
            granted.still_shared(told)
        } else {
            granted.looks_shared(told) && self.is_more_than_ours(ctx, told, granted).await?
        };
        if shared != self.shared {
            tracing::info!(connection.id = %self.connection, shared, "learnt how requests are counted");
            ctx.store.set_bucket_shared(&self.bucket(), shared).await?;
            self.shared = shared;
            self.told = None;
        }
        Ok(())
    }

    /// Whether more were counted than all that we know of: a creator's earnings and audience are read
    /// at the same time, and either may be answered after the other has asked.
    async fn is_more_than_ours(
        &self,
        ctx: &Ctx,
        told: Told,
        granted: Granted,
    ) -> Result<bool, Error> {
        let windows = (granted.window_ends_at, window_end(told).unwrap_or(told.resets_at));
        let ours = ctx.store.requests_taken(&self.bucket(), windows).await?;
        Ok(ours.is_some_and(|ours| ours < told.limit - told.remaining))
    }

    /// The platform answered 429: nobody sends before the instant it names, which is returned.
    pub(crate) async fn pause(
        &mut self,
        ctx: &Ctx,
        retry_after: Option<Duration>,
    ) -> Result<Timestamp, Error> {
        let until = resume_at(retry_after, ctx.clock.now());
        self.spoilt = ctx.store.pause_bucket(&self.bucket(), until).await?;
        Ok(until)
    }

    /// The windows that a 429 cut short which this reader was the first to hear.
    pub(crate) fn spoilt(&self) -> Option<SpoiltWindows> {
        self.spoilt
    }

    /// Writes down what the last answer told, if it was news.
    pub(crate) async fn settle(&mut self, ctx: &Ctx) -> Result<(), Error> {
        match self.told.take() {
            Some((told, granted))
                if told.limit != granted.limit
                    || told.remaining < granted.remaining
                    || !granted.in_window_of(told) =>
            {
                Ok(ctx.store.note_told(&self.bucket(), told, ctx.clock.now()).await?)
            }
            _ => Ok(()),
        }
    }

    fn bucket(&self) -> Bucket {
        let own = self.creator.as_ref().filter(|_| !self.shared);
        let name = own.cloned().unwrap_or_else(|| ACCOUNT.to_owned());
        let creator = self.creator.clone();
        Bucket { agency: self.agency, connection: self.connection, name, creator }
    }
}

/// When the platform may be asked again after a 429.
fn resume_at(retry_after: Option<Duration>, now: Timestamp) -> Timestamp {
    let seconds = retry_after.map_or(fanvue::THROTTLED_SECONDS_DEFAULT, |pause| pause.as_secs());
    let pause = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(3600));
    now.checked_add(pause).unwrap_or(now)
}

/// When the window ends that an answer tells of: the store keeps a second behind the reset.
fn window_end(told: Told) -> Option<Timestamp> {
    told.resets_at.checked_add(SignedDuration::from_secs(1)).ok()
}

impl Granted {
    fn in_window_of(self, told: Told) -> bool {
        window_end(told) == Some(self.window_ends_at)
    }

    /// A creator's own bucket holds less than what we left in it: others draw from it.
    fn looks_shared(self, told: Told) -> bool {
        let was_full = self.remaining == self.limit - 1;
        let missing = told.remaining < self.remaining && told.limit == self.limit;
        (was_full && told.remaining < told.limit - 1) || (missing && self.in_window_of(told))
    }

    /// What all creators took together is missing from the bucket, so it is one. An answer that
    /// tells of far more left was counted for one creator alone.
    fn still_shared(self, told: Told) -> bool {
        let far_more = self.remaining.saturating_add(told.limit / 2) < told.remaining;
        !(far_more && told.limit == self.limit && self.in_window_of(told))
    }
}
