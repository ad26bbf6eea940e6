//! Draws single sales of a creator, with what follows from them: renewals, refunds, late showing.
//!
//! Everything comes from the dice it is handed, so a sale is the same whenever it is drawn.

use super::profile::Profile;
use crate::{
    dice::Dice,
    row::{DAY, HOUR, MINUTE, Millis, NO_FAN, Row, Source, USD},
};

/// Sources and how often each is drawn, in thousandths.
const MIX: [(Source, u64); 11] = [
    (Source::Message, 420),
    (Source::Tip, 200),
    (Source::Subscription, 190),
    (Source::Post, 70),
    (Source::MediaLink, 30),
    (Source::CheckoutLink, 25),
    (Source::AppStore, 15),
    (Source::FanExperience, 10),
    (Source::Referral, 20),
    (Source::Affiliate, 10),
    (Source::Giveaway, 10),
];

/// Monthly renewals of one subscription are never more.
const RENEWALS_MAX: u32 = 24;
/// Odds that a subscription is renewed once more.
const RENEWED_PERMILLE: u64 = 600;
/// Odds that a sale is taken back later.
const REVERSED_PERMILLE: u64 = 15;
/// Odds that a row shows late.
const LATE_PERMILLE: u64 = 10;

/// What a sale is to be; anything not said is drawn.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wish {
    pub(crate) source: Option<Source>,
    pub(crate) gross: Option<i64>,
    pub(crate) content: Option<u64>,
}

/// One sale at that instant, and nothing that follows from it.
pub(crate) fn sale(profile: &Profile, dice: &mut Dice, at: Millis, wish: Wish) -> Row {
    let source = wish.source.unwrap_or_else(|| pick_source(dice));
    let gross = wish.gross.unwrap_or_else(|| price(profile, source, dice));
    let free_of_fee = source == Source::Subscription && dice.chance(4);
    let id = dice.roll() | 1;
    let fan = match source.is_reward() {
        true => NO_FAN,
        // Twice below: the first fans buy again and again, the last ones once.
        false => {
            let often = dice.below(profile.fans) + 1;
            dice.below(often) as u32
        }
    };
    let currency = match fan {
        NO_FAN => 0,
        _ if free_of_fee => 0,
        fan => fan_currency(profile, fan),
    };
    Row {
        at,
        visible_at: at,
        id,
        reverses: 0,
        gross,
        net: if source.is_reward() || free_of_fee { gross } else { after_fee(profile, gross) },
        content: wish.content.unwrap_or_else(|| dice.roll()),
        fan,
        source,
        currency,
        flags: 0,
    }
}

/// One sale, possibly shown late, and everything that follows from it.
pub(crate) fn sale_and_sequel(
    profile: &Profile,
    dice: &mut Dice,
    at: Millis,
    wish: Wish,
    rows: &mut Vec<Row>,
) {
    let mut first = sale(profile, dice, at, wish);
    if dice.chance(LATE_PERMILLE) {
        first.visible_at += dice.between(5 * MINUTE, 2 * DAY);
    }
    push_with_reversal(first, dice, rows);
    if first.source != Source::Subscription {
        return;
    }
    let mut renewed_at = at;
    for _ in 0..RENEWALS_MAX {
        if !dice.chance(RENEWED_PERMILLE) {
            break;
        }
        renewed_at += 30 * DAY + dice.between(0, 5 * MINUTE);
        let renewal = Row {
            at: renewed_at,
            visible_at: renewed_at,
            id: dice.roll() | 1,
            content: dice.roll(),
            source: Source::Renewal,
            ..first
        };
        push_with_reversal(renewal, dice, rows);
    }
}

fn push_with_reversal(row: Row, dice: &mut Dice, rows: &mut Vec<Row>) {
    rows.push(row);
    if row.source.is_reward() || !dice.chance(REVERSED_PERMILLE) {
        return;
    }
    let source = if dice.chance(300) { Source::Chargeback } else { Source::Refund };
    let at = row.visible_at.max(row.at) + dice.between(HOUR, 20 * DAY);
    rows.push(reversal(&row, source, dice.roll() | 1, at, -row.net));
}

/// The row that takes a sale back.
pub(crate) fn reversal(sale: &Row, source: Source, id: u64, at: Millis, net: i64) -> Row {
    Row {
        at,
        visible_at: at,
        id,
        reverses: sale.id,
        gross: -sale.gross,
        net,
        source,
        flags: 0,
        ..*sale
    }
}

/// What is left of a price after the platform's fee, rounded down.
pub(crate) fn after_fee(profile: &Profile, gross: i64) -> i64 {
    gross - (gross * profile.fee_permille + 999) / 1000
}

fn pick_source(dice: &mut Dice) -> Source {
    let mut left = dice.below(1000);
    for (source, share) in MIX {
        if left < share {
            return source;
        }
        left -= share;
    }
    Source::Message
}

fn price(profile: &Profile, source: Source, dice: &mut Dice) -> i64 {
    match source {
        Source::Message => {
            dice.pick(&[399, 499, 699, 999, 999, 1299, 1499, 1499, 1999, 2499, 2999, 3999, 4999])
        }
        Source::Tip if dice.chance(200) => dice.between(300, 7999),
        Source::Tip => dice.pick(&[300, 500, 500, 1000, 1000, 1500, 2000, 2500, 5000, 10_000]),
        Source::Subscription if dice.chance(250) => profile.subscription_cents / 2,
        Source::Post => dice.pick(&[299, 499, 599, 799, 999, 1499, 1999]),
        Source::MediaLink => dice.pick(&[499, 999, 1999, 2999]),
        Source::CheckoutLink => dice.pick(&[1999, 2999, 4999, 9999]),
        Source::AppStore => dice.pick(&[199, 499, 999]),
        Source::FanExperience => dice.pick(&[5000, 9900, 15_000, 29_900]),
        Source::Referral | Source::Affiliate => dice.between(40, 1200),
        Source::Giveaway => dice.pick(&[100, 250, 500]),
        Source::Subscription | Source::Renewal | Source::Refund | Source::Chargeback => {
            profile.subscription_cents
        }
    }
}

/// A fan pays in the same currency each time.
fn fan_currency(profile: &Profile, fan: u32) -> u8 {
    let mut dice = Dice::new(profile.number, "currency", &[u64::from(fan), profile.fans]);
    dice.pick(&[USD, USD, USD, USD, USD, USD, 2, 2, 2, 3, 3, 4, 5, 6, 0, 7])
}
