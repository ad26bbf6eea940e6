//! From a seed to a world and a list of ops. All chance of the test is spent here.
//!
//! Some worlds never serve rows without ids: only there prices are corrected. A row known by its
//! content alone can't be told from a new one once its price changed, so the ledger holds both until
//! two complete reads lacked the old one.

use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use simulator::{AgencyPaging, CursorStyle, Order};

use super::{dice::Dice, op::Op};

/// A world and what happens in it.
#[derive(Clone, Debug)]
pub struct Plan {
    pub seed: u64,
    /// Whether the connected account earns itself. Then there is one creator more, without a past.
    pub owns_an_account: bool,
    /// Whether ticks ask for the agency's totals, though there are few creators.
    pub asks_totals: bool,
    /// Creators with a past.
    pub pasts: Vec<Past>,
    /// The platform's manner at the beginning.
    pub settings: Value,
    /// How it sends webhooks, if it does.
    pub webhooks: Value,
    pub ops: Vec<Op>,
}

/// A creator's history.
#[derive(Clone, Debug)]
pub struct Past {
    pub rows: u64,
    pub days: u32,
    pub twins_percent: u64,
}

/// How the platform of one world is, for good.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// Every generation served has ids.
    pub has_ids: bool,
    /// Rows may be hidden from one moment to the next, which shifts pages counted by offset.
    pub hides: bool,
    pub clock_is_right: bool,
    pub asks_totals: bool,
    pub sends_webhooks: bool,
    /// Whether more may be sold at once than a page holds. Rarely beside webhooks: each is a delivery.
    pub has_crowds: bool,
}

/// Draws the world and the ops of a seed.
pub fn draw(seed: u64) -> Plan {
    let mut dice = Dice::new(seed, manner(seed));
    let crowds_without_ids = !dice.manner.hides && !dice.manner.has_ids && dice.manner.has_crowds;
    // What arrives in a crowd is seen twice only where places are counted.
    let keyset = dice.manner.hides || dice.chance(if crowds_without_ids { 25 } else { 50 });
    // Then the account is connected by the older paths, which list its reversals apart.
    let v1_paths = !dice.manner.hides || dice.chance(70);
    let settings = json!({
        "rows": dice.generation(),
        "v1": v1_paths,
        "order": if dice.chance(70) { Order::Newest } else { Order::Oldest },
        "cursorStyle": if keyset { CursorStyle::Keyset } else { CursorStyle::Offset },
        "explicitNulls": dice.chance(30),
        "floatAmounts": dice.chance(20),
        "reversalNetIsGross": dice.chance(20),
        "agencyPaging": if dice.chance(50) { AgencyPaging::Cursor } else { AgencyPaging::Page },
    });
    let owns_an_account = dice.chance(60);
    let pasts = (0..dice.up_to(1, 2)).map(|_| dice.past()).collect();
    let count = dice.up_to(10, 20);
    // What lies days back has to be there before the first tick: no look back promises to find it later.
    let mut ops = dice.earlier_sales();
    if owns_an_account && !v1_paths && dice.manner.has_crowds {
        ops.extend(dice.beginning_apart());
    }
    ops.extend(dice.first_trouble());
    if dice.manner.clock_is_right && dice.chance(8) {
        ops.extend(dice.arrivals_ever_later());
    }
    if dice.manner.has_crowds && dice.chance(8) {
        ops.extend(dice.set_back());
    }
    if dice.manner.hides && !dice.manner.has_ids && dice.chance(10) {
        ops.extend(dice.comes_back_with_an_id());
    }
    if dice.manner.asks_totals && dice.manner.has_crowds && dice.chance(25) {
        ops.extend(dice.stops_while_totals_stand_still());
    }
    if dice.manner.hides && dice.manner.sends_webhooks && dice.chance(30) {
        ops.extend(dice.told_of_what_never_shows());
    }
    if dice.chance(10) {
        ops.extend(dice.refused());
    }
    if crowds_without_ids {
        ops.extend(dice.arrivals_in_a_crowd());
    }
    let asks_totals = dice.manner.asks_totals;
    let totals_change_at = (asks_totals && dice.chance(60)).then(|| dice.up_to(0, count - 1));
    for nth in 0..count {
        if totals_change_at == Some(nth) {
            ops.extend(dice.changed_totals());
        }
        dice.add(&mut ops);
    }
    let webhooks = dice.webhooks();
    Plan { seed, owns_an_account, asks_totals, pasts, settings, webhooks, ops }
}

fn manner(seed: u64) -> Manner {
    let mut dice = StdRng::seed_from_u64(seed ^ 0x5EED);
    let has_ids = dice.random_ratio(1, 3);
    let (hides, clock_is_right) = (dice.random_ratio(2, 3), dice.random_ratio(3, 4));
    let (asks_totals, sends_webhooks) = (dice.random_ratio(1, 2), dice.random_ratio(1, 2));
    let has_crowds = !sends_webhooks || dice.random_ratio(1, 8);
    Manner { has_ids, hides, clock_is_right, asks_totals, sends_webhooks, has_crowds }
}
