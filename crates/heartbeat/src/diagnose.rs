//! `heartbeat diagnose`: why what is shown is not what Fanvue says, as a table for people.

use std::io::Write;

use app::{
    diagnosing::{Question, diagnose, find},
    http::Problem,
};
use serde_json::Value;
use uuid::Uuid;

use crate::{Failure, cli::DiagnoseArgs, jobs};

/// The most rows of one part that are printed; `--json` has a hundred.
const ROWS_MAX: usize = 10;

/// The columns.
const HEADS: [&str; 6] = ["creator", "expected", "shown", "difference", "why", "what to do"];

pub(crate) async fn run(args: DiagnoseArgs) -> Result<(), Failure> {
    let ctx = jobs::ctx()?;
    let failed = "it can't be diagnosed";
    let agency = jobs::agency(&ctx, args.agency).await?;
    let refused = |problem: Problem| Failure::new(problem.detail);
    let question = Question::of_words(&words(&args)).map_err(refused)?;
    let about = find(&ctx, &agency, &question).await.map_err(refused)?;
    let answer = diagnose(&ctx, &agency, &about, &question).await;
    let answer = answer.map_err(Failure::while_doing(failed))?;
    let answer = serde_json::to_value(&answer).map_err(Failure::while_doing(failed))?;
    let text = if args.json { format!("{answer:#}") } else { table(&answer) };
    writeln!(std::io::stdout(), "{text}")
        .map_err(Failure::while_doing("can't write to standard output"))
}

