//! Worlds: the same seed makes the same rows, and they look like an agency's.

use std::collections::BTreeMap;

use jiff::ToSpan;
use serde_json::json;

use super::{World, after_seconds, options, origin, unlimited};
use crate::{Options, Simulator, TrueRow};

fn all_rows(simulator: &Simulator, seconds: i64) -> Vec<TrueRow> {
    let now = after_seconds(seconds);
    simulator.creators().into_iter().flat_map(|uuid| simulator.rows(uuid, now)).collect()
}

#[test]
fn the_same_seed_makes_the_same_world() {
    let live = Options { live_sales_per_hour: 90, ..options(6, 40) };
    let (one, two) = (Simulator::new(live.clone()), Simulator::new(live.clone()));
    assert_eq!(one.creators(), two.creators());
    assert_eq!(all_rows(&one, 7200), all_rows(&two, 7200));
    let other = Simulator::new(Options { seed: 8, ..live });
    assert_ne!(one.creators(), other.creators());
    assert_ne!(all_rows(&one, 7200).len(), all_rows(&other, 7200).len());
}

#[test]
fn live_time_is_the_same_in_one_step_or_many() {
    let live = Options { live_sales_per_hour: 60, ..options(4, 3) };
    let (steps, leap) = (Simulator::new(live.clone()), Simulator::new(live));
    for second in (0..6 * 3600).step_by(37) {
        steps.truth(after_seconds(second));
    }
    assert_eq!(all_rows(&steps, 6 * 3600), all_rows(&leap, 6 * 3600));
    let grown = all_rows(&leap, 6 * 3600).len() - all_rows(&leap, 0).len();
    assert!((200..600).contains(&grown), "{grown} sales in six hours at 60 an hour");
}

#[test]
fn nothing_happens_by_itself_without_live_sales() {
    let world = World::new(options(5, 60));
    let before = world.simulator.truth(origin());
    assert_eq!(world.simulator.truth(origin() + (24 * 365).hours()), before);
}

#[test]
fn the_default_world_has_realistic_density() {
    for seed in [1, 7, 42] {
        let simulator = Simulator::new(Options { seed, ..options(12, 400) });
        let truth = simulator.truth(origin());
        let mut counts: Vec<u64> = truth.creators.iter().map(|creator| creator.rows).collect();
        counts.sort_unstable();
        println!("seed {seed}: {counts:?} gross {}", truth.gross_cents);
        assert_eq!(counts.len(), 12);
        assert!(counts[11] < 7500, "the largest history fits in 150 pages");
        assert!(counts[11] > 4000, "there is a whale");
        assert!(counts[0] < 250, "there is a quiet one");
        assert!(truth.net_cents < truth.gross_cents);
        assert!(truth.net_cents * 100 > truth.gross_cents * 78);
    }
}

#[test]
fn a_history_has_all_the_kinds_of_rows_there_are() {
    let simulator = Simulator::new(options(12, 400));
    let rows = all_rows(&simulator, 0);
    let mut sources: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &rows {
        *sources.entry(&row.source).or_default() += 1;
    }
    assert_eq!(sources.len(), 14, "{sources:?}");
    let reversals: Vec<&TrueRow> = rows.iter().filter(|row| row.gross < 0).collect();
    let share = reversals.len() * 1000 / rows.len();
    assert!((8..25).contains(&share), "{share} reversals in a thousand");
    for reversal in reversals {
        let sale = rows
            .iter()
            .find(|row| {
                Some(&row.transaction_order_id) == reversal.reversed_transaction_order_id.as_ref()
            })
            .expect("a reversal cites a sale");
        assert_eq!((sale.gross, sale.net), (-reversal.gross, -reversal.net));
        assert!(sale.date < reversal.date);
    }
    let late = rows.iter().filter(|row| row.visible_at != row.date).count() * 1000 / rows.len();
    assert!((4..20).contains(&late), "{late} late rows in a thousand");
    let rewards =
        |row: &&TrueRow| matches!(row.source.as_str(), "referral" | "affiliate" | "giveaway");
    assert!(rows.iter().filter(rewards).all(|row| row.user.is_none() && row.gross == row.net));
    let unpaid_fee = |row: &TrueRow| row.source == "subscription" && row.gross == row.net;
    assert!(rows.iter().any(unpaid_fee), "net equals gross now and then");
    for currency in [None, Some("USD"), Some("EUR"), Some("BRL"), Some("usd")] {
        assert!(rows.iter().any(|row| row.currency.as_deref() == currency), "{currency:?}");
    }
    let mut buyers: BTreeMap<String, usize> = BTreeMap::new();
    rows.iter().filter_map(|row| row.user.as_ref()).for_each(|fan| {
        *buyers.entry(fan.uuid.to_string()).or_default() += 1;
    });
    assert!(buyers.values().any(|bought| *bought > 20), "some fans come back");
}

