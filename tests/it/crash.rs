//! Crash everywhere: each scenario is a run in a small world. Undisturbed, its requests to the platform and
//! its round trips to the database are counted. Then it is run again from the same beginning for each of them
//! and each thing that can go wrong there: it fails, no answer comes, it takes effect and the answer is lost,
//! it comes twice, the connection ends, the process dies. The world goes on, and soon nothing reminds of it.
//!
//! There is time for each request with everything that can go wrong there, and for each round trip with one
//! thing, in turn. `HEARTBEAT_CRASHES=all cargo test --release --test it crash` plays each with everything, and
//! larger worlds too; names, such as `tick,proof`, play those alone; `tick:trip:17:cut-after` plays one crash
//! again and prints what happens.

mod fault;
mod keeper;
mod line;
mod resting;
mod scenarios;
mod scene;
mod stage;
mod way;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
};

use self::{
    fault::{Crash, TripFault},
    scenarios::{
        Scenario, audience::Audience, job::Job, login::Login, migrate::Migrate, proof::Proof,
        refresh::Refresh, tick::Tick, webhook::Webhook,
    },
    stage::Stage,
};
use crate::simulation::{say, threads, trace::Trace};

/// A scenario on its stage.
trait Played {
    /// Everything that can go wrong in it, by a run in which nothing does.
    fn crashes(&self) -> Result<Vec<Crash>, String>;

    /// Plays it with that crash until all is well again; what is not, if anything.
    fn play(&self, crash: Option<Crash>, trace: &Trace) -> Result<(), String>;
}

/// A scenario as it is chosen.
struct Entry {
    name: &'static str,
    /// Played only where all are asked for, or by its name.
    is_wide: bool,
    /// Stages on which its crashes are played, each by a thread.
    parts: usize,
    set: fn() -> Box<dyn Played>,
}

/// Those that take longest come first.
static SCENARIOS: [Entry; 10] = [
    entry("history", 4, || on_stage(&Tick { news: 1, history: 1_060 })).wide(),
    entry("migrate-whole", 4, || Box::new(Migrate::set(true))).wide(),
    entry("proof", 2, || on_stage(&Proof)),
    entry("tick", 2, || on_stage(&Tick { news: 55, history: 60 })),
    entry("job", 2, || on_stage(&Job)),
    entry("migrate", 1, || Box::new(Migrate::set(false))),
    entry("audience", 1, || on_stage(&Audience)),
    entry("login", 1, || on_stage(&Login)),
    entry("webhook", 1, || on_stage(&Webhook)),
    entry("refresh", 1, || on_stage(&Refresh)),
];

const fn entry(name: &'static str, parts: usize, set: fn() -> Box<dyn Played>) -> Entry {
    Entry { name, is_wide: false, parts, set }
}

impl Entry {
    const fn wide(self) -> Self {
        Self { is_wide: true, ..self }
    }
}

fn on_stage(scenario: &'static dyn Scenario) -> Box<dyn Played> {
    Box::new(Stage::set(scenario))
}

/// What comes of it. A panic is a problem like any other.
fn caught<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|t| (*t).to_owned()));
        Err(format!("panicked: {}", text.unwrap_or_default()))
    })
}

/// The fewest crashes of a scenario in which anything is done.
const CRASHES_MIN: usize = 20;
/// Of a part that fails so often the rest is left out.
const FAILURES_MAX: u64 = 10;
/// What is told of a problem.
const PROBLEM_CHARS_MAX: usize = 1_200;

/// What came of all that was played.
#[derive(Default)]
struct Tally {
    /// Whether everything goes wrong at each round trip, and not only one thing in turn.
    is_exhaustive: bool,
    next: AtomicUsize,
    played: AtomicU64,
    failed: AtomicU64,
}

