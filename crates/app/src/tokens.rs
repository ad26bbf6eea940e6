//! Access tokens: opened when used, refreshed in time, one refresh in flight a connection.
//!
//! The intent to refresh is written before the platform is asked, and the new pair is stored before
//! it is used. A process that dies in between leaves the old pair and the intent behind; the next
//! one tries the old refresh token again, which the platform tolerates for some 30 seconds.

mod identifying;
mod refreshing;
mod troubles;

use std::{collections::HashMap, sync::Arc};

use fanvue::{AccessToken, Routes};
use jiff::{SignedDuration, Timestamp};
use ledger::{AgencyId, ConnectionId};
use store::{Connection, SealedGrant};
use tokio::sync::Mutex;

use crate::{
    Ctx, Error,
    seal::{Binding, TokenKind},
};

use self::{
    identifying::identify,
    refreshing::{Cause, refresh, refresh_one},
};
pub(crate) use self::{refreshing::refresh_now, troubles::Trouble};

/// The share of a token's life, in percent, after which it is refreshed.
const REFRESH_AFTER_PERCENT: i64 = 80;

/// A token ready to be used, and how its account is served.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    pub(crate) token: AccessToken,
    pub(crate) routes: Routes,
    pub(crate) bucket_shared: bool,
}

/// What became of a connection's token in this tick: a failure is not repeated by each creator.
enum Held {
    Ready(Access),
    /// It may still be good for others: the platform refused it, and it could not be exchanged.
    Refused(Access, String),
    Ended(String),
    Failed(String),
}

type Cell = Arc<Mutex<Option<Held>>>;

/// The tokens of one tick. Not kept beyond it: another instance may refresh at any time.
#[derive(Default)]
pub(crate) struct Tokens {
    cells: Mutex<HashMap<ConnectionId, Cell>>,
}

impl Tokens {
    /// The connection's access token, refreshed first if its time has come.
    ///
    /// # Errors
    /// [`Error::Reconnect`] when only a person can help; others may pass.
    pub(crate) async fn access(
        &self,
        ctx: &Ctx,
        agency: AgencyId,
        id: ConnectionId,
    ) -> Result<Access, Error> {
        let cell = self.cell(id).await;
        let mut cell = cell.lock().await;
        match &*cell {
            Some(Held::Ready(access) | Held::Refused(access, _)) => return Ok(access.clone()),
            Some(Held::Ended(reason)) => return Err(Error::Reconnect { reason: reason.clone() }),
            Some(Held::Failed(reason)) => return Err(Error::Withheld { reason: reason.clone() }),
            None => {}
        }
        let found = obtain(ctx, agency, id).await;
        *cell = Some(match &found {
            Ok(access) => Held::Ready(access.clone()),
            Err(Error::Reconnect { reason }) => Held::Ended(reason.clone()),
            Err(error) => Held::Failed(crate::http::chain(error)),
        });
        found
    }

    /// A newer token than the one that the platform just refused.
    ///
    /// # Errors
    /// [`fanvue::Error::Unauthorized`] for a pair so young that a newer one would be refused too, else
    /// as [`Tokens::access`].
    pub(crate) async fn renew(
        &self,
        ctx: &Ctx,
        agency: AgencyId,
        id: ConnectionId,
        refused: &AccessToken,
    ) -> Result<Access, Error> {
        let cell = self.cell(id).await;
        let mut cell = cell.lock().await;
        match &*cell {
            Some(Held::Ready(access)) if access.token.expose() != refused.expose() => {
                return Ok(access.clone());
            }
            Some(Held::Refused(_, reason)) => {
                return Err(Error::Withheld { reason: reason.clone() });
            }
            _ => {}
        }
        let connection = find(ctx, agency, id).await?;
        let exchanged = refresh(ctx, &connection, Cause::Refused(refused)).await;
        match (&exchanged, &*cell) {
            (Err(Error::Reconnect { reason }), _) => *cell = Some(Held::Ended(reason.clone())),
            (Err(error), Some(Held::Ready(access))) => {
                *cell = Some(Held::Refused(access.clone(), crate::http::chain(error)));
            }
            _ => {}
        }
        let access = exchanged?;
        if access.token.expose() == refused.expose() {
            return Err(fanvue::Error::Unauthorized.into());
        }
        *cell = Some(Held::Ready(access.clone()));
        Ok(access)
    }

    /// Remembers, for this tick and for later ones, how the platform serves the connection.
    pub(crate) async fn set_routes(
        &self,
        ctx: &Ctx,
        agency: AgencyId,
        id: ConnectionId,
        routes: Routes,
    ) -> Result<(), Error> {
        let cell = self.cell(id).await;
        if let Some(Held::Ready(access)) = &mut *cell.lock().await {
            access.routes = routes;
        }
        Ok(ctx.store.set_routes(agency, id, routes_name(routes), ctx.clock.now()).await?)
    }

    async fn cell(&self, id: ConnectionId) -> Cell {
        Arc::clone(self.cells.lock().await.entry(id).or_default())
    }
}

