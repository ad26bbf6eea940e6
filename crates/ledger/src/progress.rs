//! How far a history has been read, and how long the rest will take.
//!
//! The span of time that was read tells little of it: a creator may have sold half of everything in one
//! month of three years. Two things know better. The ledger, where a history is read again: its rows
//! outside of the span that was read are still to come, and those inside say how many the platform has
//! for each of ours. And what the platform says was sold in all: divided by what a row brought so far. Where
//! neither is there, nothing is foretold.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Cents, OpenWindow, Stream};

/// Rows of a full page.
const PAGE_ROWS: u64 = 50;

/// What few rows say of many is taken together with so many that say that the ledger lacks none.
const PRIOR_ROWS: u64 = 10;

/// Nothing is called done before it is.
const PER_MILLE_MAX: u64 = 990;

/// By how much, in per cent, the ledger may miss what was sold, once what it lacks is counted, and still be
/// trusted. Sums of the platform leave reversals out, and few rows tell little.
const EVEN_PERCENT: u128 = 10;

/// The pass over a history that is being read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPass {
    /// Rows read in it.
    pub rows: u64,
    /// Earliest and latest instant of them; `None` before the first.
    pub seen: Option<(Timestamp, Timestamp)>,
}

impl Stream {
    /// The pass over the history, while one is open, however many windows it is read in.
    #[must_use]
    pub fn history_pass(&self) -> Option<HistoryPass> {
        self.windows.iter().filter_map(OpenWindow::history_pass).reduce(HistoryPass::and)
    }
}

/// What is known of a history that is being read for somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Rows of the ledger outside of the span that the pass has seen.
    pub ahead: u64,
    /// Rows of the ledger from before the first that it held when reading began.
    pub beyond: u64,
    /// All rows of the ledger.
    pub held: u64,
    /// Rows that were added to it since reading began.
    pub added: u64,
    /// What those that it held when reading began came to.
    pub known_gross: Cents,
    /// Rows read in this pass.
    pub pass: u64,
    /// Rows read since reading began, in all passes.
    pub read: u64,
    /// What they came to, without reversals.
    pub read_gross: Cents,
    /// What the platform says was sold in all, where it was asked.
    pub promised_gross: Option<Cents>,
}

impl Evidence {
    /// Rows that are still to come; `None` where nothing tells.
    #[must_use]
    pub fn rows_left(&self) -> Option<u64> {
        let (known, promised) = (self.known_rows(), self.promised_rows());
        if self.explains_promise() { known.or(promised) } else { promised.or(known) }
    }

    /// Rows that the platform had, and those of them that the ledger held, of the span that was read.
    fn behind(&self) -> (u128, u128) {
        let held = self.held.saturating_sub(self.added).saturating_sub(self.ahead);
        let had = self.pass.saturating_sub(self.beyond);
        (u128::from(had + PRIOR_ROWS), u128::from(held + PRIOR_ROWS))
    }

    /// Whether the ledger, times what the platform had for each row behind, comes to what the platform
    /// says was sold: then what it lacks is lacking evenly.
    fn explains_promise(&self) -> bool {
        let (Some(promised), Ok(known)) = (self.promised_gross, u128::try_from(self.known_gross.0))
        else {
            return self.promised_gross.is_none();
        };
        let (had, held) = self.behind();
        let explained = known * had / held;
        let promised = u128::try_from(promised.0).unwrap_or_default();
        (promised * (100 - EVEN_PERCENT)..=promised * (100 + EVEN_PERCENT))
            .contains(&(explained * 100))
    }

    /// The ledger's rows ahead, times what the platform had for each row behind.
    fn known_rows(&self) -> Option<u64> {
        if self.held.saturating_sub(self.added) == 0 || 2 * PAGE_ROWS < self.beyond {
            // The platform goes on where the ledger ends.
            return None;
        }
        let (had, held) = self.behind();
        u64::try_from(u128::from(self.ahead) * had / held).ok()
    }

    /// What was not read yet of the promised sum, in rows that bring what those before them did.
    fn promised_rows(&self) -> Option<u64> {
        let promised = u128::try_from(self.promised_gross?.0).ok()?;
        let gross = u128::try_from(self.read_gross.0).ok().filter(|gross| 0 < *gross)?;
        let rows = u64::try_from(promised * u128::from(self.read) / gross).ok()?;
        Some(rows.saturating_sub(self.pass))
    }

    /// How much of the history has been read. It may fall when more is learnt: whoever shows it keeps the
    /// highest.
    #[must_use]
    pub fn per_mille(&self) -> u16 {
        // Of what nobody foretells, never more than half is claimed.
        let left = self.rows_left().unwrap_or(self.pass + 10 * PAGE_ROWS);
        let all = self.pass.saturating_add(left).max(1);
        let share = u128::from(self.pass) * 1000 / u128::from(all);
        u16::try_from(share.min(u128::from(PER_MILLE_MAX))).unwrap_or_default()
    }
}

/// How long the platform counts requests until a bucket is full again.
const WINDOW_SECONDS: i64 = 60;

/// The share of what a window brings that comes when it begins, in per cent; the rest comes when the window
/// is nearly over.
const AT_ONCE_PERCENT: u64 = 80;

