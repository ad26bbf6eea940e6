//! What a measurement says: a table for people, with each goal beside its result, and figures for
//! programs.

use std::{collections::BTreeMap, io::Write, path::Path};

use serde::Serialize;

use super::timings::Timings;
use crate::Failure;

/// A table and figures.
pub(super) struct Report {
    lines: Vec<Vec<String>>,
    figures: BTreeMap<String, f64>,
}

impl Report {
    /// One without lines yet, with these heads of its columns.
    pub(super) fn new(heads: impl IntoIterator<Item = String>) -> Self {
        Self { lines: vec![heads.into_iter().collect()], figures: BTreeMap::new() }
    }

    /// Adds a line of the table.
    pub(super) fn line(&mut self, cells: impl IntoIterator<Item = String>) {
        self.lines.push(cells.into_iter().collect());
    }

    /// Adds a figure.
    pub(super) fn figure(&mut self, name: impl Into<String>, value: f64) {
        self.figures.insert(name.into(), value);
    }

    /// Adds the figures that are told of lengths of time, in milliseconds.
    pub(super) fn lengths(&mut self, name: &str, timings: &Timings) {
        for (place, per_mille) in [("p50", 500), ("p95", 950), ("p99", 990), ("max", 1000)] {
            self.figure(format!("{name}_ms_{place}"), timings.ms(per_mille));
        }
    }

    /// In Markdown; the first column stands left, the others right.
    fn table(&self) -> String {
        let mut text = String::new();
        for (place, cells) in self.lines.iter().enumerate() {
            text.push_str(&format!("| {} |\n", cells.join(" | ")));
            if place == 0 {
                let others = "--:|".repeat(cells.len().saturating_sub(1));
                text.push_str(&format!("|---|{others}\n"));
            }
        }
        text
    }

    /// Prints the table, and writes the figures where they were asked for.
    pub(super) fn tell(&self, json: Option<&Path>) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        let printed = out.write_all(self.table().as_bytes());
        printed.map_err(Failure::while_doing("can't write to standard output"))?;
        json.map_or(Ok(()), |path| write(&self.figures, path))
    }
}

/// Writes figures as one flat JSON object.
pub(super) fn write(figures: &impl Serialize, path: &Path) -> Result<(), Failure> {
    let text = serde_json::to_vec_pretty(figures)
        .map_err(Failure::while_doing("the figures can't be written as JSON"))?;
    std::fs::write(path, text)
        .map_err(Failure::while_doing(format!("can't write {}", path.display())))
}

/// p50, p95 and p99: `1.20 / 3.41 / 12.5 ms`.
pub(super) fn quantiles(timings: &Timings) -> String {
    let shown = [500, 950, 990].map(|per_mille| short(timings.ms(per_mille)));
    format!("{} ms", shown.join(" / "))
}

/// With two places while it is small.
pub(super) fn short(number: f64) -> String {
    if number.abs() < 10.0 { format!("{number:.2}") } else { format!("{number:.1}") }
}

/// A count as a figure.
#[expect(clippy::cast_precision_loss, reason = "counts below 2^52")]
pub(super) fn figure(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_report_is_a_table_of_markdown() {
        let cells = |texts: [&str; 3]| texts.map(str::to_owned);
        let mut report = Report::new(cells(["what", "goal", "result"]));
        report.line(cells(["30d", "≤ 5 ms", "1.20 ms"]));
        let want = "| what | goal | result |\n|---|--:|--:|\n| 30d | ≤ 5 ms | 1.20 ms |\n";
        assert_eq!(report.table(), want);
    }

    #[test]
    fn lengths_are_shown_finer_while_they_are_short() {
        let mut timings = Timings::default();
        (1..=100).for_each(|length| timings.push(Duration::from_micros(length * 120)));
        assert_eq!(quantiles(&timings), "6.00 / 11.4 / 11.9 ms");
    }
}
