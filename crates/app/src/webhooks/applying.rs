//! What follows from an event for one creator: rows, in the event's transaction.

use fanvue::webhook::{Event, Meaning, ReversalEvent, SaleEvent, SubscriptionChange, UnreadChange};
use jiff::{SignedDuration, Timestamp};
use ledger::{AgencyId, Cents, CreatorId, Family, PROVISIONAL_SECONDS_MAX, Provisional, Source};
use store::{FanEvent, StoredEvent, Tx};

use super::standing::place;
use crate::Error;

/// Writes down what the event means for the creator.
///
/// # Errors
/// As for any statement.
pub(super) async fn apply(
    tx: &Tx,
    creator: (AgencyId, CreatorId),
    stored: &StoredEvent,
    event: &Event,
    now: Timestamp,
) -> Result<(), Error> {
    let fan = event.fan.as_ref().map(|fan| fan.id.as_str());
    match &event.meaning {
        Meaning::Sale(sale) => {
            if (sale.family, sale.source) == (Family::Legacy, Source::Subscription) {
                tx.add_fan_event(creator, &stored.key, (fan, FanEvent::Subscribed), event.at)
                    .await?;
            }
            match sold(&stored.key, sale) {
                Some(told) => book(tx, creator, told, stored, now).await,
                None => Ok(tx.wake_stream(creator.0, creator.1, sale.at, now).await?),
            }
        }
        Meaning::Reversal(reversal) => match taken_back(&stored.key, reversal) {
            Some(told) => book(tx, creator, told, stored, now).await,
            None => Ok(tx.wake_stream(creator.0, creator.1, reversal.at, now).await?),
        },
        Meaning::MoneyMoved { at } => Ok(tx.wake_stream(creator.0, creator.1, *at, now).await?),
        Meaning::Follow => {
            Ok(tx.add_fan_event(creator, &stored.key, (fan, FanEvent::Follow), event.at).await?)
        }
        Meaning::Subscription { family: Family::Creator | Family::Legacy, change } => {
            let what = match change {
                SubscriptionChange::Activated => FanEvent::Subscribed,
                SubscriptionChange::Renewed => FanEvent::Renewed,
                SubscriptionChange::Deactivated => FanEvent::Unsubscribed,
                SubscriptionChange::WillEnd | SubscriptionChange::WillGoOn => return Ok(()),
            };
            Ok(tx.add_fan_event(creator, &stored.key, (fan, what), event.at).await?)
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
    let shown = SignedDuration::from_secs(PROVISIONAL_SECONDS_MAX);
    let expires_at = stored.received_at.checked_add(shown).unwrap_or(stored.received_at);
    tx.add_provisional(agency, creator, &told, (now, expires_at)).await?;
    if place(tx, (agency, creator), &told, now).await? {
        tx.wake_stream(agency, creator, told.at, now).await?;
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
