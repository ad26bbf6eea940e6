//! Whether a person has something to do: what is wrong, and that nobody reads any more.

use jiff::Timestamp;

use super::{Stream, StreamState};
use crate::platform_time::CLOCKS_APART;

/// Two of the slower schedule's rounds: whom nobody took up for so long is not read by any schedule.
const ABANDONED_SECONDS: i64 = 1_800;

impl Stream<'_> {
    /// When Fanvue last told that nothing is new, or rows were read.
    fn confirmed(&self) -> Option<Timestamp> {
        self.as_of.map(|at| self.confirmed_at.map_or(at, |seen| seen.max(at)))
    }

    /// Whether nobody reads it though nothing stands in the way: between two ticks of a schedule that runs it
    /// is stale, or incomplete, for minutes only.
    fn is_abandoned(&self, now: Timestamp) -> bool {
        let is_long_ago = |at: Timestamp| ABANDONED_SECONDS <= now.duration_since(at).as_secs();
        match self.state {
            StreamState::Stale => self.confirmed().is_some_and(is_long_ago),
            // One whose history was asked for again was taken up long before, and is due since then.
            StreamState::Incomplete => {
                self.tried_at.max(self.next_sync_at).max(self.confirmed_at).is_none_or(is_long_ago)
            }
            _ => false,
        }
    }

    /// Whether our clock is behind that of whoever confirmed it: then nobody knows how old it is.
    fn is_ahead(&self, now: Timestamp) -> bool {
        let is_later = |at: Timestamp| CLOCKS_APART < at.duration_since(now);
        self.state == StreamState::Stale && self.confirmed().is_some_and(is_later)
    }
}

/// What a person has to look at besides the streams.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Others {
    /// Connections whose token has ended and was not renewed.
    pub(super) overdue: usize,
    /// Audiences that are set aside.
    pub(super) parked_audience: i64,
    /// Days that differ from Fanvue's totals after they were read again.
    pub(super) settled: usize,
}

/// Whether a person has something to do, and what.
pub(super) fn verdict(streams: &[Stream<'_>], others: &Others, now: Timestamp) -> (bool, String) {
    let count = |state| streams.iter().filter(|one| one.state == state).count();
    let total = streams.len();
    let abandoned = streams.iter().filter(|one| one.is_abandoned(now)).count();
    let ahead = streams.iter().filter(|one| one.is_ahead(now)).count();
    let Others { overdue, parked_audience, settled } = *others;
    let troubles: Vec<_> = [
        (count(StreamState::Disconnected), "disconnected"),
        (count(StreamState::Parked), "set aside"),
        (count(StreamState::Retrying), "failed and tried again"),
        (abandoned, "not read for half an hour: look at the schedules"),
        (ahead, "confirmed later than now: clocks differ"),
    ]
    .into_iter()
    .filter(|(number, _)| 0 < *number)
    .map(|(number, what)| format!("{number} of {total} {what}"))
    .chain((0 < overdue).then(|| format!("{overdue} of accounts' tokens ended and not renewed")))
    .chain((0 < parked_audience).then(|| format!("{parked_audience} of audiences set aside")))
    .chain((0 < settled).then(|| format!("{settled} days differ from Fanvue's totals")))
    .collect();
    if troubles.is_empty() {
        let live = count(StreamState::Live) + count(StreamState::Syncing);
        return (false, format!("All is well · {live} of {total} live"));
    }
    (true, format!("Needs attention · {}", troubles.join(" · ")))
}
