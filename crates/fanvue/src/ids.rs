//! The platform's id of a creator, as a type. Not our own id of a creator, which `store` mints.

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

/// The lower-case, hyphenated form of any spelling of a uuid.
pub(crate) fn uuid_text(text: &str) -> Option<String> {
    Uuid::try_parse(text).ok().map(|uuid| uuid.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

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
