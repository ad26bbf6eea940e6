//! How long the rest of a job takes: in windows of requests where those are what it waits for, and otherwise
//! at the pace that it had.

use jiff::{SignedDuration, Timestamp};

use super::PAGE_ROWS;

/// How long the platform counts requests until a bucket is full again.
const WINDOW_SECONDS: i64 = 60;

/// The share of what a window brings that comes when it begins, in per cent; the rest comes when the window
/// is nearly over.
const AT_ONCE_PERCENT: u64 = 80;

/// Reading that began so shortly before the end of a window had all of that window, in seconds.
const SHORTLY_SECONDS: i64 = 6;

/// What few windows tell by chance is learnt: they are taken together with so many that were as they should
/// be. In each of those news take one request beside each history, and no 429 cuts any short.
const PRIOR_WINDOWS: u64 = 12;

/// What windows bring is learnt as well: so few of them are taken together with a full one.
const FEW_WINDOWS: u64 = 5;

/// Histories have a tenth of what windows bring at least, however many ask for news beside them: what is kept
/// for news falls due to whoever comes when a window ends.
const HISTORY_SHARE: u64 = 10;

/// Requests are divided in thousandths.
const MILLE: u64 = 1000;

/// The requests that the platform allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// In a whole window.
    pub limit: u32,
    /// In the rest of this one.
    pub remaining: u32,
    /// When the next one begins.
    pub window_ends_at: Timestamp,
}

/// Windows that 429s cut short: what they brought is no measure of those to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpoiltWindows {
    /// How long they are, in seconds.
    pub seconds: i64,
    /// Requests that were sent in them all the same.
    pub requests: u64,
    /// When the last of them ends.
    pub until: Timestamp,
}

/// One history among those of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Histories of one number draw their requests from the same bucket.
    pub bucket: usize,
    /// Requests sent so far.
    pub requests: u64,
    /// Rows read so far, news among them.
    pub read: u64,
    /// Those of the pass over the history.
    pub pass: u64,
    /// Rows still to come; `None` where nothing tells.
    pub left: Option<u64>,
    /// When its first page was asked for.
    pub begun_at: Option<Timestamp>,
    /// What had been read when the platform last asked us to wait, and until when: what was read before a
    /// pause took until its end.
    pub paced: Option<(u64, Timestamp)>,
    /// Windows that 429s cut short since then, if any did.
    pub spoilt: Option<SpoiltWindows>,
    /// What its bucket holds, where that is known.
    pub allowance: Option<Allowance>,
}

impl Part {
    /// Pages still to come, in thousandths.
    fn pages_left(&self) -> u64 {
        self.left.unwrap_or(0).div_ceil(PAGE_ROWS).saturating_mul(MILLE)
    }
}

/// Histories that draw from one bucket.
pub(super) struct Bucket<'a> {
    parts: Vec<&'a Part>,
    allowance: Allowance,
    /// What it holds until when, by now.
    remaining: u64,
    ends_at: Timestamp,
    now: Timestamp,
}

fn after(from: Timestamp, seconds: i64) -> Option<Timestamp> {
    from.checked_add(SignedDuration::from_secs(seconds)).ok()
}

/// Whole windows of so many seconds.
fn windows(seconds: i64) -> u64 {
    u64::try_from((seconds + WINDOW_SECONDS - SHORTLY_SECONDS) / WINDOW_SECONDS).unwrap_or(0)
}

