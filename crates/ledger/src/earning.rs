//! What was earned: one fact per row of the platform's feed, and the rows that are no fact.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Category, Cents, Source};

/// Whether the platform lets the creator withdraw the money yet. It only moves forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PayoutStatus {
    /// Earned, not yet withdrawable.
    PendingBalance,
    /// Withdrawable.
    AvailableForPayout,
}

impl PayoutStatus {
    /// The platform's name, which is also what the ledger stores.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PendingBalance => "pendingBalance",
            Self::AvailableForPayout => "availableForPayout",
        }
    }

    /// The status of that name, if it is a known one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::PendingBalance, Self::AvailableForPayout].into_iter().find(|s| s.as_str() == name)
    }
}

/// The platform's id of a transaction. Its format is not documented; it is kept as it came.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrderId(String);

impl OrderId {
    /// Accepts 1 to 128 visible ASCII characters that don't begin with `~`, the mark of a key made
    /// here (see [`crate::Key`]); `None` for anything else.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let plausible = (1..=128).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_graphic())
            && !text.starts_with('~');
        plausible.then(|| Self(text.to_owned()))
    }

    /// The id as the platform wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether two ids are known to be of one kind, such as `to_1` and `to_2`. Only then do different
    /// ids prove different payments: the platform may name one payment `to_1001` in a row and `FV-12`,
    /// the number of its invoice, in a webhook. Of numbers and uuids nobody knows what they count.
    #[must_use]
    pub fn same_namespace(&self, other: &Self) -> bool {
        self.namespace().is_some() && self.namespace() == other.namespace()
    }

    /// The letters before the first `_` or `-`. A uuid may begin with letters too, and has none.
    fn namespace(&self) -> Option<&str> {
        let (prefix, _) = self.0.split_once(['_', '-'])?;
        let is_word = !prefix.is_empty() && prefix.bytes().all(|b| b.is_ascii_alphabetic());
        (is_word && Uuid::try_parse(&self.0).is_err()).then_some(prefix)
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The one who paid, as the row names them. Personal: never in a log or an error.
#[derive(Clone, PartialEq, Eq)]
pub struct Fan {
    /// The platform's uuid of the fan, in lower case.
    pub id: String,
    /// The fan's handle at the time of reading.
    pub handle: Option<String>,
    /// The fan's display name at the time of reading.
    pub display_name: Option<String>,
}

impl fmt::Debug for Fan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fan(…)")
    }
}

/// One fact of the feed: a sale, a reward, or a reversal (negative amounts). US cents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earning {
    /// When it was paid, to the millisecond.
    pub at: Timestamp,
    /// Why it was paid.
    pub source: Source,
    /// The creator's price before the platform's cut.
    pub gross: Cents,
    /// What the creator keeps.
    pub net: Cents,
    /// What the fan paid, tax and fan-side fee included, where the row tells. Never summed.
    pub total: Option<Cents>,
    /// The currency the fan paid in: information only, the amounts are US cents.
    pub currency: Option<String>,
    /// The platform's id, absent in older generations of rows and on some rewards.
    pub order_id: Option<OrderId>,
    /// Payout status, where the row tells.
    pub status: Option<PayoutStatus>,
    /// The message sold, where the row tells.
    pub message_id: Option<String>,
    /// The post sold, where the row tells.
    pub post_id: Option<String>,
    /// The sale that this reversal takes back, where the row tells.
    pub reverses: Option<OrderId>,
    /// Who paid; `None` on rewards.
    pub fan: Option<Fan>,
}

impl Earning {
    /// Whether it is money of a fan: no reward, no reversal, nothing given for free. The same stands in
    /// the database's function `is_purchase`.
    #[must_use]
    pub fn is_purchase(&self) -> bool {
        Cents::ZERO < self.gross && self.source.category() != Category::Referrals
    }
}

/// A row that could not be converted: kept whole, counted nowhere, shown to people.
#[derive(Clone, PartialEq, Eq)]
pub struct Reject {
    /// Why it is no earning.
    pub reason: RejectReason,
    /// The row's JSON text as it came, cut at [`Reject::RAW_BYTES_MAX`].
    pub raw: String,
}

impl Reject {
    /// The most of a row's text that is kept.
    pub const RAW_BYTES_MAX: usize = 8 * 1024;
}

impl fmt::Debug for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reject({})", self.reason)
    }
}

/// Why a row is no earning. The text names the field; it never repeats a fan's data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RejectReason {
    /// The row is not a JSON object.
    #[error("the row is not an object")]
    NotAnObject,
    /// A field that every row must have is missing or null.
    #[error("{field} is missing")]
    Missing {
        /// The field's name on the wire.
        field: &'static str,
    },
    /// A field has a type or form that can't be read.
    #[error("{field} {problem}")]
    Malformed {
        /// The field's name on the wire.
        field: &'static str,
        /// What is wrong with it, such as "has a fraction of a cent".
        problem: String,
    },
    /// The source is none we know, so we can't say whether it is revenue.
    #[error("source '{name}' is not known")]
    UnknownSource {
        /// The name as it came, shortened and cleaned for printing.
        name: String,
    },
    /// The row claims to have been paid after the moment it was read.
    #[error("date lies in the future")]
    InTheFuture,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_id_can_never_look_like_a_key_made_here() {
        assert!(OrderId::new("to_1001").is_some());
        for text in ["", "~abc~1", "with space", "ünï", &"x".repeat(129)] {
            assert!(OrderId::new(text).is_none(), "{text}");
        }
    }

    #[test]
    fn ids_of_one_kind_begin_with_the_same_letters() {
        let id = |text| OrderId::new(text).unwrap();
        let (one, two) =
            ("0b9c0c6e-3d5b-4a53-9b0e-2f6f3b9a1001", "deadbeef-3d5b-4a53-9b0e-2f6f3b9a1002");
        for (a, b, want) in [
            ("to_1001", "to_1002", true),
            ("FV-1", "FV-22", true),
            ("FV-1", "FVC-1", false),
            ("FV-1", "fv-1", false),
            ("to_1001", "FV-1001", false),
            ("to_1001", "to-1001", true),
            ("1001", "1002", false),
            ("1001", "to_1001", false),
            ("to2_1", "99_1", false),
            (one, two, false),
            (one, "to_1001", false),
            ("_1", "-2", false),
        ] {
            assert_eq!(id(a).same_namespace(&id(b)), want, "{a} {b}");
            assert_eq!(id(b).same_namespace(&id(a)), want, "{b} {a}");
        }
    }

    #[test]
    fn a_fan_never_prints() {
        let fan = Fan { id: "f".into(), handle: Some("secret".into()), display_name: None };
        assert_eq!(format!("{fan:?}"), "Fan(…)");
    }
}
