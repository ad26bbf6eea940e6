//! Tokens and app credentials that don't print. Not their storage: sealing is `app`'s.

use secrecy::{ExposeSecret, SecretString};

/// A bearer token for the API, good for about an hour.
#[derive(Clone, Debug)]
pub struct AccessToken(SecretString);

/// The single-use token that buys the next pair.
#[derive(Clone, Debug)]
pub struct RefreshToken(SecretString);

impl AccessToken {
    /// Wraps the text of a token.
    #[must_use]
    pub fn new(text: impl Into<SecretString>) -> Self {
        Self(text.into())
    }

    /// The text, for sealing it or for sending it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl RefreshToken {
    /// Wraps the text of a token.
    #[must_use]
    pub fn new(text: impl Into<SecretString>) -> Self {
        Self(text.into())
    }

    /// The text, for sealing it or for sending it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Who we are to the platform's token endpoint.
#[derive(Clone, Debug)]
pub struct AppCredentials {
    /// The app's public id.
    pub client_id: String,
    /// The app's secret.
    pub client_secret: SecretString,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_secret_prints() {
        let app = AppCredentials { client_id: "app".into(), client_secret: "hush-1".into() };
        let shown =
            format!("{:?} {:?} {app:?}", AccessToken::new("hush-2"), RefreshToken::new("hush-3"));
        assert!(!shown.contains("hush"), "{shown}");
    }
}
