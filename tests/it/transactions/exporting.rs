//! The file: its form, its name, and what a spreadsheet makes of it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    adding_up::{busy, complete},
    ids, read_csv, rows,
};
use crate::world::World;

#[tokio::test]
async fn a_file_holds_the_rows_of_all_pages_cell_by_cell() {
    let world = busy().await;
    complete(&world).await;
    let file = world.file("timeRange=all").await;
    assert_eq!(file.status(), 200);
    let lines = read_csv(std::str::from_utf8(file.body()).unwrap());
    let pages = world.pages("timeRange=all&limit=200", None).await;
    let booked: Vec<_> = lines.iter().filter(|line| line["state"] == "booked").collect();
    let shown: Vec<_> = booked.iter().map(|line| line["id"].as_str()).collect();
    assert_eq!(shown, ids(&pages));
    for (line, row) in booked.iter().zip(rows(&pages)) {
        assert_eq!(line.len(), row.as_object().unwrap().len() + 1, "{line:?} {row}");
        for (name, value) in row.as_object().unwrap() {
            let value = match value {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                // What was read here is a float, which leaves zeros out.
                Value::Number(amount) if amount.is_f64() => {
                    format!("{:.2}", amount.as_f64().unwrap())
                }
                other => other.to_string(),
            };
            assert_eq!(line[name], value, "{name}");
        }
    }
    let open: Vec<_> = lines.iter().filter(|line| line["state"] == "provisional").collect();
    let told = pages[0]["provisional"].as_array().unwrap();
    assert_eq!((open.len(), told.len()), (6, 6));
    let whole = |line: &&&BTreeMap<String, String>| line.values().all(|cell| !cell.is_empty());
    assert_eq!(booked.iter().filter(whole).count(), 1, "one row has all that a row may have");
    for (line, sale) in open.iter().zip(told) {
        for (cell, name) in [("id", "eventKey"), ("date", "date"), ("source", "source")] {
            assert_eq!(line[cell], sale[name].as_str().unwrap(), "{name}");
        }
        assert_eq!(line["amountCents"], sale["amountCents"].to_string());
    }
}

#[tokio::test]
async fn a_file_is_named_for_the_agency_and_its_days_and_nobody_keeps_it() {
    let world = busy().await;
    for (name, want) in [
        ("Agency", "agency"),
        ("Löwen & \"Söhne\"\r\n; filename=evil.exe/..", "l-wen-s-hne-filename-evil-exe"),
    ] {
        world.db.sql(&format!("update agencies set name = '{name}'")).await;
        let file = world.file("timeRange=7d").await;
        let header = |name: &str| file.headers()[name].to_str().unwrap().to_owned();
        let want = format!("attachment; filename=\"heartbeat-{want}-2026-11-15-2026-11-21.csv\"");
        assert_eq!(header("content-disposition"), want);
        assert_eq!(header("content-type"), "text/csv; charset=utf-8; header=present");
        assert_eq!(header("cache-control"), "no-store");
    }
    world.db.sql("update agencies set name = '***'").await;
    let file = world.file("timeRange=7d").await;
    let id = world.db.sql("select id from agencies").await.remove(0).remove(0);
    assert!(file.headers()["content-disposition"].to_str().unwrap().contains(&id));
}

/// Texts that fans and creators choose, each of which does something in some spreadsheet.
const TEXTS: [&str; 9] = [
    "=HYPERLINK(\"http://evil\",\"x\")",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1",
    "\r=1",
    "a,b;\"c\"\r\nd",
    "ünï ✓ 'quoted'",
    "=1+1\u{202e}",
];

#[tokio::test]
async fn no_text_of_a_fan_becomes_a_formula_or_another_cell() {
    let world = busy().await;
    let columns =
        ["fan_id", "fan_handle", "fan_display_name", "message_uuid", "post_uuid", "currency"];
    for (index, text) in TEXTS.iter().enumerate() {
        let key = format!("to_text_{index}");
        world.book("Ada", &key, "2026-11-20T08:00:00Z", "tip", -5).await;
        let set: Vec<_> = columns.iter().map(|name| format!("{name} = $x${text}$x$")).collect();
        let set = set.join(", ");
        let sql =
            format!("update fanvue_transactions set {set} where fanvue_transaction_id = '{key}'");
        world.db.sql(&sql).await;
    }
    let name = "update models set name = '=Ada' where name = 'Ada'";
    world.db.sql(name).await;
    let sql = "update fanvue_transactions set fanvue_transaction_id = '=to_0'
                where fanvue_transaction_id = 'to_text_0'";
    world.db.sql(sql).await;
    let file = world.file("timeRange=7d&source=tip").await;
    let text = std::str::from_utf8(file.body()).unwrap();
    assert!(text.ends_with("\r\n"));
    let lines = read_csv(text);
    let mut seen = BTreeSet::new();
    for line in &lines {
        for (name, cell) in line {
            let is_number = ["amount", "amountCents", "net", "netCents"].contains(&name.as_str());
            let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
            assert!(is_number || !is_formula, "{name} {cell:?}");
        }
        seen.insert(line["fanName"].clone());
    }
    for text in TEXTS {
        let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let want = if is_formula { format!("'{text}") } else { text.to_owned() };
        assert!(seen.contains(&want), "{want:?} is not in {seen:?}");
    }
    assert!(lines.iter().any(|line| line["amount"] == "-0.05" && line["amountCents"] == "-5"));
    assert!(lines.iter().any(|line| line["modelName"] == "'=Ada"));
    assert!(lines.iter().any(|line| line["fanvueTransactionId"] == "'=to_0"));
}

#[tokio::test]
async fn a_file_without_rows_has_its_first_line() {
    let world = World::empty().await;
    world.connect().await;
    let file = world.file("timeRange=all").await;
    let text = std::str::from_utf8(file.body()).unwrap();
    assert!(text.starts_with("\u{FEFF}state,id,") && text.ends_with("absentSince\r\n"), "{text}");
    assert_eq!(read_csv(text).len(), 0);
}
