//! What kept webhooks mean for the creators, one transaction an event.
//!
//! Nothing is lost here: an event stays new until everything that follows from it is committed, and
//! every tick looks for new ones.

use std::{
    collections::HashSet,
    sync::atomic::{AtomicBool, Ordering},
};

use fanvue::webhook::{
    Event, Meaning, ReversalEvent, SaleEvent, SubscriptionChange, UnreadChange, read_event,
};
use jiff::{SignedDuration, Timestamp};
use ledger::{AgencyId, Cents, CreatorId, Family, Provisional};
use store::{EventState, FanEvent, Standing, StoredEvent, Tx};
use tokio::sync::Semaphore;

use super::standing::standing;
use crate::{Ctx, Error, http::chain};

/// Events that are listed at once.
const LISTED_MAX: i64 = 100;
/// How long one invocation makes sense of events. What is left is the next one's, so that a flood of
/// them keeps no tick from reading.
const TURN_SECONDS: i64 = 20;
/// Attempts that may fail on our side before a person has to look at the event.
const ATTEMPTS_MAX: i32 = 5;

/// Who of this instance makes sense of events: one at a time, and whoever comes meanwhile leaves word.
pub(crate) struct Understanding {
    turn: Semaphore,
    more: AtomicBool,
}

impl Default for Understanding {
    fn default() -> Self {
        Self { turn: Semaphore::new(1), more: AtomicBool::new(false) }
    }
}

/// Makes sense of what is new, right after an answer. What fails is left to the next tick.
pub(crate) async fn understand_in_time(ctx: &Ctx) {
    if let Err(error) = understand_new(ctx, turn_ends(ctx)).await {
        tracing::warn!(error = chain(&error), "webhooks are left to the next tick");
    }
}

/// What every tick does about webhooks: makes sense of those that nobody has, and takes sales out of the
/// totals whose rows did not come in time.
///
/// # Errors
/// [`Error::Store`] when the database is away.
pub(crate) async fn catch_up(ctx: &Ctx, deadline: Timestamp) -> Result<(), Error> {
    understand_new(ctx, deadline.min(turn_ends(ctx))).await?;
    let unmatched = ctx.store.expire_provisionals(ctx.clock.now()).await?;
    if unmatched > 0 {
        tracing::warn!(
            unmatched,
            "sales that webhooks told of never came as rows; they count no more"
        );
    }
    Ok(())
}

fn turn_ends(ctx: &Ctx) -> Timestamp {
    let now = ctx.clock.now();
    now.checked_add(SignedDuration::from_secs(TURN_SECONDS)).unwrap_or(now)
}

/// Makes sense of what is new until nothing is, or the time is over.
///
/// # Errors
/// [`Error::Store`] when the database is away.
async fn understand_new(ctx: &Ctx, deadline: Timestamp) -> Result<(), Error> {
    let who = &ctx.understanding;
    who.more.store(true, Ordering::SeqCst);
    while who.more.load(Ordering::SeqCst) {
        // Whoever has the turn looks again before it gives it back, or finds our word after.
        let Ok(_turn) = who.turn.try_acquire() else { return Ok(()) };
        while who.more.swap(false, Ordering::SeqCst) {
            work_off(ctx, deadline).await?;
        }
    }
    Ok(())
}

async fn work_off(ctx: &Ctx, deadline: Timestamp) -> Result<(), Error> {
    let mut tried = HashSet::new();
    loop {
        let mut events = ctx.store.list_new_events(LISTED_MAX).await?;
        events.retain(|event| tried.insert(event.key.clone()));
        if events.is_empty() {
            return Ok(());
        }
        for event in events {
            if deadline <= ctx.clock.now() {
                return Ok(());
            }
            match understand(ctx, &event).await {
                Err(Error::Store(error)) if !error.is_transient() => {
                    tracing::error!(error = chain(&error), "a webhook could not be taken in");
                    ctx.store.fail_event(&event.key, ATTEMPTS_MAX).await?;
                }
                other => other?,
            }
        }
    }
}

async fn understand(ctx: &Ctx, stored: &StoredEvent) -> Result<(), Error> {
    let read = read_event(&stored.body, stored.topic.as_deref(), stored.received_at);
    let creators = match read.as_ref().ok().and_then(|event| event.creator.as_ref()) {
        Some(account) => ctx.store.list_creators_of(account.as_str()).await?,
        None => vec![],
    };
    let tx = ctx.store.begin("understand_event").await?;
    if !tx.take_event(&stored.key).await? {
        tx.rollback().await?;
        return Ok(());
    }
    let now = ctx.clock.now();
    let (state, reason) = match &read {
        Err(error) => (EventState::Quarantined, Some(error.to_string())),
        Ok(event) if follows(event) && creators.is_empty() => {
            let reason = "no creator with this account is known here; once it is connected, its rows \
                          tell the same";
            (EventState::Quarantined, Some(reason.to_owned()))
        }
        Ok(event) => {
            for creator in creators {
                apply(&tx, creator, stored, event, now).await?;
            }
            (EventState::Done, None)
        }
    };
    tx.settle_event(&stored.key, state, reason.as_deref(), now).await?;
    tx.commit().await?;
    Ok(())
}

