//! Any refusal of the platform: its status in the first line, `Retry-After` in the second, then the body. The status
//! alone decides what is done, and what is said of it is short and holds no token.

#![no_main]

use std::{sync::LazyLock, time::Duration};

use fanvue::{AccessToken, Error, RETRY_AFTER_SECONDS_MAX, Routes};
use heartbeat_fuzz::{Platform, first_line, now, with_status};
use libfuzzer_sys::fuzz_target;

const SECRET: &str = "sim_at_3fa2c0d9b1";

static TOKEN: LazyLock<AccessToken> = LazyLock::new(|| AccessToken::new(SECRET));

fuzz_target!(|data: &[u8]| {
    let (status, rest) = with_status(data);
    let (when, body) = first_line(rest);
    let (client, _) = Platform::says(status, body).after(when).client();
    let Err(error) = now(client.me(&TOKEN, Routes::V1)).result else {
        assert!((200..300).contains(&status));
        return;
    };
    let is = |kind: bool| assert!(kind, "{status}: {error}");
    match &error {
        Error::Throttled { retry_after } => {
            is(status == 429);
            is(retry_after.is_none_or(|wait| wait <= Duration::from_secs(RETRY_AFTER_SECONDS_MAX)));
        }
        Error::Unauthorized => is(status == 401),
        Error::Forbidden { detail } => is(status == 403 && is_harmless(detail)),
        Error::NotFound { detail } => is(status == 404 && is_harmless(detail)),
        Error::VersionRefused { detail } => is([400, 410].contains(&status) && is_harmless(detail)),
        Error::Server { status: told } => is(*told == status && 500 <= status),
        Error::Refused { status: told, detail } => {
            is(*told == status && (300..500).contains(&status) && is_harmless(detail));
            is(![401, 403, 404, 429].contains(&status));
        }
        Error::Decode { .. } => is((200..300).contains(&status)),
        // No cursor was sent and no webhook was to be registered.
        Error::CursorRefused | Error::RegistrationRefused { .. } | Error::Transport { .. } => {
            is(false);
        }
    }
    assert!(!error.to_string().contains(char::is_control));
    assert!(error.missing_scope().is_none_or(|scope| scope.contains(':') && status == 403));
});

fn is_harmless(detail: &str) -> bool {
    detail.chars().count() <= 200 && !detail.contains(char::is_control) && !detail.contains(SECRET)
}