/// What is asked, by the names of the endpoint's parameters.
fn words(args: &DiagnoseArgs) -> Vec<(&'static str, &str)> {
    let is_id = |model: &str| Uuid::parse_str(model).is_ok();
    let model = args.model.as_deref();
    let given = [
        ("modelId", model.filter(|model| is_id(model))),
        ("modelName", model.filter(|model| !is_id(model))),
        ("depth", Some(args.depth.as_str())),
        ("timeRange", args.time_range.as_deref()),
        ("startDate", args.start_date.as_deref()),
        ("endDate", args.end_date.as_deref()),
    ];
    given.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// A line for each part of each creator's difference, under their own; under each what proves it.
fn table(answer: &Value) -> String {
    let creators = answer["creators"].as_array().into_iter().flatten();
    let mut lines = vec![Line::of(HEADS.map(str::to_owned))];
    lines.extend(creators.flat_map(creator));
    let width = |column: usize| {
        let cells = lines.iter().map(|line| line.cells[column].chars().count());
        cells.max().unwrap_or_default()
    };
    let widths: Vec<_> = (0..HEADS.len()).map(width).collect();
    let mut text: Vec<_> = lines.iter().flat_map(|line| line.text(&widths)).collect();
    text.push(format!(
        "\nFanvue was asked at {}, with {} requests of {}.",
        answer["asked"]["at"].as_str().unwrap_or_default(),
        answer["asked"]["requests"],
        answer["asked"]["requestsMax"]
    ));
    text.join("\n")
}

/// A line of the table, and what stands under it in no column.
struct Line {
    cells: [String; 6],
    proof: Vec<String>,
}

impl Line {
    fn of(cells: [String; 6]) -> Self {
        Self { cells, proof: vec![] }
    }

    fn text(&self, widths: &[usize]) -> Vec<String> {
        let padded = self.cells.iter().zip(widths).enumerate().map(|(column, (cell, &width))| {
            // Amounts stand under each other.
            if (1..4).contains(&column) {
                format!("{cell:>width$}")
            } else {
                format!("{cell:<width$}")
            }
        });
        let line = padded.collect::<Vec<_>>().join("  ").trim_end().to_owned();
        let proof = self.proof.iter().map(|proof| format!("    {proof}"));
        std::iter::once(line).chain(proof).collect()
    }
}

fn creator(creator: &Value) -> Vec<Line> {
    let own = [
        text(&creator["name"]),
        amount(&creator["fanvue"]["cents"]),
        amount(&creator["shown"]["cents"]),
        amount(&creator["differenceCents"]),
        text(&creator["message"]),
        String::new(),
    ];
    let parts = creator["differences"].as_array().into_iter().flatten().map(part);
    std::iter::once(Line::of(own)).chain(parts).collect()
}

fn part(part: &Value) -> Line {
    let day = part["day"].as_str().map(|day| format!("{day} ")).unwrap_or_default();
    let remedy = &part["remedy"];
    let call = remedy["call"].as_str().map(|call| format!(" {call}")).unwrap_or_default();
    let cells = [
        String::new(),
        String::new(),
        String::new(),
        amount(&part["cents"]),
        format!("{day}{}: {}", text(&part["cause"]), text(&part["meaning"])),
        format!("{}{call}", text(&remedy["text"])),
    ];
    Line { cells, proof: proof(part) }
}

/// The figures, the first rows, and the causes that these speak against.
fn proof(part: &Value) -> Vec<String> {
    let mut lines = vec![];
    let figures = part["figures"].as_object().into_iter().flatten().map(|(name, value)| {
        let value = match value {
            Value::String(text) => text.clone(),
            number if name.ends_with("Cents") => amount(number),
            other => other.to_string(),
        };
        format!("{name} {value}")
    });
    let mut figures: Vec<_> = figures.collect();
    figures.sort();
    if !figures.is_empty() {
        lines.push(figures.join(", "));
    }
    let rows = part["rows"].as_array().map(Vec::as_slice).unwrap_or_default();
    lines.extend(rows.iter().take(ROWS_MAX).map(row));
    let count = part["rowCount"].as_u64().and_then(|count| usize::try_from(count).ok());
    let more = count.unwrap_or(rows.len()).saturating_sub(rows.len().min(ROWS_MAX));
    if more != 0 {
        lines.push(format!("and {more} more rows"));
    }
    let ruled_out: Vec<_> = part["ruledOut"].as_array().into_iter().flatten().map(text).collect();
    if !ruled_out.is_empty() {
        lines.push(format!("not for: {}", ruled_out.join(", ")));
    }
    lines
}

fn row(row: &Value) -> String {
    let id = row["id"].as_str().filter(|id| !id.is_empty()).unwrap_or("without an id");
    let note = row["note"].as_str().map(|note| format!(" ({note})")).unwrap_or_default();
    let (theirs, ours) = (amount(&row["fanvueCents"]), amount(&row["ledgerCents"]));
    format!("{} {id}: Fanvue {theirs}, ledger {ours}{note}", text(&row["date"]))
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
    fn days_and_creators_are_asked_for_by_the_names_of_the_endpoint() {
        let args = DiagnoseArgs {
            agency: None,
            model: Some("noa & co".into()),
            depth: "rows".into(),
            time_range: None,
            start_date: Some("2026-11-01".into()),
            end_date: Some("2026-11-02".into()),
            json: false,
        };
        let named = words(&args);
        assert_eq!(
            named,
            [
                ("modelName", "noa & co"),
                ("depth", "rows"),
                ("startDate", "2026-11-01"),
                ("endDate", "2026-11-02")
            ]
        );
        assert!(Question::of_words(&named).is_ok());
        let id = Uuid::nil().to_string();
        let other = DiagnoseArgs { model: Some(id.clone()), ..args };
        assert_eq!(words(&other)[0], ("modelId", id.as_str()));
        assert!(Question::of_words(&[("timeRange", "31d")]).is_err());
    }

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
                    "figures": {"asOf": "2026-11-21T09:00:00Z", "ledgerCents": 5, "ageSeconds": 60},
                    "rowCount": 12,
                    "rows": [{
                        "id": "to_1", "date": "2026-11-20T08:00:00Z", "fanvueCents": 6_499,
                        "ledgerCents": null, "note": "it takes money back"
                    }],
                    "ruledOut": ["never_synced", "currency"],
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
        assert_eq!(lines[3], "    ageSeconds 60, asOf 2026-11-21T09:00:00Z, ledgerCents $0.05");
        let row = "2026-11-20T08:00:00Z to_1: Fanvue $64.99, ledger – (it takes money back)";
        assert_eq!(lines[4].trim(), row);
        assert_eq!(lines[5].trim(), "and 11 more rows");
        assert_eq!(lines[6].trim(), "not for: never_synced, currency");
        assert!(lines[7].contains("–") && lines[7].contains("$0.05"), "{text}");
        assert!(text.ends_with("with 3 requests of 100."), "{text}");
    }
}
