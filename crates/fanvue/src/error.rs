//! What can go wrong when the platform is asked. A variant is a choice the caller has; the text is
//! for people, and holds no token, cursor, body or fan's data.

use std::time::Duration;

use crate::TransportError;

/// Why an API call brought no value.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No answer, or not all of it. Ask again.
    #[error("the platform was not reached")]
    Transport {
        /// What failed on the way.
        #[from]
        source: TransportError,
    },
    /// 429: the budget is spent. Pause its bucket for everyone.
    #[error("the platform asks us to wait")]
    Throttled {
        /// How long, if it said so.
        retry_after: Option<Duration>,
    },
    /// 401: the access token is expired or revoked. Refresh it once, then ask once more.
    #[error("the access token is not accepted")]
    Unauthorized,
    /// 403: the connection lacks a scope or a role. A person must reconnect. See
    /// [`Error::missing_scope`].
    #[error("the platform forbids this: {}", said(detail))]
    Forbidden {
        /// What the platform said.
        detail: String,
    },
    /// 404: not there, or not for this account (an agency's own account is not found by the creator
    /// endpoints).
    #[error("the platform does not know it: {}", said(detail))]
    NotFound {
        /// What the platform said.
        detail: String,
    },
    /// 400 or 410 about the API version: this build is too old.
    #[error("the platform refuses the API version: {}", said(detail))]
    VersionRefused {
        /// What the platform said.
        detail: String,
    },
    /// 400 about the cursor that we sent. Restart its window.
    #[error("the platform refuses the cursor")]
    CursorRefused,
    /// 400 to the registration of a webhook: for some apps the call never works, for others an event
    /// lacks its scope. A person must register it in the platform's developer portal.
    #[error("the platform refuses to register the webhook: {}", said(detail))]
    RegistrationRefused {
        /// What the platform said.
        detail: String,
    },
    /// Any other refusal. Repeating it would not help.
    #[error("the platform refuses the request ({status}): {}", said(detail))]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What the platform said.
        detail: String,
    },
    /// 5xx: the platform failed. Ask again.
    #[error("the platform failed ({status})")]
    Server {
        /// The HTTP status.
        status: u16,
    },
    /// A refusal in words that are not the platform's: of a firewall, a proxy or a wrong route. Usually an
    /// outage; ask again.
    #[error("something other than the platform answered ({status})")]
    Foreign {
        /// The HTTP status.
        status: u16,
    },
    /// An answer that is not what it should be: HTML, JSON that breaks off, a page without data. Usually
    /// an outage; ask again.
    #[error("the answer makes no sense: {problem}")]
    Decode {
        /// What is wrong with it, its content type and length; never its text.
        problem: String,
    },
}

impl Error {
    /// The scope that a 403 says is missing, if it names one, such as `read:insights`.
    #[must_use]
    pub fn missing_scope(&self) -> Option<&str> {
        let Self::Forbidden { detail } = self else { return None };
        let in_a_scope = |c: char| c.is_ascii_lowercase() || c == ':' || c == '_';
        detail.split(|c| !in_a_scope(c)).map(|word| word.trim_end_matches(':')).find(|word| {
            word.split_once(':').is_some_and(|(verb, noun)| {
                matches!(verb, "read" | "write") && !noun.is_empty() && !noun.contains(':')
            })
        })
    }
}

/// Why the token endpoint granted nothing. Told apart by its `error` field, never by its text.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// `invalid_grant`: this code or refresh token is used up, expired or revoked. If it is still the
    /// one stored, a person must reconnect.
    #[error("the grant is used up, expired or revoked")]
    InvalidGrant,
    /// `invalid_client`: our own credentials are wrong. No connection will refresh; tell the operator.
    #[error("the app's credentials are not accepted")]
    InvalidClient,
    /// `invalid_scope`: a scope is not enabled for the app.
    #[error("a scope is not enabled for the app")]
    InvalidScope,
    /// Any other refusal. Repeating it would not help.
    #[error("the token endpoint refuses the request ({status}): {}", said(error))]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The `error` field, empty if there was none.
        error: String,
    },
    /// No answer, or not all of it. The token may have been used: ask again within the grace period.
    #[error("the token endpoint was not reached")]
    Transport {
        /// What failed on the way.
        #[from]
        source: TransportError,
    },
    /// 5xx, or a web page with any status: the endpoint failed. The token may have been used: ask again
    /// within the grace period.
    #[error("the token endpoint failed ({status})")]
    Server {
        /// The HTTP status.
        status: u16,
    },
    /// 429. Ask again later.
    #[error("the token endpoint asks us to wait")]
    Throttled {
        /// How long, if it said so.
        retry_after: Option<Duration>,
    },
    /// An answer without a usable access token. The refresh token may have been used.
    #[error("the token endpoint's answer makes no sense: {problem}")]
    Decode {
        /// What is wrong with it, its content type and length; never its text.
        problem: String,
    },
}

fn said(detail: &str) -> &str {
    if detail.is_empty() { "it does not say why" } else { detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_scope_is_found_in_the_text() {
        for (detail, want) in [
            ("Insufficient scopes", None),
            ("Insufficient scopes: read:insights", Some("read:insights")),
            ("needs 'read:tracking_links', write:post", Some("read:tracking_links")),
            ("read: this", None),
            ("", None),
        ] {
            let error = Error::Forbidden { detail: detail.into() };
            assert_eq!(error.missing_scope(), want, "{detail}");
        }
        assert_eq!(Error::NotFound { detail: "read:self".into() }.missing_scope(), None);
    }

    #[test]
    fn an_error_reads_as_a_fragment_with_or_without_a_detail() {
        let error = Error::Refused { status: 422, detail: String::new() };
        assert_eq!(
            error.to_string(),
            "the platform refuses the request (422): it does not say why"
        );
    }
}
