//! Where alerts are sent.

use secrecy::SecretString;
use url::Url;

use super::{ConfigError, problem};

/// The bot that sends alerts, and the chat that it sends them to. Both or neither.
#[derive(Debug)]
pub struct Telegram {
    /// `TELEGRAM_BOT_TOKEN`: what Telegram's BotFather gives for a bot.
    pub bot_token: SecretString,
    /// `TELEGRAM_CHAT_ID`: the number of a chat or group that the bot is in, or `@` and the name of a
    /// channel.
    pub chat_id: String,
    /// `TELEGRAM_API_URL`, `https://api.telegram.org` by default.
    pub api_url: Url,
}

impl Telegram {
    pub(super) fn read(
        get: impl Fn(&'static str) -> Option<String>,
    ) -> Result<Option<Self>, ConfigError> {
        let given = get("TELEGRAM_API_URL");
        let api_url = super::url("TELEGRAM_API_URL", given, "https://api.telegram.org")?;
        let (bot_token, chat_id) = match (get("TELEGRAM_BOT_TOKEN"), get("TELEGRAM_CHAT_ID")) {
            (Some(bot_token), Some(chat_id)) => (bot_token, chat_id),
            (None, None) => return Ok(None),
            (Some(_), None) => {
                return Err(problem("TELEGRAM_CHAT_ID", "is not set, TELEGRAM_BOT_TOKEN is"));
            }
            (None, Some(_)) => {
                return Err(problem("TELEGRAM_BOT_TOKEN", "is not set, TELEGRAM_CHAT_ID is"));
            }
        };
        if !is_token(&bot_token) {
            let text = "is not a bot's token: digits, a colon, then letters, digits, - and _";
            return Err(problem("TELEGRAM_BOT_TOKEN", text));
        }
        if !is_chat(&chat_id) {
            let text = "is neither a chat's number nor @ and the name of a channel";
            return Err(problem("TELEGRAM_CHAT_ID", text));
        }
        Ok(Some(Self { bot_token: SecretString::from(bot_token), chat_id, api_url }))
    }
}

/// The token becomes a part of an address: nothing else may stand in it.
fn is_token(text: &str) -> bool {
    let Some((id, secret)) = text.split_once(':') else { return false };
    let is_secret = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    is_number(id) && !secret.is_empty() && secret.bytes().all(is_secret)
}

fn is_chat(text: &str) -> bool {
    match text.strip_prefix('@') {
        Some(name) => {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        }
        None => is_number(text.strip_prefix('-').unwrap_or(text)),
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}
