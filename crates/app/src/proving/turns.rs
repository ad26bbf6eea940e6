//! Whose turn it is to be compared with totals: connection by connection, whoever was tried longest ago first.
//!
//! Each account has a request limit of its own. Who has reached theirs goes behind the others with the
//! question that was broken off, and only when nobody else is left is anything waited for: a throttled
//! account takes the time of no other.

use std::collections::BTreeSet;

use fanvue::CREATORS_PER_ASK_MAX;
use jiff::{SignedDuration, Timestamp};
use ledger::{AgencyId, ConnectionId};

use super::{
    Night,
    asking::Account,
    comparing::{Compared, Group, Span, compare_group},
};
use crate::{Error, http::chain, tokens::Tokens};

/// Nobody else asks about creators for so long after they were claimed.
const CLAIM_SECONDS: i64 = 300;

/// Connections whose creators were not all compared.
pub(super) type Uncompared = BTreeSet<(AgencyId, ConnectionId)>;

/// A connection that is not done.
struct Turn<'a> {
    account: Account<'a>,
    /// Whom a question is open about.
    group: Option<Group>,
    /// Before then there is no leave to ask.
    not_before: Timestamp,
}

/// How a turn ended.
enum Ended {
    /// Everybody was compared, is held by somebody else, or can't be in this night.
    Done,
    /// It goes on then.
    Later(Timestamp),
    /// The time is over, or Fanvue told nothing that can be used.
    Left,
}

/// Compares until two thirds of the time are over; returns the connections that are left.
pub(super) async fn compare(night: &mut Night<'_>) -> Result<Uncompared, Error> {
    let deadline = night.after_thirds(2);
    let mut left = Uncompared::new();
    let Some(span) = Span::of(night.night) else { return Ok(left) };
    let (ctx, tokens) = (night.ctx, Tokens::default());
    let connections = ctx.store.list_proved_connections(ctx.clock.now(), night.night).await?;
    let turn = |whose| {
        let account = Account { ctx, tokens: &tokens, whose, deadline, requests: 0 };
        Turn { account, group: None, not_before: Timestamp::MIN }
    };
    let mut turns: Vec<_> = connections.into_iter().map(turn).collect();
    // Each round ends a turn, or puts it off to a later instant: all end at the deadline.
    while let Some(mut turn) = next(&mut turns, ctx.clock.now()) {
        if turn.not_before < deadline {
            ctx.clock.sleep_until(turn.not_before).await;
        } else {
            night.found.later(turn.not_before);
        }
        let ended = go_on(night, &mut turn, span).await;
        night.found.requests += std::mem::take(&mut turn.account.requests);
        match ended {
            Ok(Ended::Later(until)) => {
                turn.not_before = until;
                turns.push(turn);
                continue;
            }
            Ok(Ended::Done) => {}
            Ok(Ended::Left) => {
                left.insert(turn.account.whose);
            }
            Err(error) => {
                note_error(night, &turn, &error);
                left.insert(turn.account.whose);
            }
        }
        give_back(night, turn).await;
    }
    Ok(left)
}

/// Adds the connections of which somebody else holds creators who are not compared: whoever it is may be dead,
/// and then a later call compares them.
pub(super) async fn add_held(night: &mut Night<'_>, left: &mut Uncompared) -> Result<(), Error> {
    let ctx = night.ctx;
    for (whose, until) in ctx.store.list_held_proofs(ctx.clock.now(), night.night).await? {
        left.insert(whose);
        night.found.later(until);
    }
    Ok(())
}

/// The first of those who may ask now; where nobody may, who may soonest.
fn next<'a>(turns: &mut Vec<Turn<'a>>, now: Timestamp) -> Option<Turn<'a>> {
    let soonest = turns.iter().enumerate().min_by_key(|(_, turn)| turn.not_before.max(now));
    let index = soonest?.0;
    Some(turns.remove(index))
}

/// One group after the other, until there is none or Fanvue has to be waited for.
async fn go_on(night: &mut Night<'_>, turn: &mut Turn<'_>, span: Span) -> Result<Ended, Error> {
    let limit = i64::try_from(CREATORS_PER_ASK_MAX).unwrap_or(i64::MAX);
    let deadline = turn.account.deadline;
    // Each round compares creators, who are then done for this night, or ends.
    while turn.not_before < deadline && !night.is_over(deadline) {
        if turn.group.is_none() {
            let now = night.ctx.clock.now();
            let until = now.checked_add(SignedDuration::from_secs(CLAIM_SECONDS)).unwrap_or(now);
            let claim = (now, until, span.night);
            let claimed = night.ctx.store.claim_proofs(turn.account.whose, claim, limit).await?;
            if claimed.is_empty() {
                return Ok(Ended::Done);
            }
            turn.group = Some(Group::of(claimed));
        }
        let Some(group) = &mut turn.group else { break };
        match compare_group(night, &mut turn.account, span, group).await? {
            Compared::Later(until) => return Ok(Ended::Later(until)),
            Compared::Nothing => break,
            Compared::Done(count) => {
                night.found.creators_compared += count;
                night.say("creators compared", night.found.creators_compared);
                turn.group = None;
            }
        }
    }
    Ok(Ended::Left)
}

fn note_error(night: &mut Night<'_>, turn: &Turn<'_>, error: &Error) {
    let (agency, connection) = turn.account.whose;
    tracing::warn!(connection.id = %connection, error = chain(error), "not compared");
    let what = match error {
        Error::Store(_) => "the database did not take what was compared".to_owned(),
        other => chain(other),
    };
    night.found.problem(agency, Some(connection), what);
}

/// Somebody else may ask about those whose question came to no end. Where that fails, their claim ends by
/// itself.
async fn give_back(night: &Night<'_>, turn: Turn<'_>) {
    let Some(group) = turn.group else { return };
    let (agency, now) = (turn.account.whose.0, night.ctx.clock.now());
    if let Err(error) = night.ctx.store.release_proofs(agency, &group.creators(), now).await {
        tracing::warn!(agency.id = %agency, error = chain(&error), "claims were not given back");
    }
}
