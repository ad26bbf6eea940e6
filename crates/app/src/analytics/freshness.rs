//! How old each creator's figures are, whether they are complete, and what keeps them. Nothing that
//! failed makes a figure look younger or more complete.

use jiff::Timestamp;
use serde::Serialize;
use store::CreatorFreshness;

use super::moment::after;
use crate::platform_time::CLOCKS_APART;

/// A creator confirmed less long ago than this is live.
pub(super) const LIVE_SECONDS: i64 = 300;

/// An incomplete history that no tick took up for this long is not being read any more.
const ABANDONED_SECONDS: i64 = 3_600;

/// What a creator's indicator shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "CreatorState"))]
#[serde(rename_all = "camelCase")]
pub(super) enum State {
    /// Complete, connected, and confirmed less than five minutes ago.
    Live,
    /// Being read right now, or its history is.
    Syncing,
    /// Not confirmed for five minutes.
    Stale,
    /// Not read yet.
    Never,
    /// Nothing can be read before a person reconnects.
    Disconnected,
}

/// How many of the creators are in each state, by its name.
pub(crate) fn count_states(
    creators: &[CreatorFreshness],
    now: Timestamp,
) -> impl Iterator<Item = (&'static str, usize)> {
    let states: Vec<_> = Standing::all(creators, now).into_iter().map(|s| s.state).collect();
    let names = [
        (State::Live, "live"),
        (State::Syncing, "syncing"),
        (State::Stale, "stale"),
        (State::Never, "never"),
        (State::Disconnected, "disconnected"),
    ];
    names
        .into_iter()
        .map(move |(state, name)| (name, states.iter().filter(|other| **other == state).count()))
}

/// How a creator stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) state: State,
    /// Everything before this instant is in the ledger; `None` while the history is incomplete.
    pub(super) as_of: Option<Timestamp>,
    /// When the platform last told that nothing is new.
    pub(super) confirmed_at: Option<Timestamp>,
    /// How long before the answer's moment that was. Never negative; `None` also where our clock is
    /// known to be behind.
    pub(super) age_seconds: Option<i64>,
    /// Whether the ledger holds all there was up to [`Standing::as_of`].
    pub(super) is_exact: bool,
    /// Why it is not live or not exact.
    pub(super) reason: Option<String>,
}

impl Standing {
    /// How these stand, in their order.
    pub(super) fn all(creators: &[CreatorFreshness], now: Timestamp) -> Vec<Self> {
        let seen = creators.iter().filter_map(|creator| seen(creator).1).max();
        let is_behind = seen.and_then(unless_behind).is_some_and(|at| now < at);
        creators.iter().map(|creator| Self::of(creator, now, is_behind)).collect()
    }

    /// By a clock that is behind nothing is known to be recent.
    fn of(creator: &CreatorFreshness, now: Timestamp, is_behind: bool) -> Self {
        let (as_of, confirmed_at) = seen(creator);
        let age = |at: Timestamp| now.duration_since(at).as_secs().max(0);
        let age_seconds = confirmed_at.filter(|_| !is_behind).map(age);
        let is_recent = |_| age_seconds.is_some_and(|age| age < LIVE_SECONDS);
        let state = state(creator, confirmed_at.map(is_recent), now);
        let mut reasons = reasons(creator, state, as_of.is_some(), now);
        if is_behind {
            reasons.push("clocks differ, so nobody knows how old this is".to_owned());
        }
        Self {
            state,
            as_of,
            confirmed_at,
            age_seconds,
            is_exact: as_of.is_some() && is_proven(creator),
            reason: (!reasons.is_empty()).then(|| reasons.join("; ")),
        }
    }
}

/// Up to when the creator's rows are in the ledger, and when that was last confirmed.
fn seen(creator: &CreatorFreshness) -> (Option<Timestamp>, Option<Timestamp>) {
    // Both have to say so; the earlier one is believed.
    let as_of = creator.as_of.zip(creator.watermark).map(|(shown, read)| shown.min(read));
    // Totals may have confirmed the creator since its rows were read.
    (as_of, as_of.map(|at| creator.confirmed_at.map_or(at, |seen| seen.max(at))))
}

/// Whoever was confirmed at that instant shows a clock to be behind that is before this one.
fn unless_behind(confirmed_at: Timestamp) -> Option<Timestamp> {
    confirmed_at.checked_sub(CLOCKS_APART).ok()
}

/// The instants at which time alone changes how the creator stands, or what it counts.
pub(super) fn turns(creator: &CreatorFreshness) -> impl Iterator<Item = Timestamp> + use<> {
    let (_, confirmed_at) = seen(creator);
    let turns = [
        // No answer is of an earlier moment than what it shows.
        confirmed_at,
        confirmed_at.and_then(unless_behind),
        confirmed_at.and_then(|at| after(at, LIVE_SECONDS)),
        creator.tried_at.and_then(|at| after(at, ABANDONED_SECONDS)),
        creator.lease_expires_at,
        creator.paused_until,
        creator.hints_ended_at,
        creator.hints_end_at,
    ];
    turns.into_iter().flatten()
}

