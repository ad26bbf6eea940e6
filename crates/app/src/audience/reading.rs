//! One stream under its lease: asked for, written down whole, or left as it was.

use std::collections::BTreeMap;

use fanvue::{LinksPage, PeopleList, TrackingLink};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use ledger::{Cursor, today};
use store::{AudienceClaim, AudienceKind, Counted, Emptied, Profiled, Spender, TrackedLink};
use uuid::Uuid;

use super::{after, asking::Asker, changes, report::StreamReport, walking};
use crate::{Ctx, Error, http::chain, reading::Stop, tokens::Tokens};

/// Refusals in a row after which a stream is parked until somebody mends the cause.
const REFUSALS_MAX: i32 = 5;
/// The most pages of tracking links: two thousand of them.
const LINK_PAGES_MAX: u32 = 40;

/// How often a stream is due, in seconds: what is counted by walking a long list, less often.
fn every(claim: &AudienceClaim) -> i64 {
    const MINUTE: i64 = 60;
    match claim.lease.kind {
        AudienceKind::Unread if claim.is_connected_account => 5 * MINUTE,
        AudienceKind::Subscribers => 30 * MINUTE,
        AudienceKind::Unread
        | AudienceKind::Profile
        | AudienceKind::Changes
        | AudienceKind::TopSpenders => 60 * MINUTE,
        AudienceKind::Followers | AudienceKind::TrackingLinks => 6 * 60 * MINUTE,
    }
}

/// Reads a claimed stream until it is complete or something stops it.
pub(super) async fn read_stream(
    ctx: &Ctx,
    tokens: &Tokens,
    claim: &AudienceClaim,
    (pages_max, deadline): (u32, Timestamp),
) -> StreamReport {
    let mut requests = 0;
    let outcome = match Asker::new(ctx, tokens, claim, deadline).await {
        Err(stop) => Err(stop),
        Ok(mut asker) => {
            let outcome = read(&mut asker, pages_max).await;
            if let Err(error) = asker.settle().await {
                tracing::warn!(error = chain(&error), "what is left of the budget is not noted");
            }
            requests = asker.requests;
            outcome
        }
    };
    let outcome = match outcome {
        Ok(as_of) => Ok(as_of),
        Err(stop) => Err(settle(ctx, claim, stop).await),
    };
    let report = StreamReport::new(claim, requests, outcome);
    if let Some(error) = report.error.as_deref().filter(|_| report.state.is_failure()) {
        let (creator, agency) = (report.model_id, report.agency_id);
        let stream = report.kind;
        tracing::warn!(creator.id = %creator, agency.id = %agency, stream, error, "audience not read");
    }
    report
}

/// Reads the stream and stores it; as of when it is true then.
async fn read(asker: &mut Asker<'_>, pages_max: u32) -> Result<Timestamp, Stop> {
    let claim = asker.claim;
    let Ok(zone) = TimeZone::get(&claim.timezone) else {
        return Err(Stop::Failed("agencies.timezone is no zone; correct it".to_owned()));
    };
    let list = match claim.lease.kind {
        AudienceKind::Subscribers => PeopleList::Subscribers,
        AudienceKind::Followers => PeopleList::Followers,
        // There is no count of a creator's whom the agency manages.
        AudienceKind::Unread if !claim.is_connected_account => PeopleList::Chats,
        _ => return read_at_once(asker, &zone).await,
    };
    let listed = walking::count(asker, list, pages_max).await?;
    if listed.ends_empty {
        believe(asker, Emptied::Count(listed.count), listed.as_of).await?;
    }
    store_count(asker, listed.count, listed.as_of, &zone).await?;
    Ok(listed.as_of)
}

