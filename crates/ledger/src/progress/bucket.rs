//! When the requests of one bucket will have sufficed for all histories that draw from it.
//!
//! Requests come in windows. What is learnt is how many one brings, and how many of them news take; what is known
//! is how budgets are spent (docs/adr/0008, 0010): a history leaves a fifth of a full bucket to news, until the
//! window is nearly over. So who comes once a window leaves it unused, and who comes oftener does not.

use jiff::{SignedDuration, Timestamp};

use super::{Allowance, PAGE_ROWS, Part};

/// How long the platform counts requests until a bucket is full again.
const WINDOW_SECONDS: i64 = 60;

/// The share of what a window brings that comes when it begins, in per cent; the rest comes when the window
/// is nearly over.
const AT_ONCE_PERCENT: u64 = 80;

/// Reading that began so shortly before the end of a window had all of that window, in seconds.
const SHORTLY_SECONDS: i64 = 6;

/// What few windows tell by chance is learnt: they are taken together with so many that no 429 cut short.
const PRIOR_WINDOWS: u64 = 12;

/// Who had to wait in each window had at least what a history is given when one begins, unless something failed:
/// where less was measured, so many such windows are taken together with those.
const PRIOR_FULL_WINDOWS: u64 = 6;

/// The same of news: with so many in which they took one request, wherever a tick came.
const PRIOR_NEWS_WINDOWS: u64 = 24;

/// What windows bring is learnt as well: so few of them are taken together with a quarter of a full one.
const FEW_WINDOWS: u64 = 5;

/// A history leaves this part of a full bucket to news.
const RESERVE_PART: u64 = 5;

/// Who is done is asked for news once in so many windows.
const WINDOWS_BETWEEN_NEWS: u64 = 15;

/// Histories have a tenth of what windows bring at least, however many ask for news beside them: what is kept
/// for news falls due to whoever comes when a window ends.
const HISTORY_PART: u64 = 10;

/// Who had to wait so often in a window, in thousandths, came in each; and who did oftener, came within it too.
const EACH_MILLE: u64 = 900;
const OFTEN_MILLE: u64 = 1_300;

/// Requests are divided in thousandths.
const MILLE: u64 = 1000;

/// Pages are divided among histories in so small parts of one.
const SHARES: u128 = 1_000_000_000_000;

/// Histories that draw from one bucket.
pub(super) struct Bucket<'a> {
    parts: &'a [&'a Part],
    allowance: Allowance,
    /// What it holds until when, by now.
    remaining: u64,
    ends_at: Timestamp,
    now: Timestamp,
}

/// A history that is not at its end, among those it shares the bucket with.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Open {
    /// How much has been read for each share when it ends.
    ends_after: u128,
    /// Its share of what is read.
    share: u128,
    /// Requests of a window that its news take, in thousandths.
    news: u64,
}

fn after(from: Timestamp, seconds: i64) -> Option<Timestamp> {
    from.checked_add(SignedDuration::from_secs(seconds)).ok()
}

/// Whole windows of so many seconds.
fn windows(seconds: i64) -> u64 {
    u64::try_from((seconds + WINDOW_SECONDS - SHORTLY_SECONDS) / WINDOW_SECONDS).unwrap_or(0)
}

/// Pages of so many rows.
fn pages(rows: u64) -> u64 {
    rows.div_ceil(PAGE_ROWS)
}

