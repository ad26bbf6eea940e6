//! A creator's past: every sale from the start of the world to its origin, drawn at once.
//!
//! Rows that follow from the past but fall after the origin (renewals, refunds, late rows) are part
//! of it too; they show when their time comes. Sales of live time are drawn in `live.rs`.

use super::{
    draw::{self, Wish},
    profile::Profile,
};
use crate::{
    dice::Dice,
    row::{DAY, HOUR, MINUTE, Millis, Row, Source},
};

/// How busy each hour of a UTC day is: quiet mornings, loud evenings.
const HOURS: [u64; 24] =
    [7, 5, 4, 3, 2, 2, 2, 2, 3, 3, 4, 4, 5, 5, 5, 6, 6, 7, 8, 10, 12, 13, 12, 10];
/// How busy each day of the week is, Monday first, in thousandths.
const WEEKDAYS: [u64; 7] = [860, 850, 900, 960, 1110, 1160, 1160];

/// Every row of a creator's history, unsorted. When `still` is set, nothing happens after `end`.
pub(crate) fn rows(
    seed: u64,
    profile: &Profile,
    start: Millis,
    end: Millis,
    still: bool,
) -> Vec<Row> {
    let mut rows = Vec::new();
    let first_day = start.max(profile.registered_at).div_euclid(DAY);
    for day in first_day..=end.div_euclid(DAY) {
        let mut dice = Dice::new(seed, "day", &[profile.number, day.unsigned_abs()]);
        let span = (start.max(profile.registered_at), end);
        let mean = mean_milli(profile, day, span);
        for _ in 0..dice.count(mean) {
            let at = day * DAY + time_of_day(&mut dice);
            if (span.0..span.1).contains(&at) {
                draw::sale_and_sequel(profile, &mut dice, at, Wish::default(), &mut rows);
            }
        }
        if dice.chance(profile.burst_permille) {
            burst(profile, &mut dice, day, span, &mut rows);
        }
    }
    if still {
        rows.retain(|row| row.at < end);
        for row in &mut rows {
            row.visible_at = row.visible_at.min(end);
        }
    }
    rows
}

/// Expected sales of a day: the average, bent by growth and weekday.
fn mean_milli(profile: &Profile, day: i64, (start, end): (Millis, Millis)) -> u64 {
    let length = (end - start).max(1);
    let passed = (day * DAY - start).clamp(0, length);
    let trend = 1000 - profile.growth / 2 + profile.growth * (passed / 1000) / (length / 1000 + 1);
    let weekday = (day + 3).rem_euclid(7) as usize;
    profile.mean_milli * trend.unsigned_abs() / 1000 * WEEKDAYS[weekday] / 1000
}

fn time_of_day(dice: &mut Dice) -> Millis {
    let mut left = dice.below(HOURS.iter().sum());
    let mut hour = 0;
    for weight in HOURS {
        if left < weight {
            break;
        }
        left -= weight;
        hour += 1;
    }
    hour * HOUR + dice.below(HOUR.unsigned_abs()) as i64
}

/// A mass message: one price, one content, dozens of buyers within minutes.
fn burst(
    profile: &Profile,
    dice: &mut Dice,
    day: i64,
    span: (Millis, Millis),
    rows: &mut Vec<Row>,
) {
    let start = day * DAY + 18 * HOUR + dice.below(4 * HOUR.unsigned_abs()) as i64;
    let price = dice.pick(&[799, 999, 1499, 1999, 2499]);
    let content = dice.roll();
    let wish = Wish { source: Some(Source::Message), gross: Some(price), content: Some(content) };
    for _ in 0..30 + dice.below(51) {
        // The shorter of two waits: most buy at once.
        let wait =
            dice.below(15 * MINUTE.unsigned_abs()).min(dice.below(15 * MINUTE.unsigned_abs()));
        let at = start + wait as i64;
        if (span.0..span.1).contains(&at) {
            draw::sale_and_sequel(profile, dice, at, wish, rows);
        }
    }
}

/// Exactly `count` plain rows spread over a span, a share of them exact twins of the one before.
pub(crate) fn exact_rows(
    seed: u64,
    profile: &Profile,
    count: usize,
    (start, end): (Millis, Millis),
    twins_percent: u64,
) -> Vec<Row> {
    let mut dice = Dice::new(seed, "exact rows", &[profile.number]);
    let span = (end - start).max(1).unsigned_abs();
    let mut rows: Vec<Row> = Vec::with_capacity(count);
    let twins = count as u64 * twins_percent / 100;
    for made in 0..count as u64 {
        // Spread evenly: the n-th hundredth of rows holds its twins.
        let twin = (made + 1) * twins / count as u64 != made * twins / count as u64;
        let row = match rows.last().filter(|_| twin) {
            Some(last) => Row { id: dice.roll() | 1, ..*last },
            None => {
                let at = start + dice.below(span) as i64;
                draw::sale(profile, &mut dice, at, Wish::default())
            }
        };
        rows.push(row);
    }
    rows
}
