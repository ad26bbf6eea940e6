//! How cost grows with the amount of work, as the exponent of a power. Pure.

use super::report::{Report, short};

/// What a cost that grows as the work itself may have, and how much more is noise.
pub(super) const LINEAR_MAX: &str = "≤ 1.05";

/// How one cost grew over several sizes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Growth {
    /// Over all sizes.
    pub(super) fitted: Option<f64>,
    /// Between the two largest, where what each run costs anyway weighs least.
    pub(super) last: Option<f64>,
}

impl Growth {
    /// Of pairs of a size and what it cost, in any order.
    pub(super) fn of(points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let mut points: Vec<_> = points.into_iter().collect();
        points.sort_by(|one, other| one.0.total_cmp(&other.0));
        let last = points.len().saturating_sub(2);
        Self { fitted: exponent(&points), last: exponent(&points[last..]) }
    }

    /// Adds its figures under that name, where there are any.
    pub(super) fn figures(self, report: &mut Report, name: &str) {
        for (of, exponent) in [("exponent", self.fitted), ("exponent_last", self.last)] {
            if let Some(exponent) = exponent {
                report.figure(format!("{name}_{of}"), exponent);
            }
        }
    }

    /// Adds the line of what grew so, in the last of the columns after the goal; none of a single size.
    pub(super) fn line(self, report: &mut Report, (what, goal): (&str, &str), columns: usize) {
        if let Some(shown) = self.shown() {
            let name = format!("exponent of {what}, of all / of the two largest");
            let before = vec![String::new(); columns.saturating_sub(1)];
            report.line([name, goal.to_owned()].into_iter().chain(before).chain([shown]));
        }
    }

    /// `0.97 / 1.01`: fitted to all, and between the two largest. Nothing of a single size.
    fn shown(self) -> Option<String> {
        Some(format!("{} / {}", short(self.fitted?), short(self.last?)))
    }
}

/// The slope of the straight line that lies nearest to the logarithms of all points, by least squares: 1
/// where twice the work costs twice as much, 0 where it costs the same. `None` of fewer than two sizes, or
/// where something is not above zero and has no logarithm.
fn exponent(points: &[(f64, f64)]) -> Option<f64> {
    if points.iter().any(|(size, cost)| *size <= 0.0 || *cost <= 0.0) {
        return None;
    }
    let logs: Vec<_> = points.iter().map(|(size, cost)| (size.ln(), cost.ln())).collect();
    let count = f64::from(u32::try_from(logs.len()).ok()?);
    let mean = |sum: f64| sum / count;
    let (x, y) =
        (mean(logs.iter().map(|log| log.0).sum()), mean(logs.iter().map(|log| log.1).sum()));
    let spread: f64 = logs.iter().map(|log| (log.0 - x).powi(2)).sum();
    let common: f64 = logs.iter().map(|log| (log.0 - x) * (log.1 - y)).sum();
    (0.0 < spread).then(|| common / spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exponents(points: &[(f64, f64)]) -> Option<(f64, f64)> {
        let growth = Growth::of(points.iter().copied());
        growth.fitted.zip(growth.last)
    }

    #[test]
    fn the_exponent_is_that_of_the_power_behind_the_points() {
        for power in [0.0, 0.5, 1.0, 2.0] {
            let point = |size: f64| (size, 7.0 * size.powf(power));
            let (fitted, last) = exponents(&[10.0, 1_000.0, 100.0, 10_000.0].map(point)).unwrap();
            assert!((fitted - power).abs() < 1e-9 && (last - power).abs() < 1e-9, "{power}");
        }
    }

    #[test]
    fn what_every_run_costs_weighs_less_between_the_largest() {
        let points = [10.0, 100.0, 1_000.0, 10_000.0].map(|size| (size, 500.0 + size));
        let (fitted, last) = exponents(&points).unwrap();
        assert!(fitted < last && last < 1.0, "{fitted} {last}");
    }

    #[test]
    fn without_two_sizes_or_without_a_cost_there_is_none() {
        for points in
            [&[][..], &[(10.0, 1.0)], &[(10.0, 1.0), (10.0, 2.0)], &[(1.0, 0.0), (2.0, 1.0)]]
        {
            assert_eq!(exponents(points), None, "{points:?}");
        }
        assert_eq!(Growth::of([(5.0, 5.0)]).shown(), None);
        assert_eq!(Growth::of([(1.0, 1.0), (2.0, 4.0)]).shown(), Some("2.00 / 2.00".to_owned()));
    }
}
