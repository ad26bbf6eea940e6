//! Why a pair could not be exchanged though its connection works: kept with the connection, in words
//! for people, each with what to do.

use fanvue::TokenError;
use store::Connection;

use crate::{Ctx, Error, http::chain};

/// What keeps tokens from being refreshed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The platform does not accept the app's credentials.
    Client,
    /// The app lost a scope that was granted.
    Scope,
    /// Another refusal.
    Refused,
    /// A variable is not set.
    Unconfigured,
    /// A stored token does not open, or none can be sealed.
    Unopened,
    /// An outage: it passes by itself.
    Passing,
}

impl Trouble {
    const ALL: [Self; 6] = [
        Self::Client,
        Self::Scope,
        Self::Refused,
        Self::Unconfigured,
        Self::Unopened,
        Self::Passing,
    ];

    fn of(error: &Error) -> Option<Self> {
        Some(match error {
            Error::Refresh(TokenError::InvalidClient) => Self::Client,
            Error::Refresh(TokenError::InvalidScope) => Self::Scope,
            Error::Refresh(TokenError::Refused { .. } | TokenError::InvalidGrant) => Self::Refused,
            Error::Refresh(_) => Self::Passing,
            Error::Config(_) => Self::Unconfigured,
            Error::Seal(_) => Self::Unopened,
            _ => return None,
        })
    }

    /// The one that was kept in these words.
    pub(crate) fn told(kept: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trouble| trouble.reason() == kept)
    }

    fn reason(self) -> &'static str {
        match self {
            Self::Client => "Fanvue does not accept the app's credentials",
            Self::Scope => "a scope that was granted is no longer enabled for the app",
            Self::Refused => "Fanvue refuses to refresh the tokens",
            Self::Unconfigured => "a variable that refreshing needs is not set",
            Self::Unopened => "a stored token does not open, or no key can seal a new one",
            Self::Passing => "Fanvue's login service gives no usable answer",
        }
    }

    /// What a person can do, if it takes one.
    pub(crate) fn remedy(self) -> Option<&'static str> {
        match self {
            Self::Client => Some(
                "correct FANVUE_CLIENT_ID and FANVUE_CLIENT_SECRET; then it goes on by itself within \
                 minutes, and nobody has to connect again",
            ),
            Self::Scope => Some(
                "enable the scope in the app at Fanvue again; or list what it may have in \
                 FANVUE_SCOPES, then connect the account again",
            ),
            Self::Refused => Some("the log says what Fanvue answered; if it stays, connect again"),
            Self::Unconfigured => Some("set FANVUE_CLIENT_ID and FANVUE_CLIENT_SECRET"),
            Self::Unopened => Some(
                "give the key with which it was sealed back to TOKEN_KEYS, or connect the account \
                 again",
            ),
            Self::Passing => None,
        }
    }
}

/// Keeps the trouble with the connection, for people; the next pair that is stored ends it.
pub(super) async fn note(ctx: &Ctx, of: &Connection, error: &Error) {
    if let Some(trouble) = Trouble::of(error) {
        write(ctx, of, Some(trouble.reason())).await;
    }
}

/// A token that did not open opened: its key is back.
pub(super) async fn opened(ctx: &Ctx, of: &Connection) {
    if of.last_error.as_deref() == Some(Trouble::Unopened.reason()) {
        write(ctx, of, None).await;
    }
}

/// It only tells people: a failure changes nothing else.
async fn write(ctx: &Ctx, of: &Connection, reason: Option<&str>) {
    let whose = (of.agency, of.id);
    if let Err(error) = ctx.store.note_trouble(whose, of.grant.obtained_at, reason).await {
        let error = chain(&error);
        tracing::warn!(connection.id = %of.id, error, "what is wrong with it was not kept");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trouble_is_known_by_its_words() {
        for trouble in Trouble::ALL {
            assert_eq!(Trouble::told(trouble.reason()), Some(trouble));
        }
        assert_eq!(Trouble::told("Fanvue no longer accepts the refresh token"), None);
    }
}