#[test]
fn histories_have_bursts() {
    let simulator = Simulator::new(options(12, 400));
    let mut minutes: BTreeMap<String, usize> = BTreeMap::new();
    for row in all_rows(&simulator, 0) {
        *minutes.entry(row.date[..15].to_owned()).or_default() += 1;
    }
    assert!(minutes.values().any(|rows| *rows >= 20), "dozens of sales within ten minutes");
}

#[test]
fn order_ids_are_unique() {
    let simulator = Simulator::new(options(12, 400));
    let mut ids: Vec<String> =
        all_rows(&simulator, 0).into_iter().map(|row| row.transaction_order_id).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[test]
fn the_rows_of_a_seed_never_change() {
    // Whoever changes the dice changes every recorded seed: then this number may change too.
    let truth = Simulator::new(options(3, 30)).truth(origin());
    let rows: u64 = truth.creators.iter().map(|creator| creator.rows).sum();
    assert_eq!((rows, truth.gross_cents, truth.net_cents), (762, 1_392_214, 1_156_706));
}

#[test]
fn a_lone_creator_is_managed_by_an_agency_that_is_none() {
    let world = World::new(options(1, 10));
    let me = world.get("/users/me").json();
    assert_eq!(me["isCreator"], false);
    assert_eq!(me.get("fanCounts"), None);
    assert_eq!(world.get("/creators").rows().len(), 1);
    assert_eq!(world.get("/insights/earnings").rows().len(), 0);
    let path = format!("/creators/{}/insights/earnings", world.creator());
    assert!(!world.get(&path).rows().is_empty());
}

#[test]
fn a_late_row_shows_late() {
    let mut world = World::new(options(2, 0));
    let creator = world.creator();
    world.sell(json!({"creator": creator, "visibleAfterSeconds": 600}));
    let path = format!("/v1/creators/{creator}/insights/earnings");
    assert_eq!(world.get(&path).rows().len(), 0);
    assert_eq!(world.simulator.truth(world.now).gross_cents, 0);
    world.pass_seconds(600);
    assert_eq!(world.get(&path).rows().len(), 1);
    assert!(world.simulator.truth(world.now).gross_cents > 0);
}

#[test]
fn every_answer_tells_the_worlds_second() {
    let mut world = World::new(options(2, 0));
    world.pass_seconds(7);
    let told = |got: super::Got| got.headers["date"].to_str().unwrap().to_owned();
    assert_eq!(told(world.get("/v1/users/me")), "Thu, 01 Oct 2026 09:00:07 GMT");
    assert_eq!(told(world.get("/nowhere")), "Thu, 01 Oct 2026 09:00:07 GMT");
    world.simulator.advance(3_600, world.now).unwrap();
    assert_eq!(told(world.get("/v1/users/me")), "Thu, 01 Oct 2026 10:00:07 GMT");
}

#[test]
fn a_million_rows_are_made_and_paged_quickly() {
    let world = World::new(options(0, 0));
    world.set(unlimited());
    let rows = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };
    let made = world.post("/sim/bulk", json!({"creators": 100, "rows": rows, "days": 400}));
    assert_eq!(made.json()["creators"].as_array().unwrap().len(), 100);
    let (walked, pages) =
        world.walk(&format!("/creators/{}/insights/earnings", world.creator()), "size=50");
    assert_eq!((walked.len() as u64, pages as u64), (rows / 100, rows / 100 / 50));
    let truth = world.simulator.truth(world.now);
    assert_eq!(truth.creators.iter().map(|creator| creator.rows).sum::<u64>(), rows);
}