/// Reading that began so shortly before the end of a window had all of that window, in seconds.
const SHORTLY_SECONDS: i64 = 6;

/// What news take beside a history is learnt: few windows are taken together with so many full ones of
/// which they took a request each.
const PRIOR_WINDOWS: u64 = 12;

/// What windows bring is learnt as well: so few of them are taken together with a full one.
const FEW_WINDOWS: u64 = 5;

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

impl Allowance {
    /// When so many rows may have been asked for by those who had so much of the bucket. Requests come in
    /// windows, and of each of them as many as ticks found: who comes once a minute leaves what is kept for
    /// news until a window ends.
    fn suffices_at(self, rows: u64, had: Had, now: Timestamp) -> Option<Timestamp> {
        let after =
            |from: Timestamp, seconds| from.checked_add(SignedDuration::from_secs(seconds)).ok();
        let limit = u64::from(self.limit.max(1));
        let (remaining, ends_at) = if self.window_ends_at <= now {
            (limit, after(now, WINDOW_SECONDS)?)
        } else {
            (u64::from(self.remaining).min(limit), self.window_ends_at)
        };
        let used = limit - remaining;
        let granted = had.of_a_window(limit, used, after(ends_at, -WINDOW_SECONDS)?);
        let usable = (remaining * MILLE).min(granted.saturating_sub(used * MILLE));
        let over = rows.div_ceil(PAGE_ROWS).saturating_mul(MILLE).saturating_sub(usable);
        if over == 0 {
            return Some(now);
        }
        let rate = granted.saturating_sub(had.for_news(granted, limit)).max(1);
        if over.saturating_mul(100) <= rate * AT_ONCE_PERCENT {
            return Some(ends_at);
        }
        let seconds =
            u128::from(over) * u128::from(WINDOW_SECONDS.unsigned_abs()) / u128::from(rate);
        after(ends_at, i64::try_from(seconds).ok()?)
    }
}

/// What reading had of a bucket since it began.
#[derive(Clone, Copy, Debug, Default)]
struct Had {
    requests: u64,
    /// Those among them that histories were read with.
    pages: u64,
    begun_at: Option<Timestamp>,
}

impl Had {
    fn by<'a>(parts: impl Iterator<Item = &'a Part> + Clone) -> Self {
        Self {
            requests: parts.clone().map(|part| part.requests).sum(),
            pages: parts.clone().map(|part| part.pass.div_ceil(PAGE_ROWS)).sum(),
            begun_at: parts.filter_map(|part| part.begun_at).min(),
        }
    }

    /// Requests of a window, in thousandths: as many as the windows before this one brought, of which
    /// `used` were taken; a full bucket where there was none before it.
    fn of_a_window(self, limit: u64, used: u64, begins_at: Timestamp) -> u64 {
        let passed = self.begun_at.map_or(0, |at| begins_at.duration_since(at).as_secs());
        let windows = (passed + WINDOW_SECONDS - SHORTLY_SECONDS) / WINDOW_SECONDS;
        match u64::try_from(windows) {
            Ok(windows) if 0 < windows => {
                let before = self.requests.saturating_sub(used);
                let full = u64::from(windows <= FEW_WINDOWS);
                let brought = before.saturating_add(full * limit).saturating_mul(MILLE);
                (brought / (windows + full)).clamp(1, limit * MILLE)
            }
            _ => limit * MILLE,
        }
    }

    /// How many of so many requests serve something else than a history.
    fn for_news(self, granted: u64, limit: u64) -> u64 {
        let news = self.requests.saturating_sub(self.pages) + PRIOR_WINDOWS;
        let all = self.requests + PRIOR_WINDOWS * limit;
        u64::try_from(u128::from(granted) * u128::from(news) / u128::from(all)).unwrap_or(granted)
    }
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
    /// What its bucket holds, where that is known.
    pub allowance: Option<Allowance>,
}

/// Seconds until the last part is read; `None` while nothing tells.
///
/// What shares a bucket shares its pace. Others go on side by side, so the slowest decides; and all
/// together are no faster than they were so far, because an invocation reads a few at a time. Requests come
/// in bursts, so a pace that was measured within one promises too much: what windows brought bounds it.
#[must_use]
pub fn seconds_left(parts: &[Part], now: Timestamp) -> Option<i64> {
    if parts.iter().any(|part| part.left.is_none()) {
        return None;
    }
    let mut buckets: Vec<_> = parts.iter().map(|part| part.bucket).collect();
    buckets.sort_unstable();
    buckets.dedup();
    let of = |bucket| parts.iter().filter(move |part| part.bucket == bucket);
    let by_pace = buckets.iter().filter_map(|bucket| ends_at(of(*bucket), now)).max()?;
    let allowed = |bucket: &usize| {
        let left = of(*bucket).filter_map(|part| part.left).sum();
        let had = Had::by(of(*bucket));
        of(*bucket).find_map(|part| part.allowance)?.suffices_at(left, had, now)
    };
    let by_leave = buckets.iter().filter_map(allowed).max().unwrap_or(now);
    let end = by_pace.max(by_leave).max(ends_at(parts.iter(), now)?);
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

#[cfg(test)]
mod tests;