impl Tally {
    /// Plays one part of a scenario's crashes.
    fn play(&self, entry: &Entry, part: usize) {
        let name = entry.name;
        let stage = match caught(|| Ok((entry.set)())) {
            Ok(stage) => stage,
            Err(problem) => return self.blame(&format!("{name}, its stage: {problem}")),
        };
        let mut crashes = match stage.crashes() {
            Ok(crashes) => crashes,
            Err(problem) => return self.blame(&format!("{name}, undisturbed: {problem}")),
        };
        if crashes.len() <= CRASHES_MIN {
            return self.blame(&format!("{name} hardly does anything"));
        }
        crashes.retain(|crash| self.is_exhaustive || crash.is_in_turn());
        if part == 0 {
            say(&format!("crash {name}: {} crashes", crashes.len()));
        }
        let mut failed = 0;
        for crash in crashes.into_iter().skip(part).step_by(entry.parts) {
            self.played.fetch_add(1, Ordering::Relaxed);
            let Err(problem) = stage.play(Some(crash), &Trace::default()) else { continue };
            self.blame(&format!("{name}:{crash}: {problem}"));
            failed += 1;
            if failed == FAILURES_MAX {
                return self.blame(&format!("{name}: the rest of this part is left out"));
            }
        }
    }

    fn blame(&self, problem: &str) {
        self.failed.fetch_add(1, Ordering::Relaxed);
        let told: String = problem.chars().take(PROBLEM_CHARS_MAX).collect();
        say(&format!("crash {told}"));
    }
}

#[test]
fn a_crash_at_any_request_or_round_trip_is_recovered_from() {
    let asked = asked();
    if let Some((name, crash)) = asked.as_deref().and_then(|text| text.split_once(':')) {
        replay(name, crash);
        return;
    }
    let chosen = chosen(asked.as_deref());
    let tasks: Vec<_> =
        chosen.iter().flat_map(|entry| (0..entry.parts).map(move |part| (entry, part))).collect();
    let tally = Tally { is_exhaustive: asked.is_some(), ..Tally::default() };
    let work = || {
        while let Some((entry, part)) = tasks.get(tally.next.fetch_add(1, Ordering::Relaxed)) {
            tally.play(entry, *part);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads() {
            scope.spawn(work);
        }
    });
    let (count, played) = (chosen.len(), tally.played.into_inner());
    let failed = tally.failed.into_inner();
    let came = match failed {
        0 => "all converged".to_owned(),
        some => format!("{some} did not converge"),
    };
    say(&format!("crashes: {count} scenarios, {played} triples, {came}"));
    assert_eq!(failed, 0, "replay one with HEARTBEAT_CRASHES=scenario:trip:17:killed");
}

#[test]
fn a_commit_whose_answer_is_lost_makes_nobody_a_failure() {
    let stage = on_stage(&Tick { news: 1, history: 3 });
    let is_lost = |crash: &Crash| matches!(crash, Crash::Trip { fault: TripFault::CutAfter, .. });
    let lost: Vec<_> = stage.crashes().unwrap().into_iter().filter(is_lost).collect();
    assert!(CRASHES_MIN < lost.len(), "a tick hardly does anything");
    for crash in lost {
        assert_eq!(stage.play(Some(crash), &Trace::default()), Ok(()), "{crash}");
    }
}

fn chosen(asked: Option<&str>) -> Vec<&'static Entry> {
    match asked {
        None => SCENARIOS.iter().filter(|entry| !entry.is_wide).collect(),
        Some("all") => SCENARIOS.iter().collect(),
        Some(names) => names.split(',').map(known).collect(),
    }
}

fn known(name: &str) -> &'static Entry {
    let entry = SCENARIOS.iter().find(|entry| entry.name == name);
    entry.unwrap_or_else(|| panic!("there is no scenario {name}"))
}

/// Plays one crash and prints all that happens.
fn replay(name: &str, crash: &str) {
    let crash: Crash = crash.parse().unwrap();
    let trace = Trace::kept();
    let played = (known(name).set)().play(Some(crash), &trace);
    for line in trace.lines() {
        say(&line.chars().take(2_000).collect::<String>());
    }
    let came = if played.is_ok() { "all converged" } else { "1 did not converge" };
    say(&format!("crashes: 1 scenarios, 1 triples, {came}"));
    assert_eq!(played, Ok(()), "{name}:{crash}");
}

#[expect(clippy::disallowed_methods, reason = "a test's own switch")]
fn asked() -> Option<String> {
    std::env::var("HEARTBEAT_CRASHES").ok()
}
