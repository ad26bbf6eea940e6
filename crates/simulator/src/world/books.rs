//! One creator's rows in time order, and how a page is cut from them.
//!
//! A page is found by binary search and never touches more of the history than it has to skip.
//! What a row looks like on the wire is not known here.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    row::{Millis, RAW, Row},
    settings::Order,
};

/// Everything one creator ever earned.
#[derive(Debug, Default)]
pub(crate) struct Books {
    rows: Vec<Row>,
    raws: BTreeMap<u64, Raw>,
}

/// A row injected verbatim.
#[derive(Clone, Debug)]
pub(crate) struct Raw {
    pub(crate) value: Value,
    /// Gross and net it counts for in the truth, if it does.
    pub(crate) counts: Option<(i64, i64)>,
}

/// Which rows a request wants.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    /// The first instant wanted.
    pub(crate) start: Option<Millis>,
    /// The first instant no longer wanted.
    pub(crate) end: Option<Millis>,
    /// Sources wanted, as a mask.
    pub(crate) sources: u32,
    /// Order ids wanted.
    pub(crate) ids: Option<Vec<u64>>,
    /// Whether rows injected verbatim show.
    pub(crate) raws: bool,
}

impl Selection {
    fn takes(&self, row: &Row, now: Millis) -> bool {
        let kind = match row.flags & RAW {
            0 => self.sources & row.source.bit() != 0,
            _ => self.raws,
        };
        kind && row.visible_at <= now && self.ids.as_ref().is_none_or(|ids| ids.contains(&row.id))
    }
}

/// Where a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    /// With the first row.
    Top,
    /// After the row of that key.
    After(Millis, u64),
    /// After so many rows.
    Offset(u64),
}

/// Some rows, and whether more follow.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    pub(crate) rows: Vec<&'a Row>,
    pub(crate) more: bool,
}

impl Books {
    /// Adds a row where it belongs.
    pub(crate) fn insert(&mut self, row: Row) {
        let at = self.rows.partition_point(|other| other.key() < row.key());
        self.rows.insert(at, row);
    }

    /// Adds a verbatim row under the key of `row`.
    pub(crate) fn insert_raw(&mut self, row: Row, raw: Raw) {
        self.raws.insert(row.id, raw);
        self.insert(Row { flags: row.flags | RAW, ..row });
    }

    /// Adds many rows at once.
    pub(crate) fn extend(&mut self, rows: Vec<Row>) {
        if self.rows.is_empty() {
            self.rows = rows;
        } else {
            self.rows.extend(rows);
        }
        self.rows.sort_unstable_by_key(Row::key);
    }

    /// The verbatim value of a raw row.
    pub(crate) fn raw(&self, id: u64) -> Option<&Raw> {
        self.raws.get(&id)
    }

    /// The row of an order id, visible or not.
    pub(crate) fn find(&self, id: u64) -> Option<&Row> {
        self.rows.iter().find(|row| row.id == id && row.flags & RAW == 0)
    }

    /// The same, to change it. Its instant and id must stay.
    pub(crate) fn find_mut(&mut self, id: u64) -> Option<&mut Row> {
        self.rows.iter_mut().find(|row| row.id == id && row.flags & RAW == 0)
    }

    /// The latest visible sale that nothing has reversed yet.
    pub(crate) fn latest_sale(&self, now: Millis) -> Option<&Row> {
        let sale =
            |row: &&Row| row.visible_at <= now && !row.source.is_reversal() && row.flags & RAW == 0;
        self.rows.iter().rev().filter(sale).find(|row| !self.is_reversed(row.id))
    }

    /// Whether some row, visible or still to come, takes this one back.
    pub(crate) fn is_reversed(&self, id: u64) -> bool {
        self.rows.iter().any(|row| row.reverses == id)
    }

    /// The visible rows in a half-open span, oldest first.
    pub(crate) fn visible(
        &self,
        start: Option<Millis>,
        end: Option<Millis>,
        now: Millis,
    ) -> impl DoubleEndedIterator<Item = &Row> {
        self.span(start, end, now).iter().filter(move |row| row.visible_at <= now)
    }

    /// The rows paid after one instant and not after another, whether they show or not.
    pub(crate) fn paid(&self, after: Millis, until: Millis) -> &[Row] {
        self.span(Some(after + 1), None, until)
    }

    /// When the first row after an instant is paid.
    pub(crate) fn next_paid(&self, after: Millis) -> Option<Millis> {
        self.rows.get(self.rows.partition_point(|row| row.at <= after)).map(|row| row.at)
    }

    /// One page of the rows wanted.
    pub(crate) fn page(
        &self,
        selection: &Selection,
        from: Position,
        order: Order,
        size: usize,
        now: Millis,
    ) -> Page<'_> {
        let span = self.span(selection.start, selection.end, now);
        let (span, skip) = match (from, order) {
            (Position::Top, _) => (span, 0),
            (Position::Offset(count), _) => (span, count as usize),
            (Position::After(at, id), Order::Newest) => {
                (&span[..span.partition_point(|row| row.key() < (at, id))], 0)
            }
            (Position::After(at, id), Order::Oldest) => {
                (&span[span.partition_point(|row| row.key() <= (at, id))..], 0)
            }
        };
        let wanted = span.iter().filter(|row| selection.takes(row, now));
        let mut rows: Vec<&Row> = match order {
            Order::Newest => wanted.rev().skip(skip).take(size + 1).collect(),
            Order::Oldest => wanted.skip(skip).take(size + 1).collect(),
        };
        let more = rows.len() > size;
        rows.truncate(size);
        Page { rows, more }
    }

    fn span(&self, start: Option<Millis>, end: Option<Millis>, now: Millis) -> &[Row] {
        let low = start.map_or(0, |start| self.rows.partition_point(|row| row.at < start));
        let end = end.unwrap_or(Millis::MAX);
        let high = self.rows.partition_point(|row| row.at < end && row.at <= now);
        &self.rows[low.min(high)..high]
    }
}
