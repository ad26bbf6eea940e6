//! From a figure to its rows: the list, page by page, and the file.

mod adding_up;
mod breaking;
mod costs;
mod exporting;
mod paging;
mod refusing;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::world::{SECRET, World};

const LIST: &str = "/api/analytics/transactions";
const FILE: &str = "/api/analytics/export.csv";

/// Rows written by hand, which the simulator knows nothing of, and the sums that follow.
impl World {
    /// The first agency's creator of that name earns `cents`; the row's texts are drawn from its key.
    async fn book(&self, creator: &str, key: &str, at: &str, source: &str, cents: i64) {
        let sql = format!(
            "insert into fanvue_transactions
                 (agency_id, model_id, fanvue_transaction_id, transaction_date, transaction_type,
                  amount_cents, net_cents, created_at, synced_at)
             select agency_id, id, '{key}', '{at}', '{source}', {cents}, {cents} * 4 / 5,
                    '{at}', '{at}'
               from models where name = '{creator}'"
        );
        self.db.sql(&sql).await;
    }

    /// Sales told by webhook: (key, instant, source, cents, state), fresh for so many hours.
    async fn hint(&self, creator: &str, told: (&str, &str, &str, i64, &str), hours: i64) {
        let (key, at, source, cents, state) = told;
        let now = self.now();
        let sql = format!(
            "insert into provisional_transactions
                 (agency_id, model_id, event_key, family, at, source, gross_cents, net_cents,
                  state, expires_at, created_at)
             select agency_id, id, '{key}', 'creator', '{at}', '{source}', {cents}, {cents} / 2,
                    '{state}', '{now}'::timestamptz + interval '{hours} hours', '{now}'
               from models where name = '{creator}'"
        );
        self.db.sql(&sql).await;
    }

    /// Counts the rollup again, as a change of the zone does.
    async fn set_zone(&self, zone: &str) {
        self.db.sql("update agencies set timezone = 'Etc/GMT+12'").await;
        self.db.sql(&format!("update agencies set timezone = '{zone}'")).await;
    }

    async fn page(&self, query: &str) -> Value {
        let (status, body) = self.get(&format!("{LIST}?{query}"), Some(SECRET)).await;
        assert_eq!(status, 200, "{query}: {body}");
        body
    }

    /// All pages of a question, from the first or from behind a cursor.
    async fn pages(&self, query: &str, mut cursor: Option<String>) -> Vec<Value> {
        let mut pages = vec![];
        loop {
            let page = match &cursor {
                Some(cursor) => self.page(&format!("{query}&cursor={cursor}")).await,
                None => self.page(query).await,
            };
            cursor = page["nextCursor"].as_str().map(str::to_owned);
            pages.push(page);
            assert!(pages.len() < 1_000, "paging never ends: {query}");
            if cursor.is_none() {
                return pages;
            }
        }
    }

    /// A file, as many as a test needs: how many one caller is given is asked in `expensive`.
    async fn file(&self, query: &str) -> http::Response<bytes::Bytes> {
        self.db.sql("delete from expensive_calls").await;
        let request = http::Request::get(format!("{FILE}?{query}"))
            .header("authorization", format!("Bearer {SECRET}"));
        let request = request.body(bytes::Bytes::new()).unwrap();
        let response = crate::world::route(&self.ctx, request).await;
        crate::world::canary::check_answer(&response);
        response
    }
}

/// All rows of these pages.
fn rows(pages: &[Value]) -> Vec<&Value> {
    pages.iter().flat_map(|page| page["transactions"].as_array().unwrap()).collect()
}

fn ids(pages: &[Value]) -> Vec<&str> {
    rows(pages).iter().map(|row| row["id"].as_str().unwrap()).collect()
}

/// What is shown of them all: gross and net in cents, and how many.
fn sums(pages: &[Value]) -> [i64; 3] {
    let open = pages.iter().flat_map(|page| page["provisional"].as_array().unwrap());
    let all: Vec<_> = rows(pages).into_iter().chain(open).collect();
    let sum = |name: &str| all.iter().map(|row| row[name].as_i64().unwrap_or_default()).sum();
    [sum("amountCents"), sum("netCents"), i64::try_from(all.len()).unwrap()]
}

/// Lines of cells, taken strictly by RFC 4180; the first line names the cells of the others.
fn read_csv(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut lines = vec![];
    let rest = text.strip_prefix('\u{FEFF}').expect("a spreadsheet knows by it that this is UTF-8");
    let (mut line, mut rest) = (vec![], rest);
    while !rest.is_empty() {
        let cell;
        if let Some(mut quoted) = rest.strip_prefix('"') {
            let mut text = String::new();
            loop {
                let (before, after) = quoted.split_once('"').expect("a quote ends");
                text.push_str(before);
                match after.strip_prefix('"') {
                    Some(after) => {
                        text.push('"');
                        quoted = after;
                    }
                    None => {
                        rest = after;
                        break;
                    }
                }
            }
            cell = text;
        } else {
            let end = rest.find([',', '\r']).expect("every line ends");
            cell = rest[..end].to_owned();
            rest = &rest[end..];
            assert!(!cell.contains(['"', '\n']), "{cell:?} needs quotes");
        }
        line.push(cell);
        if let Some(after) = rest.strip_prefix("\r\n") {
            lines.push(std::mem::take(&mut line));
            rest = after;
        } else {
            rest = rest.strip_prefix(',').expect("cells are apart");
        }
    }
    assert!(line.is_empty(), "the last line has its end too");
    let names = lines.remove(0);
    let named = |line: Vec<String>| {
        assert_eq!(line.len(), names.len(), "{line:?}");
        names.iter().cloned().zip(line).collect()
    };
    lines.into_iter().map(named).collect()
}
