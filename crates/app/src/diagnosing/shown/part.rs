//! One part of a difference as it is shown, with what to do about it.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use ledger::{
    Cents, ConnectionId, CreatorId,
    diagnosis::{self, Cause, Clue, Figure, Remedy, RowDifference},
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::Endpoint;

/// The most rows of one part that are shown.
const ROWS_SHOWN_MAX: usize = 100;

/// A part of the difference.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "RevenueDifference")
)]
#[serde(rename_all = "camelCase")]
pub(super) struct Part {
    cause: Cause,
    /// What that means for the money.
    meaning: &'static str,
    /// The day, where it is one day's: in UTC, but for `drifted_rollup` and changed sums.
    day: Option<Date>,
    /// What is shown too much, negative for what is missing.
    cents: Cents,
    /// How many rows are behind it; null where only totals were compared.
    row_count: Option<usize>,
    /// The first hundred of them.
    rows: Vec<Row>,
    /// What proves the cause: amounts in cents, numbers, instants and words, each by its name.
    figures: BTreeMap<String, Value>,
    /// Where the cause is not known: those that the figures speak against.
    ruled_out: Vec<Cause>,
    remedy: Action,
}

/// A row on which Fanvue and the ledger differ.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "RowDifference"))]
#[serde(rename_all = "camelCase")]
struct Row {
    /// Fanvue's id of it, or the ledger's key; empty where neither is there.
    id: String,
    date: Timestamp,
    /// What Fanvue says; null where it lists no such row.
    fanvue_cents: Option<Cents>,
    /// What the ledger says; null where it holds no such row.
    ledger_cents: Option<Cents>,
    /// What it shows about the cause.
    note: Option<String>,
}

/// What a person does about it.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "openapi",
    derive(schemars::JsonSchema),
    schemars(rename = "DifferenceRemedy")
)]
#[serde(rename_all = "camelCase")]
struct Action {
    kind: Remedy,
    /// The same in words.
    text: &'static str,
    /// The call that does it, where there is one.
    call: Option<String>,
}

impl Part {
    pub(super) fn of(
        part: diagnosis::Part,
        creator: CreatorId,
        connection: Option<ConnectionId>,
    ) -> Self {
        Self {
            cause: part.cause,
            meaning: part.cause.meaning(),
            day: part.on,
            cents: part.cents,
            row_count: (!part.rows.is_empty()).then_some(part.rows.len()),
            rows: part.rows.iter().take(ROWS_SHOWN_MAX).map(row).collect(),
            figures: part.figures.iter().map(figure).collect(),
            ruled_out: part.ruled_out,
            remedy: action(part.remedy, creator, connection),
        }
    }
}

fn row(row: &RowDifference) -> Row {
    // Where Fanvue lists a row outside the days that were asked for, it is counted among them all the same.
    let dated = match &row.clue {
        Clue::Rejected { dated, .. } => *dated,
        _ => None,
    };
    Row {
        id: row.key.clone(),
        date: dated.unwrap_or(row.at),
        fanvue_cents: row.theirs,
        ledger_cents: row.ours,
        note: note(&row.clue),
    }
}

fn note(clue: &Clue) -> Option<String> {
    Some(match clue {
        Clue::None => return None,
        Clue::Reversal => "it takes money back".to_owned(),
        Clue::Twin => "the ledger holds an equal one, and neither has an id".to_owned(),
        Clue::Repeated => "Fanvue lists it fewer times".to_owned(),
        Clue::Edited => "its content is not what its key was made of".to_owned(),
        Clue::Paid { currency } => format!("the ledger holds what the fan paid, in {currency}"),
        Clue::Foreign => "another creator of the agency has the same row".to_owned(),
        Clue::Rejected { reason, .. } => reason.clone(),
    })
}

fn figure(figure: &Figure) -> (String, Value) {
    let value = match &figure.value {
        diagnosis::Value::Cents(cents) => json!(cents),
        diagnosis::Value::Count(count) => json!(count),
        diagnosis::Value::At(at) => json!(at),
        diagnosis::Value::Text(text) => json!(text),
    };
    (figure.name.to_owned(), value)
}

fn action(kind: Remedy, creator: CreatorId, connection: Option<ConnectionId>) -> Action {
    let of_creator = |endpoint: Endpoint| format!("{}?modelId={creator}", endpoint.path());
    let of_connection = |endpoint: Endpoint| match connection {
        Some(connection) => format!("{}?connectionId={connection}", endpoint.path()),
        None => endpoint.path().to_owned(),
    };
    let force_sync = || Some(format!("POST {}", of_creator(Endpoint::ForceSync)));
    let diagnose = |more: &str| Some(format!("GET {}&{more}", of_creator(Endpoint::Diagnose)));
    let (text, call) = match kind {
        Remedy::ForceSync => ("Force sync this creator.", force_sync()),
        Remedy::RunNow => {
            let call = format!("GET {}", Endpoint::RevenueHeartbeat.path());
            ("The next sync goes on; this begins it now.", Some(call))
        }
        Remedy::Wait => ("Nothing to do: it passes by itself.", None),
        Remedy::Refresh => {
            let call = format!("POST {}", of_connection(Endpoint::Refresh));
            ("Refresh the token. If that fails, reconnect.", Some(call))
        }
        Remedy::Reconnect => {
            let call = format!("GET {}", of_connection(Endpoint::Login));
            ("Reconnect to catch up.", Some(call))
        }
        Remedy::RebuildTotals => {
            ("Force sync this creator: days and total are then summed anew.", force_sync())
        }
        Remedy::ReviewRejects => {
            ("Look at the row that was set aside: docs/operations.md, Rejects.", None)
        }
        Remedy::SetClock => ("Set this server's clock, then force sync.", force_sync()),
        Remedy::AskRows => ("Compare row by row.", diagnose("depth=rows")),
        Remedy::AskFewer => ("Compare fewer days.", diagnose("timeRange=30d&depth=rows")),
        Remedy::Nothing => ("Nothing to do: it is so by definition.", None),
    };
    Action { kind, text, call }
}
