//! Any answer of the token endpoint, its status in the first line: a grant can be used and kept, and nothing but
//! the words `invalid_grant` ends a connection.

#![no_main]

use std::sync::LazyLock;

use fanvue::{AppCredentials, Grant, RefreshToken, TokenError};
use heartbeat_fuzz::{Platform, members, now, with_status};
use http::HeaderValue;
use libfuzzer_sys::fuzz_target;

const EXPIRES_IN_SECONDS_MAX: i64 = 30 * 24 * 3600;

static APP: LazyLock<AppCredentials> =
    LazyLock::new(|| AppCredentials { client_id: "app".into(), client_secret: "hush".into() });
static USED: LazyLock<RefreshToken> = LazyLock::new(|| RefreshToken::new("rt_1"));

fuzz_target!(|data: &[u8]| {
    let (status, body) = with_status(data);
    let (client, _) = Platform::says(status, body).client();
    match now(client.refresh(&APP, &USED)) {
        Ok(grant) => {
            assert!((200..300).contains(&status));
            check(&grant);
        }
        Err(error) => check_refusal(&error, status, body),
    }
});

fn check(grant: &Grant) {
    let access = grant.access.expose();
    assert!(!access.is_empty() && HeaderValue::try_from(format!("Bearer {access}")).is_ok());
    assert!(grant.refresh.as_ref().is_none_or(|token| !token.expose().is_empty()));
    assert!((1..=EXPIRES_IN_SECONDS_MAX).contains(&grant.expires_in_seconds));
    assert!(grant.scope.as_ref().is_none_or(|scope| !scope.contains(char::is_control)));
}

fn check_refusal(error: &TokenError, status: u16, body: &[u8]) {
    let is = |kind: bool| assert!(kind, "{status}: {error}");
    match error {
        TokenError::InvalidGrant => {
            is((300..500).contains(&status) && status != 429);
            let text = String::from_utf8_lossy(body);
            let members = members(&text);
            let said = members.get("error").map(|value| value.get());
            let said: Option<String> = said.and_then(|text| serde_json::from_str(text).ok());
            assert_eq!(said.as_deref(), Some("invalid_grant"));
        }
        TokenError::Server { status: told } => is(*told == status && 500 <= status),
        TokenError::Throttled { .. } => is(status == 429),
        TokenError::Decode { .. } => is((200..300).contains(&status)),
        TokenError::Refused { error: word, .. } => {
            is((300..500).contains(&status) && word.chars().count() <= 40);
        }
        TokenError::InvalidClient | TokenError::InvalidScope => is((300..500).contains(&status)),
        TokenError::Transport { .. } => is(false),
    }
    assert!(!error.to_string().contains(char::is_control));
}
