//! What kind of creator one is: how much, when and what she sells. A pure function of the seed.
//!
//! Holds no rows; `draw.rs` makes sales of it, `history.rs` a past.

use uuid::Uuid;

use crate::{
    dice::Dice,
    names,
    row::{DAY, Millis},
};

/// The traits sales are drawn by.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    pub(crate) number: u64,
    pub(crate) uuid: Uuid,
    pub(crate) name: String,
    pub(crate) handle: String,
    /// Sales a day in thousandths, averaged over the history.
    pub(crate) mean_milli: u64,
    /// How much more is sold at the end of the history than at its start, in thousandths.
    pub(crate) growth: i64,
    /// Odds of a mass message on a day.
    pub(crate) burst_permille: u64,
    /// The platform's fee.
    pub(crate) fee_permille: i64,
    /// Price of a month.
    pub(crate) subscription_cents: i64,
    /// How many different fans buy.
    pub(crate) fans: u64,
    /// When the account was opened; nothing was sold before.
    pub(crate) registered_at: Millis,
    /// Share of the agency's live sales.
    pub(crate) weight: u64,
}

/// The three temperaments of a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Quiet,
    Middling,
    Whale,
}

fn kind(number: u64, creators: u64) -> Kind {
    let whale = (creators >= 3 && number == 1) || (creators >= 10 && number % 40 == 7);
    match number % 4 {
        _ if whale => Kind::Whale,
        3 => Kind::Quiet,
        _ => Kind::Middling,
    }
}

impl Profile {
    /// The creator of that number in a world of so many, whose history runs from `start` to `end`.
    pub(crate) fn new(
        seed: u64,
        number: u64,
        creators: u64,
        start: Millis,
        end: Millis,
    ) -> Profile {
        let mut dice = Dice::new(seed, "creator", &[number]);
        let uuid = dice.uuid();
        let name = names::creator_name(number);
        let (mean_milli, burst_permille, fans) = match kind(number, creators) {
            Kind::Quiet => (150 + dice.below(250), 0, 6 + dice.below(12)),
            Kind::Middling => (2500 + dice.below(4000), 15 + dice.below(15), 80 + dice.below(220)),
            Kind::Whale => (8500 + dice.below(800), 55 + dice.below(10), 400 + dice.below(500)),
        };
        let late_start = dice.chance(250) && burst_permille < 50;
        let share = if late_start { dice.below(60) as i64 } else { 0 };
        Profile {
            number,
            uuid,
            handle: names::handle(&name, number),
            name,
            mean_milli,
            growth: dice.between(300, 900),
            burst_permille,
            fee_permille: dice.pick(&[150, 175, 200, 200]),
            subscription_cents: dice.pick(&[499, 799, 999, 1299, 1499, 1999, 2499]),
            fans,
            registered_at: start + (end - start) * share / 100 - 30 * DAY * i64::from(share == 0),
            weight: mean_milli,
        }
    }

    /// Someone added by hand, with a name of her own and no sales by herself.
    pub(crate) fn added(seed: u64, number: u64, name: Option<String>, now: Millis) -> Profile {
        let mut profile = Profile::new(seed, number, 0, now, now);
        if let Some(name) = name {
            profile.handle = names::handle(&name, number);
            profile.name = name;
        }
        profile.registered_at = now;
        profile
    }
}
