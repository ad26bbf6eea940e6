//! The invariants of fans: who paid on which day, and how many did.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{civil::Date, tz::TimeZone};
use uuid::Uuid;

use super::view::{CreatorView, FansKey, View};

/// Sources whose money is no fan's.
const REWARDS: [&str; 3] = ["affiliate", "giveaway", "referral"];

/// Invariant 1 for fans: each day on which a fan paid, by the ledger, and no other.
pub fn fan_days_agree(creator: &CreatorView, zone: &TimeZone) -> Result<(), String> {
    let paid = creator.rows.values().filter_map(|row| {
        let is_purchase = 0 < row.gross && !REWARDS.contains(&row.source.as_str());
        let fan = row.fan.clone().filter(|_| is_purchase)?;
        Some((fan, row.at.to_zoned(zone.clone()).date()))
    });
    let paid: BTreeSet<_> = paid.collect();
    match paid.symmetric_difference(&creator.fan_days).next() {
        None => Ok(()),
        Some(day) if creator.fan_days.contains(day) => {
            Err(format!("{day:?} is kept as a day on which a fan paid, and no row says so"))
        }
        Some(day) => Err(format!("a fan paid on {day:?}, and it is not kept")),
    }
}

/// Invariant 1 for the counts: each is that of the fans' days, of each creator and of all.
pub fn fan_counts_agree(view: &View) -> Result<(), String> {
    let mut lives = BTreeMap::<(Option<Uuid>, &str), BTreeSet<Date>>::new();
    for creator in view.creators.values() {
        for (fan, day) in &creator.fan_days {
            for whose in [None, Some(creator.id)] {
                lives.entry((whose, fan.as_str())).or_default().insert(*day);
            }
        }
    }
    let mut wanted = BTreeMap::<FansKey, i64>::new();
    for ((whose, _), days) in lives {
        let mut before = None;
        for day in days {
            *wanted.entry((whose, day, before)).or_default() += 1;
            before = Some(day);
        }
    }
    let differs = |key: &&FansKey| wanted.get(*key) != view.fans.get(*key);
    match wanted.keys().chain(view.fans.keys()).find(differs) {
        None => Ok(()),
        Some(key) => {
            let (kept, wanted) = (view.fans.get(key), wanted.get(key));
            Err(format!("under {key:?} are {kept:?} fans, and should be {wanted:?}"))
        }
    }
}