/// `is_recent` for one that was ever confirmed.
fn state(creator: &CreatorFreshness, is_recent: Option<bool>, now: Timestamp) -> State {
    let is_leased = creator.lease_expires_at.is_some_and(|until| now < until);
    let was_tried = |at: Timestamp| now.duration_since(at).as_secs() < ABANDONED_SECONDS;
    match (creator.is_connected, is_recent) {
        (None, None) if creator.row_count == 0 => State::Never,
        (None | Some(false), _) => State::Disconnected,
        _ if is_leased => State::Syncing,
        (_, Some(true)) => State::Live,
        (_, Some(false)) => State::Stale,
        (_, None) => match creator.tried_at {
            _ if creator.parked_at.is_some() => State::Stale,
            None => State::Never,
            Some(_) if creator.last_error.is_some() => State::Stale,
            Some(at) if was_tried(at) => State::Syncing,
            Some(_) => State::Stale,
        },
    }
}

/// Whether every row is one that Fanvue shows and every list is read, none was set aside, and no day's
/// total says otherwise.
fn is_proven(creator: &CreatorFreshness) -> bool {
    let doubts = (creator.reject_count, creator.adopted_count, creator.difference_count);
    doubts == (0, 0, 0) && !creator.lacks_reversals
}

fn reasons(
    creator: &CreatorFreshness,
    state: State,
    is_complete: bool,
    now: Timestamp,
) -> Vec<String> {
    let mut reasons: Vec<String> = Vec::new();
    let main = match (state, is_complete) {
        (State::Live, _) => None,
        (State::Disconnected, _) => {
            Some("the Fanvue connection is gone: connect the account again")
        }
        (State::Never, _) if creator.is_connected.is_none() => {
            Some("no Fanvue account is connected")
        }
        (State::Never, _) => Some("its history has not been read yet"),
        (State::Syncing, false) => Some("its history is being read"),
        (State::Syncing, true) => Some("new rows are being read"),
        (State::Stale, false) => Some("its history is incomplete, and nobody is reading it"),
        (State::Stale, true) => Some("it was not confirmed in the last 5 minutes"),
    };
    reasons.extend(main.map(str::to_owned));
    if state == State::Disconnected && !is_complete {
        reasons.push("its history is incomplete".to_owned());
    }
    if let Some(until) = creator.paused_until.filter(|until| now < *until) {
        reasons.push(format!("Fanvue asked us to wait until {until}"));
    }
    if creator.parked_at.is_some() {
        reasons.push("it was set aside after repeated failures".to_owned());
    } else if creator.last_error.is_some() {
        reasons.push("the last attempt failed".to_owned());
    }
    match creator.reject_count {
        0 => {}
        1 => reasons.push("1 row could not be read and is not counted".to_owned()),
        n => reasons.push(format!("{n} rows could not be read and are not counted")),
    }
    match creator.adopted_count {
        0 => {}
        1 => reasons.push("1 row of the older system is counted and not confirmed yet".to_owned()),
        n => {
            reasons.push(format!("{n} rows of the older system are counted and not confirmed yet"));
        }
    }
    match creator.difference_count {
        0 => {}
        1 => reasons.push("on 1 day Fanvue's total is not that of the rows".to_owned()),
        n => reasons.push(format!("on {n} days Fanvue's total is not that of the rows")),
    }
    if creator.lacks_reversals {
        let why = "refunds and chargebacks since Fanvue changed its lists are not read yet";
        reasons.push(why.to_owned());
    }
    reasons
}

/// How fresh an answer is as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Freshness {
    /// The answer's moment, which ages are counted to.
    generated_at: Timestamp,
    newest_as_of: Option<Timestamp>,
    /// The oldest of the creators whom nobody disconnected, a connection that ended by itself
    /// included; `null` while the history of one is incomplete.
    oldest_as_of: Option<Timestamp>,
    /// When the next read is due.
    next_sync_at: Option<Timestamp>,
    live_count: usize,
    syncing_count: usize,
    /// How many can't be read before a person reconnects.
    disconnected_count: usize,
    total: usize,
    /// Whether every creator is exact, and there is one, and no connection ended by itself: then
    /// nothing after its end is in the sum.
    pub(super) exact: bool,
    rejects: i64,
}

impl Freshness {
    pub(super) fn of(
        creators: &[CreatorFreshness],
        standings: &[Standing],
        now: Timestamp,
    ) -> Self {
        let count = |state| standings.iter().filter(|s| s.state == state).count();
        let ended = |c: &CreatorFreshness| c.is_connected == Some(false);
        let meant: Vec<_> = creators
            .iter()
            .zip(standings)
            .filter(|(c, s)| s.state != State::Disconnected || ended(c))
            .map(|(_, s)| s.as_of)
            .collect();
        let oldest: Option<Vec<_>> = if meant.is_empty() {
            standings.iter().map(|s| s.as_of).collect()
        } else {
            meant.into_iter().collect()
        };
        let due = creators.iter().filter(|c| c.is_connected == Some(true) && c.parked_at.is_none());
        Self {
            generated_at: now,
            newest_as_of: standings.iter().filter_map(|s| s.as_of).max(),
            oldest_as_of: oldest.and_then(|all| all.into_iter().min()),
            next_sync_at: due.filter_map(|c| c.next_sync_at).min(),
            live_count: count(State::Live),
            syncing_count: count(State::Syncing),
            disconnected_count: count(State::Disconnected),
            total: standings.len(),
            exact: !standings.is_empty()
                && standings.iter().all(|s| s.is_exact)
                && !creators.iter().any(ended),
            rejects: creators.iter().map(|c| c.reject_count).sum(),
        }
    }
}

#[cfg(test)]
mod tests;
