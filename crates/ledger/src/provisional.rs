//! Sales that only a webhook told of, and which row of the feed each of them turns out to be.
//!
//! A webhook is a hint. The feed decides: of each family of webhooks a hint is paired with at most one
//! row, a row with at most one hint, and whatever is paired counts once, as the row.

use jiff::{SignedDuration, Timestamp};

use crate::{Booked, Cents, Key, OrderId, Source};

/// The most that a webhook's instant and its row's may differ. Rows carry the time of payment, and
/// legacy webhooks only their own.
pub const SETTLE_SECONDS_MAX: i64 = 3600;

/// How far apart hints and rows are looked at together: equal sales, each within an hour of the next,
/// may be a long chain.
pub const TOGETHER_SECONDS_MAX: i64 = 24 * 3600;

/// How long a hint is shown that no row settles.
pub const PROVISIONAL_SECONDS_MAX: i64 = 72 * 3600;

/// A generation of webhooks. Of two that tell of the same sale only one may count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Flat bodies: `purchase.new`, `tip.new`, `subscription.new`.
    Legacy,
    /// `creator.*`.
    Creator,
    /// `checkout_link.*`.
    Checkout,
    /// `app.*`.
    AppStore,
}

impl Family {
    /// All families.
    pub const ALL: [Self; 4] = [Self::Legacy, Self::Creator, Self::Checkout, Self::AppStore];

    /// The name that the database stores.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Legacy => "legacy",
            Self::Creator => "creator",
            Self::Checkout => "checkout",
            Self::AppStore => "app_store",
        }
    }

    /// The family of that name, if it is a known one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.as_str() == name)
    }
}

/// A sale or reversal as a webhook told it. US cents, negative on reversals.
#[derive(Clone, PartialEq, Eq)]
pub struct Provisional {
    /// What makes its webhook the same webhook.
    pub event_key: String,
    /// Which generation told of it.
    pub family: Family,
    /// When it was paid, as far as the webhook tells.
    pub at: Timestamp,
    /// Why it was paid.
    pub source: Source,
    /// Before the platform's cut.
    pub gross: Cents,
    /// What the creator keeps, where the webhook tells.
    pub net: Option<Cents>,
    /// The fan's uuid.
    pub fan: Option<String>,
    /// The payment's id.
    pub order: Option<OrderId>,
    /// Of a reversal: the sale it takes back.
    pub reverses: Option<OrderId>,
}

impl std::fmt::Debug for Provisional {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Provisional({} {} {} {:?})",
            self.source.as_str(),
            self.gross.0,
            self.at,
            self.order
        )
    }
}

impl Provisional {
    /// Whether another may be of the same sale as far as fan, kind and gross tell.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        (kind(self.source), self.gross, &self.fan) == (kind(other.source), other.gross, &other.fan)
    }

    /// Whether this row may be the sale as far as fan, kind, gross and id tell. A row without a fan may be
    /// anybody's.
    #[must_use]
    pub fn may_be(&self, row: &Booked) -> bool {
        self.has_id_of(row) || self.looks_like(row)
    }

    fn has_id_of(&self, row: &Booked) -> bool {
        let same_sign = (self.gross.0 < 0) == (row.earning.gross.0 < 0);
        same_sign && self.order.is_some() && self.order.as_ref() == order_of(row)
    }

    fn looks_like(&self, row: &Booked) -> bool {
        let earning = &row.earning;
        let of_another = |fan: &crate::Fan| self.fan.as_deref() != Some(fan.id.as_str());
        kind(self.source) == kind(earning.source)
            && self.gross == earning.gross
            && !earning.fan.as_ref().is_some_and(of_another)
            && !differ(self.reverses.as_ref(), earning.reverses.as_ref())
    }
}

/// A hint beside those that are like it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// What was told.
    pub told: Provisional,
    /// Whether a row settled it before. That is for good: its row may leave the ledger again.
    pub is_settled: bool,
}

/// How a hint stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// No row is it: it is to be shown.
    Open,
    /// It counts as a row, of that index where there still is one.
    Settled(Option<usize>),
    /// Another family tells of as many sales or more that have no row.
    Repeated,
}

