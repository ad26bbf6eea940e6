//! Refusals of the API: from status, headers and whatever body to an [`Error`]. There is no single
//! error envelope, so all known ones are tried. What is in none of them is nobody's refusal: a firewall,
//! a proxy or a wrong route speaks, and for as long as an outage lasts. Not the token endpoint's errors.

use http::{HeaderMap, StatusCode};
use serde_json::Value;

use crate::{AccessToken, Error, Limits, limits};

/// The most characters of the platform's text that are kept.
const DETAIL_CHARS_MAX: usize = 200;
/// How much of a body is looked at for a reason.
const BODY_BYTES_READ_MAX: usize = 64 * 1024;
/// Words this long that hold a digit look like tokens, cursors or ids.
const TOKEN_CHARS_MIN: usize = 16;
/// Words this long look like tokens, whatever they hold.
const WORD_CHARS_MAX: usize = 40;

/// What a request that was refused had carried.
pub(crate) struct Asked<'a> {
    pub(crate) token: &'a AccessToken,
    pub(crate) with_cursor: bool,
    pub(crate) is_registration: bool,
}

impl<'a> Asked<'a> {
    /// A request that carried its token, and nothing that could be refused by itself.
    pub(crate) fn with(token: &'a AccessToken) -> Self {
        Self { token, with_cursor: false, is_registration: false }
    }
}

/// The error that a status other than 2xx stands for.
pub(crate) fn error(
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    asked: &Asked<'_>,
) -> Error {
    let heard = Heard::parse(body);
    let detail = || heard.detail(asked.token.expose());
    let is_foreign = match heard.speaker {
        Speaker::Platform => false,
        Speaker::Nobody => Limits::from_headers(headers).is_none(),
        Speaker::Stranger => true,
    };
    match status.as_u16() {
        429 => Error::Throttled { retry_after: limits::retry_after(headers) },
        401 => Error::Unauthorized,
        status @ 500.. => Error::Server { status },
        // A 400 of theirs has been seen in plain words and without any.
        400 if is_page(body) => Error::Foreign { status: 400 },
        // Too slow a request is an accident, whoever says so.
        408 => Error::Foreign { status: 408 },
        status if is_foreign && status != 400 => Error::Foreign { status },
        403 => Error::Forbidden { detail: detail() },
        404 => Error::NotFound { detail: detail() },
        400 if heard.mentions("api version") => Error::VersionRefused { detail: detail() },
        410 if heard.names_next_version => Error::VersionRefused { detail: detail() },
        400 if asked.is_registration => Error::RegistrationRefused { detail: detail() },
        // One that says nothing may be about either. Beginning again asks without the cursor, and so tells.
        400 if asked.with_cursor && (heard.mentions("cursor") || heard.says_nothing) => {
            Error::CursorRefused
        }
        status => Error::Refused { status, detail: detail() },
    }
}

/// Whether a body is a web page, which the API never sends.
pub(crate) fn is_page(body: &[u8]) -> bool {
    body.trim_ascii_start().first() == Some(&b'<')
}

struct Heard {
    texts: Vec<String>,
    names_next_version: bool,
    speaker: Speaker,
    /// Whether there is nothing in it, or nothing but the beginning of something.
    says_nothing: bool,
}

/// Whose words a refusal is in.
#[derive(Clone, Copy)]
enum Speaker {
    /// An envelope that is known.
    Platform,
    /// No words at all: a refusal of the platform may be so, and then tells of the budget.
    Nobody,
    /// Anything else.
    Stranger,
}

impl Heard {
    fn parse(body: &[u8]) -> Self {
        let body = String::from_utf8_lossy(&body[..body.len().min(BODY_BYTES_READ_MAX)]);
        let Ok(value) = serde_json::from_str::<Value>(&body) else {
            let is_markup = body.trim_start().starts_with(['<', '{', '[']);
            let is_empty = body.trim_start().is_empty();
            let speaker = if is_empty { Speaker::Nobody } else { Speaker::Stranger };
            let says_nothing = is_markup || is_empty;
            let texts = if is_markup { Vec::new() } else { vec![body.into_owned()] };
            return Self { texts, names_next_version: false, speaker, says_nothing };
        };
        let fields = ["message", "error", "errors"];
        let is_envelope = fields.iter().any(|field| !value[*field].is_null());
        let speaker = if is_envelope { Speaker::Platform } else { Speaker::Stranger };
        let mut texts = Vec::new();
        for field in fields {
            collect(&value[field], &mut texts);
        }
        if let Value::String(text) = &value {
            texts.push(text.clone());
        }
        let says_nothing = is_blank(&value);
        Self { texts, names_next_version: !value["nextVersion"].is_null(), speaker, says_nothing }
    }

    fn mentions(&self, words: &str) -> bool {
        self.texts.iter().any(|text| text.to_ascii_lowercase().contains(words))
    }

    fn detail(&self, token: &str) -> String {
        self.texts.iter().map(|text| clean(text, token)).find(|t| !t.is_empty()).unwrap_or_default()
    }
}

/// Whether a value holds no word and no figure, in whatever fields.
fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.iter().all(is_blank),
        Value::Object(fields) => fields.values().all(is_blank),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A text, a list of texts, or objects that hold one under `message`.
fn collect(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| match item {
            Value::String(text) => texts.push(text.clone()),
            other => texts.extend(other["message"].as_str().map(str::to_owned)),
        }),
        other => texts.extend(other["message"].as_str().map(str::to_owned)),
    }
}

/// The platform's text, safe to log: on one line, short, and with an ellipsis in the place of
/// everything that looks like a secret or a person.
pub(crate) fn clean(text: &str, secret: &str) -> String {
    let text: String = text.chars().take(8 * DETAIL_CHARS_MAX).collect();
    let text = if secret.is_empty() { text } else { text.replace(secret, "…") };
    let mut bearer = false;
    let mut words = Vec::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() {
            continue;
        }
        words.push(if bearer { "…".to_owned() } else { clean_word(word) });
        bearer = matches!(word.to_ascii_lowercase().as_str(), "bearer" | "basic");
    }
    words.join(" ").chars().take(DETAIL_CHARS_MAX).collect()
}

fn clean_word(word: &str) -> String {
    let in_a_token = |c: char| c.is_ascii_alphanumeric() || "-_.+/=~%@".contains(c);
    let looks_secret = |run: &str| {
        let has_digit = run.bytes().any(|b| b.is_ascii_digit());
        run.contains('@')
            || run.len() > WORD_CHARS_MAX
            || (run.len() >= TOKEN_CHARS_MIN && has_digit)
    };
    let mut cleaned = String::new();
    for piece in word.split_inclusive(|c| !in_a_token(c)) {
        let run = piece.trim_end_matches(|c| !in_a_token(c));
        cleaned.push_str(if looks_secret(run) { "…" } else { run });
        cleaned.push_str(&piece[run.len()..]);
    }
    cleaned
}

#[cfg(test)]
mod tests;
