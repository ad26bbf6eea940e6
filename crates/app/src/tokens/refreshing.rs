//! Exchanging a pair: once, under the row's lock, stored before it is used.

use fanvue::{AccessToken, RefreshToken, TokenError};
use jiff::{SignedDuration, Timestamp};
use ledger::{AgencyId, ConnectionId};
use store::{Connection, SealedGrant, Tx};

use super::{Access, binding, find, is_due, open, seal, troubles::note, usable};
use crate::{ConfigError, Ctx, Error, http::chain, seal::TokenKind};

/// A pair younger than this is not refreshed for a person who asks, nor because it was refused: its
/// successor would fare no better. In seconds.
const YOUNG_SECONDS: i64 = 60;
/// How long after a refresh was begun the question may be put again: the platform tolerates the old
/// token for some 30 seconds, and a question takes time to arrive.
const TOLERATED_SECONDS: i64 = 25;
/// Questions to the token endpoint under one lock; an outage is for later ticks.
const ATTEMPTS_MAX: u32 = 3;
/// Between two attempts, in seconds.
const PAUSE_SECONDS: i64 = 1;
/// How long a pair whose predecessor is spent is kept while the database takes nothing: a server
/// that is restarted is back by then.
const KEEP_SECONDS: i64 = 90;
/// How long after a refresh was begun some process may still hold the pair that came of it: the last
/// question begins within the toleration and takes 15 seconds, then the pair is kept, with some time
/// for the last attempt to store it. A question meanwhile could gain nothing, and it would end the
/// connection if the token is spent.
const HELD_SECONDS: i64 = TOLERATED_SECONDS + 15 + KEEP_SECONDS + 30;

/// Why a pair is to be exchanged.
#[derive(Clone, Copy)]
pub(super) enum Cause<'a> {
    /// Its time has come, or a refresh of it was begun and not finished.
    Due,
    /// The platform refused this access token.
    Refused(&'a AccessToken),
    /// A person asked.
    Asked,
}

impl Cause<'_> {
    /// Whether the pair that is stored now still has to be exchanged.
    fn holds(self, held: &Connection, stored: &AccessToken, now: Timestamp) -> bool {
        // An intent stands by the pair it was written for; see `Store::intend_refresh`.
        let interrupted = held.refresh_intended_at.is_some();
        let age = now.duration_since(held.grant.obtained_at).as_secs();
        // A refusal may pass: what nothing can refresh is kept until it has really ended.
        let can_be = held.grant.refresh.is_some();
        // One from the future was obtained by a clock that was ahead: nobody knows its age.
        let is_young = (-YOUNG_SECONDS..YOUNG_SECONDS).contains(&age);
        let grown = (can_be && !is_young) || is_due(&held.grant, now);
        match self {
            Self::Due => interrupted || is_due(&held.grant, now),
            Self::Refused(refused) => stored.expose() == refused.expose() && (interrupted || grown),
            Self::Asked => interrupted || grown,
        }
    }
}

/// Refreshes a connection's pair because a person asked. One that is younger than a minute stays.
///
/// # Errors
/// As [`Tokens::access`].
pub(crate) async fn refresh_now(
    ctx: &Ctx,
    agency: AgencyId,
    id: ConnectionId,
) -> Result<(), Error> {
    refresh_one(ctx, agency, id, Cause::Asked).await
}

pub(super) async fn refresh_one(
    ctx: &Ctx,
    agency: AgencyId,
    id: ConnectionId,
    cause: Cause<'_>,
) -> Result<(), Error> {
    let connection = find(ctx, agency, id).await?;
    refresh(ctx, &connection, cause).await.map(drop)
}

/// Exchanges the pair, unless somebody did since it was seen. What keeps it from that is kept with the
/// connection.
pub(super) async fn refresh(
    ctx: &Ctx,
    seen: &Connection,
    cause: Cause<'_>,
) -> Result<Access, Error> {
    let exchanged = refresh_locked(ctx, seen, cause).await;
    if let Err(error) = &exchanged {
        note(ctx, seen, error).await;
    }
    exchanged
}

/// Exchanges the pair under the row's lock, unless somebody did while we waited for it.
async fn refresh_locked(ctx: &Ctx, seen: &Connection, cause: Cause<'_>) -> Result<Access, Error> {
    let (agency, id, now) = (seen.agency, seen.id, ctx.clock.now());
    let access = open(ctx, seen)?;
    if !cause.holds(seen, &access.token, now) {
        return Ok(access);
    }
    may_ask(seen, now)?;
    // It is never closed, so there is always leave to be had.
    let _leave = ctx.exchanges.acquire().await.ok();
    let now = ctx.clock.now();
    let forgotten = now.checked_sub(SignedDuration::from_secs(HELD_SECONDS)).unwrap_or(now);
    ctx.store.intend_refresh(agency, id, seen.grant.obtained_at, (now, forgotten)).await?;
    let tx = ctx.store.begin_briefly("refresh_connection").await?;
    let connection = match usable(tx.lock_connection(agency, id).await?) {
        Ok(connection) => connection,
        Err(gone) => {
            tx.rollback().await?;
            return Err(gone);
        }
    };
    let stored = open(ctx, &connection)?;
    if !cause.holds(&connection, &stored.token, ctx.clock.now()) {
        // Somebody did it while we waited.
        tx.rollback().await?;
        return Ok(stored);
    }
    if let Err(held) = may_ask(&connection, ctx.clock.now()) {
        tx.rollback().await?;
        return Err(held);
    }
    match exchange(ctx, &connection).await {
        Ok(grant) => {
            let sealed = seal_grant(ctx, &connection, &grant)?;
            if let Err(error) = save(tx, &connection, &sealed).await {
                keep(ctx, &connection, &sealed, error).await?;
            }
            tracing::info!(connection.id = %id, agency.id = %agency, "token refreshed");
            Ok(Access { token: grant.access, ..stored })
        }
        Err(Error::Reconnect { reason }) => {
            tx.revoke_connection(agency, id, &reason, ctx.clock.now()).await?;
            tx.commit().await?;
            tracing::error!(connection.id = %id, agency.id = %agency, reason, "connection ended");
            Err(Error::Reconnect { reason })
        }
        Err(other) => {
            tx.rollback().await?;
            Err(other)
        }
    }
}

