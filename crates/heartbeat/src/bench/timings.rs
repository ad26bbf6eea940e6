//! How long many things of one kind took. Pure.

use std::time::Duration;

/// Lengths of time, in the order they were measured.
#[derive(Clone, Debug, Default)]
pub(super) struct Timings(Vec<Duration>);

impl Timings {
    /// Adds one.
    pub(super) fn push(&mut self, length: Duration) {
        self.0.push(length);
    }

    /// Adds those of another measurement of the same kind.
    pub(super) fn extend(&mut self, others: Timings) {
        self.0.extend(others.0);
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// In milliseconds: the shortest that at least so many of a thousand did not exceed; zero of none.
    pub(super) fn ms(&self, per_mille: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() * per_mille).div_ceil(1000);
        let found = sorted.get(rank.saturating_sub(1)).copied();
        found.unwrap_or_default().as_secs_f64() * 1000.0
    }
}

/// The middle one; the lower of the two middle ones of an even number, zero of none.
pub(super) fn median(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_a_length_that_was_measured() {
        let mut timings = Timings::default();
        assert!(timings.ms(500).abs() < f64::EPSILON);
        for millis in (1..=1000).rev() {
            timings.push(Duration::from_millis(millis));
        }
        for (per_mille, want) in [(500, 500.0), (990, 990.0), (1000, 1000.0), (0, 1.0)] {
            assert!((timings.ms(per_mille) - want).abs() < 1e-9, "{per_mille}");
        }
        let mut few = Timings::default();
        few.push(Duration::from_millis(7));
        few.extend(Timings(vec![Duration::from_millis(3)]));
        assert_eq!(few.count(), 2);
        assert!((few.ms(500) - 3.0).abs() < 1e-9);
        assert!((few.ms(990) - 7.0).abs() < 1e-9, "of few, the worst");
    }

    #[test]
    fn the_median_is_in_the_middle_whatever_their_order() {
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!((median(&[4.0, 1.0, 2.0, 3.0]) - 2.0).abs() < 1e-9);
        assert!(median(&[]).abs() < 1e-9);
    }
}
