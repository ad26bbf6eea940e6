//! `cargo bench`: what the pure parts cost, those of `ledger` too, each beside what it can't do without or
//! how it would be done naively, as a table of Markdown. `cargo bench -- --json FILE` also writes the figures,
//! one flat JSON object.
//!
//! A turn is one page, one row or one delivery. Each line is the middle and the slowest of rounds whose
//! inputs are made before the clock runs.

mod history;
mod measure;
mod platform;
mod scene;
mod subjects;

use std::{collections::BTreeMap, error::Error, fs, io::Write, path::PathBuf};

use measure::Took;

/// Nobody decides anything by it.
type Failure = Box<dyn Error>;

/// One line of the table.
struct Line {
    /// What it is called as a figure, and for people.
    key: &'static str,
    what: &'static str,
    goal: &'static str,
    took: Took,
    /// What it stands beside.
    beside: &'static str,
    beside_took: Took,
}

fn main() -> Result<(), Failure> {
    let json = json_file();
    let lines = subjects::measure_all()?;
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "| `cargo bench`, µs: middle / slowest of rounds | goal | ours | limit or rival | its | ours over its |"
    )?;
    writeln!(out, "|---|--:|--:|---|--:|--:|")?;
    for line in &lines {
        let Line { what, goal, took, beside, beside_took, .. } = line;
        let over = short(took.middle_ns / beside_took.middle_ns);
        writeln!(
            out,
            "| {what} | {goal} | {} | {beside} | {} | {over} |",
            both(*took),
            both(*beside_took)
        )?;
    }
    if let Some(path) = json {
        fs::write(path, serde_json::to_vec_pretty(&figures(&lines))?)?;
    }
    Ok(())
}

/// Cargo says `--bench` as well, which says nothing new.
fn json_file() -> Option<PathBuf> {
    let mut words = std::env::args_os().skip(1);
    words.find(|word| word == "--json").and_then(|_| words.next()).map(PathBuf::from)
}

fn figures(lines: &[Line]) -> BTreeMap<String, f64> {
    let named = |line: &Line| {
        let Line { key, took, beside_took, .. } = line;
        [
            (format!("{key}_us"), took.middle_ns / 1000.0),
            (format!("{key}_us_slowest"), took.slowest_ns / 1000.0),
            (format!("{key}_beside_us"), beside_took.middle_ns / 1000.0),
            (format!("{key}_over_beside"), took.middle_ns / beside_took.middle_ns),
        ]
    };
    lines.iter().flat_map(named).collect()
}

fn both(took: Took) -> String {
    format!("{} / {}", short(took.middle_ns / 1000.0), short(took.slowest_ns / 1000.0))
}

/// Three digits that tell something, or more before the point.
fn short(number: f64) -> String {
    match number {
        number if number < 1.0 => format!("{number:.3}"),
        number if number < 100.0 => format!("{number:.2}"),
        number => format!("{number:.0}"),
    }
}
