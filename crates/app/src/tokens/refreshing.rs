//! Exchanging a pair: once, under the row's lock, stored before it is used.

use fanvue::{AccessToken, RefreshToken, TokenError};
use jiff::Timestamp;
use ledger::{AgencyId, ConnectionId};
use store::{Connection, SealedGrant};

use super::{Access, binding, find, gone, is_due, open, seal};
use crate::{ConfigError, Ctx, Error, seal::TokenKind};

/// A pair younger than this is not refreshed for a person who asks, in seconds.
const ASKED_AGAIN_SECONDS: i64 = 60;

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
        match self {
            Self::Due => interrupted || is_due(&held.grant, now),
            Self::Refused(refused) => stored.expose() == refused.expose(),
            Self::Asked => {
                let age = now.duration_since(held.grant.obtained_at).as_secs();
                interrupted || ASKED_AGAIN_SECONDS <= age
            }
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

/// Exchanges the pair under the row's lock, unless somebody did while we waited for it.
pub(super) async fn refresh(
    ctx: &Ctx,
    seen: &Connection,
    cause: Cause<'_>,
) -> Result<Access, Error> {
    let (agency, id, now) = (seen.agency, seen.id, ctx.clock.now());
    let access = open(ctx, seen)?;
    if !cause.holds(seen, &access.token, now) {
        return Ok(access);
    }
    ctx.store.intend_refresh(agency, id, seen.grant.obtained_at, now).await?;
    let tx = ctx.store.begin("refresh_connection").await?;
    let held = tx.lock_connection(agency, id).await?.filter(|connection| connection.is_active);
    let Some(connection) = held else {
        tx.rollback().await?;
        return Err(gone());
    };
    let stored = open(ctx, &connection)?;
    if !cause.holds(&connection, &stored.token, ctx.clock.now()) {
        // Somebody did it while we waited.
        tx.rollback().await?;
        return Ok(stored);
    }
    match ask(ctx, &connection).await {
        Ok(grant) => {
            let sealed = seal_grant(ctx, &connection, &grant)?;
            tx.save_grant(agency, id, &sealed).await?;
            tx.commit().await?;
            tracing::info!(connection.id = %id, agency.id = %agency, "token refreshed");
            Ok(Access { token: grant.access, ..stored })
        }
        Err(Error::Reconnect { reason }) => {
            tx.revoke_connection(agency, id, &reason, ctx.clock.now()).await?;
            tx.advance_revision(agency, ctx.clock.now()).await?;
            tx.commit().await?;
            tracing::warn!(connection.id = %id, agency.id = %agency, reason, "connection ended");
            Err(Error::Reconnect { reason })
        }
        Err(other) => {
            tx.rollback().await?;
            Err(other)
        }
    }
}

/// One question to the token endpoint. Only a grant that is used up for good means "reconnect".
async fn ask(ctx: &Ctx, connection: &Connection) -> Result<fanvue::Grant, Error> {
    let Some(app) = &ctx.config.fanvue_app else {
        let problem = "is not set, so tokens can't be refreshed".to_owned();
        return Err(Error::Config(ConfigError { variable: "FANVUE_CLIENT_ID", problem }));
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