/// Decides for hints that are like each other which of them are to be shown beside the rows.
///
/// Each family tells of each sale once at most, so as many of its hints are sales without a row as no
/// row is left for; that is never more than there are, because the hints are paired with as many rows as
/// can be, one to one. Of the families the one that tells of most is believed: hints of two of them are
/// never added up.
#[must_use]
pub fn stand(hints: &[Hint], rows: &[Booked]) -> Vec<Standing> {
    let mut standings = vec![Standing::Repeated; hints.len()];
    let mut shown: Vec<usize> = vec![];
    for family in FAMILIES_BY_TRUST {
        let of_family = |h: &usize| hints[*h].told.family == family;
        let mut family: Vec<_> = (0..hints.len()).filter(of_family).collect();
        // Whoever is paired stays paired, though perhaps with another row.
        family.sort_by_key(|h| (!hints[*h].is_settled, hints[*h].told.at));
        let pairs = pair(&family, hints, rows);
        let mut unpaired = vec![];
        for (h, row) in family.into_iter().zip(pairs) {
            match row {
                None if !hints[h].is_settled => unpaired.push(h),
                row => standings[h] = Standing::Settled(row),
            }
        }
        if shown.len() < unpaired.len() {
            shown = unpaired;
        }
    }
    for h in shown {
        standings[h] = Standing::Open;
    }
    standings
}

/// Of equal ones the first is shown: newer bodies tell more.
const FAMILIES_BY_TRUST: [Family; 4] =
    [Family::Creator, Family::Checkout, Family::AppStore, Family::Legacy];

/// Pairs hints with rows, one to one and as many as can be: for each hint the row's index.
fn pair(family: &[usize], hints: &[Hint], rows: &[Booked]) -> Vec<Option<usize>> {
    let edges: Vec<_> = family.iter().map(|h| candidates(*h, hints, rows)).collect();
    let mut owners: Vec<Option<usize>> = vec![None; rows.len()];
    for hint in 0..family.len() {
        let mut visited = vec![false; rows.len()];
        find_row(hint, &edges, &mut owners, &mut visited);
    }
    let mut pairs = vec![None; family.len()];
    for (row, owner) in owners.iter().enumerate() {
        if let Some(hint) = owner {
            pairs[*hint] = Some(row);
        }
    }
    pairs
}

/// Finds a row for a hint, if need be by finding other rows for those that have its own.
fn find_row(
    hint: usize,
    edges: &[Vec<usize>],
    owners: &mut [Option<usize>],
    visited: &mut [bool],
) -> bool {
    if let Some(free) = edges[hint].iter().find(|row| owners[**row].is_none()) {
        owners[*free] = Some(hint);
        return true;
    }
    for row in &edges[hint] {
        if std::mem::replace(&mut visited[*row], true) {
            continue;
        }
        let Some(owner) = owners[*row] else { continue };
        if find_row(owner, edges, owners, visited) {
            owners[*row] = Some(hint);
            return true;
        }
    }
    false
}

/// The rows that a hint may be, the nearest first: the one of its id, else those that nothing speaks
/// against. A row of another family's id is near where that one's hint is.
fn candidates(h: usize, hints: &[Hint], rows: &[Booked]) -> Vec<usize> {
    let told = &hints[h].told;
    if let Some(row) = rows.iter().position(|row| told.has_id_of(row)) {
        return vec![row];
    }
    let apart = |row: &Booked| {
        if differ(told.order.as_ref(), order_of(row)) {
            return None;
        }
        let namesakes =
            hints.iter().filter(|hint| hint.told.has_id_of(row)).map(|hint| hint.told.at);
        let own = told.looks_like(row).then_some(row.earning.at);
        let apart = |at: Timestamp| told.at.duration_since(at).abs();
        let nearest = namesakes.chain(own).map(apart).min()?;
        (nearest <= SignedDuration::from_secs(SETTLE_SECONDS_MAX)).then_some(nearest)
    };
    let near = rows.iter().enumerate().filter_map(|(r, row)| Some((apart(row)?, r)));
    let mut near: Vec<_> = near.collect();
    near.sort_unstable();
    near.into_iter().map(|(_, r)| r).collect()
}

fn order_of(row: &Booked) -> Option<&OrderId> {
    match &row.key {
        Key::Order(id) => Some(id),
        Key::Content { .. } => None,
    }
}

/// Whether two ids are known and of one numbering, and different: then so are the payments.
fn differ(a: Option<&OrderId>, b: Option<&OrderId>) -> bool {
    a.zip(b).is_some_and(|(a, b)| a != b && a.same_namespace(b))
}

/// What a webhook can tell apart. Its `subscription.new` may be a renewal, and a media link a
/// message.
fn kind(source: Source) -> u8 {
    match source {
        Source::Subscription | Source::Renewal => 1,
        Source::Message | Source::MediaLink => 2,
        Source::Post => 3,
        Source::Tip => 4,
        Source::Refund => 5,
        Source::Chargeback => 6,
        _ => 7,
    }
}

#[cfg(test)]
mod tests;
