//! Which webhooks' sales are shown beside the ledger's rows, decided under the creator's lock by
//! whoever changes one of them.

use jiff::{SignedDuration, Timestamp};
use ledger::{
    AgencyId, Booked, CreatorId, OrderId, Provisional, Standing, TOGETHER_SECONDS_MAX, stand,
};
use store::{Placed, StoredHint, Tx};

use crate::Error;

/// Decides again how the sales like this one stand. Returns whether this one is shown.
pub(super) async fn place(
    tx: &Tx,
    whose: (AgencyId, CreatorId),
    told: &Provisional,
    now: Timestamp,
) -> Result<bool, Error> {
    let stored = tx.list_hints_like(whose, told).await?;
    let orders = stored.iter().filter_map(|one| one.hint.told.order.as_ref().map(OrderId::as_str));
    let rows = tx.list_rows_like(whose, told, &orders.collect::<Vec<_>>()).await?;
    let (ids, rows): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    let hints: Vec<_> = stored.iter().map(|one| one.hint.clone()).collect();
    let standings = stand(&hints, &rows);
    let moved = |(stored, standing): (_, &Standing)| moved(stored, *standing, &ids);
    let placed: Vec<_> = stored.iter().zip(&standings).filter_map(moved).collect();
    if !placed.is_empty() {
        tx.place_hints(whose, &placed, now).await?;
    }
    Ok(hints.iter().zip(&standings).any(|(hint, standing)| {
        hint.told.event_key == told.event_key && *standing == Standing::Open
    }))
}

/// Where a sale goes, if it goes anywhere. One whose time is over is shown no more, and one that was
/// settled stays so.
fn moved<'a>(stored: &'a StoredHint, standing: Standing, ids: &[uuid::Uuid]) -> Option<Placed<'a>> {
    let event_key = stored.hint.told.event_key.as_str();
    match standing {
        Standing::Settled(row) if !stored.hint.is_settled => {
            Some(Placed { event_key, state: "settled", row: row.map(|row| ids[row]) })
        }
        _ if stored.is_unmatched || stored.hint.is_settled => None,
        Standing::Open if !stored.is_open => Some(Placed { event_key, state: "open", row: None }),
        Standing::Repeated if stored.is_open => {
            Some(Placed { event_key, state: "repeated", row: None })
        }
        _ => None,
    }
}

/// Decides again for all sales that one of the rows just written may be.
///
/// # Errors
/// As for any statement.
pub(crate) async fn place_beside(
    tx: &Tx,
    whose: (AgencyId, CreatorId),
    hints: &[Provisional],
    rows: &[&Booked],
    now: Timestamp,
) -> Result<(), Error> {
    let near = SignedDuration::from_secs(TOGETHER_SECONDS_MAX / 2);
    let mut placed: Vec<&Provisional> = vec![];
    for hint in hints {
        let covers = |done: &&Provisional| {
            done.is_like(hint) && done.at.duration_since(hint.at).abs() <= near
        };
        if rows.iter().any(|row| hint.may_be(row)) && !placed.iter().any(covers) {
            place(tx, whose, hint, now).await?;
            placed.push(hint);
        }
    }
    Ok(())
}
