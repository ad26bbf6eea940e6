//! The clock: how long a turn takes.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

const ROUNDS: usize = 15;
/// How long a round takes, about.
const ROUND: Duration = Duration::from_millis(40);
/// The most inputs that are made before a round.
const TURNS_MAX: u32 = 2_000;

/// Nanoseconds of a turn, or of each part of one, in the middle round and in the slowest.
#[derive(Clone, Copy)]
pub(crate) struct Took {
    pub(crate) middle_ns: f64,
    pub(crate) slowest_ns: f64,
}

impl Took {
    /// The same of each of so many equal parts.
    pub(crate) fn each_of(self, parts: u32) -> Self {
        let share = |ns: f64| ns / f64::from(parts);
        Self { middle_ns: share(self.middle_ns), slowest_ns: share(self.slowest_ns) }
    }
}

/// Measures turns, each of which consumes an input of its own. What a turn leaves is dropped within it.
pub(crate) fn measure<I, T>(input: impl Fn() -> I, mut turn: impl FnMut(I) -> T) -> Took {
    let mut round = |turns: u32| {
        let inputs: Vec<_> = (0..turns).map(|_| input()).collect();
        let began = now();
        for input in inputs {
            black_box(turn(black_box(input)));
        }
        began.elapsed()
    };
    let mut turns = 1;
    // Until a round is long enough, which also warms everything up.
    while turns < TURNS_MAX && round(turns) < ROUND {
        turns = (turns * 2).min(TURNS_MAX);
    }
    let mut took: Vec<f64> =
        (0..ROUNDS).map(|_| round(turns).as_secs_f64() * 1e9 / f64::from(turns)).collect();
    took.sort_by(f64::total_cmp);
    let at = |place: usize| took.get(place).copied().unwrap_or_default();
    Took { middle_ns: at(ROUNDS / 2), slowest_ns: at(ROUNDS - 1) }
}

#[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
fn now() -> Instant {
    Instant::now()
}