impl<'a> Bucket<'a> {
    /// `None` where nothing is known of the bucket.
    pub(super) fn of(parts: Vec<&'a Part>, now: Timestamp) -> Option<Self> {
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

    fn begun_at(&self) -> Option<Timestamp> {
        self.parts.iter().filter_map(|part| part.begun_at).min()
    }

    /// Whether the platform's limit is what its reading waited for.
    fn was_paused(&self) -> bool {
        self.parts.iter().any(|part| part.paced.is_some())
    }

    /// Requests of a window to come, in thousandths: as many as the windows before this one brought, each of
    /// them whole; a full bucket where there was none before it. Those that a 429 cut short count as an
    /// accident, unless most were.
    pub(super) fn granted(&self) -> Option<u64> {
        let limit = self.limit();
        let (mut seconds, mut spoilt, mut is_spoilt) = (0, 0, None);
        let begun_at = self.begun_at();
        let spoilt_since = |one: &SpoiltWindows| begun_at.is_some_and(|at| at < one.until);
        for one in self.parts.iter().filter_map(|part| part.spoilt).filter(spoilt_since) {
            seconds += one.seconds;
            spoilt += one.requests;
            is_spoilt = is_spoilt.max(Some(one.until).filter(|until| self.now < *until));
        }
        let requests: u64 = self.parts.iter().map(|part| part.requests).sum();
        // What a 429 left of this window is nothing, and what was sent in it is in the sum of those.
        let (begins_at, used) = match is_spoilt {
            Some(until) => (until, 0),
            None => (after(self.ends_at, -WINDOW_SECONDS)?, limit - self.remaining),
        };
        let passed = begun_at.map_or(0, |at| begins_at.duration_since(at).as_secs());
        let brought = requests.saturating_sub(used);
        let mean = |requests: u64, windows: u64| {
            let full = u64::from(windows <= FEW_WINDOWS);
            let all = requests.saturating_add(full * limit).saturating_mul(MILLE);
            (all / (windows + full).max(1)).clamp(1, limit * MILLE)
        };
        // After a 429 they no longer begin where reading did: what is left of one is none.
        let nearest = if 0 < seconds { SHORTLY_SECONDS - WINDOW_SECONDS / 2 } else { 0 };
        let (all, whole) = (windows(passed + nearest), windows(passed - seconds + nearest));
        let (all_mean, whole_mean) =
            (mean(brought, all), mean(brought.saturating_sub(spoilt), whole));
        // Before the first there was a full one.
        if whole + 1 < all - whole.min(all) {
            return Some(all_mean);
        }
        let weighed = all_mean.saturating_mul(all) + whole_mean.saturating_mul(PRIOR_WINDOWS);
        Some(weighed / (all + PRIOR_WINDOWS))
    }

    /// What news take of a window beside one history, in thousandths: each asks for its own once in a window,
    /// if it has a turn in it.
    fn for_news(&self, part: &Part, granted: u64) -> u64 {
        let passed =
            part.begun_at.map_or(0, |at| self.now.duration_since(at).as_secs() + WINDOW_SECONDS);
        let windows = windows(passed - SHORTLY_SECONDS).max(1) - u64::from(part.begun_at.is_none());
        let news = part.requests.saturating_sub(part.pass.div_ceil(PAGE_ROWS));
        let prior = PRIOR_WINDOWS * granted / self.limit();
        (news * MILLE + prior) / (windows + PRIOR_WINDOWS)
    }

    /// When all of it may have been asked for. Requests come in windows, and of each of them as many as ticks
    /// found: who comes once a minute leaves what is kept for news until a window ends. Histories share what
    /// news leave of it, and who is done asks for no more of them.
    pub(super) fn suffices_at(&self) -> Option<Timestamp> {
        let granted = self.granted()?;
        let used = self.limit() - self.remaining;
        let usable = (self.remaining * MILLE).min(granted.saturating_sub(used * MILLE));
        let mut open: Vec<_> = self
            .parts
            .iter()
            .map(|part| (part.pages_left(), self.for_news(part, granted)))
            .filter(|(pages, _)| 0 < *pages)
            .collect();
        open.sort_unstable();
        let all: u64 = open.iter().map(|(pages, _)| pages).sum();
        if all <= usable {
            return Some(self.now);
        }
        let (mut at_hand, mut done, mut windows) = (usable, 0, 0);
        let mut news: u64 = open.iter().map(|(_, news)| news).sum();
        for (i, (pages, own)) in open.iter().enumerate() {
            let sharing = u64::try_from(open.len() - i).unwrap_or(u64::MAX);
            let needed = (pages - done).saturating_mul(sharing);
            let from_hand = needed.min(at_hand);
            at_hand -= from_hand;
            let rate = granted.saturating_sub(news).max(granted / HISTORY_SHARE).max(1);
            windows += u128::from(needed - from_hand) * u128::from(MILLE) / u128::from(rate);
            (done, news) = (*pages, news.saturating_sub(*own));
        }
        if windows * 100 <= u128::from(MILLE * AT_ONCE_PERCENT) {
            return Some(self.ends_at);
        }
        let seconds = windows * u128::from(WINDOW_SECONDS.unsigned_abs()) / u128::from(MILLE);
        after(self.ends_at, i64::try_from(seconds).ok()?)
    }
}

/// Seconds until the last part is read; `None` while nothing tells.
///
/// What shares a bucket shares its windows, and its pace where no limit of requests was ever met. Others go on
/// side by side, so the slowest decides; and all together are no faster than they were so far, because an
/// invocation reads a few at a time, unless requests are all that each of them waits for.
#[must_use]
pub fn seconds_left(parts: &[Part], now: Timestamp) -> Option<i64> {
    if parts.iter().any(|part| part.left.is_none()) {
        return None;
    }
    parts.iter().find(|part| 0 < part.read)?;
    let mut numbers: Vec<_> = parts.iter().map(|part| part.bucket).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let (mut end, mut are_all_paused) = (now, true);
    for number in numbers {
        let of = || parts.iter().filter(move |part| part.bucket == number);
        let bucket = Bucket::of(of().collect(), now);
        if let Some(at) = bucket.as_ref().and_then(Bucket::suffices_at) {
            end = end.max(at);
        }
        let is_open = of().any(|part| part.left != Some(0));
        if is_open && !bucket.is_some_and(|bucket| bucket.was_paused()) {
            are_all_paused = false;
            end = end.max(ends_at(of(), now).unwrap_or(end));
        }
    }
    if !are_all_paused {
        end = end.max(ends_at(parts.iter(), now)?);
    }
    Some(end.duration_since(now).as_secs().max(0))
}

/// When those parts are read, at the pace they had.
fn ends_at<'a>(parts: impl Iterator<Item = &'a Part> + Clone, now: Timestamp) -> Option<Timestamp> {
    let begun_at = parts.clone().filter_map(|part| part.begun_at).min()?;
    let measured = |part: &Part| part.paced.unwrap_or((part.read, now));
    let rows: u64 = parts.clone().map(|part| measured(part).0).sum();
    let until = parts.clone().map(|part| measured(part).1).max()?;
    let all: u64 = parts.map(|part| part.read.saturating_add(part.left.unwrap_or(0))).sum();
    if rows == 0 {
        return None;
    }
    let taken = u128::try_from(until.duration_since(begun_at).as_millis().max(0)).ok()?;
    let needed = i64::try_from(taken * u128::from(all) / u128::from(rows)).ok()?;
    begun_at.checked_add(SignedDuration::from_millis(needed)).ok()
}
