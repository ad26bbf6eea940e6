//! Which generation of paths serves a connection: the older one where the platform does not know
//! `/v1`, and `/v1` again as soon as it does.
//!
//! Without `/v1` reversals of managed creators are in no list, so a connection must not stay there
//! because some answers were wrong for a moment. What was missed meanwhile is read after the return:
//! the database sees to that, whoever brings the connection back.

use fanvue::{AccessToken, EarningsAsk, Reader, Routes};
use jiff::{SignedDuration, Timestamp};
use ledger::{AgencyId, ConnectionId, Feed, Purpose, Window};

use crate::{
    Ctx, Error,
    budget::{Budget, Leave},
    http::chain,
    tokens::Tokens,
};

/// How often `/v1` is asked for where it was gone, in seconds: as often as reversals are read.
const ASK_EVERY_SECONDS: i64 = 3600;

/// Asks for `/v1` again where it was gone. A failure holds up nobody: it is asked an hour later.
///
/// # Errors
/// [`Error::Store`] when the connections can't be listed.
pub(crate) async fn ask_for_v1(
    ctx: &Ctx,
    tokens: &Tokens,
    deadline: Timestamp,
) -> Result<(), Error> {
    let now = ctx.clock.now();
    let before = now.checked_sub(SignedDuration::from_secs(ASK_EVERY_SECONDS)).unwrap_or(now);
    for (agency, connection) in ctx.store.claim_v1_asks(now, before).await? {
        if deadline <= ctx.clock.now() {
            break;
        }
        if let Err(error) = ask_again(ctx, tokens, agency, connection).await {
            let error = chain(&error);
            tracing::info!(connection.id = %connection, error, "v1 not asked for");
        }
    }
    Ok(())
}

async fn ask_again(
    ctx: &Ctx,
    tokens: &Tokens,
    agency: AgencyId,
    connection: ConnectionId,
) -> Result<(), Error> {
    let access = tokens.access(ctx, agency, connection).await?;
    let mut budget = Budget::new(agency, connection, None, true);
    let serves = serves_v1(ctx, &access.token, &mut budget).await;
    budget.settle(ctx).await?;
    if serves?.0 == Some(true) {
        tokens.set_routes(ctx, agency, connection, Routes::V1).await?;
        tracing::info!(connection.id = %connection, "served by v1 again");
    }
    Ok(())
}

/// Whether the platform knows `/v1`, if that can be told, and the requests it took. It is gone only
/// if neither of two paths is known that need no creator's name.
pub(crate) async fn serves_v1(
    ctx: &Ctx,
    token: &AccessToken,
    budget: &mut Budget,
) -> Result<(Option<bool>, u32), Error> {
    for (path, requests) in [(Path::Earnings, 1), (Path::Account, 2)] {
        if let Leave::Wait(_) = budget.take(ctx, Purpose::Pulse).await? {
            return Ok((None, requests - 1));
        }
        let answer = path.ask(ctx, token).await;
        if let Err(fanvue::Error::Throttled { retry_after }) = &answer.result {
            budget.pause(ctx, *retry_after).await?;
        }
        budget.hear(ctx, answer.limits).await?;
        match answer.result {
            Ok(()) | Err(fanvue::Error::Forbidden { .. }) => return Ok((Some(true), requests)),
            Err(fanvue::Error::NotFound { .. }) => {}
            Err(_) => return Ok((None, requests)),
        }
    }
    Ok((Some(false), 2))
}

enum Path {
    Earnings,
    Account,
}

impl Path {
    async fn ask(&self, ctx: &Ctx, token: &AccessToken) -> fanvue::Answer<()> {
        let now = ctx.clock.now();
        let second = now.checked_sub(SignedDuration::from_secs(1)).unwrap_or(now);
        match (self, Window::new(second, now)) {
            (Self::Earnings, Ok(window)) => {
                let ask = EarningsAsk {
                    reader: &Reader::Own,
                    feed: Feed::Earnings,
                    routes: Routes::V1,
                    window,
                    cursor: None,
                    size: fanvue::PAGE_SIZE,
                };
                ctx.platform.earnings_page(token, &ask, now).await.map(drop)
            }
            _ => ctx.platform.me(token, Routes::V1).await.map(drop),
        }
    }
}
