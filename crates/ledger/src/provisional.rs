//! Sales that only a webhook told of, and which row of the feed each of them turns out to be.
//!
//! A webhook is a hint. The feed decides: a hint is paired with at most one row, a row with at most
//! one hint, and whatever is paired counts once, as the row.

use jiff::{SignedDuration, Timestamp};

use crate::{Booked, Cents, Key, OrderId, Source};

/// The most that a webhook's instant and its row's may differ. Rows carry the time of payment, and
/// legacy webhooks only their own.
pub const SETTLE_SECONDS_MAX: i64 = 3600;

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

/// A row of the ledger as far as pairing needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// What is booked.
    pub booked: &'a Booked,
    /// Whether it may only be paired by its id: it has been in the ledger before.
    pub by_id_only: bool,
}

/// Pairs hints with rows, one to one: by payment id; failing that by fan, kind and gross, the nearest
/// in time first. Returns indices of both, each at most once.
#[must_use]
pub fn settle(open: &[Provisional], rows: &[Row<'_>]) -> Vec<(usize, usize)> {
    let mut pairs = vec![];
    let (mut hint_taken, mut row_taken) = (vec![false; open.len()], vec![false; rows.len()]);
    let mut near = vec![];
    for (h, hint) in open.iter().enumerate() {
        for (r, row) in rows.iter().enumerate() {
            match likeness(hint, row.booked) {
                Likeness::SameId if !hint_taken[h] && !row_taken[r] => {
                    (hint_taken[h], row_taken[r]) = (true, true);
                    pairs.push((h, r));
                }
                Likeness::Near(apart) if !row.by_id_only => near.push((apart, h, r)),
                _ => {}
            }
        }
    }
    near.sort();
    for (_, h, r) in near {
        if !hint_taken[h] && !row_taken[r] {
            (hint_taken[h], row_taken[r]) = (true, true);
            pairs.push((h, r));
        }
    }
    pairs
}

/// Which of the hints that came before is the same sale, told by another family.
#[must_use]
pub fn told_before(hint: &Provisional, before: &[Provisional]) -> Option<usize> {
    let same_id = |other: &Provisional| hint.order.is_some() && hint.order == other.order;
    if let Some(same) = before.iter().position(same_id) {
        return Some(same);
    }
    let apart = |other: &Provisional| hint.at.duration_since(other.at).abs();
    let alike = before.iter().enumerate().filter(|(_, other)| {
        other.family != hint.family
            && !comparable(hint.order.as_ref(), other.order.as_ref())
            && kind(other.source) == kind(hint.source)
            && (other.gross, &other.fan) == (hint.gross, &hint.fan)
            && apart(other) <= SignedDuration::from_secs(SETTLE_SECONDS_MAX)
    });
    alike.min_by_key(|(_, other)| apart(other)).map(|(index, _)| index)
}

#[derive(PartialEq, Eq)]
enum Likeness {
    SameId,
    /// Nothing speaks against it, and they lie so far apart.
    Near(SignedDuration),
    None,
}

fn likeness(hint: &Provisional, row: &Booked) -> Likeness {
    let earning = &row.earning;
    let row_id = match &row.key {
        Key::Order(id) => Some(id),
        Key::Content { .. } => None,
    };
    if hint.order.is_some() && hint.order.as_ref() == row_id {
        return Likeness::SameId;
    }
    let apart = hint.at.duration_since(earning.at).abs();
    let fan = earning.fan.as_ref().map(|fan| fan.id.as_str());
    let differs = comparable(hint.order.as_ref(), row_id)
        || kind(hint.source) != kind(earning.source)
        || hint.gross != earning.gross
        || hint.fan.as_deref() != fan
        || comparable(hint.reverses.as_ref(), earning.reverses.as_ref())
            && hint.reverses != earning.reverses
        || apart > SignedDuration::from_secs(SETTLE_SECONDS_MAX);
    if differs { Likeness::None } else { Likeness::Near(apart) }
}

/// Whether two ids are known and of one numbering, so that different ones mean different payments.
fn comparable(a: Option<&OrderId>, b: Option<&OrderId>) -> bool {
    a.zip(b).is_some_and(|(a, b)| a.same_namespace(b))
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
