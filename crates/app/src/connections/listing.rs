//! The creators that an agency's account manages: listed, and booked if they are new.

use std::collections::HashSet;

use fanvue::{AccessToken, CreatorListing, Routes};
use jiff::{SignedDuration, Timestamp};
use ledger::{AgencyId, ConnectionId, Purpose};
use store::{CreatorList, NewCreator};

use super::new_creator;
use crate::{
    Ctx, Error,
    budget::{Budget, Leave},
    http::chain,
    reading::NOT_MANAGED,
    tokens::Tokens,
};

/// The most pages of creators that are imported: 15 a page at least, so some thousands of creators.
const CREATOR_PAGES_MAX: u32 = 400;

/// Lists the creators of every agency connection and adds those who are new, unless that was done
/// within the last minute. A failure holds up nobody: the next tick asks again.
///
/// # Errors
/// [`Error::Store`] when the connections can't be listed.
pub(crate) async fn import_new(
    ctx: &Ctx,
    tokens: &Tokens,
    deadline: Timestamp,
) -> Result<(), Error> {
    let now = ctx.clock.now();
    let listed_before = now.checked_sub(SignedDuration::from_mins(1)).unwrap_or(now);
    for (agency, connection) in ctx.store.claim_listings(now, listed_before).await? {
        if deadline <= ctx.clock.now() {
            break;
        }
        if let Err(error) = import(ctx, tokens, agency, connection).await {
            let error = chain(&error);
            tracing::warn!(connection.id = %connection, error, "creators not listed");
        }
    }
    Ok(())
}

async fn import(
    ctx: &Ctx,
    tokens: &Tokens,
    agency: AgencyId,
    connection: ConnectionId,
) -> Result<(), Error> {
    let access = tokens.access(ctx, agency, connection).await?;
    let mut budget = Budget::new(agency, connection, None, true);
    let whose = (agency, connection);
    let listed = list_and_import(ctx, whose, &access.token, access.routes, Some(&mut budget)).await;
    // What a refusal told of the budget counts too.
    budget.settle(ctx).await?;
    listed.map(|_| ())
}

/// Lists the creators that the account manages and books those who are new; all of them where the
/// connection owes that since a person made it. Returns how many it manages and how many were new.
pub(super) async fn list_and_import(
    ctx: &Ctx,
    (agency, connection): (AgencyId, ConnectionId),
    token: &AccessToken,
    routes: Routes,
    budget: Option<&mut Budget>,
) -> Result<(usize, u64), Error> {
    let listing = listed(ctx, token, routes, budget).await?;
    let creators = &listing.creators;
    let list = CreatorList { creators, is_whole: listing.is_whole };
    let now = ctx.clock.now();
    let tx = ctx.store.begin("import_creators").await?;
    let owed = tx.lock_listing(agency, connection).await?;
    let new = match owed {
        // A person disconnected it while we asked.
        None => 0,
        Some(true) => tx.import_creators(agency, connection, list, now).await?,
        Some(false) => tx.add_creators(agency, connection, list, now).await?,
    };
    if listing.is_whole && owed.is_some() {
        tx.unpark_listed(agency, connection, creators, (NOT_MANAGED, now)).await?;
        tx.import_done(agency, connection, now).await?;
    }
    if 0 < new || owed == Some(true) {
        tracing::info!(agency.id = %agency, new, "creators joined");
    }
    tx.commit().await?;
    Ok((creators.len(), new))
}

/// The creators that an account manages, each once. Itself is not among them.
struct Listing {
    creators: Vec<NewCreator>,
    /// Whether these are all.
    is_whole: bool,
}

async fn listed(
    ctx: &Ctx,
    token: &AccessToken,
    routes: Routes,
    mut budget: Option<&mut Budget>,
) -> Result<Listing, Error> {
    let mut creators = vec![];
    let mut is_whole = false;
    for page in 1..=CREATOR_PAGES_MAX {
        if let Some(budget) = &mut budget
            && let Leave::Wait(_) = budget.take(ctx, Purpose::History).await?
        {
            // A later tick begins again; what was listed counts.
            break;
        }
        let answer = ctx.platform.creators_page(token, routes, page).await;
        if let Some(budget) = &mut budget {
            if let Err(fanvue::Error::Throttled { retry_after }) = &answer.result {
                budget.pause(ctx, *retry_after).await?;
                break;
            }
            budget.hear(ctx, answer.limits).await?;
        }
        let page = answer.result?;
        let last = !page.has_more || page.creators.is_empty();
        let named = |c: CreatorListing| new_creator(ctx, c.uuid.as_str(), c.handle, c.display_name);
        creators.extend(page.creators.into_iter().map(named));
        if last {
            is_whole = true;
            break;
        }
    }
    let mut seen = HashSet::new();
    creators.retain(|creator| seen.insert(creator.account_uuid.clone()));
    Ok(Listing { creators, is_whole })
}