impl<'a> Bucket<'a> {
    /// `None` where nothing is known of the bucket.
    pub(super) fn of(parts: &'a [&'a Part], now: Timestamp) -> Option<Self> {
        let allowance = parts.iter().find_map(|part| part.allowance)?;
        let limit = u64::from(allowance.limit.max(1));
        let (remaining, ends_at) = if allowance.window_ends_at <= now {
            (limit, after(now, WINDOW_SECONDS)?)
        } else {
            (u64::from(allowance.remaining).min(limit), allowance.window_ends_at)
        };
        Some(Self { parts, allowance, remaining, ends_at, now })
    }

    fn limit(&self) -> u64 {
        u64::from(self.allowance.limit.max(1))
    }

    fn reserve(&self) -> u64 {
        self.limit() / RESERVE_PART
    }

    /// What a history is given when a window begins.
    fn given_at_once(&self) -> u64 {
        self.limit() - self.reserve()
    }

    fn begun_at(&self) -> Option<Timestamp> {
        self.parts.iter().filter_map(|part| part.begun_at).min()
    }

    /// Seconds since reading began.
    fn passed(&self) -> i64 {
        self.begun_at().map_or(0, |at| self.now.duration_since(at).as_secs().max(0))
    }

    /// Whether the platform's limit is what its reading waited for.
    pub(super) fn was_paused(&self) -> bool {
        self.parts.iter().any(|part| part.paced.is_some())
    }

    /// How often in a window a reader came and had to wait, in thousandths.
    fn visits(&self) -> u64 {
        let pauses = self.parts.iter().map(|part| part.pauses).max().unwrap_or(0);
        let seconds = (self.passed() + WINDOW_SECONDS).unsigned_abs();
        pauses * MILLE * WINDOW_SECONDS.unsigned_abs() / seconds
    }

    /// The windows that 429s cut short since reading began: how long they were, what was sent in them, and when
    /// the last of them ends, if it is still to.
    fn spoilt(&self) -> (i64, u64, Option<Timestamp>) {
        let since = self.begun_at().unwrap_or(Timestamp::MAX);
        let (mut seconds, mut requests, mut until) = (0, 0, None);
        for one in self.parts.iter().filter_map(|part| part.spoilt) {
            if since < one.until {
                seconds += one.seconds;
                requests += one.requests;
                until = until.max(Some(one.until).filter(|until| self.now < *until));
            }
        }
        (seconds, requests, until)
    }

    /// Requests of a window, in thousandths, where so many brought so many.
    fn mean(&self, requests: u64, windows: u64) -> u64 {
        let prior = u64::from(windows <= FEW_WINDOWS);
        let all = requests.saturating_mul(4).saturating_add(prior * self.limit());
        let mean = all.saturating_mul(MILLE) / (4 * windows + prior).max(1);
        mean.clamp(1, self.limit() * MILLE)
    }

    /// Requests of a window to come, in thousandths: as many as the windows before this one brought, each of
    /// them whole; a full bucket where there was none before it. Those that a 429 cut short count as an
    /// accident, unless most were.
    pub(super) fn granted(&self) -> Option<u64> {
        let (spoilt_seconds, spoilt_requests, spoilt_until) = self.spoilt();
        let requests: u64 = self.parts.iter().map(|part| part.requests).sum();
        // What a 429 left of this window is nothing, and what was sent in it is in the sum of those.
        let (begins_at, used) = match spoilt_until {
            Some(until) => (until, 0),
            None => (after(self.ends_at, -WINDOW_SECONDS)?, self.limit() - self.remaining),
        };
        let passed = self.begun_at().map_or(0, |at| begins_at.duration_since(at).as_secs());
        // This one counts as soon as it has brought more than the others, where somebody comes in each.
        let has_come = spoilt_until.is_none() && EACH_MILLE <= self.visits();
        let mean = |requests: u64, windows: u64| {
            let before = self.mean(requests.saturating_sub(used), windows);
            if has_come { before.max(self.mean(requests, windows + 1)) } else { before }
        };
        // After a 429 they no longer begin where reading did: what is left of one is none.
        let nearest = if 0 < spoilt_seconds { SHORTLY_SECONDS - WINDOW_SECONDS / 2 } else { 0 };
        let (all, whole) = (windows(passed + nearest), windows(passed - spoilt_seconds + nearest));
        let of_all = mean(requests, all);
        // Before the first there was a full one.
        if whole + 1 < all.saturating_sub(whole) {
            return Some(of_all);
        }
        let of_whole = mean(requests.saturating_sub(spoilt_requests), whole);
        let weighed = of_all.saturating_mul(all) + of_whole.saturating_mul(PRIOR_WINDOWS);
        let measured = weighed / (all + PRIOR_WINDOWS);
        let full = self.given_at_once() * MILLE;
        if full <= measured || self.visits() < EACH_MILLE {
            return Some(measured);
        }
        let weighed = measured.saturating_mul(all) + full.saturating_mul(PRIOR_FULL_WINDOWS);
        Some(weighed / (all + PRIOR_FULL_WINDOWS))
    }

    /// What a window brings to one history that has the bucket to itself, in thousandths, where windows bring
    /// `granted` to all of them. Of a small bucket who comes once may take all, so there it is the same.
    fn alone(&self, granted: u64) -> u64 {
        match self.visits() {
            visits if visits == 0 || self.reserve() < 2 => granted,
            visits if OFTEN_MILLE < visits => self.limit() * MILLE - MILLE / 2,
            visits => self.given_at_once() * MILLE * visits.min(EACH_MILLE) / EACH_MILLE,
        }
    }

    /// How many histories were open so far, in the mean, in thousandths.
    fn crowd(&self) -> u64 {
        let Ok(passed @ 1..) = u64::try_from(self.passed()) else {
            return u64::try_from(self.parts.len()).unwrap_or(u64::MAX).saturating_mul(MILLE);
        };
        let open_for = |part: &&Part| {
            let until = part.ended_at.unwrap_or(self.now);
            part.begun_at.map_or(0, |at| until.duration_since(at).as_secs().max(0))
        };
        let seconds: i64 = self.parts.iter().map(open_for).sum();
        seconds.unsigned_abs().saturating_mul(MILLE) / passed
    }

    /// What news take of a window beside one history, in thousandths: each asks for its own once in a window,
    /// if it has a turn in it.
    fn for_news(&self, part: &Part, granted: u64) -> u64 {
        let passed = part.begun_at.map_or(0, |at| self.now.duration_since(at).as_secs());
        let windows = u64::try_from(passed / WINDOW_SECONDS).unwrap_or(0);
        let news = part.requests.saturating_sub(pages(part.pass));
        let turns = (granted / self.given_at_once()).min(MILLE);
        (news * MILLE + PRIOR_NEWS_WINDOWS * turns) / (windows + PRIOR_NEWS_WINDOWS)
    }

    /// `None` where all of it was read. Histories go on as they did, for who comes first in a window may leave
    /// little to the others; a page more each, so that who had no turn yet will have one.
    fn open(&self, part: &Part, granted: u64) -> Option<Open> {
        let left = part.left.filter(|left| 0 < *left)?;
        let share = u128::from(pages(part.pass)) + 1;
        let ends_after = u128::from(pages(left)) * u128::from(MILLE) * SHARES / share;
        Some(Open { ends_after, share, news: self.for_news(part, granted) })
    }

    /// When all of it may have been asked for. Requests come in windows, and of each of them as many as ticks
    /// found. Histories share what news leave of it. Who is done leaves more to the others, or less is used:
    /// each makes a request of difference at most, until one is alone.
    pub(super) fn suffices_at(&self) -> Option<Timestamp> {
        let granted = self.granted()?;
        let used = self.limit() - self.remaining;
        let usable = (self.remaining * MILLE).min(granted.saturating_sub(used * MILLE));
        let left: u64 = self.parts.iter().map(|part| pages(part.left.unwrap_or(0))).sum();
        if left.saturating_mul(MILLE) <= usable {
            return Some(self.now);
        }
        let parts = self.parts.iter();
        let mut open: Vec<_> = parts.filter_map(|part| self.open(part, granted)).collect();
        open.sort_unstable();
        let (alone, crowd) = (self.alone(granted), self.crowd());
        let mut news: u64 = open.iter().map(|one| one.news).sum();
        let mut shares: u128 = open.iter().map(|one| one.share).sum();
        let (mut at_hand, mut read, mut windows) = (usable, 0, 0);
        for (i, one) in open.iter().enumerate() {
            let needed = u64::try_from((one.ends_after - read) * shares / SHARES).ok()?;
            let from_hand = needed.min(at_hand);
            at_hand -= from_hand;
            let sharing = u64::try_from(open.len() - i).ok()?;
            let gone = crowd.saturating_sub(sharing.saturating_mul(MILLE));
            let brings = alone.clamp(granted.saturating_sub(gone), granted.saturating_add(gone));
            let done = u64::try_from(self.parts.len()).ok()?.saturating_sub(sharing);
            let others = news.saturating_add(done.saturating_mul(MILLE) / WINDOWS_BETWEEN_NEWS);
            let rate = brings.saturating_sub(others).max(granted / HISTORY_PART).max(1);
            windows += u128::from(needed - from_hand) * u128::from(MILLE) / u128::from(rate);
            (read, news, shares) = (one.ends_after, news - one.news, shares - one.share);
        }
        if windows * 100 <= u128::from(MILLE * AT_ONCE_PERCENT) {
            return Some(self.ends_at);
        }
        let seconds = windows * u128::from(WINDOW_SECONDS.unsigned_abs()) / u128::from(MILLE);
        after(self.ends_at, i64::try_from(seconds).ok()?)
    }
}

#[cfg(test)]
mod tests;
