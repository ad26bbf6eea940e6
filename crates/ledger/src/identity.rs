//! What makes an earning itself: the platform's id, or the content plus its occurrence.
//!
//! Currency, message and post are attributes, not identity: the platform added each of them to rows
//! that it had served without. A key built from them would have doubled every such row on that day.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::{Earning, OrderId};

/// Digest of what never changes about a row: instant, source, gross, net and fan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Content([u8; 12]);

impl Content {
    /// The content of this earning.
    #[must_use]
    pub fn of(earning: &Earning) -> Self {
        let mut digest = Sha256::new();
        digest.update(earning.at.as_millisecond().to_be_bytes());
        digest.update(earning.source.as_str().as_bytes());
        digest.update([0]);
        digest.update(earning.gross.0.to_be_bytes());
        digest.update(earning.net.0.to_be_bytes());
        if let Some(fan) = &earning.fan {
            digest.update(fan.id.as_bytes());
        }
        let full = digest.finalize();
        let mut short = [0; 12];
        short.copy_from_slice(&full[..12]);
        Self(short)
    }
}

/// The identity under which a creator's ledger holds an earning, unique per creator.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// The platform told its id.
    Order(OrderId),
    /// It told none: the content, and which of the identical rows this is (1, 2, …).
    Content {
        /// Digest of the row's content.
        content: Content,
        /// Counted from 1 among the creator's rows of the same content.
        occurrence: u32,
    },
}

/// The text is no key that this crate writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no ledger key")]
pub struct KeyError;

impl Key {
    /// Reads what [`Key`]'s `Display` wrote.
    ///
    /// # Errors
    /// When the text was written by nobody here.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let Some(rest) = text.strip_prefix('~') else {
            return OrderId::new(text).map(Self::Order).ok_or(KeyError);
        };
        let (digest, occurrence) = rest.split_once('~').ok_or(KeyError)?;
        let mut content = [0; 12];
        hex::decode_to_slice(digest, &mut content).map_err(|_| KeyError)?;
        let occurrence = occurrence.parse().map_err(|_| KeyError)?;
        Ok(Self::Content { content: Content(content), occurrence })
    }
}

/// `to_1001`, or `~<24 hex digits>~<occurrence>`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Order(id) => f.write_str(id.as_str()),
            Self::Content { content, occurrence } => {
                write!(f, "~{}~{occurrence}", hex::encode(content.0))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_survive_their_text() {
        let content = Content([7; 12]);
        for key in
            [Key::Order(OrderId::new("to_1001").unwrap()), Key::Content { content, occurrence: 12 }]
        {
            assert_eq!(Key::parse(&key.to_string()), Ok(key));
        }
        for text in ["", "~", "~00~1", "~zz~1", "~070707070707070707070707~x", "~07070707070707~1"]
        {
            assert_eq!(Key::parse(text), Err(KeyError), "{text}");
        }
    }
}
