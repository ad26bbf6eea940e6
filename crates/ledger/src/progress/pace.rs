//! How long the rest of a job takes: in windows of requests where those are what it waits for, and otherwise
//! at the pace that it had.

use jiff::{SignedDuration, Timestamp};

use super::bucket::Bucket;

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
    /// How long they are, in seconds: from the beginning of the one in which a 429 came until reading went on.
    pub seconds: i64,
    /// Requests that were sent in them all the same.
    pub requests: u64,
    /// When the last of them ends.
    pub until: Timestamp,
}

/// One history among those of a job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
    /// When all of it was read.
    pub ended_at: Option<Timestamp>,
    /// How often it had to wait for requests.
    pub pauses: u64,
    /// What had been read when it last had to, and until when: what was read before a pause took until its
    /// end.
    pub paced: Option<(u64, Timestamp)>,
    /// Windows that 429s cut short since then, if any did.
    pub spoilt: Option<SpoiltWindows>,
    /// What its bucket holds, where that is known.
    pub allowance: Option<Allowance>,
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
    let mut all: Vec<_> = parts.iter().collect();
    all.sort_by_key(|part| part.bucket);
    let (mut end, mut are_all_paused) = (now, true);
    for of in all.chunk_by(|a, b| a.bucket == b.bucket) {
        let bucket = Bucket::of(of, now);
        if let Some(at) = bucket.as_ref().and_then(Bucket::suffices_at) {
            end = end.max(at);
        }
        let is_open = of.iter().any(|part| part.left != Some(0));
        if is_open && !bucket.is_some_and(|bucket| bucket.was_paused()) {
            are_all_paused = false;
            end = end.max(ends_at(of, now).unwrap_or(end));
        }
    }
    if !are_all_paused {
        end = end.max(ends_at(&all, now)?);
    }
    Some(end.duration_since(now).as_secs().max(0))
}

/// When those parts are read, at the pace they had.
fn ends_at(parts: &[&Part], now: Timestamp) -> Option<Timestamp> {
    let begun_at = parts.iter().filter_map(|part| part.begun_at).min()?;
    let measured = || parts.iter().map(|part| part.paced.unwrap_or((part.read, now)));
    let rows: u64 = measured().map(|(rows, _)| rows).sum();
    let until = measured().map(|(_, until)| until).max()?;
    let all: u64 = parts.iter().map(|part| part.read.saturating_add(part.left.unwrap_or(0))).sum();
    if rows == 0 {
        return None;
    }
    let taken = u128::try_from(until.duration_since(begun_at).as_millis().max(0)).ok()?;
    let needed = i64::try_from(taken * u128::from(all) / u128::from(rows)).ok()?;
    begun_at.checked_add(SignedDuration::from_millis(needed)).ok()
}

#[cfg(test)]
mod tests;
