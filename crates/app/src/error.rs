//! What a use case can fail with, as choices its caller has.

use crate::{
    ConfigError,
    http::{Problem, chain},
    seal::SealError,
};

/// A failed use case. Printed as a fragment; causes are sources, printed once, at the edge.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configuration doesn't allow it.
    #[error("the configuration does not allow it")]
    Config(#[source] ConfigError),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] store::Error),
    /// The platform gave no usable answer.
    #[error("Fanvue gave no usable answer")]
    Platform(#[from] fanvue::Error),
    /// A stored token can't be opened, or none can be sealed.
    #[error("a token can't be sealed or opened")]
    Seal(#[from] SealError),
    /// Only a person can help: the account has to be connected again.
    #[error("the account must be reconnected: {reason}")]
    Reconnect {
        /// Why.
        reason: String,
    },
    /// The token endpoint gave no usable answer; a later attempt may.
    #[error("the token could not be refreshed")]
    Refresh(#[source] fanvue::TokenError),
    /// An attempt began that nobody finished, and another process may hold the new tokens: asking for
    /// them could only end the connection.
    #[error(
        "the last attempt was not finished and may have spent the token; asked again after {until}"
    )]
    Held {
        /// From when on nobody can hold them.
        until: jiff::Timestamp,
    },
    /// The same as a moment ago, for another creator of the connection.
    #[error("the account's token can't be used: {reason}")]
    Withheld {
        /// Why.
        reason: String,
    },
    /// It is not the account that was meant.
    #[error("the account can't be connected: {problem}")]
    Account {
        /// What is wrong with it, for the person who connected it.
        problem: String,
    },
    /// A time zone name that is none.
    #[error("'{name}' is no IANA time zone")]
    Zone {
        /// The name.
        name: String,
    },
}

/// For an endpoint: what the caller may know of it. The chain of causes goes to the log.
impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Store(error) => Self::from(error),
            other => {
                tracing::error!(error = chain(&other), "a use case failed");
                Self::internal()
            }
        }
    }
}
