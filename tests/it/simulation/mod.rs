//! The simulation: one seed is one world, a list of things that happen in it, and the same result
//! each time. Real Postgres, the simulated Fanvue under the client at the HTTP message, two clocks
//! moved by hand. After every op the invariants of the design are asked; at rest the ledger must be
//! the truth as a multiset.
//!
//! `HEARTBEAT_SEEDS=n cargo test --release --test it simulation` runs n seeds, `HEARTBEAT_SEED=s`
//! replays one and prints what it does, `HEARTBEAT_FIRST_SEED=s` begins the n seeds with that one. A
//! failing seed prints itself and the shortest list of ops that was found to fail; with `HEARTBEAT_FAIL_FAST=1` the first one ends the run unshortened.

mod acts;
mod amending;
mod beginning;
pub mod clock;
pub mod conduct;
mod dice;
mod draw;
pub mod eye;
mod hooks;
mod invariants;
pub mod op;
mod oracle;
mod paying;
mod polls;
pub mod probe;
pub mod process;
mod reproductions;
mod rest;
mod run;
mod scene;
mod shrink;
pub mod stage;
pub mod trace;
mod truth;
mod turns;
mod view;

use std::{
    io::Write,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Instant,
};

use self::{draw::draw, run::Outcome, stage::Stage, trace::Trace};

/// Seeds that `cargo test` runs.
const SEEDS: u64 = 300;
/// Seeds between two words on how long it takes.
const TOLD_EVERY: u64 = 500;
/// Failing seeds that are shortened; the others are only named.
const SHRUNK_MAX: u64 = 3;

#[test]
fn every_seed_keeps_the_promises_and_comes_to_rest_at_the_truth() {
    if let Some(seed) = variable("HEARTBEAT_SEED") {
        replay(seed);
        return;
    }
    let seeds = variable("HEARTBEAT_SEEDS").unwrap_or(SEEDS);
    let fail_fast = variable("HEARTBEAT_FAIL_FAST").is_some();
    let first = variable("HEARTBEAT_FIRST_SEED").unwrap_or(1);
    let next = AtomicU64::new(first);
    let failed = AtomicU64::new(0);
    let done = AtomicU64::new(0);
    let stop = AtomicBool::new(false);
    let creator_days = Mutex::new(0.0);
    let (polls, unchanged) = (AtomicU64::new(0), AtomicU64::new(0));
    let began_at = began();
    let work = || {
        let stage = Stage::build();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if first + seeds <= seed || stop.load(Ordering::Relaxed) {
                return;
            }
            let outcome = stage.play(&draw(seed), &Trace::default());
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            if done.is_multiple_of(TOLD_EVERY) && done < seeds {
                let left = began_at.elapsed().as_secs() * (seeds - done) / done;
                say(&format!("simulation: {done} of {seeds} seeds, {left} s to go"));
            }
            *creator_days.lock().unwrap() += outcome.creator_days;
            polls.fetch_add(outcome.polls.0, Ordering::Relaxed);
            unchanged.fetch_add(outcome.polls.1, Ordering::Relaxed);
            let Some(problem) = outcome.problem else { continue };
            stop.store(fail_fast, Ordering::Relaxed);
            say(&format!("seed {seed}: {problem}"));
            if failed.fetch_add(1, Ordering::Relaxed) < SHRUNK_MAX && !fail_fast {
                say(&shortened(&stage, seed));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads() {
            scope.spawn(work);
        }
    });
    let (done, failed) = (done.into_inner(), failed.into_inner());
    let days = creator_days.into_inner().unwrap();
    let per_second = days / began_at.elapsed().as_secs_f64();
    let (polls, unchanged) = (polls.into_inner(), unchanged.into_inner());
    say(&format!("simulation: {polls} polls, {unchanged} of them answered 304"));
    say(&format!("simulation: {per_second:.0} creator-days a second"));
    say(&format!("simulation: {done} seeds, {days:.0} creator-days, {failed} mismatches"));
    assert_eq!(failed, 0, "replay one with HEARTBEAT_SEED");
    assert!(polls < 10 * unchanged, "hardly a poll found nothing new, so little is shown");
}

#[test]
fn one_seed_run_twice_leaves_the_same_trace() {
    let stage = Stage::build();
    for seed in [5, 8, 21] {
        let traces = [0, 1].map(|_| {
            let trace = Trace::kept();
            let outcome = stage.play(&draw(seed), &trace);
            trace.note(|| format!("{:?}", outcome.problem));
            trace.lines()
        });
        for (line, (first, second)) in traces[0].iter().zip(&traces[1]).enumerate() {
            assert_eq!(first, second, "seed {seed}, line {line}");
        }
        assert_eq!(traces[0].len(), traces[1].len(), "seed {seed}");
        assert!(100 < traces[0].len(), "seed {seed} hardly did anything");
    }
}

/// Runs one seed and prints all it does.
fn replay(seed: u64) {
    let stage = Stage::build();
    let trace = Trace::kept();
    let outcome = stage.play(&draw(seed), &trace);
    for line in trace.lines() {
        say(&line.chars().take(2_000).collect::<String>());
    }
    let failed = u64::from(outcome.problem.is_some());
    if let Some(problem) = &outcome.problem {
        say(&format!("seed {seed}: {problem}"));
        say(&shortened(&stage, seed));
    }
    let days = outcome.creator_days;
    say(&format!("simulation: 1 seeds, {days:.0} creator-days, {failed} mismatches"));
    assert_eq!(failed, 0, "seed {seed}");
}

/// The shortest list found to fail, as it would stand in a reproduction.
fn shortened(stage: &Stage, seed: u64) -> String {
    let plan = draw(seed);
    let mut problem = String::new();
    let ops = shrink::shrink(&plan.ops, |ops| {
        let shorter = draw::Plan { ops: ops.to_vec(), ..plan.clone() };
        let Outcome { problem: found, .. } = stage.play(&shorter, &Trace::default());
        found.inspect(|found| problem.clone_from(found))
    });
    let lines: Vec<_> = ops.iter().map(|op| format!("    {op:?},")).collect();
    format!(
        "seed {seed} in short: {problem}\n  owns an account {}, totals {}, pasts {:?}, {}\n{}",
        plan.owns_an_account,
        plan.asks_totals,
        plan.pasts,
        plan.settings,
        lines.join("\n")
    )
}

/// Prints past the test runner's capture, so that the last line shows without `--nocapture`.
pub fn say(text: &str) {
    writeln!(std::io::stdout().lock(), "{text}").unwrap();
}

#[expect(clippy::disallowed_methods, reason = "a test's own switches")]
fn variable(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

#[expect(clippy::disallowed_methods, reason = "for whoever waits, not for the test")]
fn began() -> Instant {
    Instant::now()
}

/// A seed waits for the database half of the time, so there are more threads than processors.
pub fn threads() -> usize {
    2 * std::thread::available_parallelism().map_or(2, usize::from)
}
