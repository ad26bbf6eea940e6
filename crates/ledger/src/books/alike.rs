//! Reversals that another list of the platform tells a little differently.
//!
//! Reversals without an id come from a list of their own, and nobody says that its net is that of the rows that
//! later cite the sale, nor that it names the fan. Taken for rows of their own they would be counted twice. Of
//! one list two rows that differ are two: a page may show one of them and not the other.

use super::Booked;
use crate::Earning;

/// Which of these rows is what the platform tells.
pub(super) fn nearest_alike<'a>(
    rows: impl Iterator<Item = (usize, &'a Booked)>,
    told: &Earning,
) -> Option<usize> {
    rows.filter_map(|(place, row)| Some((distance(row, told)?, place))).min().map(|found| found.1)
}

/// How far a row is from what is told; `None` if it is another one.
fn distance(booked: &Booked, told: &Earning) -> Option<(bool, u64)> {
    let kept = &booked.earning;
    let are_of_two_lists = kept.order_id.is_some() != told.order_id.is_some();
    let is_other_fan = matches!((&kept.fan, &told.fan), (Some(a), Some(b)) if a.id != b.id);
    let is_other = (kept.source, kept.gross) != (told.source, told.gross) || is_other_fan;
    if booked.is_adopted || !told.source.is_reversal() || !are_of_two_lists || is_other {
        return None;
    }
    Some((kept.fan.is_some() != told.fan.is_some(), kept.net.0.abs_diff(told.net.0)))
}
