//! What was measured, as figures and beside what is promised.

use super::{delay::Delays, rate::Rates, refused::Refusals, replays::Replays};
use crate::{
    Failure,
    bench::{Figures, timings::median},
};

/// From a sale to the dashboard, for 99 of 100.
const DELAY_P99_MS_MAX: f64 = 2000.0;
/// Of pgbench's rate.
const RATIO_MIN: f64 = 0.8;
/// How many flushes of the disk 99 of 100 webhooks may take.
const FLUSHES_P99_MAX: f64 = 3.0;

/// Everything.
pub(in crate::bench) struct Measured {
    pub(super) delays: Delays,
    pub(super) rates: Rates,
    pub(super) replays: Replays,
    pub(super) refusals: Refusals,
    pub(super) connections: u32,
}

impl Measured {
    /// The middle one of the rounds' ratios: each compares what the same moments brought.
    fn ratio(&self) -> f64 {
        let rounds = self.rates.webhooks.iter().zip(&self.rates.pgbench);
        median(&rounds.map(|(webhooks, pgbench)| webhooks / pgbench).collect::<Vec<_>>())
    }

    fn flush_ms(&self) -> f64 {
        self.rates.flushes.ms(500)
    }

    /// All figures; times are in milliseconds.
    #[expect(clippy::cast_precision_loss, reason = "counts below 2^52")]
    pub(in crate::bench) fn figures(&self) -> Figures {
        let Self { delays, rates, replays, refusals, connections } = self;
        let flush = self.flush_ms();
        Figures::from([
            ("delay_dashboard_answer_ms_p50", delays.dashboard.ms(500)),
            ("delay_dashboard_answer_ms_p99", delays.dashboard.ms(990)),
            ("delay_ms_max", delays.sales.ms(1000)),
            ("delay_ms_p50", delays.sales.ms(500)),
            ("delay_ms_p95", delays.sales.ms(950)),
            ("delay_ms_p99", delays.sales.ms(990)),
            ("delay_sales", delays.sales.count() as f64),
            ("disk_flush_ms_p50", flush),
            ("disk_flush_ms_p99", rates.flushes.ms(990)),
            ("pgbench_inserts_per_second", median(&rates.pgbench)),
            ("pgbench_ms_p50", rates.commits.ms(500)),
            ("pgbench_ms_p99", rates.commits.ms(990)),
            ("pgbench_p99_in_flushes", rates.commits.ms(990) / flush),
            ("refused_expired_ms_p50", refusals.expired.ms(500)),
            ("refused_future_ms_p50", refusals.future.ms(500)),
            ("refused_mistyped_ms_p50", refusals.mistyped.ms(500)),
            ("refused_oversized_ms_p50", refusals.oversized.ms(500)),
            ("refused_unsigned_ms_p50", refusals.unsigned.ms(500)),
            ("replays", replays.count as f64),
            ("replays_bytes_grown", replays.bytes_after as f64 - replays.bytes_before as f64),
            ("replays_per_second", replays.per_second),
            ("replays_rows", replays.rows as f64),
            ("webhook_answer_ms_p50", delays.answers.ms(500)),
            ("webhook_answer_ms_p99", delays.answers.ms(990)),
            ("webhook_connections", f64::from(*connections)),
            ("webhook_follows_backlog", rates.follows.backlog as f64),
            ("webhook_follows_ms_p99", rates.follows.answers.ms(990)),
            ("webhook_follows_per_second", rates.follows.per_second),
            ("webhook_follows_understood_per_second", rates.follows_understood_per_second),
            ("webhook_ms_p50", rates.answers.ms(500)),
            ("webhook_ms_p99", rates.answers.ms(990)),
            ("webhook_p99_in_flushes", rates.answers.ms(990) / flush),
            ("webhook_per_second", median(&rates.webhooks)),
            ("webhook_to_pgbench_ratio", self.ratio()),
        ])
    }

    /// Names every promise that was not kept.
    ///
    /// # Errors
    /// When there is one.
    pub(in crate::bench) fn verdict(&self) -> Result<(), Failure> {
        let mut broken = vec![];
        let delay = self.delays.sales.ms(990);
        if DELAY_P99_MS_MAX < delay {
            broken.push(format!("one sale of a hundred took {delay:.0} ms to the dashboard"));
        }
        let ratio = self.ratio();
        if ratio < RATIO_MIN {
            broken.push(format!("only {ratio:.2} of pgbench's rate"));
        }
        let flushes = self.rates.answers.ms(990) / self.flush_ms();
        if FLUSHES_P99_MAX < flushes {
            broken.push(format!("one webhook of a hundred took {flushes:.1} flushes of the disk"));
        }
        let Replays { count, rows, bytes_before, bytes_after, .. } = self.replays;
        if rows != 1 {
            broken.push(format!("one delivery, sent {count} times more, is {rows} rows"));
        }
        if bytes_before != bytes_after {
            broken
                .push(format!("replays took the table from {bytes_before} to {bytes_after} bytes"));
        }
        if broken.is_empty() { Ok(()) } else { Err(Failure::new(broken.join("; "))) }
    }
}

#[cfg(test)]
mod tests;