/// What needs no walk over several ticks.
async fn read_at_once(asker: &mut Asker<'_>, zone: &TimeZone) -> Result<Timestamp, Stop> {
    let (ctx, claim) = (asker.ctx, asker.claim);
    let (lease, begun_at, asked_until) = (&claim.lease, ctx.clock.now(), ctx.platform_now());
    // As of when is said by the platform's clock, which its answers tell; turns are spans of our own time.
    let turn = |as_of: Timestamp| (as_of, after(begun_at, every(claim)));
    let (stored, as_of) = match lease.kind {
        AudienceKind::Profile => {
            let told = profile(asker).await?;
            let as_of = ctx.platform_at(begun_at);
            (ctx.store.finish_profile(lease, told, turn(as_of)).await, as_of)
        }
        AudienceKind::Changes => {
            let mut told = changes::read(asker, zone, asked_until).await?;
            let as_of = ctx.platform_at(begun_at).min(asked_until);
            told.until(today(as_of, zone));
            if !told.untold.is_empty() {
                believe(asker, Emptied::Days(&told.untold), as_of).await?;
            }
            (ctx.store.finish_changes(lease, &told.days, turn(as_of)).await, as_of)
        }
        AudienceKind::TopSpenders => {
            let spenders = top_spenders(asker).await?;
            let as_of = ctx.platform_at(begun_at);
            if spenders.is_empty() {
                believe(asker, Emptied::Spenders, as_of).await?;
            }
            (ctx.store.finish_top_spenders(lease, &spenders, turn(as_of)).await, as_of)
        }
        AudienceKind::TrackingLinks => {
            let (links, ends_empty) = tracking_links(asker).await?;
            let as_of = ctx.platform_at(begun_at);
            if ends_empty {
                let ids: Vec<_> = links.iter().map(|link| link.id).collect();
                believe(asker, Emptied::Links(&ids), as_of).await?;
            }
            (ctx.store.finish_tracking_links(lease, &links, turn(as_of)).await, as_of)
        }
        AudienceKind::Subscribers | AudienceKind::Followers | AudienceKind::Unread => {
            let count = unread_messages(asker).await?;
            let as_of = ctx.platform_at(begun_at);
            return store_count(asker, count, as_of, zone).await.map(|()| as_of);
        }
    };
    stored.map_err(Error::from)?;
    Ok(as_of)
}

/// Stops where an answer that ended in an empty page would take away what is known: an outage may look like
/// that. It counts as failed until one that comes an hour later says the same.
async fn believe(asker: &Asker<'_>, emptied: Emptied<'_>, as_of: Timestamp) -> Result<(), Stop> {
    let doubted = asker.ctx.store.doubt_emptied(&asker.claim.lease, emptied, as_of).await;
    if doubted.map_err(Error::from)? {
        let reason = "Fanvue told of nothing where something was; \
                      it is believed once it has said so for an hour";
        return Err(Stop::Failed(reason.to_owned()));
    }
    Ok(())
}

async fn store_count(
    asker: &Asker<'_>,
    count: i32,
    as_of: Timestamp,
    zone: &TimeZone,
) -> Result<(), Stop> {
    let (store, now) = (&asker.ctx.store, asker.ctx.clock.now());
    let counted = Counted { count, day: today(as_of, zone) };
    let turn = (as_of, after(now, every(asker.claim)));
    let stored = store.finish_count(&asker.claim.lease, counted, turn).await;
    Ok(stored.map_err(Error::from)?)
}

async fn unread_messages(asker: &mut Asker<'_>) -> Result<i32, Stop> {
    let ctx = asker.ctx;
    loop {
        let access = asker.leave().await?;
        let answer = ctx.platform.unread_messages(&access.token, access.routes).await;
        if let Some(count) = asker.hear(&access, answer).await? {
            return Ok(count);
        }
    }
}

async fn profile(asker: &mut Asker<'_>) -> Result<Profiled, Stop> {
    let ctx = asker.ctx;
    loop {
        let access = asker.leave().await?;
        let answer = ctx.platform.profile(&access.token, access.routes).await;
        if let Some(told) = asker.hear(&access, answer).await? {
            return Ok(Profiled { posts: told.posts, likes: told.likes });
        }
    }
}

