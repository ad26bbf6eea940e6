//! What the database says, as values that are compared.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};
use uuid::Uuid;

use super::truth::Content;

/// What a coarser sum is of: a day, or a month by its first day; our own id of the creator, or all of
/// them; a source, or all of them.
pub type SumKey = (bool, Date, Option<Uuid>, Option<String>);

/// What fans are counted under: our own id of the creator, or all of them; the day, and the one on which
/// they had paid before.
pub type FansKey = (Option<Uuid>, Date, Option<Date>);

/// The books as they stand, by account where a creator is meant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    pub creators: BTreeMap<Uuid, CreatorView>,
    /// Gross, net and count of the sums beside the days. Months are told from days by the first of the
    /// key.
    pub sums: BTreeMap<SumKey, (i64, i64, i64)>,
    /// How many fans are counted under what.
    pub fans: BTreeMap<FansKey, i64>,
}

impl View {
    /// All that is to be shown at that instant of ours: what is booked, and what only webhooks told of.
    pub fn total(&self, now: Timestamp) -> i64 {
        let counts = |hint: &&HintView| hint.state == "open" && now < hint.expires_at;
        let hints = |creator: &CreatorView| -> i64 {
            creator.hints.iter().filter(counts).map(|hint| hint.gross).sum()
        };
        self.creators.values().map(|creator| creator.shown.0 + hints(creator)).sum()
    }
}

/// One creator's books.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreatorView {
    /// Our own id.
    pub id: Uuid,
    /// Gross, net and count as shown.
    pub shown: (i64, i64, i64),
    pub as_of: Option<Timestamp>,
    /// Whether her connection ended by itself.
    pub has_ended: bool,
    pub stream: StreamView,
    /// By the row's own id, which stays when its key changes.
    pub rows: BTreeMap<Uuid, RowView>,
    /// Gross, net and count by day and source.
    pub days: BTreeMap<(Date, String), (i64, i64, i64)>,
    /// Which fan paid on which day.
    pub fan_days: BTreeSet<(String, Date)>,
    /// Texts of rejected rows.
    pub rejects: Vec<String>,
    /// Own ids of rows that a complete read lacked.
    pub absent: Vec<Uuid>,
    /// What only webhooks told of.
    pub hints: Vec<HintView>,
}

/// A row of the ledger.
#[derive(Clone, Debug, PartialEq)]
pub struct RowView {
    pub key: String,
    pub at: Timestamp,
    pub source: String,
    pub gross: i64,
    pub net: i64,
    pub fan: Option<String>,
    pub total: Option<i64>,
    pub currency: Option<String>,
    pub status: Option<String>,
    pub message: Option<String>,
    pub post: Option<String>,
    pub reverses: Option<String>,
}

impl RowView {
    pub fn content(&self) -> Content {
        let (at, source) = (self.at.as_millisecond(), self.source.clone());
        (at, source, self.gross, self.net, self.fan.clone())
    }

    /// The platform's id, where the row is known by it.
    pub fn order(&self) -> Option<&str> {
        (!self.key.starts_with('~')).then_some(&self.key)
    }
}

/// A sale or reversal as a webhook told it.
#[derive(Clone, Debug, PartialEq)]
pub struct HintView {
    pub source: String,
    pub gross: i64,
    pub fan: Option<String>,
    pub state: String,
    pub at: Timestamp,
    pub expires_at: Timestamp,
    pub family: String,
}

/// A row of the queue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StreamView {
    pub read_to: Option<Timestamp>,
    /// When all that was open had last been read from the feed itself.
    pub read_at: Option<Timestamp>,
    /// When rows or totals last told that nothing is new.
    pub confirmed_at: Option<Timestamp>,
    pub open_windows: i32,
    pub text: String,
    pub watermark: Option<Timestamp>,
    pub lease_token: Option<Uuid>,
    pub lease_expires_at: Option<Timestamp>,
    pub attempts: i32,
    /// Refusals since the last success.
    pub refusals: i32,
    pub is_parked: bool,
    pub last_error: Option<String>,
}
