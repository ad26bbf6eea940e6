//! Histories of any density that are read again, each drawn from a seed: how well the job foretells its end,
//! and that it never goes back.
//!
//! `HEARTBEAT_BACKFILLS=50 cargo test --release --test it backfills` draws fifty. The error of a forecast is
//! how far the end that it names lies from the real one, in parts of what the whole job took; where it names
//! none, it is all of that. Histories are among them that were never read, and ledgers that end early: what those
//! come to Fanvue is asked.

use std::{io::Write, ops::RangeInclusive};

use app::tick::{Limits, Scope, tick};
use jiff::SignedDuration;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::json;
use simulator::{Fault, FaultMatch, NewFault, NewSale};
use uuid::Uuid;

use super::number;
use crate::world::World;

/// A forecast may be off by so much after a tenth of the time, in thousandths.
const ERROR_MAX: i64 = 100;
/// The error of a forecast that names no end.
const UNTOLD: i64 = 1_000;
/// More looks than the slowest job takes.
const LOOKS_MAX: u32 = 1_000;
/// Drawn where nobody says how many: one that a 429 stops in its course, and one whose ledger ends early.
const GATE: RangeInclusive<u64> = 5..=6;
const YEAR_SECONDS: i64 = 365 * 24 * 3_600;

/// What was shown so many seconds after the job began.
struct Look {
    passed: i64,
    percent: i64,
    eta: Option<i64>,
}

/// How a job of that seed went.
struct Course {
    seed: u64,
    creators: u32,
    rows: i64,
    every: i64,
    total: i64,
    /// After a tenth of the time: looks, those that foretold an end, and by how much they erred at most.
    looks: usize,
    told: usize,
    worst: i64,
}

impl Course {
    fn of(seed: u64, (creators, rows, every): (u32, i64, i64), looks: &[Look]) -> Self {
        let total = looks.last().unwrap().passed;
        assert!(600 < total, "seed {seed}: {total} s are not slow");
        let later = looks.iter().filter(|look| total <= 10 * look.passed && look.passed < total);
        let errors: Vec<_> = later
            .clone()
            .map(|look| {
                look.eta.map_or(UNTOLD, |eta| (look.passed + eta - total).abs() * 1000 / total)
            })
            .collect();
        let told = later.clone().filter(|look| look.eta.is_some()).count();
        let looks = later.count();
        let worst = errors.into_iter().max().unwrap_or(0);
        Self { seed, creators, rows, every, total, looks, told, worst }
    }

    fn tell(&self) {
        let Self { seed, creators, rows, every, total, looks, told, worst } = self;
        writeln!(
            std::io::stdout().lock(),
            "seed {seed}: {creators} creators, {rows} rows in {total} s, a tick every {every} s, \
             {told} of {looks} looks told, worst {}.{}%",
            worst / 10,
            worst % 10
        )
        .unwrap();
    }
}

/// Rows of most creators: from one to a thousand, each order of magnitude as often.
fn draw_rows(dice: &mut StdRng) -> u32 {
    let magnitude = 10_u32.pow(dice.random_range(0..3));
    dice.random_range(magnitude..10 * magnitude)
}

/// Sells so much within a few spans of a year, from a quarter of an hour to months: so a day may have as
/// much as a year. Some are of one instant.
fn earn(world: &World, dice: &mut StdRng, creator: Uuid, rows: u32) {
    let spans: Vec<(i64, i64)> = (0..dice.random_range(1..=6))
        .map(|_| {
            let length = 900 * 10_i64.pow(dice.random_range(0..=4));
            (dice.random_range(length..=YEAR_SECONDS), length)
        })
        .collect();
    let mut left = rows;
    while 0 < left {
        let count = dice.random_range(1..=10).min(left);
        left -= count;
        let (ago, length) = spans[dice.random_range(0..spans.len())];
        let before = 1_000 * ago - dice.random_range(0..1_000 * length);
        let at = world.now().checked_sub(SignedDuration::from_millis(before)).unwrap();
        let sale = NewSale { count: Some(count), at: Some(at.to_string()), ..NewSale::of(creator) };
        world.sim.sell(&sale, world.now()).unwrap();
    }
}

/// Creators with these rows, known to the app.
async fn join(world: &World, dice: &mut StdRng, sizes: &[u32]) -> Vec<Uuid> {
    let mut joined = vec![];
    for rows in sizes {
        let name = format!("Backfill {}", world.sim.creators().len());
        let creator = world.creator(&name, 0, 0);
        earn(world, dice, creator, *rows);
        joined.push(creator);
    }
    world.connect().await;
    world.db.sql("delete from models where name not like 'Backfill %'").await;
    joined
}

/// Which rows are lost, by their place in time.
async fn lose_some(world: &World, creator: Uuid, which: &str) {
    let model = world.model(creator).await;
    let lost = format!(
        "id in (select id from (
             select id, count(*) over () as all_rows,
                    row_number() over (order by transaction_date, fanvue_transaction_id) as n
               from fanvue_transactions where model_id = '{model}') as numbered
          where {which})"
    );
    world.lose(creator, &lost).await;
}

