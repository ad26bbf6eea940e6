//! The platform's ids of creators and of webhook subscriptions, as types. Not our own id of a creator,
//! which `store` mints, and not ids of payments, which `ledger` compares.

use std::fmt;

use uuid::Uuid;

/// The platform's uuid of a creator: 36 characters, lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CreatorUuid(String);

impl CreatorUuid {
    /// Accepts a uuid in any of its spellings; `None` for anything else.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        uuid_text(text).map(Self)
    }

    /// The uuid in lower case, with hyphens.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Uuid> for CreatorUuid {
    fn from(uuid: Uuid) -> Self {
        Self(uuid.to_string())
    }
}

impl fmt::Display for CreatorUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The platform's id of a webhook subscription. Its format is not documented.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebhookId(String);

impl WebhookId {
    /// Accepts 1 to 200 visible ASCII characters that are no step in a path (`.` or `..`); `None` for
    /// anything else.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let plausible = (1..=200).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_graphic())
            && !matches!(text, "." | "..");
        plausible.then(|| Self(text.to_owned()))
    }

    /// The id as the platform wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WebhookId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The lower-case, hyphenated form of any spelling of a uuid.
pub(crate) fn uuid_text(text: &str) -> Option<String> {
    Uuid::try_parse(text).ok().map(|uuid| uuid.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_webhook_is_visible_and_no_step_in_a_path() {
        for text in ["a", "0b9c0c6e-3d5b", "wh/../1?x#y%2e", "..."] {
            assert_eq!(WebhookId::new(text).unwrap().as_str(), text);
        }
        for text in ["", ".", "..", "a b", "a\n", "é", &"x".repeat(201)] {
            assert!(WebhookId::new(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_uuid_is_kept_in_lower_case_and_nothing_else_is_one() {
        let text = "0B9C0C6E-3D5B-4A53-9B0E-2F6F3B9A1001";
        let uuid = CreatorUuid::new(text).unwrap();
        assert_eq!(uuid.as_str(), text.to_ascii_lowercase());
        for text in ["", "ada", "../users/me", "0b9c0c6e-3d5b-4a53-9b0e-2f6f3b9a100"] {
            assert!(CreatorUuid::new(text).is_none(), "{text}");
        }
    }
}