/// Refreshes every token whose time has come until `deadline`, also of connections nobody reads,
/// and first those whose refresh was interrupted: the platform tolerates the old token for some
/// seconds only. A failure holds up no other connection.
///
/// # Errors
/// [`Error::Store`] when the connections can't be listed.
pub(crate) async fn refresh_due(ctx: &Ctx, deadline: Timestamp) -> Result<(), Error> {
    let due = ctx.store.list_refreshes_due(ctx.clock.now(), REFRESH_AFTER_PERCENT).await?;
    for (agency, id) in due {
        if deadline <= ctx.clock.now() {
            break;
        }
        if let Err(error) = refresh_one(ctx, agency, id, Cause::Due).await {
            let error = crate::http::chain(&error);
            tracing::warn!(connection.id = %id, agency.id = %agency, error, "token not refreshed");
        }
    }
    Ok(())
}

/// The name of the generation of paths, as stored.
pub(crate) fn routes_name(routes: Routes) -> &'static str {
    match routes {
        Routes::V1 => "v1",
        Routes::Unprefixed => "unprefixed",
    }
}

/// When a pair's time has come.
pub(crate) fn refresh_due_at(obtained_at: Timestamp, expires_at: Timestamp) -> Timestamp {
    let life = expires_at.duration_since(obtained_at).as_secs();
    let used = SignedDuration::from_secs(life.saturating_mul(REFRESH_AFTER_PERCENT) / 100);
    obtained_at.checked_add(used).unwrap_or(expires_at)
}

/// Without a refresh token nothing is due before the access token has ended.
fn is_due(grant: &SealedGrant, now: Timestamp) -> bool {
    match grant.refresh {
        Some(_) => refresh_due_at(grant.obtained_at, grant.expires_at) <= now,
        None => grant.expires_at <= now,
    }
}

/// The connection's token, exchanged if its time has come, and known to be the account's.
async fn obtain(ctx: &Ctx, agency: AgencyId, id: ConnectionId) -> Result<Access, Error> {
    let connection = find(ctx, agency, id).await?;
    let now = ctx.clock.now();
    // Whoever comes first repeats an interrupted refresh, while the platform tolerates the old token.
    let is_due = is_due(&connection.grant, now) || connection.refresh_intended_at.is_some();
    let access = match is_due {
        false => match open(ctx, &connection) {
            Ok(access) => {
                troubles::opened(ctx, &connection).await;
                access
            }
            Err(error) => {
                troubles::note(ctx, &connection, &error).await;
                return Err(error);
            }
        },
        true => match refresh(ctx, &connection, Cause::Due).await {
            Ok(access) => access,
            // The old token is still good for a while: reading goes on with it.
            Err(
                error @ (Error::Refresh(_)
                | Error::Config(_)
                | Error::Store(_)
                | Error::Held { .. }),
            ) if now < connection.grant.expires_at => {
                let error = crate::http::chain(&error);
                tracing::warn!(connection.id = %id, error, "token not refreshed yet");
                open(ctx, &connection)?
            }
            Err(error) => return Err(error),
        },
    };
    match connection.is_identified {
        true => Ok(access),
        false => identify(ctx, &connection, access).await,
    }
}

async fn find(ctx: &Ctx, agency: AgencyId, id: ConnectionId) -> Result<Connection, Error> {
    usable(ctx.store.find_connection(agency, id).await?)
}

/// The connection, if it still works.
fn usable(found: Option<Connection>) -> Result<Connection, Error> {
    let reason = match found {
        Some(connection) if connection.is_active => return Ok(connection),
        Some(_) => "Fanvue ended the connection",
        None => "the account was disconnected here",
    };
    Err(Error::Reconnect { reason: reason.into() })
}

fn open(ctx: &Ctx, connection: &Connection) -> Result<Access, Error> {
    let token = ctx
        .config
        .token_keys
        .open(&connection.grant.access, binding(connection, TokenKind::Access))?;
    let routes = if connection.routes == "v1" { Routes::V1 } else { Routes::Unprefixed };
    let bucket_shared = connection.bucket_shared;
    Ok(Access { token: AccessToken::new(token), routes, bucket_shared })
}

fn binding(connection: &Connection, kind: TokenKind) -> Binding {
    Binding { agency: connection.agency, connection: connection.id, kind }
}

/// Seals a pair for its row.
///
/// # Errors
/// [`Error::Seal`] without a key.
pub(crate) fn seal(
    ctx: &Ctx,
    agency: AgencyId,
    id: ConnectionId,
    grant: &fanvue::Grant,
    scope: String,
) -> Result<SealedGrant, Error> {
    let now = ctx.clock.now();
    let life = SignedDuration::from_secs(grant.expires_in_seconds);
    let seal = |text: &str, kind| {
        let binding = Binding { agency, connection: id, kind };
        ctx.config.token_keys.seal(text, binding, &*ctx.entropy)
    };
    Ok(SealedGrant {
        access: seal(grant.access.expose(), TokenKind::Access)?,
        refresh: match &grant.refresh {
            Some(token) => Some(seal(token.expose(), TokenKind::Refresh)?),
            None => None,
        },
        obtained_at: now,
        expires_at: now.checked_add(life).unwrap_or(now),
        scope,
    })
}