/// What goes wrong on the way: nothing, pages that fail and are asked for again, or a pause that Fanvue asks
/// for.
fn draw_faults(world: &World, dice: &mut StdRng) {
    let set = |fault: Fault, nth: u64| {
        let path = Some("insights/earnings".into());
        let matches = FaultMatch { path, nth: Some(nth), ..FaultMatch::default() };
        world.sim.fault(NewFault { matches, fault, times: Some(1) });
    };
    match dice.random_range(0..3) {
        0 => {}
        1 => {
            for fault in [Fault::Status(503), Fault::Html, Fault::DropAfter, Fault::TruncatedJson] {
                set(fault, dice.random_range(2..60));
            }
        }
        _ => {
            let retry_after = Some(dice.random_range(3..=20));
            set(Fault::Throttle { retry_after }, dice.random_range(5..60));
        }
    }
}

/// Looks at the job until it is done. What it shows of its way never falls, and is whole at the end alone.
async fn watch(world: &World, (seed, id): (u64, &str), every: i64) -> (Vec<Look>, i64) {
    let begun_at = world.now();
    let mut looks: Vec<Look> = vec![];
    for _ in 0..LOOKS_MAX {
        tick(&world.ctx, Scope::Due, Limits::default()).await.unwrap();
        let job = world.job(id).await;
        let (percent, is_done) = (number(&job, "percent"), job["state"] == "done");
        let before = looks.last().map_or(0, |look| look.percent);
        assert!(before <= percent, "seed {seed}: from {before} back to {job}");
        assert_eq!(percent == 100, is_done, "seed {seed}: {job}");
        let passed = world.now().duration_since(begun_at).as_secs();
        looks.push(Look { passed, percent, eta: job["etaSeconds"].as_i64() });
        if is_done {
            return (looks, number(&job, "rows"));
        }
        world.advance(every);
    }
    panic!("seed {seed}: the job does not end: {}", world.job(id).await);
}

async fn backfill(seed: u64) -> Course {
    let mut dice = StdRng::seed_from_u64(seed);
    let world = World::empty().await;
    let creators: u32 = dice.random_range(1..=12);
    let is_shared = dice.random_range(0..2) == 0;
    world.settings(json!({"bucketPerCreator": !is_shared}));
    let (pages, windows) = (dice.random_range(5..=8), dice.random_range(14..=18));
    // News take one of each window, of each creator who is still read.
    let limit = if is_shared { pages + creators } else { pages + 1 };
    // So one creator alone takes so many windows, also when all the others are done.
    let (mut old, mut new) = (vec![50 * limit * windows], vec![]);
    for _ in 1..creators {
        let is_new = seed.is_multiple_of(3) && dice.random_range(0..2) == 0;
        let sizes = if is_new { &mut new } else { &mut old };
        sizes.push(draw_rows(&mut dice));
    }
    let known = join(&world, &mut dice, &old).await;
    world.tick().await;
    world.assert_complete().await;
    for (creator, rows) in known.into_iter().zip(&old) {
        match dice.random_range(0..3) {
            0 if 20 <= *rows => {
                let each = dice.random_range(2..=10);
                lose_some(&world, creator, &format!("n % {each} = 0")).await;
            }
            // Where the ledger ends Fanvue goes on.
            1 if 20 <= *rows && seed.is_multiple_of(3) => {
                lose_some(&world, creator, "n < all_rows / 2").await;
            }
            _ => {}
        }
    }
    join(&world, &mut dice, &new).await;
    world.advance(600);
    world.settings(json!({"rateLimit": limit}));
    draw_faults(&world, &mut dice);
    let every = [10, 15, 20, 30, 60][dice.random_range(0..5)];
    let id = world.force_sync("").await;
    let (looks, rows) = watch(&world, (seed, &id), every).await;
    world.sim.clear_faults();
    world.settings(json!({"rateLimit": 100_000}));
    world.advance(600);
    world.tick().await;
    world.assert_complete().await;
    Course::of(seed, (creators, rows, every), &looks)
}

#[expect(clippy::disallowed_methods, reason = "how long whoever runs it wants to wait")]
fn seeds() -> RangeInclusive<u64> {
    let given = std::env::var("HEARTBEAT_BACKFILLS").ok();
    given.map_or(GATE, |text| 1..=text.parse().expect("HEARTBEAT_BACKFILLS is a number"))
}

#[tokio::test]
async fn a_history_of_any_density_foretells_its_end_and_never_goes_back() {
    let mut courses = vec![];
    for seed in seeds() {
        let course = backfill(seed).await;
        course.tell();
        courses.push(course);
    }
    let worst = courses.iter().map(|course| course.worst).max().unwrap();
    let (seeds, whole, tenth) = (courses.len(), worst / 10, worst % 10);
    let looks: usize = courses.iter().map(|course| course.looks).sum();
    let untold = looks - courses.iter().map(|course| course.told).sum::<usize>();
    writeln!(
        std::io::stdout().lock(),
        "backfills: {seeds} seeds, worst ETA error {whole}.{tenth}%, percent never back, \
         {untold} of {looks} looks without an ETA"
    )
    .unwrap();
    let late: Vec<_> = courses
        .iter()
        .filter(|course| ERROR_MAX < course.worst)
        .map(|course| course.seed)
        .collect();
    assert!(late.is_empty(), "more than a tenth off: seeds {late:?}");
}