async fn top_spenders(asker: &mut Asker<'_>) -> Result<Vec<Spender>, Stop> {
    let ctx = asker.ctx;
    let told = loop {
        let access = asker.leave().await?;
        let answer = ctx.platform.top_spenders(&access.token, access.routes, &asker.reader).await;
        if let Some(told) = asker.hear(&access, answer).await? {
            break told;
        }
    };
    if let Some(first) = told.rejects.first() {
        return Err(Stop::Failed(format!("a top spender makes no sense: {}", first.reason)));
    }
    let spender = |one: fanvue::TopSpender| Spender {
        fan: one.fan,
        gross_cents: one.gross.0,
        net_cents: one.net.0,
        messages: one.messages,
    };
    Ok(told.spenders.into_iter().map(spender).collect())
}

/// All links, and whether the last page was empty. One page alone would take the others for gone.
async fn tracking_links(asker: &mut Asker<'_>) -> Result<(Vec<TrackedLink>, bool), Stop> {
    let mut links: BTreeMap<Uuid, TrackedLink> = BTreeMap::new();
    let mut cursor = None;
    for _ in 0..LINK_PAGES_MAX {
        let page = links_page(asker, cursor.as_ref()).await?;
        if let Some(first) = page.rejects.first() {
            return Err(Stop::Failed(format!("a tracking link makes no sense: {}", first.reason)));
        }
        let is_empty = page.links.is_empty();
        links.extend(page.links.into_iter().map(|link| (link.id, tracked(link))));
        match page.next {
            None => return Ok((links.into_values().collect(), is_empty)),
            next => cursor = next,
        }
    }
    Err(Stop::Failed("the tracking links never end".to_owned()))
}

async fn links_page(asker: &mut Asker<'_>, cursor: Option<&Cursor>) -> Result<LinksPage, Stop> {
    let ctx = asker.ctx;
    loop {
        let access = asker.leave().await?;
        let (token, reader) = (&access.token, &asker.reader);
        let answer = ctx.platform.tracking_links_page(token, access.routes, reader, cursor).await;
        if let Some(page) = asker.hear(&access, answer).await? {
            return Ok(page);
        }
    }
}

fn tracked(link: TrackingLink) -> TrackedLink {
    TrackedLink {
        id: link.id,
        name: link.name,
        url: link.url,
        platform: link.platform,
        created_at: link.created_at,
        clicks: link.clicks,
        followers: link.followers,
        subscribers: link.subscribers,
        gross_cents: link.gross.map(|gross| gross.0),
        net_cents: link.net.map(|net| net.0),
    }
}

/// Writes down why reading stopped and gives the lease back. What is stored stays as it is.
async fn settle(ctx: &Ctx, claim: &AudienceClaim, stop: Stop) -> Stop {
    let (store, lease, now) = (&ctx.store, &claim.lease, ctx.clock.now());
    let refusals_max = matches!(stop, Stop::Refused(_)).then_some(REFUSALS_MAX);
    let written = match &stop {
        Stop::Lost => return stop,
        Stop::Deadline => store.release_audience(lease, now).await,
        Stop::Paused(until) => store.pause_audience(lease, *until).await,
        Stop::Reconnect(reason) | Stop::Failed(reason) | Stop::Refused(reason) => {
            let next_sync_at = now.checked_add(backoff(claim)).unwrap_or(now);
            let failure = store::Failure { reason, now, next_sync_at, refusals_max };
            store.fail_audience(lease, failure).await.map(|is_parked| {
                if is_parked {
                    let (creator, agency) = (lease.creator, lease.agency);
                    let (stream, error) = (lease.kind.as_str(), reason.as_str());
                    tracing::error!(creator.id = %creator, agency.id = %agency, stream, error, "audience set aside");
                }
            })
        }
    };
    match written {
        Ok(()) => stop,
        Err(store::Error::Lost { .. }) => Stop::Lost,
        Err(error) => Stop::Failed(chain(&error)),
    }
}

/// How long a stream that failed is left alone: a minute, doubled each time, up to when it is due
/// anyway.
fn backoff(claim: &AudienceClaim) -> SignedDuration {
    let minutes = 1_i64 << claim.attempts.clamp(0, 6);
    SignedDuration::from_mins(minutes).min(SignedDuration::from_secs(every(claim)))
}