/// Whether the platform may be asked with the stored token, if it was asked before and the answer is
/// not stored: while it surely tolerates the token, or when nobody can hold a successor any more.
fn may_ask(connection: &Connection, now: Timestamp) -> Result<(), Error> {
    let Some(begun_at) = connection.refresh_intended_at else { return Ok(()) };
    let age = now.duration_since(begun_at).as_secs();
    if (TOLERATED_SECONDS..HELD_SECONDS).contains(&age) {
        let until = begun_at.checked_add(SignedDuration::from_secs(HELD_SECONDS)).unwrap_or(now);
        return Err(Error::Held { until });
    }
    Ok(())
}

async fn save(tx: Tx, of: &Connection, sealed: &SealedGrant) -> Result<(), store::Error> {
    tx.save_grant(of.agency, of.id, sealed).await?;
    tx.commit().await
}

/// The database failed while we held the only pair that still works: it is stored as soon as the
/// database is back, unless the row got another one meanwhile. An account that was disconnected, or
/// whose connection ended, stays as it is.
async fn keep(
    ctx: &Ctx,
    before: &Connection,
    sealed: &SealedGrant,
    mut error: store::Error,
) -> Result<(), Error> {
    let began_at = ctx.clock.now();
    while ctx.clock.now().duration_since(began_at).as_secs() < KEEP_SECONDS {
        tracing::warn!(connection.id = %before.id, error = chain(&error), "new tokens not stored yet");
        pause(ctx).await;
        match try_keep(ctx, before, sealed).await {
            Err(Error::Store(again)) => error = again,
            kept_or_gone => return kept_or_gone,
        }
    }
    tracing::error!(connection.id = %before.id, error = chain(&error), "new tokens are lost");
    Err(error.into())
}

async fn try_keep(ctx: &Ctx, before: &Connection, sealed: &SealedGrant) -> Result<(), Error> {
    let tx = ctx.store.begin("keep_grant").await?;
    match usable(tx.lock_connection(before.agency, before.id).await?) {
        Ok(held) if held.grant.obtained_at == before.grant.obtained_at => {
            Ok(save(tx, before, sealed).await?)
        }
        // The first commit had arrived after all, or a person connected it again.
        Ok(_) => Ok(tx.rollback().await?),
        Err(gone) => {
            tx.rollback().await?;
            Err(gone)
        }
    }
}

async fn pause(ctx: &Ctx) {
    let now = ctx.clock.now();
    let pause = SignedDuration::from_secs(PAUSE_SECONDS);
    ctx.clock.sleep_until(now.checked_add(pause).unwrap_or(now)).await;
}

/// Asks the token endpoint. A lost answer may have spent the old token, so the question is repeated
/// at once, not by a later tick.
async fn exchange(ctx: &Ctx, connection: &Connection) -> Result<fanvue::Grant, Error> {
    if connection.grant.refresh.is_none() {
        return Err(Error::Reconnect { reason: "the account gave no refresh token".into() });
    }
    ctx.config.token_keys.sealing_key()?;
    // The first question may have been another process's.
    let begun_at = connection.refresh_intended_at.unwrap_or(ctx.clock.now());
    let mut attempts = 0;
    loop {
        attempts += 1;
        let answer = ask(ctx, connection).await;
        let Err(Error::Refresh(error)) = &answer else { return answer };
        let may_be_spent = matches!(
            error,
            TokenError::Transport { .. } | TokenError::Server { .. } | TokenError::Decode { .. }
        );
        let next = ctx.clock.now().duration_since(begun_at).as_secs() + PAUSE_SECONDS;
        if !may_be_spent || ATTEMPTS_MAX <= attempts || TOLERATED_SECONDS <= next {
            return answer;
        }
        tracing::warn!(connection.id = %connection.id, error = chain(error), "asking for tokens again");
        pause(ctx).await;
    }
}

/// One question to the token endpoint. Only a grant that is used up for good means "reconnect".
async fn ask(ctx: &Ctx, connection: &Connection) -> Result<fanvue::Grant, Error> {
    let Some(app) = &ctx.config.fanvue_app else {
        let problem = "is not set, so tokens can't be refreshed".to_owned();
        let variable = "FANVUE_CLIENT_ID".to_owned();
        return Err(Error::Config(ConfigError { variable, problem }));
    };
    let Some(sealed) = &connection.grant.refresh else {
        return Err(Error::Reconnect { reason: "the account gave no refresh token".into() });
    };
    let token = ctx.config.token_keys.open(sealed, binding(connection, TokenKind::Refresh))?;
    ctx.platform.refresh(app, &RefreshToken::new(token)).await.map_err(|error| match error {
        TokenError::InvalidGrant => {
            Error::Reconnect { reason: "Fanvue no longer accepts the refresh token".into() }
        }
        other => Error::Refresh(other),
    })
}

fn seal_grant(
    ctx: &Ctx,
    connection: &Connection,
    grant: &fanvue::Grant,
) -> Result<SealedGrant, Error> {
    let scope = grant.scope.clone().unwrap_or_else(|| connection.grant.scope.clone());
    seal(ctx, connection.agency, connection.id, grant, scope)
}
