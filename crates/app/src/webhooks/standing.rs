//! How a webhook's sale stands beside what is known already. Pure.

use jiff::{SignedDuration, Timestamp};
use ledger::{PROVISIONAL_SECONDS_MAX, Provisional, Row, settle, told_before};
use store::{NearRow, Standing};

/// Decides it: told before by another webhook, in the ledger already, or to be shown until its row comes.
pub(super) fn standing(
    told: &Provisional,
    before: &[Provisional],
    rows: &[NearRow],
    received_at: Timestamp,
) -> Standing {
    if let Some(first) = told_before(told, before) {
        return Standing::Repeated(before[first].event_key.clone());
    }
    let candidates: Vec<_> =
        rows.iter().map(|row| Row { booked: &row.booked, by_id_only: row.is_taken }).collect();
    if let Some((_, row)) = settle(std::slice::from_ref(told), &candidates).first() {
        let row = &rows[*row];
        return Standing::Settled((!row.is_taken).then_some(row.id));
    }
    let shown = SignedDuration::from_secs(PROVISIONAL_SECONDS_MAX);
    Standing::Open { expires_at: received_at.checked_add(shown).unwrap_or(received_at) }
}
