//! What really happened: every row the platform shows, has shown or will show.

use std::collections::BTreeMap;

use jiff::Timestamp;
use simulator::TrueRow;

/// What makes two rows the same money: instant in milliseconds, source, gross, net, fan.
pub type Content = (i64, String, i64, i64, Option<String>);

/// A row is void no earlier than so long after it was first missed.
pub const VOID_AFTER_SECONDS: i64 = 3600;

/// A row of the platform, as it stands.
#[derive(Clone, Debug)]
pub struct Fact {
    pub id: String,
    /// The op in which it was made.
    pub step: u64,
    pub at: Timestamp,
    pub visible_at: Timestamp,
    pub source: String,
    pub gross: i64,
    pub net: i64,
    pub fan: Option<String>,
    /// Gross and net as they stood before they were corrected.
    pub before: Vec<(i64, i64)>,
    /// From when until when it was gone from every list, one time after the other.
    pub gone: Vec<(Timestamp, Timestamp)>,
    /// Whether it is no earning; then its JSON text.
    pub raw: Option<serde_json::Value>,
    /// Whether its status was once set back, which the ledger must not follow.
    pub was_set_back: bool,
}

impl Fact {
    pub fn of(row: &TrueRow, step: u64) -> Self {
        Self {
            step,
            id: row.transaction_order_id.clone(),
            at: row.date.parse().unwrap(),
            visible_at: row.visible_at.parse().unwrap(),
            source: row.source.clone(),
            gross: row.gross,
            net: row.net,
            fan: row.user.as_ref().map(|fan| fan.uuid.to_string()),
            before: vec![],
            gone: vec![],
            raw: row.raw.clone(),
            was_set_back: false,
        }
    }

    pub fn content(&self) -> Content {
        self.content_with((self.gross, self.net))
    }

    fn content_with(&self, (gross, net): (i64, i64)) -> Content {
        (self.at.as_millisecond(), self.source.clone(), gross, net, self.fan.clone())
    }

    /// As it stands, then as it stood before.
    pub fn contents(&self) -> impl Iterator<Item = Content> + '_ {
        let before = self.before.iter().rev().map(|amounts| self.content_with(*amounts));
        std::iter::once(self.content()).chain(before)
    }

    pub fn is_reversal(&self) -> bool {
        matches!(self.source.as_str(), "refund" | "chargeback")
    }

    pub fn is_earning(&self) -> bool {
        self.raw.is_none()
    }

    /// Whether it is gone from every list at that instant.
    pub fn is_gone(&self, now: Timestamp) -> bool {
        self.gone.iter().any(|(from, until)| *from <= now && now < *until)
    }

    /// Whether two reads an hour apart may have lacked it.
    pub fn was_gone_long(&self) -> bool {
        let ends = self.gone.first().zip(self.gone.last());
        ends.is_some_and(|((from, _), (_, until))| {
            VOID_AFTER_SECONDS <= until.duration_since(*from).as_secs()
        })
    }

    /// Since when it has been showing without a break; for one that is gone, from when it will.
    pub fn shows_since(&self) -> Timestamp {
        self.gone.last().map_or(self.visible_at, |(_, until)| self.visible_at.max(*until))
    }

    /// How long after its date it showed for good.
    pub fn late_seconds(&self) -> i64 {
        self.shows_since().duration_since(self.at).as_secs()
    }
}

/// How many there are of each.
pub fn count<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeMap<T, usize> {
    let mut counts = BTreeMap::new();
    for item in items {
        *counts.entry(item).or_default() += 1;
    }
    counts
}
