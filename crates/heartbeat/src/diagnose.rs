//! `heartbeat diagnose`: why what is shown is not what Fanvue says, as a table for people.

use std::io::Write;

use app::diagnosing::{Depth, Question, diagnose, find};
use serde_json::Value;

use crate::{Failure, cli::DiagnoseArgs, jobs};

/// The columns.
const HEADS: [&str; 6] = ["creator", "expected", "shown", "difference", "why", "what to do"];

pub(crate) async fn run(args: DiagnoseArgs) -> Result<(), Failure> {
    let ctx = jobs::ctx()?;
    let failed = "it can't be diagnosed";
    let agency = jobs::agency(&ctx, args.agency).await?;
    let depth = Depth::from_name(&args.depth).ok_or_else(|| Failure::new("no such depth"))?;
    let question = Question::about(args.agency, args.model.as_deref(), depth);
    let about = find(&ctx, &agency, &question).await.map_err(Failure::while_doing(failed))?;
    if about.is_empty() {
        return Err(Failure::new("there is no such creator"));
    }
    let answer = diagnose(&ctx, &agency, &about, &question).await;
    let answer = answer.map_err(Failure::while_doing(failed))?;
    let answer = serde_json::to_value(&answer).map_err(Failure::while_doing(failed))?;
    writeln!(std::io::stdout(), "{}", table(&answer))
        .map_err(Failure::while_doing("can't write to standard output"))
}

/// A line for each part of each creator's difference, under their own.
fn table(answer: &Value) -> String {
    let creators = answer["creators"].as_array().into_iter().flatten();
    let mut lines = vec![HEADS.map(str::to_owned)];
    lines.extend(creators.flat_map(creator));
    let width = |column: usize| {
        let cells = lines.iter().map(|line| line[column].chars().count());
        cells.max().unwrap_or_default()
    };
    let widths: Vec<_> = (0..HEADS.len()).map(width).collect();
    let line = |cells: &[String; 6]| {
        let padded = cells.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| {
            // Amounts stand under each other.
            if (1..4).contains(&column) {
                format!("{cell:>width$}")
            } else {
                format!("{cell:<width$}")
            }
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut text: Vec<_> = lines.iter().map(line).collect();
    text.push(format!(
        "\nFanvue was asked at {}, with {} requests of {}.",
        answer["asked"]["at"].as_str().unwrap_or_default(),
        answer["asked"]["requests"],
        answer["asked"]["requestsMax"]
    ));
    text.join("\n")
}

fn creator(creator: &Value) -> Vec<[String; 6]> {
    let own = [
        text(&creator["name"]),
        amount(&creator["fanvue"]["cents"]),
        amount(&creator["shown"]["cents"]),
        amount(&creator["differenceCents"]),
        text(&creator["message"]),
        String::new(),
    ];
    let parts = creator["differences"].as_array().into_iter().flatten().map(|part| {
        let day = part["day"].as_str().map(|day| format!("{day} ")).unwrap_or_default();
        let remedy = &part["remedy"];
        let call = remedy["call"].as_str().map(|call| format!(" {call}")).unwrap_or_default();
        [
            String::new(),
            String::new(),
            String::new(),
            amount(&part["cents"]),
            format!("{day}{}: {}", text(&part["cause"]), text(&part["meaning"])),
            format!("{}{call}", text(&remedy["text"])),
        ]
    });
    std::iter::once(own).chain(parts).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Dollars and cents; a dash where nothing is known.
fn amount(cents: &Value) -> String {
    let Some(cents) = cents.as_i64() else { return "–".to_owned() };
    let (sign, cents) = (if cents < 0 { "-" } else { "" }, cents.unsigned_abs());
    format!("{sign}${}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_part_is_a_line_with_its_reason_and_what_to_do() {
        let answer = json!({
            "asked": {"at": "2026-11-21T10:00:00Z", "requests": 3, "requestsMax": 100},
            "creators": [{
                "name": "Noa Berg", "message": "$64.99 less is shown than Fanvue has.",
                "fanvue": {"cents": 8_789_695, "rows": null},
                "shown": {"cents": 8_783_196, "rows": 6_000}, "differenceCents": -6_499,
                "differences": [{
                    "cause": "late_rows", "meaning": "Late.", "day": "2026-11-20", "cents": -6_499,
                    "remedy": {"text": "Force sync.", "call": "POST /x"}
                }]
            }, {
                "name": "Iris", "message": "Fanvue could not be compared.", "fanvue": null,
                "shown": {"cents": 5}, "differenceCents": 0, "differences": []
            }]
        });
        let text = table(&answer);
        let lines: Vec<_> = text.lines().collect();
        assert!(lines[0].starts_with("creator ") && lines[0].ends_with("what to do"), "{text}");
        assert!(lines[1].contains("$87896.95  $87831.96     -$64.99"), "{text}");
        assert!(lines[2].contains("2026-11-20 late_rows: Late."), "{text}");
        assert!(lines[2].ends_with("Force sync. POST /x"), "{text}");
        assert!(lines[3].contains("–") && lines[3].contains("$0.05"), "{text}");
        assert!(text.ends_with("with 3 requests of 100."), "{text}");
    }
}
