//! Rows as lines of RFC 4180: commas, `\r\n`, quotes where a cell needs them.
//!
//! Texts come from Fanvue and from fans. One that a spreadsheet would take for a formula gets an
//! apostrophe in front, which spreadsheets show as plain text.

use ledger::Cents;
use store::{OpenSale, Transaction};

use crate::analytics::{
    rows::{Rows, order_id},
    sums::category,
};

/// The first line. The names are those of the list's rows, and `state`: `booked` for rows of the
/// ledger, `provisional` for what only webhooks told of. Before them stands the mark by which a
/// spreadsheet knows that the file is UTF-8.
pub(super) const HEADER: &str = "\u{FEFF}state,id,fanvueTransactionId,orderId,modelId,modelName,date,day,\
    source,category,status,amount,amountCents,net,netCents,paidCents,currency,fanId,fanHandle,\
    fanName,messageId,postId,reverses,firstSeenAt,updatedAt,amended,absentSince\r\n";

/// A line of the ledger.
pub(super) fn add_booked(text: &mut String, row: &Transaction, rows: &Rows) {
    let mut line = Line { text, is_first: true };
    line.plain("booked");
    line.plain(&row.id.to_string());
    line.text(&row.key);
    line.maybe(order_id(row));
    line.plain(&row.creator.to_string());
    line.text(&row.creator_name);
    line.plain(&row.at.to_string());
    line.plain(&rows.day(row.at).to_string());
    line.source(&row.source);
    line.maybe(row.status.as_deref());
    line.money(Some(row.gross));
    line.money(Some(row.net));
    line.plain(&row.total.map(|total| total.0.to_string()).unwrap_or_default());
    let texts = [&row.currency, &row.fan_id, &row.fan_handle, &row.fan_name];
    texts.into_iter().for_each(|text| line.maybe(text.as_deref()));
    let texts = [&row.message_id, &row.post_id, &row.reverses];
    texts.into_iter().for_each(|text| line.maybe(text.as_deref()));
    line.plain(&row.created_at.to_string());
    line.plain(&row.synced_at.to_string());
    line.plain(if row.created_at < row.synced_at { "true" } else { "false" });
    line.plain(&row.absent_since.map(|at| at.to_string()).unwrap_or_default());
    line.end();
}

/// A line of what only a webhook told of.
pub(super) fn add_open(text: &mut String, sale: &OpenSale, rows: &Rows) {
    let mut line = Line { text, is_first: true };
    line.plain("provisional");
    line.text(&sale.event_key);
    line.plain("");
    line.maybe(sale.order_id.as_deref());
    line.plain(&sale.creator.to_string());
    line.text(&sale.creator_name);
    line.plain(&sale.at.to_string());
    line.plain(&rows.day(sale.at).to_string());
    line.source(&sale.source);
    line.plain("");
    line.money(Some(sale.gross));
    line.money(sale.net);
    line.empty(2);
    line.maybe(sale.fan_id.as_deref());
    line.empty(4);
    line.maybe(sale.reverses.as_deref());
    line.plain(&sale.created_at.to_string());
    line.plain("");
    line.plain("false");
    line.plain("");
    line.end();
}

/// A line that is being written.
struct Line<'a> {
    text: &'a mut String,
    is_first: bool,
}

impl Line<'_> {
    /// A cell of our own making, which needs no quotes.
    fn plain(&mut self, cell: &str) {
        if !self.is_first {
            self.text.push(',');
        }
        self.is_first = false;
        self.text.push_str(cell);
    }

    fn empty(&mut self, count: usize) {
        (0..count).for_each(|_| self.plain(""));
    }

    /// A cell that may hold anything.
    fn text(&mut self, cell: &str) {
        self.plain("");
        let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
        let needs_quotes = cell.contains(['"', ',', '\r', '\n']);
        let quote = if needs_quotes { "\"" } else { "" };
        self.text.push_str(quote);
        if is_formula {
            self.text.push('\'');
        }
        for c in cell.chars() {
            if c == '"' {
                self.text.push('"');
            }
            self.text.push(c);
        }
        self.text.push_str(quote);
    }

    fn maybe(&mut self, cell: Option<&str>) {
        self.text(cell.unwrap_or_default());
    }

    /// A source and its category.
    fn source(&mut self, source: &str) {
        self.text(source);
        self.plain(category(source).as_str());
    }

    /// An amount as an exact decimal and in cents.
    fn money(&mut self, amount: Option<Cents>) {
        self.plain(&amount.map(|amount| amount.to_string()).unwrap_or_default());
        self.plain(&amount.map(|amount| amount.0.to_string()).unwrap_or_default());
    }

    fn end(self) {
        self.text.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str) -> String {
        let mut written = String::new();
        Line { text: &mut written, is_first: true }.text(text);
        written
    }

    #[test]
    fn cells_are_quoted_where_they_must_and_no_formula_survives() {
        for (text, want) in [
            ("", ""),
            ("Ada", "Ada"),
            ("Ada, \"the\" first", "\"Ada, \"\"the\"\" first\""),
            ("two\r\nlines", "\"two\r\nlines\""),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
            ("=HYPERLINK(\"http://x\",1)", "\"'=HYPERLINK(\"\"http://x\"\",1)\""),
            ("1-1", "1-1"),
            ("é ✓", "é ✓"),
        ] {
            assert_eq!(cell(text), want, "{text:?}");
        }
    }
}
