//! What each role may do: the one place. Row-level security knows the first column too
//! (`migrations/…_users.sql`); a test compares them, and docs/operations.md has the table.

/// Something that not every user of an agency may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Right {
    /// See money, who paid it, and how the accounts stand that it is read from.
    Figures,
    /// Have tokens refreshed or histories read now.
    Sync,
    /// Connect accounts, and disconnect them.
    Connect,
}

/// A user's role in the agency: the word in `profiles.role`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// `owner`.
    Owner,
    /// `admin`.
    Admin,
    /// `manager`.
    Manager,
    /// `viewer`, and every word that is not known: nothing above.
    Viewer,
}

impl Role {
    /// The role of that name, to the letter.
    #[must_use]
    pub fn of(name: &str) -> Self {
        match name {
            "owner" => Self::Owner,
            "admin" => Self::Admin,
            "manager" => Self::Manager,
            _ => Self::Viewer,
        }
    }

    /// Whether it may.
    #[must_use]
    pub fn may(self, right: Right) -> bool {
        match (self, right) {
            (Self::Owner | Self::Admin, Right::Figures | Right::Sync | Right::Connect)
            | (Self::Manager, Right::Figures | Right::Sync) => true,
            (Self::Manager, Right::Connect) | (Self::Viewer, _) => false,
        }
    }
}

impl Right {
    /// What a person who lacks it is told.
    pub(super) fn refusal(self) -> &'static str {
        match self {
            Self::Figures => {
                "your role in the agency shows no figures: its owner, admins and managers see them"
            }
            Self::Sync => "your role may not do this: ask an owner, an admin or a manager",
            Self::Connect => "your role may not connect accounts: ask an owner or an admin",
        }
    }
}
