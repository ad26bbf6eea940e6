//! What Fanvue says was sold in all, asked for once when a history begins of which the ledger knows nothing:
//! then it is known how far that goes. No figure is ever compared with it (docs/adr/0020).

use fanvue::{CreatorUuid, Reader};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use ledger::{Cents, Purpose, Window};
use store::PromiseAsk;

use crate::{
    Ctx, Error,
    budget::{Budget, Leave},
    http::chain,
    tokens::Tokens,
};

/// Creators that are asked for at the same time.
const AT_ONCE: i64 = 8;
/// So often in one tick.
const ROUNDS_MAX: u32 = 50;
/// So many seconds of a tick are spent on it; what is left is the next tick's.
const SECONDS_MAX: i64 = 20;
/// Where the answer was none, it is asked again after so long, in seconds.
const AGAIN_SECONDS: i64 = 15;

/// Asks what was sold in all by whom a job waits for, where nothing else tells how long it takes. A failure
/// holds up nobody: then no end is foretold.
pub(crate) async fn ask_promises(ctx: &Ctx, tokens: &Tokens, deadline: Timestamp) {
    let begun_at = ctx.clock.now();
    let usable = SignedDuration::from_secs(SECONDS_MAX);
    let until = begun_at.checked_add(usable).unwrap_or(begun_at).min(deadline);
    let before = begun_at.checked_sub(SignedDuration::from_secs(AGAIN_SECONDS));
    let before = before.unwrap_or(begun_at);
    for _ in 0..ROUNDS_MAX {
        let now = ctx.clock.now();
        if until <= now {
            return;
        }
        let asks = match ctx.store.claim_promise_asks(now, before, AT_ONCE).await {
            Ok(asks) if asks.is_empty() => return,
            Ok(asks) => asks,
            Err(error) => {
                tracing::warn!(error = chain(&error), "how long histories are is not asked for");
                return;
            }
        };
        join_all(asks.iter().map(|ask| settle(ctx, tokens, ask))).await;
    }
}

async fn settle(ctx: &Ctx, tokens: &Tokens, ask: &PromiseAsk) {
    let creator = &ask.creator;
    let noted = match sold_in_all(ctx, tokens, ask).await {
        Ok(Some(Ok(promised))) => ctx.store.note_promise(ask, Some(promised)).await,
        Ok(Some(Err(error))) => {
            tracing::info!(creator.id = %creator, error = chain(&error), "no sum is promised");
            ctx.store.note_promise(ask, None).await
        }
        Ok(None) => ctx.store.put_off_promise(ask).await,
        Err(error) => {
            tracing::info!(creator.id = %creator, error = chain(&error), "no sum is asked for");
            ctx.store.put_off_promise(ask).await
        }
    };
    if let Err(error) = noted {
        tracing::warn!(creator.id = %creator, error = chain(&error), "a promised sum is not noted");
    }
}

/// `None` where no request is to be had now, an error where none was sent.
async fn sold_in_all(
    ctx: &Ctx,
    tokens: &Tokens,
    ask: &PromiseAsk,
) -> Result<Option<Result<Cents, fanvue::Error>>, Error> {
    let access = tokens.access(ctx, ask.agency, ask.connection).await?;
    let (reader, creator) = match CreatorUuid::new(&ask.account_uuid) {
        _ if ask.is_connected_account => (Reader::Own, None),
        Some(uuid) => (Reader::Creator(uuid.clone()), Some(uuid.as_str().to_owned())),
        None => return Ok(None),
    };
    let now = ctx.platform_now();
    let day = now.checked_sub(SignedDuration::from_hours(24)).unwrap_or(now);
    let Ok(window) = Window::new(day, now) else { return Ok(None) };
    let mut budget = Budget::new(ask.agency, ask.connection, creator, access.bucket_shared);
    if budget.take(ctx, Purpose::History).await? != Leave::Granted {
        return Ok(None);
    }
    let sent = ctx.clock.now();
    let answer = ctx.platform.sold_in_all(&access.token, access.routes, &reader, window).await;
    ctx.platform_time.hear(answer.at, (sent, ctx.clock.now()));
    if let Err(fanvue::Error::Throttled { retry_after }) = &answer.result {
        budget.pause(ctx, *retry_after).await?;
    }
    budget.hear(ctx, answer.limits).await?;
    budget.settle(ctx).await?;
    Ok(Some(answer.result))
}
