//! What was measured, as figures and beside what is promised.

use crate::{Failure, bench::Figures, cli::BudgetArgs};

use super::{LOOK_EVERY_MS, WINDOW_SECONDS};

const THROTTLED_MAX: u64 = 1;
const USED_PERCENT_MIN: f64 = 95.0;
/// How much later a sale may be in the ledger beside a history, in the worst case.
const DELAY_RATIO_MAX: f64 = 1.1;

/// Both phases.
pub(in crate::bench) struct Measured {
    pub(super) alone: Phase,
    pub(super) beside: Phase,
}

/// Some windows in a row.
pub(super) struct Phase {
    pub(super) windows: Vec<WindowUse>,
    /// Seconds from each sale to the ledger.
    pub(super) delays: Vec<f64>,
}

/// How often the platform was asked in one window.
pub(super) struct WindowUse {
    pub(super) answered: u64,
    pub(super) throttled: u64,
}

impl Phase {
    fn answered(&self) -> u64 {
        self.windows.iter().map(|window| window.answered).sum()
    }

    fn throttled_max(&self) -> u64 {
        self.windows.iter().map(|window| window.throttled).max().unwrap_or(0)
    }

    fn median(&self) -> f64 {
        let mut delays = self.delays.clone();
        delays.sort_by(f64::total_cmp);
        let middle = delays.len() / 2;
        match delays.len() % 2 {
            _ if delays.is_empty() => 0.0,
            0 => f64::midpoint(delays[middle - 1], delays[middle]),
            _ => delays[middle],
        }
    }

    fn worst(&self) -> f64 {
        self.delays.iter().copied().fold(0.0, f64::max)
    }
}

impl Measured {
    #[expect(clippy::cast_precision_loss, reason = "counts below 2^52")]
    fn used_percent(&self, args: &BudgetArgs) -> f64 {
        let allowed = u64::from(args.limit) * self.beside.windows.len() as u64;
        self.beside.answered() as f64 * 100.0 / allowed as f64
    }

    /// A delay is known no better than we looked.
    #[expect(clippy::cast_precision_loss, reason = "a small constant")]
    fn delay_max(&self) -> f64 {
        self.alone.worst() * DELAY_RATIO_MAX + LOOK_EVERY_MS as f64 / 1000.0
    }

    /// All figures; those of requests are of the windows beside the history unless they say otherwise.
    #[expect(clippy::cast_precision_loss, reason = "counts below 2^52")]
    pub(in crate::bench) fn figures(&self, args: &BudgetArgs) -> Figures {
        let (alone, beside) = (&self.alone, &self.beside);
        let throttled: u64 = beside.windows.iter().map(|window| window.throttled).sum();
        Figures::from([
            ("budget_delay_alone_median_seconds", alone.median()),
            ("budget_delay_alone_worst_seconds", alone.worst()),
            ("budget_delay_beside_median_seconds", beside.median()),
            ("budget_delay_beside_worst_allowed_seconds", self.delay_max()),
            ("budget_delay_beside_worst_seconds", beside.worst()),
            ("budget_heartbeat_every_seconds", f64::from(args.heartbeat)),
            ("budget_limit", f64::from(args.limit)),
            ("budget_processes", f64::from(args.workers)),
            ("budget_requests_alone_answered", alone.answered() as f64),
            ("budget_requests_answered", beside.answered() as f64),
            ("budget_throttled", throttled as f64),
            ("budget_throttled_alone_per_window_max", alone.throttled_max() as f64),
            ("budget_throttled_per_window_max", beside.throttled_max() as f64),
            ("budget_used_percent", self.used_percent(args)),
            ("budget_window_seconds", WINDOW_SECONDS as f64),
            ("budget_windows", beside.windows.len() as f64),
        ])
    }

    /// Names every promise that was not kept.
    ///
    /// # Errors
    /// When there is one.
    pub(in crate::bench) fn verdict(&self, args: &BudgetArgs) -> Result<(), Failure> {
        let mut broken = vec![];
        let throttled = self.beside.throttled_max().max(self.alone.throttled_max());
        if THROTTLED_MAX < throttled {
            broken.push(format!("{throttled} answers 429 in one window"));
        }
        let used = self.used_percent(args);
        if used < USED_PERCENT_MIN {
            broken.push(format!("only {used:.1}% of the bucket were used"));
        }
        let (worst, allowed) = (self.beside.worst(), self.delay_max());
        if allowed < worst {
            let alone = self.alone.worst();
            broken.push(format!(
                "a sale took {worst:.1} s beside the history, {alone:.1} s at most alone; \
                 {allowed:.1} s would do"
            ));
        }
        if broken.is_empty() { Ok(()) } else { Err(Failure::new(broken.join("; "))) }
    }
}
