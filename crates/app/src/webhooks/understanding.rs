//! What kept webhooks mean for the creators, one transaction an event.
//!
//! Nothing is lost here: an event stays new until everything that follows from it is committed, and
//! every tick looks for new ones.

use std::{
    collections::HashSet,
    sync::atomic::{AtomicBool, Ordering},
};

use fanvue::webhook::{Event, Meaning, read_event};
use jiff::{SignedDuration, Timestamp};
use store::{EventState, QuarantinedEvent, StoredEvent};
use tokio::sync::Semaphore;

use super::applying::apply;
use crate::{Ctx, Error, http::chain};

/// Events that are listed at once.
const LISTED_MAX: i64 = 100;
/// How long one invocation makes sense of events. What is left is the next one's, so that a flood of
/// them keeps no tick from reading.
const TURN_SECONDS: i64 = 20;
/// How long the body of an event that was understood is kept, in seconds, and of one that was not.
const BODIES_KEPT_SECONDS: (i64, i64) = (30 * 24 * 3600, 90 * 24 * 3600);
/// Bodies that are erased at once.
const ERASED_MAX: u64 = 1000;
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

/// What every tick does about webhooks: makes sense of those that nobody has, erases bodies that were
/// kept long enough, and takes sales out of the totals whose rows did not come in time.
///
/// # Errors
/// [`Error::Store`] when the database is away.
pub(crate) async fn catch_up(ctx: &Ctx, deadline: Timestamp) -> Result<(), Error> {
    understand_new(ctx, deadline.min(turn_ends(ctx))).await?;
    let erase_until = deadline.min(turn_ends(ctx));
    let now = ctx.clock.now();
    let before = |seconds| now.checked_sub(SignedDuration::from_secs(seconds)).unwrap_or(now);
    let (done, quarantined) = BODIES_KEPT_SECONDS;
    let before = (before(done), before(quarantined));
    while ctx.store.erase_bodies(before, ERASED_MAX).await? == ERASED_MAX {
        if erase_until <= ctx.clock.now() {
            break;
        }
    }
    let unmatched = ctx.store.expire_provisionals(now).await?;
    if unmatched > 0 {
        tracing::warn!(
            unmatched,
            "sales that webhooks told of never came as rows; they count no more"
        );
    }
    Ok(())
}

/// What became of quarantined events that were tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// The keys of those that were tried.
    pub tried: Vec<String>,
    /// Those of them that wait for a person again.
    pub quarantined: Vec<QuarantinedEvent>,
    /// How many of them were understood. The rest is the next tick's.
    pub understood: u64,
}

/// Makes sense of quarantined events once more: those of these keys, or all. Stopped in the middle, the
/// next tick goes on.
///
/// # Errors
/// [`Error::Store`] when the database is away.
pub async fn replay(ctx: &Ctx, keys: Option<&[String]>) -> Result<Replayed, Error> {
    let tried = ctx.store.replay_events(keys).await?;
    understand_new(ctx, Timestamp::MAX).await?;
    let limit = i64::try_from(tried.len()).unwrap_or(i64::MAX);
    let quarantined = ctx.store.list_quarantined(Some(&tried), limit).await?;
    let understood = ctx.store.count_done_events(&tried).await?;
    Ok(Replayed { tried, quarantined, understood })
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
    // It is never closed, and nobody holds it for long. Mostly whoever had it before saw to ours too.
    let Ok(_turn) = who.turn.acquire().await else { return Ok(()) };
    while who.more.swap(false, Ordering::SeqCst) {
        if !work_off(ctx, deadline).await? {
            // For the next in turn.
            who.more.store(true, Ordering::SeqCst);
            return Ok(());
        }
    }
    Ok(())
}

/// Makes sense of what is new; false when the time was over before.
async fn work_off(ctx: &Ctx, deadline: Timestamp) -> Result<bool, Error> {
    let mut tried = HashSet::new();
    while ctx.clock.now() < deadline {
        let mut events = ctx.store.list_new_events(LISTED_MAX, ctx.clock.now()).await?;
        // Whoever keeps one meanwhile leaves word.
        let are_all = i64::try_from(events.len()).is_ok_and(|count| count < LISTED_MAX);
        events.retain(|event| tried.insert(event.key.clone()));
        if events.is_empty() {
            return Ok(true);
        }
        for event in events {
            if deadline <= ctx.clock.now() {
                return Ok(false);
            }
            match understand(ctx, &event).await {
                // Without the database nothing goes on; anything else holds up no other event.
                Err(Error::Store(error @ store::Error::Unreachable { .. })) => {
                    return Err(error.into());
                }
                Err(error) => {
                    let counts = !matches!(&error, Error::Store(error) if error.is_transient());
                    tracing::error!(error = chain(&error), "a webhook could not be taken in");
                    let attempts_max = counts.then_some(ATTEMPTS_MAX);
                    ctx.store.fail_event(&event.key, attempts_max, ctx.clock.now()).await?;
                }
                Ok(()) => {}
            }
        }
        if are_all {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn understand(ctx: &Ctx, stored: &StoredEvent) -> Result<(), Error> {
    let read = read_event(&stored.body, stored.topic.as_deref(), stored.received_at);
    let creators = match read.as_ref().ok().and_then(|event| event.creator.as_ref()) {
        Some(account) => ctx.store.list_creators_of(account.as_str()).await?,
        None => vec![],
    };
    let tx = ctx.store.begin_hastily("understand_event").await?;
    if !tx.take_event(&stored.key).await? {
        tx.rollback().await?;
        return Ok(());
    }
    let now = ctx.clock.now();
    let (state, reason) = match &read {
        Err(error) => (EventState::Quarantined, Some(error.to_string())),
        Ok(event) if follows(event) && event.creator.is_some() && creators.is_empty() => {
            let reason = "no creator with this account is connected here: connect it (its rows tell \
                          the same), or replay this then";
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
