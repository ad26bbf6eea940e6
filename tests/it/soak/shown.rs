//! What was seen, as Markdown.

use std::{fmt::Write as _, io::Write as _};

use super::{
    bounds::BOUNDS,
    sample::{Table, Week},
};

/// Indexes that are smaller are not listed.
const SHOWN_KIB_MIN: i64 = 64;

/// Prints past the test runner's capture, so that the last line shows without `--nocapture`.
pub fn say(text: &str) {
    writeln!(std::io::stdout().lock(), "{text}").unwrap();
}

fn kib(bytes: i64) -> i64 {
    bytes / 1024
}

/// What one of so many comes to, of things that were counted.
fn share(part: i64, whole: i64) -> Option<f64> {
    (whole != 0).then(|| part as f64 / whole as f64)
}

pub fn by_week(weeks: &[Week]) -> String {
    let mut text = String::from(
        "\n| week | sales | mismatches | rows | tables KiB | indexes KiB | dead found | dead left | RSS MiB |\
         \n|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    );
    for (n, week) in weeks.iter().enumerate() {
        let sum = |of: fn(&Table) -> i64| week.tables.values().map(of).sum::<i64>();
        let memory = week.memory_mib.map_or("?".to_owned(), |mib| format!("{mib:.1}"));
        write!(
            text,
            "\n| {} | {} | {} | {} | {} | {} | {} | {} | {memory} |",
            n + 1,
            week.sales,
            week.mismatches,
            sum(|table| table.rows),
            kib(sum(|table| table.bytes)),
            kib(sum(|table| table.index_bytes)),
            sum(|table| table.found_dead),
            sum(|table| table.dead),
        )
        .unwrap();
    }
    text
}

pub fn by_table(weeks: &[Week]) -> String {
    let [_, second, .., last] = weeks else { return String::new() };
    let mut text = String::from(
        "\n| table | bound | rows, week 2 | rows, last | added a sale | KiB, week 2 | KiB, last | \
         indexes KiB, last | dead found | dead left | HOT |\
         \n|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    );
    for (name, bound) in BOUNDS {
        let (was, is) = (&second.tables[name], &last.tables[name]);
        let a_sale = share(is.rows - was.rows, last.sales - second.sales).unwrap_or_default();
        let hot = share(is.hot - was.hot, is.updates - was.updates);
        let hot = hot.map_or("no update".to_owned(), |hot| format!("{:.0}%", 100.0 * hot));
        write!(
            text,
            "\n| `{name}` | {bound:?} | {} | {} | {a_sale:.2} | {} | {} | {} | {} | {} | {hot} |",
            was.rows,
            is.rows,
            kib(was.all_bytes()),
            kib(is.all_bytes()),
            kib(is.index_bytes),
            is.found_dead,
            is.dead,
        )
        .unwrap();
    }
    text
}

pub fn rows_by_week(weeks: &[Week]) -> String {
    let numbers: Vec<_> = (1..=weeks.len()).map(|n| format!("{n}")).collect();
    let mut text = format!("\n| rows (KiB) | {} |\n|---|", numbers.join(" | "));
    text += &"--:|".repeat(weeks.len());
    for (name, _) in BOUNDS {
        let cell = |week: &Week| {
            let table = &week.tables[name];
            format!("{} ({})", table.rows, kib(table.all_bytes()))
        };
        let cells: Vec<_> = weeks.iter().map(cell).collect();
        write!(text, "\n| `{name}` | {} |", cells.join(" | ")).unwrap();
    }
    text
}

pub fn by_index(weeks: &[Week]) -> String {
    let [_, second, .., last] = weeks else { return String::new() };
    let mut text = String::from("\n| index | KiB, week 2 | KiB, last |\n|---|--:|--:|");
    for (name, bytes) in last.indexes.iter().filter(|(_, bytes)| SHOWN_KIB_MIN <= kib(**bytes)) {
        let was = second.indexes.get(name).copied().unwrap_or_default();
        write!(text, "\n| `{name}` | {} | {} |", kib(was), kib(*bytes)).unwrap();
    }
    text
}