/// Whether anything follows from it for its creator.
pub(super) fn follows(event: &Event) -> bool {
    !matches!(
        event.meaning,
        Meaning::Payout | Meaning::LoggedOut | Meaning::Nothing | Meaning::Unknown
    )
}

async fn apply(
    tx: &Tx,
    creator: (AgencyId, CreatorId),
    stored: &StoredEvent,
    event: &Event,
    now: Timestamp,
) -> Result<(), Error> {
    match &event.meaning {
        Meaning::Sale(sale) => match sold(&stored.key, sale) {
            Some(told) => book(tx, creator, told, stored, now).await,
            None => Ok(tx.wake_stream(creator.0, creator.1, sale.at, now).await?),
        },
        Meaning::Reversal(reversal) => match taken_back(&stored.key, reversal) {
            Some(told) => book(tx, creator, told, stored, now).await,
            None => Ok(tx.wake_stream(creator.0, creator.1, reversal.at, now).await?),
        },
        Meaning::MoneyMoved { at } => Ok(tx.wake_stream(creator.0, creator.1, *at, now).await?),
        Meaning::Follow => {
            Ok(tx.add_fan_event(creator, &stored.key, FanEvent::Follow, event.at).await?)
        }
        Meaning::Subscription { family: Family::Creator | Family::Legacy, change } => {
            let what = match change {
                SubscriptionChange::Activated => FanEvent::Subscribed,
                SubscriptionChange::Renewed => FanEvent::Renewed,
                SubscriptionChange::Deactivated => FanEvent::Unsubscribed,
                SubscriptionChange::WillEnd | SubscriptionChange::WillGoOn => return Ok(()),
            };
            Ok(tx.add_fan_event(creator, &stored.key, what, event.at).await?)
        }
        Meaning::Unread { fan, change } => {
            let whole = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
            match *change {
                UnreadChange::Set(count) => {
                    tx.set_unread(creator, &fan.id, whole(count), event.at).await?;
                }
                UnreadChange::Add(count) => {
                    tx.add_unread(creator, &fan.id, whole(count), event.at).await?;
                }
                UnreadChange::Subtract(count) => {
                    tx.add_unread(creator, &fan.id, -whole(count), event.at).await?;
                }
            }
            Ok(())
        }
        Meaning::Subscription { .. }
        | Meaning::Payout
        | Meaning::LoggedOut
        | Meaning::Nothing
        | Meaning::Unknown => Ok(()),
    }
}

/// Shows a sale or reversal until its row comes, unless it is here already, and wakes the stream that
/// brings the row.
async fn book(
    tx: &Tx,
    (agency, creator): (AgencyId, CreatorId),
    told: Provisional,
    stored: &StoredEvent,
    now: Timestamp,
) -> Result<(), Error> {
    // Pages that are being committed are seen below, and see what is written here.
    tx.lock_hints(agency, creator).await?;
    let before = tx.list_told_before(agency, creator, &told).await?;
    let rows = tx.list_near_rows(agency, creator, &told).await?;
    let standing = standing(&told, &before, &rows, stored.received_at);
    tx.add_provisional(agency, creator, &told, &standing, now).await?;
    if let Standing::Open { .. } = standing {
        tx.wake_stream(agency, creator, told.at, now).await?;
        tx.advance_revision(agency, now).await?;
    }
    Ok(())
}

/// `None` where it isn't told who paid: it could be taken for anybody's row of that price.
fn sold(event_key: &str, sale: &SaleEvent) -> Option<Provisional> {
    Some(Provisional {
        event_key: event_key.to_owned(),
        family: sale.family,
        at: sale.at,
        source: sale.source,
        gross: sale.gross,
        net: sale.net,
        fan: Some(sale.fan.as_ref()?.id.clone()),
        order: sale.payment_id.clone(),
        reverses: None,
    })
}

/// `None` where it isn't told how much was taken back, or from whom: then only the row says it.
fn taken_back(event_key: &str, reversal: &ReversalEvent) -> Option<Provisional> {
    Some(Provisional {
        event_key: event_key.to_owned(),
        family: reversal.family,
        at: reversal.at,
        source: reversal.source,
        gross: Cents(-reversal.amount?.0),
        net: None,
        fan: Some(reversal.fan.as_ref()?.id.clone()),
        order: reversal.id.clone(),
        reverses: reversal.payment_id.clone(),
    })
}
